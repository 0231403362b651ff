//! What the page knows of the models and adapters that people bring: what is stored, what is on its way, what the
//! hub has shown. Plain data: requests go out as values, events come in as values.

use protocol::{
    DownloadEvent, DownloadId, DownloadProgress, DownloadRequest, ItemKind, LookUpId, NewItem, Origin,
    Repository, Shelf, StoredItem, WireError,
};
use serde::{Deserialize, Serialize};

/// What people brought.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Library {
    /// What is stored; known once the downloader has been asked.
    pub shelf: Option<Shelf>,
    /// What is on its way.
    pub downloads: Vec<Coming>,
    /// What the hub was last asked.
    pub look_up: LookUp,
    /// What went wrong last.
    pub problem: Option<WireError>,
    /// What the lanes run on instead of what lies beside the page.
    pub chosen: Chosen,
    last_download_id: DownloadId,
    last_look_up_id: LookUpId,
}

/// What the lanes run on; kept between visits.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Chosen {
    /// The base; `None` is the page's own.
    pub base: Option<StoredItem>,
    /// Adapters beside those of the page.
    pub adapters: Vec<StoredItem>,
}

/// Something on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Coming {
    /// Its number.
    pub download_id: DownloadId,
    /// What people call it.
    pub name: String,
    /// The host it comes from; `None` is this computer.
    pub host: Option<String>,
    /// How far it is.
    pub progress: Option<DownloadProgress>,
}

/// A look at the hub.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum LookUp {
    /// Nobody asked.
    #[default]
    Idle,
    /// Asked.
    Asking {
        /// Its number.
        look_up_id: LookUpId,
        /// `owner/name`
        repository: String,
    },
    /// The answer.
    Found(Repository),
    /// No answer.
    NotFound(WireError),
}

impl Library {
    /// Asks for something to be kept.
    pub fn keep(&mut self, item: NewItem) -> DownloadRequest {
        let download_id = self.next_download_id();
        let host = item.files.iter().find_map(|file| match &file.from {
            Origin::Url(text) => protocol::Address::parse(text, protocol::NamedBy::Person)
                .ok()
                .map(|address| address.host().to_owned()),
            Origin::File(_) => None,
        });
        self.problem = None;
        self.downloads.push(Coming { download_id, name: item.name.clone(), host, progress: None });
        DownloadRequest::Keep { download_id, item }
    }

    /// Asks for a damaged item to be fetched again.
    pub fn repair(&mut self, item: &StoredItem) -> DownloadRequest {
        let download_id = self.next_download_id();
        self.downloads.push(Coming { download_id, name: item.name.clone(), host: None, progress: None });
        DownloadRequest::Repair { download_id, item_id: item.id.clone() }
    }

    /// Asks the hub for a repository.
    pub fn look_up(&mut self, hub: &str, repository: &str) -> DownloadRequest {
        self.last_look_up_id += 1;
        let (look_up_id, repository) = (self.last_look_up_id, repository.trim().to_owned());
        self.look_up = LookUp::Asking { look_up_id, repository: repository.clone() };
        DownloadRequest::LookUp { look_up_id, hub: hub.to_owned(), repository }
    }

    /// Takes in what the downloader says. Returns the item that has just been kept.
    pub fn apply(&mut self, event: DownloadEvent) -> Option<StoredItem> {
        match event {
            DownloadEvent::Shelf(stored) => {
                self.chosen.keep_those_on(&stored);
                self.shelf = Some(stored);
            }
            DownloadEvent::Progress(progress) => {
                if let Some(coming) =
                    self.downloads.iter_mut().find(|it| it.download_id == progress.download_id)
                {
                    coming.progress = Some(progress);
                }
            }
            DownloadEvent::Kept { download_id, item } => {
                self.end(download_id);
                return Some(item);
            }
            DownloadEvent::Stopped { download_id } => self.end(download_id),
            DownloadEvent::Failed { download_id, error } => {
                self.end(download_id);
                self.problem = Some(error);
            }
            DownloadEvent::Found { look_up_id, repository } if self.is_asking(look_up_id) => {
                self.look_up = LookUp::Found(repository);
            }
            DownloadEvent::NotFound { look_up_id, error } if self.is_asking(look_up_id) => {
                self.look_up = LookUp::NotFound(error);
            }
            DownloadEvent::Ready | DownloadEvent::Found { .. } | DownloadEvent::NotFound { .. } => {}
            DownloadEvent::Crashed(error) => {
                self.downloads.clear();
                if matches!(self.look_up, LookUp::Asking { .. }) {
                    self.look_up = LookUp::Idle;
                }
                self.problem = Some(error);
            }
        }
        None
    }

    fn is_asking(&self, id: LookUpId) -> bool {
        matches!(&self.look_up, LookUp::Asking { look_up_id, .. } if *look_up_id == id)
    }

    fn end(&mut self, id: DownloadId) {
        self.downloads.retain(|coming| coming.download_id != id);
    }

    fn next_download_id(&mut self) -> DownloadId {
        self.last_download_id += 1;
        self.last_download_id
    }
}

impl Chosen {
    /// Chooses an item: a model becomes the base, an adapter joins the others.
    pub fn choose(&mut self, item: StoredItem) {
        match item.kind {
            ItemKind::Model => self.base = Some(item),
            ItemKind::Adapter => {
                self.adapters.retain(|other| other.id != item.id);
                self.adapters.push(item);
            }
        }
    }

    fn keep_those_on(&mut self, stored: &Shelf) {
        let is_there = |item: &StoredItem| stored.items.iter().any(|there| there.id == item.id);
        self.base = self.base.take().filter(is_there);
        self.adapters.retain(is_there);
    }

    /// What can be kept between visits: not what is only in memory.
    pub fn lasting(&self) -> Self {
        Self {
            base: self.base.clone().filter(|base| !base.in_memory),
            adapters: self.adapters.iter().filter(|item| !item.in_memory).cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::{DownloadStage, ErrorKind, NewFile};

    use super::*;

    fn item(id: &str, kind: ItemKind) -> StoredItem {
        StoredItem {
            id: id.into(),
            kind,
            name: id.into(),
            licence: None,
            files: Vec::new(),
            in_memory: false,
            kept_ms: 0.0,
            used_ms: 0.0,
        }
    }

    fn wanted(address: &str) -> NewItem {
        let from = Origin::Url(address.into());
        let file = NewFile { name: "m.gguf".into(), from, sha256: None, size_bytes: None };
        NewItem { kind: ItemKind::Model, name: "m".into(), licence: None, files: vec![file] }
    }

    #[test]
    fn a_download_is_shown_until_it_ends() {
        let mut library = Library::default();
        library.keep(wanted("https://one.org/m.gguf"));
        library.keep(wanted("https://two.org/m.gguf"));
        assert_eq!(library.downloads[1].host.as_deref(), Some("two.org"));
        library.apply(DownloadEvent::Progress(DownloadProgress {
            download_id: 1,
            stage: DownloadStage::Receiving,
            done_bytes: 5,
            total_bytes: Some(9),
            bytes_per_second: None,
            seconds_left: None,
        }));
        assert_eq!(library.downloads[0].progress.as_ref().map(|progress| progress.done_bytes), Some(5));
        let error = WireError::new(ErrorKind::Network, "gone");
        library.apply(DownloadEvent::Failed { download_id: 1, error: error.clone() });
        assert_eq!((library.downloads.len(), library.problem.as_ref()), (1, Some(&error)));
        let kept = item("a", ItemKind::Model);
        let event = DownloadEvent::Kept { download_id: 2, item: kept.clone() };
        assert_eq!(library.apply(event), Some(kept));
        assert!(library.downloads.is_empty());
    }

    #[test]
    fn only_the_last_look_counts() {
        let mut library = Library::default();
        library.look_up("https://h.co", "a/b");
        library.look_up("https://h.co", " c/d ");
        let error = WireError::new(ErrorKind::Network, "gone");
        library.apply(DownloadEvent::NotFound { look_up_id: 1, error: error.clone() });
        assert!(matches!(&library.look_up, LookUp::Asking { repository, .. } if repository == "c/d"));
        library.apply(DownloadEvent::NotFound { look_up_id: 2, error: error.clone() });
        assert_eq!(library.look_up, LookUp::NotFound(error));
    }

    #[test]
    fn what_is_no_longer_stored_is_no_longer_chosen() {
        let mut library = Library::default();
        for chosen in [item("m", ItemKind::Model), item("a", ItemKind::Adapter), item("b", ItemKind::Adapter)]
        {
            library.chosen.choose(chosen);
        }
        library.chosen.choose(item("a", ItemKind::Adapter));
        assert_eq!(library.chosen.adapters.len(), 2);
        let shelf = Shelf { items: vec![item("b", ItemKind::Adapter)], ..Shelf::default() };
        library.apply(DownloadEvent::Shelf(shelf));
        assert_eq!((library.chosen.base.is_none(), library.chosen.adapters[0].id.as_str()), (true, "b"));
    }

    #[test]
    fn what_is_in_memory_does_not_last() {
        let mut chosen = Chosen::default();
        chosen.choose(StoredItem { in_memory: true, ..item("m", ItemKind::Model) });
        chosen.choose(item("a", ItemKind::Adapter));
        assert_eq!((chosen.lasting().base, chosen.lasting().adapters.len()), (None, 1));
    }
}
