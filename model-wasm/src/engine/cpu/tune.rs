//! Finds the fastest processor, way to read the weights and number of threads by trying them for some milliseconds.
//!
//! All of them give the same bits, so the choice is free.

use super::{Cpu, Processor, forward::Trial};
use crate::{
    kernels::{packed::Packed, product::Streams},
    threads::pool,
};

/// Trials of each choice, of which the fastest counts.
const TRIALS: usize = 4;
/// A choice must take less than this part of the time of one that comes before it: clocks are noisy.
const CLEARLY: f64 = 0.95;

/// How much a trial computes: some rows of activations times some bytes of weights, about a millisecond's worth.
#[derive(Debug, Clone, Copy)]
struct Size {
    rows: usize,
    bytes: usize,
}

/// As in writing a token.
const TOKEN: Size = Size { rows: 1, bytes: 8 << 20 };
/// As in reading a prompt.
const PROMPT: Size = Size { rows: 32, bytes: 1 << 20 };
/// Prompts of [`PROMPT`] that are read for each token that is written.
const PROMPTS_A_TOKEN: f64 = 0.125;

impl Cpu {
    /// Chooses among `processors`, ways to read and the numbers of threads that the pool may use.
    pub(super) fn choose(&mut self, processors: &[Processor], now_ms: &dyn Fn() -> f64) {
        let mut weights = self.layers.iter().flatten().map(std::sync::Arc::as_ref).cycle();
        let mut time = |(processor, streams): (Processor, Streams), Size { rows, bytes }| {
            let (matrices, bytes) = some(&mut weights, bytes);
            let started = now_ms();
            processor.run_on(Trial { matrices: &matrices, rows, streams });
            (now_ms() - started) / bytes as f64
        };
        let pool = pool();
        let threads = pool.choices();
        pool.use_threads(1);
        let ways: Vec<_> = processors
            .iter()
            .flat_map(|&processor| Streams::ALL.map(|streams| (processor, streams)))
            .collect();
        let best = fastest(&ways, |&way| time(way, TOKEN) + PROMPTS_A_TOKEN * time(way, PROMPT));
        let way = best.copied().unwrap_or((self.processor, self.streams));
        let best = fastest(&threads, |&threads| {
            pool.use_threads(threads);
            time(way, TOKEN)
        });
        pool.use_threads(best.copied().unwrap_or(1));
        (self.processor, self.streams) = way;
    }
}

/// The next matrices as a step reads them, of so many bytes or a little more: others each time, so that they are no more
/// in the processor's cache than in a step.
fn some<'a>(weights: &mut impl Iterator<Item = &'a Packed>, at_least: usize) -> (Vec<&'a Packed>, usize) {
    let (mut matrices, mut bytes) = (Vec::new(), 0);
    for matrix in weights {
        matrices.push(matrix);
        bytes += matrix.bytes();
        if bytes >= at_least {
            break;
        }
    }
    (matrices, bytes)
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
    fn a_busy_moment_decides_nothing() {
        assert_eq!(chosen([[9.0, 9.0, 9.0, 1.0], [1.5, 1.4, 1.5, 9.0]]), Some(0));
    }
}
