//! What the lanes run on instead of what lies beside the page, and what is known of what was tried.

use protocol::{CONTEXT_LENGTHS, DEFAULT_CONTEXT_LENGTH, ErrorKind, ItemKind, Shelf, StoredItem};
use serde::{Deserialize, Serialize};

/// What the lanes run on; kept between visits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Chosen {
    /// The base; `None` is the page's own.
    pub base: Option<StoredItem>,
    /// Adapters beside those of the page, for whichever base.
    pub adapters: Vec<StoredItem>,
    /// Tokens that a lane may hold; `None` is the default.
    #[serde(default)]
    context_length: Option<u32>,
    /// Which adapter was loaded on which base.
    #[serde(default)]
    fits: Vec<Fit>,
    /// What was refused.
    #[serde(default)]
    refusals: Vec<Refusal>,
    /// The base before the present one, as long as nobody knows whether the present one runs.
    #[serde(skip)]
    on_trial: Option<Before>,
    /// Adapters that are being tried on the present base, by their SHA-256.
    #[serde(skip)]
    trying: Vec<String>,
}

/// An adapter that was loaded on a base; both by their SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Fit {
    adapter: String,
    base: String,
}

/// Why something does not run here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Refusal {
    item: String,
    /// Of an adapter the base that it was tried on, by its SHA-256.
    base: Option<String>,
    why: String,
}

#[derive(Debug, Clone, PartialEq)]
struct Before(Option<StoredItem>);

/// Whether an error says that the thing itself cannot run here, whatever the network or the store do.
pub fn is_refusal(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::InvalidModel
            | ErrorKind::UnsupportedModel
            | ErrorKind::InvalidAdapter
            | ErrorKind::UnsupportedAdapter
            | ErrorKind::AdapterMismatch
            | ErrorKind::Template
            | ErrorKind::OutOfMemory
    )
}

impl Chosen {
    /// Tokens that a lane may hold: one of [`CONTEXT_LENGTHS`].
    pub fn context_length(&self) -> u32 {
        let known = self.context_length.filter(|length| CONTEXT_LENGTHS.contains(length));
        known.unwrap_or(DEFAULT_CONTEXT_LENGTH)
    }

    /// Lets a lane hold so many tokens, from the next load on.
    pub fn choose_context_length(&mut self, length: u32) {
        self.context_length = Some(length);
    }

    /// Makes an item the base, on trial until it has been loaded; `None` is the page's own.
    pub fn try_base(&mut self, base: Option<StoredItem>) {
        self.trying.clear();
        let before = std::mem::replace(&mut self.base, base);
        match &self.base {
            None => self.on_trial = None,
            Some(base) => {
                let id = base.id.clone();
                self.refusals.retain(|refusal| refusal.item != id);
                let is_same = before.as_ref().is_some_and(|before| before.id == id);
                if self.on_trial.is_none() && !is_same {
                    self.on_trial = Some(Before(before));
                }
            }
        }
    }

    /// Adds an adapter, to be tried on the present base.
    pub fn try_adapter(&mut self, adapter: StoredItem) {
        let id = adapter.id.clone();
        self.refusals.retain(|refusal| refusal.item != id);
        self.adapters.retain(|other| other.id != id);
        self.adapters.push(adapter);
        self.trying.retain(|other| *other != id);
        self.trying.push(id);
    }

    /// The base runs.
    pub fn base_runs(&mut self) {
        self.on_trial = None;
    }

    /// Whether the base has not been seen to run yet.
    pub fn is_on_trial(&self) -> bool {
        self.on_trial.is_some()
    }

    /// The base does not run: the one before it takes its place. Says whether there was a base of the person's own.
    pub fn refuse_base(&mut self, why: &str) -> bool {
        let Some(refused) = self.base.take() else { return false };
        self.base = self.on_trial.take().and_then(|Before(before)| before);
        self.trying.clear();
        self.refusals.retain(|refusal| refusal.item != refused.id);
        self.refusals.push(Refusal { item: refused.id, base: None, why: why.to_owned() });
        true
    }

    /// The adapter runs on that base.
    pub fn adapter_runs(&mut self, adapter: &str, base: &str) {
        if !self.has_adapter(adapter) {
            return;
        }
        self.trying.retain(|other| other != adapter);
        self.refusals.retain(|refusal| refusal.item != adapter);
        let fit = Fit { adapter: adapter.to_owned(), base: base.to_owned() };
        if !self.fits.contains(&fit) {
            self.fits.push(fit);
        }
    }

    /// The adapter does not run on that base.
    pub fn refuse_adapter(&mut self, adapter: &str, base: &str, why: &str) {
        if !self.has_adapter(adapter) {
            return;
        }
        self.trying.retain(|other| other != adapter);
        self.fits.retain(|fit| fit.adapter != adapter || fit.base != base);
        let is_same = |refusal: &Refusal| refusal.item == adapter && refusal.base.as_deref() == Some(base);
        self.refusals.retain(|refusal| !is_same(refusal));
        let (item, base, why) = (adapter.to_owned(), Some(base.to_owned()), why.to_owned());
        self.refusals.push(Refusal { item, base, why });
    }

    /// Whether lanes run on it, or can.
    pub fn has(&self, id: &str) -> bool {
        self.base.as_ref().is_some_and(|base| base.id == id) || self.has_adapter(id)
    }

    /// Whether it is one of the person's own.
    fn has_adapter(&self, adapter: &str) -> bool {
        self.adapters.iter().any(|own| own.id == adapter)
    }

    /// Whether lanes on that base may choose the adapter: it ran there, or is being tried.
    pub fn is_offered(&self, adapter: &str, base: &str) -> bool {
        self.trying.iter().any(|trying| trying == adapter)
            || self.fits.iter().any(|fit| fit.adapter == adapter && fit.base == base)
    }

    /// Whether an item is one of those that lanes can run on, where `base` is the present base's SHA-256.
    pub fn is_in_use(&self, item: &StoredItem, base: &str) -> bool {
        match item.kind {
            ItemKind::Model => self.base.as_ref().is_some_and(|base| base.id == item.id),
            ItemKind::Adapter => self.has_adapter(&item.id) && self.is_offered(&item.id, base),
        }
    }

    /// Why an item does not run, as far as it was tried; of an adapter, on the base of that SHA-256.
    pub fn refusal(&self, item: &str, base: &str) -> Option<&str> {
        let is_about = |refusal: &&Refusal| {
            refusal.item == item && refusal.base.as_deref().is_none_or(|tried| tried == base)
        };
        self.refusals.iter().find(is_about).map(|refusal| refusal.why.as_str())
    }

    /// Forgets what is no longer stored.
    pub fn keep_those_on(&mut self, all: &Shelf) {
        let is_there = |id: &str| all.items.iter().any(|there| there.id == id);
        self.base = self.base.take().filter(|base| is_there(&base.id));
        if let Some(Before(before)) = &mut self.on_trial {
            *before = before.take().filter(|before| is_there(&before.id));
        }
        self.adapters.retain(|adapter| is_there(&adapter.id));
        self.fits.retain(|fit| is_there(&fit.adapter));
        self.refusals.retain(|refusal| is_there(&refusal.item));
    }

    /// What can be kept between visits: not what is only in memory, and no base that has not been seen to run.
    pub fn lasting(&self) -> Self {
        let proven = match &self.on_trial {
            Some(Before(before)) => before,
            None => &self.base,
        };
        Self {
            base: proven.clone().filter(|base| !base.in_memory),
            adapters: self.adapters.iter().filter(|item| !item.in_memory).cloned().collect(),
            context_length: self.context_length,
            fits: self.fits.clone(),
            refusals: self.refusals.clone(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::testing::stored_item as item;

    fn model(id: &str) -> StoredItem {
        item(id, ItemKind::Model)
    }

    fn base(chosen: &Chosen) -> Option<&str> {
        chosen.base.as_ref().map(|base| base.id.as_str())
    }

    #[test]
    fn a_refused_base_gives_way_to_the_one_before_it() {
        let mut chosen = Chosen::default();
        chosen.try_base(Some(model("good")));
        chosen.base_runs();
        chosen.try_base(Some(model("bad")));
        chosen.try_base(Some(model("worse")));
        assert!(chosen.refuse_base("it is damaged"));
        assert_eq!((base(&chosen), chosen.refusal("worse", "x")), (Some("good"), Some("it is damaged")));
        assert!(!chosen.is_on_trial());
        assert!(chosen.refuse_base("memory ran out"), "one that ran before");
        assert_eq!(base(&chosen), None);
        assert!(!chosen.refuse_base("the page's own is broken"), "there is none to go back to");
        chosen.try_base(Some(model("worse")));
        assert_eq!(chosen.refusal("worse", "x"), None, "it gets another chance");
    }

    #[test]
    fn a_base_on_trial_is_not_what_the_next_visit_begins_with() {
        let mut chosen = Chosen::default();
        chosen.try_base(Some(model("good")));
        assert_eq!(base(&chosen.lasting()), None);
        chosen.base_runs();
        assert_eq!(base(&chosen.lasting()), Some("good"));
        chosen.try_base(Some(model("new")));
        assert_eq!((base(&chosen), base(&chosen.lasting())), (Some("new"), Some("good")));
        chosen.try_base(None);
        assert_eq!(base(&chosen.lasting()), None);
    }

    #[test]
    fn an_adapter_is_offered_on_the_bases_that_it_was_loaded_on() {
        let mut chosen = Chosen::default();
        chosen.try_adapter(item("a", ItemKind::Adapter));
        assert!(chosen.is_offered("a", "one"), "it is being tried");
        chosen.adapter_runs("a", "one");
        chosen.try_base(Some(model("two")));
        assert!(chosen.is_offered("a", "one") && !chosen.is_offered("a", "two"));
        chosen.try_adapter(item("a", ItemKind::Adapter));
        chosen.refuse_adapter("a", "two", "another shape");
        assert!(chosen.is_offered("a", "one") && !chosen.is_offered("a", "two"));
        let why = |base| chosen.refusal("a", base);
        assert_eq!((why("two"), why("one"), chosen.adapters.len()), (Some("another shape"), None, 1));
        let text = serde_json::to_string(&chosen.lasting()).expect("plain data");
        let again: Chosen = serde_json::from_str(&text).expect("what was written");
        assert!(again.is_offered("a", "one"));
    }

    #[test]
    fn what_is_no_longer_stored_is_forgotten() {
        let mut chosen = Chosen::default();
        chosen.try_base(Some(model("m")));
        for id in ["a", "b"] {
            chosen.try_adapter(item(id, ItemKind::Adapter));
            chosen.adapter_runs(id, "m");
        }
        chosen.refuse_adapter("a", "n", "no");
        chosen.keep_those_on(&Shelf { items: vec![item("b", ItemKind::Adapter)], ..Shelf::default() });
        assert_eq!((base(&chosen), chosen.adapters.len(), chosen.refusal("a", "n")), (None, 1, None));
        assert!(chosen.is_offered("b", "m") && !chosen.is_offered("a", "m"));
    }

    #[test]
    fn what_is_in_memory_does_not_last() {
        let mut chosen = Chosen::default();
        chosen.try_base(Some(StoredItem { in_memory: true, ..model("m") }));
        chosen.base_runs();
        chosen.try_adapter(item("a", ItemKind::Adapter));
        assert_eq!((chosen.lasting().base, chosen.lasting().adapters.len()), (None, 1));
    }

    #[test]
    fn what_an_older_page_kept_is_still_read() {
        let chosen: Chosen = serde_json::from_str(r#"{"base":null,"adapters":[]}"#).expect("an older text");
        assert_eq!(chosen, Chosen::default());
    }
}
