//! What the lane answers, and how much that is worth: the largest thing on the screen.

use leptos::{
    html::{div, p, pre},
    prelude::*,
};
use protocol::FinishReason;

use crate::{
    components::{field::icon_button, icon},
    platform,
    state::{Against, Desk, LaneSlot, Phase, Reading, Shown, format},
    worker_client::Runner,
};

pub(super) fn answer(desk: Desk, runner: Runner, slot: LaneSlot) -> impl IntoView {
    let LaneSlot { id, lane, shown, .. } = slot;
    let text = Memo::new(move |_| shown.with(Shown::answer));
    let mark = Memo::new(move |_| shown.with(mark));
    let remark = Memo::new(move |_| shown.with(remark));
    Effect::new(move |_| {
        text.track();
        if shown.with_untracked(|shown| shown.state.phase == Phase::Running) {
            platform::scroll_to_end(&format!("[data-lane-id=\"{id}\"] [data-testid=lane-output]"));
        }
    });
    let error = Memo::new(move |_| {
        let error = shown.with(|shown| shown.state.error.as_ref().map(|error| error.message.clone()))?;
        // What the banner says already is not said again in every lane.
        let is_said =
            desk.notice.with(|notice| notice.as_ref().is_some_and(|notice| notice.message == error));
        (!is_said).then_some(error)
    });
    div().class("lane-answer").child((
        div()
            .class("lane-mark")
            .child((p().class("lane-state").child(move || mark.get()), run_or_stop(runner, slot))),
        super::thought::thought(desk, slot),
        pre()
            .class("lane-output")
            .attr("data-testid", "lane-output")
            .attr("tabindex", "0")
            .attr("role", "group")
            .attr("aria-label", move || lane.with(|lane| format!("Answer of {}", lane.name)))
            .child(move || text.get()),
        p().class("lane-remark").attr("data-testid", "lane-remark").child(move || remark.get()),
        move || error.get().map(|message| p().class("lane-error").child(message)),
    ))
}

/// Run for this lane alone; Stop while it runs.
fn run_or_stop(runner: Runner, slot: LaneSlot) -> impl IntoView {
    let LaneSlot { id, state, .. } = slot;
    let is_busy = Memo::new(move |_| state.with(|state| state.phase.is_busy()));
    move || {
        if is_busy.get() {
            let stop = move || runner.stop(Some(id));
            icon_button(icon::STOP, || "Stop this lane".to_owned(), "lane-stop", stop).into_any()
        } else {
            let run = move || runner.run(Some(id));
            icon_button(icon::PLAY, || "Run this lane".to_owned(), "lane-run", run).into_any()
        }
    }
}

/// What kind of answer this is.
fn mark(shown: &Shown) -> String {
    if shown.is_of_another_base {
        return "from another base model".to_owned();
    }
    if shown.is_stale {
        return "from before your edit".to_owned();
    }
    if let (Phase::Running, Some(Reading { read_tokens, prompt_tokens })) =
        (shown.state.phase, shown.state.reading)
    {
        let [read, all] = [read_tokens, prompt_tokens].map(|count| format::grouped(count.into()));
        return format!("reading {read} of {all} tokens");
    }
    let words = match (shown.state.phase, shown.state.reason) {
        (Phase::Empty, _) => "not run yet",
        (Phase::Recorded, _) if shown.state.tokens.is_empty() => "sent with the link",
        (Phase::Recorded, _) => "recorded",
        (Phase::Waiting, _) => "waiting",
        (Phase::Running, _) if shown.state.thought.as_ref().is_some_and(|thought| thought.is_open) => {
            "thinking"
        }
        (Phase::Running, _) => "writing",
        (Phase::Done, Some(FinishReason::Length)) => "cut at max tokens",
        (Phase::Done, Some(FinishReason::ContextFull)) => "context full",
        (Phase::Done, Some(FinishReason::StopText)) => "done, at stop text",
        (Phase::Done, _) => "done",
        (Phase::Stopped, _) => "stopped",
        (Phase::Failed, _) => "failed",
    };
    words.to_owned()
}

/// What was done to its prompt, and how it compares with the recording, or whose times it has.
fn remark(shown: &Shown) -> String {
    let folded = shown
        .state
        .system_folded
        .then(|| "this model has no system role: the system text stands before the input".to_owned());
    let compared = match shown.against {
        Some(Against::Reproduced) => Some("reproduced the recording".to_owned()),
        Some(Against::DivergedAt(token)) => Some(format!("differs from the recording at token {token}")),
        None if shown.state.phase == Phase::Recorded && shown.state.metrics.is_some() => {
            Some("times are another machine's".to_owned())
        }
        None => None,
    };
    folded.into_iter().chain(compared).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::LaneState;

    #[test]
    fn a_system_text_that_was_moved_is_always_said() {
        let said = |system_folded, against| {
            let mut state = LaneState::default();
            state.system_folded = system_folded;
            remark(&Shown { against, ..Shown::busy(&state) })
        };
        assert_eq!(said(false, None), "");
        assert_eq!(said(false, Some(Against::DivergedAt(3))), "differs from the recording at token 3");
        for against in [None, Some(Against::Reproduced), Some(Against::DivergedAt(1))] {
            assert!(said(true, against).starts_with("this model has no system role"), "{against:?}");
        }
        assert!(said(true, Some(Against::Reproduced)).ends_with("; reproduced the recording"));
    }

    #[test]
    fn a_long_prompt_is_said_while_it_is_read() {
        let mut state = LaneState::default();
        state.phase = Phase::Running;
        state.reading = Some(Reading { read_tokens: 512, prompt_tokens: 3500 });
        assert_eq!(mark(&Shown::busy(&state)), "reading 512 of 3,500 tokens");
        state.reading = None;
        assert_eq!(mark(&Shown::busy(&state)), "writing");
        state.reading = Some(Reading { read_tokens: 512, prompt_tokens: 3500 });
        state.phase = Phase::Stopped;
        assert_eq!(mark(&Shown::busy(&state)), "stopped");
    }
}
