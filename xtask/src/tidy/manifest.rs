//! Manifests: only the root's `Cargo.toml` has versions and the oldest compiler.

use super::Finding;
use crate::files::{self, TextFile};

pub(super) fn check(files: &[TextFile], crates: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::from_iter(changelog(files));
    for manifest in members(files) {
        findings.extend(rust_version(manifest));
        findings.extend(dependencies(manifest, crates));
    }
    let clippy = files.iter().filter(|file| file.path == ".clippy.toml");
    findings.extend(clippy.flat_map(rust_version));
    findings
}

/// Only the root's manifest may name a compiler; clippy's configuration may not.
fn rust_version(file: &TextFile) -> Vec<Finding> {
    let named = (1..)
        .zip(file.text.lines())
        .filter(|(_, line)| key(line).is_some_and(|key| key == "rust-version" || key == "msrv"));
    let what = "names its own compiler; use `rust-version.workspace = true`";
    named
        .map(|(line, _)| Finding::new(&file.path, line, what))
        .collect()
}

/// The manifests of the members. A folder of `xtask` can also be a workspace of its own, with its own versions.
fn members(files: &[TextFile]) -> impl Iterator<Item = &TextFile> {
    let own = |file: &&TextFile| !file.text.contains("\n[workspace]\n");
    files.iter().filter(own).filter(|file| {
        let parts: Vec<_> = file.path.split('/').collect();
        matches!(
            parts.as_slice(),
            ["crates" | "xtask", _, "Cargo.toml"] | ["xtask", "Cargo.toml"]
        )
    })
}

/// A member takes every dependency from the workspace. One of our own crates may also be named by a path alone, because with
/// the version of an internal dev-dependency, `cargo publish` requires a release that does not exist yet.
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

/// The heading of the changelog for the current version; a pre-release does not have its own.
const HEADING: &str = if env!("CARGO_PKG_VERSION_PRE").is_empty() {
    concat!("## [", env!("CARGO_PKG_VERSION"), "]")
} else {
    "## [Unreleased]"
};

/// The changelog must have a heading for the current version.
fn changelog(files: &[TextFile]) -> Option<Finding> {
    let changelog = files::text(files, "CHANGELOG.md")?;
    let found = changelog.lines().any(|line| line.starts_with(HEADING));
    (!found).then(|| Finding::new("CHANGELOG.md", 0, format!("has no heading `{HEADING}`")))
}

/// The key of a line of TOML.
fn key(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    let key = key.trim();
    (!key.starts_with('#')).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::{file, texts};

    fn found(member: &str) -> Vec<String> {
        texts(&check(&[file("crates/a/Cargo.toml", member)], &["a", "b"]))
    }

    #[test]
    fn dependencies_of_the_workspace_are_accepted() {
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
    fn a_workspace_of_its_own_has_its_own_versions() {
        assert!(found("[package]\n\n[workspace]\n\n[dependencies]\nx = \"1.0\"\n").is_empty());
    }

    #[test]
    fn a_second_rust_version_is_found() {
        assert_eq!(found("[package]\nrust-version = \"1.85\"\n").len(), 1);
        assert!(found("[package]\nrust-version.workspace = true\n").is_empty());
    }

    #[test]
    fn a_changelog_without_the_version_is_found() {
        assert_eq!(
            texts(&check(&[file("CHANGELOG.md", "## [0.0.0]\n")], &[])),
            [format!("CHANGELOG.md: has no heading `{HEADING}`")]
        );
    }
}
