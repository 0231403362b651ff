//! The page's edge to the browser.

use std::time::Duration;

use leptos::{prelude::*, tachys::renderer::dom::Dom};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, Event, HtmlElement, HtmlInputElement, HtmlTextAreaElement, Location, Response, Storage, Url,
    UrlSearchParams, Window,
};

fn page() -> Window {
    web_sys::window().expect("a page has a window")
}

fn document() -> Document {
    page().document().expect("a window has a document")
}

fn location() -> Location {
    page().location()
}

/// Puts the page in the place of the skeleton that came with the HTML.
pub fn mount<V: IntoView + 'static>(view: impl FnOnce() -> V + 'static) {
    console_error_panic_hook::set_once();
    let Some(root) = document().get_element_by_id("app") else { return };
    Dom::clear_children(&root);
    leptos::mount::mount_to(root.unchecked_into::<HtmlElement>(), view).forget();
}

/// The absolute address of a file beside the page.
pub fn absolute(path: &str) -> String {
    let base = document().base_uri().ok().flatten().unwrap_or_default();
    Url::new_with_base(path, &base).map_or_else(|_| path.to_owned(), |url| url.href())
}

/// The text of a file beside the page.
///
/// # Errors
/// One sentence about what did not come.
pub async fn fetch_text(path: &str) -> Result<String, String> {
    let answer = JsFuture::from(page().fetch_with_str(&absolute(path))).await;
    let answer = answer.map_err(|_| format!("{path} cannot be reached."))?.unchecked_into::<Response>();
    if !answer.ok() {
        return Err(format!("{path} cannot be fetched: the host answers {}.", answer.status()));
    }
    let broken = |_: JsValue| format!("{path} arrived broken.");
    let text = JsFuture::from(answer.text().map_err(broken)?).await.map_err(broken)?;
    text.as_string().ok_or_else(|| format!("{path} is no text."))
}

/// A setting in the address, after the `?`.
pub fn query(name: &str) -> Option<String> {
    let search = location().search().ok()?;
    UrlSearchParams::new_with_str(&search).ok()?.get(name).filter(|value| !value.is_empty())
}

/// What stands after the page's own address, `#` included.
pub fn fragment() -> String {
    location().hash().unwrap_or_default()
}

/// Takes the fragment out of the address bar, so that a reload brings back the edits and not the link.
pub fn forget_fragment() {
    let address = location().href().unwrap_or_default();
    let bare = address.split('#').next().unwrap_or_default();
    if let Ok(history) = page().history() {
        // A browser that refuses merely keeps the fragment.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(bare));
    }
}

/// Calls back when somebody puts another fragment into the address bar.
pub fn on_fragment_change(act: impl FnMut() + 'static) {
    let listener = Closure::<dyn FnMut()>::new(act);
    page().set_onhashchange(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
}

/// The whole address of a link with this fragment. The engine asked for in the address stays here.
pub fn link_to(fragment: &str) -> String {
    let address = location();
    let origin = address.origin().unwrap_or_default();
    let path = address.pathname().unwrap_or_default();
    format!("{origin}{path}{fragment}")
}

fn storage() -> Option<Storage> {
    page().local_storage().ok().flatten()
}

/// What was stored under that name; nothing where the browser keeps nothing.
pub fn read_stored(name: &str) -> Option<String> {
    storage()?.get_item(name).ok().flatten()
}

/// Stores it. Says whether the browser does: where it is full or forbids it, the page works on without a memory.
pub fn store(name: &str, value: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(name, value).is_ok())
}

/// Forgets what was stored under that name.
pub fn forget(name: &str) {
    if let Some(storage) = storage() {
        // What is not there needs no forgetting.
        let _ = storage.remove_item(name);
    }
}

fn storage_of_tab() -> Option<Storage> {
    page().session_storage().ok().flatten()
}

/// What this tab stored under that name; it outlives a reload, and no other tab sees it.
pub fn read_of_tab(name: &str) -> Option<String> {
    storage_of_tab()?.get_item(name).ok().flatten()
}

/// Stores it for this tab. Says whether the browser does.
pub fn store_of_tab(name: &str, value: &str) -> bool {
    storage_of_tab().is_some_and(|storage| storage.set_item(name, value).is_ok())
}

/// Forgets what this tab stored under that name.
pub fn forget_of_tab(name: &str) {
    if let Some(storage) = storage_of_tab() {
        // What is not there needs no forgetting.
        let _ = storage.remove_item(name);
    }
}

/// Copies to the clipboard. Says whether that worked.
pub async fn copy(text: &str) -> bool {
    let clipboard = page().navigator().clipboard();
    // Without a secure context there is no clipboard.
    if JsValue::from(clipboard.clone()).is_undefined() {
        return false;
    }
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// Moves the focus to the first element that fits, once it is there.
pub fn focus(selector: String) {
    request_animation_frame(move || {
        if let Ok(Some(found)) = document().query_selector(&selector) {
            // An element that cannot take it leaves it where it is.
            let _ = found.unchecked_into::<HtmlElement>().focus();
        }
    });
}

/// Scrolls to the end of what the first element that fits holds.
pub fn scroll_to_end(selector: &str) {
    if let Ok(Some(found)) = document().query_selector(selector) {
        found.set_scroll_top(found.scroll_height());
    }
}

/// Calls back again and again for as long as the page is open.
pub fn every(period: Duration, act: impl FnMut() + 'static) {
    let listener = Closure::<dyn FnMut()>::new(act);
    let (callback, period_ms) = (listener.as_ref().unchecked_ref(), period.as_millis() as i32);
    // A callback that exists is never refused.
    let _ = page().set_interval_with_callback_and_timeout_and_arguments_0(callback, period_ms);
    listener.forget();
}

/// `light`, `dark`, or whatever the system says.
pub fn apply_theme(theme: Option<&str>) {
    let Some(root) = document().document_element() else { return };
    // The names are fixed, so neither can fail.
    let _ = match theme {
        Some(theme) => root.set_attribute("data-theme", theme),
        None => root.remove_attribute("data-theme"),
    };
}

/// The number in the field that an event comes from.
pub fn number_in(event: &Event) -> Option<f64> {
    let field = event.target()?.unchecked_into::<HtmlInputElement>();
    field.value().trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// Writes over what stands in the field that an event comes from.
pub fn rewrite_field(event: &Event, value: &str) {
    if let Some(field) = event.target() {
        field.unchecked_into::<HtmlInputElement>().set_value(value);
    }
}

/// Whether an event comes from a text area.
pub fn is_text_area(event: &Event) -> bool {
    event.target().is_some_and(|target| target.has_type::<HtmlTextAreaElement>())
}

/// Asks the browser, which may ask the person, not to throw away what is stored when space is short.
pub fn ask_for_persistence() {
    let storage = page().navigator().storage();
    // Without a secure context there is none.
    if !JsValue::from(storage.clone()).is_undefined()
        && let Ok(asked) = storage.persist()
    {
        // Either answer is fine: it says how long things last, not whether they work.
        leptos::task::spawn_local(async move { drop(JsFuture::from(asked).await) });
    }
}

/// Memory of this device as the browser reports it: a power of two, and no more than 8 or 32 GiB; some browsers say nothing.
pub fn device_memory_bytes() -> Option<u64> {
    let reported = js_sys::Reflect::get(&page().navigator(), &"deviceMemory".into()).ok()?.as_f64()?;
    Some((reported * f64::from(1 << 30)) as u64)
}

/// Whether the browser knows that it has no connection.
pub fn is_offline() -> bool {
    !page().navigator().on_line()
}

/// Milliseconds since 1970.
pub fn now_ms() -> f64 {
    js_sys::Date::now()
}
