//! Tensors by name, and the pairs of A and B among them.

use std::collections::BTreeMap;

use super::AdapterError;
use crate::kernels::f16;

/// The most weights of an adapter: 1 GiB in single precision.
const WEIGHTS: u64 = 1 << 28;

/// What the names of A and of B end in.
pub(super) type Suffixes = (&'static str, &'static str);

/// How an adapter's numbers are stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum Precision {
    F32,
    F16,
    BF16,
}

/// A tensor in single precision, row-major.
#[derive(Debug)]
pub(super) struct Tensor {
    pub(super) shape: Vec<usize>,
    pub(super) values: Vec<f32>,
}

/// The tensors of a file, by name.
#[derive(Debug, Default)]
pub(super) struct Tensors {
    by_name: BTreeMap<String, Tensor>,
    /// Shapes of matrices of the base, which nothing here reads.
    copies: BTreeMap<String, Vec<usize>>,
    weights: u64,
}

/// What the name of a copy of one of the base's matrices ends in.
const COPY: &str = ".base_layer.weight";

/// One of A and B, in the order in which it is applied.
#[derive(Debug)]
pub(super) struct Half {
    pub(super) tensor: String,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) values: Vec<f32>,
}

/// A and B of a module.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) module: String,
    pub(super) a: Half,
    pub(super) b: Half,
}

impl Tensors {
    /// Adds a tensor from its bytes, as many as its shape and its precision need.
    pub(super) fn add(
        &mut self,
        name: &str,
        shape: Vec<usize>,
        precision: Precision,
        bytes: &[u8],
    ) -> Result<(), AdapterError> {
        if name.ends_with(COPY) {
            return match self.copies.insert(name.to_owned(), shape) {
                None => Ok(()),
                Some(_) => Err(AdapterError::Duplicate { tensor: name.to_owned() }),
            };
        }
        let width = if matches!(precision, Precision::F32) { 4 } else { 2 };
        self.weights = self.weights.saturating_add(bytes.len() as u64 / width);
        if self.weights > WEIGHTS {
            return Err(AdapterError::TooLarge {
                what: "number of weights",
                got: self.weights,
                limit: WEIGHTS,
            });
        }
        let pairs = || bytes.as_chunks().0.iter().map(|&bytes| u16::from_le_bytes(bytes));
        let values: Vec<f32> = match precision {
            Precision::F32 => bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect(),
            Precision::F16 => pairs().map(f16::to_f32).collect(),
            // The upper half of a single-precision number.
            Precision::BF16 => pairs().map(|upper| f32::from_bits(u32::from(upper) << 16)).collect(),
        };
        if values.iter().any(|value| !value.is_finite()) {
            return Err(AdapterError::NotFinite { tensor: name.to_owned() });
        }
        match self.by_name.insert(name.to_owned(), Tensor { shape, values }) {
            None => Ok(()),
            Some(_) => Err(AdapterError::Duplicate { tensor: name.to_owned() }),
        }
    }

    /// Takes out the copies of the base's matrices: names and shapes.
    pub(super) fn take_copies(&mut self) -> BTreeMap<String, Vec<usize>> {
        std::mem::take(&mut self.copies)
    }

    /// Every pair, in order of the name, with what `suffixes` says that A and B end in; what stands between
    /// `prefix` and them is the module. Tensors of other names are refused.
    pub(super) fn pairs(mut self, prefix: &str, suffixes: &[Suffixes]) -> Result<Vec<Pair>, AdapterError> {
        if let Some(odd) = self
            .copies
            .keys()
            .chain(self.by_name.keys())
            .find(|name| Place::of(name, prefix, suffixes).is_none())
        {
            return Err(unknown(odd, prefix, suffixes));
        }
        let mut pairs: BTreeMap<String, Pair> = BTreeMap::new();
        while let Some((name, tensor)) = self.by_name.pop_first() {
            let Some(Place { module, is_a, other }) = Place::of(&name, prefix, suffixes) else { continue };
            let Some(other_tensor) = self.by_name.remove(&other) else {
                return Err(AdapterError::MissingHalf { tensor: other });
            };
            let (first, second) = (Half::new(name, tensor)?, Half::new(other, other_tensor)?);
            let (a, b) = if is_a { (first, second) } else { (second, first) };
            let tensor = a.tensor.clone();
            if pairs.insert(module.clone(), Pair { module, a, b }).is_some() {
                return Err(AdapterError::Duplicate { tensor });
            }
        }
        if pairs.is_empty() {
            return Err(AdapterError::Empty);
        }
        Ok(pairs.into_values().collect())
    }
}

/// What a tensor's name says.
struct Place {
    module: String,
    is_a: bool,
    /// The name of the other half.
    other: String,
}

impl Place {
    fn of(name: &str, prefix: &str, suffixes: &[Suffixes]) -> Option<Self> {
        let stem = name.strip_prefix(prefix)?;
        suffixes.iter().find_map(|&(a, b)| {
            let (module, is_a, other) = match stem.strip_suffix(a) {
                Some(module) => (module, true, b),
                None => (stem.strip_suffix(b)?, false, a),
            };
            Some(Self { module: module.to_owned(), is_a, other: format!("{prefix}{module}{other}") })
        })
    }
}

fn unknown(tensor: &str, prefix: &str, suffixes: &[Suffixes]) -> AdapterError {
    let is_magnitude = tensor.contains("lora_magnitude_vector") || tensor.rsplit('.').next() == Some("m");
    let reason = match suffixes.first() {
        Some((a, b)) if !is_magnitude => format!("it is called neither {prefix}…{a} nor {prefix}…{b}"),
        _ => "DoRA".to_owned(),
    };
    AdapterError::UnsupportedTensor { tensor: tensor.to_owned(), reason }
}

impl Half {
    fn new(name: String, tensor: Tensor) -> Result<Self, AdapterError> {
        let [rows, columns] = *tensor.shape else {
            let reason = format!("it has {} dimensions", tensor.shape.len());
            return Err(AdapterError::UnsupportedTensor { tensor: name, reason });
        };
        Ok(Self { tensor: name, rows, columns, values: tensor.values })
    }

    /// With rows and columns exchanged.
    pub(super) fn transposed(self) -> Self {
        let Self { tensor, rows, columns, values } = self;
        let column = |column: usize| values.iter().skip(column).step_by(columns.max(1)).copied();
        let values = (0..columns).flat_map(column).collect();
        Self { tensor, rows: columns, columns: rows, values }
    }
}

impl Pair {
    /// For formats that count the other way round: A as `(inputs, R)` and B as `(R, outputs)`.
    pub(super) fn transposed(self) -> Self {
        Self { module: self.module, a: self.a.transposed(), b: self.b.transposed() }
    }
}
