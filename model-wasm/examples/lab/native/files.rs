//! Files by path.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use model_wasm::{
    adapter::{Adapter, Files, choose},
    engine::{AnyEngine, Weights},
    gguf::{GgufError, Header},
    model::{Layout, Model},
    session::{Base, Loader, Session},
    threads::{self, Number},
};
use serde::de::DeserializeOwned;

use super::{
    Failure,
    arguments::{Arguments, with_scale},
    failed, usage,
};

pub(crate) fn read(path: impl AsRef<Path>) -> Result<Vec<u8>, Failure> {
    let path = path.as_ref();
    std::fs::read(path).map_err(|error| unreadable(path, &error))
}

pub(crate) fn read_text(path: impl AsRef<Path>) -> Result<String, Failure> {
    let path = path.as_ref();
    String::from_utf8(read(path)?).map_err(|_| usage(&format!("{} is not UTF-8", path.display())))
}

pub(crate) fn read_json<T: DeserializeOwned>(path: impl AsRef<Path>) -> Result<T, Failure> {
    let path = path.as_ref();
    serde_json::from_slice(&read(path)?).map_err(|error| usage(&format!("{}: {error}", path.display())))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    usage(&format!("{}: {error}", path.display()))
}

/// The files of a model: of `stem-00002-of-00003.gguf` all three, in their order; of another name, that file.
pub(crate) fn parts(path: &Path) -> Vec<PathBuf> {
    parts_by_name(path).unwrap_or_else(|| vec![path.to_owned()])
}

fn parts_by_name(path: &Path) -> Option<Vec<PathBuf>> {
    let number = |digits: &str| (digits.len() == 5).then(|| digits.parse::<u32>().ok()).flatten();
    let (rest, count) = path.file_name()?.to_str()?.strip_suffix(".gguf")?.rsplit_once("-of-")?;
    let (stem, part) = rest.rsplit_once('-')?;
    let (part, count) = (number(part)?, number(count)?);
    let file = |part| path.with_file_name(format!("{stem}-{part:05}-of-{count:05}.gguf"));
    (1..=count).contains(&part).then(|| (1..=count).map(file).collect())
}

/// A model from its files, read part by part.
pub(crate) fn load(path: impl AsRef<Path>, layout: Layout) -> Result<Base, Failure> {
    let paths = parts(path.as_ref());
    let mut loader = Loader::new(paths.len(), layout, usize::MAX);
    for path in &paths {
        load_file(&mut loader, path)?;
    }
    loader.finish().map_err(failed)
}

fn load_file(loader: &mut Loader, path: &Path) -> Result<(), Failure> {
    const CHUNK_BYTES: usize = 1 << 20;
    let unreadable = |error| unreadable(path, &error);
    let mut file = File::open(path).map_err(unreadable)?;
    loader.begin_file(Some(file.metadata().map_err(unreadable)?.len()));
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let length = file.read(&mut chunk).map_err(unreadable)?;
        if length == 0 {
            break;
        }
        loader.push(&chunk[..length]).map_err(failed)?;
    }
    loader.end_file().map_err(failed)?;
    Ok(())
}

/// The header of a GGUF file, of which no more is read than that takes.
pub(crate) fn header(path: &Path) -> Result<Header, Failure> {
    const FIRST_TRY: usize = 1 << 16;
    let unreadable = |error| unreadable(path, &error);
    let mut file = File::open(path).map_err(unreadable)?;
    let size_bytes = file.metadata().map_err(unreadable)?.len();
    let mut start = Vec::new();
    loop {
        let before = start.len();
        file.by_ref().take(before.max(FIRST_TRY) as u64).read_to_end(&mut start).map_err(unreadable)?;
        match Header::parse_start(&start, size_bytes) {
            Err(GgufError::Truncated { .. }) if start.len() > before => {}
            header => return header.map_err(failed),
        }
    }
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
    let unreadable = |error| unreadable(folder, &error);
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
