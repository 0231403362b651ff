//! From token ids back to text, one token at a time and whole characters only.

/// GPT-2 writes every byte as a printable character: the printable ones as themselves, the
/// others as U+0100 and up, in order.
fn byte_of(character: char) -> Option<u8> {
    let code = u32::from(character);
    let printable = |byte: u32| matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff);
    if code < 0x100 {
        return printable(code).then_some(code as u8);
    }
    (0..0x100_u32).filter(|&byte| !printable(byte)).nth((code - 0x100) as usize).map(|byte| byte as u8)
}

/// The bytes that a token's written form stands for.
pub(super) fn token_bytes(token: &str) -> Vec<u8> {
    let bytes: Option<Vec<u8>> = token.chars().map(byte_of).collect();
    // A token that is not in GPT-2's alphabet stands for itself.
    bytes.unwrap_or_else(|| token.as_bytes().to_vec())
}

/// Joins tokens' bytes and gives out characters as they become whole.
#[derive(Debug, Default, Clone)]
pub struct Decoder {
    pending: Vec<u8>,
}

impl Decoder {
    /// Takes a token's bytes and returns the characters that are whole now. Bytes that cannot
    /// become a character any more come out as U+FFFD.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let mut text = String::new();
        let mut rest = self.pending.as_slice();
        loop {
            match std::str::from_utf8(rest) {
                Ok(whole) => {
                    text.push_str(whole);
                    rest = &[];
                    break;
                }
                Err(error) => {
                    let (whole, after) = rest.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(whole));
                    rest = after;
                    let Some(broken) = error.error_len() else { break };
                    text.push(char::REPLACEMENT_CHARACTER);
                    rest = &rest[broken..];
                }
            }
        }
        self.pending = rest.to_vec();
        text
    }

    /// Whether a character is still incomplete.
    pub fn is_incomplete(&self) -> bool {
        !self.pending.is_empty()
    }

    /// What an incomplete character comes to when nothing follows.
    pub fn finish(&mut self) -> &'static str {
        let incomplete = self.is_incomplete();
        self.pending.clear();
        if incomplete { "\u{fffd}" } else { "" }
    }
}
