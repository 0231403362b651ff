//! Texts that end an answer.

/// Passes text on, except what is, or could still become, a stop text.
#[derive(Debug, Clone, Default)]
pub struct StopFilter {
    stops: Vec<String>,
    withheld: String,
}

impl StopFilter {
    /// A filter for `stops`, none of which is empty.
    pub fn new(stops: impl IntoIterator<Item = String>) -> Self {
        Self { stops: stops.into_iter().collect(), withheld: String::new() }
    }

    /// Takes more text. Returns what may be shown, and which stop text was reached, by its place in the list; the stop
    /// text and what follows it are gone then.
    pub fn push(&mut self, text: &str) -> (String, Option<usize>) {
        self.withheld.push_str(text);
        let places = self.stops.iter().enumerate();
        let first = places.filter_map(|(stop, text)| Some((self.withheld.find(text.as_str())?, stop))).min();
        if let Some((at, stop)) = first {
            self.withheld.truncate(at);
            return (std::mem::take(&mut self.withheld), Some(stop));
        }
        let kept = self
            .withheld
            .char_indices()
            .map(|(at, _)| at)
            .find(|&at| self.may_become_stop(&self.withheld[at..]));
        let rest = self.withheld.split_off(kept.unwrap_or(self.withheld.len()));
        (std::mem::replace(&mut self.withheld, rest), None)
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
