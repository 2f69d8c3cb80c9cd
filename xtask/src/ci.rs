//! `cargo xtask ci`: every check but the tests, in order, up to the first that fails.
//!
//! Tests stand apart because `cargo test --workspace` is the whole of them: it runs the doctests
//! too, the README's among them.

use anyhow::{Result, bail};
use xtask::Workspace;

use crate::work::Work::{self, Cargo, Chore};
use crate::{docs, gates, no_std, tidy, tree};

struct Check {
    name: &'static str,
    work: Work,
    fix: &'static str,
}

#[rustfmt::skip]
const CHECKS: &[Check] = &[
    Check {
        name: "fmt",
        work: Cargo("fmt --all -- --check"),
        fix: "`cargo fmt --all` fixes it",
    },
    Check {
        name: "clippy",
        work: Cargo("clippy --workspace --all-targets --all-features --locked -- -D warnings"),
        fix: "`cargo clippy --workspace --all-targets --all-features` shows it; the same with `--fix` fixes some of it",
    },
    Check {
        name: "clippy without features",
        work: Cargo("clippy -p intercom-errors -p intercom-retry -p intercom-pace --no-default-features --locked -- -D warnings"),
        fix: "`cargo clippy -p intercom-errors -p intercom-retry -p intercom-pace --no-default-features` shows it; `std` is off here",
    },
    Check {
        name: "clippy of the clients without features",
        work: Cargo("clippy -p intercom-protocol -p intercom-blocking -p intercom-async -p intercom-batch --no-default-features --locked -- -D warnings"),
        fix: "`cargo clippy -p intercom-async --no-default-features` and the like show it",
    },
    Check {
        name: "docs",
        work: Cargo("doc --workspace --no-deps --all-features --document-private-items --locked"),
        fix: "`RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --all-features --document-private-items` shows it",
    },
    Check {
        name: "generated docs",
        work: Chore(docs::check),
        fix: "`cargo xtask docs` writes them anew",
    },
    Check {
        name: "tidy",
        work: Chore(tidy::run),
        fix: "`cargo xtask tidy` shows it, each finding with its file and line",
    },
    Check {
        name: "tree",
        work: Chore(tree::run),
        fix: "`cargo xtask tree` shows it; `cargo tree -e normal,build -p CRATE -i DEPENDENCY` says who brought it",
    },
    Check {
        name: "no-std",
        work: Chore(no_std::run),
        fix: "`cargo xtask no-std` shows it; rustc names the crate that loads std",
    },
    Check {
        name: "gates",
        work: Chore(gates::run),
        fix: "`cargo xtask gates` shows it, with what the compiler said",
    },
    Check {
        name: "simulations",
        work: Cargo("run --quiet --locked -p xtask-simulate -- quick"),
        fix: "`cargo xtask simulate-quick` shows it; the last line is the one that is worse than is claimed",
    },
];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let all = CHECKS.len();
    for (before, check) in CHECKS.iter().enumerate() {
        println!("ci {}/{all}: {}", before + 1, check.name);
        if let Err(error) = check.work.run(workspace) {
            bail!("stopped at `{}`: {error:#}\n{}", check.name, check.fix);
        }
    }
    println!("ci: all {all} checks passed (tests: `cargo test --workspace`)");
    Ok(())
}
