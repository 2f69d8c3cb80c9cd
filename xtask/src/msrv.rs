//! `cargo xtask msrv`: the oldest compiler, tried where there is one.

use std::env;

use anyhow::{Result, bail};
use xtask::Workspace;

const VERSION: &str = env!("CARGO_PKG_RUST_VERSION");

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let Some(rustc) = find(workspace) else {
        bail!(
            "rustc {VERSION} is missing, so nothing was compiled; install it with \
             `rustup toolchain install {VERSION}`, or name one in MSRV_RUSTC"
        );
    };
    println!("checking with {rustc}");
    // Another compiler in the same folder would make each of the two rebuild everything.
    // `intercom-wire` is for our own tests, and its certificates are made with a crate that asks for more.
    workspace
        .cargo("check --workspace --exclude intercom-wire --all-features --locked --target-dir")
        .arg(workspace.target().join("msrv"))
        .env("RUSTC", &rustc)
        .run()?;
    println!("the workspace compiles with rustc {VERSION}");
    Ok(())
}

/// A compiler of that version: MSRV_RUSTC's, Debian's, or rustup's.
fn find(workspace: &Workspace) -> Option<String> {
    let read = |program: &str, arguments: &str| {
        let command = workspace.program(program, arguments);
        command.ignore_stderr().read().ok()
    };
    let rustup = || read("rustup", &format!("which rustc --toolchain {VERSION}"));
    let debian = ["/usr/bin/rustc", &format!("/usr/bin/rustc-{VERSION}")].map(str::to_owned);
    let is_that = |rustc: &String| {
        let version = read(rustc, "--version").unwrap_or_default();
        version.starts_with(&format!("rustc {VERSION}."))
    };
    let named = env::var("MSRV_RUSTC").ok().into_iter().chain(debian);
    named
        .chain(std::iter::once_with(rustup).flatten())
        .find(is_that)
}
