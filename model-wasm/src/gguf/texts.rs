//! Many short texts in one piece of memory.

/// A list of texts. A vocabulary has hundreds of thousands, and each in a piece of memory of its own would take several
/// times as much.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// One after the other.
    all: String,
    /// Where each ends in `all`, in bytes.
    ends: Vec<usize>,
}

impl Texts {
    /// Adds a text at the end.
    pub fn push(&mut self, text: &str) {
        self.all.push_str(text);
        self.ends.push(self.all.len());
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// One of them.
    pub fn get(&self, number: usize) -> Option<&str> {
        let start = number.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.all.get(start..*self.ends.get(number)?)
    }

    /// All of them in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|number| self.get(number).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_as_they_were_put_in() {
        let put_in = ["", "a", "漢字", "", "z"];
        let mut texts = Texts::default();
        for text in put_in {
            texts.push(text);
        }
        assert_eq!(texts.iter().collect::<Vec<_>>(), put_in);
        assert_eq!((texts.get(2), texts.get(5), texts.len()), (Some("漢字"), None, 5));
        assert!(Texts::default().is_empty() && Texts::default().get(0).is_none());
    }
}
