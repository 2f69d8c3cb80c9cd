//! The journal: the lines that were started, each written right before it is sent.
//!
//! Each line after the first contains the number and the digest of a line of the input.

use std::path::{Path, PathBuf};

use super::ledger::Ledger;
use super::log::Log;
use crate::error::Error;

const HEADER: &str = "intercom-batch-journal 1\n";

/// The open, locked journal of one batch.
#[derive(Debug)]
pub(crate) struct Journal(Log);

/// Returns `OUT.journal`, beside the results.
pub(crate) fn path_of(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".journal");
    name.into()
}

impl Journal {
    /// Opens and locks the journal, creates it if it is missing, and reads the entries of earlier runs.
    pub(crate) fn open(path: &Path) -> Result<(Self, Ledger), Error> {
        let mut ledger = Ledger::default();
        let log = Log::open(path, HEADER, |entry| {
            parse(entry.line).is_some_and(|(line, digest)| ledger.begun(line, digest))
        })?;
        Ok((Self(log), ledger))
    }

    /// Writes that a line is about to be sent.
    pub(crate) fn begin(&mut self, line: u64, digest: u64) -> Result<(), Error> {
        self.0.append(&format!("{line} {digest:016x}\n"))
    }
}

fn parse(line: &[u8]) -> Option<(u64, u64)> {
    let text = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (line, digest) = text.split_once(' ')?;
    let digest = (digest.len() == 16).then_some(digest)?;
    Some((line.parse().ok()?, u64::from_str_radix(digest, 16).ok()?))
}
