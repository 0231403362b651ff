//! Where there is no browser there is no worker.

use protocol::{ErrorKind, WireError};
use serde::{Serialize, de::DeserializeOwned};

use super::Script;
use crate::platform::PickedFile;

/// A worker that never starts.
pub(super) struct Worker;

impl Worker {
    pub(super) fn start<T: DeserializeOwned>(
        script: Script,
        _receive: impl Fn(Result<T, WireError>, Vec<PickedFile>) + 'static,
    ) -> Result<Self, WireError> {
        let message = format!("There is no browser to start {} in.", script.meta_name());
        Err(WireError::new(ErrorKind::UnsupportedBrowser, message))
    }

    #[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "the signature is the browser's")]
    pub(super) fn send(&self, _request: &impl Serialize, _files: &[PickedFile]) -> Result<(), WireError> {
        Ok(())
    }
}
