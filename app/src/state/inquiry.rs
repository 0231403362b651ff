//! An address between being typed and being fetched: the host is asked for the size first, and nothing is fetched before
//! the person has seen the answer.

use protocol::{Address, InquiryId, ItemKind, NamedBy, NewItem, WireError};

use super::{adapter_at, model_at};

/// An address that somebody types.
#[derive(Debug, Clone, PartialEq)]
pub struct Inquiry {
    kind: ItemKind,
    text: String,
    stage: Stage,
}

/// How far an address is.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// It is being typed.
    Typed,
    /// Its host is being asked.
    Asked(InquiryId),
    /// What the host says; the next press fetches it.
    Quoted(NewItem),
    /// The host says that there is nothing.
    Refused(WireError),
}

/// What a press asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Press {
    /// Ask the host which of these readings of the address it has.
    Ask(Vec<NewItem>),
    /// Fetch this.
    Fetch(NewItem),
    /// The host is being asked.
    Wait,
}

impl Inquiry {
    /// An empty field for addresses of models, or of adapters.
    pub fn new(kind: ItemKind) -> Self {
        Self { kind, text: String::new(), stage: Stage::Typed }
    }

    /// What stands in the field.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How far it is.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// The host that the address names, if it may be fetched.
    pub fn host(&self) -> Option<String> {
        Address::parse(&self.text, NamedBy::Person).ok().map(|address| address.host().to_owned())
    }

    /// Another text starts over.
    pub fn edit(&mut self, text: &str) {
        if text != self.text {
            (self.text, self.stage) = (text.to_owned(), Stage::Typed);
        }
    }

    /// The button is pressed; a question goes out under `inquiry_id`.
    ///
    /// # Errors
    /// When the address may not be fetched, or names nothing of the kind.
    pub fn press(&mut self, inquiry_id: InquiryId) -> Result<Press, WireError> {
        match &self.stage {
            Stage::Asked(_) => Ok(Press::Wait),
            Stage::Quoted(item) => {
                let item = item.clone();
                *self = Self::new(self.kind);
                Ok(Press::Fetch(item))
            }
            Stage::Typed | Stage::Refused(_) => {
                let readings = match self.kind {
                    ItemKind::Model => model_at(&self.text),
                    ItemKind::Adapter => adapter_at(&self.text),
                };
                self.stage = Stage::Asked(inquiry_id);
                readings.map(Press::Ask).inspect_err(|_| self.stage = Stage::Typed)
            }
        }
    }

    /// The answer to a question; one to an older question changes nothing.
    pub fn answer(&mut self, inquiry_id: InquiryId, answer: Result<NewItem, WireError>) {
        if self.stage == Stage::Asked(inquiry_id) {
            self.stage = answer.map_or_else(Stage::Refused, Stage::Quoted);
        }
    }

    /// Whoever was asked is gone.
    pub fn give_up(&mut self) {
        if matches!(self.stage, Stage::Asked(_)) {
            self.stage = Stage::Typed;
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::ErrorKind;

    use super::*;

    const ADDRESS: &str = "https://h.co/m.gguf";

    /// Asked under that number.
    fn asked(inquiry_id: InquiryId) -> (Inquiry, NewItem) {
        let mut inquiry = Inquiry::new(ItemKind::Model);
        inquiry.edit(ADDRESS);
        match inquiry.press(inquiry_id) {
            Ok(Press::Ask(readings)) => (inquiry, readings[0].clone()),
            other => panic!("{other:?} is no question"),
        }
    }

    #[test]
    fn nothing_is_fetched_before_the_host_has_answered() {
        let (mut inquiry, mut item) = asked(1);
        assert_eq!(inquiry.press(2), Ok(Press::Wait));
        item.files[0].size_bytes = Some(7);
        inquiry.answer(1, Ok(item.clone()));
        assert_eq!(inquiry.press(3), Ok(Press::Fetch(item)));
        assert_eq!((inquiry.text(), inquiry.stage()), ("", &Stage::Typed));
    }

    #[test]
    fn another_address_starts_over() {
        let (mut inquiry, item) = asked(1);
        inquiry.edit("https://h.co/other.gguf");
        inquiry.answer(1, Ok(item.clone()));
        assert_eq!(inquiry.stage(), &Stage::Typed, "this answers what was typed before");
        assert!(matches!(inquiry.press(2), Ok(Press::Ask(_))));
        inquiry.answer(2, Ok(item));
        inquiry.edit("https://h.co/other.gguf");
        assert!(matches!(inquiry.stage(), Stage::Quoted(_)), "it is the same text");
        inquiry.edit(ADDRESS);
        assert!(matches!(inquiry.press(3), Ok(Press::Ask(_))));
    }

    #[test]
    fn what_cannot_be_had_can_be_asked_again() {
        let (mut inquiry, _) = asked(1);
        let error = WireError::new(ErrorKind::Network, "gone");
        inquiry.answer(1, Err(error.clone()));
        assert_eq!(inquiry.stage(), &Stage::Refused(error));
        assert!(matches!(inquiry.press(2), Ok(Press::Ask(_))));
        inquiry.give_up();
        assert_eq!(inquiry.stage(), &Stage::Typed);
        inquiry.edit("ftp://h.co/m.gguf");
        assert!(inquiry.press(3).is_err());
        assert_eq!((inquiry.stage(), inquiry.host()), (&Stage::Typed, None));
    }
}
