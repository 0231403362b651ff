//! The parts of a page.
//!
//! They are written as calls (`div().child(..)`) and not with Leptos' `view!`: the macro turns
//! parts without anything dynamic into HTML text, and the page's Trusted Types policy lets no text
//! become HTML.

pub(crate) mod banner;
pub(crate) mod chat_format;
pub(crate) mod diff;
pub(crate) mod field;
pub(crate) mod header;
pub(crate) mod icon;
pub(crate) mod lane;
pub(crate) mod models;
pub(crate) mod outside;
pub(crate) mod run_bar;
pub(crate) mod scenario;
pub(crate) mod share_panel;
