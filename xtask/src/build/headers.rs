//! The response headers of every file, for our own server and for static hosts.

use std::fmt::Write;

use super::is_hashed;

/// What a page may do. Nothing from another host, no inline script, no string that becomes code.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    worker-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; manifest-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'";

/// Headers that every answer carries.
const ALWAYS: [(&str, &str); 4] = [
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Headers that make the page `crossOriginIsolated`, which shared memory needs.
const ISOLATION: [(&str, &str); 2] =
    [("cross-origin-opener-policy", "same-origin"), ("cross-origin-embedder-policy", "require-corp")];

/// A name with a hash in it never changes its content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Everything else is asked for again, and answered with "not modified".
const ASK_AGAIN: &str = "no-cache";

/// Whether the page gets its own browsing context group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// With COOP and COEP.
    On,
    /// As a host without these headers serves it: one thread.
    Off,
}

/// The headers of the file at `path`, besides those about its content.
pub fn headers_for(path: &str, isolation: Isolation) -> Vec<(&'static str, &'static str)> {
    let isolation: &[_] = if isolation == Isolation::On { &ISOLATION } else { &[] };
    let caching = if is_hashed(path) { FOR_EVER } else { ASK_AGAIN };
    ALWAYS.iter().chain(isolation).copied().chain([("cache-control", caching)]).collect()
}

/// The `_headers` file, a format that several static hosts read.
pub(super) fn listing<'a>(paths: impl Iterator<Item = &'a str>) -> String {
    let mut listing = String::from("/*\n");
    for (name, value) in ALWAYS.iter().chain(&ISOLATION) {
        let _ = writeln!(listing, "  {name}: {value}");
    }
    for path in paths.filter(|path| is_hashed(path)) {
        let _ = write!(listing, "/{path}\n  cache-control: {FOR_EVER}\n");
    }
    listing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hashed_names_are_kept_for_ever() {
        for (path, caching) in [("index.html", ASK_AGAIN), ("app-0123456789abcdef.js", FOR_EVER)] {
            let headers = headers_for(path, Isolation::Off);
            assert!(headers.contains(&("cache-control", caching)), "{path}");
            assert!(headers.iter().all(|(name, _)| !name.starts_with("cross-origin-opener")));
        }
        let listing = listing(["index.html", "app-0123456789abcdef.js"].into_iter());
        assert!(listing.contains("/app-0123456789abcdef.js\n  cache-control: public"), "{listing}");
        assert!(!listing.contains("/index.html"), "{listing}");
    }
}
