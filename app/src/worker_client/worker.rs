//! A worker as the browser has it.

use js_sys::{Array, Function, Object, Reflect};
use protocol::{ErrorKind, WireError};
use serde::{Serialize, de::DeserializeOwned};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{ErrorEvent, MessageEvent, WorkerOptions, WorkerType};

use super::Script;
use crate::platform::{self, PickedFile};

/// The field of a message that carries files from disk.
const BLOBS: &str = "blobs";

/// A running worker; ends with this value.
pub(super) struct Worker {
    inner: web_sys::Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(web_sys::Event)>,
}

impl Worker {
    /// Starts the worker of that script; everything it says goes to `receive`, with the files that came along, and
    /// so does its end.
    pub(super) fn start<T: DeserializeOwned>(
        script: Script,
        receive: impl Fn(Result<T, WireError>, Vec<PickedFile>) + Clone + 'static,
    ) -> Result<Self, WireError> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = construct(&address(script)?, &options)?;
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new({
            let receive = receive.clone();
            move |message: MessageEvent| {
                let message = message.data();
                let blobs = take_blobs(&message);
                receive(read(message), blobs);
            }
        });
        let on_error = Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
            event.prevent_default();
            receive(Err(end_of(&event)), Vec::new());
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self { inner: worker, _on_message: on_message, _on_error: on_error })
    }

    /// Sends a request, with files from disk beside it.
    pub(super) fn send(&self, request: &impl Serialize, files: &[PickedFile]) -> Result<(), WireError> {
        // Numbers beyond 2^53 would need BigInt; the page clamps seeds below that.
        let message = request.serialize(&Serializer::json_compatible());
        let message = message.map_err(|error| fault(&format!("A request cannot be written: {error}")))?;
        let blobs: Array = files.iter().map(PickedFile::blob).collect();
        if blobs.length() > 0 {
            Reflect::set(&message, &BLOBS.into(), &blobs).map_err(|_| fault("A request takes no files."))?;
        }
        self.inner.post_message(&message).map_err(|_| fault("The engine takes no messages."))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.inner.set_onmessage(None);
        self.inner.set_onerror(None);
        self.inner.terminate();
    }
}

/// What ended a worker: an error that it did not catch, or, without any words, scripts that did not come.
fn end_of(event: &web_sys::Event) -> WireError {
    match event.dyn_ref::<ErrorEvent>() {
        Some(error) => fault(&format!("The engine stopped: {}", error.message())),
        None => WireError::new(ErrorKind::Network, "The engine's scripts could not be fetched."),
    }
}

fn read<T: DeserializeOwned>(message: JsValue) -> Result<T, WireError> {
    serde_wasm_bindgen::from_value(message)
        .map_err(|error| fault(&format!("The engine said something unknown: {error}")))
}

/// Takes the files out of a message that carries some.
fn take_blobs(message: &JsValue) -> Vec<PickedFile> {
    let Some(message) = message.dyn_ref::<Object>() else { return Vec::new() };
    let Ok(blobs) = Reflect::get(message, &BLOBS.into()) else { return Vec::new() };
    // A plain object lets its fields be taken.
    let _ = Reflect::delete_property(message, &BLOBS.into());
    blobs.dyn_ref::<Array>().map_or_else(Vec::new, |blobs| {
        blobs.iter().filter_map(|blob| blob.dyn_into().ok()).map(PickedFile::new).collect()
    })
}

/// The worker's address, which the build writes into the HTML, with the engine that the person asks for.
fn address(script: Script) -> Result<String, WireError> {
    let meta = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| {
            document.query_selector(&format!("meta[name={}]", script.meta_name())).ok().flatten()
        })
        .and_then(|meta| meta.get_attribute("content"))
        .ok_or_else(|| fault("The page does not say where its engine is."))?;
    if script == Script::Downloader {
        return Ok(platform::absolute(&meta));
    }
    let wishes: Vec<String> = ["engine", "threads"]
        .into_iter()
        .filter_map(|name| {
            platform::query(name)
                .map(|value| format!("{name}={}", String::from(js_sys::encode_uri_component(&value))))
        })
        .collect();
    let address = platform::absolute(&meta);
    Ok(if wishes.is_empty() { address } else { format!("{address}?{}", wishes.join("&")) })
}

/// `new Worker(..)` wants a trusted address where the browser enforces Trusted Types; our policy
/// trusts this one and no other.
fn construct(address: &str, options: &WorkerOptions) -> Result<web_sys::Worker, WireError> {
    let refused = |_: JsValue| {
        WireError::new(ErrorKind::UnsupportedBrowser, "This browser does not let the page start its engine.")
    };
    let global = js_sys::global();
    let class: Function = Reflect::get(&global, &"Worker".into()).map_err(refused)?.unchecked_into();
    let arguments = js_sys::Array::of2(&trusted(&global, address).map_err(refused)?, options);
    Reflect::construct(&class, &arguments).map(JsCast::unchecked_into).map_err(refused)
}

fn trusted(global: &Object, address: &str) -> Result<JsValue, JsValue> {
    let factory = Reflect::get(global, &"trustedTypes".into())?;
    if factory.is_undefined() {
        return Ok(address.into());
    }
    let expected = address.to_owned();
    let check = Closure::<dyn FnMut(String) -> Result<String, JsValue>>::new(move |asked: String| {
        if asked == expected { Ok(asked) } else { Err(js_sys::TypeError::new("not our worker").into()) }
    });
    let rules = Object::new();
    Reflect::set(&rules, &"createScriptURL".into(), check.as_ref())?;
    let create: Function = Reflect::get(&factory, &"createPolicy".into())?.unchecked_into();
    let policy = create.call2(&factory, &"engine-worker".into(), &rules)?;
    let bless: Function = Reflect::get(&policy, &"createScriptURL".into())?.unchecked_into();
    bless.call1(&policy, &address.into())
}

fn fault(message: &str) -> WireError {
    WireError::new(ErrorKind::Internal, message)
}
