//! A slice that several threads write, each elements of its own.
#![allow(unsafe_code)]

use std::{marker::PhantomData, ops::Range};

/// See the module.
#[derive(Debug)]
pub struct Slots<'a, T> {
    start: *mut T,
    length: usize,
    borrow: PhantomData<&'a mut [T]>,
}

// SAFETY: elements are handed out by `range`, whose callers see to it that no two threads have the same.
unsafe impl<T: Send> Sync for Slots<'_, T> {}

impl<'a, T> Slots<'a, T> {
    /// The elements of `slice`.
    pub fn new(slice: &'a mut [T]) -> Self {
        Self { start: slice.as_mut_ptr(), length: slice.len(), borrow: PhantomData }
    }

    /// Elements of the slice.
    ///
    /// # Panics
    /// When the range is not within the slice.
    ///
    /// # Safety
    /// Nobody else holds any of them.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn range(&self, range: Range<usize>) -> &mut [T] {
        assert!(range.start <= range.end && range.end <= self.length);
        // SAFETY: the range is within the slice, which is borrowed for as long as `self`; nobody else holds
        // these elements by this function's contract.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(range.start), range.len()) }
    }
}
