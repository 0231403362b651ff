//! From a conversation to a prompt, by the model's own chat template.
//!
//! The template is Jinja, found in the GGUF, and runs in minijinja with limits on its size, its
//! steps and its output, without a loader. It gets what transformers gives it: `messages`,
//! `add_generation_prompt`, `enable_thinking`, `bos_token`, `eos_token`, no `tools` and no `documents`,
//! `raise_exception`, `strftime_now`, `tojson`. A model without a template, or with one that does not work, runs with
//! one of the `formats`, which a person chooses.
//!
//! # What people type stays text
//! A template writes control tokens such as `<|im_end|>` between the messages, and only those
//! may become control tokens; the same characters inside a message are text. Rendering mixes
//! the two, so before it every look-alike inside a message is broken by a *guard*: a Unicode
//! noncharacter that occurs neither in the messages nor in the template, put after the look-alike's
//! first character. Where a message begins or ends with a part of a control token, which the
//! template's own text might complete, a guard goes there as well. After rendering the prompt is
//! cut at its (unbroken) control tokens, the guards are taken out of the text between them, and
//! that text is encoded as plain text. This holds for every template that copies, trims, splits or joins
//! messages; the guards change what a template sees of a message only where the message holds
//! a part of a control token.

mod environment;
mod formats;
#[cfg(test)]
mod tests;

use minijinja::{Environment, Error, Value, context};
use protocol::{ChatFormat, Message, OwnTemplate, Role};

use crate::tokenizer::{Piece, Tokenizer, TokenizerError};

/// Why a conversation does not become a prompt.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// The file has no chat template, and nobody chose a format.
    #[error("the model has no chat template (tokenizer.chat_template), and no chat format is chosen")]
    NoTemplate,
    /// The file's chat template does not work, and nobody chose a format.
    #[error("the model's own chat template does not work ({0}), and no chat format is chosen")]
    Broken(String),
    /// Something is beyond its limit.
    #[error("{what} is {got} bytes, the limit is {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size.
        got: usize,
        /// What is accepted.
        limit: usize,
    },
    /// The template is wrong, or refuses the conversation.
    #[error("the chat template fails: {0}")]
    Template(String),
    /// All guards occur in the messages.
    #[error("the messages use every Unicode noncharacter from U+FDD0 to U+FDEF")]
    NoGuard,
    /// The text cannot be encoded.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
}

/// How much is accepted.
mod limits {
    pub(super) const TEMPLATE_BYTES: usize = 256 << 10;
    /// Some 28,000 tokens; the longest lane holds 32,768.
    pub(super) const MESSAGES_BYTES: usize = 112 << 10;
    /// An eighth more. The `tokenizers` crate takes some 400 bytes for each piece that its rule cuts, in a list that doubles as
    /// it grows, and a piece may be as short as a character: up to here, 64 MB suffice for every prompt.
    pub(super) const PROMPT_BYTES: usize = 128 << 10;
    /// Of what is said about a broken template.
    pub(super) const REASON_BYTES: usize = 400;
}

/// A rendered conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// As the template writes it.
    pub text: String,
    /// What the model reads.
    pub tokens: Vec<u32>,
    /// Whether the system text stands in the user's first turn, since the template has no place for it.
    pub system_folded: bool,
    /// Whether it ends with [`THINK`], so that the answer begins with thoughts.
    pub begins_thinking: bool,
}

/// What models write before their thoughts.
const THINK: &str = "<think>";

/// A model's chat template, or a chat format in its place.
pub struct ChatTemplate {
    environment: Environment<'static>,
    source: String,
    /// `None` is the model's own template.
    format: Option<ChatFormat>,
}

const NAME: &str = "chat";

impl ChatTemplate {
    /// Compiles a template.
    ///
    /// # Errors
    /// When it is too long or no Jinja.
    pub fn new(source: &str) -> Result<Self, ChatError> {
        check_size("the chat template", source.len(), limits::TEMPLATE_BYTES)?;
        let mut environment = environment::environment().map_err(|error| failed(&error))?;
        let plain = environment::without_generation_blocks(source);
        environment.add_template_owned(NAME, plain).map_err(|error| failed(&error))?;
        Ok(Self { environment, source: source.to_owned(), format: None })
    }

    /// The template of a chat format.
    ///
    /// # Errors
    /// Never, as long as minijinja knows Jinja.
    pub fn of(format: ChatFormat) -> Result<Self, ChatError> {
        Ok(Self { format: Some(format), ..Self::new(formats::source(format))? })
    }

    /// A file's own template, where it has one that works: one that renders the plainest conversation, with a system text
    /// or without.
    pub fn own(source: Option<&str>, tokenizer: &Tokenizer) -> (Option<Self>, OwnTemplate) {
        let Some(source) = source.filter(|source| !source.trim().is_empty()) else {
            return (None, OwnTemplate::Missing);
        };
        let works = Self::new(source).and_then(|template| template.try_out(tokenizer).map(|()| template));
        match works {
            Ok(template) => {
                let (thinks, reads_date) = (template.thinks(), template.names(environment::DATE));
                (Some(template), OwnTemplate::Works { thinks, reads_date })
            }
            Err(error) => {
                let mut reason = match error {
                    ChatError::Template(reason) => reason,
                    other => other.to_string(),
                };
                reason.truncate(reason.floor_char_boundary(limits::REASON_BYTES));
                (None, OwnTemplate::Broken { reason })
            }
        }
    }

    fn try_out(&self, tokenizer: &Tokenizer) -> Result<(), ChatError> {
        let say = |role, content: &str| Message { role, content: content.to_owned() };
        let messages = [say(Role::System, "Be brief."), say(Role::User, "Hi")];
        let attempts =
            [&messages[1..], &messages].map(|messages| match self.prompt(messages, false, tokenizer) {
                Ok(prompt) if prompt.tokens.is_empty() => {
                    Err(ChatError::Template("it writes nothing".to_owned()))
                }
                // A vocabulary that cannot spell these words is no fault of the template.
                Ok(_) | Err(ChatError::Tokenizer(_)) => Ok(()),
                Err(error) => Err(error),
            });
        let [alone, with_system] = attempts;
        alone.or_else(|error| with_system.map_err(|_| error))
    }

    /// Whether it reads `enable_thinking`.
    pub fn thinks(&self) -> bool {
        self.names("enable_thinking")
    }

    /// Whether it uses something of that name which it does not make itself.
    fn names(&self, name: &str) -> bool {
        let template = self.environment.get_template(NAME);
        template.is_ok_and(|template| template.undeclared_variables(false).contains(name))
    }

    /// Texts that end the model's turn, whether or not its vocabulary has them as control tokens.
    pub fn turn_ends(&self) -> &'static [&'static str] {
        self.format.map_or(&[], formats::turn_ends)
    }

    /// The prompt that a conversation comes to, ending where the assistant is to speak; with `thinking`, where it is to
    /// think first, if the template knows of that.
    ///
    /// # Errors
    /// When the template refuses the conversation, or a limit is reached.
    pub fn prompt(
        &self,
        messages: &[Message],
        thinking: bool,
        tokenizer: &Tokenizer,
    ) -> Result<Prompt, ChatError> {
        let guard = self.guard(messages)?;
        let (rendered, system_folded) = self.render_or_fold(messages, thinking, guard, tokenizer)?;
        let mut tokens = Vec::new();
        let without_guards = |text: &str| text.replace(guard, "");
        for piece in tokenizer.split_at_control(&rendered) {
            match piece {
                Piece::Token(id) => tokens.push(id),
                Piece::Text(text) => {
                    let text = without_guards(text);
                    tokens.extend(tokenizer.encode(tokenizer.left_after(&tokens, &text))?);
                }
            }
        }
        let text = without_guards(&rendered);
        let is_typed = messages.last().is_some_and(|last| last.content.trim_end().ends_with(THINK));
        let begins_thinking = text.trim_end().ends_with(THINK) && !is_typed;
        Ok(Prompt { text, tokens, system_folded, begins_thinking })
    }

    /// What the template writes; where it refuses or drops the system text, what it writes when that text stands at the
    /// head of the user's first turn, and `true`.
    fn render_or_fold(
        &self,
        messages: &[Message],
        thinking: bool,
        guard: char,
        tokenizer: &Tokenizer,
    ) -> Result<(String, bool), ChatError> {
        let render = |messages: &[Message]| {
            let guarded = messages.iter().map(|message| Message {
                role: message.role,
                content: guarded(&message.content, guard, tokenizer),
            });
            self.render(&guarded.collect::<Vec<_>>(), true, thinking, tokenizer)
        };
        let rendered = render(messages);
        let (system, user, rest) = match messages {
            [system, user, rest @ ..] if (system.role, user.role) == (Role::System, Role::User) => {
                (system.content.trim(), user, rest)
            }
            _ => return rendered.map(|text| (text, false)),
        };
        if let Ok(text) = &rendered {
            // A template may also change the text, or take a mode out of it: then another text makes another prompt.
            let is_used = |text: &str| {
                let mut other = messages.to_vec();
                other[0].content.push_str(" Really.");
                render(&other).map_or(true, |other| other != text)
            };
            if text.replace(guard, "").contains(system) || is_used(text) {
                return rendered.map(|text| (text, false));
            }
        }
        let content = format!("{system}\n\n{}", user.content);
        let mut folded = vec![Message { role: Role::User, content }];
        folded.extend_from_slice(rest);
        match (render(&folded), rendered) {
            (Ok(text), _) => Ok((text, true)),
            // Without the system text it would not go either: the first complaint is the one to read.
            (Err(_), rendered) => rendered.map(|text| (text, false)),
        }
    }

    /// The text that the template writes for `messages` as they are.
    ///
    /// # Errors
    /// When the template refuses the conversation, or a limit is reached.
    pub fn render(
        &self,
        messages: &[Message],
        add_generation_prompt: bool,
        thinking: bool,
        tokenizer: &Tokenizer,
    ) -> Result<String, ChatError> {
        let size = messages.iter().map(|message| message.content.len()).sum();
        check_size("the conversation", size, limits::MESSAGES_BYTES)?;
        let text_of = |id: Option<u32>| id.and_then(|id| tokenizer.token_text(id)).unwrap_or_default();
        let context = context! {
            messages => messages.iter().map(as_value).collect::<Vec<Value>>(),
            add_generation_prompt => add_generation_prompt,
            enable_thinking => thinking,
            tools => (),
            documents => (),
            // A model's own template knows whether its texts have a beginning; of the others the vocabulary knows it.
            bos_token => text_of(tokenizer.bos().filter(|_| self.format.is_none() || tokenizer.adds_bos())),
            eos_token => text_of(tokenizer.eos()),
        };
        let template = self.environment.get_template(NAME).map_err(|error| failed(&error))?;
        let mut prompt = Bounded::default();
        let rendered = template.render_captured_to(context, &mut prompt);
        if let Some(got) = prompt.overflow {
            return Err(ChatError::TooLarge { what: "the prompt", got, limit: limits::PROMPT_BYTES });
        }
        rendered.map(drop).map_err(|error| failed(&error))?;
        String::from_utf8(prompt.bytes).map_err(|error| ChatError::Template(error.to_string()))
    }

    /// A character that occurs nowhere yet.
    fn guard(&self, messages: &[Message]) -> Result<char, ChatError> {
        ('\u{fdd0}'..='\u{fdef}')
            .find(|&guard| {
                !self.source.contains(guard)
                    && !messages.iter().any(|message| message.content.contains(guard))
            })
            .ok_or(ChatError::NoGuard)
    }
}

/// `content` with every control token in it, and every part of one at its ends, broken.
fn guarded(content: &str, guard: char, tokenizer: &Tokenizer) -> String {
    let mut guarded = String::with_capacity(content.len());
    let body = content.len() - content.trim_start().len();
    let end = content.trim_end().len();
    for (at, character) in content.char_indices() {
        let rest = &content[at..];
        if at == body && tokenizer.control_tokens().any(|(token, _)| continues(token, content.trim())) {
            guarded.push(guard);
        }
        guarded.push(character);
        // Here a token stands, or begins and might be completed by what follows the message.
        if tokenizer.begins_control(rest) || tokenizer.begins_control(&content[at.min(end)..end]) {
            guarded.push(guard);
        }
    }
    guarded
}

/// Whether `content` begins with, or lies within, what may follow the first character of `token`.
fn continues(token: &str, content: &str) -> bool {
    token
        .char_indices()
        .skip(1)
        .any(|(at, _)| content.starts_with(&token[at..]) || token[at..].starts_with(content))
}

/// A message as templates know it.
fn as_value(message: &Message) -> Value {
    let role = match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    Value::from_pairs([("role", Value::from(role)), ("content", Value::from(message.content.as_str()))])
}

fn check_size(what: &'static str, got: usize, limit: usize) -> Result<(), ChatError> {
    if got > limit {
        return Err(ChatError::TooLarge { what, got, limit });
    }
    Ok(())
}

fn failed(error: &Error) -> ChatError {
    let mut message = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        message = format!("{message}: {inner}");
        source = inner.source();
    }
    ChatError::Template(message)
}

/// Bytes up to a limit.
#[derive(Default)]
struct Bounded {
    bytes: Vec<u8>,
    /// The length at which it was too long.
    overflow: Option<usize>,
}

impl std::io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let length = self.bytes.len() + bytes.len();
        if length > limits::PROMPT_BYTES {
            self.overflow = Some(length);
            return Err(std::io::Error::other("the prompt is too long"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
