//! `cargo xtask no-std`: checks that `intercom-errors`, `intercom-retry` and `intercom-pace` build without std.
//!
//! The check compiles a program that depends on them and has its own panic handler. A crate that loads std adds a second
//! handler, and rustc fails with E0152 and names the crate. This works without a bare-metal target. The program is written
//! at run time because its allocator needs `unsafe`, which the workspace forbids.

use anyhow::{Context, Result, bail};
use xtask::Workspace;

use crate::outside::Outside;

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

const MANIFEST: &str = r#"[features]
std = ["intercom-errors/std", "intercom-pace/std", "intercom-retry/std"]

[dependencies]
intercom-errors = { path = "CRATES/intercom-errors", default-features = false }
intercom-pace = { path = "CRATES/intercom-pace", default-features = false }
intercom-retry = { path = "CRATES/intercom-retry", default-features = false }

[profile.dev]
panic = "abort"
"#;

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let gate = Outside::write(workspace, "no-std-gate", "main.rs", MAIN, MANIFEST)?;
    gate.check("")
        .context("intercom-errors, intercom-retry and intercom-pace do not build without std")?;
    println!("intercom-errors, intercom-retry and intercom-pace build without std");

    // The check proves nothing unless it can fail.
    match gate.check("--features std") {
        Err(error) if format!("{error:#}").contains("E0152") => {
            println!("the same program with their `std` feature fails to build, as it must");
            Ok(())
        }
        Err(error) => Err(error
            .context("with the `std` feature the program failed to build, but not because of std")),
        Ok(()) => bail!("the program builds with the `std` feature, so this check proves nothing"),
    }
}
