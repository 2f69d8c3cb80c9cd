//! `intercom export messages`: writes the table that Intercom makes of a period.

use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use intercom_async::Client;
use intercom_batch::{
    MessageExport, MessageExportError, MessagePeriod, MessagePhase, MessageProgress,
};
use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval};

use crate::args::export::Messages;
use crate::client::{AsyncDriver, Settings};
use crate::clock::{Stopwatch, wall};
use crate::error::{Exit, Failure, describe};
use crate::explanation::millis;
use crate::output::Output;
use crate::progress::{Bar, clock};
use crate::signals::Signals;

/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(250);

/// What the command does while another job is active.
const WAITING: &str = "waiting for another export of the workspace";

/// From the beginning of a day to its last second.
const DAY: Duration = Duration::from_secs(24 * 3600 - 1);

/// The document.
#[derive(Serialize)]
struct Report {
    phase: &'static str,
    bytes: u64,
    complete: bool,
    elapsed_ms: u64,
}

pub(crate) fn run(
    args: &Messages,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let period = period(args)?;
    let bar = Bar::new();
    let driver = AsyncDriver::connect(&Settings {
        // The bar shows that the export waits.
        announce_waits: !bar.is_shown(),
        ..settings.clone()
    })?;
    let began = Stopwatch::start();
    let mut export = MessageExport::start(driver.client(), period, &args.out)?;
    if let Some(deadline) = settings.deadline {
        export = export.deadline(deadline);
    }
    let progress = export.progress();
    let ended = driver.block_on(drive(export, &progress, &bar, &began, output));
    bar.clear();
    let ended = ended?;
    let report = Report {
        phase: progress.phase().as_str(),
        bytes: progress.bytes(),
        complete: progress.phase() == MessagePhase::Complete,
        elapsed_ms: millis(began.elapsed()),
    };
    if output.is_json() {
        output.document(&report)?;
    } else if report.complete {
        output.text(&report.text(&args.out))?;
    }
    output.flush()?;
    Ok(output.after_document(finish(ended, output)))
}

fn period(args: &Messages) -> Result<MessagePeriod, Failure> {
    let Some(until) = args.until else {
        let now = wall().ok_or_else(|| {
            Failure::usage("the system clock cannot be read; give the last day with --until")
        })?;
        return Ok(MessagePeriod::until_now(args.since, now));
    };
    if until < args.since {
        return Err(Failure::usage("--until is before --since"));
    }
    let end = until.checked_add(DAY).unwrap_or(until);
    Ok(MessagePeriod::between(args.since, end))
}

/// Runs the export. Returns `None` if a signal ended it.
async fn drive(
    export: MessageExport<'_, Client>,
    progress: &MessageProgress,
    bar: &Bar,
    began: &Stopwatch,
    output: &Output,
) -> Result<Option<Result<u64, MessageExportError>>, Failure> {
    let impossible = |error| Failure::refused(format!("cannot start: {error}"));
    let mut signals = Signals::new().map_err(impossible)?;
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut finished = pin!(export.finish());
    let mut is_announced = false;
    loop {
        tokio::select! {
            biased;
            () = signals.next() => return Ok(None),
            ended = &mut finished => return Ok(Some(ended)),
            _ = ticks.tick() => {
                let is_waiting = progress.phase() == MessagePhase::WaitingForOther;
                if bar.is_shown() {
                    show(progress, bar, began.elapsed());
                } else if is_waiting && !is_announced {
                    output.note(WAITING);
                    is_announced = true;
                }
            }
        }
    }
}

/// Draws the bar.
fn show(progress: &MessageProgress, bar: &Bar, elapsed: Duration) {
    let bytes = progress.bytes();
    let phase = match progress.phase() {
        MessagePhase::Starting => "asking for the table".to_owned(),
        MessagePhase::WaitingForOther => WAITING.to_owned(),
        MessagePhase::Running => "Intercom is making the table".to_owned(),
        _ => format!("{} downloaded and unpacked", size(bytes)),
    };
    bar.show(
        bytes,
        None,
        format!("{phase}, {}", clock(elapsed.as_secs_f64())),
    );
}

/// A length like "1.5 MB".
#[expect(clippy::cast_precision_loss, reason = "it is shown in a few digits")]
fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

impl Report {
    fn text(&self, out: &Path) -> String {
        let seconds = Duration::from_millis(self.elapsed_ms).as_secs_f64();
        match self.bytes {
            0 => format!("no messages in this period; {} is empty\n", out.display()),
            bytes => format!("{} in {} ({seconds:.1} s)\n", size(bytes), out.display()),
        }
    }
}

fn finish(
    ended: Option<Result<u64, MessageExportError>>,
    output: &Output,
) -> Result<Exit, Failure> {
    const AGAIN: &str = "run the same command again to continue";
    let error = match ended {
        Some(Ok(_)) => return Ok(Exit::Done),
        None => {
            output.note(&format!("interrupted; {AGAIN}"));
            return Ok(Exit::Refused);
        }
        Some(Err(error)) => error,
    };
    Err(match error {
        MessageExportError::File(error) => error.into(),
        MessageExportError::Call(error) => Failure::refused(describe(&error)).and(AGAIN),
        MessageExportError::Damaged(error) => Failure::refused(format!(
            "the downloaded data is not a whole table ({error})"
        ))
        .and(AGAIN),
        MessageExportError::Ended(status) => {
            let why = format!("Intercom ended the export with the status {status}");
            Failure::refused(why).and("run the same command again to try once more")
        }
        MessageExportError::Running => {
            Failure::refused("Intercom was still making the table at the deadline").and(AGAIN)
        }
        other => Failure::refused(other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_short() {
        let sizes = [0, 9_999, 10_000, 1_000_000, 12_345_678_901].map(size);
        assert_eq!(
            sizes,
            ["0 bytes", "9999 bytes", "10.0 kB", "1.0 MB", "12345.7 MB"]
        );
    }
}
