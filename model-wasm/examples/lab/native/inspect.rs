//! `inspect`: what a file is.

use std::{collections::BTreeMap, path::Path};

use model_wasm::{adapter::Adapter, gguf::TensorType, model::weights_by_type};
use serde_json::{Map, Value, json};

use super::{Outcome, arguments::Arguments, failed, files, usage};

pub(crate) fn inspect(arguments: &Arguments) -> Outcome {
    let path = Path::new(arguments.file.as_deref().ok_or_else(|| usage("inspect needs a file"))?);
    let is_adapter = path.is_dir() || path.extension().is_some_and(|extension| extension == "safetensors");
    if is_adapter {
        return self::adapter(arguments, path);
    }
    let header = files::header(path)?;
    let is_adapter = header.metadata.text("general.type").map_err(failed)? == Some("adapter");
    if is_adapter { self::adapter(arguments, path) } else { model(arguments, path) }
}

fn model(arguments: &Arguments, path: &Path) -> Outcome {
    let mut by_type: BTreeMap<TensorType, u64> = BTreeMap::new();
    for part in files::parts(path) {
        for (tensor_type, weights) in weights_by_type(&files::header(&part)?) {
            *by_type.entry(tensor_type).or_default() += weights;
        }
    }
    let by_type: Map<String, Value> =
        by_type.iter().map(|(name, weights)| (name.to_string(), json!(weights))).collect();
    let base = files::load(path, arguments.engine()?.layout())?;
    let mut facts = serde_json::to_value(base.model.info()).map_err(|error| usage(&error.to_string()))?;
    facts["weights_by_type"] = Value::Object(by_type);
    facts["n_layers"] = json!(base.model.config.n_layers);
    facts["width"] = json!(base.model.config.width);
    facts["n_heads"] = json!(base.model.config.n_heads);
    facts["n_kv_heads"] = json!(base.model.config.n_kv_heads);
    facts["feed_forward"] = json!(base.model.config.feed_forward);
    Ok(facts)
}

/// With `--model` also whether it fits.
fn adapter(arguments: &Arguments, path: &Path) -> Outcome {
    let adapter = files::AdapterFiles::read(path)?;
    if arguments.text("model").is_some() {
        Adapter::from_files(adapter.files(), &files::base(arguments)?.model).map_err(failed)?;
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let info = adapter.files().info(&name).map_err(failed)?;
    serde_json::to_value(info).map_err(|error| usage(&error.to_string()))
}
