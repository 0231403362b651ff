//! Prompt variants: the part of a lane that prompting changes.

use protocol::{Message, Role};
use serde::{Deserialize, Serialize};

/// Stands in a template for the comparison's input.
pub const INPUT_PLACEHOLDER: &str = "{{input}}";

/// A system text and a user template, with any number of worked examples.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromptVariant {
    /// Standing instructions; empty means that there is no system message at all.
    #[serde(default)]
    pub system: String,
    /// The user's turn, holding [`INPUT_PLACEHOLDER`].
    pub template: String,
    /// Worked examples, shown as earlier turns of the conversation.
    #[serde(default)]
    pub examples: Vec<Example>,
}

/// A worked example.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Goes through the template like the input itself.
    pub input: String,
    /// What the assistant is shown to have answered.
    pub output: String,
}

impl PromptVariant {
    /// The conversation that asks about `input`: the system text, each example as a pair of
    /// turns, then the template with the input in its place.
    pub fn messages(&self, input: &str) -> Vec<Message> {
        let mut messages = Vec::with_capacity(2 + 2 * self.examples.len());
        if !self.system.is_empty() {
            messages.push(Message { role: Role::System, content: self.system.clone() });
        }
        for example in &self.examples {
            messages.push(Message { role: Role::User, content: self.fill(&example.input) });
            messages.push(Message { role: Role::Assistant, content: example.output.clone() });
        }
        messages.push(Message { role: Role::User, content: self.fill(input) });
        messages
    }

    /// Whether the template has a place for the input; without one every case gets the same prompt.
    pub fn takes_input(&self) -> bool {
        self.template.contains(INPUT_PLACEHOLDER)
    }

    fn fill(&self, input: &str) -> String {
        self.template.replace(INPUT_PLACEHOLDER, input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_become_earlier_turns_and_an_empty_system_text_no_message() {
        let variant = PromptVariant {
            system: String::new(),
            template: "Triage: {{input}}".into(),
            examples: vec![Example { input: "a".into(), output: "A".into() }],
        };
        let said: Vec<_> =
            variant.messages("b").into_iter().map(|message| (message.role, message.content)).collect();
        assert_eq!(
            said,
            [
                (Role::User, "Triage: a".to_owned()),
                (Role::Assistant, "A".to_owned()),
                (Role::User, "Triage: b".to_owned()),
            ]
        );
    }

    #[test]
    fn a_placeholder_inside_the_input_stays_text() {
        let variant = PromptVariant { template: "{{input}}!".into(), ..PromptVariant::default() };
        assert_eq!(variant.messages("{{input}}")[0].content, "{{input}}!");
    }
}
