//! The window that a page is in: its size, theme, keys and looks.

use std::fmt::Write;

use anyhow::{Context, Result};
use fantoccini::{
    actions::{InputSource, KeyAction, KeyActions},
    key::Key,
};
use serde_json::{Value, json};

use super::{Page, Theme};
use crate::{axe, driver};

impl Page {
    /// The sum of layout shifts that no input explains, so far.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn layout_shift(&self) -> Result<f64> {
        let shift = self.execute("return window.layoutShift", Vec::new()).await?;
        shift.as_f64().context("the layout shift is a number")
    }

    /// Presses a key where the focus is.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn press(&self, key: Key) -> Result<()> {
        let key = char::from(key);
        let actions = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key });
        Ok(self.client.perform_actions(actions).await?)
    }

    /// Types where the focus is.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn type_text(&self, text: &str) -> Result<()> {
        Ok(self.client.active_element().await?.send_keys(text).await?)
    }

    /// Gives the window another size.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await
    }

    /// Asks for a theme, as the person's system would.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn ask_for(&self, theme: Theme) -> Result<()> {
        let value = if theme == Theme::Dark { "dark" } else { "light" };
        self.prefer("prefers-color-scheme", value).await
    }

    /// As somebody who has asked the system for less motion, or has not.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn prefer_less_motion(&self, less: bool) -> Result<()> {
        let value = if less { "reduce" } else { "no-preference" };
        self.prefer("prefers-reduced-motion", value).await
    }

    /// Has the system ask for `value` of a media feature, and for nothing else.
    async fn prefer(&self, feature: &str, value: &str) -> Result<()> {
        let features = json!({ "features": [{ "name": feature, "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", features).await
    }

    /// What axe-core finds against WCAG 2.2 AA, a line each.
    ///
    /// # Errors
    /// When axe-core cannot be had or does not run.
    pub async fn accessibility_findings(&self) -> Result<Vec<String>> {
        axe::findings(self).await
    }

    /// A picture of what can be seen, as PNG.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn screenshot(&self) -> Result<Vec<u8>> {
        Ok(self.client.screenshot().await?)
    }

    /// The lanes and the banner in a few lines, for messages.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn summary(&self) -> Result<String> {
        let mut summary = String::new();
        for lane in self.lanes().await? {
            let _ = writeln!(summary, "{} [{}] {}: {:?}", lane.name, lane.weights, lane.state, lane.output);
        }
        if self.shows("error").await? {
            let (kind, text) = self.error().await?;
            let _ = writeln!(summary, "error {kind}: {text}");
        }
        Ok(summary)
    }

    pub(super) async fn devtools(&self, command: &str, parameters: Value) -> Result<()> {
        driver::devtools(&self.client, command, parameters).await.map(|_| ())
    }
}
