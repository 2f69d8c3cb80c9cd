//! `cargo xtask msrv`: compiles the workspace with the oldest supported compiler, if it is installed.

use std::env;

use anyhow::{Result, bail};
use xtask::Workspace;

const VERSION: &str = env!("CARGO_PKG_RUST_VERSION");

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let Some(rustc) = find(workspace) else {
        bail!(
            "rustc {VERSION} is missing, so nothing was compiled; install it with \
             `rustup toolchain install {VERSION}`, or set MSRV_RUSTC to its path"
        );
    };
    println!("checking with {rustc}");
    // In a shared folder, each of the two compilers would rebuild everything.
    // `intercom-wire` serves our own tests only; the crate that makes its certificates needs a newer compiler.
    workspace
        .cargo("check --workspace --exclude intercom-wire --all-features --locked --target-dir")
        .arg(workspace.target().join("msrv"))
        .env("RUSTC", &rustc)
        .run()?;
    println!("the workspace compiles with rustc {VERSION}");
    Ok(())
}

/// A compiler of that version: from MSRV_RUSTC, from Debian, or from rustup.
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
