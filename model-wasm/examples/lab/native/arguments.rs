//! What stands on the command line.

use std::{collections::BTreeMap, str::FromStr};

use lexopt::{Arg, ValueExt};

use model_wasm::engine::Choice;

use protocol::{Chat, ChatFormat};

use super::{Failure, VERBS, Verb, usage};

/// Options that stand alone.
const FLAGS: [&str; 4] = ["special", "all", "system-column", "thinking"];

pub(crate) struct Arguments {
    pub(crate) verb: String,
    pub(crate) file: Option<String>,
    options: BTreeMap<String, Vec<String>>,
}

impl Arguments {
    pub(crate) fn parse() -> Result<Self, Failure> {
        Self::read(lexopt::Parser::from_env()).map_err(|error| usage(&error.to_string()))
    }

    /// Refuses what a verb does not take.
    pub(crate) fn check(&self, verb: &Verb) -> Result<(), Failure> {
        if let Some(file) = self.file.as_ref().filter(|_| !verb.takes_file) {
            return Err(usage(&format!("{} takes options only, and {file:?} is none", verb.name)));
        }
        match self.options.keys().find(|name| !verb.takes(name)) {
            Some(name) => Err(usage(&format!("{} takes no --{name}", verb.name))),
            None => Ok(()),
        }
    }

    fn read(mut parser: lexopt::Parser) -> Result<Self, lexopt::Error> {
        let mut arguments = Self { verb: String::new(), file: None, options: BTreeMap::new() };
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("help") | Arg::Short('h') => {
                    "help".clone_into(&mut arguments.verb);
                    break;
                }
                Arg::Value(value) if arguments.verb.is_empty() => arguments.verb = value.string()?,
                Arg::Value(value) if arguments.file.is_none() => arguments.file = Some(value.string()?),
                Arg::Long(name) if VERBS.iter().any(|verb| verb.takes(name)) => {
                    let name = name.to_owned();
                    let value = if FLAGS.contains(&name.as_str()) {
                        String::new()
                    } else {
                        parser.value()?.string()?
                    };
                    arguments.options.entry(name).or_default().push(value);
                }
                other => return Err(other.unexpected()),
            }
        }
        Ok(arguments)
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.options.contains_key(name)
    }

    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.options.get(name).cloned().unwrap_or_default()
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.options.get(name).and_then(|values| values.last()).map(String::as_str)
    }

    pub(crate) fn needed(&self, name: &str) -> Result<&str, Failure> {
        self.text(name).ok_or_else(|| usage(&format!("--{name} is missing")))
    }

    pub(crate) fn number<T: FromStr>(&self, name: &str, default: T) -> Result<T, Failure> {
        let Some(text) = self.text(name) else { return Ok(default) };
        text.parse().map_err(|_| usage(&format!("--{name} {text:?} is not a number that fits")))
    }

    /// What `--chat-format` and `--thinking` say.
    pub(crate) fn chat(&self) -> Result<Chat, Failure> {
        let named = |name: &str| {
            let names = || ChatFormat::ALL.map(ChatFormat::name).join(", ");
            ChatFormat::named(name)
                .ok_or_else(|| usage(&format!("chat format {name:?} is none of {}", names())))
        };
        let format = self.text("chat-format").map(named).transpose()?;
        Ok(Chat { format, thinking: self.flag("thinking") })
    }

    /// The engine that `--engine` names.
    pub(crate) fn engine(&self) -> Result<Choice, Failure> {
        let Some(name) = self.text("engine") else { return Ok(Choice::default()) };
        Choice::named(name).ok_or_else(|| {
            usage(&format!("engine {name:?} is none of cpu, cpu-relaxed, cpu-simd and reference"))
        })
    }
}

/// `name` and the scale of `name@scale`, which is 1 where none is given.
pub(crate) fn with_scale(text: &str) -> Result<(&str, f32), Failure> {
    let Some((name, scale)) = text.rsplit_once('@') else { return Ok((text, 1.0)) };
    let scale = scale.parse().map_err(|_| usage(&format!("the scale {scale:?} is not a number")))?;
    Ok((name, scale))
}
