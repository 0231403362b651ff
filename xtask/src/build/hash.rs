//! Names that change with the content, so that a browser may keep the files for ever.

use sha2::{Digest, Sha256};

/// Hexadecimal digits in a name.
const DIGITS: usize = 16;

/// `app.js` with the content's hash in it: `app-0123456789abcdef.js`.
pub(super) fn hashed(path: &str, content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    let hash: String =
        digest.iter().flat_map(|byte| [byte >> 4, byte & 15]).take(DIGITS).map(digit).collect();
    let (stem, extension) = path.rsplit_once('.').unwrap_or((path, ""));
    format!("{stem}-{hash}.{extension}")
}

/// Whether a path, `.br` or not, carries a hash.
pub(crate) fn is_hashed(path: &str) -> bool {
    let path = path.strip_suffix(".br").unwrap_or(path);
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    stem.rsplit_once('-').is_some_and(|(_, hash)| {
        hash.len() == DIGITS
            && hash.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    })
}

fn digit(value: u8) -> char {
    char::from_digit(value.into(), 16).expect("four bits are one digit")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hashed_name_is_known_as_one() {
        let name = hashed("styles/app.css", b"body {}");
        assert!(name.starts_with("styles/app-") && name.contains(".css"), "{name}");
        assert!(is_hashed(&name) && is_hashed(&format!("{name}.br")));
        for plain in ["index.html", "models/base-Q8_0.gguf", "snippets/app-0123/inline0.js", "start.js"] {
            assert!(!is_hashed(plain), "{plain}");
        }
    }
}
