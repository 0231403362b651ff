//! The page as a person uses it, by the stable `data-testid`s.

mod window;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use fantoccini::{Client, Locator, elements::Element, error::CmdError, key::Key};
use serde_json::{Value, json};

use crate::{
    driver,
    lane::{LaneSnapshot, READ_LANES},
};

const LOOK_EVERY: Duration = Duration::from_millis(30);
/// Long enough for two cores that other things share.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs before the page's own code: remembers what shifted.
const WATCH_LAYOUT: &str = r"
    window.layoutShift = 0;
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.layoutShift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
";

/// A page in a browser. Cheap to clone; clones are the same page.
#[derive(Debug, Clone)]
pub struct Page {
    client: Client,
}

/// The theme that the person's system asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Page {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    pub(crate) async fn prepare(&self) -> Result<()> {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH_LAYOUT })).await?;
        self.resize(1280, 900).await
    }

    pub(crate) async fn close(self) -> Result<()> {
        Ok(self.client.close().await?)
    }

    pub(crate) async fn console(&self) -> Result<Vec<String>> {
        driver::console(&self.client).await
    }

    /// Goes to an address and waits until the lanes are there.
    ///
    /// # Errors
    /// When they do not come.
    pub async fn goto(&self, address: &str) -> Result<()> {
        self.load(address).await?;
        self.until_lanes("there is a lane", |lanes| !lanes.is_empty()).await.map(|_| ())
    }

    pub(crate) async fn load(&self, address: &str) -> Result<()> {
        Ok(self.client.goto(address).await?)
    }

    /// Opens an address in another tab of the same browser and shows it. Whatever is done now, by whichever page of this
    /// browser, is done there.
    ///
    /// # Errors
    /// When the browser opens no tab, or the lanes do not come.
    pub async fn new_tab(&self, address: &str) -> Result<Self> {
        let tab = self.client.new_window(true).await?;
        self.client.switch_to_window(tab.handle).await?;
        let page = Self::new(self.client.clone());
        page.prepare().await?;
        page.goto(address).await?;
        Ok(page)
    }

    /// Shows the tab that was opened as number `number`, from 0.
    ///
    /// # Errors
    /// When there is no such tab.
    pub async fn show_tab(&self, number: usize) -> Result<()> {
        let tabs = self.client.windows().await?;
        let tab = tabs.into_iter().nth(number).context("there is no such tab")?;
        Ok(self.client.switch_to_window(tab).await?)
    }

    /// Lets the site at `address` store so many bytes at most.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn limit_storage(&self, address: &str, bytes: u64) -> Result<()> {
        let limit = json!({ "origin": address, "quotaSize": bytes });
        self.devtools("Storage.overrideQuotaForOrigin", limit).await
    }

    /// Loads the page again.
    ///
    /// # Errors
    /// When the lanes do not come back.
    pub async fn reload(&self) -> Result<()> {
        self.client.refresh().await?;
        self.until_lanes("there is a lane again", |lanes| !lanes.is_empty()).await.map(|_| ())
    }

    /// Presses Run.
    ///
    /// # Errors
    /// When there is no such button.
    pub async fn run(&self) -> Result<()> {
        self.click("run").await
    }

    /// Presses Run and waits until every lane is done.
    ///
    /// # Errors
    /// When a lane fails or does not end.
    pub async fn run_to_the_end(&self) -> Result<Vec<LaneSnapshot>> {
        self.run().await?;
        self.until_done().await
    }

    /// Waits until every lane is done.
    ///
    /// # Errors
    /// When a lane fails or does not end.
    pub async fn until_done(&self) -> Result<Vec<LaneSnapshot>> {
        let lanes = self.until_ended().await?;
        if lanes.iter().any(|lane| lane.state != "done") {
            bail!("a lane has not come to its end; the page shows\n{}", self.summary().await?);
        }
        Ok(lanes)
    }

    /// Waits until every lane has ended, well or badly.
    ///
    /// # Errors
    /// When a lane does not end.
    pub async fn until_ended(&self) -> Result<Vec<LaneSnapshot>> {
        let ended = |lane: &LaneSnapshot| ["done", "failed", "stopped"].contains(&lane.state.as_str());
        self.until_lanes("every lane has ended", |lanes| lanes.iter().all(ended)).await
    }

    /// Waits until a script returns true, and says `what` it waited for where that takes too long.
    ///
    /// # Errors
    /// When it throws or takes too long.
    pub async fn until_script(&self, what: &str, script: &str, arguments: Vec<Value>) -> Result<()> {
        let started = Instant::now();
        while self.execute(script, arguments.clone()).await? != Value::Bool(true) {
            if started.elapsed() > PATIENCE {
                bail!("waited in vain until {what}; the page shows\n{}", self.text().await?);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Chooses files from disk, one path a line.
    ///
    /// # Errors
    /// When the field takes none.
    pub async fn choose_files(&self, testid: &str, paths: &str) -> Result<()> {
        self.find(testid).await?.send_keys(paths).await.with_context(|| format!("{testid} takes no files"))
    }

    /// Drops files and folders from disk on an element.
    ///
    /// # Errors
    /// When the element is not there.
    pub async fn drop_on(&self, testid: &str, paths: &[&str]) -> Result<()> {
        let script = r#"
            const zone = document.querySelector(`[data-testid="${arguments[0]}"]`);
            zone.scrollIntoView({ block: "center" });
            const { x, y, width } = zone.getBoundingClientRect();
            return [x + width / 2, y + 8];
        "#;
        self.find(testid).await?;
        let place = self.execute(script, vec![testid.into()]).await?;
        let data = json!({ "items": [], "files": paths, "dragOperationsMask": 1 });
        for kind in ["dragEnter", "dragOver", "drop"] {
            let event = json!({ "type": kind, "x": place[0], "y": place[1], "data": data });
            self.devtools("Input.dispatchDragEvent", event).await?;
        }
        Ok(())
    }

    /// Chooses an entry of a lane's list by its value.
    ///
    /// # Errors
    /// When there is no such entry.
    pub async fn select(&self, lane: &LaneSnapshot, testid: &str, value: &str) -> Result<()> {
        let list = self.find_in(lane, testid).await?;
        list.select_by_value(value).await.with_context(|| format!("{testid} has no {value}"))
    }

    /// Every lane, from left to right.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn lanes(&self) -> Result<Vec<LaneSnapshot>> {
        let lanes = self.client.execute(READ_LANES, Vec::new()).await?;
        Ok(lanes.as_array().context("lanes are a list")?.iter().map(LaneSnapshot::read).collect())
    }

    /// Waits until `holds`, and says `what` it waited for where that takes too long.
    ///
    /// # Errors
    /// When it takes too long.
    pub async fn until_lanes(
        &self,
        what: &str,
        holds: impl Fn(&[LaneSnapshot]) -> bool,
    ) -> Result<Vec<LaneSnapshot>> {
        let started = Instant::now();
        loop {
            let lanes = self.lanes().await?;
            if holds(&lanes) {
                return Ok(lanes);
            }
            if started.elapsed() > PATIENCE {
                bail!("waited in vain until {what}; the page shows\n{}", self.summary().await?);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits for an element and gives it.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn find(&self, testid: &str) -> Result<Element> {
        self.find_by(&named(testid)).await
    }

    /// Waits for a part of a lane.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn find_in(&self, lane: &LaneSnapshot, testid: &str) -> Result<Element> {
        self.find_by(&named_in(lane, testid)).await
    }

    /// Every part of that name that a lane has now, from top to bottom.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn find_all_in(&self, lane: &LaneSnapshot, testid: &str) -> Result<Vec<Element>> {
        Ok(self.client.find_all(Locator::Css(&named_in(lane, testid))).await?)
    }

    async fn find_by(&self, css: &str) -> Result<Element> {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        found.with_context(|| format!("{css} is not there"))
    }

    /// Whether an element is there now and can be seen.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn shows(&self, testid: &str) -> Result<bool> {
        let found = self.client.find_all(Locator::Css(&named(testid))).await?;
        for element in found {
            match element.is_displayed().await {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(error) if error.is_stale_element_reference() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(false)
    }

    /// Waits for an element and gives its text.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn text_of(&self, testid: &str) -> Result<String> {
        self.on(&named(testid), async |element| element.text().await).await
    }

    /// Waits for a part of a lane and gives its text.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn text_in(&self, lane: &LaneSnapshot, testid: &str) -> Result<String> {
        self.on(&named_in(lane, testid), async |element| element.text().await).await
    }

    /// Waits for an element and gives one of its attributes, where it has it.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn attribute_of(&self, testid: &str, name: &str) -> Result<Option<String>> {
        self.on(&named(testid), async |element| element.attr(name).await).await
    }

    /// Waits for an element and does something with it; once more where the page has put another in its place
    /// meanwhile.
    async fn on<T>(&self, css: &str, act: impl AsyncFn(&Element) -> Result<T, CmdError>) -> Result<T> {
        let started = Instant::now();
        loop {
            match act(&self.find_by(css).await?).await {
                Err(error) if error.is_stale_element_reference() && started.elapsed() < PATIENCE => {}
                result => return result.with_context(|| format!("{css} is there, but of no use")),
            }
        }
    }

    /// Clicks.
    ///
    /// # Errors
    /// When there is nothing to click on.
    pub async fn click(&self, testid: &str) -> Result<()> {
        self.click_by(&named(testid)).await
    }

    /// Clicks on a part of a lane.
    ///
    /// # Errors
    /// When there is nothing to click on.
    pub async fn click_in(&self, lane: &LaneSnapshot, testid: &str) -> Result<()> {
        self.click_by(&named_in(lane, testid)).await
    }

    /// Clicks on what has no name of its own, such as what a fold is opened by.
    ///
    /// # Errors
    /// When there is nothing to click on.
    pub async fn click_by(&self, css: &str) -> Result<()> {
        self.on(css, async |element| element.click().await).await
    }

    /// Types into a field of that name instead of what it holds.
    ///
    /// # Errors
    /// When it cannot be typed into.
    pub async fn set(&self, testid: &str, text: &str) -> Result<()> {
        self.write(&self.find(testid).await?, text).await
    }

    /// Types into a field of a lane instead of what it holds.
    ///
    /// # Errors
    /// When it cannot be typed into.
    pub async fn set_in(&self, lane: &LaneSnapshot, testid: &str, text: &str) -> Result<()> {
        self.write(&self.find_in(lane, testid).await?, text).await
    }

    /// What a field of a lane holds.
    ///
    /// # Errors
    /// When it is no field.
    pub async fn value_in(&self, lane: &LaneSnapshot, testid: &str) -> Result<String> {
        self.value(&self.find_in(lane, testid).await?).await
    }

    /// Types into a field instead of what it holds.
    ///
    /// # Errors
    /// When it cannot be typed into.
    pub async fn write(&self, field: &Element, text: &str) -> Result<()> {
        field.click().await?;
        let (control, up) = (char::from(Key::Control), char::from(Key::Null));
        field.send_keys(&format!("{control}a{up}{text}")).await.context("the field takes no keys")
    }

    /// What a field holds.
    ///
    /// # Errors
    /// When it is no field.
    pub async fn value(&self, field: &Element) -> Result<String> {
        field.prop("value").await?.context("a field has a value")
    }

    /// The name of what has the focus; empty where it has none.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn focus(&self) -> Result<String> {
        let name = self.execute("return document.activeElement?.dataset.testid ?? ''", Vec::new()).await?;
        Ok(name.as_str().unwrap_or_default().to_owned())
    }

    /// Lets the site at `address` read and write the clipboard.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn allow_clipboard(&self, address: &str) -> Result<()> {
        let permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"];
        self.devtools("Browser.grantPermissions", json!({ "origin": address, "permissions": permissions }))
            .await
    }

    /// Opens the share panel and gives the link.
    ///
    /// # Errors
    /// When there is none.
    pub async fn share(&self) -> Result<String> {
        self.click("share").await?;
        let field = self.find("share-link").await?;
        let started = Instant::now();
        loop {
            let link = match field.prop("value").await? {
                Some(value) => value,
                None => field.text().await?,
            };
            if link.contains("#v") {
                return Ok(link.trim().to_owned());
            }
            if started.elapsed() > PATIENCE {
                bail!("the share panel shows no link but `{link}`");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits for the error banner and gives its kind and its text.
    ///
    /// # Errors
    /// When none comes.
    pub async fn error(&self) -> Result<(String, String)> {
        let kind = self.attribute_of("error", "data-kind").await?.unwrap_or_default();
        let role = self.attribute_of("error", "role").await?;
        anyhow::ensure!(role.as_deref() == Some("alert"), "the banner is no alert");
        Ok((kind, self.text_of("error").await?))
    }

    /// The whole text of the page.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn text(&self) -> Result<String> {
        self.execute("return document.body.innerText", Vec::new())
            .await
            .map(|text| text.as_str().unwrap_or_default().to_owned())
    }

    /// Runs a script in the page.
    ///
    /// # Errors
    /// When it throws.
    pub async fn execute(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.client.execute(script, arguments).await?)
    }

    /// Runs a script that ends by calling its last argument.
    ///
    /// # Errors
    /// When it throws or takes too long.
    pub async fn execute_async(&self, script: &str, arguments: Vec<Value>) -> Result<Value> {
        Ok(self.client.execute_async(script, arguments).await?)
    }
}

/// The selector of what has that name.
fn named(testid: &str) -> String {
    format!(r#"[data-testid="{testid}"]"#)
}

/// The selector of a part of a lane.
fn named_in(lane: &LaneSnapshot, testid: &str) -> String {
    format!(r#"[data-testid="lane"][data-lane-id="{}"] [data-testid="{testid}"]"#, lane.id)
}
