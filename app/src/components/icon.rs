//! Icons: strokes on a 16 x 16 grid, in the colour of the text around them.

use leptos::{
    prelude::*,
    svg::{path, svg},
};

pub(crate) const PLAY: &str = "M5 3.2v9.6L12.5 8z";
pub(crate) const STOP: &str = "M4.2 4.2h7.6v7.6H4.2z";
pub(crate) const COPY: &str = "M6 6h7v7H6zM10 6V3H3v7h3";
pub(crate) const REMOVE: &str = "M4 4l8 8M12 4l-8 8";
pub(crate) const LEFT: &str = "M9.5 3.5L5 8l4.5 4.5";
pub(crate) const RIGHT: &str = "M6.5 3.5L11 8l-4.5 4.5";
pub(crate) const ADD: &str = "M8 3v10M3 8h10";
pub(crate) const SHARE: &str = "M8 10V2.5M5 5.2L8 2.4l3 2.8M3 9v4.3h10V9";
pub(crate) const RESET: &str = "M3.2 8a4.8 4.8 0 1 0 1.6-3.6M3 2.6v3h3";
pub(crate) const THEME: &str = "M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11";

/// An icon beside or instead of words; screen readers pass over it.
pub(crate) fn icon(strokes: &'static str) -> impl IntoView {
    svg()
        .attr("class", "icon")
        .attr("viewBox", "0 0 16 16")
        .attr("aria-hidden", "true")
        .attr("focusable", "false")
        .child(path().attr("d", strokes))
}
