//! axe-core, a development tool: installed by npm into `.tools/` when it is first asked for, and
//! handed to the page as a script.

use std::{fs, process::Command, sync::Mutex, sync::PoisonError};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use xtask::root;

use crate::page::Page;

const VERSION: &str = "4.14.1";
/// WCAG 2.2 AA includes what came before it.
const TAGS: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const RUN: &str = r"
    const [tags, done] = arguments;
    axe.run(document, { runOnly: { type: 'tag', values: tags } }).then(
        result => done(result.violations.flatMap(violation => violation.nodes.map(node =>
            `${violation.id} (${violation.impact}): ${node.html.slice(0, 200)}\n      ${node.failureSummary}`))),
        error => done([`axe-core failed: ${error}`]));
";

/// What axe-core finds on the page, a finding each.
pub(crate) async fn findings(page: &Page) -> Result<Vec<String>> {
    let loaded = page.execute("return typeof axe === 'object'", Vec::new()).await?;
    if loaded != Value::Bool(true) {
        page.execute(&source()?, Vec::new()).await.context("axe-core does not load")?;
    }
    let findings = page.execute_async(RUN, vec![json!(TAGS)]).await.context("axe-core does not run")?;
    let findings = findings.as_array().context("findings are a list")?;
    Ok(findings.iter().map(|finding| finding.as_str().unwrap_or_default().to_owned()).collect())
}

/// axe-core's source; only one test installs it, and the others wait.
fn source() -> Result<String> {
    static INSTALLING: Mutex<()> = Mutex::new(());
    let _installing = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = root().join(".tools/axe");
    let file = folder.join("node_modules/axe-core/axe.min.js");
    if !file.is_file() {
        fs::create_dir_all(&folder)?;
        let npm = Command::new("npm")
            .args(["install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--prefix"])
            .arg(&folder)
            .arg(format!("axe-core@{VERSION}"))
            .output()
            .context("the accessibility tests install axe-core with npm, which is not there")?;
        ensure!(npm.status.success(), "npm: {}", String::from_utf8_lossy(&npm.stderr));
    }
    fs::read_to_string(&file).context("axe-core cannot be read")
}
