//! Manifests: versions and the oldest compiler stand in the root's `Cargo.toml`, once.

use super::Finding;
use crate::files::TextFile;

pub(super) fn check(files: &[TextFile], crates: &[&str]) -> Vec<Finding> {
    let mut findings = rust_version(files);
    for manifest in members(files) {
        findings.extend(dependencies(manifest, crates));
    }
    findings.extend(changelog(files));
    findings
}

/// The compiler the root's manifest asks for.
pub(crate) fn declared_rust_version(files: &[TextFile]) -> Option<&str> {
    root_value(files, "rust-version")
}

/// `rust-version` stands in the root's manifest and nowhere else, clippy's configuration included.
pub(crate) fn rust_version(files: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if declared_rust_version(files).is_none() {
        findings.push(Finding::new("Cargo.toml", 0, "declares no `rust-version`"));
    }
    for file in members(files).chain(files.iter().filter(|file| file.path == ".clippy.toml")) {
        for (before, line) in file.text.lines().enumerate() {
            if key(line).is_some_and(|key| key == "rust-version" || key == "msrv") {
                let what =
                    "names a compiler of its own; `rust-version.workspace = true` takes the root's";
                findings.push(Finding::new(&file.path, before + 1, what));
            }
        }
    }
    findings
}

/// The manifests of `crates/*` and of xtask.
fn members(files: &[TextFile]) -> impl Iterator<Item = &TextFile> {
    files.iter().filter(|file| {
        let parts: Vec<_> = file.path.split('/').collect();
        matches!(
            parts.as_slice(),
            ["crates" | "xtask", _, "Cargo.toml"] | ["xtask", "Cargo.toml"]
        )
    })
}

/// A member takes every dependency from the workspace, or, when it is one of ours, by a path alone:
/// a version on an internal dev-dependency makes `cargo publish` want a release that is not there.
fn dependencies(manifest: &TextFile, crates: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut listing = false;
    for (before, line) in manifest.text.lines().enumerate() {
        if line.starts_with('[') {
            listing = line.trim_end().ends_with("dependencies]");
        } else if let (true, Some(key)) = (listing, key(line)) {
            let name = key.split('.').next().unwrap_or(key);
            let ours = crates.contains(&name);
            let shared = line.replace(' ', "").contains("workspace=true");
            let by_path = ours && line.contains("path") && !line.contains("version");
            if !shared && !by_path {
                let what =
                    format!("`{name}` must come from the workspace: `{name}.workspace = true`");
                findings.push(Finding::new(&manifest.path, before + 1, what));
            }
        }
    }
    findings
}

/// The changelog has a heading for the version at hand.
fn changelog(files: &[TextFile]) -> Option<Finding> {
    let version = root_value(files, "version")?;
    let changelog = files.iter().find(|file| file.path == "CHANGELOG.md")?;
    let heading = format!("## [{version}]");
    let told = changelog
        .text
        .lines()
        .any(|line| line.starts_with(&heading));
    (!told).then(|| Finding::new(&changelog.path, 0, format!("has no heading `{heading}`")))
}

/// A quoted value of the root's manifest, from the first line with that key.
fn root_value<'a>(files: &'a [TextFile], name: &str) -> Option<&'a str> {
    let root = files.iter().find(|file| file.path == "Cargo.toml")?;
    let line = root.text.lines().find(|line| key(line) == Some(name))?;
    line.split('"').nth(1)
}

/// What stands before the `=` of a line of TOML.
fn key(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    let key = key.trim();
    (!key.starts_with('#')).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::{file, texts};

    const ROOT: &str = "[workspace.package]\nversion = \"0.1.0\"\nrust-version = \"1.85\"\n";

    fn found(member: &str) -> Vec<String> {
        let files = [
            file("Cargo.toml", ROOT),
            file("crates/a/Cargo.toml", member),
        ];
        texts(&check(&files, &["a", "b"]))
    }

    #[test]
    fn dependencies_of_the_workspace_are_fine() {
        let member = "[package]\nversion.workspace = true\n\n[dependencies]\nx.workspace = true\n\
            y = { workspace = true, features = [\"z\"] }\n\n[dev-dependencies]\na = { path = \".\" }\n";
        assert!(found(member).is_empty());
    }

    #[test]
    fn an_internal_dev_dependency_with_a_version_is_found() {
        assert_eq!(
            found("[dev-dependencies]\nb = { path = \"../b\", version = \"0.1\" }\n"),
            ["crates/a/Cargo.toml:2: `b` must come from the workspace: `b.workspace = true`"]
        );
    }

    #[test]
    fn a_dependency_with_its_own_version_is_found() {
        assert_eq!(
            found("[target.'cfg(unix)'.dependencies]\nx = \"1.0\"\n").len(),
            1
        );
    }

    #[test]
    fn a_second_rust_version_is_found() {
        assert_eq!(found("[package]\nrust-version = \"1.85\"\n").len(), 1);
        assert!(found("[package]\nrust-version.workspace = true\n").is_empty());
    }

    #[test]
    fn a_changelog_without_the_version_is_found() {
        let files = [
            file("Cargo.toml", ROOT),
            file("CHANGELOG.md", "## [0.0.9]\n"),
        ];
        assert_eq!(
            texts(&check(&files, &[])),
            ["CHANGELOG.md: has no heading `## [0.1.0]`"]
        );
    }
}
