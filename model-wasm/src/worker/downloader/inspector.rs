//! Looks at the first bytes of an item's GGUF files, wherever they come from: what cannot run is refused before the
//! rest of it is fetched.

use std::cell::{Cell, RefCell};

use protocol::{HeaderFacts, NewFile, NewItem, WireError};

use crate::session::{Judge, MOST_BYTES, Verdict};

pub(super) struct Inspector<'a> {
    /// `None` where the files are no GGUF files.
    judge: Option<RefCell<Judge>>,
    /// The present file's name.
    name: RefCell<String>,
    has_begun: Cell<bool>,
    verdict: RefCell<Option<Verdict>>,
    tell: Box<dyn Fn(HeaderFacts) + 'a>,
}

impl<'a> Inspector<'a> {
    /// `tell` is told what the headers say, whenever one has come.
    pub(super) fn new(item: &NewItem, tell: impl Fn(HeaderFacts) + 'a) -> Self {
        let is_gguf = |file: &NewFile| file.name.to_ascii_lowercase().ends_with(".gguf");
        let all = !item.files.is_empty() && item.files.iter().all(is_gguf);
        Self {
            judge: all.then(|| RefCell::new(Judge::new(item.files.len(), MOST_BYTES))),
            name: RefCell::default(),
            has_begun: Cell::new(false),
            verdict: RefCell::default(),
            tell: Box::new(tell),
        }
    }

    /// The next file begins; the same file once more begins anew.
    pub(super) fn begin(&self, file: &NewFile, size_bytes: Option<u64>) {
        let Some(judge) = &self.judge else { return };
        let is_same = self.has_begun.replace(true) && *self.name.borrow() == file.name;
        if is_same {
            judge.borrow_mut().restart_file(size_bytes);
        } else {
            judge.borrow_mut().begin_file(size_bytes);
            self.name.replace(file.name.clone());
        }
    }

    /// The present file begins anew, perhaps with other bytes.
    pub(super) fn restart(&self, size_bytes: Option<u64>) {
        if let Some(judge) = &self.judge {
            judge.borrow_mut().restart_file(size_bytes);
        }
    }

    /// The next bytes of the present file.
    ///
    /// # Errors
    /// When they say that it cannot run.
    pub(super) fn see(&self, bytes: &[u8]) -> Result<(), WireError> {
        let Some(judge) = &self.judge else { return Ok(()) };
        self.note(judge.borrow_mut().push(bytes))
    }

    /// The present file has ended.
    ///
    /// # Errors
    /// When it cannot run, or is too short to say.
    pub(super) fn end(&self, file_bytes: u64) -> Result<(), WireError> {
        let Some(judge) = &self.judge else { return Ok(()) };
        self.note(judge.borrow_mut().end_file(file_bytes))
    }

    /// What the headers say that have come.
    pub(super) fn verdict(&self) -> Option<Verdict> {
        self.verdict.borrow().clone()
    }

    fn note(&self, judged: Result<Option<Verdict>, crate::session::SessionError>) -> Result<(), WireError> {
        let judged = judged.map_err(|error| {
            let error = WireError::from(error);
            WireError::new(error.kind, format!("{}: {}.", self.name.borrow(), error.message))
        })?;
        if let Some(verdict) = judged {
            (self.tell)(verdict.facts.clone());
            self.verdict.replace(Some(verdict));
        }
        Ok(())
    }
}
