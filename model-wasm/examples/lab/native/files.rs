//! Files by path.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::Read,
    path::Path,
    sync::Arc,
    time::Instant,
};

use model_wasm::{
    adapter::{Adapter, Files, choose},
    engine::{AnyEngine, Weights},
    model::{Layout, Model},
    session::{Base, Loader, Session},
    threads::{self, Number},
};
use protocol::{ErrorKind, WireError};
use serde::de::DeserializeOwned;

use super::{
    Failure,
    arguments::{Arguments, with_scale},
    failed, usage,
};

pub(crate) fn read(path: impl AsRef<Path>) -> Result<Vec<u8>, Failure> {
    let path = path.as_ref();
    std::fs::read(path)
        .map_err(|error| WireError::new(ErrorKind::Network, format!("{}: {error}", path.display())))
}

pub(crate) fn read_text(path: impl AsRef<Path>) -> Result<String, Failure> {
    let path = path.as_ref();
    String::from_utf8(read(path)?).map_err(|_| usage(&format!("{} is not UTF-8", path.display())))
}

pub(crate) fn read_json<T: DeserializeOwned>(path: impl AsRef<Path>) -> Result<T, Failure> {
    let path = path.as_ref();
    serde_json::from_slice(&read(path)?).map_err(|error| usage(&format!("{}: {error}", path.display())))
}

/// A model from its file, read part by part.
pub(crate) fn load(path: impl AsRef<Path>, layout: Layout) -> Result<Base, Failure> {
    const PART_BYTES: usize = 1 << 20;
    let path = path.as_ref();
    let unreadable = |error: std::io::Error| usage(&format!("{}: {error}", path.display()));
    let mut file = File::open(path).map_err(unreadable)?;
    let mut loader = Loader::new(1, layout, usize::MAX);
    loader.begin_file(Some(file.metadata().map_err(unreadable)?.len()));
    let mut part = vec![0; PART_BYTES];
    loop {
        let length = file.read(&mut part).map_err(unreadable)?;
        if length == 0 {
            break;
        }
        loader.push(&part[..length]).map_err(failed)?;
    }
    loader.end_file().map_err(failed)?;
    loader.finish().map_err(failed)
}

pub(crate) fn base(arguments: &Arguments) -> Result<Base, Failure> {
    let started = Instant::now();
    let layout = arguments.engine()?.layout();
    let base = load(arguments.needed("model")?, layout)?;
    eprintln!("model loaded in {:?}", started.elapsed());
    Ok(base)
}

/// The files of an adapter.
pub(crate) struct AdapterFiles {
    config: Option<Vec<u8>>,
    weights: Vec<u8>,
}

impl AdapterFiles {
    /// Of a folder, of a GGUF file, or of a safetensors file and the configuration beside it.
    pub(crate) fn read(path: impl AsRef<Path>) -> Result<Self, Failure> {
        let path = path.as_ref();
        let is_folder = path.is_dir();
        let folder = if is_folder { path } else { path.parent().unwrap_or(path) };
        let weights = path.file_name().filter(|_| !is_folder).map(OsStr::to_owned);
        let is_configuration = |name: &OsString| Path::new(name).extension().is_some_and(|own| own == "json");
        let beside = names_in(folder)?.into_iter().filter(|name| is_folder || is_configuration(name));
        let names: Vec<OsString> = weights.into_iter().chain(beside).collect();
        let texts: Vec<_> = names.iter().map(|name| name.to_string_lossy()).collect();
        let places = choose(&texts.iter().map(AsRef::as_ref).collect::<Vec<_>>()).map_err(failed)?;
        Ok(Self {
            config: places.config.map(|place| read(folder.join(&names[place]))).transpose()?,
            weights: read(folder.join(&names[places.weights]))?,
        })
    }

    /// As the reader of adapters takes them.
    pub(crate) fn files(&self) -> Files<'_> {
        Files { config: self.config.as_deref(), weights: &self.weights }
    }
}

/// The names of what is in a folder, in order.
fn names_in(folder: &Path) -> Result<Vec<OsString>, Failure> {
    // The folder of a bare name is the one that the lab runs in.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let unreadable = |error: std::io::Error| usage(&format!("{}: {error}", folder.display()));
    let entries = folder.read_dir().map_err(unreadable)?;
    let names = entries.map(|entry| entry.map(|entry| entry.file_name()));
    let mut names: Vec<_> = names.collect::<Result<_, _>>().map_err(unreadable)?;
    names.sort();
    Ok(names)
}

/// The weights that `--adapter PATH[@scale]` names.
pub(crate) fn weights(arguments: &Arguments, model: &Model) -> Result<Weights, Failure> {
    let Some(text) = arguments.text("adapter") else { return Ok(Weights::base()) };
    let (path, scale) = with_scale(text)?;
    let adapter = Adapter::from_files(AdapterFiles::read(path)?.files(), model).map_err(failed)?;
    Ok(Weights::adapter(Arc::new(adapter), scale))
}

/// The engine that `--engine` names, on `--threads` threads.
pub(crate) fn engine(arguments: &Arguments, base: &Base) -> Result<AnyEngine, Failure> {
    let choice = arguments.engine()?;
    threads::start_native(arguments.number("threads", 1)?, Number::Fixed);
    Ok(choice.engine(Arc::clone(&base.model)))
}

/// A session on the engine that `--engine` names, on `--threads` threads.
pub(crate) fn session(arguments: &Arguments) -> Result<Session<AnyEngine>, Failure> {
    let choice = arguments.engine()?;
    threads::start_native(arguments.number("threads", 1)?, Number::Fixed);
    let start = Instant::now();
    Ok(Session::new(move |model| choice.engine(model), move || start.elapsed().as_secs_f64() * 1000.0))
}
