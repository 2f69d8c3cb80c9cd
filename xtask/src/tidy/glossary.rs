//! The words that docs/GLOSSARY.md replaces with others: prose does not use them.

use super::Finding;
use super::prose::{self, Token};
use crate::files::{self, TextFile};

const GLOSSARY: &str = "docs/GLOSSARY.md";

/// Where prose is checked: folders, and files at the root.
const COVERED: &[&str] = &[
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "crates/",
    "docs/",
    "xtask/",
];

/// Files that spell the words out.
const OWN: &[&str] = &[GLOSSARY, "xtask/src/tidy/glossary.rs"];

/// How a generated file begins. Its words come from another file, which is checked.
const GENERATED: &str = "<!-- Written by ";

/// Good English that contains one of the words: where (a folder, a file, or anywhere), and the phrase.
const ALLOWED: &[(&str, &str)] = &[
    ("", "is no faster"),
    ("", "is no longer"),
    ("", "there is no"),
    // The type `Answer`.
    ("crates/intercom-pace/", "answer"),
    ("crates/intercom-pace/", "answers"),
    // A member of the scripts' lines.
    ("crates/intercom-cli/src/help/mock.txt", "answer"),
    ("crates/intercom-debug/src/replay/script.rs", "answer"),
    ("crates/intercom-mock/", "answer"),
    // A family name.
    ("crates/intercom-debug/tests/it/names.txt", "mendes"),
    // The name of a file.
    ("xtask/mutants.txt", "answer"),
    // Log lines of others, and of version 0.1.
    ("crates/intercom-cli/src/commands/explain/", "answered"),
    ("crates/intercom-cli/tests/it/logged.rs", "answered"),
];

/// A word or phrase that is not used.
struct Banned {
    tokens: Vec<String>,
    instead: String,
}

pub(super) fn check(files: &[TextFile]) -> Vec<Finding> {
    let Some(glossary) = files::text(files, GLOSSARY) else {
        return vec![Finding::new(GLOSSARY, 0, "is missing")];
    };
    let banned = banned(glossary);
    files
        .iter()
        .filter(|file| is_covered(file))
        .flat_map(|file| findings(file, &banned))
        .collect()
}

fn is_covered(file: &TextFile) -> bool {
    COVERED.iter().any(|start| file.path.starts_with(start))
        && !OWN.contains(&file.path.as_str())
        && !file.text.starts_with(GENERATED)
}

/// The last cells of the glossary's tables, without the words that have a note in brackets.
fn banned(glossary: &str) -> Vec<Banned> {
    let mut banned = Vec::new();
    for line in glossary.lines() {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let ["", instead, .., words, ""] = cells.as_slice() else {
            continue;
        };
        let is_head = *words == "not" || words.starts_with("--");
        let words = words
            .split("; ")
            .filter(|word| !is_head && !word.is_empty() && !word.contains('('));
        banned.extend(words.map(|word| Banned {
            tokens: prose::phrase(word),
            instead: (*instead).to_owned(),
        }));
    }
    banned
}

fn findings(file: &TextFile, banned: &[Banned]) -> Vec<Finding> {
    let allowed = ALLOWED
        .iter()
        .filter(|(place, _)| file.path.starts_with(place));
    let allowed: Vec<_> = allowed.map(|(_, text)| prose::phrase(text)).collect();
    let tokens = prose::tokens(file);
    let mut findings = Vec::new();
    for start in 0..tokens.len() {
        let rest = tokens.split_at(start).1;
        for word in banned.iter().filter(|word| begins_with(rest, &word.tokens)) {
            let end = start + word.tokens.len();
            if !is_allowed(&tokens, start, end, &allowed) {
                findings.push(finding(file, rest.split_at(end - start).0, &word.instead));
            }
        }
    }
    findings
}

fn finding(file: &TextFile, found: &[Token], instead: &str) -> Finding {
    let line = found.first().map_or(0, |token| token.line);
    let found: Vec<_> = found.iter().map(|token| &*token.text).collect();
    let what = format!(
        "`{}`: {GLOSSARY} says `{instead}` (good English goes into ALLOWED in {})",
        found.join(" "),
        file!()
    );
    Finding::new(&file.path, line, what)
}

/// Whether the tokens begin with these words; a single word may be inflected.
fn begins_with(tokens: &[Token], words: &[String]) -> bool {
    match words {
        [] => false,
        [word] => tokens
            .first()
            .is_some_and(|token| is_form_of(&token.text, word)),
        words => {
            tokens.len() >= words.len()
                && tokens
                    .iter()
                    .zip(words)
                    .all(|(token, word)| token.text == *word)
        }
    }
}

fn is_form_of(form: &str, word: &str) -> bool {
    let stem = word.strip_suffix('e').unwrap_or(word);
    let endings = ["e", "ed", "es", "ing", "s", ""];
    form == word
        || form
            .strip_prefix(stem)
            .is_some_and(|ending| !ending.is_empty() && endings.contains(&ending))
}

/// Whether an allowed phrase covers the tokens from `start` to `end`.
fn is_allowed(tokens: &[Token], start: usize, end: usize, allowed: &[Vec<String>]) -> bool {
    allowed.iter().any(|phrase| {
        let first = end.saturating_sub(phrase.len());
        (first..=start)
            .any(|at| at + phrase.len() >= end && begins_with(tokens.split_at(at).1, phrase))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::{file, texts};

    const TABLES: &str = "| word | meaning | not |\n|---|---|---|\n| wait | time | pause |\n| response | status, body | answer; reply (of an error) |\n\n\
        | write | not |\n|---|---|\n| because | , as it |\n| is not a | is no |\n";

    /// The lines and words that are found in a file with this text.
    fn found(path: &str, text: &str) -> Vec<String> {
        let findings = check(&[file(GLOSSARY, TABLES), file(path, text)]);
        let word = |text: &String| {
            text.split_once(": docs/")
                .map(|(start, _)| start.to_owned())
        };
        texts(&findings).iter().filter_map(word).collect()
    }

    #[test]
    fn words_of_the_last_column_are_found_in_every_form() {
        assert_eq!(
            found(
                "docs/a.md",
                "It pauses.\n\nPaused, pausing, a pause; unpaused.\n"
            ),
            [
                "docs/a.md:1: `pauses`",
                "docs/a.md:3: `paused`",
                "docs/a.md:3: `pausing`",
                "docs/a.md:3: `pause`",
            ]
        );
    }

    #[test]
    fn a_phrase_is_found_across_lines_and_not_across_sentences() {
        assert_eq!(
            found(
                "docs/a.md",
                "Wait, as\nit fails. It is\nno error. It is. No error.\n"
            ),
            ["docs/a.md:1: `, as it`", "docs/a.md:2: `is no`"]
        );
    }

    #[test]
    fn code_notes_and_allowed_phrases_are_accepted() {
        let text = "The `answer` is no longer a reply, and there is no error.\n";
        assert!(found("docs/a.md", text).is_empty());
        let words: Vec<_> = banned(TABLES)
            .iter()
            .map(|banned| banned.tokens.join(" "))
            .collect();
        assert_eq!(words, ["pause", "answer", ", as it", "is no"]);
    }

    #[test]
    fn only_covered_files_that_are_not_generated_are_checked() {
        assert!(found("fuzz/a.rs", "//! Pause.\n").is_empty());
        assert!(found("docs/a.md", "<!-- Written by a chore. -->\nPause.\n").is_empty());
        assert_eq!(found("xtask/src/a.rs", "//! Pause.\n").len(), 1);
    }

    #[test]
    fn a_missing_glossary_is_found() {
        assert_eq!(texts(&check(&[])), ["docs/GLOSSARY.md: is missing"]);
    }
}
