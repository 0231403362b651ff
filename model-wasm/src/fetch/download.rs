//! One file's download as a plain state machine: requests out, responses in, no clock, no network, no disk.
//!
//! Whoever drives it asks [`Download::next`] what to do, performs it, and reports what came:
//! [`Download::on_response`] for the head, [`Download::on_bytes`] for each part of the body, then
//! [`Download::on_end`] or [`Download::on_break`]. Every request is a range request: that way a host says the
//! file's whole size at once and sends it without a content encoding. Only hosts that hide from this page which part
//! they send, or refuse to be asked for one, are asked for the whole file. The rules for ranges, validators and
//! status codes are those of RFC 9110 (sections 13.1.5, 14 and 15).

use sha2::{Digest, Sha256};

use super::{
    head::{ContentRange, Head, RetryAfter},
    retry::Retries,
};
use crate::hex;

/// What is known of a file before it comes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: Option<String>,
    /// Its size.
    pub size_bytes: Option<u64>,
}

/// What an earlier attempt kept of the file: as many bytes as were handed to [`Download::resume`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// The strong entity tag of those bytes.
    pub etag: Option<String>,
    /// The whole file's size.
    pub total_bytes: Option<u64>,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Ask for the file from `from_bytes` to its end.
    Request {
        /// `Range: bytes=FROM-`
        from_bytes: u64,
        /// `If-Range`, where it is to be sent.
        if_range: Option<String>,
    },
    /// Ask for the whole file without naming a range: what was kept is worth nothing.
    RequestWhole,
    /// Do nothing for so long, and then ask again.
    Wait {
        /// How long, in milliseconds.
        wait_ms: u64,
    },
    /// All bytes are there and are the right ones.
    Done {
        /// SHA-256 of the whole file, in lower-case hexadecimal.
        sha256: String,
        /// The whole file's size.
        size_bytes: u64,
    },
    /// It cannot be had.
    Failed(DownloadError),
}

/// What to do with a response's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Append it to what is kept.
    Append,
    /// Empty what is kept, and then append it.
    Restart,
    /// Close it unread, and ask [`Download::next`].
    Discard,
}

/// Why a file cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum DownloadError {
    #[error("the host answers {status}{}", meaning(*.status))]
    Status { status: u16 },
    #[error("the host answers with a web page instead of the file")]
    WebPage,
    #[error("the file has {got} bytes, {expected} were promised")]
    Size { expected: u64, got: u64 },
    #[error("the file's SHA-256 is {got}, expected {expected}")]
    Hash { expected: String, got: String },
    #[error("the host answers ranges wrongly: {0}")]
    Range(String),
    #[error("the file is empty")]
    Empty,
    #[error("the host is busy and asks to come back in {seconds} seconds")]
    Busy { seconds: u64 },
    #[error("the connection broke {attempts} times without a byte in between: {last}")]
    Broken { attempts: u32, last: String },
}

/// What the commonest refusals mean.
fn meaning(status: u16) -> &'static str {
    match status {
        401 | 403 => " (it wants an account or a consent that this page does not give)",
        404 | 410 => " (there is no such file)",
        _ => "",
    }
}

/// What the download is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    /// The next request can go out.
    Ready,
    /// The next request goes out after a while.
    Resting {
        wait_ms: u64,
    },
    /// A request is out.
    Asked,
    /// Its body is coming.
    Receiving,
    Over(Step),
}

/// Whether a host can be asked for a part of a file: its CORS rules may forbid the Range header, or hide Content-Range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parts {
    /// As far as is known.
    Shown,
    /// A request for the first byte got no answer; the next one goes without the header.
    Unanswered,
    /// It does not say which part it sends, so only a whole file can be taken from it.
    Hidden,
}

/// See the module.
#[derive(Debug)]
pub struct Download {
    expected: Expected,
    etag: Option<String>,
    total_bytes: Option<u64>,
    kept_bytes: u64,
    hasher: Sha256,
    /// The start of the file, to know a web page by.
    start: Vec<u8>,
    /// Whether the kept bytes came in more than one answer.
    is_stitched: bool,
    /// A host's CORS rules may forbid the If-Range header; then its answer's tag is compared here.
    may_send_if_range: bool,
    parts: Parts,
    retries: Retries,
    phase: Phase,
}

/// As many bytes of a file's start as tell a web page.
const START_BYTES: usize = 64;

impl Download {
    /// A download from the first byte.
    pub fn new(expected: Expected) -> Self {
        Self {
            total_bytes: expected.size_bytes,
            expected,
            etag: None,
            kept_bytes: 0,
            hasher: Sha256::new(),
            start: Vec::new(),
            is_stitched: false,
            may_send_if_range: true,
            parts: Parts::Shown,
            retries: Retries::default(),
            phase: Phase::Ready,
        }
    }

    /// A download that goes on behind bytes that an earlier one kept, part by part in their order; they are
    /// hashed again here.
    pub fn resume<'a>(expected: Expected, kept: Kept, parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut download = Self::new(expected);
        download.remember(kept);
        for part in parts {
            download.take_kept(part);
        }
        download
    }

    /// Takes over what an earlier download knew of the bytes that [`Self::take_kept`] is about to be given.
    pub fn remember(&mut self, kept: Kept) {
        self.etag = kept.etag;
        self.total_bytes = self.expected.size_bytes.or(kept.total_bytes);
        self.is_stitched = true;
    }

    /// Takes over the next of the bytes that an earlier download kept.
    pub fn take_kept(&mut self, part: &[u8]) {
        self.note(part);
    }

    /// Bytes that are there.
    pub fn kept_bytes(&self) -> u64 {
        self.kept_bytes
    }

    /// The whole file's size, once it is known.
    pub fn total_bytes(&self) -> Option<u64> {
        self.total_bytes
    }

    /// What a later download must know to go on behind the bytes that are there.
    pub fn kept(&self) -> Kept {
        Kept { etag: self.etag.clone(), total_bytes: self.total_bytes }
    }

    /// What to do now.
    pub fn next_step(&mut self) -> Step {
        match std::mem::replace(&mut self.phase, Phase::Asked) {
            Phase::Resting { wait_ms } => {
                self.phase = Phase::Ready;
                Step::Wait { wait_ms }
            }
            Phase::Over(step) => {
                self.phase = Phase::Over(step.clone());
                step
            }
            Phase::Ready | Phase::Asked | Phase::Receiving => {
                let is_whole = self.kept_bytes > 0 && self.total_bytes == Some(self.kept_bytes);
                if is_whole {
                    self.finish();
                    return self.next_step();
                }
                if self.kept_bytes > 0 && !self.can_go_on() {
                    self.forget();
                }
                if self.kept_bytes == 0 && self.parts != Parts::Shown {
                    return Step::RequestWhole;
                }
                let if_range = self.etag.clone().filter(|_| self.kept_bytes > 0 && self.may_send_if_range);
                Step::Request { from_bytes: self.kept_bytes, if_range }
            }
        }
    }

    /// Bytes behind which something may be appended: a tag says that the file is the same, or its hash will.
    fn can_go_on(&self) -> bool {
        let fits = self.total_bytes.is_none_or(|total| self.kept_bytes < total);
        fits && self.parts != Parts::Hidden && (self.etag.is_some() || self.expected.sha256.is_some())
    }

    /// The head of the answer to the last request. `now_ms` counts milliseconds since 1970.
    pub fn on_response(&mut self, head: &Head, now_ms: f64) -> Body {
        match head.status {
            206 => self.on_part(head),
            200 => self.on_whole(head),
            416 => self.on_unsatisfiable(head),
            408 | 425 | 429 | 500..=599 => {
                self.rest(head.retry_after(now_ms), &format!("the host answers {}", head.status))
            }
            status => self.fail(DownloadError::Status { status }),
        }
    }

    fn on_part(&mut self, head: &Head) -> Body {
        if head.content_range.is_none() && self.parts != Parts::Hidden {
            self.parts = Parts::Hidden;
            self.forget();
            return self.again(0);
        }
        let Some(range) = head.content_range() else {
            return self.distrust("it does not say which part it sends");
        };
        let ContentRange::Part { first, last, total } = range else {
            return self.distrust("it sends a part and names none");
        };
        let length = last - first + 1;
        if first != self.kept_bytes || last + 1 != total {
            return self
                .distrust(&format!("asked from byte {}, it sends {first} to {last}", self.kept_bytes));
        }
        if head.content_length.is_some_and(|announced| announced != length) {
            return self.distrust("its Content-Length is not that of the part");
        }
        if head.is_web_page() {
            return self.fail(DownloadError::WebPage);
        }
        if let Some(expected) = self.expected.size_bytes.filter(|expected| *expected != total) {
            return self.fail(DownloadError::Size { expected, got: total });
        }
        let is_other = self.kept_bytes > 0
            && (self.total_bytes.is_some_and(|before| before != total)
                || (self.etag.is_some() && head.etag.is_some() && head.strong_etag() != self.etag));
        // Without If-Range and without a visible tag only the hash can tell whether the file is still the same.
        let is_unproven = self.kept_bytes > 0
            && head.etag.is_none()
            && !self.may_send_if_range
            && self.expected.sha256.is_none();
        if is_other || is_unproven {
            self.forget();
            return self.again(0);
        }
        self.total_bytes = Some(total);
        self.etag = head.strong_etag().or(self.etag.take());
        self.is_stitched |= self.kept_bytes > 0;
        self.phase = Phase::Receiving;
        Body::Append
    }

    fn on_whole(&mut self, head: &Head) -> Body {
        if head.is_web_page() {
            return self.fail(DownloadError::WebPage);
        }
        let announced = head.content_length.filter(|_| !head.is_encoded());
        if let (Some(expected), Some(got)) = (self.expected.size_bytes, announced)
            && expected != got
        {
            return self.fail(DownloadError::Size { expected, got });
        }
        let had_bytes = self.kept_bytes > 0;
        self.forget();
        self.total_bytes = self.expected.size_bytes.or(announced);
        self.etag = head.strong_etag();
        self.phase = Phase::Receiving;
        if had_bytes { Body::Restart } else { Body::Append }
    }

    fn on_unsatisfiable(&mut self, head: &Head) -> Body {
        match head.content_range() {
            Some(ContentRange::Unsatisfied { total: 0 }) => self.fail(DownloadError::Empty),
            Some(ContentRange::Unsatisfied { total }) if total == self.kept_bytes => {
                self.total_bytes = Some(total);
                self.finish();
                Body::Discard
            }
            _ if self.kept_bytes == 0 => self.fail(DownloadError::Status { status: 416 }),
            _ => {
                self.forget();
                self.again(0)
            }
        }
    }

    /// Bytes of the body, in their order. What does not belong to the file ends the download.
    pub fn on_bytes(&mut self, part: &[u8]) {
        if self.phase != Phase::Receiving {
            return;
        }
        self.note(part);
        self.retries.progress();
        if looks_like_a_web_page(&self.start) {
            self.fail(DownloadError::WebPage);
        } else if let Some(expected) = self.total_bytes.filter(|total| self.kept_bytes > *total) {
            self.fail(DownloadError::Size { expected, got: self.kept_bytes });
        }
    }

    /// Whether more of the body is wanted.
    pub fn is_receiving(&self) -> bool {
        self.phase == Phase::Receiving
    }

    /// The body has ended as it should.
    pub fn on_end(&mut self) {
        if self.phase != Phase::Receiving {
            return;
        }
        match self.total_bytes {
            Some(total) if self.kept_bytes < total => self.on_break("the answer is shorter than announced"),
            _ if self.kept_bytes == 0 => _ = self.fail(DownloadError::Empty),
            _ => self.finish(),
        }
    }

    /// The request got no answer, or its body broke off.
    pub fn on_break(&mut self, why: &str) {
        if matches!(self.phase, Phase::Over(_)) {
            return;
        }
        // Perhaps it is a header that is refused; the next request goes without.
        if self.phase == Phase::Asked && self.kept_bytes > 0 {
            self.may_send_if_range = false;
        } else if self.phase == Phase::Asked {
            self.parts = match self.parts {
                Parts::Shown => Parts::Unanswered,
                Parts::Unanswered => Parts::Shown,
                Parts::Hidden => Parts::Hidden,
            };
        }
        self.rest(None, why);
    }

    /// What is kept is worth nothing: the storage behind it lost it, or it was asked for anew.
    pub fn forget(&mut self) {
        self.kept_bytes = 0;
        self.hasher = Sha256::new();
        self.start.clear();
        self.etag = None;
        self.total_bytes = self.expected.size_bytes;
        self.is_stitched = false;
    }

    fn note(&mut self, part: &[u8]) {
        let room = START_BYTES.saturating_sub(self.start.len()).min(part.len());
        self.start.extend_from_slice(&part[..room]);
        self.hasher.update(part);
        self.kept_bytes += part.len() as u64;
    }

    fn finish(&mut self) {
        let sha256 = hex(&self.hasher.clone().finalize());
        match &self.expected.sha256 {
            Some(expected) if *expected != sha256 => {
                let error = DownloadError::Hash { expected: expected.clone(), got: sha256 };
                if self.is_stitched {
                    // The parts may be of two files; whole, it gets another chance.
                    self.forget();
                    self.again(0);
                } else {
                    self.fail(error);
                }
            }
            _ => self.phase = Phase::Over(Step::Done { sha256, size_bytes: self.kept_bytes }),
        }
    }

    /// A part that is not the one asked for: nothing of it is taken, and the file starts over.
    fn distrust(&mut self, why: &str) -> Body {
        self.forget();
        match self.retries.after_distrust() {
            Some(wait_ms) => self.again(wait_ms),
            None => self.fail(DownloadError::Range(why.to_owned())),
        }
    }

    fn rest(&mut self, asked: Option<RetryAfter>, why: &str) -> Body {
        match self.retries.after_break(asked) {
            Ok(wait_ms) => self.again(wait_ms),
            Err(None) => {
                self.fail(DownloadError::Broken { attempts: self.retries.attempts(), last: why.to_owned() })
            }
            Err(Some(seconds)) => self.fail(DownloadError::Busy { seconds }),
        }
    }

    fn again(&mut self, wait_ms: u64) -> Body {
        self.phase = if wait_ms == 0 { Phase::Ready } else { Phase::Resting { wait_ms } };
        Body::Discard
    }

    fn fail(&mut self, error: DownloadError) -> Body {
        self.phase = Phase::Over(Step::Failed(error));
        Body::Discard
    }
}

/// A page of HTML under another content type.
fn looks_like_a_web_page(start: &[u8]) -> bool {
    let text = start.trim_ascii_start();
    let begins =
        |with: &str| text.len() >= with.len() && text[..with.len()].eq_ignore_ascii_case(with.as_bytes());
    begins("<!doctype html") || begins("<html")
}

#[cfg(test)]
#[path = "download_tests.rs"]
mod tests;
