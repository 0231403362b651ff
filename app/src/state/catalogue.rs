//! What the lanes can run on: one base, and adapters by their ids.

use protocol::{ItemKind, Source, StoredFile, StoredItem};

use super::{Card, Chosen};

/// The base, and what can be applied to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalogue {
    /// The base.
    pub base: BaseChoice,
    /// Adapters by id.
    pub adapters: Vec<AdapterChoice>,
}

/// A base model that can be loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct BaseChoice {
    /// What people call it.
    pub name: String,
    /// Size of its files together.
    pub size_bytes: u64,
    /// SHA-256 of its first file.
    pub sha256: String,
    /// Its files.
    pub files: Vec<Place>,
    /// Tokens that its lanes may hold, where it was made for as many.
    pub context_length: u32,
}

/// An adapter that can be loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct AdapterChoice {
    /// Its name in lanes and links.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// SHA-256 of its weights.
    pub sha256: String,
    /// `adapter_config.json`; GGUF adapters have none.
    pub config: Option<Place>,
    /// `adapter_model.safetensors`, or what a stored adapter has in its place.
    pub weights: Place,
    /// Whether lanes are offered it: it is known to fit the base, or is being tried.
    pub is_offered: bool,
}

/// Where a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Beside the page, by its path.
    Beside(String),
    /// Kept by the downloader, by its SHA-256.
    Stored(String),
}

impl Place {
    /// The place as the worker is told it; `address` makes a path absolute.
    pub fn source(&self, address: impl Fn(&str) -> String) -> Source {
        match self {
            Self::Beside(path) => Source::Url(address(path)),
            Self::Stored(sha256) => Source::Stored(sha256.clone()),
        }
    }
}

impl Catalogue {
    /// What lies beside the page, with what somebody chose in the place of its base. The page's own adapters are for
    /// its own base; those of the person are for whatever they fit.
    pub fn new(card: Option<&Card>, chosen: &Chosen) -> Option<Self> {
        let context_length = chosen.context_length();
        let base = match (&chosen.base, card) {
            (Some(item), _) => BaseChoice::stored(item, context_length),
            (None, card) => BaseChoice::of_card(card?, context_length),
        };
        let is_cards = |card: &&Card| card.base.files.iter().any(|file| file.sha256 == base.sha256);
        let of_card = card.filter(is_cards).into_iter().flat_map(|card| &card.adapters).map(|adapter| {
            let file = |name: &str| {
                Place::Beside(versioned(&format!("{}/{name}", adapter.folder), &adapter.weights_sha256))
            };
            AdapterChoice {
                id: adapter.id.clone(),
                name: adapter.name.clone(),
                sha256: adapter.weights_sha256.clone(),
                config: Some(file("adapter_config.json")),
                weights: file("adapter_model.safetensors"),
                is_offered: true,
            }
        });
        let own = chosen
            .adapters
            .iter()
            .filter_map(|item| AdapterChoice::stored(item, chosen.is_offered(&item.id, &base.sha256)));
        let adapters = of_card.chain(own).collect();
        Some(Self { base, adapters })
    }

    /// The adapters that lanes are offered.
    pub fn offered(&self) -> impl Iterator<Item = &AdapterChoice> {
        self.adapters.iter().filter(|adapter| adapter.is_offered)
    }

    /// The adapter of that id.
    pub fn adapter(&self, id: &str) -> Option<&AdapterChoice> {
        self.adapters.iter().find(|adapter| adapter.id == id)
    }
}

impl BaseChoice {
    fn of_card(card: &Card, context_length: u32) -> Self {
        let file = card.default_file();
        Self {
            name: card.base.name.clone(),
            size_bytes: file.size_bytes,
            sha256: file.sha256.clone(),
            files: vec![Place::Beside(versioned(&file.file, &file.sha256))],
            context_length,
        }
    }

    fn stored(item: &StoredItem, context_length: u32) -> Self {
        Self {
            name: item.name.clone(),
            size_bytes: item.size_bytes(),
            sha256: item.id.clone(),
            files: item.files.iter().map(stored).collect(),
            context_length,
        }
    }
}

impl AdapterChoice {
    fn stored(item: &StoredItem, is_offered: bool) -> Option<Self> {
        let file = |ending: &str| item.files.iter().find(|file| file.name.ends_with(ending)).map(stored);
        (item.kind == ItemKind::Adapter).then_some(())?;
        Some(Self {
            id: adapter_id(&item.id),
            name: item.name.clone(),
            sha256: item.id.clone(),
            config: file(".json"),
            weights: file(".safetensors").or_else(|| file(".gguf"))?,
            is_offered,
        })
    }
}

/// A stored adapter's name in lanes and links: it changes with the weights, and with nothing else.
pub fn adapter_id(sha256: &str) -> String {
    format!("own-{}", sha256.get(..12).unwrap_or(sha256))
}

fn stored(file: &StoredFile) -> Place {
    Place::Stored(file.sha256.clone())
}

/// A path that changes with the file's content, so that no cache answers with an older one.
fn versioned(path: &str, sha256: &str) -> String {
    format!("models/{path}?v={}", sha256.get(..12).unwrap_or(sha256))
}
