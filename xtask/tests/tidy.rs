//! The repository's rules, held as tests.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use xtask::root;

const MAX_LINES: usize = 500;
/// The recipe's modules hold lists of sentences.
const MAX_LINES_PYTHON: usize = 800;

/// The folders that may touch JavaScript (ARCHITECTURE.md, invariant 2).
const JAVASCRIPT_EDGES: [&str; 6] = [
    "app/src/platform/",
    "app/src/worker_client/",
    "model-wasm/src/worker/",
    "model-wasm/src/source/",
    "model-wasm/src/fetch/browser.rs",
    "model-wasm/src/store/",
];
/// Lines elsewhere that may.
const EXCEPTIONS: [&str; 1] = ["#[wasm_bindgen::prelude::wasm_bindgen(start)]"];
/// What touching JavaScript looks like.
const JAVASCRIPT_CRATES: [&str; 3] = ["js_sys", "web_sys", "wasm_bindgen"];

/// Files that git tracks, or would track, below a folder.
fn files(below: &str) -> Vec<PathBuf> {
    let listing = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "--", below])
        .current_dir(root())
        .output()
        .expect("git lists the files");
    let listing = String::from_utf8(listing.stdout).expect("paths are text");
    listing.lines().map(PathBuf::from).filter(|path| root().join(path).is_file()).collect()
}

fn with_extension<'a>(paths: &'a [PathBuf], extensions: &'a [&str]) -> impl Iterator<Item = &'a PathBuf> {
    paths.iter().filter(move |path| {
        path.extension().is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted))
    })
}

fn text(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Fails with every finding, one a line.
fn none_of(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn only_the_edges_touch_javascript() {
    let mut findings = Vec::new();
    for folder in ["app/src", "model-wasm/src", "model-wasm/protocol", "comparison"] {
        for path in with_extension(&files(folder), &["rs"]) {
            let name = path.to_string_lossy();
            if JAVASCRIPT_EDGES.iter().any(|edge| name.starts_with(edge)) {
                continue;
            }
            let text = text(path);
            let lines = text.lines().enumerate();
            for (number, line) in lines.filter(|(_, line)| !EXCEPTIONS.contains(&line.trim())) {
                if let Some(found) = JAVASCRIPT_CRATES.iter().find(|krate| mentions(line, krate)) {
                    findings.push(format!("{name}:{}: `{found}` outside the JavaScript edges", number + 1));
                }
            }
        }
    }
    none_of(&findings);
}

/// The word itself, in code.
fn mentions(line: &str, word: &str) -> bool {
    let code = line.split("//").next().unwrap_or(line);
    let mut rest = code;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        let apart = |c: char| !(c.is_alphanumeric() || c == '_');
        if before.chars().next_back().is_none_or(apart) && after.chars().next().is_none_or(apart) {
            return true;
        }
        rest = after;
    }
    false
}

#[test]
fn a_word_is_found_as_a_word() {
    assert!(mentions("use web_sys::window;", "web_sys"));
    assert!(!mentions("let web_system = 1; // web_sys", "web_sys"));
}

#[test]
fn text_reaches_the_page_as_text() {
    let all = files("app");
    let findings: Vec<_> = with_extension(&all, &["rs"])
        .filter(|path| ["inner_html", "innerHTML", "outer_html"].iter().any(|way| text(path).contains(way)))
        .map(|path| format!("{}: text nodes only", path.display()))
        .collect();
    none_of(&findings);
}

#[test]
fn files_are_small() {
    let all = files(".");
    let mut findings = Vec::new();
    for (kinds, most) in [(&["rs", "js", "css", "html", "md"][..], MAX_LINES), (&["py"], MAX_LINES_PYTHON)] {
        for path in with_extension(&all, kinds) {
            let lines = text(path).lines().count();
            if lines > most {
                findings.push(format!("{} has {lines} lines; {most} is the most", path.display()));
            }
        }
    }
    none_of(&findings);
}

#[test]
fn nothing_names_a_package_host() {
    // In pieces, so that this file passes too.
    let hosts = [
        ["static.crates", ".io"],
        ["index.crates", ".io"],
        ["files.python", "hosted.org"],
        ["pypi.python", ".org"],
        ["registry.npm", "js.org"],
        ["registry.yarn", "pkg.com"],
        ["deb.debian", ".org"],
    ]
    .map(|pieces| pieces.concat());
    let all = files(".");
    let mut findings = Vec::new();
    for path in &all {
        let Ok(text) = fs::read_to_string(root().join(path)) else { continue };
        if let Some(host) = hosts.iter().find(|host| text.contains(host.as_str())) {
            findings.push(format!("{} names {host}", path.display()));
        }
    }
    none_of(&findings);
}

#[test]
fn links_between_documents_lead_somewhere() {
    let all = files(".");
    let mut findings = Vec::new();
    for path in with_extension(&all, &["md"]) {
        let folder = root().join(path.parent().unwrap_or(Path::new("")));
        for link in links(&text(path)) {
            if !folder.join(&link).exists() {
                findings.push(format!("{} links to {link}, which is not there", path.display()));
            }
        }
    }
    none_of(&findings);
}

/// The local paths that a document links to, without their anchors.
fn links(document: &str) -> Vec<String> {
    let targets = document.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets
        .map(|target| target.split('#').next().unwrap_or(target).to_owned())
        .filter(|target| !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:"))
        .collect()
}

#[test]
fn the_map_names_every_folder() {
    let map = text(Path::new("ARCHITECTURE.md"));
    let mut missing = Vec::new();
    for top in folders("") {
        if !map.contains(&format!("]({top})")) {
            missing.push(format!("ARCHITECTURE.md does not name {top}/"));
        }
    }
    for source in ["app/src", "model-wasm/src"] {
        for folder in folders(source) {
            if !map.contains(&format!("`{folder}/`")) {
                missing.push(format!("ARCHITECTURE.md does not name {source}/{folder}/"));
            }
        }
    }
    none_of(&missing);
}

/// The folders with files of ours directly below a folder, hidden ones left out.
fn folders(below: &str) -> Vec<String> {
    let base = if below.is_empty() { "." } else { below };
    let mut names: Vec<String> = files(base)
        .iter()
        .filter_map(|path| {
            let rest = path.strip_prefix(below).ok()?;
            let mut parts = rest.iter().map(|part| part.to_string_lossy().into_owned());
            let first = parts.next()?;
            parts.next().map(|_| first)
        })
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names.dedup();
    names
}
