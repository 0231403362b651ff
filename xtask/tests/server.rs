//! The server, asked as a browser asks it.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::PathBuf,
};

use tokio::runtime::Runtime;
use xtask::{build::Isolation, root, server};

const WASM: &str = "app_bg-0123456789abcdef.wasm";

/// A small site, served below `path` as long as the runtime lives.
fn serve(name: &str, path: &str, isolation: Isolation) -> (Runtime, SocketAddr) {
    let folder = site(name);
    let runtime = Runtime::new().expect("a runtime");
    let listener = runtime.block_on(server::listen(0)).expect("some port is free");
    let address = listener.local_addr().expect("it listens");
    runtime.spawn(server::serve(listener, server::site(&folder, path, isolation)));
    (runtime, address)
}

fn site(name: &str) -> PathBuf {
    let folder = root().join("target/server-tests").join(name);
    fs::create_dir_all(folder.join("models")).expect("a folder");
    let compressed = format!("{WASM}.br");
    for (file, content) in [
        ("index.html", "<!doctype html><title>Page</title>"),
        (WASM, "not compressed"),
        (&compressed, "compressed"),
        ("models/base.gguf", "0123456789"),
    ] {
        fs::write(folder.join(file), content).expect("a file");
    }
    folder
}

/// The answer to a request, head and body, with the head in lower case.
fn ask(address: SocketAddr, path: &str, header: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{header}\r\n");
    stream.write_all(request.as_bytes()).expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the answer is text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head ends");
    (head.to_lowercase(), body.to_owned())
}

fn check(address: SocketAddr, path: &str, header: &str, expected: &[&str]) -> String {
    let (head, body) = ask(address, path, header);
    for line in expected {
        assert!(head.contains(line), "{path}: no {line:?} in\n{head}");
    }
    body
}

#[test]
fn files_have_their_types_and_headers() {
    let (_runtime, address) = serve("headers", "/", Isolation::On);
    let page = [
        "200 ok",
        "content-type: text/html",
        "cache-control: no-cache",
        "default-src 'none'; script-src 'self'",
    ];
    assert!(check(address, "/", "", &page).contains("<title>Page</title>"));
    let isolation = ["cross-origin-opener-policy: same-origin", "cross-origin-embedder-policy: require-corp"];
    check(address, "/", "", &isolation);
    check(
        address,
        "/nothing.js",
        "",
        &["404 not found", "x-content-type-options: nosniff", "cache-control: no-cache"],
    );
}

#[test]
fn brotli_goes_to_those_who_take_it() {
    let (_runtime, address) = serve("brotli", "/", Isolation::On);
    let path = format!("/{WASM}");
    let expected = ["content-type: application/wasm", "immutable", "content-encoding: br"];
    assert_eq!(check(address, &path, "accept-encoding: gzip, br\r\n", &expected), "compressed");
    assert_eq!(check(address, &path, "", &["content-type: application/wasm"]), "not compressed");
}

#[test]
fn models_come_in_parts_and_only_when_changed() {
    let (_runtime, address) = serve("ranges", "/", Isolation::On);
    let path = "/models/base.gguf";
    let part =
        check(address, path, "range: bytes=2-4\r\n", &["206 partial content", "content-range: bytes 2-4/10"]);
    assert_eq!(part, "234");
    check(address, path, "range: bytes=20-\r\n", &["416"]);
    let (head, _) = ask(address, path, "");
    let etag = head.lines().find_map(|line| line.strip_prefix("etag: ")).expect("a tag");
    check(address, path, &format!("if-none-match: {etag}\r\n"), &["304 not modified"]);
}

#[test]
fn any_path_will_do_and_isolation_can_be_left_out() {
    let (_runtime, address) = serve("path", "/some/where/", Isolation::Off);
    let (head, body) = ask(address, "/some/where/", "");
    assert!(body.contains("<title>Page</title>") && !head.contains("cross-origin-embedder-policy"), "{head}");
    check(address, "/", "", &["404 not found"]);
}
