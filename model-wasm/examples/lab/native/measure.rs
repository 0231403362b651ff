//! `measure`: a scenario's lanes over a suite.

use std::{collections::BTreeMap, path::Path};

use comparison::{Case, Lane, PromptVariant, Scenario, Suite, Weights, judge};
use model_wasm::{engine::AnyEngine, session::Session};
use protocol::{AdapterUse, Message};
use serde_json::{Map, Value, json};

use super::{
    Failure, Outcome,
    arguments::{Arguments, with_scale},
    failed,
    files::{self, AdapterFiles},
    run::{self, Answer},
    usage,
};

/// Cases that run side by side.
const BATCH: usize = 32;

pub(crate) fn measure(arguments: &Arguments) -> Outcome {
    let scenario: Scenario = files::read_json(arguments.needed("scenario")?)?;
    let suite = Suite::from_csv(&files::read_text(arguments.needed("suite")?)?)
        .map_err(|error| usage(&error.to_string()))?;
    let limit = arguments.number("limit", usize::MAX)?;
    let cases = &suite.cases[..suite.cases.len().min(limit)];
    let mut session = files::session(arguments)?;
    session.load_model(files::base(arguments)?);
    let mut lanes = scenario.lanes.clone();
    if let Some(wanted) = arguments.text("lane") {
        let index: usize = arguments.number("lane", 0)?;
        let lane = lanes.get(index).ok_or_else(|| usage(&format!("there is no lane {wanted}")))?;
        lanes = vec![lane.clone()];
    }
    if let Some(adapter) = arguments.text("adapter") {
        let (id, scale) = with_scale(adapter)?;
        let weights = match id {
            "base" => Weights::Base,
            id => Weights::Adapter { id: id.to_owned(), scale },
        };
        for lane in &mut lanes {
            lane.weights = weights.clone();
        }
    }
    load_adapters(&mut session, Path::new(arguments.text("adapters").unwrap_or("")), &lanes)?;
    let mut results = Vec::new();
    for lane in &lanes {
        let mut tally = Tally::default();
        for cases in cases.chunks(BATCH) {
            let requests = cases
                .iter()
                .map(|case| {
                    let messages = messages(lane, case, arguments.flag("system-column"));
                    (messages, adapter_use(&lane.weights), scenario.sampling.clone())
                })
                .collect();
            let answers = run::run(&mut session, arguments.chat()?, requests)?;
            for (case, answer) in cases.iter().zip(&answers) {
                tally.add(case, answer);
            }
            eprint!("\r{}: {} of {} right", lane.name, tally.right, tally.n);
        }
        eprintln!();
        results.push(tally.to_json(lane));
    }
    Ok(
        json!({"scenario": scenario.id, "model_sha256": session.model().map(|model| model.sha256.clone()), "lanes": results}),
    )
}

/// Loads the adapters that lanes name from the folder that holds theirs.
pub(crate) fn load_adapters(
    session: &mut Session<AnyEngine>,
    folder: &Path,
    lanes: &[Lane],
) -> Result<(), Failure> {
    let mut loaded = Vec::new();
    for lane in lanes {
        let Weights::Adapter { id, .. } = &lane.weights else { continue };
        if loaded.contains(id) {
            continue;
        }
        session.load_adapter(id, AdapterFiles::read(folder.join(id))?.files()).map_err(failed)?;
        loaded.push(id.clone());
    }
    Ok(())
}

pub(crate) fn adapter_use(weights: &Weights) -> Option<AdapterUse> {
    match weights {
        Weights::Base => None,
        Weights::Adapter { id, scale } => Some(AdapterUse { adapter_id: id.clone(), scale: *scale }),
    }
}

/// The lane's conversation about a case, or the case's own where a suite brings the system text.
fn messages(lane: &Lane, case: &Case, system_column: bool) -> Vec<Message> {
    if !system_column {
        return lane.prompt.messages(&case.input);
    }
    let system = case.columns.get("system").cloned().unwrap_or_default();
    PromptVariant { system, template: comparison::INPUT_PLACEHOLDER.to_owned(), examples: Vec::new() }
        .messages(&case.input)
}

/// Right answers, as a whole and by field.
#[derive(Default)]
struct Tally {
    n: usize,
    right: usize,
    fields: BTreeMap<String, (usize, usize)>,
    tasks: BTreeMap<String, (usize, usize)>,
    prompt_tokens: u64,
    output_tokens: u64,
}

impl Tally {
    fn add(&mut self, case: &Case, answer: &Answer) {
        self.n += 1;
        self.prompt_tokens += u64::from(answer.metrics.prompt_tokens);
        self.output_tokens += u64::from(answer.metrics.output_tokens);
        let verdict = judge(&case.expected, &answer.output);
        for check in &verdict.fields {
            count(&mut self.fields, &check.field, check.is_right);
        }
        self.right += usize::from(verdict.is_right);
        if let Some(task) = case.columns.get("task") {
            count(&mut self.tasks, task, verdict.is_right);
        }
    }

    fn to_json(&self, lane: &Lane) -> Value {
        let (low, high) = wilson(self.right, self.n);
        let mean = |sum: u64| sum as f64 / self.n.max(1) as f64;
        json!({
            "name": lane.name,
            "weights": lane.weights,
            "accuracy": share(self.right, self.n),
            "low": low,
            "high": high,
            "right": self.right,
            "n": self.n,
            "fields": shares(&self.fields),
            "tasks": shares(&self.tasks),
            "prompt_tokens": mean(self.prompt_tokens),
            "output_tokens": mean(self.output_tokens),
        })
    }
}

fn count(counts: &mut BTreeMap<String, (usize, usize)>, name: &str, right: bool) {
    let (sum, n) = counts.entry(name.to_owned()).or_default();
    *sum += usize::from(right);
    *n += 1;
}

fn shares(counts: &BTreeMap<String, (usize, usize)>) -> Map<String, Value> {
    counts.iter().map(|(name, (right, n))| (name.clone(), json!(share(*right, *n)))).collect()
}

fn share(right: usize, n: usize) -> f64 {
    right as f64 / n.max(1) as f64
}

/// The 95 % interval of a share (Wilson, 1927).
fn wilson(right: usize, n: usize) -> (f64, f64) {
    const Z: f64 = 1.959_963_984_540_054;
    if n == 0 {
        return (0.0, 1.0);
    }
    let (p, n) = (share(right, n), n as f64);
    let middle = p + Z * Z / (2.0 * n);
    let width = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    (((middle - width) / scale).max(0.0), ((middle + width) / scale).min(1.0))
}
