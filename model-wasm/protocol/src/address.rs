//! Which addresses may be fetched, as one rule for the page that asks and the worker that does.
//!
//! Only plain spellings pass: what a browser would silently turn into something else (a number for an IPv4
//! address, a letter of another script, a backslash) is refused instead of interpreted.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

/// Who names an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedBy {
    /// The person at the page.
    Person,
    /// A link that somebody sent, or a host that sends on to another.
    Link,
}

/// An address that may be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    text: String,
    host: String,
}

/// Why an address may not be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressError {
    /// No address, or one spelt in a way that is not taken.
    Malformed(&'static str),
    /// Neither https nor http on this machine.
    Scheme(String),
    /// It holds a name or a password.
    Credentials,
    /// A link, or a host that sends on to another, names a host inside somebody's network.
    PrivateHost(String),
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(what) => write!(f, "this is no address that can be fetched: {what}"),
            Self::Scheme(scheme) => {
                write!(
                    f,
                    "the address begins with {scheme:?}; only https:// is fetched, and http:// from this machine"
                )
            }
            Self::Credentials => f.write_str("the address holds a name or a password, which are never sent"),
            Self::PrivateHost(host) => {
                write!(f, "{host:?} is a host inside a private network, and no person has named it")
            }
        }
    }
}

impl std::error::Error for AddressError {}

impl Address {
    /// Checks an address.
    ///
    /// # Errors
    /// Says which rule it breaks.
    pub fn parse(text: &str, named_by: NamedBy) -> Result<Self, AddressError> {
        let text = text.trim();
        let refused = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
        if text.contains(refused) {
            return Err(AddressError::Malformed("it holds a space, a control character or a backslash"));
        }
        let (scheme, rest) =
            text.split_once("://").ok_or(AddressError::Malformed("it does not begin with https://"))?;
        let scheme = scheme.to_ascii_lowercase();
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(AddressError::Credentials);
        }
        let host = host_of(authority)?;
        let kind = Kind::of(&host)?;
        match scheme.as_str() {
            "https" => {}
            "http" if kind == Kind::Loopback => {}
            _ => return Err(AddressError::Scheme(scheme)),
        }
        if named_by == NamedBy::Link && kind != Kind::Public {
            return Err(AddressError::PrivateHost(host));
        }
        Ok(Self { text: text.to_owned(), host })
    }

    /// Where the host of this address has sent a request on to. Only a host inside somebody's network may send on to
    /// another one there.
    ///
    /// # Errors
    /// Says which rule the other address breaks.
    pub fn sent_on_to(&self, text: &str) -> Result<Self, AddressError> {
        let is_public = Kind::of(&self.host) == Ok(Kind::Public);
        Self::parse(text, if is_public { NamedBy::Link } else { NamedBy::Person })
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, without its port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether the host is this machine.
    pub fn is_loopback(&self) -> bool {
        Kind::of(&self.host) == Ok(Kind::Loopback)
    }

    /// The last part of the path, which names the file.
    pub fn file_name(&self) -> &str {
        let path = self.text.split(['?', '#']).next().unwrap_or(&self.text);
        let after_scheme = path.split_once("://").map_or(path, |(_, rest)| rest);
        after_scheme.split_once('/').map_or("", |(_, path)| path.rsplit('/').next().unwrap_or(path))
    }
}

/// The host without its port, in lower case.
fn host_of(authority: &str) -> Result<String, AddressError> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, after) =
                rest.split_once(']').ok_or(AddressError::Malformed("its host is cut short"))?;
            (format!("[{address}]"), after.strip_prefix(':'))
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host.to_owned(), Some(port)),
            None => (authority.to_owned(), None),
        },
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err(AddressError::Malformed("its port is no number"));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._[]:".contains(c);
    let bare = host.trim_end_matches('.');
    if bare.is_empty() || !host.chars().all(plain) {
        return Err(AddressError::Malformed(
            "its host is spelt with other than letters, digits, dots and dashes",
        ));
    }
    Ok(bare.to_ascii_lowercase())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Loopback,
    Private,
    Public,
}

impl Kind {
    fn of(host: &str) -> Result<Self, AddressError> {
        if let Some(address) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            let address =
                address.parse().map_err(|_| AddressError::Malformed("its host is no IPv6 address"))?;
            return Ok(Self::of_v6(address));
        }
        let last = host.rsplit('.').next().unwrap_or(host);
        // What ends in a number is an IPv4 address to a browser, in many spellings; one of them is taken.
        if last.starts_with("0x") || last.chars().all(|c| c.is_ascii_digit()) {
            let address = host
                .parse()
                .map_err(|_| AddressError::Malformed("its host is an IPv4 address in an odd spelling"))?;
            return Ok(Self::of_v4(address));
        }
        Ok(match (host, last) {
            ("localhost", _) | (_, "localhost") => Self::Loopback,
            (_, "local" | "internal" | "lan" | "home" | "corp" | "intranet" | "arpa" | "test") => {
                Self::Private
            }
            _ if !host.contains('.') => Self::Private,
            _ => Self::Public,
        })
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        let [a, b, ..] = address.octets();
        let shared = a == 100 && (64..128).contains(&b);
        let benchmarks = a == 198 && (18..20).contains(&b);
        if address.is_loopback() {
            Self::Loopback
        } else if address.is_private()
            || address.is_link_local()
            || address.is_documentation()
            || shared
            || benchmarks
            || a == 0
            || a >= 224
        {
            Self::Private
        } else {
            Self::Public
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        if let Some(v4) = address.to_ipv4_mapped() {
            return Self::of_v4(v4);
        }
        // Global unicast is 2000::/3; 2001::/23 and 2002::/16 in it wrap other addresses.
        let [first, second, ..] = address.segments();
        let is_global = first & 0xe000 == 0x2000 && first != 0x2002 && !(first == 0x2001 && second < 0x0200);
        if address.is_loopback() {
            Self::Loopback
        } else if is_global {
            Self::Public
        } else {
            Self::Private
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_person(text: &str) -> Result<String, AddressError> {
        Address::parse(text, NamedBy::Person).map(|address| address.host().to_owned())
    }

    fn by_link(text: &str) -> Result<String, AddressError> {
        Address::parse(text, NamedBy::Link).map(|address| address.host().to_owned())
    }

    #[test]
    fn https_passes_and_loopback_may_do_without() {
        for (text, host) in [
            ("https://huggingface.co/a/b/resolve/main/m.gguf", "huggingface.co"),
            ("HTTPS://Example.ORG:8443?x", "example.org"),
            (" https://example.org. ", "example.org"),
            ("http://localhost:8080/m.gguf", "localhost"),
            ("http://127.0.0.1/m", "127.0.0.1"),
            ("http://[::1]:80/m", "[::1]"),
            ("https://192.168.1.7/m.gguf", "192.168.1.7"),
        ] {
            assert_eq!(by_person(text).as_deref(), Ok(host), "{text}");
        }
    }

    #[test]
    fn other_schemes_credentials_and_odd_spellings_are_refused() {
        for text in ["http://example.org/m", "ftp://example.org/m", "blob://x.y/m", "http://10.0.0.1/m"] {
            assert!(matches!(by_person(text), Err(AddressError::Scheme(_))), "{text}");
        }
        for text in
            ["https://me@example.org/", "https://me:secret@example.org/", "https://example.org:1@localhost/"]
        {
            assert_eq!(by_person(text), Err(AddressError::Credentials), "{text}");
        }
        for text in [
            "",
            "m.gguf",
            "//example.org/m",
            "https:///m",
            "https://exa mple.org/",
            "https://example.org\\@localhost/",
            "https://example.org:port/",
            "https://example.org:99999/",
            "https://ex%61mple.org/",
            "https://１２７.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://[::1/",
            "https://[nothing]/",
        ] {
            assert!(
                matches!(by_person(text), Err(AddressError::Malformed(_))),
                "{text}: {:?}",
                by_person(text)
            );
        }
    }

    #[test]
    fn a_link_names_public_hosts_only() {
        for text in [
            "http://localhost/m",
            "https://localhost/m",
            "https://model.localhost/m",
            "https://127.0.0.1/m",
            "https://127.9.9.9/m",
            "https://10.1.2.3/m",
            "https://172.16.0.1/m",
            "https://192.168.0.1/m",
            "https://169.254.169.254/latest",
            "https://100.64.0.1/m",
            "https://0.0.0.0/m",
            "https://224.0.0.1/m",
            "https://[::1]/m",
            "https://[::]/m",
            "https://[fd00::1]/m",
            "https://[fe80::1]/m",
            "https://[::ffff:127.0.0.1]/m",
            "https://[::ffff:10.0.0.1]/m",
            "https://[2002:7f00:1::]/m",
            "https://router/m",
            "https://printer.local/m",
            "https://metadata.google.internal/m",
        ] {
            assert!(
                matches!(by_link(text), Err(AddressError::PrivateHost(_))),
                "{text}: {:?}",
                by_link(text)
            );
        }
        for text in [
            "https://huggingface.co/m",
            "https://8.8.8.8/m",
            "https://[2606:4700::1111]/m",
            "https://172.32.0.1/m",
        ] {
            assert!(by_link(text).is_ok(), "{text}: {:?}", by_link(text));
        }
    }

    #[test]
    fn a_public_host_sends_on_to_public_hosts_only() {
        let sent = |from: &str, to: &str| {
            Address::parse(from, NamedBy::Person).expect("a sound address").sent_on_to(to).map(|to| to.host)
        };
        let (public, private, here) = ("https://hub.org/m", "https://192.168.1.7/m", "http://localhost:1/m");
        assert_eq!(sent(public, "https://cdn.org/m").as_deref(), Ok("cdn.org"));
        for inside in [private, here] {
            assert!(matches!(sent(public, inside), Err(AddressError::PrivateHost(_))), "{inside}");
            for to in [public, private, here] {
                assert!(sent(inside, to).is_ok(), "{inside} to {to}");
            }
        }
        assert!(matches!(sent(here, "http://hub.org/m"), Err(AddressError::Scheme(_))));
    }

    #[test]
    fn the_file_is_named_by_the_path() {
        let name =
            |text: &str| Address::parse(text, NamedBy::Person).map(|address| address.file_name().to_owned());
        assert_eq!(name("https://h.co/a/b/m.gguf?download=true#x").as_deref(), Ok("m.gguf"));
        assert_eq!(name("https://h.co").as_deref(), Ok(""));
    }
}
