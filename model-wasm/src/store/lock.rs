//! One writer over all tabs, by the Web Locks API.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, WorkerGlobalScope};

const NAME: &str = "store-v1-writer";

/// The right to write; given back when it is dropped, or when the tab is closed.
pub(crate) struct WriterLock {
    release: Option<Function>,
}

impl WriterLock {
    /// Waits for its turn. A browser without locks gives it at once.
    ///
    /// # Errors
    /// When `signal` is aborted first.
    pub(crate) async fn acquire(signal: &AbortSignal) -> Result<Self, JsValue> {
        let scope: WorkerGlobalScope = js_sys::global().dyn_into()?;
        let locks = Reflect::get(&scope.navigator(), &"locks".into())?;
        if locks.is_undefined() {
            return Ok(Self { release: None });
        }
        let release: Rc<RefCell<Option<Function>>> = Rc::default();
        let held = Promise::new(&mut |resolve, _| *release.borrow_mut() = Some(resolve));
        let granted = Promise::new(&mut |grant: Function, refuse: Function| {
            let held = held.clone();
            let on_granted = Closure::once_into_js(move || {
                // Resolving a promise does not fail.
                let _ = grant.call0(&JsValue::NULL);
                held
            });
            let options = Object::new();
            let asked = Reflect::set(&options, &"signal".into(), signal)
                .and_then(|_| Reflect::get(&locks, &"request".into()))
                .and_then(JsCast::dyn_into::<Function>)
                .and_then(|request| request.call3(&locks, &NAME.into(), &options, &on_granted));
            match asked {
                // It is rejected when it is aborted, and settles long after it was granted otherwise.
                Ok(request) => {
                    let refused = Closure::once_into_js(move |error: JsValue| {
                        let _ = refuse.call1(&JsValue::NULL, &error);
                    });
                    let then = Reflect::get(&request, &"then".into()).and_then(JsCast::dyn_into::<Function>);
                    // A promise has a `then` that does not throw.
                    let _ = then.and_then(|then| then.call2(&request, &JsValue::UNDEFINED, &refused));
                }
                Err(error) => _ = refuse.call1(&JsValue::NULL, &error),
            }
        });
        JsFuture::from(granted).await?;
        let release = release.borrow_mut().take();
        Ok(Self { release })
    }
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        if let Some(release) = self.release.take() {
            // Resolving a promise does not fail.
            let _ = release.call0(&JsValue::NULL);
        }
    }
}
