//! What a comparison was made with, in short: a link says only what differs from a scenario, and which adapter by its
//! name, so the same link means something else when these change.

use std::collections::BTreeMap;

use comparison::{Scenario, Weights};
use protocol::StoredItem;
use serde::{Deserialize, Serialize};

use super::{
    Catalogue, Chosen, Comparison, Outside, adapter_id,
    comparison::{MAX_LANES, MAX_NAME},
};

/// Letters of a file's SHA-256 that tell it from others.
const SHORT: usize = 12;
/// As many as of a SHA-256.
const LONGEST_HASH: usize = 64;

/// What a comparison was made with. Names are short because links carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MadeWith {
    /// Hash of what the scenario asks.
    #[serde(rename = "s")]
    pub scenario: String,
    /// The beginning of the base's SHA-256, where the base was known.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The beginnings of the adapters' SHA-256, by the names that lanes have for them.
    #[serde(rename = "a", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub adapters: BTreeMap<String, String>,
    /// The base and the adapters of those that are not the page's own.
    #[serde(rename = "o", default, skip_serializing_if = "Vec::is_empty")]
    pub outside: Vec<Outside>,
}

impl MadeWith {
    /// What a comparison is made with here and now. `chosen` is what of it is not the page's own.
    pub fn now(
        comparison: &Comparison,
        scenario: &Scenario,
        catalogue: Option<&Catalogue>,
        (chosen, hub): (&Chosen, &str),
    ) -> Self {
        let has_lane = |adapter: &&StoredItem| {
            comparison.lanes.iter().any(|lane| lane.weights.id() == adapter_id(&adapter.id))
        };
        let outside = chosen.base.iter().chain(chosen.adapters.iter().filter(has_lane));
        let adapter = |weights: &Weights| {
            let id = weights.id();
            let adapter = catalogue?.adapter(id)?;
            Some((id.to_owned(), short(&adapter.sha256)))
        };
        Self {
            scenario: fingerprint(scenario),
            base: catalogue.map(|catalogue| short(&catalogue.base.sha256)),
            adapters: comparison.lanes.iter().filter_map(|lane| adapter(&lane.weights)).collect(),
            // Without what a link cannot say, its reader is still told that the base or an adapter is another.
            outside: outside.map(|item| Outside::of(item, hub)).filter(Outside::is_sound).collect(),
        }
    }

    /// What is another here, in words.
    pub fn differences(&self, scenario: &Scenario, catalogue: Option<&Catalogue>) -> Vec<&'static str> {
        let mut differences = Vec::new();
        if self.scenario != fingerprint(scenario) {
            differences.push("another version of this scenario");
        }
        let Some(catalogue) = catalogue else { return differences };
        if self.base.as_ref().is_some_and(|base| !catalogue.base.sha256.starts_with(base)) {
            differences.push("another base model");
        }
        let is_another = |(id, sha256): (&String, &String)| {
            catalogue.adapter(id).is_some_and(|adapter| !adapter.sha256.starts_with(sha256))
        };
        if self.adapters.iter().any(is_another) {
            differences.push("other versions of its adapters");
        }
        differences
    }

    /// Whether it is something that a page could have written.
    pub fn is_sound(&self) -> bool {
        let is_hash = |text: &String| (1..=LONGEST_HASH).contains(&text.len()) && is_lower_hex(text);
        let is_name = |text: &String| text.chars().count() <= MAX_NAME;
        is_hash(&self.scenario)
            && self.base.as_ref().is_none_or(is_hash)
            && self.adapters.len() <= MAX_LANES
            && self.adapters.iter().all(|(id, sha256)| is_name(id) && is_hash(sha256))
            && self.outside.len() <= 1 + MAX_LANES
            && self.outside.iter().all(Outside::is_sound)
    }
}

/// Whether all letters are those that hashes are written in.
pub(super) fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn short(sha256: &str) -> String {
    sha256.get(..SHORT).unwrap_or(sha256).to_owned()
}

/// FNV-1a over what the scenario asks; the words around it and the recorded answers change no link's meaning. It tells
/// versions apart, and need not withstand anybody.
fn fingerprint(scenario: &Scenario) -> String {
    let inputs: Vec<&str> = scenario.inputs.iter().map(|input| input.input.as_str()).collect();
    let asked = serde_json::to_string(&(inputs, &scenario.sampling, &scenario.lanes));
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", asked.unwrap_or_default().bytes().fold(0xcbf2_9ce4_8422_2325, mix))
}

#[cfg(test)]
mod tests {
    use protocol::{ItemKind, StoredFile};

    use super::*;
    use crate::{
        SCENARIO,
        state::{Card, Chosen, testing::stored_item},
    };

    fn card() -> Card {
        Card::read(include_str!("../../../public/models/card.json")).expect("the card is ours")
    }

    #[test]
    fn another_scenario_base_or_adapter_is_named() {
        let comparison = Comparison::of(&SCENARIO);
        let catalogue = |card: &Card| Catalogue::new(Some(card), &Chosen::default()).expect("a base");
        let made_with = MadeWith::now(
            &comparison,
            &SCENARIO,
            Some(&catalogue(&card())),
            (&Chosen::default(), "https://hub.co"),
        );
        let differences = |scenario: &Scenario, card: &Card| {
            made_with.differences(scenario, Some(&catalogue(card))).join(", ")
        };
        assert!(made_with.is_sound() && made_with.base.is_some() && !made_with.adapters.is_empty());
        assert_eq!(differences(&SCENARIO, &card()), "");

        let mut told_otherwise = SCENARIO.clone();
        told_otherwise.lesson.push('!');
        told_otherwise.recorded.clear();
        assert_eq!(differences(&told_otherwise, &card()), "");
        let mut other = SCENARIO.clone();
        other.lanes[1].prompt.system.push('!');
        assert_eq!(differences(&other, &card()), "another version of this scenario");

        let mut trained_again = card();
        for adapter in &mut trained_again.adapters {
            adapter.weights_sha256 = "f".repeat(64);
        }
        assert_eq!(differences(&SCENARIO, &trained_again), "other versions of its adapters");
        trained_again.base.files[0].sha256 = "f".repeat(64);
        assert_eq!(
            differences(&SCENARIO, &trained_again),
            "another base model, other versions of its adapters"
        );
        assert!(made_with.differences(&SCENARIO, None).is_empty(), "what is not known is not said");
    }

    #[test]
    fn a_model_of_more_files_than_links_hold_is_left_out_and_spoils_nothing() {
        let file = |number: usize| StoredFile {
            name: format!("m-{number:05}-of-00033.gguf"),
            sha256: format!("{number:064x}"),
            size_bytes: 7,
            address: None,
        };
        let comparison = Comparison::of(&SCENARIO);
        let with = |n_files: usize| {
            let base =
                StoredItem { files: (0..n_files).map(file).collect(), ..stored_item("m", ItemKind::Model) };
            let mut chosen = Chosen::default();
            chosen.base = Some(base);
            MadeWith::now(&comparison, &SCENARIO, None, (&chosen, "https://hub.co"))
        };
        let outside = |n_files| (with(n_files).is_sound(), with(n_files).outside.len());
        assert_eq!([outside(32), outside(33)], [(true, 1), (true, 0)]);
    }

    #[test]
    fn what_no_page_wrote_is_not_sound() {
        let sound =
            MadeWith { scenario: "0a".into(), base: None, adapters: BTreeMap::new(), outside: Vec::new() };
        assert!(sound.is_sound());
        for scenario in [String::new(), "G".into(), "0".repeat(65)] {
            assert!(!MadeWith { scenario, ..sound.clone() }.is_sound());
        }
        assert!(!MadeWith { base: Some("no".into()), ..sound.clone() }.is_sound());
        let adapters = [("x".repeat(MAX_NAME + 1), "0a".to_owned())].into();
        assert!(!MadeWith { adapters, ..sound }.is_sound());
    }
}
