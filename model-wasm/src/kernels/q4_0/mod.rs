//! ggml's `Q4_0`: blocks of 32 weights, a half-precision scale and 32 4-bit integers, stored
//! with 8 added; byte `i` holds weight `i` in its low half and weight `i + 16` in its high half.

use super::{BLOCK, f16};

/// Bytes of a block.
pub const BLOCK_BYTES: usize = 18;

/// Unpacks a row of blocks: `integers` gets 32 a block, `scales` one; weight = integer * scale.
#[inline]
pub fn unpack(bytes: &[u8], integers: &mut [i16], scales: &mut [f32]) {
    let blocks = bytes.as_chunks::<BLOCK_BYTES>().0;
    for ((block, integers), scale) in blocks.iter().zip(integers.as_chunks_mut::<BLOCK>().0).zip(scales) {
        *scale = f16::to_f32(u16::from_le_bytes([block[0], block[1]]));
        let (low, high) = integers.split_at_mut(BLOCK / 2);
        for ((low, high), &byte) in low.iter_mut().zip(high).zip(&block[2..]) {
            *low = i16::from(byte & 15) - 8;
            *high = i16::from(byte >> 4) - 8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_halves_come_first() {
        let mut bytes = 0xc000_u16.to_le_bytes().to_vec(); // -2
        bytes.extend((0..16).map(|i| i | ((15 - i) << 4)));
        let (mut integers, mut scales) = (vec![0; 32], vec![0.0; 1]);
        unpack(&bytes, &mut integers, &mut scales);
        assert_eq!(scales, [-2.0]);
        let expected: Vec<i16> = (-8..8).chain((-8..8).rev()).collect();
        assert_eq!(integers, expected);
    }
}
