//! `cargo xtask tree`: checks that the crates without I/O stay small and depend on no I/O.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use xtask::Workspace;

/// The most dependencies that a package may have.
struct Budget {
    package: &'static str,
    features: &'static str,
    most: usize,
}

#[rustfmt::skip]
const BUDGETS: &[Budget] = &[
    Budget { package: "intercom-errors", features: "--no-default-features", most: 6 },
    Budget { package: "intercom-retry", features: "--no-default-features", most: 7 },
    Budget { package: "intercom-pace", features: "--no-default-features", most: 9 },
    Budget { package: "intercom-blocking", features: "", most: 50 },
    Budget { package: "intercom-fleet", features: "--features blocking", most: 76 },
];

/// Crates that must not depend on sockets, TLS, runtimes or random numbers, with these features.
#[rustfmt::skip]
const PURE: &[(&str, &str)] = &[
    ("intercom-errors", "--all-features"),
    ("intercom-retry", "--all-features"),
    ("intercom-pace", "--all-features"),
    ("intercom-protocol", "--all-features"),
    ("intercom-async", "--no-default-features --features http-body"),
    ("intercom-async", "--no-default-features --features http-body --target wasm32-unknown-unknown"),
];

#[rustfmt::skip]
const IMPURE: &[&str] = &[
    "fastrand", "getrandom", "hyper", "mio", "rand", "reqwest", "ring", "rustls", "socket2", "tokio", "ureq",
];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    for Budget {
        package,
        features,
        most,
    } in BUDGETS
    {
        let count = crates(workspace, package, features)?.len();
        println!(
            "{:<62} {count:>3} crates, at most {most}",
            format!("{package} {features}")
        );
        ensure!(
            count <= *most,
            "{package} {features} has {count} dependencies; its budget is {most}"
        );
    }
    for (package, features) in PURE {
        let crates = crates(workspace, package, features)?;
        let impure = impure(&crates);
        ensure!(
            impure.is_empty(),
            "{package} {features} must stay free of I/O, but depends on {}",
            impure.join(", ")
        );
        println!(
            "{:<62} {:>3} crates, none of them I/O",
            format!("{package} {features}"),
            crates.len()
        );
    }
    Ok(())
}

fn impure(crates: &BTreeSet<String>) -> Vec<&str> {
    let names = crates.iter().filter_map(|line| line.split(' ').next());
    names.filter(|name| IMPURE.contains(name)).collect()
}

/// Names and versions of the dependencies of a package.
fn crates(workspace: &Workspace, package: &str, features: &str) -> Result<BTreeSet<String>> {
    let arguments = format!("tree --locked -e normal,build --prefix none -p {package} {features}");
    let mut crates = distinct(&workspace.cargo(&arguments).read()?);
    crates.retain(|name| !name.starts_with(&format!("{package} ")));
    Ok(crates)
}

/// The `name version` of each line, without a path, `(*)` or `(proc-macro)` after it.
fn distinct(tree: &str) -> BTreeSet<String> {
    let name_and_version = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    tree.lines()
        .filter(|line| !line.is_empty())
        .map(name_and_version)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_crate_counts_once_and_two_versions_count_twice() {
        let tree = "a v0.1.0 (/a)\nserde v1.0.2\nserde v1.0.2 (*)\nitoa v1.0.0\nitoa v2.0.0\nd v1.0.0 (proc-macro)\n";
        assert_eq!(
            distinct(tree).into_iter().collect::<Vec<_>>(),
            [
                "a v0.1.0",
                "d v1.0.0",
                "itoa v1.0.0",
                "itoa v2.0.0",
                "serde v1.0.2"
            ]
        );
    }

    #[test]
    fn only_the_whole_name_makes_a_crate_impure() {
        let tree = distinct("hyper-like v1.0.0\nrand_core v1.0.0\nrustls v0.23.0\n");
        assert_eq!(impure(&tree), ["rustls"]);
    }
}
