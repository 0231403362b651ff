//! The parts of the page of models.

pub(crate) mod base;
pub(crate) mod bring;
pub(crate) mod coming;
mod context;
pub(crate) mod hub;
pub(crate) mod own_adapters;
pub(crate) mod problem;
pub(crate) mod stored;

use leptos::{
    html::{code, dd, div, dt, p},
    prelude::*,
};
use protocol::{HeaderFacts, MOST_MEMORY_BYTES};

use crate::{platform, state::format};

pub(super) fn fact(name: &'static str, value: impl Fn() -> String + Send + 'static) -> AnyView {
    div().child((dt().child(name), dd().child(value))).into_any()
}

pub(super) fn constant(value: String) -> impl Fn() -> String + Send + 'static {
    move || value.clone()
}

/// What a model or an adapter takes to run, as its headers say, if a lane may hold so many tokens.
fn memory(facts: &HeaderFacts, context_length: u32) -> String {
    memory_on(platform::device_memory_bytes(), facts, context_length)
}

fn memory_on(device_bytes: Option<u64>, facts: &HeaderFacts, context_length: u32) -> String {
    let HeaderFacts { architecture, quantisation, .. } = facts;
    let needed_bytes = facts.needed_bytes(context_length);
    let needed = format::bytes(needed_bytes);
    // What the device reports is rounded and has an upper end, so this is said and nothing is refused.
    let too_small = device_bytes.filter(|device| needed_bytes > *device);
    let remark = match too_small {
        _ if needed_bytes > MOST_MEMORY_BYTES => {
            let most = format::bytes(MOST_MEMORY_BYTES);
            format!(", more than the {most} that a page can have: choose a shorter context")
        }
        Some(device) => {
            format!(", more than the {} that this device reports: it may not load", format::bytes(device))
        }
        None => String::new(),
    };
    let of_lane = match facts.context_length.min(context_length) {
        0 => String::new(),
        tokens => format!(" with a lane of {} tokens", format::grouped(tokens.into())),
    };
    format!("{architecture} {quantisation}, needs {needed} of memory{of_lane}{remark}")
}

fn hash(name: &'static str, hash: String) -> impl IntoView {
    p().class("hash").child((name, " ", code().child(hash)))
}

fn load_state(state: impl Fn() -> &'static str + Send + Sync + Clone + 'static) -> impl IntoView {
    let words = {
        let state = state.clone();
        move || match state() {
            "ready" => "in memory",
            "loading" => "loading",
            "failed" => "did not load",
            _ => "not loaded",
        }
    };
    p().class("load-state").attr("data-state", state).child(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_is_too_small_is_named() {
        let facts = HeaderFacts {
            architecture: "llama".into(),
            quantisation: "Q8_0".into(),
            memory_bytes: 3 << 30,
            cache_bytes_per_token: 1 << 10,
            context_length: 4096,
        };
        let fits = "llama Q8_0, needs 3.2 GB of memory with a lane of 4,096 tokens";
        assert_eq!(memory_on(None, &facts, 4096), fits);
        assert_eq!(memory_on(Some(4 << 30), &facts, 4096), fits);
        let remark = memory_on(Some(2 << 30), &facts, 4096);
        assert!(
            remark.starts_with(fits) && remark.ends_with("that this device reports: it may not load"),
            "{remark}"
        );
    }

    #[test]
    fn a_context_that_no_page_has_room_for_is_named() {
        let facts = HeaderFacts {
            architecture: "llama".into(),
            quantisation: "Q8_0".into(),
            memory_bytes: 3 << 30,
            cache_bytes_per_token: 100 << 10,
            context_length: 131_072,
        };
        let told = |tokens| memory_on(Some(64 << 30), &facts, tokens);
        assert_eq!(told(4_096), "llama Q8_0, needs 3.6 GB of memory with a lane of 4,096 tokens");
        assert!(
            told(16_384).ends_with(", more than the 4.2 GB that a page can have: choose a shorter context")
        );
    }
}
