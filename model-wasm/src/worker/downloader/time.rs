//! Waiting, in a worker.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll},
};

use js_sys::Promise;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::WorkerGlobalScope;

/// Is over after a while; dropped before, it leaves nothing behind.
pub(super) struct Sleep {
    over: JsFuture,
    handle: i32,
}

/// Waits so many milliseconds.
pub(super) fn sleep(wait_ms: u64) -> Sleep {
    let mut handle = 0;
    let promise = Promise::new(&mut |resolve, _| {
        let set = scope().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, wait_ms as i32);
        // A callback that exists is never refused.
        handle = set.unwrap_or_default();
    });
    Sleep { over: promise.into(), handle }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // This promise is never rejected.
        Pin::new(&mut self.over).poll(context).map(|_| ())
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        scope().clear_timeout_with_handle(self.handle);
    }
}

/// What `work` gives, or `None` when that takes longer.
pub(super) async fn within<T>(limit_ms: u64, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut over) = (pin!(work), sleep(limit_ms));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => Pin::new(&mut over).poll(context).map(|()| None),
    })
    .await
}

fn scope() -> WorkerGlobalScope {
    js_sys::global().unchecked_into()
}
