//! Which of transformers' modules hold the matrices of a layer.

use crate::model::{Config, Slot};

/// The rows that a matrix has in a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Module {
    /// After `model.layers.N.`.
    pub(super) name: &'static str,
    /// The first of the matrix's rows.
    pub(super) first_row: usize,
    /// Rows of the module, those of its other matrices included.
    pub(super) rows: usize,
}

/// The module of a matrix.
pub(super) fn module_of(slot: Slot, config: &Config) -> Module {
    let rows = |slot: Slot| slot.shape(config).0;
    let (name, slots): (_, &[Slot]) = match slot {
        Slot::Query | Slot::Key | Slot::Value if config.fused => {
            ("self_attn.qkv_proj", &[Slot::Query, Slot::Key, Slot::Value])
        }
        Slot::Gate | Slot::Up if config.fused => ("mlp.gate_up_proj", &[Slot::Gate, Slot::Up]),
        slot => return Module { name: slot.module_name(), first_row: 0, rows: rows(slot) },
    };
    Module {
        name,
        first_row: slots.iter().take_while(|other| **other != slot).map(|slot| rows(*slot)).sum(),
        rows: slots.iter().map(|slot| rows(*slot)).sum(),
    }
}
