//! The pages, and what they share.

mod compare;
mod models;

pub(crate) use compare::compare_page;
pub(crate) use models::models_page;

/// Where one is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Page {
    /// Lanes side by side.
    #[default]
    Compare,
    /// What is loaded.
    Models,
}
