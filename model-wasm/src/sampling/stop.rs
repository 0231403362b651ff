//! Texts that end an answer.

/// Passes text on, except what is, or could still become, a stop text.
#[derive(Debug, Clone, Default)]
pub struct StopFilter {
    stops: Vec<String>,
    withheld: String,
}

impl StopFilter {
    /// A filter for `stops`, none of which is empty.
    pub fn new(stops: &[String]) -> Self {
        Self { stops: stops.to_vec(), withheld: String::new() }
    }

    /// Takes more text. Returns what may be shown, and whether a stop text was reached; the stop
    /// text and what follows it are gone then.
    pub fn push(&mut self, text: &str) -> (String, bool) {
        self.withheld.push_str(text);
        let first = self.stops.iter().filter_map(|stop| self.withheld.find(stop.as_str())).min();
        if let Some(at) = first {
            self.withheld.truncate(at);
            return (std::mem::take(&mut self.withheld), true);
        }
        let kept = self
            .withheld
            .char_indices()
            .map(|(at, _)| at)
            .find(|&at| self.may_become_stop(&self.withheld[at..]));
        let rest = self.withheld.split_off(kept.unwrap_or(self.withheld.len()));
        (std::mem::replace(&mut self.withheld, rest), false)
    }

    /// Whether text is held back.
    pub fn is_withholding(&self) -> bool {
        !self.withheld.is_empty()
    }

    /// What was held back, when nothing follows.
    pub fn finish(&mut self) -> String {
        std::mem::take(&mut self.withheld)
    }

    fn may_become_stop(&self, end: &str) -> bool {
        self.stops.iter().any(|stop| stop.starts_with(end))
    }
}
