//! What the page finds where there is no browser: nothing but what it stored itself.

#![allow(clippy::unused_async, reason = "the signatures are those of the browser")]

use std::{cell::RefCell, collections::BTreeMap, time::Duration};

use leptos::{ev::Event, prelude::*};

/// There is no page to put it on.
pub fn mount<V: IntoView + 'static>(_view: impl FnOnce() -> V + 'static) {}

/// The path itself.
pub fn absolute(path: &str) -> String {
    path.to_owned()
}

/// There are no files.
///
/// # Errors
/// Always.
pub async fn fetch_text(path: &str) -> Result<String, String> {
    Err(format!("{path} cannot be reached."))
}

/// There is no address.
pub fn query(_name: &str) -> Option<String> {
    None
}

/// There is no address.
pub fn fragment() -> String {
    String::new()
}

/// There is no address.
pub fn forget_fragment() {}

/// There is no address.
pub fn on_fragment_change(_act: impl FnMut() + 'static) {}

/// The fragment itself.
pub fn link_to(fragment: &str) -> String {
    fragment.to_owned()
}

/// Where a text is stored: by the tab or by all of them, under its name.
type Stored = BTreeMap<(bool, String), String>;

thread_local! {
    /// What is stored lasts as long as the thread, so that tests can open the page again.
    static STORED: RefCell<Stored> = RefCell::default();
}

/// What this thread stored under that name.
pub fn read_stored(name: &str) -> Option<String> {
    STORED.with_borrow(|stored| stored.get(&(false, name.to_owned())).cloned())
}

/// Stores it for this thread.
pub fn store(name: &str, value: &str) -> bool {
    STORED.with_borrow_mut(|stored| stored.insert((false, name.to_owned()), value.to_owned()));
    true
}

/// What this tab stored under that name.
pub fn read_of_tab(name: &str) -> Option<String> {
    STORED.with_borrow(|stored| stored.get(&(true, name.to_owned())).cloned())
}

/// Stores it for this tab.
pub fn store_of_tab(name: &str, value: &str) -> bool {
    STORED.with_borrow_mut(|stored| stored.insert((true, name.to_owned()), value.to_owned()));
    true
}

/// Forgets what this tab stored under that name.
pub fn forget_of_tab(name: &str) {
    STORED.with_borrow_mut(|stored| stored.remove(&(true, name.to_owned())));
}

/// Takes steps in a new tab, and comes back.
#[cfg(test)]
pub fn in_another_tab(steps: impl FnOnce()) {
    let others = |stored: &mut Stored| stored.extract_if(.., |(of_tab, _), _| *of_tab).collect::<Stored>();
    let own = STORED.with_borrow_mut(others);
    steps();
    STORED.with_borrow_mut(|stored| {
        others(stored);
        stored.extend(own);
    });
}

/// There is no clipboard.
pub async fn copy(_text: &str) -> bool {
    false
}

/// There is nothing to focus.
pub fn focus(_selector: String) {}

/// There is nothing to colour.
pub fn apply_theme(_theme: Option<&str>) {}

/// There are no fields.
pub fn number_in(_event: &Event) -> Option<f64> {
    None
}

/// There are no fields.
pub fn rewrite_field(_event: &Event, _value: &str) {}

/// There are no fields.
pub fn is_text_area(_event: &Event) -> bool {
    false
}

/// There is nothing to scroll.
pub fn scroll_to_end(_selector: &str) {}

/// There is no page that stays open.
pub fn every(_period: Duration, _act: impl FnMut() + 'static) {}

/// Forgets what this thread stored under that name.
pub fn forget(name: &str) {
    STORED.with_borrow_mut(|stored| stored.remove(&(false, name.to_owned())));
}

/// There are no files.
#[derive(Debug, Clone)]
pub struct PickedFile;

impl PickedFile {
    /// None.
    pub fn name(&self) -> String {
        String::new()
    }

    /// None.
    pub fn folder(&self) -> String {
        String::new()
    }

    /// None.
    pub fn size_bytes(&self) -> u64 {
        0
    }
}

/// There are no fields.
pub fn picked_files(_event: &Event) -> Vec<PickedFile> {
    Vec::new()
}

/// Nothing that was dropped.
#[derive(Debug)]
pub struct Dropped;

impl Dropped {
    /// None.
    ///
    /// # Errors
    /// Never.
    pub async fn files(self, _wanted: fn(&str) -> bool) -> Result<Vec<PickedFile>, String> {
        Ok(Vec::new())
    }
}

/// There is nothing to drop.
pub fn dropped(_event: &leptos::ev::DragEvent) -> Dropped {
    Dropped
}

/// Nothing is stored.
pub fn ask_for_persistence() {}

/// Nobody says.
pub fn device_memory_bytes() -> Option<u64> {
    None
}

/// There is no connection to lose.
pub fn is_offline() -> bool {
    false
}

/// Time stands still.
pub fn now_ms() -> f64 {
    0.0
}
