//! What the page knows of the models and adapters that people bring: what is stored, what is on its way, what the
//! hub has shown. Plain data: requests go out as values, events come in as values.

use protocol::{
    DownloadEvent, DownloadId, DownloadProgress, DownloadRequest, HeaderFacts, InquiryId, ItemKind, LookUpId,
    NewItem, Origin, Repository, Shelf, StoredItem, WireError,
};

use super::{Chosen, Inquiry, Press};

/// What people brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Library {
    /// What is stored; known once the downloader has been asked.
    pub shelf: Option<Shelf>,
    /// What is on its way.
    pub downloads: Vec<Coming>,
    /// What the hub was last asked.
    pub look_up: LookUp,
    /// The address of a model that is being typed.
    pub model_address: Inquiry,
    /// The address of an adapter that is being typed.
    pub adapter_address: Inquiry,
    /// What went wrong last.
    pub problem: Option<WireError>,
    /// What the lanes run on instead of what lies beside the page.
    pub chosen: Chosen,
    /// Items that will be deleted as soon as nothing else is being written.
    leaving: Vec<String>,
    last_download_id: DownloadId,
    last_look_up_id: LookUpId,
    last_inquiry_id: InquiryId,
}

impl Default for Library {
    fn default() -> Self {
        Self {
            shelf: None,
            downloads: Vec::new(),
            look_up: LookUp::default(),
            model_address: Inquiry::new(ItemKind::Model),
            adapter_address: Inquiry::new(ItemKind::Adapter),
            problem: None,
            chosen: Chosen::default(),
            leaving: Vec::new(),
            last_download_id: 0,
            last_look_up_id: 0,
            last_inquiry_id: 0,
        }
    }
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
    /// SHA-256 of its first file, where it is known before it comes.
    pub sha256: Option<String>,
    /// How far it is.
    pub progress: Option<DownloadProgress>,
    /// What its headers say, once they have come.
    pub facts: Option<HeaderFacts>,
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

const KINDS: [ItemKind; 2] = [ItemKind::Model, ItemKind::Adapter];

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
        let (name, sha256) = (item.name.clone(), item.files.first().and_then(|file| file.sha256.clone()));
        self.downloads.push(Coming { download_id, name, host, sha256, progress: None, facts: None });
        DownloadRequest::Keep { download_id, item }
    }

    /// Asks for a damaged item to be fetched again.
    pub fn repair(&mut self, item: &StoredItem) -> DownloadRequest {
        let download_id = self.next_download_id();
        let (name, sha256, facts) = (item.name.clone(), Some(item.id.clone()), item.facts.clone());
        self.downloads.push(Coming { download_id, name, host: None, sha256, progress: None, facts });
        DownloadRequest::Repair { download_id, item_id: item.id.clone() }
    }

    /// Asks the hub for a repository.
    pub fn look_up(&mut self, hub: &str, repository: &str) -> DownloadRequest {
        self.last_look_up_id += 1;
        let (look_up_id, repository) = (self.last_look_up_id, repository.trim().to_owned());
        self.look_up = LookUp::Asking { look_up_id, repository: repository.clone() };
        DownloadRequest::LookUp { look_up_id, hub: hub.to_owned(), repository }
    }

    /// The field for addresses of that kind.
    pub fn address(&self, kind: ItemKind) -> &Inquiry {
        match kind {
            ItemKind::Model => &self.model_address,
            ItemKind::Adapter => &self.adapter_address,
        }
    }

    /// The field for addresses of that kind.
    pub fn address_mut(&mut self, kind: ItemKind) -> &mut Inquiry {
        match kind {
            ItemKind::Model => &mut self.model_address,
            ItemKind::Adapter => &mut self.adapter_address,
        }
    }

    /// The button beside an address is pressed: the host is asked, or what it said is fetched. `None` while it is asked.
    ///
    /// # Errors
    /// When the address may not be fetched, or names nothing of the kind.
    pub fn press_address(&mut self, kind: ItemKind, hub: &str) -> Result<Option<DownloadRequest>, WireError> {
        let inquiry_id = self.last_inquiry_id + 1;
        match self.address_mut(kind).press(inquiry_id)? {
            Press::Wait => Ok(None),
            Press::Fetch(item) => Ok(Some(self.keep(item))),
            Press::Ask(readings) => {
                self.last_inquiry_id = inquiry_id;
                self.problem = None;
                Ok(Some(DownloadRequest::Inquire { inquiry_id, hub: hub.to_owned(), readings }))
            }
        }
    }

    /// Asks for an item to be deleted.
    pub fn delete(&mut self, item_id: &str) -> DownloadRequest {
        self.leaving.push(item_id.to_owned());
        DownloadRequest::Delete { item_id: item_id.to_owned() }
    }

    /// Whether an item waits to be deleted.
    pub fn is_leaving(&self, item_id: &str) -> bool {
        self.leaving.iter().any(|leaving| leaving == item_id)
    }

    /// Takes in what the downloader says. Returns the item that has just been kept.
    pub fn apply(&mut self, event: DownloadEvent) -> Option<StoredItem> {
        match event {
            DownloadEvent::Shelf(all) => {
                self.chosen.keep_those_on(&all);
                self.leaving.retain(|id| all.items.iter().any(|item| item.id == *id));
                self.shelf = Some(all);
            }
            DownloadEvent::Progress(progress) => {
                if let Some(coming) =
                    self.downloads.iter_mut().find(|it| it.download_id == progress.download_id)
                {
                    coming.progress = Some(progress);
                }
            }
            DownloadEvent::Judged { download_id, facts } => {
                if let Some(coming) = self.downloads.iter_mut().find(|it| it.download_id == download_id) {
                    coming.facts = Some(facts);
                }
            }
            DownloadEvent::Quoted { inquiry_id, item } => self.answer(inquiry_id, &Ok(item)),
            DownloadEvent::NotQuoted { inquiry_id, error } => self.answer(inquiry_id, &Err(error)),
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
                self.leaving.clear();
                for kind in KINDS {
                    self.address_mut(kind).give_up();
                }
                if matches!(self.look_up, LookUp::Asking { .. }) {
                    self.look_up = LookUp::Idle;
                }
                self.problem = Some(error);
            }
        }
        None
    }

    fn answer(&mut self, inquiry_id: InquiryId, answer: &Result<NewItem, WireError>) {
        for kind in KINDS {
            self.address_mut(kind).answer(inquiry_id, answer.clone());
        }
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

#[cfg(test)]
mod tests {
    use protocol::{DownloadStage, ErrorKind, NewFile};

    use super::*;
    use crate::state::testing::stored_item as item;

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
    fn an_address_is_asked_about_and_then_fetched() {
        let mut library = Library::default();
        library.address_mut(ItemKind::Adapter).edit("https://h.co/a/");
        let asked = library.press_address(ItemKind::Adapter, "https://hub.co").expect("an address");
        let Some(DownloadRequest::Inquire { inquiry_id, readings, .. }) = asked else { panic!("{asked:?}") };
        assert_eq!(library.press_address(ItemKind::Adapter, "https://hub.co"), Ok(None), "it is being asked");
        let item = readings[1].clone();
        library.apply(DownloadEvent::Quoted { inquiry_id, item: item.clone() });
        assert_eq!(
            library.press_address(ItemKind::Adapter, "https://hub.co"),
            Ok(Some(DownloadRequest::Keep { download_id: 1, item }))
        );
        assert!(library.press_address(ItemKind::Model, "https://hub.co").is_err(), "nothing stands there");
    }

    #[test]
    fn the_memory_that_it_needs_is_shown_while_it_comes() {
        let mut library = Library::default();
        library.keep(wanted("https://one.org/m.gguf"));
        let facts = HeaderFacts {
            architecture: "llama".into(),
            quantisation: "Q8_0".into(),
            memory_bytes: 9,
            cache_bytes_per_token: 1,
            context_length: 1,
        };
        library.apply(DownloadEvent::Judged { download_id: 1, facts: facts.clone() });
        assert_eq!(library.downloads[0].facts.as_ref(), Some(&facts));
    }

    #[test]
    fn what_waits_to_be_deleted_is_known_until_it_is_gone() {
        let mut library = Library::default();
        let shelf = Shelf { items: vec![item("m", ItemKind::Model)], ..Shelf::default() };
        library.delete("m");
        library.apply(DownloadEvent::Shelf(shelf));
        assert!(library.is_leaving("m"));
        library.apply(DownloadEvent::Shelf(Shelf::default()));
        assert!(!library.is_leaving("m"));
    }
}
