//! What is compared, as plain data: lanes, prompt variants, scenarios, suites of cases, and how an
//! answer is judged. Both the page and the native `lab` use it, so that a result measured in
//! one is the same thing in the other. It knows neither a browser nor an engine.

mod check;
mod lane;
mod prompt;
mod scenario;
mod suite;
pub mod thought;

pub use check::{FieldCheck, Verdict, judge, pretty_json};
pub use lane::{Corner, Lane, Weights};
pub use prompt::{Example, INPUT_PLACEHOLDER, PromptVariant};
pub use scenario::{Input, Recorded, Scenario};
pub use suite::{Case, Suite, SuiteError};
