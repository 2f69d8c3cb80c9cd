//! Counts instructions with valgrind.

use std::path::Path;

use anyhow::{Context, Result};
use intercom_mock::MockServer;
use xtask::Workspace;

use super::divan::Row;

/// Rounds of a bench in the short and the long run.
const ROUNDS: (u64, u64) = (50, 250);

/// Calls in the short and the long run.
const CALLS: (u64, u64) = (20, 220);

/// Valgrind counts a string instruction once for every byte that it moves, so copies would dominate. These settings make glibc
/// copy and clear with plain instructions, whatever the size.
const PLAIN_COPIES: (&str, &str) = (
    "GLIBC_TUNABLES",
    "glibc.cpu.x86_rep_movsb_threshold=1073741824:glibc.cpu.x86_rep_stosb_threshold=1073741824",
);

/// Valgrind, if it is installed.
pub(super) struct Callgrind<'w> {
    workspace: &'w Workspace,
    pub(super) version: String,
}

impl<'w> Callgrind<'w> {
    pub(super) fn find(workspace: &'w Workspace) -> Option<Self> {
        let version = workspace.program("valgrind", "--version").ignore_stderr();
        let version = version.read().ok()?;
        Some(Self { workspace, version })
    }

    /// The instructions of one round of a bench without preparations.
    pub(super) fn round(&self, program: &str, row: &Row) -> Result<u64> {
        // Cargo adds a hash to the program's name.
        let file = Path::new(program).file_name().unwrap_or_default();
        let file = file.to_string_lossy();
        let bench = file.rsplit_once('-').map_or(&*file, |(bench, _)| bench);
        let name = row.name(bench);
        self.difference(ROUNDS, |rounds| {
            let fixed = ["--bench", "--exact", &name, "--sample-count", "1"];
            let size = ["--sample-size".to_owned(), rounds.to_string()];
            self.instructions(program, fixed.map(str::to_owned).into_iter().chain(size))
        })
    }

    /// The instructions of one call of `who`.
    pub(super) fn call(
        &self,
        program: &str,
        who: &str,
        mock: &MockServer,
        path: &str,
    ) -> Result<u64> {
        self.difference(CALLS, |calls| {
            let (calls, token) = (calls.to_string(), mock.token());
            let arguments = ["drive", who, &calls, mock.base_url(), &token, path];
            self.instructions(program, arguments.map(str::to_owned))
        })
    }

    fn difference(
        &self,
        (short, long): (u64, u64),
        count: impl Fn(u64) -> Result<u64>,
    ) -> Result<u64> {
        Ok(count(long)?.saturating_sub(count(short)?) / (long - short))
    }

    /// All instructions of a run, without those of the kernel.
    fn instructions(
        &self,
        program: &str,
        arguments: impl IntoIterator<Item = String>,
    ) -> Result<u64> {
        let valgrind = "--tool=callgrind --callgrind-out-file=/dev/null";
        let output = self
            .workspace
            .program("valgrind", valgrind)
            .arg(program)
            .args(arguments)
            .env(PLAIN_COPIES.0, PLAIN_COPIES.1)
            .ignore_stdout()
            .read_stderr()?;
        output
            .lines()
            .filter_map(|line| line.split_once("Collected :"))
            .find_map(|(_, count)| count.trim().parse().ok())
            .with_context(|| format!("no count in the output of valgrind: {output}"))
    }
}
