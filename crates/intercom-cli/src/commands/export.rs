//! `intercom export`: writes everything to a file, and continues if it was interrupted.

use std::fs;
use std::path::Path;
use std::time::Duration;

use intercom_async::Client;
use intercom_batch::{Export, ExportError};
use intercom_protocol::client::{Async, Walk};
use intercom_protocol::walk::{Report as Walked, WalkErrorKind};
use intercom_protocol::{ApiRequest, UnixTime};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

use crate::args::export::{Found, Items};
use crate::client::{AsyncDriver, Settings};
use crate::clock::Stopwatch;
use crate::error::{Exit, Failure, describe, describe_walk};
use crate::explanation::millis;
use crate::output::Output;
use crate::progress::{Bar, clock, rate};
use crate::signals::Signals;
use crate::waits::WAITING_FOR_SCROLL as WAITING;
use crate::words::{compared, count};

/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(250);

/// The most items of a page, according to Intercom's documentation.
const PER_PAGE: u32 = 150;

const DAY: u64 = 24 * 3600;

/// What is read.
struct What<'a> {
    /// One of the items, like "contact".
    noun: &'static str,
    request: ApiRequest,
    out: &'a Path,
}

/// The document.
#[derive(Serialize)]
struct Report {
    items: u64,
    pages: u64,
    duplicates: u64,
    restarts: u64,
    pages_read_again: u64,
    pages_shrunk: u64,
    splits: u64,
    /// How many there are according to the server.
    total: Option<u64>,
    /// Items more than that.
    difference: Option<i64>,
    may_repeat: bool,
    complete: bool,
    elapsed_ms: u64,
}

/// How an export ended.
enum Ended {
    Complete,
    Interrupted,
    Failed(ExportError),
}

pub(crate) fn run(args: &Items, settings: &Settings, output: &mut Output) -> Result<Exit, Failure> {
    let what = what(args)?;
    let bar = Bar::new();
    let driver = AsyncDriver::connect(&Settings {
        // The bar shows that the export waits.
        announce_waits: !bar.is_shown(),
        ..settings.clone()
    })?;
    let watch = Stopwatch::start();
    let mut walk: Walk<'_, Client, Async, Box<RawValue>> = driver.client().walk(what.request);
    if let Some(deadline) = settings.deadline {
        walk = walk.deadline(deadline);
    }
    let mut export = Export::start(walk, what.out)?;
    let earlier = export.report().items();
    let ended = driver.block_on(async {
        // Conversations do not name their workspace.
        if what.noun == "conversation" && !export.is_complete() {
            if let Err(error) = export.check_workspace().await {
                return Ok(Ended::Failed(error));
            }
        }
        drive(&mut export, what.noun, &bar, &watch).await
    });
    bar.clear();
    let ended = ended?;
    let is_another = matches!(
        &ended,
        Ended::Failed(ExportError::Walk(error)) if error.kind() == WalkErrorKind::Checkpoint
    );
    if is_another {
        return finish(ended, what.out, output);
    }
    let report = Report::of(export.report(), export.is_complete(), watch.elapsed());
    if output.is_json() {
        output.document(&report)?;
    } else {
        output.text(&report.text(what.noun, what.out, earlier))?;
        if let Some(compared) = compared(export.report()).filter(|_| report.complete) {
            output.text(&format!("{compared}\n"))?;
        }
    }
    output.flush()?;
    let ended = match (ended, compared(export.report())) {
        (Ended::Complete, Some(short)) if !report.complete => {
            Err(Failure::refused(short).and("run the same command again to look for the rest"))
        }
        (ended, _) => finish(ended, what.out, output),
    };
    Ok(output.after_document(ended))
}

/// The request that an export walks over.
fn what(args: &Items) -> Result<What<'_>, Failure> {
    Ok(match args {
        Items::Companies(to) => What {
            noun: "company",
            request: ApiRequest::post("/companies/list").query("per_page", 50),
            out: &to.out,
        },
        Items::Contacts(found) => What {
            noun: "contact",
            // A contact search compares days: later than the day before is this day.
            request: search(found, "/contacts", |day| day.saturating_sub(DAY))?,
            out: &found.to.out,
        },
        Items::Conversations(found) => What {
            noun: "conversation",
            request: search(found, "/conversations", |day| day.saturating_sub(1))?,
            out: &found.to.out,
        },
    })
}

/// The list, or the search for what was updated later than `after` of the day and meets the query.
fn search(found: &Found, path: &str, after: fn(u64) -> u64) -> Result<ApiRequest, Failure> {
    let since = found.since.map(UnixTime::as_secs).map(
        |day| json!({ "field": "updated_at", "operator": ">", "value": after(day).to_string() }),
    );
    let query = found.query.as_deref().map(read_query).transpose()?;
    let query = match (since, query) {
        (None, None) => return Ok(ApiRequest::get(path).query("per_page", PER_PAGE)),
        (Some(since), Some(query)) => json!({ "operator": "AND", "value": [since, query] }),
        (Some(one), None) | (None, Some(one)) => one,
    };
    let body = json!({ "query": query, "pagination": { "per_page": PER_PAGE } });
    Ok(ApiRequest::post(&format!("{path}/search")).json(&body))
}

fn read_query(path: &Path) -> Result<Value, Failure> {
    let name = path.display();
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("{name} cannot be read: {error}")))?;
    let query: Value = serde_json::from_str(&text)
        .map_err(|error| Failure::usage(format!("{name} is not JSON: {error}")))?;
    match query.get("operator") {
        Some(_) => Ok(query),
        None => Err(Failure::usage(format!(
            "{name} is not a search; it has to be like {{\"field\": \"role\", \"operator\": \"=\", \"value\": \"user\"}}"
        ))),
    }
}

async fn drive(
    export: &mut Export<'_, Client>,
    noun: &str,
    bar: &Bar,
    watch: &Stopwatch,
) -> Result<Ended, Failure> {
    let impossible = |error| Failure::refused(format!("cannot start: {error}"));
    let mut signals = Signals::new().map_err(impossible)?;
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let earlier = export.report().items();
    loop {
        tokio::select! {
            biased;
            () = signals.next() => {
                export.save()?;
                return Ok(Ended::Interrupted);
            }
            next = export.next() => match next {
                Ok(true) => {}
                Ok(false) => return Ok(Ended::Complete),
                Err(error) => return Ok(Ended::Failed(error)),
            },
            _ = ticks.tick(), if bar.is_shown() => {}
        }
        if bar.is_shown() {
            show(export, earlier, noun, bar, watch.elapsed());
        }
    }
}

/// Draws the bar.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn show(export: &Export<'_, Client>, earlier: u64, noun: &str, bar: &Bar, elapsed: Duration) {
    let report = export.report();
    let rate = rate(report.items() - earlier, elapsed);
    let total = report
        .total_count()
        .filter(|total| *total >= report.items());
    let left = total.map(|total| (total - report.items()) as f64);
    let left = left.filter(|_| rate > 0.0).map(|left| left / rate);
    let mut parts = vec![match export.is_waiting_for_scroll() {
        true => format!("{}, {WAITING}", plural(report.items(), noun)),
        false => format!("{}, {rate:.1}/s", plural(report.items(), noun)),
    }];
    parts.extend(left.map(|left| format!("{} left", clock(left))));
    if report.restarts() > 0 {
        parts.push(count(report.restarts(), "restart"));
    }
    bar.show(report.items(), total, parts.join(", "));
}

fn plural(number: u64, noun: &str) -> String {
    match noun.strip_suffix('y').filter(|_| number != 1) {
        Some(stem) => format!("{number} {stem}ies"),
        None => count(number, noun),
    }
}

impl Report {
    fn of(walked: &Walked, complete: bool, elapsed: Duration) -> Self {
        Self {
            items: walked.items(),
            pages: walked.pages(),
            duplicates: walked.duplicates(),
            restarts: walked.restarts(),
            pages_read_again: walked.pages_read_again(),
            pages_shrunk: walked.pages_shrunk(),
            splits: walked.splits(),
            total: walked.total_count(),
            difference: walked.difference(),
            may_repeat: walked.may_repeat(),
            complete,
            elapsed_ms: millis(elapsed),
        }
    }

    fn text(&self, noun: &str, out: &Path, earlier: u64) -> String {
        let mut parts = Vec::new();
        if earlier > 0 {
            parts.push(format!("{earlier} from earlier runs"));
        }
        parts.push(count(self.pages, "page"));
        for (number, what) in [
            (self.duplicates, "duplicate"),
            (self.restarts, "restart"),
            (self.pages_shrunk, "smaller page"),
            (self.splits, "split"),
        ] {
            if number > 0 {
                parts.push(count(number, what));
            }
        }
        let seconds = Duration::from_millis(self.elapsed_ms).as_secs_f64();
        format!(
            "{} in {} ({}, {seconds:.1} s)\n",
            plural(self.items, noun),
            out.display(),
            parts.join(", ")
        )
    }
}

fn finish(ended: Ended, out: &Path, output: &Output) -> Result<Exit, Failure> {
    const AGAIN: &str = "run the same command again to continue";
    let error = match ended {
        Ended::Complete => return Ok(Exit::Done),
        Ended::Interrupted => {
            output.note(&format!("interrupted; {AGAIN}"));
            return Ok(Exit::Refused);
        }
        Ended::Failed(ExportError::Walk(error)) => error,
        Ended::Failed(ExportError::File(error)) => return Err(error.into()),
        Ended::Failed(ExportError::Call(error)) => {
            return Err(Failure::refused(describe(&error)).and(AGAIN));
        }
        Ended::Failed(error) => return Err(Failure::refused(error.to_string())),
    };
    if let Some(difference) = error.difference() {
        return Err(Failure::usage(format!(
            "{} belongs to another export ({difference}); use another --out",
            out.display()
        )));
    }
    match error.kind() {
        WalkErrorKind::Call => {
            let why = error.error().map_or_else(|| error.to_string(), describe);
            Err(Failure::refused(format!("{why}; {AGAIN}")))
        }
        _ => Err(Failure::refused(format!(
            "{}; {AGAIN}",
            describe_walk(&error)
        ))),
    }
}
