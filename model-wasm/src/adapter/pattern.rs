//! PEFT's ways of naming modules: regular expressions and lists of endings.

use regex::bytes::{Regex, RegexBuilder};

/// The most memory that a compiled expression may take.
const COMPILED_BYTES: usize = 1 << 18;

/// A bounded regular expression over modules' names, which are ASCII.
#[derive(Debug)]
pub(super) struct Pattern(Regex);

impl Pattern {
    /// A key of `rank_pattern` or `alpha_pattern`: the whole name, or what follows one of its dots. `None` for what is
    /// no regular expression here.
    pub(super) fn of_module(key: &str) -> Option<Self> {
        // On its own first, so that a bracket too many cannot reach out of the group.
        compile(key)?;
        compile(&format!(r"\A(?:.*\.)?(?:{key})\z")).map(Self)
    }

    /// An expression that must match a name from end to end.
    pub(super) fn whole(expression: &str) -> Option<Self> {
        compile(expression)?;
        compile(&format!(r"\A(?:{expression})\z")).map(Self)
    }

    /// Whether a module is meant.
    pub(super) fn matches(&self, module: &str) -> bool {
        self.0.is_match(module.as_bytes())
    }
}

fn compile(expression: &str) -> Option<Regex> {
    let mut builder = RegexBuilder::new(expression);
    builder.unicode(false).size_limit(COMPILED_BYTES).dfa_size_limit(COMPILED_BYTES).nest_limit(64);
    (!expression.is_empty()).then(|| builder.build().ok()).flatten()
}

/// `target_modules`: PEFT leaves out weights of modules that it does not name.
#[derive(Debug)]
pub(super) enum Targets {
    /// It does not say, or not in a way that is known here: the weights that are there decide.
    Any,
    /// The modules that an expression matches.
    Matching(Pattern),
    /// The modules of these names, and those whose names end in a dot and one of these.
    Named(Vec<String>),
}

impl Targets {
    /// Whether they name a module.
    pub(super) fn name(&self, module: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Matching(pattern) => pattern.matches(module),
            Self::Named(names) => names.iter().any(|name| {
                module.strip_suffix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }),
        }
    }
}
