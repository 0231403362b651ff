//! Finds the fastest processor, way to read the weights and number of threads by trying them for some milliseconds.
//!
//! All of them give the same bits, so the choice is free.

use super::{Cpu, Processor, forward::Trial};
use crate::{
    kernels::{packed::Packed, product::Streams},
    threads::pool,
};

/// Weights that a trial reads, in bytes: a millisecond's worth.
const TRIAL_BYTES: usize = 8 << 20;
/// Trials of each choice, of which the fastest counts.
const TRIALS: usize = 3;

impl Cpu {
    /// Chooses among `processors`, ways to read and the numbers of threads that the pool may use.
    pub(super) fn choose(&mut self, processors: &[Processor], now_ms: &dyn Fn() -> f64) {
        let mut weights = self.layers.iter().flatten().map(std::sync::Arc::as_ref).cycle();
        let mut time = |processor: Processor, streams: Streams| {
            let mut trial = || {
                let (matrices, bytes) = some(&mut weights);
                let started = now_ms();
                processor.run_on(Trial { matrices: &matrices, streams });
                (now_ms() - started) / bytes as f64
            };
            (0..TRIALS).map(|_| trial()).fold(f64::INFINITY, f64::min)
        };
        let pool = pool();
        let all = pool.choices();
        pool.use_threads(1);
        let ways = processors.iter().flat_map(|&processor| Streams::ALL.map(|streams| (processor, streams)));
        let best = fastest(ways, |&(processor, streams)| time(processor, streams));
        let (processor, streams) = best.unwrap_or((self.processor, self.streams));
        let threads = fastest(all, |&threads| {
            pool.use_threads(threads);
            time(processor, streams)
        });
        pool.use_threads(threads.unwrap_or(1));
        (self.processor, self.streams) = (processor, streams);
    }
}

/// The next matrices as a step reads them, enough for a trial, and their bytes: others each time, so that they are no more
/// in the processor's cache than in a step.
fn some<'a>(weights: &mut impl Iterator<Item = &'a Packed>) -> (Vec<&'a Packed>, usize) {
    let (mut matrices, mut bytes) = (Vec::new(), 0);
    for matrix in weights {
        matrices.push(matrix);
        bytes += matrix.bytes();
        if bytes >= TRIAL_BYTES {
            break;
        }
    }
    (matrices, bytes)
}

/// The choice that takes least.
fn fastest<T>(choices: impl IntoIterator<Item = T>, mut time: impl FnMut(&T) -> f64) -> Option<T> {
    let timed = choices.into_iter().map(|choice| (time(&choice), choice));
    timed.min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, choice)| choice)
}
