//! `cargo xtask serve` where it cannot: it ends with one sentence that says why.

use std::{fs, net::TcpListener, path::PathBuf, process::Command};

use xtask::root;

/// What is written where serving fails, without progress.
fn refusal(serve: &mut Command) -> String {
    let output = serve.output().expect("it starts");
    assert!(!output.status.success());
    let complaint = String::from_utf8(output.stderr).expect("it writes text");
    assert_eq!(complaint.trim().lines().count(), 1, "one sentence is enough:\n{complaint}");
    complaint
}

fn serve() -> Command {
    let mut serve = Command::new(env!("CARGO_BIN_EXE_xtask"));
    serve.args(["serve", "--port", "0"]);
    serve
}

/// An empty folder for a test.
fn folder(name: &str) -> PathBuf {
    let folder = root().join("target/serve-tests").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

#[test]
fn a_port_in_use_is_named_before_anything_is_built() {
    let other = TcpListener::bind("127.0.0.1:0").expect("some port is free");
    let port = other.local_addr().expect("it listens").port().to_string();
    let complaint = refusal(Command::new(env!("CARGO_BIN_EXE_xtask")).args(["serve", "--port", &port]));
    assert_eq!(complaint.trim(), format!("error: port {port} is in use; name another with `--port N`"));
}

#[test]
fn without_a_network_a_first_build_says_what_is_missing() {
    // Nothing was ever downloaded, and nobody listens where cargo is sent.
    let serve = &mut serve();
    serve.env("CARGO_HOME", folder("empty-home")).env("CARGO_NET_RETRY", "0");
    let complaint = refusal(serve.env("CARGO_HTTP_PROXY", "http://127.0.0.1:1"));
    assert!(
        complaint.starts_with("error: the crates cannot be downloaded, and a first build needs a network: ")
    );
}

/// Programs that answer as rustup's do where the target is missing and nothing can be downloaded.
#[cfg(unix)]
#[test]
fn without_a_compiler_for_webassembly_it_says_how_to_get_one() {
    use std::os::unix::fs::PermissionsExt as _;

    if std::path::Path::new("/usr/bin/wasm-ld-19").is_file() {
        return; // Debian's compiler is here, and is used.
    }
    let programs = folder("programs");
    for (program, script) in [
        ("rustc", "#!/bin/sh\n[ $1 = --version ] && echo 'rustc 1.95.0 (0 2026-01-01)' || echo /nowhere\n"),
        ("rustup", "#!/bin/sh\necho 'info: downloading\nerror: could not download file' >&2\nexit 1\n"),
    ] {
        let path = programs.join(program);
        fs::write(&path, script).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it may be run");
    }
    let complaint = refusal(serve().env("PATH", programs));
    assert!(complaint.starts_with("error: no compiler for WebAssembly: "), "{complaint}");
    assert!(complaint.contains("could not download file"), "{complaint}");
    assert!(complaint.contains("`rustup target add wasm32-unknown-unknown`"), "{complaint}");
}
