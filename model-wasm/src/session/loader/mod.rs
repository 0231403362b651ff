//! A model out of its files, part by part as they come.
//!
//! The header is kept until it is whole; then it is known whether the model can run and what memory it takes,
//! and every tensor is put where it stays, sixteen rows at a time, as its bytes come. So neither a file nor a large part
//! of it is ever in memory beside what it becomes.
//! [`Judge`] decides by the same rules and the headers alone, for whoever is about to fetch the files.

mod judge;
mod start;

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use protocol::{MOST_MEMORY_BYTES, ModelInfo, OwnTemplate};
use sha2::{Digest, Sha256};

use super::{Base, SessionError};
use crate::{
    chat::ChatTemplate,
    engine::cpu::warm_up,
    gguf::{GgufError, Header, TensorInfo, TensorType},
    model::{CachePrecision, Config, Format, Layout, Model, ModelError, Plan, Tensors, weights_by_type},
    tokenizer::Tokenizer,
};

pub use judge::{Judge, Verdict};
use start::Start;

/// What is needed beside the weights and the cache: activations, tokenizer, code.
const SCRATCH_BYTES: u64 = 64 << 20;
/// The most memory that a model can have here.
pub const MOST_BYTES: u64 = if cfg!(target_pointer_width = "32") { MOST_MEMORY_BYTES } else { u64::MAX };

/// See the module.
pub struct Loader {
    layout: Layout,
    /// Tokens that a lane may hold, where the model can.
    context_length: usize,
    /// How many files there are.
    n_files: usize,
    /// SHA-256 of those that have ended.
    ended: Vec<String>,
    /// Bytes of the present file, where somebody has said.
    size_bytes: Option<u64>,
    /// Those that have come.
    read_bytes: u64,
    stage: Stage,
    /// Of the present file.
    hash: Sha256,
    /// Once the first header is whole.
    found: Option<Found>,
}

enum Stage {
    /// What there is of a header.
    Header(Start),
    /// Tensors that are not whole, in order of their places, and how many bytes of the file were put where they stay.
    Tensors { coming: VecDeque<(String, TensorInfo)>, position: usize },
}

/// What the headers say.
struct Found {
    config: Config,
    tokenizer: Tokenizer,
    template: Option<ChatTemplate>,
    tensors: Tensors,
    /// Types of weights whose kernels have run.
    warm: BTreeSet<TensorType>,
    info: ModelInfo,
}

impl Default for Stage {
    fn default() -> Self {
        Self::Header(Start::default())
    }
}

impl Loader {
    /// A loader of a model in so many files, which are to come in their order. Its lanes may hold `context_length` tokens,
    /// or what the model was made for where that is less.
    pub fn new(n_files: usize, layout: Layout, context_length: usize) -> Self {
        let (stage, hash) = (Stage::default(), Sha256::new());
        let (ended, size_bytes, read_bytes) = (Vec::new(), None, 0);
        Self { layout, context_length, n_files, ended, size_bytes, read_bytes, stage, hash, found: None }
    }

    /// Begins the next file, of `size_bytes` where that is known.
    pub fn begin_file(&mut self, size_bytes: Option<u64>) {
        (self.size_bytes, self.read_bytes) = (size_bytes, 0);
        (self.stage, self.hash) = (Stage::default(), Sha256::new());
    }

    /// Takes the next bytes of the present file.
    ///
    /// # Errors
    /// When the file is damaged, or its model cannot run.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), SessionError> {
        self.hash.update(bytes);
        self.read_bytes += bytes.len() as u64;
        match &mut self.stage {
            Stage::Header(start) => {
                let size_bytes = self.size_bytes.unwrap_or(u64::MAX);
                let Some((header, bytes)) = start.push(bytes, size_bytes)? else { return Ok(()) };
                self.begin(&header)?;
                self.take(&bytes)
            }
            Stage::Tensors { .. } => self.take(bytes),
        }
    }

    /// Ends the present file, and returns its SHA-256 in lower-case hexadecimal.
    ///
    /// # Errors
    /// When there is more to it.
    pub fn end_file(&mut self) -> Result<String, SessionError> {
        if let Stage::Header(start) = &mut self.stage {
            let (header, bytes) = start.end(self.size_bytes.unwrap_or(self.read_bytes))?;
            self.begin(&header)?;
            self.take(&bytes)?;
        }
        if let Stage::Tensors { coming, .. } = &self.stage
            && let Some((name, _)) = coming.front()
        {
            return Err(GgufError::Truncated { what: format!("tensor {name:?}") }.into());
        }
        if let Some(found) = &mut self.found {
            found.info.size_bytes += self.read_bytes;
        }
        let sha256 = crate::hex(&std::mem::take(&mut self.hash).finalize());
        self.ended.push(sha256.clone());
        Ok(sha256)
    }

    /// The model, once all files have ended. Its SHA-256 is that of its file; of several files, that of their
    /// SHA-256s one after the other.
    ///
    /// # Errors
    /// When something is missing.
    pub fn finish(self) -> Result<Base, SessionError> {
        let missing = || GgufError::Truncated { what: "the header".to_owned() };
        let Found { config, tokenizer, template, tensors, mut info, .. } = self.found.ok_or_else(missing)?;
        if self.ended.len() < self.n_files {
            return Err(missing().into());
        }
        info.sha256 = sha256_of_parts(&self.ended);
        let model = Arc::new(Model::new(config, tensors, info)?);
        Ok(Base { model, tokenizer, template })
    }

    /// Decides on a header.
    fn begin(&mut self, header: &Header) -> Result<(), SessionError> {
        check_part(header, self.ended.len(), self.n_files)?;
        if is_adapter(header)? {
            return Err(ModelError::IsAdapter.into());
        }
        if self.found.is_none() {
            self.found = Some(Found::new(header, self.layout, self.context_length)?);
        }
        let Some(found) = &mut self.found else { return Ok(()) };
        found.add(header, self.n_files == 1)?;
        let plan = found.tensors.plan();
        let mut coming: Vec<(String, TensorInfo)> = header
            .tensors
            .iter()
            .filter(|(name, _)| plan.takes(name))
            .map(|(name, info)| (name.clone(), info.clone()))
            .collect();
        coming.sort_by_key(|(_, info)| info.range.start);
        self.stage = Stage::Tensors { coming: coming.into(), position: 0 };
        Ok(())
    }

    /// Takes bytes behind those of the header.
    fn take(&mut self, mut new: &[u8]) -> Result<(), SessionError> {
        let (Stage::Tensors { coming, position }, Some(found)) = (&mut self.stage, &mut self.found) else {
            return Ok(());
        };
        while let Some((name, info)) = coming.front() {
            let before = info.range.start.saturating_sub(*position).min(new.len());
            new = &new[before..];
            *position += before;
            if new.is_empty() {
                return Ok(());
            }
            let (now, later) = new.split_at((info.range.end - *position).min(new.len()));
            *position += now.len();
            new = later;
            if !found.put(name, info, now)? {
                return Ok(());
            }
            coming.pop_front();
        }
        Ok(())
    }
}

/// What names a model in several files: the SHA-256 of their SHA-256s (lower-case hexadecimal) one after the other; of
/// one file, its own.
pub fn sha256_of_parts(parts: &[String]) -> String {
    match parts {
        [only] => only.clone(),
        several => crate::hex(&Sha256::digest(several.concat())),
    }
}

impl Found {
    fn new(header: &Header, layout: Layout, context_length: usize) -> Result<Self, SessionError> {
        let (mut config, tokenizer, template, chat) = read_metadata(header)?;
        let own_context_length = config.context_length as u32;
        config.context_length = config.context_length.min(context_length);
        let architecture = config.architecture.to_owned();
        let info = ModelInfo {
            name: header.metadata.text("general.name")?.unwrap_or(&architecture).to_owned(),
            architecture,
            parameters: 0,
            quantisation: String::new(),
            context_length: config.context_length as u32,
            own_context_length,
            cache_bytes: config.cache_bytes(config.context_length),
            vocabulary: config.vocabulary as u32,
            size_bytes: 0,
            memory_bytes: 0,
            sha256: String::new(),
            tokenizer_sha256: tokenizer.sha256().to_owned(),
            chat,
        };
        let tensors = Tensors::new(Plan::new(&config), layout);
        Ok(Self { config, tokenizer, template, tensors, warm: BTreeSet::new(), info })
    }

    /// Puts the next bytes of a tensor where they stay, and says whether they were the last. In a browser the first tensor
    /// of each type warms up the kernels, while the rest is on its way.
    fn put(&mut self, name: &str, info: &TensorInfo, bytes: &[u8]) -> Result<bool, ModelError> {
        let is_whole = self.tensors.add(name, info, bytes)?;
        if cfg!(target_arch = "wasm32")
            && is_whole
            && let Some(matrix) = self.tensors.packed(name)
            && self.warm.insert(info.tensor_type)
        {
            warm_up(&matrix);
        }
        Ok(is_whole)
    }

    /// Counts in the tensors of a file. Those of split models are in several.
    fn add(&mut self, header: &Header, is_all: bool) -> Result<(), SessionError> {
        let plan = self.tensors.plan();
        plan.check(header, is_all)?;
        let weights_bytes = plan.memory_bytes(header, self.tensors.layout());
        self.info.memory_bytes += weights_bytes;
        self.info.parameters += weights_by_type(header).values().sum::<u64>();
        if let Some(most) = commonest_type(header) {
            self.info.quantisation = most;
        }
        check_memory(&self.config, self.info.memory_bytes, MOST_BYTES)?;
        check_device(weights_bytes)
    }
}

/// Whether this device gives so much memory now. It is given back at once: on WebAssembly the module keeps it, so what
/// is loaded then finds it.
fn check_device(bytes: u64) -> Result<(), SessionError> {
    let mut held = Vec::new();
    for piece in pieces(bytes) {
        let mut probe = Vec::<u8>::new();
        if probe.try_reserve_exact(piece).is_err() {
            return Err(ModelError::OutOfMemory { needed_bytes: bytes }.into());
        }
        // Memory that nobody seems to use need not be asked for.
        held.push(std::hint::black_box(probe));
    }
    Ok(())
}

/// The sizes in which so much memory is asked for: where addresses have 32 bits, no piece can have 2 GiB, and room for
/// a large one is hard to find.
fn pieces(bytes: u64) -> impl Iterator<Item = usize> {
    const MOST: u64 = 512 << 20;
    let whole = std::iter::repeat_n(MOST as usize, (bytes / MOST) as usize);
    whole.chain(Some((bytes % MOST) as usize).filter(|rest| *rest > 0))
}

/// What the first header of a model says beside its tensors.
fn read_metadata(
    header: &Header,
) -> Result<(Config, Tokenizer, Option<ChatTemplate>, OwnTemplate), SessionError> {
    let tokenizer = Tokenizer::new(&header.metadata)?;
    let (template, chat) = ChatTemplate::own(header.metadata.text("tokenizer.chat_template")?, &tokenizer);
    let mut config = Config::new(&header.metadata, tokenizer.vocabulary())?;
    config.cache_precision = cache_precision(header);
    Ok((config, tokenizer, template, chat))
}

/// How keys and values are kept: as exactly as the weights are multiplied. Of a split model the first part decides.
fn cache_precision(header: &Header) -> CachePrecision {
    let formats = header.tensors.values().filter_map(|info| Format::of(info.tensor_type));
    if formats.into_iter().any(Format::is_quantised) {
        CachePrecision::Integers
    } else {
        CachePrecision::Single
    }
}

/// Whether a header is that of an adapter.
fn is_adapter(header: &Header) -> Result<bool, GgufError> {
    Ok(header.metadata.text("general.type")? == Some("adapter"))
}

/// Refuses a part of a split model in the wrong place; `got` files came before it, of `files` in all.
fn check_part(header: &Header, got: usize, files: usize) -> Result<(), SessionError> {
    let of = header.metadata.u32("split.count")?.unwrap_or(1) as usize;
    let number = header.metadata.u32("split.no")?.unwrap_or(0) as usize;
    if of.max(1) != files || number != got {
        return Err(ModelError::WrongPart { number, of, got, files }.into());
    }
    Ok(())
}

/// The tensor type that holds most weights of a file.
fn commonest_type(header: &Header) -> Option<String> {
    let by_type = weights_by_type(header);
    by_type.iter().max_by_key(|(_, weights)| **weights).map(|(most, _)| most.to_string())
}

/// Whether a model with so many bytes of weights can run one lane, its context full, in `most_bytes` of memory.
fn check_memory(config: &Config, weights_bytes: u64, most_bytes: u64) -> Result<(), SessionError> {
    let cache_bytes = config.cache_bytes(config.context_length);
    let needed_bytes = weights_bytes.saturating_add(cache_bytes).saturating_add(SCRATCH_BYTES);
    if needed_bytes > most_bytes {
        let context_length = config.context_length;
        return Err(ModelError::TooLarge { needed_bytes, cache_bytes, context_length, most_bytes }.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
