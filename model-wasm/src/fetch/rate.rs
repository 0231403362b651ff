//! How fast bytes come, and how long the rest will take.

use std::collections::VecDeque;

/// The time over which the rate is taken.
const WINDOW_MS: f64 = 4_000.0;
/// Less time than this says nothing about a rate.
const SHORTEST_MS: f64 = 250.0;

/// The recent past of a transfer. The clock is handed in.
#[derive(Debug, Clone, Default)]
pub struct Rate {
    /// Moment in milliseconds, and bytes that had come by then.
    marks: VecDeque<(f64, u64)>,
}

impl Rate {
    /// Notes that `done_bytes` have come in all. Fewer than before means that it started over.
    pub fn note(&mut self, now_ms: f64, done_bytes: u64) {
        if self.marks.back().is_some_and(|(_, before)| *before > done_bytes) {
            self.marks.clear();
        }
        self.marks.push_back((now_ms, done_bytes));
        while self.marks.len() > 2 && self.marks[1].0 <= now_ms - WINDOW_MS {
            self.marks.pop_front();
        }
    }

    /// Bytes a second over the last few seconds, once there is something to say.
    pub fn bytes_per_second(&self) -> Option<f64> {
        let (&(first_ms, first), &(last_ms, last)) = (self.marks.front()?, self.marks.back()?);
        let elapsed_ms = last_ms - first_ms;
        (elapsed_ms >= SHORTEST_MS).then(|| (last - first) as f64 * 1000.0 / elapsed_ms)
    }

    /// Seconds until `total_bytes` are there at this rate.
    pub fn seconds_left(&self, total_bytes: u64) -> Option<f64> {
        let &(_, done) = self.marks.back()?;
        self.bytes_per_second()
            .filter(|rate| *rate > 0.0)
            .map(|rate| total_bytes.saturating_sub(done) as f64 / rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let mut rate = Rate::default();
        rate.note(0.0, 0);
        assert_eq!(rate.bytes_per_second(), None, "one moment has no rate");
        rate.note(1_000.0, 500);
        assert_eq!((rate.bytes_per_second(), rate.seconds_left(1_500)), (Some(500.0), Some(2.0)));
        for second in 2_u32..=12 {
            rate.note(f64::from(second) * 1_000.0, 500 + u64::from(second) * 100);
        }
        assert_eq!(rate.bytes_per_second(), Some(100.0), "the fast start is long ago");
        rate.note(13_000.0, 10);
        assert_eq!(rate.bytes_per_second(), None, "it started over");
    }

    #[test]
    fn a_standstill_has_no_end() {
        let mut rate = Rate::default();
        rate.note(0.0, 5);
        rate.note(2_000.0, 5);
        assert_eq!((rate.bytes_per_second(), rate.seconds_left(10)), (Some(0.0), None));
    }
}
