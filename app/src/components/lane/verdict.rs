//! Which fields of the answer are right.

use comparison::{FieldCheck, check_fields};
use leptos::{
    html::{div, li, p, span, ul},
    prelude::*,
};

use crate::state::{Desk, LaneSlot, Phase};

pub(super) fn verdict(desk: Desk, slot: LaneSlot) -> impl IntoView {
    let checks = Memo::new(move |_| {
        let expected = desk.expected()?;
        slot.shown.with(|shown| {
            let checks = check_fields(expected, &shown.state.output)?;
            // What is still being written is not judged yet, and what answers another question never.
            let is_judged = !shown.is_stale && matches!(shown.state.phase, Phase::Done | Phase::Recorded);
            Some((checks, is_judged))
        })
    });
    let score = move || match checks.get() {
        Some((checks, true)) => {
            let right = checks.iter().filter(|check| check.is_right()).count();
            format!("{right} of {} fields right", checks.len())
        }
        Some((_, false)) => "not judged yet".to_owned(),
        None => "no right answer known".to_owned(),
    };
    let is_all_right = move || match checks.get() {
        Some((checks, true)) => Some(checks.iter().all(FieldCheck::is_right).to_string()),
        _ => None,
    };
    let rows = move || {
        let (checks, is_judged) = checks.get()?;
        Some(ul().child(checks.into_iter().map(|check| row(check, is_judged)).collect_view()))
    };
    div()
        .class("lane-verdict")
        .attr("data-testid", "lane-verdict")
        .attr("data-right", is_all_right)
        .child((p().class("lane-score").child(score), rows))
}

fn row(check: FieldCheck, is_judged: bool) -> impl IntoView {
    let (sign, word) = match (is_judged, check.is_right()) {
        (false, _) => ("·", "not judged"),
        (true, true) => ("✓", "right"),
        (true, false) => ("✗", "wrong"),
    };
    let got = match (is_judged, check.actual) {
        (false, _) => "–".to_owned(),
        (true, None) => "missing".to_owned(),
        (true, Some(actual)) => actual,
    };
    li().class("check")
        .attr("data-field", check.field.clone())
        .attr("data-verdict", word.replace(' ', "-"))
        .child((
            span().class("check-sign").attr("aria-hidden", "true").child(sign),
            span().class("check-field").child(check.field),
            span().class("check-value").child(got),
            span().class("visually-hidden").child(word),
        ))
}
