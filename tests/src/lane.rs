//! A lane as a person sees it, at one moment.

use serde_json::Value;

/// What a lane shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LaneSnapshot {
    /// `data-lane-id`
    pub id: String,
    /// `data-weights`: `base` or an adapter's id.
    pub weights: String,
    /// `data-state`
    pub state: String,
    /// What the person calls it.
    pub name: String,
    /// The model's text.
    pub output: String,
    /// `data-prompt-tokens`
    pub prompt_tokens: Option<u32>,
    /// `data-output-tokens`
    pub output_tokens: Option<u32>,
    /// `data-weights-sha256`
    pub weights_sha256: String,
    /// `data-adapter-sha256`
    pub adapter_sha256: String,
    /// `data-first-token-ms`
    pub first_token_ms: Option<f64>,
    /// `data-tokens-per-second`
    pub tokens_per_second: Option<f64>,
    /// `data-corner`
    pub corner: String,
    /// What kind of answer it says this is.
    pub mark: String,
    /// `data-right`, where the answer is judged.
    pub is_right: Option<bool>,
    /// What it says of each field of the answer.
    pub checks: Vec<Check>,
}

/// A field of an answer, as a lane judges it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// `data-field`
    pub field: String,
    /// `data-verdict`: `right`, `wrong` or `not-judged`.
    pub verdict: String,
    /// What the answer holds there.
    pub value: String,
    /// What it should hold, where it does not.
    pub right_value: Option<String>,
}

/// Reads every lane in one go, so that the snapshots belong together.
pub(crate) const READ_LANES: &str = r#"
    const own = (lane, id) => lane.querySelector(`[data-testid="${id}"]`);
    return [...document.querySelectorAll('[data-testid="lane"]')].map(lane => ({
        id: lane.dataset.laneId ?? "",
        weights: lane.dataset.weights ?? "",
        state: lane.dataset.state ?? "",
        name: own(lane, "lane-name")?.value ?? own(lane, "lane-name")?.innerText ?? "",
        output: own(lane, "lane-output")?.innerText ?? "",
        promptTokens: own(lane, "lane-metrics")?.dataset.promptTokens ?? "",
        outputTokens: own(lane, "lane-metrics")?.dataset.outputTokens ?? "",
        weightsSha256: own(lane, "lane-proof")?.dataset.weightsSha256 ?? "",
        adapterSha256: own(lane, "lane-proof")?.dataset.adapterSha256 ?? "",
        firstTokenMs: own(lane, "lane-metrics")?.dataset.firstTokenMs ?? "",
        tokensPerSecond: own(lane, "lane-metrics")?.dataset.tokensPerSecond ?? "",
        corner: lane.dataset.corner ?? "",
        mark: lane.querySelector(".lane-state")?.textContent ?? "",
        right: own(lane, "lane-verdict")?.dataset.right ?? "",
        checks: [...lane.querySelectorAll("[data-field]")].map(check => ({
            field: check.dataset.field,
            verdict: check.dataset.verdict ?? "",
            value: check.querySelector(".check-value")?.textContent ?? "",
            rightValue: check.querySelector(".check-expected-value")?.textContent ?? null,
        })),
    }));
"#;

impl LaneSnapshot {
    pub(crate) fn read(value: &Value) -> Self {
        let word = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        Self {
            id: word("id"),
            weights: word("weights"),
            state: word("state"),
            name: word("name"),
            output: word("output"),
            prompt_tokens: word("promptTokens").parse().ok(),
            output_tokens: word("outputTokens").parse().ok(),
            weights_sha256: word("weightsSha256"),
            adapter_sha256: word("adapterSha256"),
            first_token_ms: word("firstTokenMs").parse().ok(),
            tokens_per_second: word("tokensPerSecond").parse().ok(),
            corner: word("corner"),
            mark: word("mark"),
            is_right: word("right").parse().ok(),
            checks: value["checks"].as_array().into_iter().flatten().map(Check::read).collect(),
        }
    }

    /// Whether the lane runs on an adapter.
    pub fn is_tuned(&self) -> bool {
        self.weights != "base"
    }

    /// What must be the same when the same comparison runs again, wherever that is.
    pub fn result(&self) -> (String, String, Option<u32>, Option<u32>, String, String) {
        let Self { weights, output, prompt_tokens, output_tokens, .. } = self.clone();
        (
            weights,
            output,
            prompt_tokens,
            output_tokens,
            self.weights_sha256.clone(),
            self.adapter_sha256.clone(),
        )
    }
}

impl Check {
    fn read(value: &Value) -> Self {
        let word = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let right_value = value["rightValue"].as_str().map(str::to_owned);
        Self { field: word("field"), verdict: word("verdict"), value: word("value"), right_value }
    }
}

/// Whether two answers say the same: equal JSON in the same order, however it is laid out, or
/// equal text.
pub fn same_answer(shown: &str, expected: &str) -> bool {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).ok().map(|value| value.to_string());
    match (parsed(shown), parsed(expected)) {
        (Some(shown), Some(expected)) => shown == expected,
        _ => shown.trim() == expected.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_does_not_matter_but_order_does() {
        assert!(same_answer(
            "{\n  \"queue\": \"FIN-3\",\n  \"order\": \"A-1\"\n}",
            r#"{"queue":"FIN-3","order":"A-1"}"#
        ));
        assert!(!same_answer(r#"{"order":"A-1","queue":"FIN-3"}"#, r#"{"queue":"FIN-3","order":"A-1"}"#));
        assert!(same_answer(" none ", "none") && !same_answer("none", "FIN-3"));
    }
}
