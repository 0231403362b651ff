//! Bytes from other places: what a download does, told apart from how a browser does it.
//!
//! [`download`] is the state machine, [`hub`] reads what a model hub says of a repository; both are plain and tested
//! natively. `browser` performs the requests.

#[cfg(target_arch = "wasm32")]
pub(crate) mod browser;
pub mod download;
pub mod head;
pub mod hub;
pub mod rate;
mod retry;

use protocol::{ErrorKind, WireError};

pub use download::{Body, Download, DownloadError, Expected, Kept, Step};
pub use head::Head;
pub use rate::Rate;
pub use retry::Patience;

impl From<DownloadError> for WireError {
    fn from(error: DownloadError) -> Self {
        let kind = match error {
            DownloadError::Hash { .. } => ErrorKind::OtherFile,
            _ => ErrorKind::Network,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<hub::HubError> for WireError {
    fn from(error: hub::HubError) -> Self {
        let kind = match error {
            hub::HubError::BadName(_) | hub::HubError::NoFile { .. } | hub::HubError::WantsAccount(_) => {
                ErrorKind::InvalidRequest
            }
            _ => ErrorKind::Network,
        };
        Self::new(kind, error.to_string())
    }
}

/// What is wrong with the first bytes of a file, going by its name: a `.gguf` begins with `GGUF`.
pub fn wrong_start(name: &str, start: &[u8]) -> Option<WireError> {
    let is_model = name.to_ascii_lowercase().ends_with(".gguf");
    let is_wrong = is_model && !start.starts_with(&b"GGUF"[..start.len().min(4)]);
    is_wrong.then(|| {
        let shown = start.escape_ascii();
        WireError::new(
            ErrorKind::InvalidModel,
            format!("{name} is no GGUF file: it begins with \"{shown}\"."),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_begins_as_a_model() {
        assert_eq!(wrong_start("m.GGUF", b"GGUF\x03\0\0\0"), None);
        assert_eq!(wrong_start("adapter_config.json", b"{"), None);
        let error = wrong_start("m.gguf", b"PK\x03\x04").expect("a zip file");
        assert_eq!(error.kind, ErrorKind::InvalidModel);
        assert!(error.message.contains("PK"), "{}", error.message);
    }
}
