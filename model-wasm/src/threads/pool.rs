//! The pool.
//!
//! The work between two meetings of all threads takes microseconds, so a thread that has nothing to do spins
//! for a while before it sleeps. Where there is one thread, nothing here costs anything.
#![allow(unsafe_code)]

use std::{
    cell::Cell,
    hint::spin_loop,
    ops::Range,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering},
    },
};

/// Rounds of spinning before a thread sleeps: some tens of microseconds, as long as what one thread does alone between
/// two pieces of shared work. WebAssembly has no instruction that makes a round last.
const SPINS: u32 = if cfg!(target_arch = "wasm32") { 60_000 } else { 4_000 };

/// Bits of a round that hold its number of threads.
const THREAD_BITS: u32 = 8;
/// Threads that a pool can have.
const MOST_THREADS: usize = 64;

/// The pool of this process; it has one thread until [`start`] makes it larger.
static POOL: OnceLock<Pool> = OnceLock::new();

/// Whether the number of threads was asked for, or may be tuned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// Asked for.
    Fixed,
    /// The most that may be used.
    AtMost,
}

/// Makes the process's pool; each of the `threads - 1` helpers must then call [`Helper::work`]. `None` where there
/// is a pool already.
pub fn start(threads: usize, number: Number) -> Option<Vec<Helper>> {
    let (pool, helpers) = Pool::new(threads.clamp(1, MOST_THREADS), number);
    POOL.set(pool).is_ok().then_some(helpers)
}

/// Starts the process's pool with threads of the standard library.
#[cfg(not(target_arch = "wasm32"))]
pub fn start_native(threads: usize, number: Number) {
    for helper in start(threads, number).unwrap_or_default() {
        std::thread::spawn(move || helper.work());
    }
}

/// The process's pool.
pub fn pool() -> &'static Pool {
    POOL.get_or_init(|| Pool::new(1, Number::Fixed).0)
}

/// See the module.
pub struct Pool {
    threads: usize,
    number: Number,
    shared: Arc<Shared>,
}

/// A thread of a pool that has not begun.
pub struct Helper {
    index: usize,
    shared: Arc<Shared>,
}

type Job<'a> = dyn Fn(usize) + Sync + 'a;

#[derive(Default)]
struct Shared {
    /// Counts jobs, and holds in its low bits how many threads do this one: a helper that comes late and was not
    /// meant must know that from the very number that woke it.
    round: AtomicU32,
    /// Threads that take part, the owner's included; the helpers below this index.
    active: AtomicUsize,
    /// The job of this round.
    job: Cell<Option<*const Job<'static>>>,
    /// Helpers that are not done with this round.
    busy: AtomicU32,
    /// Set when the pool is gone.
    over: AtomicBool,
    /// Helpers that sleep, or are about to.
    sleepers: AtomicU32,
    asleep: Mutex<()>,
    wake_helpers: Condvar,
    wake_owner: Condvar,
    wake_inactive: Condvar,
}

// SAFETY: `job` is written only while no helper is busy, and read only after the change of `round` that follows
// the write.
unsafe impl Sync for Shared {}
// SAFETY: the job that `job` points to is `Sync`.
unsafe impl Send for Shared {}

impl Shared {
    fn next_round(&self, threads: usize) {
        let count = self.round.load(Ordering::Relaxed) >> THREAD_BITS;
        let round = count.wrapping_add(1) << THREAD_BITS | threads as u32;
        // In one order for all with `sleepers`: either the helper sees this round, or this sees the sleeper.
        self.round.store(round, Ordering::SeqCst);
        if self.sleepers.load(Ordering::SeqCst) > 0 {
            drop(self.lock());
            self.wake_helpers.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        // The mutex guards nothing but the moment between looking and sleeping.
        self.asleep.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    fn new(threads: usize, number: Number) -> (Self, Vec<Helper>) {
        let shared = Arc::new(Shared { active: AtomicUsize::new(threads), ..Shared::default() });
        let helpers = (1..threads).map(|index| Helper { index, shared: Arc::clone(&shared) }).collect();
        (Self { threads, number, shared }, helpers)
    }

    /// How many threads compute, the caller's included.
    pub fn threads(&self) -> usize {
        self.shared.active.load(Ordering::Relaxed)
    }

    /// The numbers of threads among which the best may be chosen: powers of two, and all there are.
    pub fn choices(&self) -> Vec<usize> {
        if self.number == Number::Fixed {
            return vec![self.threads];
        }
        let powers = std::iter::successors(Some(1), |threads| Some(threads * 2));
        powers.take_while(|&threads| threads < self.threads).chain([self.threads]).collect()
    }

    /// Lets `threads` threads compute; the others sleep. No job may be running.
    pub fn use_threads(&self, threads: usize) {
        self.shared.active.store(threads.clamp(1, self.threads), Ordering::SeqCst);
        drop(self.shared.lock());
        self.shared.wake_inactive.notify_all();
    }

    /// Calls `job` with parts of `0..n` that together are all of it, each on its own thread, and waits for all.
    pub fn split(&self, n: usize, job: impl Fn(Range<usize>) + Sync) {
        let threads = self.threads();
        if threads == 1 || n <= 1 {
            return job(0..n);
        }
        self.run(&|index| {
            let part = n * index / threads..n * (index + 1) / threads;
            if !part.is_empty() {
                job(part);
            }
        });
    }

    fn run(&self, job: &Job) {
        let shared = &*self.shared;
        #[allow(clippy::transmute_ptr_to_ptr, reason = "no cast changes the lifetime")]
        // SAFETY: only the lifetime changes; no helper uses the job after this function, which waits for all.
        let erased = unsafe { std::mem::transmute::<*const Job, *const Job<'static>>(job) };
        shared.job.set(Some(erased));
        let threads = self.threads();
        shared.busy.store(threads as u32 - 1, Ordering::Relaxed);
        shared.next_round(threads);
        job(0);
        let done = || shared.busy.load(Ordering::Acquire) == 0;
        for _ in 0..SPINS {
            if done() {
                return;
            }
            spin_loop();
        }
        let mut guard = shared.lock();
        while !done() {
            guard = shared.wake_owner.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        self.shared.next_round(1);
        drop(self.shared.lock());
        self.shared.wake_inactive.notify_all();
    }
}

impl Helper {
    /// Does the pool's jobs until the pool is gone.
    pub fn work(self) {
        let shared = &*self.shared;
        let mut seen = 0;
        loop {
            self.wait_while_inactive();
            self.wait_for_round(seen);
            seen = shared.round.load(Ordering::Acquire);
            if shared.over.load(Ordering::SeqCst) {
                return;
            }
            if self.index as u32 >= seen & ((1 << THREAD_BITS) - 1) {
                continue;
            }
            if let Some(job) = shared.job.get() {
                // SAFETY: the owner waits in `run` until this helper is done, and the job lives there.
                unsafe { (*job)(self.index) };
            }
            if shared.busy.fetch_sub(1, Ordering::Release) == 1 {
                drop(shared.lock());
                shared.wake_owner.notify_one();
            }
        }
    }

    fn is_active(&self) -> bool {
        self.index < self.shared.active.load(Ordering::SeqCst)
    }

    fn wait_while_inactive(&self) {
        let shared = &*self.shared;
        if self.is_active() {
            return;
        }
        let mut guard = shared.lock();
        while !self.is_active() && !shared.over.load(Ordering::SeqCst) {
            guard = shared.wake_inactive.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn wait_for_round(&self, seen: u32) {
        let shared = &*self.shared;
        let came = |ordering| shared.round.load(ordering) != seen;
        for _ in 0..SPINS {
            if came(Ordering::Acquire) {
                return;
            }
            spin_loop();
        }
        shared.sleepers.fetch_add(1, Ordering::SeqCst);
        let mut guard = shared.lock();
        while !came(Ordering::SeqCst) {
            guard = shared.wake_helpers.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
        drop(guard);
        shared.sleepers.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_done_once_by_any_number_of_threads() {
        for threads in 1..=4 {
            let (pool, helpers) = Pool::new(threads, Number::AtMost);
            let workers: Vec<_> =
                helpers.into_iter().map(|helper| std::thread::spawn(move || helper.work())).collect();
            for n in (0..400).chain([1_000]) {
                pool.use_threads(n % threads + 1);
                let counts: Vec<AtomicU32> = (0..n).map(|_| AtomicU32::new(0)).collect();
                pool.split(n, |part| {
                    for count in &counts[part] {
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                });
                assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 1), "{n} by {threads}");
            }
            drop(pool);
            for worker in workers {
                worker.join().expect("the helper ends with its pool");
            }
        }
    }
}
