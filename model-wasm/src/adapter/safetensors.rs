//! Safetensors files: a bounded check of the header, then the `safetensors` crate.

use std::{collections::BTreeSet, fmt};

use safetensors::{Dtype, SafeTensors};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;

use super::{
    AdapterError,
    halves::{Precision, Tensors},
};

/// The largest header that is read.
const HEADER_BYTES: u64 = 16 << 20;
/// The most tensors.
const TENSORS: usize = 65_536;

/// The file's tensors, and the texts that it carries.
pub(super) struct Weights {
    pub(super) tensors: Tensors,
    /// `base_sha256` of the file's `__metadata__`.
    pub(super) base_sha256: Option<String>,
}

pub(super) fn read(file: &[u8]) -> Result<Weights, AdapterError> {
    let base_sha256 = check_header(file)?;
    let parsed = SafeTensors::deserialize(file).map_err(|error| damaged(error.to_string()))?;
    let mut tensors = Tensors::default();
    for (name, view) in parsed.iter() {
        let precision = match view.dtype() {
            Dtype::F32 => Precision::F32,
            Dtype::F16 => Precision::F16,
            Dtype::BF16 => Precision::BF16,
            other => {
                let (tensor, reason) = (name.to_owned(), format!("its type is {other:?}"));
                return Err(AdapterError::UnsupportedTensor { tensor, reason });
            }
        };
        tensors.add(name, view.shape().to_vec(), precision, view.data())?;
    }
    Ok(Weights { tensors, base_sha256 })
}

/// The header's entries as they stand, those that occur twice included.
struct Entries(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Entries;

            fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// Checks lengths, types, shapes and ranges with checked arithmetic; returns the base's hash, where
/// the file's `__metadata__` names one as `base_sha256`.
fn check_header(file: &[u8]) -> Result<Option<String>, AdapterError> {
    let (length, rest) = file.split_first_chunk().ok_or_else(|| damaged("it is shorter than 8 bytes"))?;
    let length = u64::from_le_bytes(*length);
    if length > HEADER_BYTES {
        return Err(damaged(format!("its header of {length} bytes is beyond the limit of {HEADER_BYTES}")));
    }
    if length > rest.len() as u64 {
        return Err(damaged("it ends inside its header"));
    }
    let (header, data) = rest.split_at(length as usize);
    let Entries(header) =
        serde_json::from_slice(header).map_err(|error| damaged(format!("its header: {error}")))?;
    if header.len() > TENSORS {
        return Err(damaged(format!("it has more than {TENSORS} tensors")));
    }
    let mut ranges = Vec::new();
    let mut names = BTreeSet::new();
    let mut base_sha256 = None;
    for (name, entry) in &header {
        if !names.insert(name) {
            return Err(AdapterError::Duplicate { tensor: name.clone() });
        }
        if name == "__metadata__" {
            base_sha256 = entry.get("base_sha256").and_then(Value::as_str).map(str::to_owned);
            continue;
        }
        ranges.push((
            check_entry(entry, data.len() as u64).map_err(|what| damaged(format!("{name:?} {what}")))?,
            name,
        ));
    }
    ranges.sort_unstable();
    let mut free_from = 0;
    for ((start, end), name) in ranges {
        if start != free_from {
            return Err(damaged(format!("{name:?} leaves a gap or overlaps another tensor")));
        }
        free_from = end;
    }
    if free_from != data.len() as u64 {
        return Err(damaged(format!("its tensors take {free_from} bytes, the file has {}", data.len())));
    }
    Ok(base_sha256)
}

/// The range of a tensor that is sound.
fn check_entry(entry: &Value, data_bytes: u64) -> Result<(u64, u64), String> {
    let element_bytes = match entry.get("dtype").and_then(Value::as_str) {
        Some("F64" | "I64" | "U64") => 8_u64,
        Some("F32" | "I32" | "U32") => 4,
        Some("F16" | "BF16" | "I16" | "U16") => 2,
        Some("I8" | "U8" | "BOOL") => 1,
        other => return Err(format!("has the unknown type {other:?}")),
    };
    let shape = entry.get("shape").and_then(Value::as_array).ok_or("has no shape")?;
    if shape.len() > 8 {
        return Err(format!("has {} dimensions", shape.len()));
    }
    let mut size = element_bytes;
    for length in shape {
        let length = length.as_u64().ok_or("has a dimension that is no count")?;
        size = size.checked_mul(length).ok_or("has more bytes than 64 bits can count")?;
    }
    let offsets = entry.get("data_offsets").and_then(Value::as_array).ok_or("has no data_offsets")?;
    let [start, end] = offsets.as_slice() else { return Err("has no two data_offsets".to_owned()) };
    let (Some(start), Some(end)) = (start.as_u64(), end.as_u64()) else {
        return Err("has data_offsets that are no counts".to_owned());
    };
    if start > end || end > data_bytes {
        return Err("lies outside the file".to_owned());
    }
    if end - start != size {
        return Err(format!("takes {} bytes, its shape asks for {size}", end - start));
    }
    Ok((start, end))
}

fn damaged(what: impl Into<String>) -> AdapterError {
    AdapterError::DamagedWeights(what.into())
}
