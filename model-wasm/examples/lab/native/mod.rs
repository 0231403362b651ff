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
think that can.
--engine is cpu (the fastest that this machine runs), cpu-simd or reference; --threads N.";

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
    match arguments.verb.as_str() {
        "inspect" => inspect::inspect(arguments),
        "tokenize" => tokens::tokenize(arguments),
        "render" => tokens::render(arguments),
        "logits" => tokens::logits(arguments),
        "score" => tokens::score(arguments),
        "generate" => run::generate(arguments),
        "bench" => bench::bench(arguments),
        "measure" => measure::measure(arguments),
        "random" => random::random(arguments),
        "record" => record::record(arguments),
        other => Err(usage(&format!("unknown verb {other:?}\n{USAGE}"))),
    }
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
