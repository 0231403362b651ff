//! How conversations become prompts: what is known of models' own chat templates, and which formats people chose.

use std::collections::BTreeMap;

use protocol::{ChatFormat, OwnTemplate};
use serde::{Deserialize, Serialize};

/// A chat format that was chosen for a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormatChoice {
    /// SHA-256 of the model, in lower-case hexadecimal.
    pub model: String,
    /// The format.
    pub format: ChatFormat,
}

impl FormatChoice {
    /// Whether it names a model at all.
    pub fn is_sound(&self) -> bool {
        self.model.len() == 64 && self.model.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    }
}

/// How the desk's conversations become prompts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChatState {
    /// Whether models that can think before they answer are asked to.
    pub thinking: bool,
    /// The chat format that came with a link.
    pub sent: Option<FormatChoice>,
    /// What is known of models, and what the person chose for them.
    pub memory: ChatMemory,
}

impl ChatState {
    /// The format for a base: the one that came with a link, or else the person's own. Of a base that is not known yet
    /// the link is believed.
    pub fn format(&self, base: Option<&str>) -> Option<ChatFormat> {
        let is_for_base = |choice: &&FormatChoice| base.is_none_or(|base| base == choice.model);
        let sent = self.sent.as_ref().filter(is_for_base).map(|choice| choice.format);
        sent.or_else(|| self.memory.format(base?))
    }

    /// The person chooses the format for a base, and no link has a say in it any more; `None` is its own template.
    pub fn choose(&mut self, base: &str, format: Option<ChatFormat>) {
        self.memory.choose(base, format);
        self.sent.take_if(|sent| sent.model == base);
    }
}

/// Models that are not like most, by SHA-256; kept between visits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChatMemory(BTreeMap<String, Remembered>);

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Remembered {
    /// Known once the model was loaded.
    #[serde(default)]
    own: Option<OwnTemplate>,
    /// What a person chose.
    #[serde(default)]
    format: Option<ChatFormat>,
}

impl ChatMemory {
    /// Notes what the model's own template is.
    pub fn learn(&mut self, model: &str, own: &OwnTemplate) {
        self.change(model, |remembered| remembered.own = Some(own.clone()));
    }

    /// Notes what a person chose; `None` is the model's own template.
    pub fn choose(&mut self, model: &str, format: Option<ChatFormat>) {
        self.change(model, |remembered| remembered.format = format);
    }

    /// What is known of the model's own template.
    pub fn own(&self, model: &str) -> Option<&OwnTemplate> {
        self.0.get(model)?.own.as_ref()
    }

    /// What a person chose for the model.
    pub fn format(&self, model: &str) -> Option<ChatFormat> {
        self.0.get(model)?.format
    }

    /// What is the same for most models need not be remembered.
    fn change(&mut self, model: &str, change: impl FnOnce(&mut Remembered)) {
        let remembered = self.0.entry(model.to_owned()).or_default();
        change(remembered);
        let is_usual =
            matches!(remembered.own, None | Some(OwnTemplate::Works { thinks: false, reads_date: false }));
        if is_usual && remembered.format.is_none() {
            self.0.remove(model);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_unusual_is_remembered() {
        let mut memory = ChatMemory::default();
        memory.learn("a", &OwnTemplate::Works { thinks: false, reads_date: false });
        assert_eq!(memory, ChatMemory::default());
        memory.learn("a", &OwnTemplate::Missing);
        memory.choose("a", Some(ChatFormat::Gemma));
        memory.learn("b", &OwnTemplate::Works { thinks: true, reads_date: false });
        let text = serde_json::to_string(&memory).expect("plain data");
        let memory: ChatMemory = serde_json::from_str(&text).expect("as written");
        assert_eq!(
            (memory.own("a"), memory.format("a")),
            (Some(&OwnTemplate::Missing), Some(ChatFormat::Gemma))
        );
        assert!(memory.own("b").is_some_and(OwnTemplate::thinks) && memory.format("b").is_none());
        assert_eq!((memory.own("c"), memory.format("c")), (None, None));
    }

    #[test]
    fn a_links_format_comes_first_for_its_model_and_for_no_other() {
        let mut state = ChatState::default();
        state.choose("a", Some(ChatFormat::Chatml));
        state.sent = Some(FormatChoice { model: "a".into(), format: ChatFormat::Gemma });
        assert_eq!(state.format(Some("a")), Some(ChatFormat::Gemma));
        assert_eq!((state.format(None), state.format(Some("b"))), (Some(ChatFormat::Gemma), None));
        state.choose("b", Some(ChatFormat::Plain));
        assert_eq!(state.format(Some("a")), Some(ChatFormat::Gemma));
        state.choose("a", None);
        assert_eq!((state.format(Some("a")), state.sent), (None, None));
    }

    #[test]
    fn a_choice_names_a_model() {
        let sound = |model: String| FormatChoice { model, format: ChatFormat::Plain }.is_sound();
        assert!(sound("0a".repeat(32)));
        assert!(!sound("0a".repeat(31)) && !sound("0A".repeat(32)) && !sound("é".repeat(32)));
    }
}
