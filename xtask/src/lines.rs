//! `cargo xtask lines`: counts the code lines of each crate.
//!
//! A code line is a line in a member's `src` that is not blank, not a comment, not documentation, and not part of an item
//! under `#[cfg(test)]`, such as a file `tests.rs`. `--twins` counts the lines that the two clients have in common.

use anyhow::Result;
use xtask::Workspace;

use crate::files::{self, TextFile};

/// Groups of members with a sum each, by folder. Members without a group are listed at the end.
#[rustfmt::skip]
const GROUPS: &[(&str, &[&str])] = &[
    ("library", &[
        "crates/intercom-errors", "crates/intercom-retry", "crates/intercom-pace", "crates/intercom-protocol",
        "crates/intercom-blocking", "crates/intercom-async",
    ]),
    ("command, mock and chores", &[
        "crates/intercom-cli", "crates/intercom-mock", "crates/intercom-wire", "xtask", "xtask/bench", "xtask/explore",
        "xtask/hostile", "xtask/simulate",
    ]),
];

const COMMAND: &str = "crates/intercom-cli/src/";

/// Parts of the command that only `explain` needs.
const EXPLAIN: &[&str] = &["commands/explain/", "explanation.rs", "render/"];

const CLIENTS: [&str; 2] = [
    "crates/intercom-blocking/src/",
    "crates/intercom-async/src/",
];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let files = files::all(workspace)?;
    let count = |part: &str| {
        let files = files.iter().filter(|file| file.path.starts_with(part));
        files
            .filter(|file| file.path.ends_with(".rs") && !file.path.ends_with("/tests.rs"))
            .map(|file| code_lines(&file.text))
            .sum::<usize>()
    };
    let members = members(&files);
    for (group, listed) in GROUPS {
        let mut sum = 0;
        for member in members.iter().filter(|member| listed.contains(member)) {
            let lines = count(&format!("{member}/src/"));
            print_row(member, lines);
            sum += lines;
        }
        print_row(&format!("= {group}"), sum);
        println!();
    }
    let listed = |member: &&str| GROUPS.iter().any(|(_, listed)| listed.contains(member));
    for member in members.into_iter().filter(|member| !listed(member)) {
        print_row(member, count(&format!("{member}/src/")));
    }
    let explain: usize = EXPLAIN
        .iter()
        .map(|part| count(&format!("{COMMAND}{part}")))
        .sum();
    print_row(&format!("explain ({})", EXPLAIN.join(", ")), explain);
    print_row("command without explain", count(COMMAND) - explain);
    print_row(
        "twin lines of the two clients",
        twins(&files).map(|(_, lines)| lines).sum(),
    );
    Ok(())
}

/// `cargo xtask lines --twins`: counts, for each file that both clients have, the non-blank lines that are the same.
pub(crate) fn run_twins(workspace: &Workspace) -> Result<()> {
    let files = files::all(workspace)?;
    for (name, lines) in twins(&files) {
        print_row(name, lines);
    }
    print_row("= twin lines", twins(&files).map(|(_, lines)| lines).sum());
    Ok(())
}

fn print_row(name: &str, lines: usize) {
    println!("{name:<56} {lines:>6}");
}

/// The folders of the members, in order.
fn members(files: &[TextFile]) -> Vec<&str> {
    let roots = ["/src/lib.rs", "/src/main.rs"];
    let mut members: Vec<_> = files
        .iter()
        .filter_map(|file| roots.iter().find_map(|root| file.path.strip_suffix(root)))
        .collect();
    members.dedup();
    members
}

fn code_lines(text: &str) -> usize {
    let (mut lines, mut count) = (text.lines(), 0);
    while let Some(line) = lines.next() {
        let code = line.trim_start();
        if code.starts_with("#[cfg(test)]") {
            let indent = line.len() - code.len();
            // The item ends with the first line of the same indentation that ends with `;`, `,` or `}`.
            lines.find(|line| {
                let item = line.trim_start();
                line.len() - item.len() == indent && item.ends_with([';', ',', '}'])
            });
        } else if !code.is_empty() && !code.starts_with("//") {
            count += 1;
        }
    }
    count
}

/// The files that both clients have, each with the number of lines that also occur in its twin.
fn twins(files: &[TextFile]) -> impl Iterator<Item = (&str, usize)> {
    let [blocking, r#async] = CLIENTS;
    files.iter().filter_map(move |file| {
        let name = file.path.strip_prefix(blocking)?;
        let twin = files
            .iter()
            .find(|twin| twin.path.strip_prefix(r#async) == Some(name))?;
        Some((name, matching(&trimmed(&file.text), &trimmed(&twin.text))))
    })
}

fn trimmed(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty()).collect()
}

/// The number of lines in matching blocks: the longest common run, and the matching blocks before and after it.
fn matching(one: &[&str], other: &[&str]) -> usize {
    let (mut longest, mut end, mut other_end) = (0, 0, 0);
    // The length of the common run that ends with the current line of `one` and with each line of `other`.
    let mut runs = vec![0; other.len()];
    for (number, line) in (1..).zip(one) {
        let mut before = 0;
        for ((other_number, other_line), run) in (1..).zip(other).zip(&mut runs) {
            let length = if line == other_line { before + 1 } else { 0 };
            before = std::mem::replace(run, length);
            if length > longest {
                (longest, end, other_end) = (length, number, other_number);
            }
        }
    }
    if longest == 0 {
        return 0;
    }
    let ((head, tail), (other_head, other_tail)) = (one.split_at(end), other.split_at(other_end));
    let head = head.split_at(end - longest).0;
    let other_head = other_head.split_at(other_end - longest).0;
    longest + matching(head, other_head) + matching(tail, other_tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_comments_docs_and_test_items_are_not_code() {
        let text = "//! Docs.\n\nuse a;\n\n#[cfg(test)]\nuse b::{\n    c,\n};\n\n/// Docs.\nfn d() {\n    e(); // f\n    // g\n}\n\n\
            #[cfg(test)]\nmod tests {\n    #[test]\n    fn h() {\n    }\n}\nfn i() {}\n";
        assert_eq!(code_lines(text), 5);
    }

    #[test]
    fn blocks_match_in_order() {
        assert_eq!(
            matching(&["a", "b", "c", "d"], &["a", "x", "c", "d", "b"]),
            3
        );
        assert_eq!(matching(&["a", "b"], &["c"]), 0);
    }

    #[test]
    fn members_are_folders_with_a_root_file() {
        let files = [
            "a/src/lib.rs",
            "a/src/main.rs",
            "b/fuzz/body.rs",
            "c/src/main.rs",
        ];
        let files = files.map(|path| crate::tidy::file(path, ""));
        assert_eq!(members(&files), ["a", "c"]);
    }
}
