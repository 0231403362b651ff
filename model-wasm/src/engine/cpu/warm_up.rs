//! Runs kernels before they are needed, so that a browser has optimised them by then.
//!
//! A browser compiles WebAssembly quickly at first; what has run for some milliseconds it compiles anew and better, on
//! a thread of its own. The kernels of products are large, and without this the first prompt would be read by the quick
//! ones, and the second thread of the engine would share its core with the compiler.

use super::processor::{OnSimd, Processor};
use crate::{
    kernels::{
        BLOCK,
        packed::Packed,
        product::{Inputs, Output, matmul},
        simd::Simd,
    },
    threads::pool,
};

/// Blocks that each kernel multiplies with a row: some milliseconds' worth.
const BLOCKS: usize = 16_000;
/// Rows of activations for which there are kernels of their own: a step of one lane, of some lanes, a prompt.
const ROWS: [usize; 3] = [1, 4, 16];

/// Computes products with weights of this kind.
pub fn warm_up(matrix: &Packed) {
    Processor::best().run_on(WarmUp(matrix));
}

struct WarmUp<'a>(&'a Packed);

impl OnSimd for WarmUp<'_> {
    type Output = ();

    fn run<S: Simd>(self) {
        let matrix = self.0;
        let (mut inputs, mut output) = (Inputs::default(), Vec::new());
        for rows in ROWS {
            let columns = matrix.columns();
            output.resize(rows * matrix.rows(), 0.0);
            inputs.set::<S>(pool(), &vec![0.5; rows * columns], columns, [matrix]);
            let mut panels = BLOCKS / rows / columns.div_ceil(BLOCK);
            while panels > 0 {
                let now = panels.min(matrix.panels());
                matmul::<S>(matrix, 0..now, &inputs, Output::new(&mut output, matrix.rows()));
                panels -= now;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Format;

    #[test]
    fn matrices_of_any_format_and_size_are_warmed_up_with() {
        for format in Format::ALL {
            let (elements, bytes) = format.tensor_type().block();
            for (rows, columns) in [(1, 256), (20, 512), (300, 1024)] {
                let bytes = (rows * columns) as u64 / elements * bytes;
                warm_up(&Packed::new(format, rows, columns, &vec![0; bytes as usize]));
            }
        }
    }
}
