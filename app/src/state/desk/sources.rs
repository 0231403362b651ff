//! The base and the adapters under the lanes: chosen, tried, loaded, refused.

use leptos::prelude::*;
use protocol::{Event, ItemKind, LoadId, Request, StoredItem, WireError};

use super::Desk;
use crate::state::{
    Card, Catalogue, EngineState, Library, Loading, Notice, Outside, Subject, adapter_id, is_refusal,
};

impl Desk {
    /// What the lanes can run on; nothing before the card is there, unless somebody chose their own.
    pub fn catalogue(self) -> Option<Catalogue> {
        catalogue(self.card, self.library)
    }

    /// What the comparison was made with that is not the page's own and that lanes cannot run on yet.
    pub fn missing(self) -> Vec<Outside> {
        let outside = self.made_with.with(|made_with| made_with.as_ref().map(|it| it.outside.clone()));
        self.library.with(|library| {
            let is_chosen = |outside: &Outside| library.chosen.has(outside.id());
            outside.unwrap_or_default().into_iter().filter(|outside| !is_chosen(outside)).collect()
        })
    }

    /// What people call the adapter of that id.
    pub fn adapter_name(self, id: &str) -> String {
        let here = self.catalogue().and_then(|catalogue| Some(catalogue.adapter(id)?.name.clone()));
        let as_sent = || {
            let is_it = |outside: &&Outside| outside.kind == ItemKind::Adapter && outside.lane_id() == id;
            self.made_with
                .with(|made_with| Some(made_with.as_ref()?.outside.iter().find(is_it)?.name.clone()))
        };
        here.or_else(as_sent).unwrap_or_else(|| id.to_owned())
    }

    /// Lets the worker forget the adapters that lanes cannot run on any more, because they were deleted.
    pub fn unload_deleted_adapters(self) -> Vec<Request> {
        let Some(catalogue) = self.catalogue() else { return Vec::new() };
        let mut requests = Vec::new();
        self.engine.maybe_update(|engine| {
            requests = engine.unload_all_but(&catalogue);
            !requests.is_empty()
        });
        requests
    }

    /// Runs all lanes on another base from now on; `None` is the page's own. What ran is stopped.
    pub fn use_base(self, base: Option<StoredItem>) -> Vec<Request> {
        let mut requests = self.stop(None);
        self.library.update(|library| {
            library.chosen.try_base(base);
            library.problem = None;
        });
        self.notice.set(None);
        requests.extend(self.load_base());
        requests
    }

    /// Tokens that a lane may hold, where the model was made for as many.
    pub fn context_length(self) -> u32 {
        self.library.with(|library| library.chosen.context_length())
    }

    /// Lets a lane hold so many tokens from now on. A base that is loaded or being loaded is loaded anew; what ran is stopped.
    pub fn use_context_length(self, length: u32) -> Vec<Request> {
        self.library.update(|library| library.chosen.choose_context_length(length));
        if self.engine.with_untracked(|engine| engine.model == Loading::Absent) {
            return Vec::new();
        }
        let mut requests = self.stop(None);
        requests.extend(self.load_base());
        requests
    }

    /// Makes an adapter one that lanes can choose, and loads it at once to see whether it fits.
    pub fn use_adapter(self, adapter: StoredItem) {
        let id = adapter_id(&adapter.id);
        self.library.update(|library| {
            library.chosen.try_adapter(adapter);
            library.problem = None;
        });
        self.engine.update(|engine| engine.want_adapter(&id));
    }

    fn load_base(self) -> Vec<Request> {
        let mut requests = Vec::new();
        self.engine.update(|engine| {
            requests = engine.change_base();
            engine.want_model();
        });
        requests
    }

    /// Takes in how a load goes, and returns what to tell the worker.
    pub(super) fn apply_load(self, event: &Event) -> Vec<Request> {
        let Some(catalogue) = untrack(|| self.catalogue()) else { return Vec::new() };
        let was_loading = self.engine.with_untracked(EngineState::is_loading);
        let subject =
            load_of(event).and_then(|load_id| self.engine.with_untracked(|engine| engine.subject(load_id)));
        let mut failed = Vec::new();
        self.engine.update(|engine| failed = engine.apply(event, &catalogue));
        if matches!(event, Event::ModelLoaded { .. }) {
            self.learn_of_template();
        }
        if let Event::LoadFailed { error, .. } = event
            && was_loading
        {
            self.notice.set(Some(Notice::from(error)));
            self.library.update(|library| library.problem = Some(error.clone()));
        }
        self.fail_lanes(failed);
        subject.map(|subject| self.learn(event, &subject, &catalogue)).unwrap_or_default()
    }

    /// What the end of a load says of the item that was loaded.
    fn learn(self, event: &Event, subject: &Subject, catalogue: &Catalogue) -> Vec<Request> {
        let base = &catalogue.base.sha256;
        let sha256 = |id: &str| catalogue.adapter(id).map(|adapter| adapter.sha256.clone());
        match (event, subject) {
            (Event::ModelLoaded { .. }, Subject::Model)
                if self.engine.with_untracked(|engine| engine.model.ready().is_some()) =>
            {
                self.library.update(|library| library.chosen.base_runs());
            }
            (Event::LoadFailed { error, .. }, Subject::Model) if is_refusal(error.kind) => {
                let mut has_another = false;
                self.library.update(|library| has_another = library.chosen.refuse_base(&error.message));
                if has_another {
                    return self.load_base();
                }
            }
            (Event::AdapterLoaded { adapter, .. }, Subject::Adapter(id))
                if sha256(id).is_some_and(|sha256| sha256 == adapter.sha256) =>
            {
                self.library.update(|library| library.chosen.adapter_runs(&adapter.sha256, base));
            }
            (Event::LoadFailed { error, .. }, Subject::Adapter(id)) if is_refusal(error.kind) => {
                if let Some(sha256) = sha256(id) {
                    self.library
                        .update(|library| library.chosen.refuse_adapter(&sha256, base, &error.message));
                }
            }
            _ => {}
        }
        Vec::new()
    }

    /// A worker that dies over a base that has never run leaves the lanes on the base before it.
    pub(super) fn blame_base_on_trial(self, error: &WireError) {
        let is_loading = self.engine.with_untracked(|engine| engine.model.name() == "loading");
        if is_loading && self.library.with_untracked(|library| library.chosen.is_on_trial()) {
            self.library.update(|library| {
                library.chosen.refuse_base(&error.message);
                library.problem = Some(error.clone());
            });
        }
    }
}

/// See [`Desk::catalogue`].
pub(super) fn catalogue(card: RwSignal<Option<Card>>, library: RwSignal<Library>) -> Option<Catalogue> {
    card.with(|card| library.with(|library| Catalogue::new(card.as_ref(), &library.chosen)))
}

fn load_of(event: &Event) -> Option<LoadId> {
    match event {
        Event::ModelLoaded { load_id, .. }
        | Event::AdapterLoaded { load_id, .. }
        | Event::LoadFailed { load_id, .. } => Some(*load_id),
        _ => None,
    }
}
