//! What the page and the downloader tell one another. The downloader fetches models and adapters, and keeps them.
//!
//! Files from disk cannot be written as data: a message of this kind, or a [`crate::Request`], carries them beside
//! it in a list, and names them by their place there.

use serde::{Deserialize, Serialize};

use crate::WireError;

/// Numbers a download, so that its progress and its end can be told from another's.
pub type DownloadId = u32;
/// Numbers a look at the hub.
pub type LookUpId = u32;
/// Numbers a question about what an address holds.
pub type InquiryId = u32;

/// A message from the page to the downloader.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DownloadRequest {
    /// Say what is stored. Answered by `Shelf`.
    List,
    /// Fetch files and keep them as one item. Answered by `Progress`, and then by `Kept`, `Stopped` or `Failed`.
    Keep {
        /// Echoed in every answer.
        download_id: DownloadId,
        /// What to keep.
        item: NewItem,
    },
    /// Drop the files of an item, and fetch them again from where they came. Answered as `Keep` is.
    Repair {
        /// Echoed in every answer.
        download_id: DownloadId,
        /// The item.
        item_id: String,
    },
    /// Stop a download. What has come so far is kept for the next attempt.
    Cancel {
        /// The download.
        download_id: DownloadId,
    },
    /// Note that an item is in use. Answered by `Shelf`.
    Use {
        /// The item.
        item_id: String,
    },
    /// Delete an item with its files. Answered by `Shelf`.
    Delete {
        /// The item.
        item_id: String,
    },
    /// Delete what unfinished downloads have left. Answered by `Shelf`.
    DeleteUnfinished,
    /// List a repository of the hub. Answered by `Found` or `NotFound`.
    LookUp {
        /// Echoed in the answer.
        look_up_id: LookUpId,
        /// The hub's address, without a path.
        hub: String,
        /// `owner/name`
        repository: String,
    },
    /// Ask a host for the size of files, and for nothing else of them. Answered by `Quoted` or `NotQuoted`.
    Inquire {
        /// Echoed in the answer.
        inquiry_id: InquiryId,
        /// The hub's address, without a path: it knows more of its files than their size.
        hub: String,
        /// What an address may mean; the first one whose files are all there is meant.
        readings: Vec<NewItem>,
    },
}

/// Something to keep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewItem {
    /// What it is.
    pub kind: ItemKind,
    /// What people call it.
    pub name: String,
    /// The licence, where it is known.
    pub licence: Option<String>,
    /// Its files; the first one names it.
    pub files: Vec<NewFile>,
}

/// What can be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A base model.
    Model,
    /// An adapter.
    Adapter,
}

/// A file to keep.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewFile {
    /// Its name, without folders.
    pub name: String,
    /// Where it comes from.
    pub from: Origin,
    /// Its SHA-256 in lower-case hexadecimal, where it is known.
    pub sha256: Option<String>,
    /// Its size, where it is known.
    pub size_bytes: Option<u64>,
}

/// Where a file comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// An address that passes [`crate::Address::parse`].
    Url(String),
    /// A file from disk, by its place beside the message.
    File(u32),
}

/// A message from the downloader to the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DownloadEvent {
    /// The downloader has started and listens. Sent once, before anything else.
    Ready,
    /// What is stored, whenever that changes.
    Shelf(Shelf),
    /// A download has come this far.
    Progress(DownloadProgress),
    /// The headers of a download's files have come, and it can run; the rest follows.
    Judged {
        /// The download.
        download_id: DownloadId,
        /// What the headers say.
        facts: HeaderFacts,
    },
    /// All files are there. Where they are only in memory, they come beside the message.
    Kept {
        /// The download.
        download_id: DownloadId,
        /// What was kept.
        item: StoredItem,
    },
    /// A download was stopped.
    Stopped {
        /// The download.
        download_id: DownloadId,
    },
    /// A download has failed; nothing of it will be taken for the file.
    Failed {
        /// The download.
        download_id: DownloadId,
        /// Why.
        error: WireError,
    },
    /// A repository of the hub.
    Found {
        /// The look.
        look_up_id: LookUpId,
        /// What it holds.
        repository: Repository,
    },
    /// A repository of the hub could not be listed.
    NotFound {
        /// The look.
        look_up_id: LookUpId,
        /// Why.
        error: WireError,
    },
    /// What an address holds, with all that the host says of it; hub files are pinned to a commit. `Keep` takes it
    /// as it is.
    Quoted {
        /// The question.
        inquiry_id: InquiryId,
        /// What can be fetched.
        item: NewItem,
    },
    /// An address holds nothing that can be fetched.
    NotQuoted {
        /// The question.
        inquiry_id: InquiryId,
        /// Why.
        error: WireError,
    },
    /// The downloader cannot go on.
    Crashed(WireError),
}

/// What is stored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Shelf {
    /// Every item, the one used last first.
    pub items: Vec<StoredItem>,
    /// Bytes of downloads that have not come to their end.
    pub unfinished_bytes: u64,
    /// Bytes that the browser counts for this site.
    pub used_bytes: Option<u64>,
    /// Bytes that the browser gives this site.
    pub quota_bytes: Option<u64>,
    /// Why nothing can be stored, where that is so; then items last as long as the page.
    pub memory_only: Option<String>,
}

/// The most memory that a model can have in a browser, in bytes: of what a 32-bit module can address, the page's own work
/// takes a part.
pub const MOST_MEMORY_BYTES: u64 = (4 << 30) - (128 << 20);

/// What the headers of a model's or an adapter's GGUF files say, before the rest of them is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderFacts {
    /// `general.architecture`; of an adapter, its base's.
    pub architecture: String,
    /// The tensor type that holds most weights, such as `Q8_0`.
    pub quantisation: String,
    /// Memory that it takes to run: of a model the weights and room to compute, of an adapter its weights.
    pub memory_bytes: u64,
    /// What a model's lane takes besides for each token that it may hold.
    #[serde(default)]
    pub cache_bytes_per_token: u64,
    /// The most tokens that a model was made for.
    #[serde(default)]
    pub context_length: u32,
}

impl HeaderFacts {
    /// Memory that it takes with one lane that may hold so many tokens.
    pub fn needed_bytes(&self, context_length: u32) -> u64 {
        let tokens = u64::from(context_length.min(self.context_length));
        self.memory_bytes.saturating_add(self.cache_bytes_per_token.saturating_mul(tokens))
    }
}

/// Something that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredItem {
    /// Of a model the SHA-256, of an adapter that of its weights.
    pub id: String,
    /// What it is.
    pub kind: ItemKind,
    /// What people call it.
    pub name: String,
    /// The licence, where it is known.
    pub licence: Option<String>,
    /// Its files.
    pub files: Vec<StoredFile>,
    /// Whether it could not be stored, and lasts as long as the page.
    #[serde(default)]
    pub in_memory: bool,
    /// What its headers say; `None` where it has none, and in manifests from before this was noted.
    #[serde(default)]
    pub facts: Option<HeaderFacts>,
    /// When it was kept, in milliseconds since 1970.
    pub kept_ms: f64,
    /// When it was last used, in milliseconds since 1970.
    pub used_ms: f64,
}

impl StoredItem {
    /// Size of its files together.
    pub fn size_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size_bytes).sum()
    }
}

/// A file that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// Its name, without folders.
    pub name: String,
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: String,
    /// Its size.
    pub size_bytes: u64,
    /// Where it came from; `None` is a file from disk.
    pub address: Option<String>,
}

/// How far a download has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DownloadProgress {
    /// The download.
    pub download_id: DownloadId,
    /// What it is doing.
    pub stage: DownloadStage,
    /// Bytes of all files that are there.
    pub done_bytes: u64,
    /// Bytes of all files, where known.
    pub total_bytes: Option<u64>,
    /// How fast they come.
    pub bytes_per_second: Option<f64>,
    /// How long the rest will take at this rate, in seconds.
    pub seconds_left: Option<f64>,
}

/// What a download is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DownloadStage {
    /// Another download, perhaps in another tab, comes first.
    Queued,
    /// What an earlier attempt kept is read.
    Checking,
    /// Bytes arrive.
    Receiving,
    /// The connection broke or the host is busy; it will be asked again.
    Resting,
}

/// A repository of the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repository {
    /// `owner/name`
    pub id: String,
    /// The commit that the addresses name.
    pub commit: String,
    /// The licence, as the repository states it.
    pub licence: Option<String>,
    /// Whether its files are given only to people with an account.
    pub wants_account: bool,
    /// Its models and adapters.
    pub files: Vec<RepositoryFile>,
}

/// A file of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryFile {
    /// Its path in the repository.
    pub path: String,
    /// Where it is fetched from.
    pub address: String,
    /// Its size.
    pub size_bytes: Option<u64>,
    /// Its SHA-256, where the hub knows it.
    pub sha256: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_without_facts_are_still_read() {
        let manifest =
            r#"{"id":"a","kind":"model","name":"m","licence":null,"files":[],"kept_ms":1.0,"used_ms":2.0}"#;
        let item: StoredItem = serde_json::from_str(manifest).expect("an old manifest");
        assert_eq!((item.facts, item.in_memory, item.used_ms), (None, false, 2.0));
    }
}
