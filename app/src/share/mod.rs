//! Links: `#v1.<base64url(deflate-raw(JSON))>`, where the JSON is a scenario's id and what differs
//! from it. Every version that was ever released stays readable.

mod patch;

use std::io::{Read, Write};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use comparison::{Lane, Scenario};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use protocol::{AddressError, Sampling};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::state::{Comparison, FormatChoice, MadeWith, Outside};

const VERSION: &str = "v1";
/// Bytes of a link's packed part.
const MAX_PACKED: usize = 64 * 1024;
/// The same in base64: four letters for three bytes.
const MAX_ENCODED: usize = (MAX_PACKED * 4).div_ceil(3);
const MAX_INFLATED: u64 = 1 << 20;

/// What a link carries.
#[derive(Debug, Clone, PartialEq)]
pub struct Shared {
    /// The comparison.
    pub comparison: Comparison,
    /// Answers that the sender chose to send along, a lane each.
    pub outputs: Vec<Option<String>>,
}

/// Why a link cannot be opened, or cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// A version of the format that is not known here.
    #[error("it is of version {0:?}, which this page does not know")]
    UnknownVersion(String),
    /// Longer than a link may be.
    #[error("it is longer than {} KiB", MAX_PACKED / 1024)]
    TooLong,
    /// Characters that no link has, or some are missing.
    #[error("it is cut short or damaged")]
    Damaged,
    /// Inflates to more than a comparison may take.
    #[error("it unpacks to more than {} MiB", MAX_INFLATED >> 20)]
    TooLarge,
    /// A scenario that is not here.
    #[error("it is about the scenario {0:?}, which this page does not have")]
    UnknownScenario(String),
    /// It names a file's address that no link may name.
    #[error("it names a place that no link may name: {0}")]
    Address(AddressError),
    /// Unpacks to something that is no comparison.
    #[error("it holds no comparison ({0})")]
    NoComparison(String),
}

/// The JSON inside a link. Names are short because links are read aloud and pasted into chats.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    /// Scenario.
    s: String,
    /// Input: the number of one of the scenario's, or a text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    i: Option<Value>,
    /// Sampling, where it differs.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    g: Map<String, Value>,
    /// Whether models are asked to think.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    t: bool,
    /// Chat format, and for which model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    c: Option<FormatChoice>,
    /// What it was made with, for those that have other versions of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    m: Option<MadeWith>,
    /// Lanes, where they differ: each names the scenario's lane that it is closest to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    l: Option<Vec<LanePatch>>,
    /// Outputs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    o: Vec<Option<String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LanePatch {
    /// Base: the scenario's lane.
    b: usize,
    /// Difference.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    d: Map<String, Value>,
}

/// The link's fragment, `#` included.
///
/// # Errors
/// When nobody could open it, because there is too much in it.
///
/// # Panics
/// Never: plain data serialises, and memory takes every write.
pub fn encode(shared: &Shared, scenario: &Scenario) -> Result<String, LinkError> {
    let json = serde_json::to_vec(&payload(shared, scenario)).expect("plain data serialises");
    if json.len() as u64 > MAX_INFLATED {
        return Err(LinkError::TooLarge);
    }
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    deflate.write_all(&json).expect("writing to memory succeeds");
    let packed = deflate.finish().expect("writing to memory succeeds");
    if packed.len() > MAX_PACKED {
        return Err(LinkError::TooLong);
    }
    Ok(format!("#{VERSION}.{}", URL_SAFE_NO_PAD.encode(packed)))
}

/// What a link's fragment carries, with every value in range; `None` where the fragment is no link.
///
/// # Errors
/// When it is damaged, too long, or about something that is not here.
pub fn decode(fragment: &str, scenario: &Scenario) -> Option<Result<Shared, LinkError>> {
    let (version, data) = fragment.trim_start_matches('#').split_once('.')?;
    let is_version =
        version.strip_prefix('v').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    is_version.then(|| match version {
        VERSION => unpack(data).and_then(|json| read(&json, scenario)),
        other => Err(LinkError::UnknownVersion(other.to_owned())),
    })
}

fn payload(shared: &Shared, scenario: &Scenario) -> Payload {
    let Comparison { scenario: id, input, sampling, thinking, format, made_with, lanes } = &shared.comparison;
    let start = Comparison::of(scenario);
    let known = scenario.inputs.iter().position(|known| known.input == *input);
    let differs = *input != start.input;
    Payload {
        s: id.clone(),
        i: differs.then(|| known.map_or_else(|| Value::from(input.as_str()), Value::from)),
        g: patch::between(&start.sampling, sampling),
        t: *thinking,
        c: format.clone(),
        m: made_with.clone(),
        l: (*lanes != start.lanes).then(|| lanes.iter().map(|lane| lane_patch(lane, scenario)).collect()),
        o: if shared.outputs.iter().any(Option::is_some) { shared.outputs.clone() } else { Vec::new() },
    }
}

/// The lane as its difference from the scenario's lane that says it in fewest letters.
fn lane_patch(lane: &Lane, scenario: &Scenario) -> LanePatch {
    let candidates = scenario.lanes.iter().enumerate();
    candidates
        .map(|(b, base)| LanePatch { b, d: patch::between(base, lane) })
        .min_by_key(|patch| serde_json::to_string(&patch.d).map_or(usize::MAX, |text| text.len()))
        .expect("a scenario has lanes")
}

fn unpack(data: &str) -> Result<Vec<u8>, LinkError> {
    if data.len() > MAX_ENCODED {
        return Err(LinkError::TooLong);
    }
    let packed = URL_SAFE_NO_PAD.decode(data).map_err(|_| LinkError::Damaged)?;
    if packed.len() > MAX_PACKED {
        return Err(LinkError::TooLong);
    }
    let mut json = Vec::new();
    let mut inflate = DeflateDecoder::new(packed.as_slice()).take(MAX_INFLATED + 1);
    inflate.read_to_end(&mut json).map_err(|_| LinkError::Damaged)?;
    if json.len() as u64 > MAX_INFLATED {
        return Err(LinkError::TooLarge);
    }
    Ok(json)
}

fn read(json: &[u8], scenario: &Scenario) -> Result<Shared, LinkError> {
    let damaged = |message: String| LinkError::NoComparison(message);
    let payload: Payload = serde_json::from_slice(json).map_err(|error| damaged(error.to_string()))?;
    if payload.s != scenario.id {
        return Err(LinkError::UnknownScenario(payload.s));
    }
    let start = Comparison::of(scenario);
    let input = match payload.i {
        None => start.input,
        Some(Value::String(text)) => text,
        Some(number) => {
            let index = number.as_u64().and_then(|index| usize::try_from(index).ok());
            let known = index.and_then(|index| scenario.inputs.get(index));
            known.ok_or_else(|| damaged(format!("the scenario has no input {number}")))?.input.clone()
        }
    };
    let sampling: Sampling =
        patch::applied(&start.sampling, in_range_of_their_types(payload.g)).map_err(damaged)?;
    let lanes = match payload.l {
        None => start.lanes,
        Some(patches) => patches
            .into_iter()
            .map(|LanePatch { b, d }| {
                let base = scenario.lanes.get(b);
                let base = base.ok_or_else(|| damaged(format!("the scenario has no lane {b}")))?;
                patch::applied(base, d).map_err(damaged)
            })
            .collect::<Result<Vec<Lane>, _>>()?,
    };
    let mut outside = payload.m.iter().flat_map(|made_with| &made_with.outside);
    outside.try_for_each(Outside::check_addresses).map_err(LinkError::Address)?;
    let (scenario, thinking, format, made_with) = (payload.s, payload.t, payload.c, payload.m);
    let comparison = Comparison { scenario, input, sampling, thinking, format, made_with, lanes }.clamped();
    let mut outputs = payload.o;
    outputs.truncate(comparison.lanes.len());
    Ok(Shared { comparison, outputs })
}

/// Brings whole numbers into the range of their types, so that they can be clamped like all others.
fn in_range_of_their_types(mut sampling: Map<String, Value>) -> Map<String, Value> {
    for (field, most) in [("top_k", u32::MAX.into()), ("max_tokens", u32::MAX.into()), ("seed", u64::MAX)] {
        if let Some(value) = sampling.get_mut(field)
            && let Some(number) = value.as_f64()
        {
            // A cast from floating point stops at the ends of the type.
            *value = value.as_u64().unwrap_or(number as u64).min(most).into();
        }
    }
    sampling
}

#[cfg(test)]
mod tests;
