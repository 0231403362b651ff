//! Gathers the site's files and gives the code among them hashed names.
//!
//! A file is renamed after the files that it refers to, so that its hash covers theirs. References
//! are quoted paths relative to the referring file, the way HTML, CSS and JavaScript modules
//! write them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use super::{hash::hashed, headers};
use crate::root;

/// A site in memory: path from its root, with `/`, to content.
pub(super) type Site = BTreeMap<String, Vec<u8>>;

/// The whole site from `public/`, the folder of glue, and the workers' starts.
pub(super) fn site(public: &Path, glue: &Path) -> Result<Site> {
    let mut files = Site::new();
    read_folder(public, public, &mut files)?;
    read_folder(glue, glue, &mut files)?;
    for worker in ["worker.js", "downloader.js"] {
        files.insert(worker.to_owned(), read(&root().join("model-wasm").join(worker))?);
    }
    let mut site = rename(files)?;
    let listing = headers::listing(site.keys().map(String::as_str));
    site.insert("_headers".to_owned(), listing.into_bytes());
    Ok(site)
}

fn read_folder(folder: &Path, base: &Path, files: &mut Site) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    for entry in entries {
        let path: PathBuf = entry?.path();
        if path.is_dir() {
            read_folder(&path, base, files)?;
        } else {
            let name = path.strip_prefix(base).expect("it lies below").to_string_lossy().replace('\\', "/");
            files.insert(name, read(&path)?);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// Gives every script, stylesheet and module a hashed name, and rewrites what refers to it.
fn rename(files: Site) -> Result<Site> {
    let mut renaming = Renaming { files, new_names: BTreeMap::new(), open: Vec::new() };
    let paths: Vec<String> = renaming.files.keys().cloned().collect();
    for path in &paths {
        renaming.visit(path)?;
    }
    let Renaming { files, mut new_names, .. } = renaming;
    Ok(files.into_iter().map(|(path, content)| (new_names.remove(&path).unwrap_or(path), content)).collect())
}

struct Renaming {
    files: Site,
    new_names: BTreeMap<String, String>,
    /// The files whose references are being followed, to notice a circle.
    open: Vec<String>,
}

impl Renaming {
    /// Rewrites a file's references and settles its name; files it refers to come first.
    fn visit(&mut self, path: &str) -> Result<()> {
        if self.new_names.contains_key(path) || !(holds_references(path) || is_code(path)) {
            return Ok(());
        }
        if self.open.iter().any(|open| open == path) {
            bail!(
                "{} refer to one another in a circle, so their names cannot be hashed",
                self.open.join(", ")
            );
        }
        self.open.push(path.to_owned());
        if holds_references(path) {
            let references = self.references(path);
            for (target, _) in &references {
                self.visit(target)?;
            }
            self.rewrite(path, &references);
        }
        if is_code(path) {
            self.new_names.insert(path.to_owned(), hashed(path, &self.files[path]));
        }
        self.open.pop();
        Ok(())
    }

    /// The code that a file refers to, each with the reference as it is written.
    fn references(&self, path: &str) -> Vec<(String, String)> {
        let text = String::from_utf8_lossy(&self.files[path]);
        let others = self.files.keys().filter(|other| is_code(other) && *other != path);
        others
            .flat_map(|other| {
                spellings(path, other).into_iter().map(move |spelling| (other.clone(), spelling))
            })
            .filter(|(_, spelling)| text.contains(spelling.as_str()))
            .collect()
    }

    fn rewrite(&mut self, path: &str, references: &[(String, String)]) {
        let mut text = String::from_utf8_lossy(&self.files[path]).into_owned();
        for (target, spelling) in references {
            let old_name = file_name(target);
            let new_name = file_name(&self.new_names[target]);
            text = text.replace(spelling, &spelling.replace(old_name, new_name));
        }
        self.files.insert(path.to_owned(), text.into_bytes());
    }
}

/// How `from` may write a reference to `to`.
fn spellings(from: &str, to: &str) -> Vec<String> {
    let relative = relative(from, to);
    let dotted = if relative.starts_with("../") { relative.clone() } else { format!("./{relative}") };
    let mut paths = vec![relative, dotted];
    paths.dedup();
    let quotes = [('"', '"'), ('\'', '\''), ('`', '`'), ('(', ')')];
    paths.iter().flat_map(|path| quotes.map(|(open, close)| format!("{open}{path}{close}"))).collect()
}

/// The path to `to` as seen from the folder of `from`.
fn relative(from: &str, to: &str) -> String {
    let mut from: Vec<&str> = from.split('/').collect();
    let mut to: Vec<&str> = to.split('/').collect();
    from.pop();
    while to.len() > 1 && from.first() == to.first() {
        from.remove(0);
        to.remove(0);
    }
    let up = std::iter::repeat_n("..", from.len());
    up.chain(to).collect::<Vec<_>>().join("/")
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Files that are renamed.
fn is_code(path: &str) -> bool {
    !path.starts_with("models/") && ["js", "css", "wasm"].contains(&extension(path))
}

/// Files that may refer to code.
fn holds_references(path: &str) -> bool {
    ["html", "js", "css", "webmanifest"].contains(&extension(path))
}

pub(super) fn extension(path: &str) -> &str {
    file_name(path).rsplit_once('.').map_or("", |(_, extension)| extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site_of(files: &[(&str, &str)]) -> Site {
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
    }

    fn text<'a>(site: &'a Site, start: &str) -> (&'a str, &'a str) {
        let (path, content) =
            site.iter().find(|(path, _)| path.starts_with(start)).expect("the file is there");
        (path, std::str::from_utf8(content).expect("text"))
    }

    #[test]
    fn references_follow_the_names_through_every_level() {
        let page = r#"<script type="module" src="start.js"></script><link href="styles/page.css">
            <meta name="engine-worker" content="worker.js">"#;
        let site = rename(site_of(&[
            ("index.html", page),
            ("start.js", r#"import init from "./app.js";"#),
            ("app.js", "new URL('app_bg.wasm', import.meta.url); import x from './snippets/a/inline0.js';"),
            ("app_bg.wasm", "wasm"),
            ("snippets/a/inline0.js", "export const one = 1;"),
            ("worker.js", "const engine = import('./engine.js');"),
            ("engine.js", "new URL(`engine_bg.wasm`, import.meta.url)"),
            ("engine_bg.wasm", "engine"),
            ("styles/page.css", "@import url(type.css); a { background: url('../icons/a.svg') }"),
            ("styles/type.css", "p {}"),
            ("icons/a.svg", "<svg/>"),
            ("models/base.gguf", "GGUF"),
        ]))
        .expect("no circle");
        let (index, html) = text(&site, "index.html");
        assert_eq!(index, "index.html");
        for (name, holder) in [
            ("start-", html),
            ("worker-", html),
            ("styles/page-", html),
            ("app-", text(&site, "start-").1),
            ("app_bg-", text(&site, "app-").1),
            ("snippets/a/inline0-", text(&site, "app-").1),
            ("engine-", text(&site, "worker-").1),
            ("engine_bg-", text(&site, "engine-").1),
        ] {
            let (path, _) = text(&site, name);
            assert!(holder.contains(path), "{path} is not named in {holder}");
        }
        let (type_path, _) = text(&site, "styles/type-");
        assert!(text(&site, "styles/page-").1.contains(&type_path["styles/".len()..]));
        assert!(text(&site, "styles/page-").1.contains("../icons/a.svg"));
        assert!(site.contains_key("models/base.gguf"));
    }

    #[test]
    fn a_name_changes_when_something_below_it_changes() {
        let name = |wasm: &str| {
            let files =
                [("start.js", "import './app.js'"), ("app.js", "'app_bg.wasm'"), ("app_bg.wasm", wasm)];
            let site = rename(site_of(&files)).expect("no circle");
            text(&site, "start-").0.to_owned()
        };
        assert_eq!(name("one"), name("one"));
        assert_ne!(name("one"), name("two"));
    }

    #[test]
    fn a_circle_is_said() {
        let error = rename(site_of(&[("a.js", "import './b.js'"), ("b.js", "import './a.js'")]));
        assert!(error.expect_err("a circle").to_string().contains("circle"));
    }

    #[test]
    fn paths_are_relative_to_the_referring_file() {
        for (from, to, expected) in [
            ("index.html", "start.js", "start.js"),
            ("index.html", "styles/a.css", "styles/a.css"),
            ("styles/a.css", "styles/b.css", "b.css"),
            ("snippets/x/y.js", "app.js", "../../app.js"),
            ("a/b/c.js", "a/d/e.js", "../d/e.js"),
        ] {
            assert_eq!(relative(from, to), expected);
        }
    }
}
