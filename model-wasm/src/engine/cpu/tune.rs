//! Finds the fastest processor and number of threads by trying them for some milliseconds.
//!
//! All of them give the same bits, so the choice is free.

use super::{Cpu, Processor, forward::Trial};
use crate::{kernels::packed::Packed, threads::pool};

/// Weights that a trial reads, in bytes: a millisecond's worth.
const TRIAL_BYTES: usize = 8 << 20;
/// Trials of each choice, of which the fastest counts.
const TRIALS: usize = 3;

impl Cpu {
    /// Chooses among `processors` and the numbers of threads that the pool may use.
    pub(super) fn choose(&mut self, processors: &[Processor], now_ms: &dyn Fn() -> f64) {
        let time = |engine: &Self, processor: Processor| {
            let trial = || {
                let started = now_ms();
                processor.run_on(Trial(engine));
                now_ms() - started
            };
            (0..TRIALS).map(|_| trial()).fold(f64::INFINITY, f64::min)
        };
        let pool = pool();
        let all = pool.choices();
        pool.use_threads(1);
        if let Some(best) = fastest(processors.iter().copied(), |&processor| time(self, processor)) {
            self.processor = best;
        }
        let threads = fastest(all, |&threads| {
            pool.use_threads(threads);
            time(self, self.processor)
        });
        pool.use_threads(threads.unwrap_or(1));
    }

    /// Matrices as one step reads them, until they are enough for a trial.
    pub(super) fn trial_matrices(&self) -> impl Iterator<Item = &Packed> {
        let mut bytes = 0;
        self.layers.iter().flatten().map(std::sync::Arc::as_ref).take_while(move |matrix| {
            let before = bytes;
            bytes += matrix.bytes();
            before < TRIAL_BYTES
        })
    }
}

/// The choice that takes least.
fn fastest<T>(choices: impl IntoIterator<Item = T>, mut time: impl FnMut(&T) -> f64) -> Option<T> {
    let timed = choices.into_iter().map(|choice| (time(&choice), choice));
    timed.min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, choice)| choice)
}
