//! Which adapter a set of files is: PEFT's two, MLX's two, or one of GGUF.

use super::{AdapterError, gguf, mlx, peft, reading::Reading};

const CONFIG: &str = "adapter_config.json";
const PEFT: &str = "adapter_model.safetensors";
const MLX: &str = "adapters.safetensors";

/// The files of one adapter.
#[derive(Debug, Clone, Copy)]
pub struct Files<'a> {
    /// `adapter_config.json`; GGUF adapters have none.
    pub config: Option<&'a [u8]>,
    /// The weights: safetensors or GGUF.
    pub weights: &'a [u8],
}

/// Where the files of one adapter are in a list of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// The configuration; `None` beside a GGUF file.
    pub config: Option<usize>,
    /// The weights.
    pub weights: usize,
}

/// Finds the files of one adapter by their names, among others that a folder may hold.
///
/// The names that PEFT and MLX give go first; else the only `.gguf` file, or the only `.safetensors` file with the
/// only `.json` file, is taken, so that files that were renamed on the way are found too.
///
/// # Errors
/// Names the half that is missing, or says that there is no adapter or more than one.
pub fn choose(names: &[&str]) -> Result<Places, AdapterError> {
    let lower: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    let called = |wanted: &str| lower.iter().position(|name| name == wanted);
    let of_kind = |ending: &str| -> Vec<usize> {
        (0..names.len()).filter(|&place| lower[place].ends_with(ending)).collect()
    };
    let (ggufs, tensors, configs) = (of_kind(".gguf"), of_kind(".safetensors"), of_kind(".json"));
    let usual: Vec<usize> = [PEFT, MLX].into_iter().filter_map(called).collect();
    let weights: Vec<usize> =
        ggufs.iter().chain(if usual.is_empty() { &tensors } else { &usual }).copied().collect();
    match *weights {
        [weights] if ggufs.contains(&weights) => Ok(Places { config: None, weights }),
        [weights] => match (called(CONFIG), &configs[..]) {
            (Some(config), _) | (None, &[config]) => Ok(Places { config: Some(config), weights }),
            _ => {
                let there = if lower[weights] == MLX { MLX } else { PEFT };
                Err(AdapterError::MissingFile { there, missing: CONFIG })
            }
        },
        [] => Err(without_weights(names, &lower, called(CONFIG).is_some())),
        _ => {
            let names: Vec<&str> = weights.into_iter().map(|place| names[place]).collect();
            Err(AdapterError::SeveralAdapters(names.join(", ")))
        }
    }
}

fn without_weights(names: &[&str], lower: &[String], has_config: bool) -> AdapterError {
    let called = |wanted: &str| lower.iter().position(|name| name == wanted);
    for (name, reason) in [
        ("adapter_model.bin", "a pickle can run programs; save the adapter as safetensors"),
        ("adapters.npz", "save the adapter with a newer mlx-lm, as safetensors"),
    ] {
        if let Some(place) = called(name) {
            return AdapterError::UnsupportedFile { file: names[place].to_owned(), reason };
        }
    }
    if has_config {
        AdapterError::MissingFile { there: CONFIG, missing: PEFT }
    } else {
        AdapterError::NoFiles
    }
}

impl Files<'_> {
    /// Reads the adapter by what the files hold, whatever they are called.
    pub(super) fn read(self) -> Result<Reading, AdapterError> {
        match self.config {
            _ if self.weights.starts_with(b"GGUF") => gguf::read(self.weights),
            None => Err(AdapterError::MissingFile { there: PEFT, missing: CONFIG }),
            Some(config) => {
                let fields = peft::fields(config)?;
                if mlx::is_config(&fields) {
                    mlx::read(&fields, self.weights)
                } else {
                    peft::read(&fields, self.weights)
                }
            }
        }
    }
}
