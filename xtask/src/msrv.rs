//! `cargo xtask msrv`: the oldest compiler, declared once and tried when one is here.

use std::env;

use anyhow::{Context, Result, bail};
use xtask::Workspace;

use crate::files;
use crate::tidy::{self, manifest};

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let files = files::all(workspace)?;
    tidy::report(&manifest::rust_version(&files))?;
    let version =
        manifest::declared_rust_version(&files).context("Cargo.toml declares no rust-version")?;
    println!("rust-version {version} is declared once");

    let Some(rustc) = find(workspace, version) else {
        bail!(
            "no rustc {version} is here, so nothing was compiled; install it with \
             `rustup toolchain install {version}`, or name one in MSRV_RUSTC"
        );
    };
    println!("checking with {rustc}");
    // Another compiler in the same folder would make each of the two rebuild everything.
    let target = workspace.target().join("msrv");
    workspace
        .cargo("check --workspace --all-features --locked --target-dir")
        .arg(target)
        .env("RUSTC", &rustc)
        .run()?;
    println!("the workspace compiles with rustc {version}");
    Ok(())
}

/// A compiler of that version: MSRV_RUSTC's, Debian's, or rustup's.
fn find(workspace: &Workspace, version: &str) -> Option<String> {
    let named = env::var("MSRV_RUSTC").ok();
    let debian = [
        "/usr/bin/rustc".to_owned(),
        format!("/usr/bin/rustc-{version}"),
    ];
    let is_that = |rustc: &String| {
        let said = workspace
            .program(rustc, "--version")
            .ignore_stderr()
            .read()
            .unwrap_or_default();
        said.starts_with(&format!("rustc {version}."))
    };
    named
        .into_iter()
        .chain(debian)
        .find(is_that)
        .or_else(|| rustup(workspace, version))
}

fn rustup(workspace: &Workspace, version: &str) -> Option<String> {
    let listed = workspace
        .program("rustup", "toolchain list")
        .ignore_stderr()
        .read()
        .ok()?;
    let toolchain = listed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .find(|name| {
            name.starts_with(&format!("{version}-")) || name.starts_with(&format!("{version}."))
        })?;
    workspace
        .program("rustup", &format!("which rustc --toolchain {toolchain}"))
        .read()
        .ok()
}
