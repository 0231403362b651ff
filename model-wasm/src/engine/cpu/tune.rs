//! Finds the fastest processor, way to read the weights and number of threads by trying them for some milliseconds.
//!
//! All of them give the same bits, so the choice is free.

use std::sync::Arc;

use super::{Cpu, Processor, forward::Trial};
use crate::{
    kernels::{packed::Packed, product::Streams},
    threads::pool,
};

/// Trials of each choice, of which the fastest counts.
const TRIALS: usize = 4;
/// A choice that comes first is taken unless the best takes less than this part of its time: clocks are noisy.
const CLEARLY: f64 = 0.95;

/// Weights of which a trial of writing a token reads as many or a little more, in bytes: half a millisecond's worth.
const TOKEN_BYTES: usize = 8 << 20;
/// The same of reading a prompt.
const PROMPT_BYTES: usize = 512 << 10;
/// Tokens of a prompt that are read at a time.
const PROMPT_ROWS: usize = 32;
/// How often that is done for each token that is written.
const PROMPTS_A_TOKEN: f64 = 0.125;

impl Cpu {
    /// Chooses among `processors`, ways to read and the numbers of threads that the pool may use.
    pub(super) fn choose(&mut self, processors: &[Processor], now_ms: &dyn Fn() -> f64) {
        // Milliseconds a byte of weights.
        let time = |processor: Processor, streams, rows, parts: &[(&Packed, usize)]| {
            let bytes: usize = parts.iter().map(|(matrix, panels)| matrix.panel_bytes() * panels).sum();
            processor.run_on(Trial { parts, rows, streams, now_ms }) / bytes as f64
        };
        let mut weights = self.layers.iter().flatten().map(Arc::as_ref).cycle();
        let mut token = |processor, streams| time(processor, streams, 1, &whole(&mut weights));
        // Types of weights differ in speed, so that prompts meet the same ones each time.
        let beginnings = self.layers.first().map(|layer| beginnings(layer)).unwrap_or_default();
        let prompt = |processor| PROMPTS_A_TOKEN * time(processor, Streams::One, PROMPT_ROWS, &beginnings);

        let pool = pool();
        let threads = pool.choices();
        pool.use_threads(1);
        let best = fastest(processors, |&processor| token(processor, Streams::One) + prompt(processor));
        let processor = best.copied().unwrap_or(self.processor);
        let streams = fastest(&Streams::ALL, |&streams| token(processor, streams)).copied();
        let streams = streams.unwrap_or(Streams::One);
        let threads = fastest(&threads, |&threads| {
            pool.use_threads(threads);
            // Those that have slept wake up.
            prompt(processor);
            token(processor, streams) + prompt(processor)
        });
        pool.use_threads(threads.copied().unwrap_or(1));
        (self.processor, self.streams) = (processor, streams);
    }
}

/// The next matrices as a step reads them, and their panels: others each time, so that they are no more in the processor's
/// cache than in a step.
fn whole<'a>(weights: &mut impl Iterator<Item = &'a Packed>) -> Vec<(&'a Packed, usize)> {
    let (mut parts, mut bytes) = (Vec::new(), 0);
    for matrix in weights {
        parts.push((matrix, matrix.panels()));
        bytes += matrix.bytes();
        if bytes >= TOKEN_BYTES {
            break;
        }
    }
    parts
}

/// The first panels of each matrix of a layer: one at least.
fn beginnings(layer: &[Arc<Packed>]) -> Vec<(&Packed, usize)> {
    let most = |matrix: &Packed| PROMPT_BYTES / layer.len() / matrix.panel_bytes();
    layer.iter().map(|matrix| (matrix.as_ref(), most(matrix).clamp(1, matrix.panels()))).collect()
}

/// The choice that takes least: the first of those among which nothing is clear. They are tried in turns, so that a busy
/// moment falls on all of them.
fn fastest<T>(choices: &[T], mut time: impl FnMut(&T) -> f64) -> Option<&T> {
    let mut best = vec![f64::INFINITY; choices.len()];
    for _ in 0..TRIALS {
        for (best, choice) in best.iter_mut().zip(choices) {
            *best = best.min(time(choice));
        }
    }
    let least = best.iter().copied().fold(f64::INFINITY, f64::min);
    choices.iter().zip(best).find(|(_, time)| least >= CLEARLY * time).map(|(choice, _)| choice)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// What is chosen when the choices take these times, trial after trial.
    fn chosen<const N: usize>(times: [[f64; TRIALS]; N]) -> Option<usize> {
        let left = RefCell::new(times.map(IntoIterator::into_iter));
        let choices: Vec<usize> = (0..N).collect();
        fastest(&choices, |&choice| left.borrow_mut()[choice].next().expect("four trials")).copied()
    }

    #[test]
    fn the_fastest_is_chosen_where_it_is_clear() {
        assert_eq!(chosen([[3.0; 4], [2.0; 4], [4.0; 4]]), Some(1));
        assert_eq!(chosen([[1.0; 4], [0.97; 4]]), Some(0));
        assert_eq!(chosen([[1.0; 4], [0.9; 4], [0.88; 4]]), Some(1));
        assert_eq!(chosen([]), None);
    }

    #[test]
    fn a_busy_moment_falls_on_all() {
        let mut trials = 0;
        let best = fastest(&[1.0, 1.5], |&time| {
            trials += 1;
            if trials <= TRIALS { 9.0 } else { time }
        });
        assert_eq!(best, Some(&1.0));
    }
}
