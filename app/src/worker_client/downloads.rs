//! Carries requests to the downloader and its events back to the library. Starts it when it is first needed.

use leptos::prelude::*;
use protocol::{
    DownloadEvent, DownloadId, DownloadRequest, ErrorKind, ItemKind, NewItem, Origin, Request, Source,
    StoredItem, WireError,
};

use super::{Runner, Script, Worker};
use crate::{
    platform::{self, Dropped, PickedFile},
    state::{Chosen, Picked, from_disk, is_known},
};

/// Where models are looked up, unless the address of a page on this machine says otherwise.
const HUB: &str = "https://huggingface.co";
const CHOSEN: &str = "chosen";

/// The downloader, and what waits for it.
#[derive(Clone, Copy)]
pub(super) struct Downloads {
    worker: StoredValue<Option<Worker>, LocalStorage>,
    is_ready: StoredValue<bool>,
    waiting: StoredValue<Vec<(DownloadRequest, Vec<PickedFile>)>, LocalStorage>,
    /// Files that could not be stored, by their SHA-256.
    held: StoredValue<Vec<(String, PickedFile)>, LocalStorage>,
}

impl Downloads {
    pub(super) fn new() -> Self {
        Self {
            worker: StoredValue::new_local(None),
            is_ready: StoredValue::new(false),
            waiting: StoredValue::new_local(Vec::new()),
            held: StoredValue::new_local(Vec::new()),
        }
    }

    /// A request with the files that are only in memory beside it.
    pub(super) fn with_held_files(self, mut request: Request) -> (Request, Vec<PickedFile>) {
        let mut files = Vec::new();
        let lay_beside = |source: &mut Source| {
            let Source::Stored(sha256) = source else { return };
            let held = self.held.with_value(|held| {
                held.iter().find(|(name, _)| name == sha256).map(|(_, file)| file.clone())
            });
            if let Some(file) = held {
                *source = Source::File(files.len() as u32);
                files.push(file);
            }
        };
        match &mut request {
            Request::LoadModel { files, .. } => files.iter_mut().for_each(lay_beside),
            Request::LoadAdapter { config, weights, .. } => {
                config.iter_mut().chain([weights]).for_each(lay_beside);
            }
            _ => {}
        }
        (request, files)
    }
}

impl Runner {
    /// Brings back what the lanes ran on when the page was last open.
    pub(super) fn remember_chosen(self) {
        let text = platform::read_stored(CHOSEN);
        let chosen = text.and_then(|text| serde_json::from_str::<Chosen>(&text).ok()).unwrap_or_default();
        self.desk.library.update(|library| library.chosen = chosen);
        let library = self.desk.library;
        let lasting = Memo::new(move |_| library.with(|library| library.chosen.lasting()));
        Effect::new(move |_| match lasting.get() {
            chosen if chosen == Chosen::default() => platform::forget(CHOSEN),
            chosen => {
                if let Ok(text) = serde_json::to_string(&chosen) {
                    platform::store(CHOSEN, &text);
                }
            }
        });
    }

    /// Asks what is stored.
    pub fn list_stored(self) {
        self.tell_downloader(DownloadRequest::List, Vec::new());
    }

    /// Keeps what was dropped, once its folders have been read, and runs on it.
    pub fn bring_dropped(self, dropped: Dropped) {
        leptos::task::spawn_local(async move {
            match dropped.files(is_known).await {
                Ok(files) => self.bring_files(files),
                Err(message) => self.problem(WireError::new(ErrorKind::InvalidRequest, message)),
            }
        });
    }

    /// Keeps files from disk, and runs on them.
    pub fn bring_files(self, files: Vec<PickedFile>) {
        let picked = |file: &PickedFile| Picked {
            folder: file.folder(),
            name: file.name(),
            size_bytes: file.size_bytes(),
        };
        let picked: Vec<Picked> = files.iter().map(picked).collect();
        match from_disk(&picked) {
            Err(error) => self.problem(error),
            Ok(items) => {
                for item in items {
                    self.keep_with(item, files.clone());
                }
            }
        }
    }

    /// Fetches an item, keeps it, and runs on it.
    pub fn bring(self, item: NewItem) {
        self.keep_with(item, Vec::new());
    }

    fn keep_with(self, item: NewItem, files: Vec<PickedFile>) {
        platform::ask_for_persistence();
        let mut request = None;
        self.desk.library.update(|library| request = Some(library.keep(item)));
        if let Some(mut request) = request {
            let files = only_named(&mut request, files);
            self.tell_downloader(request, files);
        }
    }

    /// Asks the host of the address that was typed for the size, or fetches what it has answered.
    pub fn press_address(self, kind: ItemKind) {
        let hub = hub();
        let mut pressed = Ok(None);
        self.desk.library.update(|library| pressed = library.press_address(kind, &hub));
        match pressed {
            Ok(Some(request)) => {
                if matches!(request, DownloadRequest::Keep { .. }) {
                    platform::ask_for_persistence();
                }
                self.tell_downloader(request, Vec::new());
            }
            Ok(None) => {}
            Err(error) => self.problem(error),
        }
    }

    /// Stops a download. What has come is kept for the next attempt.
    pub fn cancel_download(self, download_id: DownloadId) {
        self.tell_downloader(DownloadRequest::Cancel { download_id }, Vec::new());
    }

    /// Lists a repository of the hub.
    pub fn look_up(self, repository: &str) {
        let hub = hub();
        let mut request = None;
        self.desk.library.update(|library| request = Some(library.look_up(&hub, repository)));
        if let Some(request) = request {
            self.tell_downloader(request, Vec::new());
        }
    }

    /// Runs on a stored item from now on.
    pub fn use_item(self, item: StoredItem) {
        self.tell_downloader(DownloadRequest::Use { item_id: item.id.clone() }, Vec::new());
        self.use_kept(item);
    }

    /// Runs on the page's own base from now on.
    pub fn use_own_base(self) {
        self.send(self.desk.use_base(None));
        self.warm_up();
        self.go_on();
    }

    /// Lets a lane hold so many tokens from now on.
    pub fn use_context_length(self, length: u32) {
        self.send(self.desk.use_context_length(length));
        self.go_on();
    }

    /// Deletes a stored item. Lanes on it go back to the page's own base.
    pub fn delete_item(self, item_id: &str) {
        let is_base = self
            .desk
            .library
            .with_untracked(|library| library.chosen.base.as_ref().is_some_and(|base| base.id == item_id));
        if is_base {
            self.use_own_base();
        }
        let mut request = None;
        self.desk.library.update(|library| request = Some(library.delete(item_id)));
        if let Some(request) = request {
            self.tell_downloader(request, Vec::new());
        }
    }

    /// Deletes what unfinished downloads have left.
    pub fn delete_unfinished(self) {
        self.tell_downloader(DownloadRequest::DeleteUnfinished, Vec::new());
    }

    /// Says what went wrong on the page of models.
    pub fn problem(self, error: WireError) {
        self.desk.library.update(|library| library.problem = Some(error));
    }

    /// A stored file was found damaged: it is fetched again, or the person is told.
    pub(super) fn repair(self, sha256_message: &str) {
        let damaged = self.desk.library.with_untracked(|library| {
            let mut chosen = library.chosen.base.iter().chain(&library.chosen.adapters);
            let names = |item: &&StoredItem| {
                item.files
                    .iter()
                    .any(|file| file.sha256.get(..12).is_some_and(|short| sha256_message.contains(short)))
            };
            chosen.find(names).cloned()
        });
        let Some(item) = damaged else { return };
        let mut request = None;
        self.desk.library.update(|library| request = Some(library.repair(&item)));
        if let Some(request) = request {
            self.tell_downloader(request, Vec::new());
        }
    }

    fn use_kept(self, item: StoredItem) {
        match item.kind {
            ItemKind::Model => self.send(self.desk.use_base(Some(item))),
            ItemKind::Adapter => self.desk.use_adapter(item),
        }
        self.warm_up();
        self.go_on();
    }

    fn tell_downloader(self, request: DownloadRequest, files: Vec<PickedFile>) {
        let Downloads { worker, is_ready, waiting, .. } = self.downloads.get_value();
        if worker.with_value(Option::is_none) {
            let receive = move |event, files| self.hear_downloader(event, files);
            match Worker::start(Script::Downloader, receive) {
                Ok(started) => worker.set_value(Some(started)),
                Err(error) => return self.downloader_crashed(error),
            }
        }
        if !is_ready.get_value() {
            waiting.update_value(|waiting| waiting.push((request, files)));
            return;
        }
        let sent = worker.with_value(|worker| worker.as_ref().map(|worker| worker.send(&request, &files)));
        if let Some(Err(error)) = sent {
            self.downloader_crashed(error);
        }
    }

    fn hear_downloader(self, event: Result<DownloadEvent, WireError>, files: Vec<PickedFile>) {
        let event = match event {
            Ok(DownloadEvent::Crashed(error)) | Err(error) => return self.downloader_crashed(error),
            Ok(event) => event,
        };
        if event == DownloadEvent::Ready {
            self.downloads.get_value().is_ready.set_value(true);
            let mut waiting = Vec::new();
            self.downloads.get_value().waiting.update_value(|list| waiting = std::mem::take(list));
            for (request, files) in waiting {
                self.tell_downloader(request, files);
            }
        }
        let mut kept = None;
        self.desk.library.update(|library| kept = library.apply(event));
        if let Some(item) = kept {
            if item.in_memory {
                let named = item.files.iter().map(|file| file.sha256.clone()).zip(files);
                self.downloads.get_value().held.update_value(|held| held.extend(named));
            }
            self.use_kept(item);
        }
    }

    fn downloader_crashed(self, error: WireError) {
        self.downloads.get_value().worker.set_value(None);
        self.downloads.get_value().is_ready.set_value(false);
        self.downloads.get_value().waiting.update_value(Vec::clear);
        self.desk.library.update(|library| drop(library.apply(DownloadEvent::Crashed(error))));
    }
}

/// The files that a request names, renumbered as they come beside it.
fn only_named(request: &mut DownloadRequest, files: Vec<PickedFile>) -> Vec<PickedFile> {
    let DownloadRequest::Keep { item, .. } = request else { return files };
    let mut named = Vec::new();
    for file in &mut item.files {
        if let Origin::File(place) = &mut file.from
            && let Some(picked) = files.get(*place as usize)
        {
            *place = named.len() as u32;
            named.push(picked.clone());
        }
    }
    named
}

/// The hub's address. Only a page on this machine may name another one on this machine, for tests.
pub fn hub() -> String {
    use protocol::{Address, NamedBy};
    let is_here =
        |text: &str| Address::parse(text, NamedBy::Person).is_ok_and(|address| address.is_loopback());
    platform::query("hub")
        .filter(|hub| is_here(hub) && is_here(&platform::absolute("")))
        .unwrap_or_else(|| HUB.to_owned())
}

/// Whether an error says that a stored file is damaged.
pub(super) fn is_damaged(error: &WireError) -> bool {
    error.kind == ErrorKind::DamagedStore
}
