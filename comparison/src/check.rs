//! How an answer is judged against the expected one.

use serde_json::Value;

/// How one field of an expected JSON object came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldCheck {
    /// The field's name.
    pub field: String,
    /// Its expected value, as text.
    pub expected: String,
    /// What the answer has there, as text; `None` when the answer is no JSON object or lacks the field.
    pub actual: Option<String>,
}

impl FieldCheck {
    /// Whether the answer has the expected value.
    pub fn is_right(&self) -> bool {
        self.actual.as_deref() == Some(self.expected.as_str())
    }
}

/// Judges `output` field by field where `expected` is a JSON object; `None` where it is not, and
/// then only the whole text can be compared.
pub fn check_fields(expected: &str, output: &str) -> Option<Vec<FieldCheck>> {
    let Ok(Value::Object(expected)) = serde_json::from_str(expected) else { return None };
    let answer: Option<Value> = serde_json::from_str(output.trim()).ok();
    let checks = expected
        .into_iter()
        .map(|(field, value)| FieldCheck {
            actual: answer.as_ref().and_then(|answer| answer.get(&field)).map(text_of),
            expected: text_of(&value),
            field,
        })
        .collect();
    Some(checks)
}

/// `output` pretty-printed, where it is a JSON object or array.
pub fn pretty_json(output: &str) -> Option<String> {
    let value: Value = serde_json::from_str(output.trim()).ok()?;
    (value.is_object() || value.is_array()).then(|| format!("{value:#}"))
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPECTED: &str = r#"{"queue": "FIN-3", "priority": "P1"}"#;

    #[test]
    fn each_field_is_judged_alone() {
        let checks =
            check_fields(EXPECTED, r#" {"priority":"P2","queue":"FIN-3"} "#).expect("an object is expected");
        let right: Vec<_> = checks.iter().map(|check| (check.field.as_str(), check.is_right())).collect();
        assert_eq!(right, [("queue", true), ("priority", false)]);
    }

    #[test]
    fn prose_has_no_field_right() {
        let checks = check_fields(EXPECTED, "Send it to FIN-3.").expect("an object is expected");
        assert!(checks.iter().all(|check| check.actual.is_none() && !check.is_right()));
        assert_eq!(check_fields("yes", "yes"), None);
    }

    #[test]
    fn only_objects_and_arrays_are_pretty_printed() {
        assert_eq!(pretty_json(r#"{"a":1}"#).as_deref(), Some("{\n  \"a\": 1\n}"));
        assert_eq!(pretty_json("3"), None);
        assert_eq!(pretty_json("{broken"), None);
    }
}
