//! The messages between the page and the inference worker, and nothing else.
//!
//! The page sends a [`Request`], the worker answers with any number of [`Event`]s; to the worker that fetches and
//! keeps files it sends a [`DownloadRequest`] and hears [`DownloadEvent`]s. Both sides
//! link this crate, and it links neither candle nor Leptos: the app never sees a tensor, the
//! engine never sees a lane's name, a URL bar or the DOM. Everything here is plain data.

mod address;
mod download;
mod error;
mod event;
mod request;

pub use address::{Address, AddressError, NamedBy};
pub use download::{
    DownloadEvent, DownloadId, DownloadProgress, DownloadRequest, DownloadStage, HeaderFacts, InquiryId,
    ItemKind, LookUpId, MOST_MEMORY_BYTES, NewFile, NewItem, Origin, Repository, RepositoryFile, Shelf,
    StoredFile, StoredItem,
};
pub use error::{ErrorKind, WireError};
pub use event::{
    AdapterInfo, EngineInfo, EngineKind, Event, FinishReason, LaneMetrics, LoadProgress, LoadStage,
    ModelInfo, OwnTemplate, Proof,
};
pub use request::{
    AdapterUse, CONTEXT_LENGTHS, Chat, ChatFormat, DEFAULT_CONTEXT_LENGTH, Generate, Message, Request, Role,
    Sampling, Source,
};

/// Numbers one execution of a comparison; a later run has a larger number.
pub type RunId = u32;
/// Numbers a lane within the page; the engine uses it to tell streams apart and for nothing else.
pub type LaneId = u32;
/// Numbers a load, so that its progress, result or failure can be told from another's.
pub type LoadId = u32;
