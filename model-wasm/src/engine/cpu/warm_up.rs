//! Runs kernels before they are needed, so that a browser has optimised them by then.
//!
//! A browser compiles WebAssembly quickly at first; what has run for some milliseconds it compiles anew and better, on
//! a thread of its own. The kernels of products are large, and without this the first prompt would be read by the quick
//! ones, and the second thread of the engine would share its core with the compiler: two threads read the first prompt no
//! faster than one. It compiles functions as a whole, with the parts that are never run, so that the passes and kernels of
//! different processors and types are functions of their own.

use std::sync::Arc;

use super::{
    super::{
        Engine as _, Weights,
        batch::{Run, Wanted},
    },
    CHUNK, Cpu,
    processor::{OnSimd, Processor},
};
use crate::{
    kernels::{
        BLOCK,
        activations::Inputs,
        packed::Packed,
        product::{Output, Streams, matmul},
        simd::Simd,
    },
    model::Model,
    threads::pool,
};

/// Blocks that each kernel multiplies with a row: some milliseconds' worth.
const BLOCKS: usize = 16_000;
/// Rows of activations for which there are kernels of their own: a step of one lane, of some lanes, a prompt.
const KERNELS: [(usize, Streams); 5] =
    [(1, Streams::One), (1, Streams::Four), (4, Streams::One), (4, Streams::Four), (16, Streams::One)];

/// How long passes are run through: by then all that they call is on its way through the better compiler.
const PASSES_MS: f64 = 80.0;
/// Steps of one token after each prompt: few, since a step spends most of its time on waking threads.
const STEPS: usize = 4;

/// Reads prompts and continues them on a model of zeros, so that what is not a product is optimised too before the first
/// model is there.
pub fn warm_up_passes(processor: Processor, now_ms: &dyn Fn() -> f64) {
    // Without memory for it there is none for a model either, and that is told then.
    let Ok(model) = Model::of_zeros() else { return };
    let mut engine = Cpu::on(processor, Arc::new(model));
    let started = now_ms();
    while now_ms() - started < PASSES_MS {
        let sequence = engine.open(Weights::base());
        engine.forward(&[Run { sequence, tokens: &[0; CHUNK] }], Wanted::Logits);
        for _ in 0..STEPS {
            engine.forward(&[Run { sequence, tokens: &[0] }], Wanted::Logits);
        }
        engine.close(sequence);
    }
}

/// Computes products with weights of this kind.
pub fn warm_up(matrix: &Packed) {
    Processor::best().run_on(WarmUp(matrix));
}

struct WarmUp<'a>(&'a Packed);

impl OnSimd for WarmUp<'_> {
    type Output = ();

    fn run<S: Simd>(self) {
        let matrix = self.0;
        let (mut inputs, mut output) = (Inputs::default(), Vec::new());
        for (rows, streams) in KERNELS {
            let columns = matrix.columns();
            output.resize(rows * matrix.rows(), 0.0);
            inputs.set::<S>(pool(), &vec![0.5; rows * columns], columns, [matrix.form()]);
            let mut panels = BLOCKS / rows / columns.div_ceil(BLOCK);
            while panels > 0 {
                let now = panels.min(matrix.panels());
                matmul::<S>(matrix, 0..now, &inputs, Output::new(&mut output, matrix.rows()), streams);
                panels -= now;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Format;

    #[test]
    fn passes_run_until_it_is_time() {
        let clock = std::cell::Cell::new(0);
        let now_ms = || f64::from(clock.replace(clock.get() + 25));
        warm_up_passes(Processor::best(), &now_ms);
        // It was asked for at the start, before each of three prompts, and when it was over.
        assert_eq!(clock.get(), 125);
    }

    #[test]
    fn matrices_of_any_format_and_size_are_warmed_up_with() {
        for format in Format::ALL {
            let (elements, bytes) = format.tensor_type().block();
            for (rows, columns) in [(1, 256), (20, 512), (300, 1024)] {
                let bytes = (rows * columns) as u64 / elements * bytes;
                warm_up(&Packed::new(format, rows, columns, &vec![0; bytes as usize]));
            }
        }
    }
}
