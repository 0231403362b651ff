//! ggml's `Q8_0`: blocks of 32 weights, a half-precision scale and 32 8-bit integers.

use super::{BLOCK, f16};

/// Bytes of a block.
pub const BLOCK_BYTES: usize = 34;

/// Unpacks a row of blocks: `integers` gets 32 a block, `scales` one; weight = integer * scale.
#[inline]
pub fn unpack(bytes: &[u8], integers: &mut [i16], scales: &mut [f32]) {
    let blocks = bytes.as_chunks::<BLOCK_BYTES>().0;
    for ((block, integers), scale) in blocks.iter().zip(integers.as_chunks_mut::<BLOCK>().0).zip(scales) {
        *scale = f16::to_f32(u16::from_le_bytes([block[0], block[1]]));
        for (integer, &byte) in integers.iter_mut().zip(&block[2..]) {
            *integer = i16::from(byte.cast_signed());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpacks_what_was_packed() {
        let mut bytes = Vec::new();
        for block in 0..3_u8 {
            bytes.extend(0x3800_u16.to_le_bytes()); // 0.5
            bytes.extend((0..32).map(|i| (i * 8 + block).wrapping_sub(128)));
        }
        let (mut integers, mut scales) = (vec![0; 96], vec![0.0; 3]);
        unpack(&bytes, &mut integers, &mut scales);
        assert_eq!(scales, [0.5; 3]);
        assert_eq!((integers[0], integers[31], integers[64]), (-128, 120, -126));
    }
}
