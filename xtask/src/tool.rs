//! Tools that are not part of Rust. A chore whose tool is missing installs it, or fails instead of passing without a check.

use std::env;

use anyhow::{Result, ensure};
use xtask::Workspace;

/// An external program.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) program: &'static str,
    /// Arguments with which the program succeeds if the tool is installed.
    pub(crate) probe: &'static str,
    pub(crate) install: &'static str,
}

pub(crate) const DENY: Tool = Tool {
    name: "cargo-deny",
    program: "cargo",
    probe: "deny --version",
    install: "cargo install --locked cargo-deny",
};

pub(crate) const FUZZ: Tool = Tool {
    name: "cargo-fuzz",
    program: "cargo",
    probe: "fuzz --version",
    install: "cargo install --locked cargo-fuzz",
};

pub(crate) const HACK: Tool = Tool {
    name: "cargo-hack",
    program: "cargo",
    probe: "hack --version",
    install: "cargo install --locked cargo-hack",
};

/// The record of its results depends on which mutants it makes.
pub(crate) const MUTANTS: Tool = Tool {
    name: "cargo-mutants",
    program: "cargo",
    probe: "mutants --version",
    install: "cargo install --locked cargo-mutants@27.1.0",
};

pub(crate) const NIGHTLY: Tool = Tool {
    name: "the nightly compiler",
    program: "rustup",
    probe: "run nightly rustc --version",
    install: "rustup toolchain install nightly",
};

pub(crate) const NODE: Tool = Tool {
    name: "Node (18 or later)",
    program: "node",
    probe: "-e process.exit(+(parseInt(process.versions.node)<18))",
    install: "apt install nodejs",
};

/// The version fits the nightly compiler of its time. Another one may print an API differently.
pub(crate) const PUBLIC_API: Tool = Tool {
    name: "cargo-public-api",
    program: "cargo",
    probe: "public-api --version",
    install: "cargo install --locked cargo-public-api@0.52.0",
};

pub(crate) const PYTHON: Tool = Tool {
    name: "python3 (3.9 or later)",
    program: "python3",
    probe: "-c __import__('sys').exit(__import__('sys').version_info<(3,9))",
    install: "apt install python3",
};

pub(crate) const TYPOS: Tool = Tool {
    name: "typos",
    program: "typos",
    probe: "--version",
    install: "pip install typos` or `cargo install --locked typos-cli",
};

impl Tool {
    /// Whether the tool is installed. Asking does not install it.
    pub(crate) fn is_installed(&self, workspace: &Workspace) -> bool {
        let probe = workspace.program(self.program, self.probe);
        let probe = probe.env("RUSTUP_AUTO_INSTALL", "0");
        probe.ignore_stdout().ignore_stderr().run().is_ok()
    }

    /// Installs the tool into the target folder if it is missing. Its installation is one of `cargo install`.
    pub(crate) fn provide(&self, workspace: &Workspace) -> Result<()> {
        let root = workspace.target().join("tools");
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::split_paths(&path).chain([root.join("bin")]);
        workspace.shell().set_var("PATH", env::join_paths(path)?);
        if self.is_installed(workspace) {
            return Ok(());
        }
        println!("installing {}", self.name);
        let (program, arguments) = self.install.split_once(' ').unwrap_or((self.install, ""));
        let install = workspace.program(program, arguments);
        install.arg("--root").arg(root).run()?;
        Ok(())
    }

    /// Fails with instructions to install the tool if it is missing.
    pub(crate) fn require(&self, workspace: &Workspace) -> Result<()> {
        ensure!(
            self.is_installed(workspace),
            "{} is missing, so nothing was checked; install it with `{}`",
            self.name,
            self.install
        );
        Ok(())
    }
}
