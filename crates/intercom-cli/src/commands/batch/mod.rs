//! `intercom batch`: does what is in the lines of a file, as fast as the rate limit allows.
//!
//! [`intercom_batch`] sends and records them. This module has the arguments, signals, progress bar and output.

mod dry_run;
mod progress;
mod summary;
mod wording;

use std::error::Error as _;
use std::io;
use std::path::Path;
use std::time::Duration;

use intercom_async::transport::{HyperTransport, TokioTimer};
use intercom_batch::{Batch, Error, ErrorKind, Event, Run, Source, Stopped};
use intercom_fleet::tokio::FleetGate;
use tokio::runtime;
use tokio::time::{MissedTickBehavior, interval};

use self::progress::Progress;
use self::summary::{Summary, numbers};
use self::wording::Wording;
use crate::args::Batch as Args;
use crate::args::lines::BatchOptions;
use crate::client::Settings;
use crate::error::{Exit, Failure};
use crate::output::Output;
use crate::signals::Signals;
use crate::words::count;

/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(250);

/// The lines are requests.
pub(crate) fn requests(
    args: &Args,
    settings: impl FnOnce() -> Result<Settings, Failure>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let source = match args.file.as_str() {
        "-" => Source::from_reader("-", io::stdin()),
        path => Source::open(path)?,
    };
    run(source, &args.options, settings, output)
}

/// Checks everything before it sends anything.
pub(crate) fn run(
    source: Source,
    args: &BatchOptions,
    settings: impl FnOnce() -> Result<Settings, Failure>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let out = match &args.out {
        Some(out) if !args.dry_run => out,
        _ => return dry_run::run(source, output),
    };
    let settings = settings()?;
    let gate = settings.fleet_gate(FleetGate::connect)?;
    let batch = match &gate {
        Some(gate) => {
            let (timer, gate) = (TokioTimer::default(), Box::new(gate.clone()) as _);
            Batch::with(settings.config(), HyperTransport::new(), timer, Some(gate))?
        }
        None => Batch::new(settings.config())?,
    };
    let mut batch = batch
        .concurrency(args.concurrency.into())
        .retry_failed(args.retry_failed)
        .retry_unknown(args.retry_unknown)
        .wording(Wording(output.redactor().clone()));
    if let Some(deadline) = settings.deadline {
        batch = batch.deadline(deadline);
    }
    let mut run = batch.start(source, out)?;
    let mut progress = Progress::new();
    let ended = drive(&mut run, gate.as_ref(), &mut progress, output);
    progress.clear();
    ended?;
    report(out, &run, output)
}

fn drive(
    run: &mut Run,
    gate: Option<&FleetGate>,
    progress: &mut Progress,
    output: &Output,
) -> Result<(), Failure> {
    let impossible = |error: io::Error| Failure::refused(format!("cannot start: {error}"));
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(impossible)?;
    let ended = runtime.block_on(async {
        let mut signals = Signals::new().map_err(impossible)?;
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = signals.next() => stop(run, progress, output)?,
                event = run.next() => match event {
                    Ok(Some(Event::Recorded { rate_limit, .. })) => progress.received(rate_limit),
                    Ok(Some(_)) => progress.show(run),
                    Ok(None) => return Ok(()),
                    Err(error) => return Err(ended_by(error, run)),
                },
                _ = ticks.tick(), if progress.is_shown() => progress.show(run),
            }
        }
    });
    if let Some(gate) = gate {
        runtime.block_on(gate.leave());
    }
    ended
}

fn stop(run: &mut Run, progress: &Progress, output: &Output) -> Result<(), Failure> {
    if run.stopped().is_some() {
        return Err(Failure::refused(format!(
            "stopped at once with {} in flight; run the same command again to continue, and to see which of them may have been applied",
            count(run.under_way() as u64, "request")
        )));
    }
    let sent = run.on_their_way();
    if sent > 0 {
        let sent = count(sent, "request");
        let line = format!("finishing {sent} in flight; press Ctrl-C again to stop at once");
        progress.say(&line, output.redactor());
    }
    run.stop();
    Ok(())
}

/// Reports errors in arguments or files with the options that help. Only reading and writing can also fail later.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let cause = error.source().map(|source| format!(": {source}"));
        let line = format!("{error}{}", cause.unwrap_or_default());
        match error.kind() {
            ErrorKind::Input => {
                Self::usage(line + " (with another --out, every line is sent again)")
            }
            ErrorKind::Io => Self::refused(line),
            ErrorKind::Journal => {
                Self::usage(line + "; check which requests were applied, then use another --out")
            }
            ErrorKind::Locked => {
                Self::usage(line + "; wait until it is done, or use another --out")
            }
            _ => Self::usage(line),
        }
    }
}

/// Adds what the run has sent, because a run that fails late prints no counts.
fn ended_by(error: Error, run: &Run) -> Failure {
    let kind = error.kind();
    let failure = Failure::from(error);
    match (kind, run.tally().sent()) {
        (ErrorKind::Format | ErrorKind::Input, sent) if sent.count() == 0 => {
            failure.and("this run sent nothing")
        }
        (ErrorKind::Format | ErrorKind::Input, sent) => {
            failure.and(&format!("this run sent {}", numbers(sent)))
        }
        _ => failure,
    }
}

fn report(out: &Path, run: &Run, output: &mut Output) -> Result<Exit, Failure> {
    let summary = Summary::of(run);
    if output.is_json() {
        output.document(&summary)?;
    } else {
        output.text(&summary.text(out))?;
    }
    output.flush()?;
    if let Some(why) = run.stopped() {
        let too = if summary.may_succeed_unchanged() {
            "; add --retry-failed to also retry the lines that failed"
        } else {
            ""
        };
        output.note(&format!(
            "stopped: {}; the results so far are in {}; run the same command again to continue with the rest{too}",
            reason(why),
            out.display()
        ));
    }
    for complaint in summary.complaints(out) {
        output.note(&complaint);
    }
    Ok(if summary.is_all_ok() {
        Exit::Done
    } else {
        Exit::Refused
    })
}

const fn reason(why: Stopped) -> &'static str {
    match why {
        Stopped::Blocked => "a firewall or proxy blocked three requests in a row",
        Stopped::ByCaller => "interrupted",
        Stopped::Deadline => "not enough time left before the deadline",
        Stopped::TokenRefused => "the token was refused ten times in a row",
        Stopped::Unreachable => "the API could not be reached ten times in a row",
        _ => "it cannot continue",
    }
}
