//! The inference module.
