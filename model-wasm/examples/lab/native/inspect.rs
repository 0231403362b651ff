//! `inspect`: what a file is.

use std::path::Path;

use model_wasm::{gguf::Header, model::weights_by_type};
use serde_json::{Map, Value, json};

use super::{Failure, Outcome, arguments::Arguments, failed, files, usage};
use model_wasm::session::Base;

pub(crate) fn inspect(arguments: &Arguments) -> Outcome {
    let path = Path::new(arguments.file.as_deref().ok_or_else(|| usage("inspect needs a file"))?);
    let is_adapter = path.is_dir() || path.extension().is_some_and(|extension| extension == "safetensors");
    if is_adapter { adapter(arguments, path) } else { model(path) }
}

fn model(path: &Path) -> Outcome {
    let file = files::read(path)?;
    let header = Header::parse(&file).map_err(failed)?;
    let by_type: Map<String, Value> =
        weights_by_type(&header).iter().map(|(name, weights)| (name.to_string(), json!(weights))).collect();
    let base = Base::load(&file).map_err(failed)?;
    let mut facts = serde_json::to_value(base.model.info()).map_err(|error| usage(&error.to_string()))?;
    facts["weights_by_type"] = Value::Object(by_type);
    facts["n_layers"] = json!(base.model.config.n_layers);
    facts["width"] = json!(base.model.config.width);
    facts["n_heads"] = json!(base.model.config.n_heads);
    facts["n_kv_heads"] = json!(base.model.config.n_kv_heads);
    facts["feed_forward"] = json!(base.model.config.feed_forward);
    facts["has_chat_template"] = json!(base.template.is_some());
    Ok(facts)
}

/// Whether it fits is only known with `--model`.
fn adapter(arguments: &Arguments, path: &Path) -> Outcome {
    let (config, weights) = files::adapter_files(path)?;
    let base = files::base(arguments)?;
    let adapter = model_wasm::adapter::Adapter::load(&config, &weights, &base.model).map_err(failed)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    serde_json::to_value(adapter.info(&name)).map_err(|error| Failure::from(usage(&error.to_string())))
}
