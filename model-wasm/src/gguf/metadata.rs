//! The key-value part of a GGUF file.

use std::collections::BTreeMap;

use super::{GgufError, Texts, cursor::Cursor, limits};

/// A metadata value. Integers of every width become 64-bit, floats double precision.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Any integer type.
    Integer(i128),
    /// `f32` or `f64`.
    Float(f64),
    /// `bool`
    Bool(bool),
    /// `string`
    Text(String),
    /// An array of texts.
    Texts(Texts),
    /// An array of any integer type, or of booleans.
    Integers(Vec<i64>),
    /// An array of floats.
    Floats(Vec<f32>),
}

/// All key-value pairs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    values: BTreeMap<String, Value>,
}

impl Metadata {
    pub(super) fn read(cursor: &mut Cursor, entries: u64) -> Result<Self, GgufError> {
        let mut values = BTreeMap::new();
        for _ in 0..entries {
            let key = cursor.text(limits::KEY_BYTES, "a metadata key")?.to_owned();
            cursor.decode(size_of::<(String, Value)>() as u64)?;
            let value = read_value(cursor, &key)?;
            if values.insert(key.clone(), value).is_some() {
                return Err(GgufError::Duplicate { what: "metadata", name: key });
            }
        }
        Ok(Self { values })
    }

    /// The value of a key, of whatever type.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// A text.
    ///
    /// # Errors
    /// When the key is there with another type.
    pub fn text(&self, key: &str) -> Result<Option<&str>, GgufError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(bad(key, "a text")),
        }
    }

    /// A 32-bit count.
    ///
    /// # Errors
    /// When the key is there with another type or out of range.
    pub fn u32(&self, key: &str) -> Result<Option<u32>, GgufError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Integer(number)) => {
                u32::try_from(*number).map(Some).map_err(|_| bad(key, "a 32-bit count"))
            }
            Some(_) => Err(bad(key, "a 32-bit count")),
        }
    }

    /// A finite number.
    ///
    /// # Errors
    /// When the key is there with another type or not finite.
    pub fn f32(&self, key: &str) -> Result<Option<f32>, GgufError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Float(number)) if (*number as f32).is_finite() => Ok(Some(*number as f32)),
            Some(_) => Err(bad(key, "a finite number")),
        }
    }

    /// A truth value.
    ///
    /// # Errors
    /// When the key is there with another type.
    pub fn bool(&self, key: &str) -> Result<Option<bool>, GgufError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(_) => Err(bad(key, "a truth value")),
        }
    }

    /// An array of texts.
    ///
    /// # Errors
    /// When the key is there with another type.
    pub fn texts(&self, key: &str) -> Result<Option<&Texts>, GgufError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Texts(texts)) => Ok(Some(texts)),
            Some(_) => Err(bad(key, "an array of texts")),
        }
    }

    /// An array of integers.
    ///
    /// # Errors
    /// When the key is there with another type.
    pub fn integers(&self, key: &str) -> Result<Option<&[i64]>, GgufError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Integers(numbers)) => Ok(Some(numbers)),
            Some(_) => Err(bad(key, "an array of integers")),
        }
    }

    /// What `find` gives, or an error that names the missing key.
    ///
    /// # Errors
    /// When the key is missing or of another type.
    pub fn need<'a, T>(
        &'a self,
        key: &str,
        find: impl Fn(&'a Self, &str) -> Result<Option<T>, GgufError>,
    ) -> Result<T, GgufError> {
        find(self, key)?.ok_or_else(|| GgufError::MissingMetadata { key: key.to_owned() })
    }

    /// Every pair, in order of the key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(key, value)| (key.as_str(), value))
    }
}

fn bad(key: &str, expected: &str) -> GgufError {
    GgufError::BadMetadata { key: key.to_owned(), expected: expected.to_owned() }
}

/// The numbers that GGUF gives its value types.
mod value_type {
    pub(super) const BOOL: u32 = 7;
    pub(super) const TEXT: u32 = 8;
    pub(super) const ARRAY: u32 = 9;
}

fn read_value(cursor: &mut Cursor, key: &str) -> Result<Value, GgufError> {
    let what = format!("metadata {key:?}");
    match cursor.u32(&what)? {
        value_type::TEXT => Ok(Value::Text(cursor.text(limits::TEXT_BYTES, &what)?.to_owned())),
        value_type::ARRAY => read_array(cursor, key, &what),
        scalar => read_scalar(cursor, scalar, key, &what),
    }
}

fn read_scalar(cursor: &mut Cursor, type_id: u32, key: &str, what: &str) -> Result<Value, GgufError> {
    Ok(match type_id {
        0 => Value::Integer(u8::from_le_bytes(cursor.array(what)?).into()),
        1 => Value::Integer(i8::from_le_bytes(cursor.array(what)?).into()),
        2 => Value::Integer(u16::from_le_bytes(cursor.array(what)?).into()),
        3 => Value::Integer(i16::from_le_bytes(cursor.array(what)?).into()),
        4 => Value::Integer(u32::from_le_bytes(cursor.array(what)?).into()),
        5 => Value::Integer(i32::from_le_bytes(cursor.array(what)?).into()),
        6 => Value::Float(f32::from_le_bytes(cursor.array(what)?).into()),
        value_type::BOOL => match cursor.array::<1>(what)? {
            [0] => Value::Bool(false),
            [1] => Value::Bool(true),
            _ => return Err(bad(key, "a truth value")),
        },
        10 => Value::Integer(u64::from_le_bytes(cursor.array(what)?).into()),
        11 => Value::Integer(i64::from_le_bytes(cursor.array(what)?).into()),
        12 => Value::Float(f64::from_le_bytes(cursor.array(what)?)),
        type_id => return Err(GgufError::UnknownValueType { key: key.to_owned(), type_id }),
    })
}

fn read_array(cursor: &mut Cursor, key: &str, what: &str) -> Result<Value, GgufError> {
    let type_id = cursor.u32(what)?;
    let length = cursor.count(limits::ARRAY_ELEMENTS, &format!("the length of {what}"))?;
    if type_id == value_type::TEXT {
        cursor.decode(length * size_of::<usize>() as u64)?;
        // No capacity is reserved from a length that the file claims.
        let mut texts = Texts::default();
        for _ in 0..length {
            texts.push(cursor.text(limits::TEXT_BYTES, what)?);
        }
        return Ok(Value::Texts(texts));
    }
    cursor.decode(length * size_of::<i64>() as u64)?;
    let mut integers = Vec::new();
    let mut floats = Vec::new();
    for _ in 0..length {
        match read_scalar(cursor, type_id, key, what)? {
            Value::Integer(number) => {
                integers.push(i64::try_from(number).map_err(|_| bad(key, "an array of 64-bit integers"))?);
            }
            Value::Bool(value) => integers.push(value.into()),
            Value::Float(number) => floats.push(number as f32),
            _ => return Err(bad(key, "an array of numbers")),
        }
    }
    Ok(if matches!(type_id, 6 | 12) { Value::Floats(floats) } else { Value::Integers(integers) })
}
