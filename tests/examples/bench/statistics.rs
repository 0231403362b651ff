//! Medians, and how sure they are.

/// A median with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Interval {
    pub(super) low: f64,
    pub(super) median: f64,
    pub(super) high: f64,
}

/// Resamples of the bootstrap.
const RESAMPLES: usize = 2_000;

/// The median; `None` of nothing.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        length if length % 2 == 1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

/// The median of `a[i] / b[i]` over the rounds in which both are there, with a percentile bootstrap interval.
pub(super) fn ratio(a: &[Option<f64>], b: &[Option<f64>]) -> Option<Interval> {
    let ratios: Vec<f64> = a.iter().zip(b).filter_map(|(a, b)| Some((*a)? / (*b)?)).collect();
    let middle = median(ratios.iter().copied())?;
    // A linear congruential generator (Knuth's constants): the same resamples for the same rounds.
    let mut state = 1_u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ratios[(state >> 33) as usize % ratios.len()]
    };
    let mut medians: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| median((0..ratios.len()).map(|_| draw()).collect::<Vec<_>>()))
        .collect();
    medians.sort_by(f64::total_cmp);
    let at = |share: f64| medians[(share * (medians.len() - 1) as f64).round() as usize];
    Some(Interval { low: at(0.025), median: middle, high: at(0.975) })
}
