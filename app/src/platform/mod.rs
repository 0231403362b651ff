//! Everything in the browser that is not the worker: storage, address bar, clipboard, focus, files
//! beside the page. Natively the same functions exist and find nothing, so that the rest of the
//! page compiles and is tested without a browser.

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod files;
#[cfg(not(target_arch = "wasm32"))]
mod nowhere;

#[cfg(target_arch = "wasm32")]
pub use browser::{
    absolute, apply_theme, ask_for_persistence, copy, device_memory_bytes, every, fetch_text, focus, forget,
    forget_fragment, forget_of_tab, fragment, is_offline, is_text_area, link_to, mount, now_ms, number_in,
    on_fragment_change, query, read_of_tab, read_stored, rewrite_field, scroll_to_end, store, store_of_tab,
};
#[cfg(target_arch = "wasm32")]
pub use files::{Dropped, PickedFile, dropped, picked_files};
#[cfg(all(test, not(target_arch = "wasm32")))]
pub use nowhere::in_another_tab;
#[cfg(not(target_arch = "wasm32"))]
pub use nowhere::{
    Dropped, PickedFile, absolute, apply_theme, ask_for_persistence, copy, device_memory_bytes, dropped,
    every, fetch_text, focus, forget, forget_fragment, forget_of_tab, fragment, is_offline, is_text_area,
    link_to, mount, now_ms, number_in, on_fragment_change, picked_files, query, read_of_tab, read_stored,
    rewrite_field, scroll_to_end, store, store_of_tab,
};
