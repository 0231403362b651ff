//! What a model hub says of a repository, in the JSON of the Hugging Face hub.
//!
//! `GET {hub}/api/models/{owner}/{name}?blobs=true` names the present commit, the licence and every file with its
//! size; a file kept in large file storage comes with its SHA-256. Files are then fetched from that commit and no
//! other: `{hub}/{owner}/{name}/resolve/{commit}/{path}`.

use protocol::{Repository, RepositoryFile};
use serde::Deserialize;

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

/// The address that lists a repository.
///
/// # Errors
/// When `name` is not `owner/name`.
pub fn listing_address(hub: &str, name: &str) -> Result<String, HubError> {
    let bad = || HubError::BadName(name.to_owned());
    let (owner, repository) = name.split_once('/').ok_or_else(bad)?;
    if !is_name(owner) || !is_name(repository) {
        return Err(bad());
    }
    Ok(format!("{}/api/models/{owner}/{repository}?blobs=true", hub.trim_end_matches('/')))
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
        let address = listing_address("http://localhost:1/", "Qwen/Qwen3-0.6B-GGUF");
        assert_eq!(address.as_deref(), Ok("http://localhost:1/api/models/Qwen/Qwen3-0.6B-GGUF?blobs=true"));
        for bad in ["", "x", "/x", "x/", "a/b/c", "a/..", "a b/c", "a/b?x", "https://h/a/b"] {
            assert!(listing_address("h", bad).is_err(), "{bad:?}");
        }
    }
}
