//! How often a host is asked again, and how long one rests before.

use super::head::RetryAfter;

/// Rests after breaks that follow one another without a byte in between.
const RESTS_MS: [u64; 7] = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000];
/// The longest rest that a host may ask for; beyond it the person is told instead.
const LONGEST_REST_S: u64 = 120;
/// What a look at the hub rests while a person waits for it, and the longest rest that it may be asked for.
const LOOK_RESTS_MS: [u64; 3] = [500, 1_000, 2_000];
const LONGEST_LOOK_REST_S: u64 = 10;
/// How often a host may answer a range wrongly.
const MOST_DISTRUST: u32 = 2;

/// Looks at the hub that a busy one has turned away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patience {
    refused: usize,
}

impl Patience {
    /// The rest before a busy host is asked again, in milliseconds; `None` when that was often enough, or when it asks for
    /// more patience than somebody has who waits for a list.
    pub fn after_refusal(&mut self, asked: Option<RetryAfter>) -> Option<u64> {
        let asked_s = asked.map_or(0, |asked| asked.seconds);
        let rest_ms = LOOK_RESTS_MS.get(self.refused).filter(|_| asked_s <= LONGEST_LOOK_REST_S)?;
        self.refused += 1;
        Some((1_000 * asked_s).max(*rest_ms))
    }
}

/// What has gone wrong so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Retries {
    breaks: u32,
    distrusts: u32,
}

impl Retries {
    /// Bytes came, so the way is open.
    pub(super) fn progress(&mut self) {
        self.breaks = 0;
    }

    /// Attempts that ended without a byte, one after another.
    pub(super) fn attempts(&self) -> u32 {
        self.breaks
    }

    /// The rest after a broken connection or a busy host, in milliseconds; the host's own wish counts where it is
    /// longer.
    ///
    /// # Errors
    /// `None` when it broke too often, `Some(seconds)` when the host asks for more patience than there is.
    pub(super) fn after_break(&mut self, asked: Option<RetryAfter>) -> Result<u64, Option<u64>> {
        let asked_s = asked.map_or(0, |asked| asked.seconds);
        if asked_s > LONGEST_REST_S {
            return Err(Some(asked_s));
        }
        let rest_ms = RESTS_MS.get(self.breaks as usize).copied();
        self.breaks += 1;
        rest_ms.map(|rest_ms| rest_ms.max(1_000 * asked_s)).ok_or(None)
    }

    /// The rest after a range that was answered wrongly; `None` when it happened too often.
    pub(super) fn after_distrust(&mut self) -> Option<u64> {
        self.distrusts += 1;
        (self.distrusts <= MOST_DISTRUST).then(|| RESTS_MS[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_hub_is_asked_again_as_long_as_somebody_would_wait() {
        let after = |seconds| Some(RetryAfter { seconds });
        let mut patience = Patience::default();
        assert_eq!(patience.after_refusal(None), Some(500));
        assert_eq!(patience.after_refusal(after(7)), Some(7_000));
        assert_eq!(patience.after_refusal(after(1)), Some(2_000));
        assert_eq!(patience.after_refusal(None), None, "that was often enough");
        assert_eq!(Patience::default().after_refusal(after(3_600)), None, "nobody waits for a list so long");
    }
}
