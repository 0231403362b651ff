//! `record`: a scenario's answers, written into its file.

use std::path::Path;

use comparison::{Recorded, Scenario};
use protocol::Chat;
use serde_json::json;

use super::{
    Outcome,
    arguments::Arguments,
    files,
    measure::{adapter_use, load_adapters},
    run, usage,
};

/// The file of the default base in a folder of models.
const BASE: &str = "base-Q8_0.gguf";

pub(crate) fn record(arguments: &Arguments) -> Outcome {
    let path = arguments.needed("scenario")?;
    let models = Path::new(arguments.needed("models")?);
    let mut scenario: Scenario = files::read_json(path)?;
    let mut session = files::session(arguments)?;
    session.load_model(files::load(models.join(BASE), arguments.engine()?.layout())?);
    load_adapters(&mut session, &models.join("adapters"), &scenario.lanes)?;
    let mut recorded = Vec::new();
    for (input, text) in scenario.inputs.iter().enumerate() {
        eprintln!("{}", text.title);
        // All lanes at once, as the page runs them.
        let requests = scenario
            .lanes
            .iter()
            .map(|lane| {
                (lane.prompt.messages(&text.input), adapter_use(&lane.weights), scenario.sampling.clone())
            })
            .collect();
        for (lane, answer) in run::run(&mut session, Chat::default(), requests)?.into_iter().enumerate() {
            let run::Answer { output, tokens, metrics, proof, .. } = answer;
            recorded.push(Recorded { input, lane, output, tokens, metrics, proof });
        }
    }
    scenario.recorded = recorded;
    let mut text = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b" ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, formatter);
    serde::Serialize::serialize(&scenario, &mut serializer).map_err(|error| usage(&error.to_string()))?;
    text.push(b'\n');
    std::fs::write(path, text).map_err(|error| usage(&format!("{path}: {error}")))?;
    Ok(json!({"scenario": path, "recorded": scenario.recorded.len()}))
}
