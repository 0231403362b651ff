//! Chromium and its WebDriver: finds them, and installs them where we may.

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};

use crate::{apt, say};

const CHROMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];
const DRIVERS: [&str; 1] = ["chromedriver"];

/// Has V8 do without the processor's dot products of bytes.
pub const WITHOUT_DOT_PRODUCTS: &str = "--js-flags=--no-enable-avx-vnni,--no-enable-avx-vnni-int8";

/// A browser that tests can drive.
#[derive(Debug, Clone)]
pub struct Browser {
    /// Chromium itself.
    pub chrome: PathBuf,
    /// chromedriver.
    pub driver: PathBuf,
}

impl Browser {
    /// The browser named by `CHROME` and `CHROMEDRIVER`, or found on the `PATH`.
    pub fn find() -> Option<Self> {
        Some(Self { chrome: program("CHROME", &CHROMES)?, driver: program("CHROMEDRIVER", &DRIVERS)? })
    }

    /// Finds the browser, and installs Debian's where there is none.
    ///
    /// # Errors
    /// When there is none and we cannot install one; says what the person may do.
    pub fn set_up() -> Result<Self> {
        if let Some(browser) = Self::find() {
            return Ok(browser);
        }
        if apt::may_install() {
            apt::install(&["chromium", "chromium-driver"])?;
        }
        let Some(browser) = Self::find() else {
            bail!(
                "the browser tests need Chromium (or Chrome) and chromedriver of the same version: \
                 install both, or name them in CHROME and CHROMEDRIVER"
            );
        };
        say::progress("Found", &browser.chrome.display().to_string());
        Ok(browser)
    }

    /// What a WebDriver session is asked for: no window, no sandbox (tests run as root in
    /// containers), nothing that looks for a network, every line of the console, and `arguments` besides.
    pub fn capabilities(&self, arguments: &[impl AsRef<str>]) -> serde_json::Value {
        let always = [
            "--headless",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ];
        let all: Vec<&str> = always.into_iter().chain(arguments.iter().map(AsRef::as_ref)).collect();
        serde_json::json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "binary": self.chrome, "args": all },
            "goog:loggingPrefs": { "browser": "ALL" },
        })
    }
}

fn program(variable: &str, names: &[&str]) -> Option<PathBuf> {
    if let Some(named) = env::var_os(variable) {
        return Some(PathBuf::from(named)).filter(|path| path.is_file());
    }
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    let candidates = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.map(with_extension).find(|path| path.is_file())
}

/// `.exe` where programs are called so.
fn with_extension(path: PathBuf) -> PathBuf {
    if env::consts::EXE_EXTENSION.is_empty() {
        path
    } else {
        Path::new(&path).with_extension(env::consts::EXE_EXTENSION)
    }
}
