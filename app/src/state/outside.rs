//! Models and adapters that are not the page's own, as a link names them: each file by its SHA-256 and by where
//! everybody finds it. Reading a link fetches nothing; the person is asked first.

use protocol::{Address, AddressError, ItemKind, NamedBy, NewFile, NewItem, Origin, StoredFile, StoredItem};
use serde::{Deserialize, Serialize};

use super::{
    adapter_id,
    comparison::{MAX_NAME, cut},
    made_with::is_lower_hex,
};

/// Files of one item; a split model may have as many.
const MAX_FILES: usize = 32;
/// Characters of an address or a path.
const MAX_ADDRESS: usize = 1024;
/// Letters of a SHA-256.
const HASH: usize = 64;
/// Letters of a commit.
const COMMIT: usize = 40;
/// All that a question mark may stand before in an address that travels: it changes how a file comes, not which.
const HARMLESS_QUERY: &str = "download=true";

/// A model or an adapter as a link names it. Names are short because links carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outside {
    /// What it is.
    #[serde(rename = "k")]
    pub kind: ItemKind,
    /// What the sender calls it.
    #[serde(rename = "n")]
    pub name: String,
    /// The licence, as its host states it.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Its files; the first one names it.
    #[serde(rename = "f")]
    files: Vec<OutsideFile>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OutsideFile {
    #[serde(rename = "n")]
    name: String,
    #[serde(rename = "h")]
    sha256: String,
    #[serde(rename = "s")]
    size_bytes: u64,
    /// `owner/name/resolve/commit/path` on the hub, or an address elsewhere; nothing where only the sender has it.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
}

impl Outside {
    /// A stored item, as somebody else can have it. What only this machine or its network can reach is left out, and so
    /// is what an address holds besides a path, which may be a secret.
    pub fn of(item: &StoredItem, hub: &str) -> Self {
        let short = |text: &str| {
            let mut text = text.to_owned();
            cut(&mut text, MAX_NAME);
            text
        };
        let file = |file: &StoredFile| OutsideFile {
            name: file.name.clone(),
            sha256: file.sha256.clone(),
            size_bytes: file.size_bytes,
            from: file.address.as_deref().and_then(|address| for_everybody(address, hub)),
        };
        Self {
            kind: item.kind,
            name: short(&item.name),
            licence: item.licence.as_deref().map(short),
            files: item.files.iter().map(file).collect(),
        }
    }

    /// What it is stored under: the SHA-256 of its first file.
    pub fn id(&self) -> &str {
        self.files.first().map_or("", |file| &file.sha256)
    }

    /// The name that lanes have for it, of an adapter.
    pub fn lane_id(&self) -> String {
        adapter_id(self.id())
    }

    /// Size of its files together.
    pub fn size_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.size_bytes).fold(0, u64::saturating_add)
    }

    /// The names of its files, as a list to read.
    pub fn file_names(&self) -> String {
        self.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// The hosts that its files come from, each once; `None` where a file is only the sender's.
    pub fn hosts(&self, hub: &str) -> Option<Vec<String>> {
        let mut hosts = Vec::new();
        for file in &self.new_item(hub)?.files {
            let Origin::Url(address) = &file.from else { return None };
            hosts.push(Address::parse(address, NamedBy::Person).ok()?.host().to_owned());
        }
        hosts.dedup();
        Some(hosts)
    }

    /// What to fetch; `None` where a file is only the sender's.
    pub fn new_item(&self, hub: &str) -> Option<NewItem> {
        let file = |file: &OutsideFile| {
            Some(NewFile {
                name: file.name.clone(),
                from: Origin::Url(address(file.from.as_deref()?, hub)),
                sha256: Some(file.sha256.clone()),
                size_bytes: Some(file.size_bytes),
            })
        };
        let files = self.files.iter().map(file).collect::<Option<Vec<_>>>()?;
        Some(NewItem { kind: self.kind, name: self.name.clone(), licence: self.licence.clone(), files })
    }

    /// Whether it is something that a page could have written.
    pub fn is_sound(&self) -> bool {
        let is_short = |text: &String| text.chars().count() <= MAX_NAME;
        is_short(&self.name)
            && self.licence.as_ref().is_none_or(is_short)
            && (1..=MAX_FILES).contains(&self.files.len())
            && self.files.iter().all(OutsideFile::is_sound)
    }

    /// Whether a link may name its files' addresses.
    ///
    /// # Errors
    /// Says which rule an address breaks.
    pub fn check_addresses(&self) -> Result<(), AddressError> {
        let mut elsewhere =
            self.files.iter().filter_map(|file| file.from.as_deref()).filter(|from| !is_on_hub(from));
        elsewhere.try_for_each(|from| Address::parse(from, NamedBy::Link).map(|_| ()))
    }
}

impl OutsideFile {
    fn is_sound(&self) -> bool {
        let is_name = |name: &str| {
            (1..=MAX_NAME * 4).contains(&name.len())
                && !name.contains(['/', '\\'])
                && !name.contains(char::is_control)
        };
        is_name(&self.name)
            && self.sha256.len() == HASH
            && is_lower_hex(&self.sha256)
            && self.from.as_ref().is_none_or(|from| from.len() <= MAX_ADDRESS)
    }
}

/// An address as a link may name it.
fn for_everybody(address: &str, hub: &str) -> Option<String> {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    if !(query.is_empty() || query == HARMLESS_QUERY) || path.contains('#') || path.len() > MAX_ADDRESS {
        return None;
    }
    let on_hub = path.strip_prefix(hub).and_then(|rest| rest.strip_prefix('/'));
    if let Some(path) = on_hub.filter(|path| is_on_hub(path)) {
        return Some(path.to_owned());
    }
    Address::parse(path, NamedBy::Link).ok().map(|address| address.as_str().to_owned())
}

fn address(from: &str, hub: &str) -> String {
    if is_on_hub(from) { format!("{hub}/{from}") } else { from.to_owned() }
}

/// Whether that is `owner/name/resolve/commit/path`. Another revision than a commit may be another file tomorrow.
fn is_on_hub(from: &str) -> bool {
    let is_part = |part: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.%+".contains(&byte);
        // To a browser `%2e` is a dot.
        let is_up = part.to_ascii_lowercase().replace("%2e", ".").bytes().all(|byte| byte == b'.');
        !is_up && part.bytes().all(is_plain)
    };
    let is_commit = |part: &str| part.len() == COMMIT && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts: Vec<&str> = from.split('/').collect();
    matches!(parts[..], [_, _, "resolve", commit, _, ..] if is_commit(commit))
        && parts.iter().all(|part| is_part(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUB: &str = "https://hub.co";
    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn stored(address: Option<&str>) -> StoredItem {
        let file = StoredFile {
            name: "m.gguf".into(),
            sha256: "ab".repeat(32),
            size_bytes: 7,
            address: address.map(str::to_owned),
        };
        StoredItem {
            id: "ab".repeat(32),
            kind: ItemKind::Model,
            name: "m".into(),
            licence: Some("MIT".into()),
            files: vec![file],
            in_memory: false,
            facts: None,
            kept_ms: 0.0,
            used_ms: 0.0,
        }
    }

    fn from(address: &str) -> Option<String> {
        Outside::of(&stored(Some(address)), HUB).files[0].from.clone()
    }

    #[test]
    fn a_file_of_the_hub_is_fetched_by_its_commit_and_compared_with_its_hash() {
        let address = format!("{HUB}/o/r/resolve/{COMMIT}/sub/m-Q8_0.gguf");
        let outside = Outside::of(&stored(Some(&format!("{address}?download=true"))), HUB);
        assert_eq!(outside.files[0].from, Some(format!("o/r/resolve/{COMMIT}/sub/m-Q8_0.gguf")));
        assert!(outside.is_sound() && outside.check_addresses().is_ok());
        let item = outside.new_item(HUB).expect("everybody can have it");
        assert_eq!(item.files[0].from, Origin::Url(address));
        assert_eq!(item.files[0].sha256.as_deref(), Some(outside.id()));
        assert_eq!((outside.hosts(HUB), outside.size_bytes()), (Some(vec!["hub.co".into()]), 7));
    }

    #[test]
    fn what_others_cannot_have_or_should_not_see_stays_here() {
        assert_eq!(from("https://h.co/a/m.gguf"), Some("https://h.co/a/m.gguf".into()));
        for address in [
            "http://127.0.0.1:8000/m.gguf",
            "https://nas.local/m.gguf",
            "https://h.co/m.gguf?token=secret",
            "https://h.co/m.gguf#part",
        ] {
            assert_eq!(from(address), None, "{address}");
        }
        let from_disk = Outside::of(&stored(None), HUB);
        assert_eq!((from_disk.new_item(HUB), from_disk.hosts(HUB)), (None, None));
        assert!(from_disk.is_sound() && from_disk.check_addresses().is_ok());
    }

    #[test]
    fn only_a_commit_is_a_place_on_the_hub() {
        for path in ["o/r/resolve/main/m.gguf", "o/r/resolve", "o/../resolve/main/m.gguf", "m.gguf", ""] {
            assert!(!is_on_hub(path), "{path}");
        }
        for (repository, path) in
            [("o/r", "../m.gguf"), ("o/r", "%2E%2e/m"), ("o/r", "m.gguf?x"), ("o/", "m.gguf")]
        {
            assert!(!is_on_hub(&format!("{repository}/resolve/{COMMIT}/{path}")), "{repository} {path}");
        }
    }

    #[test]
    fn an_address_inside_somebodys_network_is_refused() {
        for address in
            ["http://127.0.0.1/m.gguf", "https://10.0.0.1/m.gguf", "https://a:b@h.co/m.gguf", "javascript:1"]
        {
            let mut outside = Outside::of(&stored(None), HUB);
            outside.files[0].from = Some(address.to_owned());
            assert!(outside.check_addresses().is_err(), "{address}");
        }
    }

    #[test]
    fn what_no_page_wrote_is_not_sound() {
        let sound = Outside::of(&stored(None), HUB);
        let change = |change: fn(&mut Outside)| {
            let mut outside = sound.clone();
            change(&mut outside);
            outside.is_sound()
        };
        assert!(change(|_| ()));
        assert!(!change(|outside| outside.files.clear()));
        assert!(!change(|outside| outside.name = "x".repeat(MAX_NAME + 1)));
        assert!(!change(|outside| outside.files[0].name = "../m.gguf".into()));
        assert!(!change(|outside| outside.files[0].sha256 = "AB".repeat(32)));
        assert!(!change(|outside| outside.files[0].from = Some("x".repeat(MAX_ADDRESS + 1))));
    }
}
