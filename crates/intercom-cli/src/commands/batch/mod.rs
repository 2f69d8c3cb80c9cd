//! `intercom batch`: the requests of a file, a line each, at the pace the rate limit allows.
//!
//! ```text
//! input (a thread) ──▶ request ──▶ sender ──journal──▶ the API ──▶ record ──▶ results
//!                      ledger: what earlier runs left
//! ```
//!
//! A line is noted in the journal right before it is first sent, and recorded in the results once its answer is there.
//! What is noted and not recorded may have been carried out: so a run that is killed at any moment can be gone on with.

#[path = "../../../../intercom-batch/src/files/compare.rs"]
mod compare;
#[path = "../../../../intercom-batch/src/files/file.rs"]
mod file;
#[path = "../../../../intercom-batch/src/source/lines.rs"]
mod input;
#[path = "../../../../intercom-batch/src/files/journal.rs"]
mod journal;
#[path = "../../../../intercom-batch/src/files/ledger.rs"]
mod ledger;
mod progress;
#[path = "../../../../intercom-batch/src/record.rs"]
mod record;
#[path = "../../../../intercom-batch/src/source/request.rs"]
mod request;
#[path = "../../../../intercom-batch/src/files/results.rs"]
mod results;
#[path = "../../../../intercom-batch/src/run.rs"]
mod run;
#[path = "../../../../intercom-batch/src/sender.rs"]
mod sender;
mod signals;
#[path = "../../../../intercom-batch/src/tally.rs"]
mod tally;
mod terminal;

use std::fs::File;
use std::io;

use tokio::runtime;

use self::compare::compare;
use self::journal::Journal;
use self::ledger::Ledger;
use self::progress::Progress;
use self::results::Results;
use self::run::Run;
use self::sender::Sender;
use self::signals::Signals;
use self::tally::Tally;
use crate::args::Batch;
use crate::client::Settings;
use crate::error::{Exit, Failure};
use crate::output::Output;

/// The files of a batch, open.
#[derive(Debug)]
struct Files {
    journal: Journal,
    ledger: Ledger,
    results: Results,
}

impl Files {
    fn open(args: &Batch) -> Result<Self, Failure> {
        let beside = journal::path_of(&args.out);
        results::check(&args.out, &beside, &args.file)?;
        let (journal, mut ledger) = Journal::open(&beside)?;
        let results = Results::open(&args.out, &mut ledger)?;
        Ok(Self {
            journal,
            ledger,
            results,
        })
    }
}

/// Everything is checked before anything is sent.
pub(crate) fn run(args: &Batch, settings: &Settings, output: &mut Output) -> Result<Exit, Failure> {
    let unreadable =
        |error: io::Error| Failure::usage(format!("{} cannot be read: {error}", args.file));
    let file = match args.file.as_str() {
        "-" => None,
        path => Some(File::open(path).map_err(unreadable)?),
    };
    let length = file
        .as_ref()
        .and_then(|file| file.metadata().ok())
        .filter(std::fs::Metadata::is_file)
        .map(|found| found.len());
    let sender = Sender::new(settings)?;
    let files = Files::open(args)?;
    // What comes through a pipe is compared line by line as it comes.
    if let (Some(file), Some(_)) = (&file, length) {
        compare(file, &args.file, &files.ledger)?;
    }
    let impossible = |error: io::Error| Failure::refused(format!("cannot begin: {error}"));
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(impossible)?;
    let lines = match file {
        None => input::spawn(io::stdin()),
        Some(file) => input::spawn(file),
    }
    .map_err(impossible)?;
    let mut run = Run::new(
        args,
        sender,
        files,
        Progress::new(length),
        output.redactor(),
    );
    let ended = runtime.block_on(async {
        let signals = Signals::new().map_err(impossible)?;
        run.drive(lines, signals).await
    });
    run.clear();
    ended?;
    let (tally, why) = run.end()?;
    report(args, &tally, why, output)
}

fn report(
    args: &Batch,
    tally: &Tally,
    why: Option<&str>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    if output.is_json() {
        output.document(tally)?;
    } else {
        output.text(&format!("{}\n", tally.text()))?;
    }
    output.flush()?;
    let out = args.out.display();
    if let Some(why) = why {
        let too = if tally.may_succeed_unchanged() {
            ", and with --retry-failed sends what failed again too"
        } else {
            ""
        };
        output.note(&format!(
            "stopped: {why}; the answers so far are in {out}, and the same command continues with the rest{too}"
        ));
    }
    for complaint in tally.complaints(&args.out) {
        output.note(&complaint);
    }
    Ok(if tally.is_all_ok() {
        Exit::Done
    } else {
        Exit::Refused
    })
}
