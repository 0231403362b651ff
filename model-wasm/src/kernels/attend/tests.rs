use super::*;
use crate::kernels::{
    simd::Portable,
    testing::{assert_close, noise},
};

fn naive(attention: Attention, queries: &[f32], keys: &[f32], values: &[f32]) -> Vec<f32> {
    let Attention { head_width: e, scale, first, end } = attention;
    let mut output = Vec::new();
    for query in queries.chunks(e) {
        let score = |t: usize| -> f64 {
            (0..e).map(|i| f64::from(query[i]) * f64::from(keys[t * e + i])).sum::<f64>() * f64::from(scale)
        };
        let weights: Vec<f64> = (first..end).map(|t| score(t).exp()).collect();
        let total: f64 = weights.iter().sum();
        output.extend((0..e).map(|i| {
            (first..end).map(|t| weights[t - first] / total * f64::from(values[t * e + i])).sum::<f64>()
                as f32
        }));
    }
    output
}

#[test]
fn agrees_with_the_definition() {
    for precision in [CachePrecision::Single, CachePrecision::BFloat16] {
        for (heads, head_width, positions) in [(1, 2, 1), (2, 6, 5), (3, 64, 17), (4, 32, 40), (7, 10, 9)] {
            for (first, end) in [(0, positions), (positions / 2, positions)] {
                let attention = Attention { head_width, scale: 0.3, first, end };
                let queries = noise(1, heads * head_width);
                let rounded = |seed: u64| kept(precision, noise(seed, positions * head_width));
                let (keys, values) = (rounded(2), rounded(3));
                let mut cache = Cache::new(precision);
                for (position, (key, value)) in
                    keys.chunks(head_width).zip(values.chunks(head_width)).enumerate()
                {
                    cache.push(position, key, value);
                }
                let mut got = vec![0.0; queries.len()];
                attend::<Portable>(attention, &queries, &cache, &mut Scratch::default(), &mut got);
                assert_close(&got, &naive(attention, &queries, &keys, &values), 1e-5);
            }
        }
    }
}

/// Values as they come back.
fn kept(precision: CachePrecision, values: Vec<f32>) -> Vec<f32> {
    match precision {
        CachePrecision::Single => values,
        CachePrecision::BFloat16 => {
            values.into_iter().map(|value| f32::from_bits(u32::from(u16::nearest(value)) << 16)).collect()
        }
    }
}

#[test]
fn bfloats_are_the_nearest_and_of_two_the_even_one() {
    for (value, expected) in [
        (0x3f80_0000, 0x3f80),
        (0x3f80_7fff, 0x3f80),
        (0x3f80_8000, 0x3f80),
        (0x3f80_8001, 0x3f81),
        (0x3f81_8000, 0x3f82),
        (0xbf81_8000, 0xbf82),
        (0x3fff_ffff, 0x4000),
        (0x8000_0000, 0x8000),
    ] {
        assert_eq!(u16::nearest(f32::from_bits(value)), expected, "{value:#x}");
    }
}

#[test]
fn what_was_forgotten_leaves_no_trace() {
    let (keys, values) = (noise(2, 6 * 8), noise(3, 6 * 8));
    let mut cache = Cache::new(CachePrecision::Single);
    for position in [0, 1, 2, 3, 4, 5, 2] {
        let at = position * 8..(position + 1) * 8;
        cache.push(position, &keys[at.clone()], &values[at]);
    }
    let attention = Attention { head_width: 8, scale: 1.0, first: 0, end: 3 };
    let queries = noise(1, 8);
    let mut got = vec![0.0; 8];
    attend::<Portable>(attention, &queries, &cache, &mut Scratch::default(), &mut got);
    assert_close(&got, &naive(attention, &queries, &keys, &values), 1e-5);
}
