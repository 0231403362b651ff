//! Where there is no browser there is no worker.

use protocol::{ErrorKind, Event, Request, WireError};

/// A worker that never starts.
pub(super) struct Worker;

impl Worker {
    pub(super) fn start(_receive: impl Fn(Event) + 'static) -> Result<Self, WireError> {
        Err(WireError::new(ErrorKind::UnsupportedBrowser, "There is no browser to start a worker in."))
    }

    #[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "the signature is the browser's")]
    pub(super) fn send(&self, _request: &Request) -> Result<(), WireError> {
        Ok(())
    }
}
