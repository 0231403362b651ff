//! Rows of activations, in the forms that matrices want them.

use std::ops::Range;

use super::{Activations, BLOCK, quantise};
use crate::{
    kernels::{
        rms_norm::rms_norm,
        simd::{Kernel, Products, Simd},
    },
    threads::{Pool, Slots},
};

/// Rows of activations whose blocks lie together.
pub const GROUP: usize = 8;

/// In which form a matrix wants activations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Integers for [`Simd::Small`].
    Small,
    /// Integers for [`Simd::Signed`].
    Signed,
    /// As they are.
    Plain,
}

/// A [`Form`] as a type.
pub trait InForm {
    /// Which it is.
    const FORM: Form;
    /// 32 activations in this form.
    type Input<S: Simd>: Sync;
    /// Those of all rows: of each group of [`GROUP`] rows block by block, and of each block row by row.
    fn of<S: Simd>(inputs: &Inputs) -> &[Self::Input<S>];
}

/// [`Form::Small`]
#[derive(Debug, Clone, Copy)]
pub struct Small;

impl InForm for Small {
    const FORM: Form = Form::Small;
    type Input<S: Simd> = Activations<<S::Small as Products<S>>::Step>;

    fn of<S: Simd>(inputs: &Inputs) -> &[Self::Input<S>] {
        Step::of(&inputs.small)
    }
}

/// [`Form::Signed`]
#[derive(Debug, Clone, Copy)]
pub struct Signed;

impl InForm for Signed {
    const FORM: Form = Form::Signed;
    type Input<S: Simd> = Activations<<S::Signed as Products<S>>::Step>;

    fn of<S: Simd>(inputs: &Inputs) -> &[Self::Input<S>] {
        Step::of(&inputs.signed)
    }
}

/// [`Form::Plain`]
#[derive(Debug, Clone, Copy)]
pub struct Plain;

impl InForm for Plain {
    const FORM: Form = Form::Plain;
    type Input<S: Simd> = [f32; BLOCK];

    fn of<S: Simd>(inputs: &Inputs) -> &[[f32; BLOCK]] {
        &inputs.plain
    }
}

/// Four activations as some [`Products`] keep them: few bytes, so that many rows stay in the processor's nearest cache.
pub trait Step: Copy + Default + Send + Sync + 'static {
    /// Where blocks of them are.
    fn of(kept: &Kept) -> &[Activations<Self>];
    /// The same, to be written.
    fn of_mut(kept: &mut Kept) -> &mut Vec<Activations<Self>>;
}

impl Step for [u8; 4] {
    fn of(kept: &Kept) -> &[Activations<Self>] {
        &kept.short
    }
    fn of_mut(kept: &mut Kept) -> &mut Vec<Activations<Self>> {
        &mut kept.short
    }
}

impl Step for [u8; 8] {
    fn of(kept: &Kept) -> &[Activations<Self>] {
        &kept.long
    }
    fn of_mut(kept: &mut Kept) -> &mut Vec<Activations<Self>> {
        &mut kept.long
    }
}

/// Blocks of integers, for whichever processor they were last set.
#[derive(Debug, Default)]
pub struct Kept {
    short: Vec<Activations<[u8; 4]>>,
    long: Vec<Activations<[u8; 8]>>,
}

impl Kept {
    /// Place for so many blocks.
    fn resized<T: Step>(&mut self, blocks: usize) -> Slots<'_, Activations<T>> {
        let mut all = std::mem::take(T::of_mut(self));
        all.resize(blocks, Activations::default());
        // What was set for a processor that keeps others is gone.
        *self = Self::default();
        *T::of_mut(self) = all;
        Slots::new(T::of_mut(self))
    }
}

/// Rows of activations, in the forms that matrices want them.
#[derive(Debug, Default)]
pub struct Inputs {
    rows: usize,
    blocks: usize,
    small: Kept,
    signed: Kept,
    plain: Vec<[f32; BLOCK]>,
}

impl Inputs {
    /// Takes `values`, `(M, columns)`, in some forms.
    pub fn set<S: Simd>(
        &mut self,
        pool: &Pool,
        values: &[f32],
        columns: usize,
        forms: impl IntoIterator<Item = Form>,
    ) {
        let rows = values.len() / columns;
        self.set_groups::<S>(pool, [rows, columns], forms, |rows| {
            &values[rows.start * columns..rows.end * columns]
        });
    }

    /// Takes the norms of `x`, `(M, columns)`, which are put into `normed` too; see [`rms_norm`].
    pub fn set_normed<S: Simd>(
        &mut self,
        pool: &Pool,
        x: &[f32],
        (gain, epsilon): (&[f32], f32),
        normed: &mut [f32],
        forms: impl IntoIterator<Item = Form>,
    ) {
        let columns = gain.len();
        let rows = x.len() / columns;
        let normed = Slots::new(normed);
        self.set_groups::<S>(pool, [rows, columns], forms, |rows| {
            let range = rows.start * columns..rows.end * columns;
            #[allow(unsafe_code)]
            // SAFETY: `set_groups` asks for each row once.
            let normed = unsafe { normed.range(range.clone()) };
            rms_norm(&x[range], gain, epsilon, normed);
            normed
        });
    }

    /// Takes the rows that `values` gives when it is asked for them, each row once, by any thread.
    fn set_groups<'a, S: Simd>(
        &mut self,
        pool: &Pool,
        [rows, columns]: [usize; 2],
        forms: impl IntoIterator<Item = Form>,
        values: impl Fn(Range<usize>) -> &'a [f32] + Sync,
    ) {
        let (mut small, mut signed, mut plain) = (false, false, false);
        for form in forms {
            match form {
                Form::Small => small = true,
                Form::Signed => signed = true,
                Form::Plain => plain = true,
            }
        }
        let n_blocks = columns.div_ceil(BLOCK);
        (self.rows, self.blocks) = (rows, n_blocks);
        let count = |wanted: bool| if wanted { rows * n_blocks } else { 0 };
        let small_blocks = self.small.resized(count(small));
        let signed_blocks = self.signed.resized(count(signed));
        self.plain.resize(count(plain), [0.0; BLOCK]);
        let plain_blocks = Slots::new(&mut self.plain);
        pool.split(rows.div_ceil(GROUP), |groups| {
            for group in groups {
                let rows = group * GROUP..rows.min((group + 1) * GROUP);
                let values = values(rows.clone());
                let blocks = |wanted| if wanted { rows.start * n_blocks..rows.end * n_blocks } else { 0..0 };
                #[allow(unsafe_code)]
                // SAFETY: `split` gives every group to one thread.
                let (small_blocks, signed_blocks, plain_blocks) = unsafe {
                    (
                        small_blocks.range(blocks(small)),
                        signed_blocks.range(blocks(signed)),
                        plain_blocks.range(blocks(plain)),
                    )
                };
                if small || signed {
                    S::run(Quantise { values, columns, small: small_blocks, signed: signed_blocks });
                }
                if plain {
                    for_each_block(values, columns, |values, place| {
                        let (there, missing) = plain_blocks[place].split_at_mut(values.len());
                        there.copy_from_slice(values);
                        missing.fill(0.0);
                    });
                }
            }
        });
    }

    /// `M`
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Blocks of a row.
    pub fn blocks(&self) -> usize {
        self.blocks
    }
}

/// Calls `put` with each block of a group of rows, the last of a row perhaps short, and the block's place.
#[inline(always)]
fn for_each_block(values: &[f32], columns: usize, mut put: impl FnMut(&[f32], usize)) {
    let count = values.len() / columns;
    for (row, values) in values.chunks_exact(columns).enumerate() {
        for (block, values) in values.chunks(BLOCK).enumerate() {
            put(values, block * count + row);
        }
    }
}

/// A group of rows of values into blocks of integers, in those forms for which there are places.
struct Quantise<'a, S: Simd> {
    values: &'a [f32],
    columns: usize,
    small: &'a mut [<Small as InForm>::Input<S>],
    signed: &'a mut [<Signed as InForm>::Input<S>],
}

impl<S: Simd> Kernel<S> for Quantise<'_, S> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for_each_block(self.values, self.columns, |values, place| {
            let integers = quantise::<S>(values);
            if !self.small.is_empty() {
                integers.keep::<S, S::Small>(&mut self.small[place]);
            }
            if !self.signed.is_empty() {
                integers.keep::<S, S::Signed>(&mut self.signed[place]);
            }
        });
    }
}
