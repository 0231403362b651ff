//! Everything in the browser that is not the worker: storage, address bar, clipboard, focus, files
//! beside the page. Natively the same functions exist and find nothing, so that the rest of the
//! page compiles and is tested without a browser.

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(not(target_arch = "wasm32"))]
mod nowhere;

#[cfg(target_arch = "wasm32")]
pub use browser::{
    PickedFile, absolute, apply_theme, ask_for_persistence, copy, dropped_files, every, fetch_text, focus,
    forget, forget_fragment, fragment, is_offline, is_text_area, link_to, mount, now_ms, number_in,
    on_fragment_change, picked_files, query, read_stored, rewrite_field, scroll_to_end, store,
};
#[cfg(not(target_arch = "wasm32"))]
pub use nowhere::{
    PickedFile, absolute, apply_theme, ask_for_persistence, copy, dropped_files, every, fetch_text, focus,
    forget, forget_fragment, fragment, is_offline, is_text_area, link_to, mount, now_ms, number_in,
    on_fragment_change, picked_files, query, read_stored, rewrite_field, scroll_to_end, store,
};
