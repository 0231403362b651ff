//! Files that outlive the page: the origin private file system, each file under its SHA-256.
//!
//! ```text
//! store-v1/files/SHA256        what is whole
//! store-v1/parts/KEY.part      what is on its way, and KEY.json, what is known of it
//! store-v1/items/SHA256.json   the manifest of an item, written when all its files are there
//! ```
//!
//! A file gets its name only when its bytes are known to be right, and a manifest is written only when its files have
//! theirs; whatever a crash leaves is either whole or unfinished. An item whose damaged file was dropped stays an item
//! while the file is fetched again, and until it is. Who writes holds the [`lock`].

mod folder;
pub(crate) mod lock;
mod part;

use std::collections::BTreeSet;

use js_sys::Reflect;
use protocol::{StoredFile, StoredItem, WireError};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, StorageEstimate, StorageManager, WorkerGlobalScope};

use folder::Folder;
pub(crate) use part::{Part, PartNote};

/// The store of this origin.
pub(crate) struct Store {
    files: Folder,
    parts: Folder,
    items: Folder,
}

/// What the browser counts and gives, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Space {
    pub(crate) used_bytes: Option<u64>,
    pub(crate) quota_bytes: Option<u64>,
}

impl Store {
    /// Opens it.
    ///
    /// # Errors
    /// One sentence why nothing can be stored here.
    pub(crate) async fn open() -> Result<Self, String> {
        let root = JsFuture::from(manager()?.get_directory()).await.map_err(|error| text_of(&error))?;
        let root = Folder::of(root).folder("store-v1").await?;
        Ok(Self {
            files: root.folder("files").await?,
            parts: root.folder("parts").await?,
            items: root.folder("items").await?,
        })
    }

    /// The file of that hash, if one of that name is there. Its bytes may have been damaged since.
    pub(crate) async fn file(&self, sha256: &str) -> Option<File> {
        self.files.file(sha256).await
    }

    /// Every item whose manifest can be read, the one used last first. Of one that is being repaired files may be missing.
    pub(crate) async fn items(&self) -> Result<Vec<StoredItem>, String> {
        let mut items = Vec::new();
        for name in self.items.names().await? {
            items.extend(self.items.text(&name).await.and_then(|text| serde_json::from_str(&text).ok()));
        }
        items.sort_by(|a: &StoredItem, b| b.used_ms.total_cmp(&a.used_ms));
        Ok(items)
    }

    /// The manifest of an item.
    pub(crate) async fn item(&self, id: &str) -> Option<StoredItem> {
        serde_json::from_str(&self.items.text(&manifest(id)).await?).ok()
    }

    /// Writes an item's manifest, which makes it an item.
    ///
    /// # Errors
    /// When there is no room or the browser refuses.
    pub(crate) async fn write_item(&self, item: &StoredItem) -> Result<(), String> {
        let text = serde_json::to_string(item).map_err(|error| error.to_string())?;
        let name = manifest(&item.id);
        self.parts.write(&name, text.as_bytes()).await?;
        self.parts.rename(&name, &self.items, &name).await
    }

    /// Deletes an item, and those of its files that no other item names.
    ///
    /// # Errors
    /// When the browser refuses.
    pub(crate) async fn delete_item(&self, id: &str) -> Result<(), String> {
        let item = self.item(id).await;
        self.items.remove(&manifest(id)).await?;
        self.delete_unnamed(&item.map(|item| item.files).unwrap_or_default()).await
    }

    /// Deletes those files that no item names.
    async fn delete_unnamed(&self, files: &[StoredFile]) -> Result<(), String> {
        let named = self.named().await?;
        for file in files.iter().filter(|file| !named.contains(&file.sha256)) {
            self.files.remove(&file.sha256).await?;
        }
        Ok(())
    }

    /// The SHA-256 of every file that an item names.
    async fn named(&self) -> Result<BTreeSet<String>, String> {
        Ok(self.items().await?.into_iter().flat_map(|item| item.files).map(|file| file.sha256).collect())
    }

    /// Files that are whole, and of an item that is not.
    async fn left_over(&self) -> Result<Vec<String>, String> {
        let named = self.named().await?;
        Ok(self.files.names().await?.into_iter().filter(|name| !named.contains(name)).collect())
    }

    /// Deletes a file that is not what its name says.
    ///
    /// # Errors
    /// When the browser refuses.
    pub(crate) async fn delete_file(&self, sha256: &str) -> Result<(), String> {
        self.files.remove(sha256).await
    }

    /// Opens the unfinished file of that key for writing at its end; an empty one if there is none.
    ///
    /// # Errors
    /// When the browser refuses, or another tab has it open.
    pub(crate) async fn open_part(&self, key: &str) -> Result<Part, String> {
        Part::open(&self.parts, key).await
    }

    /// Gives a whole file its name.
    ///
    /// # Errors
    /// When the browser refuses.
    pub(crate) async fn finish_part(&self, part: Part, sha256: &str) -> Result<(), String> {
        let key = part.close();
        self.files.remove(sha256).await?;
        self.parts.rename(&part::data(&key), &self.files, sha256).await?;
        self.parts.remove(&part::note(&key)).await
    }

    /// Deletes an unfinished file.
    ///
    /// # Errors
    /// When the browser refuses.
    pub(crate) async fn discard_part(&self, part: Part) -> Result<(), String> {
        let key = part.close();
        self.parts.remove(&part::data(&key)).await?;
        self.parts.remove(&part::note(&key)).await
    }

    /// Bytes of unfinished downloads: of unfinished files, and of files of items that never became whole.
    pub(crate) async fn unfinished_bytes(&self) -> Result<u64, String> {
        let mut bytes = 0;
        for name in self.parts.names().await? {
            bytes += self.parts.file(&name).await.map_or(0, |file| file.size() as u64);
        }
        for name in self.left_over().await? {
            bytes += self.files.file(&name).await.map_or(0, |file| file.size() as u64);
        }
        Ok(bytes)
    }

    /// Deletes what unfinished downloads have left.
    ///
    /// # Errors
    /// When the browser refuses.
    pub(crate) async fn delete_unfinished(&self) -> Result<(), String> {
        for name in self.parts.names().await? {
            self.parts.remove(&name).await?;
        }
        for name in self.left_over().await? {
            self.files.remove(&name).await?;
        }
        Ok(())
    }
}

/// What the browser counts and gives.
pub(crate) async fn space() -> Space {
    let Some(estimate) = manager().ok().and_then(|manager| manager.estimate().ok()) else {
        return Space::default();
    };
    let Ok(estimate) = JsFuture::from(estimate).await.map(JsValue::unchecked_into::<StorageEstimate>) else {
        return Space::default();
    };
    let bytes = |count: Option<f64>| count.map(|count| count as u64);
    Space { used_bytes: bytes(estimate.get_usage()), quota_bytes: bytes(estimate.get_quota()) }
}

fn manager() -> Result<StorageManager, String> {
    let scope: WorkerGlobalScope = js_sys::global().dyn_into().map_err(|_| "not in a worker".to_owned())?;
    // Without a secure context there is none.
    let manager = Reflect::get(&scope.navigator(), &"storage".into()).ok();
    manager
        .and_then(|manager| manager.dyn_into().ok())
        .ok_or_else(|| "this browser gives pages no file system here".to_owned())
}

fn manifest(id: &str) -> String {
    format!("{id}.json")
}

fn text_of(error: &JsValue) -> String {
    crate::fetch::browser::text_of(error)
}

/// A file that is stored under `sha256` and is not what it was.
pub(crate) fn damaged(sha256: &str, what: &str) -> WireError {
    let short = sha256.get(..12).unwrap_or(sha256);
    WireError::new(protocol::ErrorKind::DamagedStore, format!("The stored file {short}… {what}."))
}
