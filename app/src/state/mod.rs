//! What the page knows, as plain data with its transitions, and the [`Desk`] that makes it reactive.

mod bring;
mod card;
mod catalogue;
mod chat;
mod chosen;
mod comparison;
mod desk;
mod diff;
mod engine_state;
pub mod format;
mod inquiry;
mod journal;
mod lane_state;
mod library;
mod made_with;
mod notice;
mod outside;
mod presets;
mod stop_texts;
#[cfg(test)]
mod testing;

pub use bring::{Offer, Picked, adapter_at, from_disk, is_known, model_at, offers};
pub use card::{AdapterCard, BaseCard, Card, ModelFile, Training};
pub use catalogue::{AdapterChoice, BaseChoice, Catalogue, Place, adapter_id};
pub use chat::{ChatMemory, ChatState, FormatChoice};
pub use chosen::{Chosen, is_refusal};
pub use comparison::{
    Comparison, MAX_EXAMPLES, MAX_LANES, MAX_NAME, MAX_TEXT, clamp_sampling, corner_of, cut,
};
pub use desk::{Desk, Instead, LaneSlot, PutAside};
pub use diff::{Piece, word_diff};
pub use engine_state::{EngineState, Loading, Subject};
pub use inquiry::{Inquiry, Press, Stage};
pub use journal::{JournalError, read_aside, read_journal, write_aside, write_journal};
pub use lane_state::{Against, LaneState, Phase, Question, Reading, Shown};
pub use library::{Coming, Library, LookUp};
pub use made_with::MadeWith;
pub use notice::Notice;
pub use outside::Outside;
pub use presets::{PRESETS, Preset};
pub use stop_texts::{read_stop_texts, write_stop_texts};
