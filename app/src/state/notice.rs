//! What the banner says: what happened, and what the person can do about it.

use protocol::{ErrorKind, WireError};

use super::JournalError;
use crate::share::LinkError;

const UNKEPT: &str = "unkept";

/// Something the person should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// `data-kind` of the banner.
    pub kind: &'static str,
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub advice: &'static str,
}

impl Notice {
    /// A notice about a journal that cannot be read.
    pub fn journal(error: &JournalError) -> Self {
        Self {
            kind: "journal",
            message: format!("Your last comparison could not be read back: {error}."),
            advice: "The default comparison is shown. The old one is kept aside in this browser.",
        }
    }

    /// A notice about changes that a reload will not bring back.
    pub fn unkept(why: &str) -> Self {
        Self {
            kind: UNKEPT,
            message: format!("A reload will not bring your last changes back: {why}."),
            advice: "What was kept before stays. Shorten a text or remove a lane to have it kept again.",
        }
    }

    /// Whether it is one about changes that are not kept.
    pub fn is_unkept(&self) -> bool {
        self.kind == UNKEPT
    }
}

impl From<&WireError> for Notice {
    fn from(error: &WireError) -> Self {
        let advice = match error.kind {
            ErrorKind::Network => "Check the connection, then press Run again.",
            ErrorKind::OtherFile => {
                "The file has changed where it lies, or was damaged on its way. Try again, or another file."
            }
            ErrorKind::DamagedStore => {
                "It is fetched again where that is possible; otherwise choose the file again."
            }
            ErrorKind::InvalidModel => "Press Run to fetch it again; your comparison stays as it is.",
            ErrorKind::UnsupportedModel => "Choose another model file.",
            ErrorKind::InvalidAdapter => {
                "Press Run to fetch the adapter again, or pick another one in the lane."
            }
            ErrorKind::UnsupportedAdapter | ErrorKind::AdapterMismatch => "Pick another adapter in the lane.",
            ErrorKind::Template => {
                "Change the lane's prompt, or choose another chat format on the Models page."
            }
            ErrorKind::PromptTooLong => "Shorten the prompt, the input, or the worked examples.",
            ErrorKind::InvalidRequest => "Check the lane's settings, then press Run again.",
            ErrorKind::OutOfMemory => "Close other tabs or remove lanes, then press Run again.",
            ErrorKind::UnsupportedBrowser => {
                "Use a current Chrome, Edge, Firefox or Safari, or take the engine setting out of the address."
            }
            ErrorKind::Internal => {
                "This is a fault of the page. Press Run again: it starts afresh, and your comparison stays."
            }
        };
        Self { kind: error.kind.name(), message: error.message.clone(), advice }
    }
}

impl From<&LinkError> for Notice {
    fn from(error: &LinkError) -> Self {
        Self {
            kind: "link",
            message: format!("This link cannot be opened: {error}."),
            advice: "Ask for the link again, whole. Until then, here is your own comparison.",
        }
    }
}
