//! The tensor table of a GGUF file.

use std::{borrow::Cow, collections::BTreeMap, fmt, ops::Range};

use super::{GgufError, cursor::Cursor, limits};

/// How a tensor's numbers are stored: ggml's types, as far as they are in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, non_camel_case_types)]
pub enum TensorType {
    F32,
    F16,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q8_1,
    Q2_K,
    Q3_K,
    Q4_K,
    Q5_K,
    Q6_K,
    Q8_K,
    BF16,
    IQ4_NL,
}

impl TensorType {
    fn from_id(id: u32) -> Option<Self> {
        Some(match id {
            0 => Self::F32,
            1 => Self::F16,
            2 => Self::Q4_0,
            3 => Self::Q4_1,
            6 => Self::Q5_0,
            7 => Self::Q5_1,
            8 => Self::Q8_0,
            9 => Self::Q8_1,
            10 => Self::Q2_K,
            11 => Self::Q3_K,
            12 => Self::Q4_K,
            13 => Self::Q5_K,
            14 => Self::Q6_K,
            15 => Self::Q8_K,
            20 => Self::IQ4_NL,
            30 => Self::BF16,
            _ => return None,
        })
    }

    /// Weights in a block and bytes that they take.
    pub fn block(self) -> (u64, u64) {
        match self {
            Self::F32 => (1, 4),
            Self::F16 | Self::BF16 => (1, 2),
            Self::Q4_0 | Self::IQ4_NL => (32, 18),
            Self::Q4_1 => (32, 20),
            Self::Q5_0 => (32, 22),
            Self::Q5_1 => (32, 24),
            Self::Q8_0 => (32, 34),
            Self::Q8_1 => (32, 36),
            Self::Q2_K => (256, 84),
            Self::Q3_K => (256, 110),
            Self::Q4_K => (256, 144),
            Self::Q5_K => (256, 176),
            Self::Q6_K => (256, 210),
            Self::Q8_K => (256, 292),
        }
    }
}

/// The types that weights can have, for people.
pub(crate) const WEIGHT_TYPES: &str =
    "F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K and IQ4_NL";

/// What people call a type that is not read here.
pub(super) fn type_name(id: u32) -> Cow<'static, str> {
    let name = match id {
        4 => "Q4_2",
        5 => "Q4_3",
        16 => "IQ2_XXS",
        17 => "IQ2_XS",
        18 => "IQ3_XXS",
        19 => "IQ1_S",
        21 => "IQ3_S",
        22 => "IQ2_S",
        23 => "IQ4_XS",
        24 => "I8",
        25 => "I16",
        26 => "I32",
        27 => "I64",
        28 => "F64",
        29 => "IQ1_M",
        31 => "Q4_0_4_4",
        32 => "Q4_0_4_8",
        33 => "Q4_0_8_8",
        34 => "TQ1_0",
        35 => "TQ2_0",
        36 => "IQ4_NL_4_4",
        37 => "IQ4_NL_4_8",
        38 => "IQ4_NL_8_8",
        39 => "MXFP4",
        unknown => return Cow::Owned(format!("of the unknown type {unknown}")),
    };
    Cow::Borrowed(name)
}

impl fmt::Display for TensorType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, out)
    }
}

/// Where a tensor lies and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// Row length first, as ggml counts: a matrix of `out` rows and `in` columns is `[in, out]`.
    pub shape: Vec<u64>,
    /// How its numbers are stored.
    pub tensor_type: TensorType,
    /// Its bytes in the file.
    pub range: Range<usize>,
}

impl TensorInfo {
    /// Number of weights.
    pub fn elements(&self) -> u64 {
        self.shape.iter().product()
    }
}

/// A tensor before its place in the file is known.
pub(super) struct Entry {
    name: String,
    shape: Vec<u64>,
    tensor_type: TensorType,
    offset: u64,
    size_bytes: u64,
}

impl Entry {
    pub(super) fn read(cursor: &mut Cursor) -> Result<Self, GgufError> {
        let name = cursor.text(limits::KEY_BYTES, "a tensor's name")?.to_owned();
        let what = format!("tensor {name:?}");
        let dimensions = cursor.u32(&what)?;
        if !(1..=limits::DIMENSIONS).contains(&dimensions) {
            return Err(bad_shape(&name, format!("{dimensions} dimensions")));
        }
        let mut shape = Vec::new();
        let mut elements = 1_u64;
        for _ in 0..dimensions {
            let length = cursor.u64(&what)?;
            elements = elements
                .checked_mul(length)
                .filter(|&elements| elements > 0)
                .ok_or_else(|| bad_shape(&name, format!("a dimension of {length}")))?;
            shape.push(length);
        }
        let type_id = cursor.u32(&what)?;
        let tensor_type = TensorType::from_id(type_id)
            .ok_or_else(|| GgufError::UnknownTensorType { tensor: name.clone(), type_id })?;
        let (block_elements, block_bytes) = tensor_type.block();
        if !shape[0].is_multiple_of(block_elements) {
            let reason = format!("rows of {} are no whole number of {tensor_type} blocks", shape[0]);
            return Err(bad_shape(&name, reason));
        }
        let size_bytes = (elements / block_elements)
            .checked_mul(block_bytes)
            .ok_or_else(|| bad_shape(&name, "more bytes than 64 bits can count".to_owned()))?;
        let offset = cursor.u64(&what)?;
        Ok(Self { name, shape, tensor_type, offset, size_bytes })
    }
}

/// Checks that every tensor is aligned, inside the file and apart from the others.
pub(super) fn place(
    mut entries: Vec<Entry>,
    data_offset: u64,
    alignment: u64,
    file_bytes: u64,
) -> Result<BTreeMap<String, TensorInfo>, GgufError> {
    entries.sort_by_key(|entry| entry.offset);
    let mut tensors = BTreeMap::new();
    let mut free_from = data_offset;
    for Entry { name, shape, tensor_type, offset, size_bytes } in entries {
        let bad = |reason: &str| GgufError::BadPlace { tensor: name.clone(), reason: reason.to_owned() };
        if !offset.is_multiple_of(alignment) {
            return Err(bad("is not aligned"));
        }
        let start = data_offset.checked_add(offset).ok_or_else(|| bad("lies outside the file"))?;
        let end = start.checked_add(size_bytes).ok_or_else(|| bad("lies outside the file"))?;
        if end > file_bytes {
            return Err(bad("lies outside the file"));
        }
        if start < free_from {
            return Err(bad("overlaps another tensor"));
        }
        free_from = end;
        let addressable = |at: u64| usize::try_from(at).map_err(|_| bad("lies beyond what can be addressed"));
        let info = TensorInfo { shape, tensor_type, range: addressable(start)?..addressable(end)? };
        if tensors.insert(name.clone(), info).is_some() {
            return Err(GgufError::Duplicate { what: "tensor", name });
        }
    }
    Ok(tensors)
}

fn bad_shape(tensor: &str, reason: String) -> GgufError {
    GgufError::BadShape { tensor: tensor.to_owned(), reason }
}
