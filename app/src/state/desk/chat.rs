//! How the desk's conversations become prompts: the base's own template or a format that was chosen, with thoughts first
//! or without.

use leptos::prelude::*;
use protocol::{Chat, ChatFormat, OwnTemplate};

use super::Desk;
use crate::state::{Comparison, FormatChoice, Library, MadeWith};

impl Desk {
    /// How the lanes' conversations become prompts as things stand.
    pub fn chat(self) -> Chat {
        Chat { format: self.chat_format(), thinking: self.thinks_first() }
    }

    /// Whether models that can think before they answer are asked to.
    pub fn thinks_first(self) -> bool {
        self.chat_state.with(|chat| chat.thinking)
    }

    /// The format that was chosen for the base.
    pub fn chat_format(self) -> Option<ChatFormat> {
        let base = self.base_sha256.get();
        self.chat_state.with(|chat| chat.format(base.as_deref()))
    }

    /// What is known of the base's own template: from the model when it is loaded, otherwise from earlier.
    pub fn own_template(self) -> Option<OwnTemplate> {
        let loaded = self.engine.with(|engine| Some(engine.model.ready()?.chat.clone()));
        loaded.or_else(|| {
            let base = self.base_sha256.get()?;
            self.chat_state.with(|chat| chat.memory.own(&base).cloned())
        })
    }

    /// Whether the base is known to need a format, and nobody has chosen one.
    pub fn asks_for_format(self) -> bool {
        self.own_template().is_some_and(|own| own.needs_format()) && self.chat_format().is_none()
    }

    /// Chooses the format for the base; `None` is its own template. Lanes that waited for one run in it.
    pub fn choose_format(self, format: Option<ChatFormat>) {
        let Some(base) = self.base_sha256.get_untracked() else { return };
        self.chat_state.update(|chat| chat.choose(&base, format));
        let Some(format) = format else { return };
        let mut changed = Vec::new();
        self.engine.update(|engine| changed = engine.set_format(format));
        for slot in changed.into_iter().filter_map(|id| self.slot(id)) {
            slot.state.update(|state| {
                if let Some(question) = &mut state.question {
                    question.chat.format = Some(format);
                }
            });
        }
    }

    /// The comparison as a link carries it: with the format in which the base runs, and with what it is made with here.
    pub fn comparison_to_send(self, hub: &str) -> Comparison {
        let comparison = self.comparison();
        let own = || Some(FormatChoice { model: self.base_sha256.get()?, format: self.chat_format()? });
        let catalogue = self.catalogue();
        let now = |library: &Library| {
            MadeWith::now(&comparison, self.scenario, catalogue.as_ref(), (&library.chosen, hub))
        };
        let made_with = self.library.with(now);
        Comparison { format: own().or(comparison.format), made_with: Some(made_with), ..comparison }
    }

    /// Remembers the template of the model that is loaded.
    pub(super) fn learn_of_template(self) {
        let known = |model: &protocol::ModelInfo| (model.sha256.clone(), model.chat.clone());
        let loaded = self.engine.with_untracked(|engine| engine.model.ready().map(known));
        let Some((model, own)) = loaded else { return };
        if self.chat_state.with_untracked(|chat| chat.memory.own(&model) != Some(&own)) {
            self.chat_state.update(|chat| chat.memory.learn(&model, &own));
        }
        if untrack(|| self.asks_for_format()) {
            self.announcement.set("This model needs a chat format: choose one.".to_owned());
        }
    }
}
