//! The project's chores: `cargo xtask help` lists them.
//!
//! Each command has a file of its own; this one finds the command and runs it.

mod api;
#[expect(dead_code, reason = "the manual needs only the declared arguments")]
#[path = "../../crates/intercom-cli/src/args/mod.rs"]
mod args;
mod ci;
mod classify;
mod docs;
mod files;
mod front_pages;
mod fuzz;
mod gates;
mod interleavings;
mod lines;
mod man;
mod minimal_versions;
mod msrv;
mod mutants;
mod no_std;
mod outside;
mod packages;
mod soak;
mod tidy;
mod tool;
mod tree;
mod wasm;
mod work;

use std::env;
use std::process::ExitCode;

use xtask::Workspace;

use crate::work::Work::{self, Arguments, Cargo, Chore, Tool};

/// A chore with a name.
struct Command {
    name: &'static str,
    about: &'static str,
    work: Work,
}

#[rustfmt::skip]
const COMMANDS: &[Command] = &[
    Command { name: "ci", about: "runs fmt, clippy, rustdoc and every check below up to `packages`, but no tests; also `minimal-versions` and `api` if their tools are installed", work: Chore(ci::run) },
    Command { name: "docs", about: "generates docs/errors from the table of codes, docs/intercom.1 from the command's arguments, and the crates' READMEs from their front pages", work: Chore(docs::run) },
    Command { name: "tidy", about: "checks what no lint can: words, links, manifests, file sizes, commit subjects", work: Chore(tidy::run) },
    Command { name: "tree", about: "checks that the crates without I/O stay small and depend on no I/O", work: Chore(tree::run) },
    Command { name: "no-std", about: "checks that intercom-errors, intercom-retry and intercom-pace build without std", work: Chore(no_std::run) },
    Command { name: "gates", about: "checks that a program without a feature it needs fails to compile, and says which", work: Chore(gates::run) },
    Command { name: "classify", about: "compares docs/errors/classify.py with the library: the vectors, and 20,000 random responses (needs python3)", work: Chore(classify::run) },
    Command { name: "simulate-quick", about: "runs a few simulations and checks the figures that docs/SIMULATION.md claims; writes nothing", work: Cargo("run --quiet -p xtask-simulate -- quick") },
    Command { name: "explore-quick", about: "searches a million states of the state machines, and finds the seeded bugs, as `ci` does", work: Cargo("run --quiet --release -p xtask-explore -- quick") },
    Command { name: "interleavings", about: "tests the queue that threads and tasks share in every order in which they can meet, with loom", work: Chore(interleavings::run) },
    Command { name: "packages", about: "checks the files of each package", work: Chore(packages::run) },
    Command { name: "packages --verify", about: "also builds each package from its own files, as `cargo publish` does; uploads nothing", work: Chore(packages::verify) },
    Command { name: "minimal-versions", about: "compiles the published libraries with the oldest dependencies that Cargo.toml allows (needs nightly)", work: Chore(minimal_versions::run) },
    Command { name: "api", about: "compares the public APIs with docs/api, and the crates in them with docs/VERSIONS.md (needs nightly and cargo-public-api)", work: Chore(api::run) },
    Command { name: "api --write", about: "writes docs/api", work: Chore(api::write) },
    Command { name: "msrv", about: "checks the workspace with the oldest supported compiler, if it is installed", work: Chore(msrv::run) },
    Command { name: "hack", about: "runs clippy on every combination of features (needs cargo-hack)", work: Tool(tool::HACK, "hack clippy --workspace --feature-powerset --locked -- -D warnings") },
    Command { name: "deny", about: "checks licences, sources and banned crates (needs cargo-deny)", work: Tool(tool::DENY, "deny --locked check bans licenses sources") },
    Command { name: "fuzz", about: "runs the fuzz targets of intercom-errors, FUZZ_SECONDS each (needs nightly and cargo-fuzz)", work: Chore(fuzz::run) },
    Command { name: "mutants", about: "changes the crates without I/O in small ways and runs their tests, for hours; the next run goes on where this one was stopped; `mutants PACKAGE` tests one crate, `--changed` at most 40 mutants of the lines that were changed since the results were recorded, for at most `MUTANTS_SECONDS` (600), `--report` adds up the results (installs cargo-mutants into the target folder if it is missing)", work: Arguments(mutants::run) },
    Command { name: "stacks", about: "tests the examples on other people's libraries, and the loops of intercom-retry on reqwest and minreq (needs a C compiler)", work: Cargo("test --quiet --locked --manifest-path xtask/stacks/Cargo.toml --target-dir target") },
    Command { name: "wasm", about: "builds a client on fetch for wasm32, and runs it under Node against the mock (needs Node, and a compiler for the target)", work: Chore(wasm::run) },
    Command { name: "hostile", about: "tries every transport on hostile networks, over real sockets, for some minutes; `cargo test` tries a tenth", work: Cargo("run --quiet --locked -p xtask-hostile") },
    Command { name: "soak", about: "does the same for SOAK_MINUTES (30), with paced clients besides, and fails if memory, open files, threads or tasks grow; writes a plot (needs Linux)", work: Chore(soak::run) },
    Command { name: "sdk-check", about: "runs Intercom's own SDKs against the mock (needs node and python3)", work: Cargo("run --quiet -p xtask-bench -- sdk-check") },
    Command { name: "goodput fleet", about: "lets 20 processes share a quota through a Redis with faults, for 6 minutes (needs redis-server)", work: Cargo("run --quiet --release -p xtask-bench -- goodput fleet") },
    Command { name: "goodput", about: "measures the quota used and the 429s received by our clients and by others, over real sockets", work: Cargo("run --quiet -p xtask-bench -- goodput") },
    Command { name: "bench", about: "measures instructions (needs valgrind), allocations and times; writes docs/BENCHMARKS.md", work: Cargo("run --quiet -p xtask-bench -- bench") },
    Command { name: "simulate", about: "simulates the pacer and common retry loops in virtual time; writes docs/SIMULATION.md", work: Cargo("run --quiet --release -p xtask-simulate") },
    Command { name: "explore", about: "searches ten million states of the state machines, and finds the seeded bugs: minutes; docs/PROOF.md describes it", work: Cargo("run --quiet --release -p xtask-explore") },
    Command { name: "explore --bugs", about: "finds the seeded bugs, and prints the trace of each", work: Cargo("run --quiet --release -p xtask-explore -- bugs") },
    Command { name: "lines", about: "counts the code lines of each crate", work: Chore(lines::run) },
    Command { name: "lines --twins", about: "counts the lines that the two clients have in common, file by file", work: Chore(lines::run_twins) },
    Command { name: "typos", about: "checks the spelling (needs typos)", work: Tool(tool::TYPOS, "") },
];

fn main() -> ExitCode {
    let name = env::args().skip(1).collect::<Vec<_>>().join(" ");
    if matches!(name.as_str(), "" | "help" | "--help" | "-h") {
        println!("{}", help());
        return ExitCode::SUCCESS;
    }
    let Some(command) = find(&name) else {
        eprintln!("xtask: unknown command `{name}`\n\n{}", help());
        return ExitCode::from(2);
    };
    match Workspace::open().and_then(|workspace| command.work.run(&workspace)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The chore with these words as its name, or with the first word as its name if it takes arguments.
fn find(words: &str) -> Option<&'static Command> {
    let first = words.split(' ').next();
    COMMANDS.iter().find(|command| match command.work {
        Arguments(_) => first == Some(command.name),
        _ => command.name == words,
    })
}

fn help() -> String {
    let lines = COMMANDS
        .iter()
        .map(|command| format!("  {:<17} {}", command.name, command.about));
    let mut text = vec!["usage: cargo xtask <command>".to_owned(), String::new()];
    text.extend(lines);
    text.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_names_every_command_on_a_line_of_its_own() {
        let help = help();
        for command in COMMANDS {
            let line = format!("  {:<17} {}", command.name, command.about);
            assert!(
                help.lines().any(|listed| listed == line),
                "{} is missing",
                command.name
            );
            let same = COMMANDS.iter().filter(|other| other.name == command.name);
            assert_eq!(same.count(), 1, "{}", command.name);
        }
    }
}
