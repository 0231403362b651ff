//! Files by path.

use std::{fs::File, io::Read, path::Path, sync::Arc, time::Instant};

use model_wasm::{
    adapter::Adapter,
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
    let mut loader = Loader::new(1, layout);
    loader.begin_file(file.metadata().map_err(unreadable)?.len());
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

/// Configuration and weights of a PEFT folder, or of a weights file in one.
pub(crate) fn adapter_files(path: impl AsRef<Path>) -> Result<(Vec<u8>, Vec<u8>), Failure> {
    let path = path.as_ref();
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let weights = if path.is_dir() { path.join("adapter_model.safetensors") } else { path.to_owned() };
    Ok((read(folder.join("adapter_config.json"))?, read(weights)?))
}

/// The weights that `--adapter PATH[@scale]` names.
pub(crate) fn weights(arguments: &Arguments, model: &Model) -> Result<Weights, Failure> {
    let Some(text) = arguments.text("adapter") else { return Ok(Weights::base()) };
    let (path, scale) = with_scale(text)?;
    let (config, file) = adapter_files(path)?;
    let adapter = Adapter::load(&config, &file, model).map_err(failed)?;
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
