//! How an answer is judged against the expected one.

use serde_json::Value;

/// How an answer came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is the expected answer: the same fields with the same values, in any order, where a JSON object is
    /// expected; otherwise the same text.
    pub is_right: bool,
    /// The expected fields, where a JSON object is expected.
    pub fields: Vec<FieldCheck>,
    /// Fields of the answer that nobody expected.
    pub surplus: usize,
}

/// How one field of an expected JSON object came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldCheck {
    /// The field's name.
    pub field: String,
    /// The right value, as text.
    pub expected: String,
    /// What the answer has there, as text; `None` when the answer is no JSON object or lacks the field.
    pub actual: Option<String>,
    /// Whether that is the expected value.
    pub is_right: bool,
}

/// Judges `output`, field by field where `expected` is a JSON object.
pub fn judge(expected: &str, output: &str) -> Verdict {
    let Ok(Value::Object(fields)) = serde_json::from_str(expected) else {
        return Verdict { is_right: output.trim() == expected.trim(), fields: Vec::new(), surplus: 0 };
    };
    let answer: Option<Value> = serde_json::from_str(output.trim()).ok();
    let answer = answer.as_ref().and_then(Value::as_object);
    let checks = fields.iter().map(|(field, expected)| {
        let actual = answer.and_then(|answer| answer.get(field));
        FieldCheck {
            field: field.clone(),
            expected: text_of(expected),
            actual: actual.map(text_of),
            is_right: actual == Some(expected),
        }
    });
    Verdict {
        is_right: answer == Some(&fields),
        fields: checks.collect(),
        surplus: answer
            .map_or(0, |answer| answer.keys().filter(|field| !fields.contains_key(*field)).count()),
    }
}

/// `output` with line breaks and indentation, where it is a JSON object or array. Only the space between its tokens is
/// another: numbers, escapes and fields that occur twice stay as the model wrote them.
pub fn pretty_json(output: &str) -> Option<String> {
    let value: Value = serde_json::from_str(output.trim()).ok()?;
    (value.is_object() || value.is_array()).then(|| spaced(output.trim()))
}

/// Sound JSON, laid out anew.
fn spaced(json: &str) -> String {
    let mut text = String::with_capacity(2 * json.len());
    let mut depth = 0;
    let mut is_in_string = false;
    let mut is_escaped = false;
    for c in json.chars() {
        if is_in_string {
            text.push(c);
            is_in_string = is_escaped || c != '"';
            is_escaped = c == '\\' && !is_escaped;
            continue;
        }
        if c.is_ascii_whitespace() {
            continue;
        }
        let closes = matches!(c, '}' | ']');
        depth -= usize::from(closes);
        // A line begins after what opens and after a comma, and before what closes; what is empty stays together.
        match text.chars().next_back() {
            Some('{' | '[') if !closes => new_line(&mut text, depth),
            Some(',') => new_line(&mut text, depth),
            Some(':') => text.push(' '),
            Some(before) if closes && !matches!(before, '{' | '[') => new_line(&mut text, depth),
            _ => {}
        }
        text.push(c);
        depth += usize::from(matches!(c, '{' | '['));
        is_in_string = c == '"';
    }
    text
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
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
        let verdict = judge(EXPECTED, r#" {"priority":"P2","queue":"FIN-3"} "#);
        let right: Vec<_> =
            verdict.fields.iter().map(|check| (check.field.as_str(), check.is_right)).collect();
        assert_eq!((verdict.is_right, right), (false, vec![("queue", true), ("priority", false)]));
    }

    #[test]
    fn the_answer_has_the_expected_fields_and_no_others() {
        let check = |output: &str, is_right: bool, fields_right: usize, surplus: usize| {
            let verdict = judge(EXPECTED, output);
            let right = verdict.fields.iter().filter(|check| check.is_right).count();
            assert_eq!(
                (verdict.is_right, right, verdict.surplus),
                (is_right, fields_right, surplus),
                "{output}"
            );
        };
        check(r#"{"priority":"P1","queue":"FIN-3"}"#, true, 2, 0);
        check(r#"{"queue":"FIN-3","priority":"P1","mood":"angry"}"#, false, 2, 1);
        check(r#"{"queue":"FIN-3"}"#, false, 1, 0);
        check(r#"["FIN-3"]"#, false, 0, 0);
        let verdict = judge(r#"{"n": 3}"#, r#"{"n": "3"}"#);
        assert!(!verdict.is_right && !verdict.fields[0].is_right, "a text is no number");
    }

    #[test]
    fn prose_has_no_field_right() {
        let verdict = judge(EXPECTED, "Send it to FIN-3.");
        assert!(verdict.fields.iter().all(|check| check.actual.is_none() && !check.is_right));
        assert!(!verdict.is_right && judge("yes", " yes\n").is_right && !judge("yes", "no").is_right);
        assert!(judge("yes", "yes").fields.is_empty());
    }

    #[test]
    fn only_objects_and_arrays_are_pretty_printed() {
        assert_eq!(pretty_json(r#"{"a":1}"#).as_deref(), Some("{\n  \"a\": 1\n}"));
        assert_eq!(pretty_json("3"), None);
        assert_eq!(pretty_json("{broken"), None);
        assert_eq!(pretty_json(&"[".repeat(5000)), None);
    }

    #[test]
    fn pretty_printing_changes_space_between_tokens_only() {
        for text in [
            r#"{"a":1e5,"a":2,"big":123456789012345678901234567890,"e":"caf\u00e9 \"{[:,]}\" \\","s":"x  y"}"#,
            r#" { "empty" : { } , "none" : [ ] , "deep" : [ [ 1 , -0.50 ] , { "b" : null } ] } "#,
            "[\n\ttrue,\r\n false ]",
        ] {
            let pretty = pretty_json(text).expect(text);
            assert_eq!(tokens(&pretty), tokens(text), "{pretty}");
            assert_eq!(pretty_json(&pretty).as_deref(), Some(pretty.as_str()));
        }
        let usual = r#"{"a":[1,{"b":[]},{}],"c":"d"}"#;
        let value: Value = serde_json::from_str(usual).expect("sound JSON");
        assert_eq!(pretty_json(usual), Some(format!("{value:#}")));
    }

    /// JSON without the space between its tokens: what stands between two quotes is every other piece.
    fn tokens(json: &str) -> String {
        let hidden = json.replace("\\\\", "\u{1}").replace("\\\"", "\u{2}");
        let pieces = hidden.split('"').enumerate();
        pieces
            .map(|(number, piece)| match number % 2 {
                0 => piece.split_ascii_whitespace().collect(),
                _ => format!("\"{piece}\""),
            })
            .collect()
    }
}
