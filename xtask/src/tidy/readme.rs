//! The README must agree with the manifests: the oldest compiler, and the list of crates.

use super::Finding;
use crate::files::{self, TextFile};

const COMPILER: &str = concat!("Rust ", env!("CARGO_PKG_RUST_VERSION"));

/// The line by which a crate runs the README's examples as doctests.
const DOCTEST: &str = "#[doc = include_str!(\"../../../README.md\")]";

pub(super) fn check(files: &[TextFile], crates: &[&str]) -> Vec<Finding> {
    let readme = files::text(files, "README.md").unwrap_or_default();
    let rows = crates
        .iter()
        .map(|name| format!("\n| [`{name}`](crates/{name}) |"));
    let missing = rows
        .chain([COMPILER.to_owned()])
        .filter(|text| !readme.contains(text))
        .map(|text| format!("does not contain `{}`", text.trim()));
    let sources = files.iter().filter(|file| file.path.starts_with("crates/"));
    let untested = sources.filter(|file| file.text.contains(DOCTEST)).count() == 0;
    let untested = untested.then(|| format!("has untested examples: add `{DOCTEST}` to a crate"));
    missing
        .chain(untested)
        .map(|what| Finding::new("README.md", 0, what))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::{file, texts};

    fn found(readme: &str, source: &str) -> Vec<String> {
        let files = [
            file("README.md", readme),
            file("crates/a/src/lib.rs", source),
        ];
        texts(&check(&files, &["a"]))
    }

    #[test]
    fn a_readme_with_compiler_crates_and_doctests_is_accepted() {
        let readme = format!("{COMPILER} or newer.\n\n| [`a`](crates/a) | b |\n");
        assert!(found(&readme, DOCTEST).is_empty());
    }

    #[test]
    fn everything_missing_in_a_readme_is_found() {
        let missing = [
            "does not contain `| [`a`](crates/a) |`".to_owned(),
            format!("does not contain `{COMPILER}`"),
            format!("has untested examples: add `{DOCTEST}` to a crate"),
        ];
        assert_eq!(
            found("# A\n", ""),
            missing.map(|what| format!("README.md: {what}"))
        );
    }
}
