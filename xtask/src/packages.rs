//! `cargo xtask packages`: checks what `cargo publish` would upload. Nothing is uploaded.
//!
//! `tidy` checks the links of the packages' READMEs.

use anyhow::{Result, bail};
use xtask::Workspace;

use crate::files;

/// What each package must contain.
const REQUIRED: &[&str] = &["LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// What cargo adds to each package.
#[rustfmt::skip]
const FROM_CARGO: &[&str] = &[".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml", "Cargo.toml.orig"];

/// The only folders of a package.
const FOLDERS: &[&str] = &["benches/", "examples/", "src/", "tests/", "vectors/"];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let files = files::all(workspace)?;
    let names = files::published(&files);
    let mut wrong = Vec::new();
    for name in &names {
        let list = workspace.cargo("package --list --locked --allow-dirty -p");
        let list = list.arg(name).ignore_stderr().read()?;
        println!("{name:<18} {:>4} files", list.lines().count());
        wrong.extend(findings(&list).map(|what| format!("{name} {what}")));
    }
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n"));
    }
    let package = workspace.cargo("package --locked --allow-dirty --quiet --no-verify --offline");
    let named = names.iter().flat_map(|name| ["-p", name]);
    package.args(named).run()?;
    println!("each crate can be packaged");
    Ok(())
}

/// `cargo xtask packages --verify`: also does all that `cargo publish` does before it uploads. It builds each package from its
/// own files, and asks the registry about each dependency.
pub(crate) fn verify(workspace: &Workspace) -> Result<()> {
    run(workspace)?;
    let publish = "publish --workspace --dry-run --locked --allow-dirty --quiet";
    workspace.cargo(publish).run()?;
    println!("each package builds from its own files");
    Ok(())
}

/// What is missing from a package, and what should not be in it.
fn findings(list: &str) -> impl Iterator<Item = String> {
    let missing = REQUIRED
        .iter()
        .filter(|name| !list.lines().any(|line| line == **name))
        .map(|name| format!("lacks {name}: link it to the one of the root, or write it"));
    let stray = list.lines().filter(|line| {
        let named = REQUIRED.contains(line) || FROM_CARGO.contains(line);
        !named && !FOLDERS.iter().any(|folder| line.starts_with(folder))
    });
    let stray = stray
        .map(|line| format!("contains {line}: delete it, or `exclude` it in the crate's manifest"));
    missing.chain(stray)
}

#[cfg(test)]
mod tests {
    use super::findings;

    #[test]
    fn a_package_with_licences_and_sources_is_accepted() {
        let list = "Cargo.lock\nCargo.toml\nLICENSE-APACHE\nLICENSE-MIT\nREADME.md\nsrc/lib.rs\ntests/it/a.snap\n";
        assert_eq!(findings(list).count(), 0);
    }

    #[test]
    fn missing_and_stray_files_are_found() {
        let found: Vec<_> = findings("LICENSE-MIT\nREADME.md\nfuzz/corpus/1\n").collect();
        assert_eq!(
            found,
            [
                "lacks LICENSE-APACHE: link it to the one of the root, or write it",
                "contains fuzz/corpus/1: delete it, or `exclude` it in the crate's manifest"
            ]
        );
    }
}
