//! The verbs.

mod arguments;
mod bench;
mod files;
mod inspect;
mod measure;
mod random;
mod record;
mod run;
mod tokens;

use std::process::ExitCode;

use arguments::Arguments;
use model_wasm::session::SessionError;
use protocol::{ErrorKind, WireError};
use serde_json::{Value, json};

/// What ends a verb early.
pub(crate) type Failure = WireError;
pub(crate) type Outcome = Result<Value, Failure>;

const USAGE: &str = "usage: lab VERB [OPTIONS]
  inspect FILE
  tokenize --model M (--text T | --text-file F) [--special]
  render   --model M --messages F.json [--chat-format F] [--thinking]
  logits   --model M [--adapter A[@scale]] --tokens 1,2,3 [--all]
  generate --model M [--adapter A[@scale]] (--prompt T | --messages F.json | --lanes F.json)
           [--max-tokens N] [--temperature T] [--top-p P] [--top-k K] [--min-p P]
           [--repetition-penalty R] [--seed S] [--stop T]...
           [--chat-format F] [--thinking]
  score    --model M [--adapter A[@scale]] --prompt T --completion T
  bench    --model M [--adapter A[@scale]] [--lanes L] [--prompt-tokens P] [--generate-tokens G]
  measure  --model M --adapters DIR --scenario F.json --suite F.csv [--lane N] [--adapter ID[@scale]]
           [--system-column] [--limit N]
  record   --models DIR --scenario F.json
  random   FILE --type Q8_0|Q4_0|Q4_K_M   random weights in the shape of SmolLM2-135M, for benchmarks
--chat-format is chatml, llama-3, gemma or plain, in the place of the model's own template; --thinking lets models
think that can. A model is a file, or any part of a split one. What computes takes --engine too, which is cpu (the
fastest that this machine runs), cpu-simd or reference, and --threads N.";

/// Something that the lab can do.
pub(crate) struct Verb {
    name: &'static str,
    /// Whether a file follows its name.
    takes_file: bool,
    /// The names of the options that it takes, parted by spaces.
    options: &'static str,
    run: fn(&Arguments) -> Outcome,
}

impl Verb {
    pub(crate) fn takes(&self, option: &str) -> bool {
        self.options.split(' ').any(|name| name == option)
    }
}

pub(crate) const VERBS: [Verb; 10] = [
    Verb { name: "inspect", takes_file: true, options: "model engine", run: inspect::inspect },
    Verb {
        name: "tokenize",
        takes_file: false,
        options: "model text text-file special",
        run: tokens::tokenize,
    },
    Verb {
        name: "render",
        takes_file: false,
        options: "model messages chat-format thinking",
        run: tokens::render,
    },
    Verb {
        name: "logits",
        takes_file: false,
        options: "model adapter tokens all engine threads",
        run: tokens::logits,
    },
    Verb {
        name: "score",
        takes_file: false,
        options: "model adapter prompt completion engine threads",
        run: tokens::score,
    },
    Verb {
        name: "generate",
        takes_file: false,
        options: "model adapter prompt messages lanes max-tokens temperature top-p top-k min-p repetition-penalty seed stop chat-format thinking engine threads",
        run: run::generate,
    },
    Verb {
        name: "bench",
        takes_file: false,
        options: "model adapter lanes prompt-tokens generate-tokens engine threads",
        run: bench::bench,
    },
    Verb {
        name: "measure",
        takes_file: false,
        options: "model adapters scenario suite lane adapter system-column limit chat-format thinking engine threads",
        run: measure::measure,
    },
    Verb {
        name: "record",
        takes_file: false,
        options: "models scenario engine threads",
        run: record::record,
    },
    Verb { name: "random", takes_file: true, options: "type", run: random::random },
];

pub(super) fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.as_ref().is_ok_and(|arguments| arguments.verb == "help") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match arguments.and_then(|arguments| verb(&arguments)) {
        Ok(value) => {
            println!("{value}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{}", json!({"error": {"kind": error.kind.name(), "message": error.message}}));
            ExitCode::from(2)
        }
    }
}

fn verb(arguments: &Arguments) -> Outcome {
    let Some(verb) = VERBS.iter().find(|verb| verb.name == arguments.verb) else {
        return Err(usage(&format!("unknown verb {:?}\n{USAGE}", arguments.verb)));
    };
    arguments.check(verb)?;
    (verb.run)(arguments)
}

pub(crate) fn usage(message: &str) -> Failure {
    WireError::new(ErrorKind::InvalidRequest, message)
}

pub(crate) fn failed(error: impl Into<SessionError>) -> Failure {
    error.into().into()
}

/// Runs a future of an engine on the CPU, which never waits.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}
