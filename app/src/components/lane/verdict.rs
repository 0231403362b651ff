//! Which fields of the answer are right.

use comparison::{FieldCheck, Verdict, judge};
use leptos::{
    html::{div, li, p, span, ul},
    prelude::*,
};

use crate::state::{Desk, LaneSlot, Phase};

pub(super) fn verdict(desk: Desk, slot: LaneSlot) -> impl IntoView {
    let verdict = Memo::new(move |_| {
        let expected = desk.expected()?;
        slot.shown.with(|shown| {
            // What is still being written is not judged yet, and what answers another question never.
            let is_judged = !shown.is_stale && matches!(shown.state.phase, Phase::Done | Phase::Recorded);
            Some((judge(expected, &shown.state.output), is_judged))
        })
    });
    let score = move || match verdict.get() {
        Some((verdict, true)) => words(&verdict),
        Some((_, false)) => "not judged yet".to_owned(),
        None => "no right answer known".to_owned(),
    };
    let is_right = move || match verdict.get() {
        Some((verdict, true)) => Some(verdict.is_right.to_string()),
        _ => None,
    };
    let rows = move || {
        let (verdict, is_judged) = verdict.get()?;
        Some(ul().child(verdict.fields.into_iter().map(|check| row(check, is_judged)).collect_view()))
    };
    div()
        .class("lane-verdict")
        .attr("data-testid", "lane-verdict")
        .attr("data-right", is_right)
        .child((p().class("lane-score").child(score), rows))
}

/// How much of the answer is right.
fn words(verdict: &Verdict) -> String {
    let right = verdict.fields.iter().filter(|check| check.is_right).count();
    match (verdict.fields.len(), verdict.surplus) {
        (0, _) if verdict.is_right => "right".to_owned(),
        (0, _) => "wrong".to_owned(),
        (all, 0) => format!("{right} of {all} fields right"),
        (all, surplus) => format!("{right} of {all} fields right, {surplus} too many"),
    }
}

fn row(check: FieldCheck, is_judged: bool) -> impl IntoView {
    let (sign, word) = match (is_judged, check.is_right) {
        (false, _) => ("·", "not judged"),
        (true, true) => ("✓", "right"),
        (true, false) => ("✗", "wrong"),
    };
    let got = match (is_judged, check.actual) {
        (false, _) => "–".to_owned(),
        (true, None) => "missing".to_owned(),
        (true, Some(actual)) => actual,
    };
    let right_value = (is_judged && !check.is_right).then(|| {
        span().class("check-expected").child((
            span().attr("aria-hidden", "true").child("≠ "),
            span().class("visually-hidden").child("instead of "),
            span().class("check-expected-value").child(check.expected),
        ))
    });
    li().class("check")
        .attr("data-field", check.field.clone())
        .attr("data-verdict", word.replace(' ', "-"))
        .child((
            span().class("check-sign").attr("aria-hidden", "true").child(sign),
            span().class("check-field").child(check.field),
            span().class("check-answer").child((span().class("check-value").child(got), " ", right_value)),
            span().class("visually-hidden").child(word),
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_names_what_is_too_much() {
        let said = |expected, output| words(&judge(expected, output));
        assert_eq!(said(r#"{"a":1,"b":2}"#, r#"{"b":2,"a":3}"#), "1 of 2 fields right");
        assert_eq!(said(r#"{"a":1}"#, r#"{"a":1,"b":2}"#), "1 of 1 fields right, 1 too many");
        assert_eq!([said("yes", "yes"), said("yes", "no")], ["right", "wrong"]);
    }
}
