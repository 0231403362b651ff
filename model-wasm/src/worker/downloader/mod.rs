//! The worker that fetches models and adapters from other hosts, and keeps them. It alone may reach other hosts,
//! and it alone writes to the store.

mod inquire;
mod inspector;
mod keep;
mod meter;
mod sink;
mod time;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use js_sys::Date;
use protocol::{
    DownloadEvent, DownloadId, DownloadRequest, ErrorKind, ItemKind, NewFile, NewItem, Origin, Shelf,
    StoredItem, WireError,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, AbortSignal, BroadcastChannel, DedicatedWorkerGlobalScope, MessageEvent};

use self::keep::{End, Keeper};
use super::message;
use crate::{
    session::sha256_of_parts,
    source::Blobs,
    store::{self, Store, lock::WriterLock},
};

/// On which the downloaders of all tabs tell each other that what is stored has changed.
const SHELF_CHANNEL: &str = "store-v1-shelf";

/// Makes this worker answer [`DownloadRequest`]s.
///
/// # Errors
/// When it does not run in a dedicated worker.
#[wasm_bindgen]
pub fn start_downloader() -> Result<(), JsValue> {
    let scope: DedicatedWorkerGlobalScope =
        js_sys::global().dyn_into().map_err(|_| JsValue::from_str("not in a dedicated worker"))?;
    let elsewhere = BroadcastChannel::new(SHELF_CHANNEL)?;
    let downloader = Rc::new(Downloader::new(scope.clone(), elsewhere));
    let ready = Rc::clone(&downloader);
    std::panic::set_hook(Box::new(|panic| {
        let event =
            message::write(&DownloadEvent::Crashed(WireError::new(ErrorKind::Internal, panic.to_string())));
        // The scope is asked for here and not before: where there are threads, the hook is every thread's.
        let scope = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>();
        if let (Ok(event), Ok(scope)) = (event, scope) {
            let _ = scope.post_message(&event);
        }
    }));
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
        let message = message.data();
        let blobs = message::take_blobs(&message);
        match message::read(message) {
            Ok(request) => spawn_local(Rc::clone(&downloader).answer(request, blobs)),
            Err(error) => downloader.post(&DownloadEvent::Crashed(error)),
        }
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    let shelf_changed = Closure::<dyn FnMut()>::new({
        let downloader = Rc::clone(&ready);
        move || spawn_local(Rc::clone(&downloader).tell_shelf())
    });
    ready.elsewhere.set_onmessage(Some(shelf_changed.as_ref().unchecked_ref()));
    // They listen as long as the worker lives.
    on_message.forget();
    shelf_changed.forget();
    ready.post(&DownloadEvent::Ready);
    Ok(())
}

struct Downloader {
    scope: DedicatedWorkerGlobalScope,
    /// The downloaders of other tabs, which are told when what is stored has changed.
    elsewhere: BroadcastChannel,
    running: RefCell<BTreeMap<DownloadId, AbortController>>,
    /// Items that could not be stored; they last as long as this worker.
    in_memory: RefCell<Vec<StoredItem>>,
    /// How often what is stored has changed.
    changes: Cell<u64>,
    /// Whether a list of what is stored is being made.
    is_listing: Cell<bool>,
}

impl Downloader {
    fn new(scope: DedicatedWorkerGlobalScope, elsewhere: BroadcastChannel) -> Self {
        Self {
            scope,
            elsewhere,
            running: RefCell::default(),
            in_memory: RefCell::default(),
            changes: Cell::default(),
            is_listing: Cell::default(),
        }
    }

    fn post(&self, event: &DownloadEvent) {
        self.post_with(event, &Vec::new());
    }

    fn post_with(&self, event: &DownloadEvent, blobs: &Blobs) {
        // A page that is gone cannot be told anything.
        if let Ok(event) = message::write(event) {
            message::put_blobs(&event, blobs);
            let _ = self.scope.post_message(&event);
        }
    }

    async fn answer(self: Rc<Self>, request: DownloadRequest, blobs: Blobs) {
        match request {
            DownloadRequest::List => return self.tell_shelf().await,
            DownloadRequest::Keep { download_id, item } => {
                self.download(download_id, |signal| self.keep(download_id, item, blobs, signal)).await;
            }
            DownloadRequest::Repair { download_id, item_id } => {
                self.download(download_id, |signal| self.repair(download_id, item_id, signal)).await;
            }
            DownloadRequest::Cancel { download_id } => {
                if let Some(control) = self.running.borrow().get(&download_id) {
                    control.abort();
                }
                return;
            }
            DownloadRequest::LookUp { look_up_id, hub, repository } => {
                self.post(&match inquire::look_up(&hub, &repository, None).await {
                    Ok(repository) => DownloadEvent::Found { look_up_id, repository },
                    Err(error) => DownloadEvent::NotFound { look_up_id, error },
                });
                return;
            }
            DownloadRequest::Inquire { inquiry_id, hub, readings } => {
                self.post(&match inquire::inquire(&hub, readings).await {
                    Ok(item) => DownloadEvent::Quoted { inquiry_id, item },
                    Err(error) => DownloadEvent::NotQuoted { inquiry_id, error },
                });
                return;
            }
            DownloadRequest::Use { item_id } => self.note_use(&item_id).await,
            DownloadRequest::Delete { item_id } => self.delete(&item_id).await,
            DownloadRequest::DeleteUnfinished => self.delete_unfinished().await,
        }
        // A tab that is not told finds out when it is opened again.
        let _ = self.elsewhere.post_message(&JsValue::NULL);
        self.tell_shelf().await;
    }

    /// Tells what is stored, once for all changes meanwhile: a list that was begun before something was told to be kept
    /// would be taken to say that it is gone.
    async fn tell_shelf(self: Rc<Self>) {
        self.note_change();
        if self.is_listing.replace(true) {
            return;
        }
        loop {
            let changes = self.changes.get();
            let stored = self.shelf().await;
            if self.changes.get() == changes {
                self.is_listing.set(false);
                return self.post(&DownloadEvent::Shelf(stored));
            }
        }
    }

    fn note_change(&self) {
        self.changes.update(|changes| changes + 1);
    }

    /// Runs a download under its number, and tells its end.
    async fn download<F: Future<Output = Result<(StoredItem, Blobs), End>>>(
        &self,
        download_id: DownloadId,
        work: impl FnOnce(AbortSignal) -> F,
    ) {
        let Ok(control) = AbortController::new() else {
            let error = WireError::new(ErrorKind::UnsupportedBrowser, "This browser cannot stop a download.");
            return self.post(&DownloadEvent::Failed { download_id, error });
        };
        let signal = control.signal();
        self.running.borrow_mut().insert(download_id, control);
        let outcome = work(signal).await;
        self.running.borrow_mut().remove(&download_id);
        match outcome {
            Ok((item, blobs)) => {
                self.note_change();
                self.post_with(&DownloadEvent::Kept { download_id, item }, &blobs);
            }
            Err(End::Stopped) => self.post(&DownloadEvent::Stopped { download_id }),
            Err(End::Failed(error)) => self.post(&DownloadEvent::Failed { download_id, error }),
        }
    }

    /// Brings all files of an item, and writes its manifest last. Files that could not be stored come back.
    async fn keep(
        &self,
        download_id: DownloadId,
        item: NewItem,
        blobs: Blobs,
        signal: AbortSignal,
    ) -> Result<(StoredItem, Blobs), End> {
        let tell = |progress| self.post(&DownloadEvent::Progress(progress));
        let judged = |facts| self.post(&DownloadEvent::Judged { download_id, facts });
        let keeper = Keeper::new(download_id, &item, &signal, tell, judged);
        keeper.say_queued();
        let _lock = WriterLock::acquire(&signal).await.map_err(|_| End::Stopped)?;
        let store = Store::open().await.ok();
        let mut brought = Vec::new();
        for file in &item.files {
            match keeper.bring(store.as_ref(), file, &blobs).await {
                Ok(file) => brought.push(file),
                Err(end) => {
                    let for_now = match &end {
                        End::Stopped => true,
                        End::Failed(error) => error.kind == ErrorKind::Network,
                    };
                    for file in brought {
                        file.drop_or_keep(for_now).await;
                    }
                    return Err(end);
                }
            }
        }
        let (mut files, mut held) = (Vec::new(), Blobs::new());
        for file in brought {
            let (file, in_memory) = file.finish().await?;
            files.push(file);
            held.extend(in_memory);
        }
        let verdict = keeper.verdict();
        let kind = verdict.as_ref().map_or(item.kind, |verdict| verdict.kind);
        let Some(first) = files.first() else {
            let error = WireError::new(ErrorKind::InvalidRequest, "An item without files.");
            return Err(End::Failed(error));
        };
        let id = match kind {
            ItemKind::Model => {
                let parts: Vec<String> = files.iter().map(|file| file.sha256.clone()).collect();
                sha256_of_parts(&parts)
            }
            ItemKind::Adapter => first.sha256.clone(),
        };
        let now_ms = Date::now();
        let item = StoredItem {
            id,
            kind,
            name: item.name,
            licence: item.licence,
            facts: verdict.map(|verdict| verdict.facts),
            in_memory: held.len() == files.len(),
            files,
            kept_ms: now_ms,
            used_ms: now_ms,
        };
        match store {
            Some(store) if held.is_empty() => store.write_item(&item).await.map_err(|why| {
                let message = format!("{} cannot be stored: {why}.", item.name);
                WireError::new(ErrorKind::DamagedStore, message)
            })?,
            _ => self.in_memory.borrow_mut().push(item.clone()),
        }
        Ok((item, held))
    }

    /// Drops the damaged files of an item, and fetches them again. The item is dropped as a whole where that cannot be.
    async fn repair(
        &self,
        download_id: DownloadId,
        item_id: String,
        signal: AbortSignal,
    ) -> Result<(StoredItem, Blobs), End> {
        let damaged = |what: &str| End::Failed(store::damaged(&item_id, what));
        let store = Store::open().await.map_err(|why| damaged(&format!("cannot be reached: {why}")))?;
        let item = store.item(&item_id).await.ok_or_else(|| damaged("is gone"))?;
        {
            let _lock = WriterLock::acquire(&signal).await.map_err(|_| End::Stopped)?;
            let mut is_whole = true;
            for file in &item.files {
                if !keep::is_intact(&store, file, |_| ()).await {
                    is_whole = false;
                    store.delete_file(&file.sha256).await.map_err(|why| damaged(&why))?;
                }
            }
            if is_whole {
                // Another tab was here first.
                return Ok((item, Blobs::new()));
            }
            if item.files.iter().any(|file| file.address.is_none()) {
                store.delete_item(&item_id).await.map_err(|why| damaged(&why))?;
                let what = "was damaged and came from your disk: it was dropped; choose the file again";
                return Err(damaged(what));
            }
        }
        let file = |file: &protocol::StoredFile| {
            file.address.clone().map(|address| NewFile {
                name: file.name.clone(),
                from: Origin::Url(address),
                sha256: Some(file.sha256.clone()),
                size_bytes: Some(file.size_bytes),
            })
        };
        let files = item.files.iter().filter_map(file).collect();
        let item = NewItem { kind: item.kind, name: item.name, licence: item.licence, files };
        self.keep(download_id, item, Vec::new(), signal).await
    }

    async fn note_use(&self, item_id: &str) {
        let Some((store, _lock)) = self.to_write().await else { return };
        if let Some(mut item) = store.item(item_id).await {
            item.used_ms = Date::now();
            // The time of the last use is a help to the person, and nothing depends on it.
            let _ = store.write_item(&item).await;
        }
    }

    async fn delete(&self, item_id: &str) {
        self.in_memory.borrow_mut().retain(|item| item.id != item_id);
        if let Some((store, _lock)) = self.to_write().await {
            // What cannot be deleted is on the shelf that follows.
            let _ = store.delete_item(item_id).await;
        }
    }

    async fn delete_unfinished(&self) {
        if let Some((store, _lock)) = self.to_write().await {
            // What cannot be deleted is on the shelf that follows.
            let _ = store.delete_unfinished().await;
        }
    }

    /// The store, once no other writer, in whichever tab, is at work.
    async fn to_write(&self) -> Option<(Store, WriterLock)> {
        let control = AbortController::new().ok()?;
        let lock = WriterLock::acquire(&control.signal()).await.ok()?;
        Some((Store::open().await.ok()?, lock))
    }

    async fn shelf(&self) -> Shelf {
        let mut all = Shelf { items: self.in_memory.borrow().clone(), ..Shelf::default() };
        match Store::open().await {
            Ok(store) => {
                all.items.extend(store.items().await.unwrap_or_default());
                all.unfinished_bytes = store.unfinished_bytes().await.unwrap_or_default();
            }
            Err(why) => all.memory_only = Some(why),
        }
        let space = store::space().await;
        (all.used_bytes, all.quota_bytes) = (space.used_bytes, space.quota_bytes);
        all
    }
}
