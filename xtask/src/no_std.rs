//! `cargo xtask no-std`: proof that `intercom-errors`, `intercom-retry` and `intercom-pace` build without std.
//!
//! A program with its own panic handler is checked against them: any crate that loads std brings a
//! second one, and rustc refuses with E0152 and names the crate. That needs no bare-metal target.
//! The program is written at run time because an allocator needs `unsafe`, which the workspace forbids.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use xtask::Workspace;

const MAIN: &str = r#"//! Written by `cargo xtask no-std`.
#![no_std]
#![no_main]

use core::alloc::{GlobalAlloc, Layout};

use intercom_errors as _;
use intercom_pace as _;
use intercom_retry as _;

struct Never;

unsafe impl GlobalAlloc for Never {
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        core::ptr::null_mut()
    }
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static NEVER: Never = Never;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
"#;

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let gate = workspace.target().join("no-std-gate");
    write(&gate, workspace.root()).with_context(|| format!("writing {}", gate.display()))?;
    check(workspace, &gate, "")
        .context("intercom-errors, intercom-retry and intercom-pace do not build without std")?;
    println!("intercom-errors, intercom-retry and intercom-pace build without std");

    // A gate that cannot close proves nothing.
    match check(workspace, &gate, "--features std") {
        Err(error) if format!("{error:#}").contains("E0152") => {
            println!("the same program with their `std` feature is refused, as it must be");
            Ok(())
        }
        Err(error) => {
            Err(error.context("with the `std` feature the gate failed for another reason than std"))
        }
        Ok(()) => bail!("the gate let the `std` feature pass, so it proves nothing"),
    }
}

/// Writes the program and its manifest; the lock file is the workspace's, so that nothing is fetched.
fn write(gate: &Path, root: &Path) -> Result<()> {
    fs::create_dir_all(gate.join("src"))?;
    fs::write(gate.join("src/main.rs"), MAIN)?;
    fs::write(gate.join("Cargo.toml"), manifest(root))?;
    fs::copy(root.join("Cargo.lock"), gate.join("Cargo.lock"))?;
    Ok(())
}

fn manifest(root: &Path) -> String {
    let errors = root.join("crates/intercom-errors");
    let pace = root.join("crates/intercom-pace");
    let retry = root.join("crates/intercom-retry");
    format!(
        r#"# Written by `cargo xtask no-std`.
[package]
name = "no-std-gate"
version = "0.0.0"
edition = "2024"
publish = false

[features]
std = ["intercom-errors/std", "intercom-pace/std", "intercom-retry/std"]

[dependencies]
intercom-errors = {{ path = {errors:?}, default-features = false }}
intercom-pace = {{ path = {pace:?}, default-features = false }}
intercom-retry = {{ path = {retry:?}, default-features = false }}

[profile.dev]
panic = "abort"

[workspace]
"#
    )
}

/// Fails with what cargo said.
fn check(workspace: &Workspace, gate: &Path, features: &str) -> Result<()> {
    let output = workspace
        .cargo(&format!("check --quiet {features}"))
        .arg("--manifest-path")
        .arg(gate.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(gate.join("target"))
        .ignore_status()
        .output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
