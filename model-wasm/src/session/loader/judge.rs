//! Whether a model or an adapter can run, and what memory it takes, by the headers of its files alone: known when the
//! first bytes have come, before the rest is fetched.

use protocol::{CONTEXT_LENGTHS, HeaderFacts, ItemKind};

use super::{
    SCRATCH_BYTES, SessionError, check_memory, check_part, commonest_type, is_adapter, read_metadata,
    start::Start,
};
use crate::{
    adapter,
    gguf::Header,
    model::{Config, Layout, ModelError, Plan},
};

/// What the headers say that have come so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What the files are, whatever somebody took them for.
    pub kind: ItemKind,
    /// What is worth telling.
    pub facts: HeaderFacts,
}

/// Judges the GGUF files of one model or adapter, in their order.
pub struct Judge {
    n_files: usize,
    most_bytes: u64,
    /// Those before the present one.
    before: Vec<File>,
    present: Present,
    /// What the model's first header says of those that follow, and the context that the model was made for.
    model: Option<(Config, Plan, u32)>,
}

enum Present {
    /// Its header is coming. The size is `None` where no host has said it.
    Coming(Start, Option<u64>),
    Judged(File),
    /// Nothing has begun.
    None,
}

/// A file whose header was judged.
struct File {
    verdict: Verdict,
    /// Weights as they will lie in memory, in bytes.
    weights_bytes: u64,
}

impl Judge {
    /// A judge of so many files, which lets models have `most_bytes` of memory ([`super::MOST_BYTES`] is what there is).
    pub fn new(n_files: usize, most_bytes: u64) -> Self {
        Self { n_files, most_bytes, before: Vec::new(), present: Present::None, model: None }
    }

    /// Begins the next file, of `size_bytes` where that is known.
    pub fn begin_file(&mut self, size_bytes: Option<u64>) {
        if let Present::Judged(file) = std::mem::replace(&mut self.present, Present::None) {
            self.before.push(file);
        }
        self.present = Present::Coming(Start::default(), size_bytes);
    }

    /// The present file begins anew, perhaps with other bytes.
    pub fn restart_file(&mut self, size_bytes: Option<u64>) {
        if self.before.is_empty() {
            self.model = None;
        }
        self.present = Present::Coming(Start::default(), size_bytes);
    }

    /// Takes the next bytes of the present file, and gives the verdict as soon as its header is whole. Later bytes are not
    /// looked at.
    ///
    /// # Errors
    /// When the header is damaged, or the model cannot run, or not here.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Option<Verdict>, SessionError> {
        let Present::Coming(start, size_bytes) = &mut self.present else { return Ok(None) };
        if let Some(file_bytes) = size_bytes.filter(|size_bytes| *size_bytes > self.most_bytes) {
            let needed_bytes = file_bytes.saturating_add(SCRATCH_BYTES);
            let (cache_bytes, context_length, most_bytes) = (0, 0, self.most_bytes);
            let error = ModelError::TooLarge { needed_bytes, cache_bytes, context_length, most_bytes };
            return Err(error.into());
        }
        let Some((header, _)) = start.push(bytes, size_bytes.unwrap_or(u64::MAX))? else { return Ok(None) };
        self.judge(&header).map(Some)
    }

    /// The present file has ended, after `file_bytes`. Gives the verdict if there was none before.
    ///
    /// # Errors
    /// As [`Self::push`], and when the file ends in its header.
    pub fn end_file(&mut self, file_bytes: u64) -> Result<Option<Verdict>, SessionError> {
        let Present::Coming(start, _) = &mut self.present else { return Ok(None) };
        let (header, _) = start.end(file_bytes)?;
        self.judge(&header).map(Some)
    }

    fn judge(&mut self, header: &Header) -> Result<Verdict, SessionError> {
        let file = if is_adapter(header)? { self.adapter(header)? } else { self.model(header)? };
        let verdict = file.verdict.clone();
        self.present = Present::Judged(file);
        Ok(verdict)
    }

    fn adapter(&self, header: &Header) -> Result<File, SessionError> {
        if self.n_files > 1 {
            return Err(ModelError::IsAdapter.into());
        }
        let (architecture, weights_bytes) = adapter::gguf::judge(header)?;
        let quantisation = commonest_type(header).unwrap_or_default();
        let facts = HeaderFacts {
            architecture,
            quantisation,
            memory_bytes: weights_bytes,
            cache_bytes_per_token: 0,
            context_length: 0,
        };
        Ok(File { verdict: Verdict { kind: ItemKind::Adapter, facts }, weights_bytes })
    }

    fn model(&mut self, header: &Header) -> Result<File, SessionError> {
        check_part(header, self.before.len(), self.n_files)?;
        let (config, plan, own_context_length) = match &mut self.model {
            Some(model) => model,
            none => {
                let (mut config, ..) = read_metadata(header)?;
                let (plan, own_context_length) = (Plan::new(&config), config.context_length as u32);
                // What does not fit with the shortest context does not fit with any.
                config.context_length = config.context_length.min(CONTEXT_LENGTHS[0] as usize);
                none.insert((config, plan, own_context_length))
            }
        };
        plan.check(header, self.n_files == 1)?;
        let weights_bytes = plan.memory_bytes(header, Layout::Packed);
        let before: u64 = self.before.iter().map(|file| file.weights_bytes).sum();
        let all_weights_bytes = before.saturating_add(weights_bytes);
        check_memory(config, all_weights_bytes, self.most_bytes)?;
        let facts = HeaderFacts {
            architecture: config.architecture.to_owned(),
            quantisation: commonest_type(header).unwrap_or_default(),
            memory_bytes: all_weights_bytes.saturating_add(SCRATCH_BYTES),
            cache_bytes_per_token: config.cache_bytes(1),
            context_length: *own_context_length,
        };
        Ok(File { verdict: Verdict { kind: ItemKind::Model, facts }, weights_bytes })
    }
}
