//! The worker as the browser has it.

use js_sys::{Function, Object, Reflect};
use protocol::{ErrorKind, Event, Request, WireError};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{ErrorEvent, MessageEvent, WorkerOptions, WorkerType};

use crate::platform;

/// A running worker; ends with this value.
pub(super) struct Worker {
    inner: web_sys::Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Worker {
    /// Starts the worker; everything it says goes to `receive`, and so does its end.
    pub(super) fn start(receive: impl Fn(Event) + Clone + 'static) -> Result<Self, WireError> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = construct(&address()?, &options)?;
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new({
            let receive = receive.clone();
            move |message: MessageEvent| receive(read(message.data()))
        });
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |error: ErrorEvent| {
            error.prevent_default();
            receive(Event::Crashed(fault(&format!("The engine stopped: {}", error.message()))));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self { inner: worker, _on_message: on_message, _on_error: on_error })
    }

    /// Sends a request.
    pub(super) fn send(&self, request: &Request) -> Result<(), WireError> {
        // Numbers beyond 2^53 would need BigInt; the page clamps seeds below that.
        let message = request.serialize(&Serializer::json_compatible());
        let message = message.map_err(|error| fault(&format!("A request cannot be written: {error}")))?;
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

fn read(message: JsValue) -> Event {
    serde_wasm_bindgen::from_value(message)
        .unwrap_or_else(|error| Event::Crashed(fault(&format!("The engine said something unknown: {error}"))))
}

/// The worker's address, which the build writes into the HTML, with the engine that the person asks for.
fn address() -> Result<String, WireError> {
    let meta = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.query_selector("meta[name=engine-worker]").ok().flatten())
        .and_then(|meta| meta.get_attribute("content"))
        .ok_or_else(|| fault("The page does not say where its engine is."))?;
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
