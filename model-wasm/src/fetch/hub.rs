//! What a model hub says of a repository, in the JSON of the Hugging Face hub.
//!
//! `GET {hub}/api/models/{owner}/{name}?blobs=true` names the present commit, the licence and every file with its
//! size; with `/revision/{revision}` before the `?` it does so of a branch, a tag or a commit. A file kept in large
//! file storage comes with its SHA-256. Files are then fetched from that commit and no other:
//! `{hub}/{owner}/{name}/resolve/{commit}/{path}`.

use protocol::{NewItem, Origin, Repository, RepositoryFile};
use serde::Deserialize;

use super::{Head, Patience};

/// The largest answer that is read.
pub const MAX_ANSWER_BYTES: u64 = 4 << 20;
const MAX_FILES: usize = 10_000;
const MAX_LICENCE_BYTES: usize = 80;
const MAX_NAME_BYTES: usize = 96;

/// Why a repository cannot be listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum HubError {
    #[error("{0:?} is no repository; write owner/name")]
    BadName(String),
    #[error("the hub's answer is not what a hub says: {0}")]
    BadAnswer(String),
    #[error("the hub names no commit that could be pinned")]
    NoCommit,
    #[error("the repository holds {0} files, at most {MAX_FILES} are read")]
    TooManyFiles(usize),
    #[error("{repository}: the hub knows no public repository of that name{}", at(.revision.as_deref()))]
    Unknown { repository: String, revision: Option<String> },
    #[error("{repository}: the hub answers {status}")]
    Status { repository: String, status: u16 },
    #[error("{repository}: the hub is busy{}", come_back_in(*.seconds))]
    Busy { repository: String, seconds: Option<u64> },
    #[error("{repository} holds no {path:?} at that revision")]
    NoFile { repository: String, path: String },
    #[error(
        "the files of {0} are given only to people with an account: download them there, and choose them here"
    )]
    WantsAccount(String),
}

fn at(revision: Option<&str>) -> String {
    revision.map(|revision| format!(" at revision {revision}")).unwrap_or_default()
}

fn come_back_in(seconds: Option<u64>) -> String {
    seconds.map(|seconds| format!(" and asks to come back in {seconds} seconds")).unwrap_or_default()
}

/// What to do with an answer about a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Read it.
    Read,
    /// Ask again after so many milliseconds: the hub is busy.
    AskAgain {
        /// How long to rest.
        wait_ms: u64,
    },
}

/// What an answer about a repository is, going by its head. `now_ms` counts milliseconds since 1970.
///
/// # Errors
/// When there is no such repository, or the hub does not say.
pub fn read_head(
    head: &Head,
    repository: &str,
    revision: Option<&str>,
    patience: &mut Patience,
    now_ms: f64,
) -> Result<Next, HubError> {
    let repository = repository.to_owned();
    match head.status {
        200 => Ok(Next::Read),
        401 | 404 => Err(HubError::Unknown { repository, revision: revision.map(str::to_owned) }),
        429 | 503 => {
            let asked = head.retry_after(now_ms);
            let wait_ms = patience.after_refusal(asked);
            let busy = || HubError::Busy { repository, seconds: asked.map(|asked| asked.seconds) };
            wait_ms.map(|wait_ms| Next::AskAgain { wait_ms }).ok_or_else(busy)
        }
        status => Err(HubError::Status { repository, status }),
    }
}

#[derive(Deserialize)]
struct Answer {
    id: String,
    sha: Option<String>,
    #[serde(default)]
    gated: serde_json::Value,
    #[serde(default)]
    private: bool,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default, rename = "cardData")]
    card: Option<CardData>,
    #[serde(default)]
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
struct CardData {
    #[serde(default)]
    license: serde_json::Value,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    lfs: Option<LargeFile>,
}

#[derive(Deserialize)]
struct LargeFile {
    sha256: Option<String>,
    size: Option<u64>,
}

/// A file of a repository, as an address of the hub names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubFile {
    /// `owner/name`
    pub repository: String,
    /// A branch, a tag or a commit, as it stands in the address.
    pub revision: String,
    /// Its path in the repository.
    pub path: String,
}

impl HubFile {
    /// Reads `{hub}/{owner}/{name}/resolve/{revision}/{path}`, or `blob` in the place of `resolve` as the hub's own pages
    /// have it. Any other address is `None`.
    pub fn at(hub: &str, address: &str) -> Option<Self> {
        let path = address.strip_prefix(hub.trim_end_matches('/'))?.strip_prefix('/')?;
        let path = path.split(['?', '#']).next()?;
        let [owner, name, verb, revision, path] = path.splitn(5, '/').collect::<Vec<_>>()[..] else {
            return None;
        };
        let is_revision = |text: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.%".contains(c))
        };
        let is_file =
            is_name(owner) && is_name(name) && ["resolve", "blob"].contains(&verb) && is_revision(revision);
        is_file.then_some(())?;
        let (repository, revision) = (format!("{owner}/{name}"), revision.to_owned());
        Some(Self { repository, revision, path: unescaped(path)? })
    }
}

/// What a repository says of the files of an item, which are to be `files` of it: their sizes, hashes and licence, and
/// their addresses at its commit.
///
/// # Errors
/// When it holds no such file, or gives it to people with an account only.
pub fn quote(item: &NewItem, files: &[HubFile], repository: &Repository) -> Result<NewItem, HubError> {
    if repository.wants_account {
        return Err(HubError::WantsAccount(repository.id.clone()));
    }
    let mut quoted = item.clone();
    quoted.licence.clone_from(&repository.licence);
    for (file, wanted) in quoted.files.iter_mut().zip(files) {
        let there = repository.files.iter().find(|there| there.path == wanted.path);
        let there = there.ok_or_else(|| HubError::NoFile {
            repository: repository.id.clone(),
            path: wanted.path.clone(),
        })?;
        file.from = Origin::Url(there.address.clone());
        (file.size_bytes, file.sha256) = (there.size_bytes, there.sha256.clone());
    }
    Ok(quoted)
}

/// The address that lists a repository at a revision; without one, at its newest commit.
///
/// # Errors
/// When `name` is not `owner/name`.
pub fn listing_address(hub: &str, name: &str, revision: Option<&str>) -> Result<String, HubError> {
    let bad = || HubError::BadName(name.to_owned());
    let (owner, repository) = name.split_once('/').ok_or_else(bad)?;
    if !is_name(owner) || !is_name(repository) {
        return Err(bad());
    }
    let revision = revision.map(|revision| format!("/revision/{revision}")).unwrap_or_default();
    Ok(format!("{}/api/models/{owner}/{repository}{revision}?blobs=true", hub.trim_end_matches('/')))
}

fn is_name(part: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !part.is_empty() && part.len() <= MAX_NAME_BYTES && part.chars().all(plain) && !part.starts_with('.')
}

/// Reads the hub's answer about a repository.
///
/// # Errors
/// When it is no such answer, or names no commit.
pub fn read_listing(hub: &str, answer: &[u8]) -> Result<Repository, HubError> {
    let answer: Answer =
        serde_json::from_slice(answer).map_err(|error| HubError::BadAnswer(error.to_string()))?;
    if !answer.id.split_once('/').is_some_and(|(owner, name)| is_name(owner) && is_name(name)) {
        return Err(HubError::BadName(answer.id));
    }
    if answer.siblings.len() > MAX_FILES {
        return Err(HubError::TooManyFiles(answer.siblings.len()));
    }
    let is_commit = |sha: &String| sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
    let commit = answer.sha.filter(is_commit).ok_or(HubError::NoCommit)?;
    let tag = answer.tags.iter().find_map(|tag| tag.strip_prefix("license:"));
    let licence = answer.card.and_then(|card| card.license.as_str().map(str::to_owned));
    let licence = licence.or_else(|| tag.map(str::to_owned)).map(|mut licence| {
        licence.truncate(licence.floor_char_boundary(MAX_LICENCE_BYTES));
        licence
    });
    let hub = hub.trim_end_matches('/');
    let base = format!("{hub}/{}/resolve/{commit}", answer.id);
    let file = |sibling: Sibling| {
        let lfs = sibling.lfs.unwrap_or(LargeFile { sha256: None, size: None });
        RepositoryFile {
            address: format!("{base}/{}", escaped(&sibling.rfilename)),
            path: sibling.rfilename,
            size_bytes: lfs.size.or(sibling.size),
            sha256: lfs.sha256.filter(|sha256| is_sha256(sha256)),
        }
    };
    Ok(Repository {
        id: answer.id,
        commit,
        licence,
        wants_account: answer.private
            || !matches!(answer.gated, serde_json::Value::Bool(false) | serde_json::Value::Null),
        files: answer
            .siblings
            .into_iter()
            .filter(|sibling| is_wanted(&sibling.rfilename))
            .map(file)
            .collect(),
    })
}

fn has_extension(name: &str, extension: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, own)| own.eq_ignore_ascii_case(extension))
}

/// Files that are models or adapters.
fn is_wanted(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    !path.split('/').any(|part| part == "..")
        && (has_extension(name, "gguf")
            || ["adapter_config.json", "adapter_model.safetensors", "adapters.safetensors"].contains(&name))
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// A path as it stands in an address.
fn escaped(path: &str) -> String {
    use std::fmt::Write;
    path.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

/// A path out of an address; `None` where its escapes make no sense.
fn unescaped(path: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), path.as_bytes());
    while let Some((&byte, after)) = rest.split_first() {
        if byte == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn answer() -> serde_json::Value {
        serde_json::json!({
            "_id": "x", "id": "owner/small-GGUF", "sha": COMMIT, "private": false, "gated": false,
            "tags": ["gguf", "license:mit"], "cardData": {"license": "apache-2.0"},
            "siblings": [
                {"rfilename": "README.md", "size": 10},
                {"rfilename": "small Q8.gguf", "size": 130, "lfs": {"sha256": "ab".repeat(32), "size": 1234, "pointerSize": 130}},
                {"rfilename": "adapter_config.json", "size": 99, "blobId": "y"},
                {"rfilename": "../evil.gguf", "size": 1},
            ],
        })
    }

    fn read(answer: &serde_json::Value) -> Result<Repository, HubError> {
        read_listing("https://huggingface.co/", answer.to_string().as_bytes())
    }

    #[test]
    fn files_are_pinned_to_the_commit() {
        let repository = read(&answer()).expect("a sound answer");
        assert_eq!((repository.licence.as_deref(), repository.wants_account), (Some("apache-2.0"), false));
        let [model, config] = &repository.files[..] else { panic!("{:?}", repository.files) };
        assert_eq!(
            model.address,
            format!("https://huggingface.co/owner/small-GGUF/resolve/{COMMIT}/small%20Q8.gguf")
        );
        assert_eq!((model.size_bytes, model.sha256.as_deref()), (Some(1234), Some(&*"ab".repeat(32))));
        assert_eq!((config.size_bytes, config.sha256.as_deref()), (Some(99), None));
    }

    #[test]
    fn the_licence_may_stand_among_the_tags_and_an_account_may_be_wanted() {
        let mut answer = answer();
        answer["cardData"] = serde_json::Value::Null;
        answer["gated"] = "manual".into();
        let repository = read(&answer).expect("a sound answer");
        assert_eq!((repository.licence.as_deref(), repository.wants_account), (Some("mit"), true));
    }

    #[test]
    fn answers_that_cannot_be_pinned_are_refused() {
        let mut no_commit = answer();
        no_commit["sha"] = "main".into();
        assert_eq!(read(&no_commit), Err(HubError::NoCommit));
        let mut odd = answer();
        odd["id"] = "../x".into();
        assert!(matches!(read(&odd), Err(HubError::BadName(_))));
        assert!(matches!(read_listing("h", b"<html>"), Err(HubError::BadAnswer(_))));
    }

    #[test]
    fn a_repository_is_an_owner_and_a_name() {
        let address = listing_address("http://localhost:1/", "Qwen/Qwen3-0.6B-GGUF", None);
        assert_eq!(address.as_deref(), Ok("http://localhost:1/api/models/Qwen/Qwen3-0.6B-GGUF?blobs=true"));
        let address = listing_address("h", "a/b", Some("main"));
        assert_eq!(address.as_deref(), Ok("h/api/models/a/b/revision/main?blobs=true"));
        for bad in ["", "x", "/x", "x/", "a/b/c", "a/..", "a b/c", "a/b?x", "https://h/a/b"] {
            assert!(listing_address("h", bad, None).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_busy_hub_is_asked_again_and_others_say_what_is_wrong() {
        let mut patience = Patience::default();
        let mut next = |status, retry_after: Option<&str>, revision| {
            let head = Head { status, retry_after: retry_after.map(str::to_owned), ..Head::default() };
            read_head(&head, "o/r", revision, &mut patience, 0.0).map_err(|error| error.to_string())
        };
        assert_eq!(next(200, None, None), Ok(Next::Read));
        assert_eq!(next(429, Some("1"), None), Ok(Next::AskAgain { wait_ms: 1_000 }));
        assert_eq!(next(503, None, None), Ok(Next::AskAgain { wait_ms: 1_000 }));
        let error = |next: Result<Next, String>| next.expect_err("no answer to read");
        let busy = error(next(429, Some("3600"), None));
        assert!(busy.ends_with("the hub is busy and asks to come back in 3600 seconds"), "{busy}");
        assert!(error(next(404, None, None)).ends_with("no public repository of that name"));
        assert!(error(next(401, None, Some("v1"))).ends_with("of that name at revision v1"));
        assert_eq!(error(next(500, None, None)), "o/r: the hub answers 500");
    }

    #[test]
    fn an_address_of_the_hub_names_a_file_of_a_repository() {
        let hub = "https://huggingface.co";
        for address in [
            "https://huggingface.co/o/r/resolve/main/x/small%20Q8.gguf?download=true",
            "https://huggingface.co/o/r/blob/main/x/small%20Q8.gguf",
        ] {
            let file = HubFile::at(hub, address).expect(address);
            let parts = (file.repository.as_str(), file.revision.as_str(), file.path.as_str());
            assert_eq!(parts, ("o/r", "main", "x/small Q8.gguf"));
        }
        for other in [
            "https://huggingface.co.evil.org/o/r/resolve/main/m.gguf",
            "https://other.org/o/r/resolve/main/m.gguf",
            "https://huggingface.co/o/r/raw/main/m.gguf",
            "https://huggingface.co/o/r/resolve/main",
            "https://huggingface.co/o/r/resolve//m.gguf",
            "https://huggingface.co/../r/resolve/main/m.gguf",
            "https://huggingface.co/o/r/resolve/main/%zz.gguf",
        ] {
            assert_eq!(HubFile::at(hub, other), None, "{other}");
        }
    }

    #[test]
    fn a_quote_has_size_hash_and_licence_and_is_pinned() {
        let hub = "https://huggingface.co";
        let address = format!("{hub}/owner/small-GGUF/resolve/main/small%20Q8.gguf");
        let file = protocol::NewFile {
            name: "small Q8.gguf".into(),
            from: Origin::Url(address.clone()),
            sha256: None,
            size_bytes: None,
        };
        let kind = protocol::ItemKind::Model;
        let item = NewItem { kind, name: "small".into(), licence: None, files: vec![file] };
        let repository = read(&answer()).expect("a sound answer");
        let files = [HubFile::at(hub, &address).expect("an address of the hub")];
        let quoted = quote(&item, &files, &repository).expect("it is there");
        assert_eq!(quoted.licence.as_deref(), Some("apache-2.0"));
        assert_eq!((quoted.files[0].size_bytes, quoted.files[0].sha256.is_some()), (Some(1234), true));
        let pinned = format!("{hub}/owner/small-GGUF/resolve/{COMMIT}/small%20Q8.gguf");
        assert_eq!(quoted.files[0].from, Origin::Url(pinned));
        let missing = [HubFile { path: "large.gguf".into(), ..files[0].clone() }];
        assert!(matches!(quote(&item, &missing, &repository), Err(HubError::NoFile { .. })));
        let closed = Repository { wants_account: true, ..repository };
        assert!(matches!(quote(&item, &files, &closed), Err(HubError::WantsAccount(_))));
    }
}
