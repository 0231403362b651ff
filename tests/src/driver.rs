//! chromedriver, one process and one fresh browser profile for each session, and the commands of
//! its own that `WebDriver` does not have.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use fantoccini::{
    Client, ClientBuilder,
    wd::{TimeoutConfiguration, WebDriverCompatibleCommand},
};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::{ParseError, Url};
use xtask::browser::Browser;

/// A running chromedriver; ends with this value.
#[derive(Debug)]
pub struct Driver {
    process: Child,
    /// Held so that it may go on writing.
    _output: BufReader<ChildStdout>,
    /// Where it and the browser put their temporary files, the profile among them; deleted after they ended, since
    /// they leave some of them behind.
    _folder: TempDir,
}

impl Driver {
    /// Starts chromedriver on a port of its choice, and a browser under it with these arguments besides the usual.
    pub(crate) async fn start(arguments: &[String]) -> Result<(Self, Client)> {
        let browser =
            Browser::find().context("no Chromium with chromedriver; `cargo xtask test` installs them")?;
        let folder = tempfile::tempdir().context("no folder for temporary files")?;
        let (process, output, port) = listening(&browser, folder.path())?;
        let driver = Self { process, _output: output, _folder: folder };
        let Value::Object(capabilities) = browser.capabilities(arguments) else {
            bail!("capabilities are an object")
        };
        let mut client = ClientBuilder::new(HttpConnector::new());
        let client = client.capabilities(capabilities).connect(&format!("http://localhost:{port}")).await;
        Ok((driver, client.context("Chromium cannot be started")?))
    }
}

/// A browser with an empty profile, for measurements; close the client before the driver ends.
///
/// # Errors
/// When there is no browser, or it cannot be started.
pub async fn fresh_browser(arguments: &[String]) -> Result<(Driver, Client)> {
    let (driver, client) = Driver::start(arguments).await?;
    let timeouts = TimeoutConfiguration::new(Some(LONGEST_SCRIPT), Some(LONGEST_SCRIPT), None);
    client.update_timeouts(timeouts).await?;
    Ok((driver, client))
}

/// What a measurement may take.
const LONGEST_SCRIPT: Duration = Duration::from_mins(5);

/// A chromedriver that listens, its output and its port.
///
/// It takes a port that is free for IPv4 and then wants the same one for IPv6, which another process may have taken
/// meanwhile; then it ends, and another one is started.
fn listening(browser: &Browser, folder: &Path) -> Result<(Child, BufReader<ChildStdout>, u16)> {
    let mut last = None;
    for _ in 0..PORT_TRIES {
        let mut command = Command::new(&browser.driver);
        command.env("TMPDIR", folder).arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().context("chromedriver cannot be started")?;
        let mut output = BufReader::new(process.stdout.take().context("chromedriver has an output")?);
        match port(&mut output) {
            Ok(port) => return Ok((process, output, port)),
            Err(error) => last = Some(error),
        }
        // It has ended, or will not be used.
        let _ = process.kill();
        process.wait()?;
    }
    Err(last.context("chromedriver was not tried")?)
}

/// Ports that are tried; each is taken by another process once in thousands of starts.
const PORT_TRIES: usize = 3;

/// The port, from the line that names it.
fn port(output: &mut impl BufRead) -> Result<u16> {
    let mut told = String::new();
    let mut start = 0;
    while output.read_line(&mut told)? > 0 {
        if let Some((_, port)) = told[start..].split_once("started successfully on port ") {
            return port.trim().trim_end_matches('.').parse().context("chromedriver names its port");
        }
        start = told.len();
    }
    bail!("chromedriver ended at once, saying: {}", told.trim())
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended already, and then there is nothing to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A command of chromedriver's own.
#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// A command of the Chrome DevTools protocol.
pub(crate) async fn devtools(client: &Client, command: &str, parameters: Value) -> Result<Value> {
    let body = json!({ "cmd": command, "params": parameters });
    Ok(client.issue_cmd(Extension { path: "goog/cdp/execute", body }).await?)
}

/// What was written on the console since the last call: `LEVEL source message`.
pub(crate) async fn console(client: &Client) -> Result<Vec<String>> {
    let log = client.issue_cmd(Extension { path: "se/log", body: json!({ "type": "browser" }) }).await?;
    let entries = log.as_array().cloned().unwrap_or_default();
    let word = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    Ok(entries
        .iter()
        .map(|entry| format!("{} {} {}", word(entry, "level"), word(entry, "source"), word(entry, "message")))
        .collect())
}
