//! What somebody brought, and what it is going by its names: models, models in parts, and adapters as PEFT, mlx-lm and
//! llama.cpp's converter save them. What a `.gguf` file holds is known only when its header has come.

mod address;
mod disk;
mod repository;

use protocol::{ItemKind, NewFile, NewItem};

pub use address::{adapter_at, model_at};
pub use disk::{Picked, from_disk, is_known};
pub use repository::{Offer, offers};

const CONFIG: &str = "adapter_config.json";
const PEFT: &str = "adapter_model.safetensors";
const MLX: &str = "adapters.safetensors";

/// `stem-00002-of-00003.gguf`
#[derive(Debug, Clone, PartialEq, Eq)]
struct Split {
    stem: String,
    /// From 1.
    part: u32,
    count: u32,
}

impl Split {
    fn of(name: &str) -> Option<Self> {
        let stem = name.strip_suffix(".gguf")?;
        let (rest, count) = stem.rsplit_once("-of-")?;
        let (stem, part) = rest.rsplit_once('-')?;
        let number = |digits: &str| (digits.len() == 5).then(|| digits.parse::<u32>().ok()).flatten();
        let (part, count) = (number(part)?, number(count)?);
        (1..=count).contains(&part).then(|| Self { stem: stem.to_owned(), part, count })
    }

    /// The names of all parts, in their order.
    fn names(&self) -> impl Iterator<Item = String> + '_ {
        (1..=self.count).map(|part| format!("{}-{part:05}-of-{:05}.gguf", self.stem, self.count))
    }
}

fn is_gguf(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".gguf")
}

/// What GGUF files make, in the order of their parts.
fn model(files: Vec<NewFile>, licence: Option<String>) -> NewItem {
    let name_of = |name: &str| match Split::of(name) {
        Some(split) => split.stem,
        None => name.trim_end_matches(".gguf").to_owned(),
    };
    let name = files.first().map(|file| name_of(&file.name)).unwrap_or_default();
    NewItem { kind: ItemKind::Model, name, licence, files }
}

/// What weights and a configuration make.
fn adapter(name: String, weights: NewFile, config: NewFile, licence: Option<String>) -> NewItem {
    NewItem { kind: ItemKind::Adapter, name, licence, files: vec![weights, config] }
}
