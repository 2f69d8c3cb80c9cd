//! The files of a batch or an export: the journal, the results, and what both contain about earlier runs.

mod comparison;
mod file;
mod journal;
mod ledger;
mod log;
mod results;

use std::path::Path;

pub(crate) use self::comparison::Comparison;
pub(crate) use self::file::{Locked, open};
pub(crate) use self::journal::{Journal, path_of as journal_of};
use self::ledger::Ledger;
pub(crate) use self::ledger::Past;
pub(crate) use self::log::Log;
pub(crate) use self::results::{Results, check};
use crate::Error;

/// The files of a batch, open and locked.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) journal: Journal,
    pub(crate) results: Results,
    pub(crate) ledger: Ledger,
}

impl Files {
    /// Opens or creates the files, and reads what earlier runs wrote.
    pub(crate) fn open(results: &Path, input: Option<&Path>) -> Result<Self, Error> {
        let beside = journal::path_of(results);
        results::check(results, &beside, input)?;
        let (journal, mut ledger) = Journal::open(&beside)?;
        let results = Results::open(results, &mut ledger)?;
        Ok(Self {
            journal,
            results,
            ledger,
        })
    }
}
