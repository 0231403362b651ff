//! What a model thinks before it answers: `<think>…</think>` at the beginning of what it writes.

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// What a model thought before its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Thought {
    /// Without its marks.
    pub text: String,
    /// Its length in tokens, marks included.
    pub tokens: usize,
    /// Whether it has no end: it is being thought, or was cut.
    pub is_open: bool,
}

/// What a model has written, in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts<'a> {
    /// What it thought, if it did; a thought that ended empty is none.
    pub thought: Option<&'a str>,
    /// Whether the thought has no end.
    pub is_open: bool,
    /// What it answers.
    pub answer: &'a str,
}

/// Tells thought and answer apart. With `begins_thinking` the prompt has opened the thought already; where more is to
/// come (not `is_whole`), a part of a mark at the end is in neither.
pub fn parts(written: &str, begins_thinking: bool, is_whole: bool) -> Parts<'_> {
    let start = written.trim_start();
    let body = match start.strip_prefix(OPEN) {
        Some(body) => body,
        None if !is_whole && OPEN.starts_with(start) => {
            return Parts { thought: begins_thinking.then_some(""), is_open: begins_thinking, answer: "" };
        }
        None if begins_thinking => start,
        None => return Parts { thought: None, is_open: false, answer: written },
    };
    if let Some((thought, answer)) = body.split_once(CLOSE) {
        let thought = Some(thought.trim()).filter(|thought| !thought.is_empty());
        return Parts { thought, is_open: false, answer: answer.trim_start() };
    }
    let end = if is_whole { body.len() } else { body.len() - begun(body) };
    Parts { thought: Some(body[..end].trim_start()), is_open: true, answer: "" }
}

/// Bytes at the end of `text` that may become the closing mark.
fn begun(text: &str) -> usize {
    (1..CLOSE.len()).rev().find(|&length| text.ends_with(&CLOSE[..length])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn so_far(written: &str) -> (Option<&str>, bool, &str) {
        let Parts { thought, is_open, answer } = parts(written, false, false);
        (thought, is_open, answer)
    }

    #[test]
    fn a_thought_grows_ends_and_is_followed_by_the_answer() {
        assert_eq!(so_far(""), (None, false, ""));
        assert_eq!(so_far("\n<thi"), (None, false, ""));
        assert_eq!(so_far("<think>\n"), (Some(""), true, ""));
        assert_eq!(so_far("<think>\nWell </th"), (Some("Well "), true, ""));
        assert_eq!(so_far("<think>\nWell </then"), (Some("Well </then"), true, ""));
        assert_eq!(so_far("<think>\nWell.\n</think>\n"), (Some("Well."), false, ""));
        assert_eq!(
            so_far("<think>\nWell.\n</think>\n\nTwo </think>"),
            (Some("Well."), false, "Two </think>")
        );
    }

    #[test]
    fn an_ordinary_answer_stays_as_it_is() {
        for written in ["Two.", " Two <think>", "<thinking>", "<b>"] {
            assert_eq!(so_far(written), (None, false, written));
        }
        assert_eq!(parts("<thi", false, true).answer, "<thi");
        assert_eq!(parts("\n", false, true).answer, "\n");
    }

    #[test]
    fn a_prompt_may_have_opened_the_thought() {
        let opened = |written, is_whole| {
            let Parts { thought, is_open, answer } = parts(written, true, is_whole);
            (thought, is_open, answer)
        };
        assert_eq!(opened("", false), (Some(""), true, ""));
        assert_eq!(opened("Well", false), (Some("Well"), true, ""));
        assert_eq!(opened("Well.\n</think>\n\nTwo.", false), (Some("Well."), false, "Two."));
        assert_eq!(opened("Well </thi", true), (Some("Well </thi"), true, ""));
    }

    #[test]
    fn an_empty_thought_is_none() {
        assert_eq!(so_far("<think>\n\n</think>\n\nTwo."), (None, false, "Two."));
    }
}
