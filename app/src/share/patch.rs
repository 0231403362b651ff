//! What differs between two values of a type, as JSON: an object of the changed fields, nested where
//! both sides are objects.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// The fields of `new` that differ from `base`. A field that `base` has and `new` lacks is not said.
pub(super) fn between<T: Serialize>(base: &T, new: &T) -> Map<String, Value> {
    match (serde_json::to_value(base), serde_json::to_value(new)) {
        (Ok(Value::Object(base)), Ok(Value::Object(new))) => changed(&base, new),
        _ => Map::new(),
    }
}

/// `base` with the fields of `patch` put in their places.
pub(super) fn applied<T: Serialize + DeserializeOwned>(
    base: &T,
    patch: Map<String, Value>,
) -> Result<T, String> {
    let mut value = serde_json::to_value(base).map_err(|error| error.to_string())?;
    merge(&mut value, Value::Object(patch));
    serde_json::from_value(value).map_err(|error| error.to_string())
}

fn changed(base: &Map<String, Value>, new: Map<String, Value>) -> Map<String, Value> {
    let mut patch = Map::new();
    for (field, value) in new {
        match (base.get(&field), value) {
            (Some(old), value) if *old == value => {}
            (Some(Value::Object(old)), Value::Object(value)) => {
                patch.insert(field, Value::Object(changed(old, value)));
            }
            (_, value) => {
                patch.insert(field, value);
            }
        }
    }
    patch
}

fn merge(base: &mut Value, patch: Value) {
    match (base, patch) {
        (Value::Object(base), Value::Object(patch)) => {
            for (field, value) in patch {
                match base.get_mut(&field) {
                    Some(old) => merge(old, value),
                    None => {
                        base.insert(field, value);
                    }
                }
            }
        }
        (base, patch) => *base = patch,
    }
}
