//! What the model thought before its answer, folded. Its line is there from the start where thinking is asked for, so
//! that nothing moves when the thought begins.

use comparison::thought::Thought;
use leptos::{
    html::{details, div, p, summary},
    prelude::*,
};

use crate::{
    platform,
    state::{Desk, LaneSlot, Phase, Shown, format},
};

pub(super) fn thought(desk: Desk, slot: LaneSlot) -> impl IntoView {
    let LaneSlot { id, lane, shown, .. } = slot;
    let has_thought = Memo::new(move |_| shown.with(|shown| shown.state.thought.is_some()));
    let words = Memo::new(move |_| shown.with(words));
    let text = Memo::new(move |_| {
        shown
            .with(|shown| shown.state.thought.as_ref().map(|thought| thought.text.clone()))
            .unwrap_or_default()
    });
    Effect::new(move |_| {
        text.track();
        if shown.with_untracked(|shown| shown.state.phase == Phase::Running) {
            platform::scroll_to_end(&format!("[data-lane-id=\"{id}\"] [data-testid=lane-thought-text]"));
        }
    });
    let folded = move || {
        details().class("lane-thought").attr("data-testid", "lane-thought").child((
            summary().child(move || words.get()),
            div()
                .class("lane-thought-text")
                .attr("data-testid", "lane-thought-text")
                .attr("tabindex", "0")
                .attr("role", "group")
                .attr("aria-label", move || lane.with(|lane| format!("Thoughts of {}", lane.name)))
                .child(move || text.get()),
        ))
    };
    move || {
        if has_thought.get() {
            Some(folded().into_any())
        } else {
            desk.thinks_first().then(|| p().class("lane-thought-none").child(move || words.get()).into_any())
        }
    }
}

/// What the fold says.
fn words(shown: &Shown) -> String {
    let is_busy = shown.state.phase.is_busy();
    let Some(Thought { tokens, is_open, .. }) = &shown.state.thought else {
        let words = match shown.state.phase {
            Phase::Running if shown.state.output.is_empty() => "Thoughts come first",
            Phase::Empty | Phase::Waiting => "Thoughts come first",
            _ => "No thoughts",
        };
        return words.to_owned();
    };
    let unit = if *tokens == 1 { "token" } else { "tokens" };
    let tokens = format::grouped(*tokens as u64);
    match (is_open, is_busy) {
        (true, true) => format!("Thinking: {tokens} {unit} so far"),
        (true, false) => format!("Thoughts, cut off after {tokens} {unit}"),
        (false, _) => format!("Thoughts, {tokens} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::LaneState;

    #[test]
    fn the_fold_says_where_the_thought_is() {
        let said = |phase, thought: Option<(usize, bool)>| {
            let mut state = LaneState::default();
            state.phase = phase;
            state.thought = thought.map(|(tokens, is_open)| Thought { text: String::new(), tokens, is_open });
            words(&Shown::busy(&state))
        };
        assert_eq!(said(Phase::Running, Some((1, true))), "Thinking: 1 token so far");
        assert_eq!(said(Phase::Running, Some((12, false))), "Thoughts, 12 tokens");
        assert_eq!(said(Phase::Stopped, Some((1200, true))), "Thoughts, cut off after 1,200 tokens");
        assert_eq!(said(Phase::Waiting, None), "Thoughts come first");
        assert_eq!(said(Phase::Done, None), "No thoughts");
    }
}
