//! What tests of the state begin with.

use protocol::{ItemKind, ModelInfo, OwnTemplate, StoredItem};

/// A stored item of that id, without files.
pub(super) fn stored_item(id: &str, kind: ItemKind) -> StoredItem {
    StoredItem {
        id: id.into(),
        kind,
        name: id.into(),
        licence: None,
        files: Vec::new(),
        in_memory: false,
        facts: None,
        kept_ms: 0.0,
        used_ms: 0.0,
    }
}

/// A loaded model of that SHA-256, with a chat template that works.
pub(super) fn model_info(sha256: &str) -> ModelInfo {
    ModelInfo {
        name: "m".into(),
        architecture: "llama".into(),
        parameters: 1,
        quantisation: "Q8_0".into(),
        context_length: 8,
        own_context_length: 8,
        cache_bytes: 1,
        vocabulary: 4,
        size_bytes: 9,
        memory_bytes: 9,
        sha256: sha256.into(),
        tokenizer_sha256: String::new(),
        chat: OwnTemplate::Works { thinks: false, reads_date: false },
    }
}
