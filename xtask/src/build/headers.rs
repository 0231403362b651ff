//! The response headers of every file, for our own server and for static hosts.

use std::{fmt::Write, path::Path};

use super::is_hashed;

/// What a page may do. Nothing from another host, no inline script, no string that becomes code.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    worker-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; manifest-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'";

/// What the downloader may do: the same, and reach other hosts. A worker's policy is that of its own script.
const DOWNLOADER_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    connect-src 'self' https: http://localhost:* http://127.0.0.1:*; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'";

/// Headers that every answer carries.
const ALWAYS: [(&str, &str); 3] = [
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
    let own = [("content-security-policy", policy_of(path)), ("cache-control", caching)];
    ALWAYS.iter().chain(isolation).copied().chain(own).collect()
}

/// The policy of the file at `path`.
fn policy_of(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_downloader = name.starts_with("downloader-") && has_extension(name, "js") && is_hashed(path);
    if is_downloader { DOWNLOADER_POLICY } else { CONTENT_SECURITY_POLICY }
}

fn has_extension(path: &str, wanted: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == wanted)
}

/// The `_headers` file, a format that several static hosts read. They join the values of a header that two rules
/// name, and of two policies the stricter holds; so each page and script has its own rule for it, and `/*` has none.
pub(super) fn listing<'a>(paths: impl Iterator<Item = &'a str>) -> String {
    let mut listing = String::from("/*\n");
    for (name, value) in ALWAYS.iter().chain(&ISOLATION) {
        let _ = writeln!(listing, "  {name}: {value}");
    }
    let _ = write!(listing, "/\n  content-security-policy: {CONTENT_SECURITY_POLICY}\n");
    for path in paths {
        let runs = has_extension(path, "html") || has_extension(path, "js");
        if runs || is_hashed(path) {
            let _ = writeln!(listing, "/{path}");
        }
        if runs {
            let _ = writeln!(listing, "  content-security-policy: {}", policy_of(path));
        }
        if is_hashed(path) {
            let _ = writeln!(listing, "  cache-control: {FOR_EVER}");
        }
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
        let listing = listing(["app-0123456789abcdef.css", "index.html"].into_iter());
        assert!(listing.contains("/app-0123456789abcdef.css\n  cache-control: public"), "{listing}");
        assert!(
            listing.ends_with("frame-ancestors 'none'; require-trusted-types-for 'script'\n"),
            "{listing}"
        );
    }

    #[test]
    fn only_the_downloader_may_reach_other_hosts() {
        let policy = |path: &str| {
            let headers = headers_for(path, Isolation::On);
            headers.iter().find(|(name, _)| *name == "content-security-policy").map(|(_, value)| *value)
        };
        let downloader = "downloader-0123456789abcdef.js";
        assert!(policy(downloader).is_some_and(|policy| policy.contains("connect-src 'self' https:")));
        for path in ["/", "index.html", "worker-0123456789abcdef.js", "downloader.js", "downloader-x.html"] {
            assert!(policy(path).is_some_and(|policy| policy.contains("connect-src 'self';")), "{path}");
        }
        let listing = listing([downloader, "index.html"].into_iter());
        assert_eq!(listing.matches("connect-src 'self' https:").count(), 1, "{listing}");
        let rules = listing.split("\n/").next().expect("the rule for everything");
        assert!(!rules.contains("content-security-policy"), "{rules}");
    }
}
