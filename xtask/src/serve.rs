//! `cargo xtask serve`: builds, serves, and with `--watch` builds again.

use anyhow::{Context, Result};

use crate::{
    build::{self, Isolation, Profile},
    say, server,
    watch::Watcher,
};

/// What `serve` was asked for.
#[derive(Debug, Clone)]
pub struct Serve {
    /// Where to listen.
    pub port: u16,
    /// How the site is built.
    pub profile: Profile,
    /// Build again when a source changes.
    pub watch: bool,
    /// Send COOP and COEP.
    pub isolation: bool,
}

impl Default for Serve {
    fn default() -> Self {
        Self { port: 8080, profile: Profile::Release, watch: false, isolation: true }
    }
}

/// Serves until somebody presses Ctrl-C.
///
/// # Errors
/// When the port is taken or the site cannot be built.
pub fn serve(options: &Serve) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.context("the server cannot be started")?;
    // The port comes first: nobody waits for a build to hear that it is taken.
    let listener = runtime.block_on(server::listen(options.port))?;
    // And what changes while the first build goes on is built again after it.
    let mut watcher = options.watch.then(Watcher::of_the_site);
    let folder = build::build(options.profile)?;
    let isolation = if options.isolation { Isolation::On } else { Isolation::Off };
    let address = listener.local_addr()?;
    let server = runtime.spawn(server::serve(listener, server::site(&folder, "/", isolation)));
    say::progress("Serving", &format!("http://localhost:{} (Ctrl-C ends it)", address.port()));
    while let Some(watcher) = &mut watcher {
        watcher.wait();
        if let Err(error) = build::build(options.profile) {
            say::complaint(&format!("{error:#}; the last good build is served on"));
        }
    }
    runtime.block_on(server).context("the server failed")?
}
