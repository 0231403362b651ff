//! Whichever engine was chosen.

use std::sync::Arc;

use protocol::{EngineInfo, Proof};

use super::{
    Engine, EngineError, Run, SequenceId, Weights,
    cpu::{Cpu, Processor, warm_up_passes},
    reference::Reference,
};
use crate::model::{Layout, Model};

/// Which engine to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// The fast one on the fastest processor that is there.
    #[default]
    Best,
    /// The fast one on relaxed SIMD or its like, where that is there.
    Relaxed,
    /// The fast one without relaxed SIMD or its like.
    Simd,
    /// The plain one that the others are checked against.
    Reference,
}

impl Choice {
    /// The choice of that name: `cpu`, `cpu-relaxed`, `cpu-simd` or `reference`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "cpu" => Some(Self::Best),
            "cpu-relaxed" => Some(Self::Relaxed),
            "cpu-simd" => Some(Self::Simd),
            "reference" => Some(Self::Reference),
            _ => None,
        }
    }

    /// Which engine that will be on this machine.
    pub fn info(self) -> EngineInfo {
        match self {
            Self::Best | Self::Relaxed => Cpu::info_on(Processor::best()),
            Self::Simd => Cpu::info_on(Processor::Simd),
            Self::Reference => Reference::described(),
        }
    }

    /// How that engine wants matrices to lie.
    pub fn layout(self) -> Layout {
        match self {
            Self::Best | Self::Relaxed | Self::Simd => Layout::Packed,
            Self::Reference => Layout::Blocks,
        }
    }

    /// Lets a browser optimise that engine's code before there is a model.
    pub fn warm_up(self, now_ms: &dyn Fn() -> f64) {
        match self {
            Self::Best | Self::Relaxed => warm_up_passes(Processor::best(), now_ms),
            Self::Simd => warm_up_passes(Processor::Simd, now_ms),
            Self::Reference => {}
        }
    }

    /// That engine for one base model.
    pub fn engine(self, model: Arc<Model>) -> AnyEngine {
        match self {
            Self::Best => AnyEngine::Cpu(Cpu::new(model)),
            Self::Relaxed => AnyEngine::Cpu(Cpu::on(Processor::best(), model)),
            Self::Simd => AnyEngine::Cpu(Cpu::on(Processor::Simd, model)),
            Self::Reference => AnyEngine::Reference(Reference::new(model)),
        }
    }
}

/// See the module.
#[allow(clippy::large_enum_variant, reason = "there is one of it")]
pub enum AnyEngine {
    /// The plain one.
    Reference(Reference),
    /// The fast one.
    Cpu(Cpu),
}

macro_rules! each {
    ($self:ident, $engine:ident => $call:expr) => {
        match $self {
            Self::Reference($engine) => $call,
            Self::Cpu($engine) => $call,
        }
    };
}

impl Engine for AnyEngine {
    fn info(&self) -> EngineInfo {
        each!(self, engine => engine.info())
    }

    fn tune(&mut self, now_ms: &dyn Fn() -> f64) {
        each!(self, engine => engine.tune(now_ms));
    }

    fn model(&self) -> &Arc<Model> {
        each!(self, engine => engine.model())
    }

    fn open(&mut self, weights: Weights) -> SequenceId {
        each!(self, engine => engine.open(weights))
    }

    fn fork(&mut self, sequence: SequenceId, length: usize) -> Result<SequenceId, EngineError> {
        each!(self, engine => engine.fork(sequence, length))
    }

    fn close(&mut self, sequence: SequenceId) {
        each!(self, engine => engine.close(sequence));
    }

    fn reset(&mut self, sequence: SequenceId, length: usize) {
        each!(self, engine => engine.reset(sequence, length));
    }

    fn proof(&self, sequence: SequenceId) -> Result<Proof, EngineError> {
        each!(self, engine => engine.proof(sequence))
    }

    async fn prefill(&mut self, sequence: SequenceId, tokens: &[u32]) -> Result<(), EngineError> {
        each!(self, engine => engine.prefill(sequence, tokens).await)
    }

    async fn read(&mut self, runs: &[Run<'_>]) -> Result<Vec<Vec<f32>>, EngineError> {
        each!(self, engine => engine.read(runs).await)
    }
}
