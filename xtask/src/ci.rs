//! `cargo xtask ci`: every check except the tests, in order, up to the first that fails.
//!
//! `cargo test --workspace` runs all the tests, including the doctests and those of the README.

use anyhow::{Result, bail};
use xtask::Workspace;

use crate::work::Work::{self, Cargo, Chore, IfInstalled};
use crate::{
    api, classify, docs, gates, interleavings, minimal_versions, no_std, packages, tidy, tool, tree,
};

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
        fix: "`cargo fmt --all` fixes this",
    },
    Check {
        name: "clippy",
        work: Cargo("clippy --workspace --all-targets --all-features --locked -- -D warnings"),
        fix: "`cargo clippy --workspace --all-targets --all-features` shows the warnings; `--fix` fixes some of them",
    },
    Check {
        name: "clippy without features",
        work: Cargo("clippy -p intercom-errors -p intercom-retry -p intercom-pace --no-default-features --locked -- -D warnings"),
        fix: "`cargo clippy -p intercom-errors -p intercom-retry -p intercom-pace --no-default-features` shows the warnings; `std` is off here",
    },
    Check {
        name: "clippy of the clients without features",
        work: Cargo("clippy -p intercom-protocol -p intercom-blocking -p intercom-async -p intercom-fleet -p intercom-batch --no-default-features --locked -- -D warnings"),
        fix: "`cargo clippy -p intercom-async --no-default-features` and the like show the warnings",
    },
    Check {
        name: "clippy of the command alone",
        work: Cargo("clippy -p intercom-cli --locked -- -D warnings"),
        fix: "`cargo clippy -p intercom-cli` shows the warnings; a feature of a dependency is missing in its manifest",
    },
    Check {
        name: "docs",
        work: Cargo("doc --workspace --no-deps --all-features --document-private-items --locked"),
        fix: "`RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --all-features --document-private-items` shows the warnings",
    },
    Check {
        name: "generated docs",
        work: Chore(docs::check),
        fix: "`cargo xtask docs` generates them",
    },
    Check {
        name: "tidy",
        work: Chore(tidy::run),
        fix: "`cargo xtask tidy` lists the findings, each with its file and line",
    },
    Check {
        name: "tree",
        work: Chore(tree::run),
        fix: "`cargo xtask tree` shows the counts; `cargo tree -e normal,build -p CRATE -i DEPENDENCY` shows where a dependency comes from",
    },
    Check {
        name: "no-std",
        work: Chore(no_std::run),
        fix: "`cargo xtask no-std` shows the error; rustc names the crate that loads std",
    },
    Check {
        name: "gates",
        work: Chore(gates::run),
        fix: "`cargo xtask gates` shows the output of the compiler",
    },
    Check {
        name: "classify",
        work: Chore(classify::check),
        fix: "`cargo xtask classify` shows the differences; `cargo xtask docs` writes the catalog that classify.py reads",
    },
    Check {
        name: "simulations",
        work: Cargo("run --quiet --locked -p xtask-simulate -- quick"),
        fix: "`cargo xtask simulate-quick` shows the figures; the last line is worse than docs/SIMULATION.md claims",
    },
    Check {
        name: "explorations",
        work: Cargo("run --quiet --release --locked -p xtask-explore -- quick"),
        fix: "`cargo xtask explore-quick` shows the shortest steps that break a rule; docs/PROOF.md explains the rules",
    },
    Check {
        name: "interleavings",
        work: Chore(interleavings::run),
        fix: "`cargo xtask interleavings` shows the test; `LOOM_LOG=trace` shows the steps of its threads",
    },
    Check {
        name: "packages",
        work: Chore(packages::run),
        fix: "`cargo xtask packages` lists the files that are missing or not needed",
    },
    Check {
        name: "minimal versions",
        work: IfInstalled(&[tool::NIGHTLY], minimal_versions::run),
        fix: "`cargo xtask minimal-versions` shows the error; raise a version in the root's Cargo.toml",
    },
    Check {
        name: "api",
        work: IfInstalled(&[tool::NIGHTLY, tool::PUBLIC_API], api::run),
        fix: "`cargo xtask api` shows the changes; CHANGELOG.md should have them",
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
