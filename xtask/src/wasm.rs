//! `cargo xtask wasm`: builds `xtask/wasm`, a client on `fetch`, for wasm32, and runs it under Node.
//!
//! The module contains all crates that a client without default features needs. The compiler is the one of the project if it has
//! the target. Otherwise Debian's compiler builds the standard library for the target from its source.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::Cmd;
use xtask::Workspace;

use crate::tool;

const TARGET: &str = "wasm32-unknown-unknown";

/// A compiler that can build for wasm32.
enum Compiler {
    /// The compiler of the project, which has the target.
    Own,
    /// Debian's, and the linker of the project's compiler, if there is one.
    Debian(Option<PathBuf>),
}

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    tool::NODE.require(workspace)?;
    let compiler = Compiler::find(workspace)?.with_context(|| {
        format!(
            "no compiler for {TARGET} was found, so nothing was checked; install one with `rustup target add {TARGET}`, \
             or on Debian with `apt-get install rustc-web cargo-web rust-web-src`"
        )
    })?;
    let (name, cargo) = match &compiler {
        Compiler::Own => ("rustc", workspace.cargo("build")),
        Compiler::Debian(linker) => ("/usr/bin/rustc", debian(workspace, linker.as_deref())),
    };
    println!("building for {TARGET} with {name}");
    let target = workspace.target().join("wasm");
    cargo
        .args(["--quiet", "--locked", "--release", "--target", TARGET])
        .args(["--manifest-path", "xtask/wasm/Cargo.toml", "--target-dir"])
        .arg(&target)
        .run()?;

    let module = target.join(TARGET).join("release/xtask_wasm.wasm");
    workspace
        .cargo("test --quiet --locked --manifest-path xtask/wasm/Cargo.toml --target-dir")
        .arg(workspace.target())
        .args(["--", "--nocapture"])
        .env("INTERCOM_WASM", module)
        .run()?;
    Ok(())
}

impl Compiler {
    fn find(workspace: &Workspace) -> Result<Option<Self>> {
        let print = |rustc: &str, what: &str| -> Result<PathBuf> {
            let arguments = format!("--print {what} --target {TARGET}");
            Ok(workspace.program(rustc, &arguments).read()?.into())
        };
        if print("rustc", "target-libdir")?.exists() {
            return Ok(Some(Self::Own));
        }
        let has_debian = Path::new("/usr/bin/cargo").exists()
            && Path::new("/usr/lib/rustlib/src/rust/library/Cargo.lock").exists();
        if !has_debian {
            return Ok(None);
        }
        let own = workspace.program("rustc", "--print target-libdir").read()?;
        let linker = Path::new(&own).with_file_name("bin").join("rust-lld");
        Ok(Some(Self::Debian(
            Some(linker).filter(|file| file.exists()),
        )))
    }
}

/// Debian's cargo, which builds the standard library without its backtraces.
fn debian<'w>(workspace: &'w Workspace, linker: Option<&Path>) -> Cmd<'w> {
    let cargo = workspace
        .program(
            "/usr/bin/cargo",
            "build -Zbuild-std=std,panic_abort -Zbuild-std-features=",
        )
        .env("RUSTC", "/usr/bin/rustc")
        // `build-std` is a setting of nightly compilers.
        .env("RUSTC_BOOTSTRAP", "1");
    match linker {
        Some(linker) => cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker),
        None => cargo,
    }
}
