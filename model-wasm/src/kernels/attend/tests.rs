use super::*;
use crate::kernels::{
    simd::Portable,
    testing::{assert_close, noise, on_x86},
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

/// Values as a cache of this precision keeps them.
fn kept(precision: CachePrecision, values: &[f32], head_width: usize) -> Vec<f32> {
    let keep = |numbers: &[f32]| -> Vec<f32> {
        let largest = numbers.iter().fold(0.0, |largest: f32, number| largest.max(number.abs()));
        numbers.iter().map(|number| (number / largest * 127.0).round() * largest / 127.0).collect()
    };
    match precision {
        CachePrecision::Single => values.to_vec(),
        CachePrecision::Integers => values.chunks(head_width).flat_map(keep).collect(),
    }
}

#[test]
fn agrees_with_the_definition() {
    for (precision, tolerance) in [(CachePrecision::Single, 1e-5), (CachePrecision::Integers, 5e-4)] {
        for (heads, head_width, positions) in [
            (1, 2, 1),
            (2, 6, 5),
            (3, 64, 17),
            (4, 32, 40),
            (7, 10, 9),
            (2, 9, 33),
            (2, 80, 20),
            (1, 256, 100),
        ] {
            for (first, end) in [(0, positions), (positions / 2, positions)] {
                let attention = Attention { head_width, scale: 0.3, first, end };
                let queries = noise(1, heads * head_width);
                let (keys, values) = (noise(2, positions * head_width), noise(3, positions * head_width));
                let mut cache = Cache::new(precision, positions);
                for (position, (key, value)) in
                    keys.chunks(head_width).zip(values.chunks(head_width)).enumerate()
                {
                    cache.push::<Portable>(position, key, value);
                }
                let mut got = vec![0.0; queries.len()];
                attend::<Portable>(attention, &queries, &cache, &mut Scratch::default(), &mut got);
                let values = kept(precision, &values, head_width);
                assert_close(&got, &naive(attention, &queries, &keys, &values), tolerance);
            }
        }
    }
}

#[test]
fn the_largest_of_everything_does_not_overflow() {
    for head_width in [2, 64, 256] {
        let (queries, ones) = (vec![1e3; head_width], vec![1.0; head_width]);
        let mut cache = Cache::new(CachePrecision::Integers, 48);
        for position in 0..48 {
            cache.push::<Portable>(position, &queries, &ones);
        }
        let attention = Attention { head_width, scale: 1.0, first: 0, end: 48 };
        let mut got = vec![0.0; head_width];
        attend::<Portable>(attention, &queries, &cache, &mut Scratch::default(), &mut got);
        assert_close(&got, &ones, 1e-4);
    }
}

#[test]
fn every_processor_gives_the_same_bits() {
    fn bits<S: Simd>(precision: CachePrecision, head_width: usize, size: f32) -> Vec<u32> {
        let noise =
            |seed, length| -> Vec<f32> { noise(seed, length).into_iter().map(|it| it * size).collect() };
        let (heads, positions) = (5, 50);
        let attention = Attention { head_width, scale: 0.2, first: 7, end: positions };
        let mut cache = Cache::new(precision, positions);
        for position in 0..positions {
            let seed = 10 + position as u64;
            cache.push::<S>(position, &noise(seed, head_width), &noise(seed + 100, head_width));
        }
        let queries = noise(1, heads * head_width);
        let mut output = vec![0.0; queries.len()];
        attend::<S>(attention, &queries, &cache, &mut Scratch::default(), &mut output);
        output.into_iter().map(f32::to_bits).collect()
    }
    for precision in [CachePrecision::Single, CachePrecision::Integers] {
        for head_width in [24, 30] {
            // One over the smallest is no finite number.
            for size in [1.0, 1e-38] {
                let expected = bits::<Portable>(precision, head_width, size);
                assert!(expected.iter().all(|&bits| f32::from_bits(bits).is_finite()));
                on_x86!(X86 => assert!(bits::<X86>(precision, head_width, size) == expected, "{precision:?}"));
            }
        }
    }
}

#[test]
#[allow(clippy::float_cmp, reason = "these are the same")]
fn what_was_forgotten_leaves_no_trace() {
    let (keys, values) = (noise(2, 6 * 8), noise(3, 6 * 8));
    let queries = noise(1, 8);
    let attention = Attention { head_width: 8, scale: 1.0, first: 0, end: 3 };
    for precision in [CachePrecision::Single, CachePrecision::Integers] {
        let after = |positions: &[usize]| {
            let mut cache = Cache::new(precision, 6);
            for &position in positions {
                let at = position * 8..(position + 1) * 8;
                cache.push::<Portable>(position, &keys[at.clone()], &values[at]);
            }
            let mut got = vec![0.0; 8];
            attend::<Portable>(attention, &queries, &cache, &mut Scratch::default(), &mut got);
            got
        };
        assert_eq!(after(&[0, 1, 2, 3, 4, 5, 2]), after(&[0, 1, 2]), "{precision:?}");
    }
}

#[test]
fn a_cache_has_an_eighth_more_room_than_it_needs_and_never_more_than_it_may_have() {
    const WIDTH: usize = 64;
    const MOST: usize = 1_100;
    for precision in [CachePrecision::Single, CachePrecision::Integers] {
        let bytes = |cache: &Cache, length: usize| match cache {
            Cache::Floats(cache) => cache.bytes(length, WIDTH),
            Cache::Integers(cache) => cache.bytes(length, WIDTH),
        };
        let mut cache = Cache::new(precision, MOST);
        let (mut moves, mut there) = (0, 0);
        for position in 0..MOST {
            cache.push::<Portable>(position, &[0.5; WIDTH], &[0.5; WIDTH]);
            let length = position + 1;
            let [now, most] = bytes(&cache, MOST.min(length + LEAST_ROOM.max(length / 8)));
            assert!(now <= most, "{precision:?}: {now} bytes for {length} positions");
            moves += usize::from(now != there);
            there = now;
        }
        // Keys and values of single precision move on their own.
        assert!(moves <= 30, "{precision:?}: moved {moves} times");
        assert_eq!(bytes(&cache, MOST)[0], bytes(&cache, MOST)[1], "{precision:?}");
        let [now, most] = bytes(&cache.first(512, WIDTH), 512 + 64);
        assert_eq!(now, most, "{precision:?}");
    }
}
