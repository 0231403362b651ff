//! What a download tells of its progress: not more often than people can read.

use std::cell::{Cell, RefCell};

use js_sys::Date;
use protocol::{DownloadId, DownloadProgress, DownloadStage, NewItem};

use crate::fetch::Rate;

const TELL_EVERY_MS: f64 = 100.0;

pub(super) struct Meter<'a> {
    download_id: DownloadId,
    /// Bytes of all files, where known.
    total_bytes: Cell<Option<u64>>,
    /// Bytes of the files that are done.
    before_bytes: Cell<u64>,
    rate: RefCell<Rate>,
    told_ms: Cell<f64>,
    told_stage: Cell<Option<DownloadStage>>,
    tell: Box<dyn Fn(DownloadProgress) + 'a>,
}

impl<'a> Meter<'a> {
    pub(super) fn new(download_id: DownloadId, item: &NewItem, tell: impl Fn(DownloadProgress) + 'a) -> Self {
        Self {
            download_id,
            total_bytes: Cell::new(item.files.iter().map(|file| file.size_bytes).sum()),
            before_bytes: Cell::new(0),
            rate: RefCell::default(),
            told_ms: Cell::new(0.0),
            told_stage: Cell::new(None),
            tell: Box::new(tell),
        }
    }

    /// The present file has come this far, of `file_bytes` where that is known.
    pub(super) fn note(&self, stage: DownloadStage, done_bytes: u64, file_bytes: Option<u64>) {
        let now_ms = Date::now();
        let done_bytes = self.before_bytes.get() + done_bytes;
        let total_bytes = self.total_bytes.get().or(file_bytes.map(|bytes| self.before_bytes.get() + bytes));
        if stage == DownloadStage::Receiving {
            self.rate.borrow_mut().note(now_ms, done_bytes);
        }
        if self.told_stage.get() == Some(stage) && now_ms - self.told_ms.get() < TELL_EVERY_MS {
            return;
        }
        self.told_ms.set(now_ms);
        self.told_stage.set(Some(stage));
        let rate = self.rate.borrow();
        let is_receiving = stage == DownloadStage::Receiving;
        (self.tell)(DownloadProgress {
            download_id: self.download_id,
            stage,
            done_bytes,
            total_bytes,
            bytes_per_second: rate.bytes_per_second().filter(|_| is_receiving),
            seconds_left: total_bytes.and_then(|total| rate.seconds_left(total)).filter(|_| is_receiving),
        });
    }

    /// The present file is done.
    pub(super) fn done(&self, file_bytes: u64) {
        self.before_bytes.set(self.before_bytes.get() + file_bytes);
    }
}
