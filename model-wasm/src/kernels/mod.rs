//! The computations of a decoder, one folder each, with its naive oracle in the tests.
//!
//! # Same numbers everywhere
//! A result depends on its own inputs only: not on the batch it was computed in, not on the
//! machine. So every sum has one fixed order, stated where it is taken; products of quantised
//! blocks are sums of integers, exact in any order; nothing is fused into a multiply-add (Rust
//! never does by itself); roots are exact by IEEE 754, and exponentials and angles come from
//! `libm`, not from the platform. What is not a number has no defined bits; nothing here
//! produces one from finite weights and ordinary activations, and sampling refuses it.

// A kernel is compiled anew for each processor, and only what is inlined into it is.
#![allow(clippy::inline_always)]
// Lanes are counted: one index runs over several arrays.
#![allow(clippy::needless_range_loop)]

pub mod activations;
pub mod attend;
pub mod attention;
pub mod exp;
pub mod f16;
pub mod f32_dot;
pub mod int8_dot;
pub mod lora;
pub mod matmul;
pub mod packed;
pub mod product;
pub mod q4_0;
pub mod q8_0;
pub mod quantise;
pub mod rms_norm;
pub mod rope;
pub mod simd;
pub mod softmax;
pub mod swiglu;
pub mod unpack;

/// Weights in a quantised block.
pub const BLOCK: usize = 32;

#[cfg(test)]
pub(crate) mod testing;
