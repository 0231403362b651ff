//! What surrounds a journey: the site, the browsers, and the checks that every journey shares.

use std::{fs, panic::AssertUnwindSafe, sync::Mutex, sync::PoisonError, thread};

use anyhow::{Context, Result, anyhow, ensure};
use futures_util::FutureExt;
use xtask::{build::Isolation, root};

use crate::{
    driver::Driver,
    fault::{Damage, Fault},
    page::Page,
    site::Site,
};

/// How the site is served to a journey.
#[derive(Debug)]
pub struct Setup {
    /// Where on the host it lies: `/`, or `/some/where/`.
    pub path: &'static str,
    /// With COOP and COEP, or without.
    pub isolation: Isolation,
    /// The browser itself complains about failed requests on the console; a journey about faults
    /// expects that.
    pub requests_may_fail: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self { path: "/", isolation: Isolation::On, requests_may_fail: false }
    }
}

/// What a journey has at hand.
#[derive(Debug)]
pub struct Stage {
    site: Site,
    opened: Mutex<Vec<(Page, Driver)>>,
}

impl Stage {
    /// Opens `rest` of the site (`""`, `"#v1...."`, `"?threads=1"`) in a fresh browser.
    ///
    /// # Errors
    /// When the browser cannot be started or the page does not load.
    pub async fn visit(&self, rest: &str) -> Result<Page> {
        self.open(&self.address(rest)).await
    }

    /// Opens an address of the site in a fresh browser.
    ///
    /// # Errors
    /// When the browser cannot be started or the page does not load.
    pub async fn open(&self, address: &str) -> Result<Page> {
        let page = self.browser().await?;
        page.goto(address).await?;
        Ok(page)
    }

    /// Opens the site in a fresh browser and waits for nothing, because the page will not come.
    ///
    /// # Errors
    /// When the browser cannot be started.
    pub async fn visit_in_vain(&self) -> Result<Page> {
        let page = self.browser().await?;
        page.load(&self.address("")).await?;
        Ok(page)
    }

    async fn browser(&self) -> Result<Page> {
        let (driver, client) = Driver::start(&[]).await?;
        let page = Page::new(client);
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).push((page.clone(), driver));
        page.prepare().await?;
        Ok(page)
    }

    /// A page's address.
    pub fn address(&self, rest: &str) -> String {
        self.site.address(rest)
    }

    /// Models and adapters that were asked for so far.
    pub fn weights_requested(&self) -> Vec<String> {
        self.site.requested(&[".gguf", ".safetensors"])
    }

    /// From now on, this and no other fault.
    pub fn inflict(&self, suffix: &'static str, damage: Damage) {
        self.site.inflict(Some(Fault { suffix, damage }));
    }

    /// The site is whole again.
    pub fn heal(&self) {
        self.site.inflict(None);
    }

    fn opened(&self) -> Vec<(Page, Driver)> {
        std::mem::take(&mut *self.opened.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Walks through `steps`, and then checks that no console and no policy had anything to say. On a
/// failure the last look of every page is kept below `target/journeys/`.
///
/// # Errors
/// When a step fails, or a browser reported an error meanwhile.
pub fn journey(setup: Setup, steps: impl AsyncFnOnce(&Stage) -> Result<()>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let site = Site::start(setup.path, setup.isolation).await?;
        let stage = Stage { site, opened: Mutex::default() };
        let walked = AssertUnwindSafe(steps(&stage)).catch_unwind().await;
        let walked = walked.unwrap_or_else(|panic| Err(anyhow!("{}", panic_message(&*panic))));
        let mut outcome = walked;
        for (number, (page, driver)) in stage.opened().into_iter().enumerate() {
            if outcome.is_ok() {
                outcome = quiet(&page, setup.requests_may_fail).await;
            }
            if let Err(error) = outcome {
                outcome = Err(error.context(evidence(&page, number).await));
            }
            // A browser that is gone needs no closing.
            let _ = page.close().await;
            drop(driver);
        }
        outcome?;
        let reports = stage.site.reports();
        ensure!(reports.is_empty(), "reports of the content security policy:\n{}", reports.join("\n"));
        Ok(())
    })
}

/// No error on the console.
async fn quiet(page: &Page, requests_may_fail: bool) -> Result<()> {
    let lines = page.console().await?;
    let counts = |line: &&String| {
        line.starts_with("SEVERE") && !(requests_may_fail && line.starts_with("SEVERE network"))
    };
    let errors: Vec<_> = lines.iter().filter(counts).cloned().collect();
    ensure!(errors.is_empty(), "errors on the console:\n{}", errors.join("\n"));
    Ok(())
}

/// Keeps what the page looks like, and says where.
async fn evidence(page: &Page, number: usize) -> String {
    let name = thread::current().name().unwrap_or("journey").replace("::", "-");
    let folder = root().join("target/journeys");
    let keep = async {
        let picture = page.screenshot().await?;
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("{name}-{number}.png")), picture)?;
        let mut told = page.console().await?;
        told.push(page.summary().await?);
        fs::write(folder.join(format!("{name}-{number}.txt")), told.join("\n"))
            .context("the console cannot be kept")
    };
    match keep.await {
        Ok(()) => format!("page {number}: see target/journeys/{name}-{number}.png and .txt"),
        Err(error) => format!("page {number} is gone: {error}"),
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
        .unwrap_or_else(|| "a panic".to_owned())
}
