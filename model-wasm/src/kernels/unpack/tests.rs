use super::*;
use crate::{kernels::testing::assert_close, model::Matrix, sampling::dice};

/// Blocks of random bits, whose half-precision numbers are ordinary ones.
fn random_row(format: Format, columns: usize) -> Vec<u8> {
    let (weights, bytes) = format.tensor_type().block();
    let mut row: Vec<u8> =
        (0..columns as u64 / weights * bytes).map(|at| (dice(5, at) * 256.0) as u8).collect();
    let halves: &[usize] = match format {
        Format::Q2K => &[80, 82],
        Format::Q3K => &[108],
        Format::Q6K => &[208],
        Format::Q4_1 | Format::Q5_1 | Format::Q4K | Format::Q5K => &[0, 2],
        _ => &[0],
    };
    for block in row.chunks_exact_mut(bytes as usize) {
        for &at in halves {
            // Between 2^-7 and 2^-3, of both signs.
            block[at + 1] = (block[at + 1] & 0x8f) | 0x20;
        }
    }
    row
}

fn weights(format: Format, row: &[u8], columns: usize) -> Vec<f32> {
    let mut weights = vec![0.0; columns];
    groups(format, row, |index, group| {
        weights[index * BLOCK..][..BLOCK].copy_from_slice(&group.weights());
    });
    weights
}

#[test]
fn candle_reads_the_same_weights() {
    for format in Format::ALL.into_iter().filter(|format| format.is_quantised() && *format != Format::Iq4Nl) {
        let row = random_row(format, 512);
        let matrix = Matrix::new("test", format, 1, 512, &row).expect("a sound matrix");
        let expected = matrix.dequantised().expect("candle knows the type").values();
        assert_close(&weights(format, &row, 512), &expected, 1e-4);
        let largest = expected.iter().fold(0.0_f32, |a, b| a.max(b.abs()));
        assert!(largest > 0.05, "{format:?}: nothing but zeros says nothing");
    }
}

#[test]
fn the_non_linear_type_looks_its_integers_up() {
    let mut block = 0x3800_u16.to_le_bytes().to_vec(); // 0.5
    block.extend((0..16).map(|i| i | (15 - i) << 4));
    let got = weights(Format::Iq4Nl, &block, 32);
    assert_eq!(got[..3], [-63.5, -52.0, -41.5]);
    assert_eq!(got[15..18], [56.5, 56.5, 44.5]);
}

#[test]
fn integers_stay_in_the_bounds_of_the_exact_products() {
    for format in Format::ALL.into_iter().filter(|format| format.is_quantised()) {
        groups(format, &random_row(format, 512), |_, group| {
            let signed = group.minimums == Multiples::NONE;
            let bounds = if signed { -128..=127 } else { 0..=63 };
            assert!(group.integers.iter().all(|integer| bounds.contains(integer)), "{format:?}");
        });
    }
}
