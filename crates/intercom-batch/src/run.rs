//! One run over the lines: what to do with each line, and when to stop.

use std::collections::VecDeque;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use intercom_protocol::{RateLimit, Tick};
use tokio::sync::mpsc::Receiver;
use tokio::sync::watch;

use crate::files::{Comparison, Files, Journal, Past, Results};
use crate::record::{Record, Subject};
use crate::sender::{Sender, Unsent};
use crate::settings::Settings;
use crate::source::{Format, Line, Portion, Source, Task};
use crate::stopped::FailureStreak;
use crate::work::{Carried, carry_out};
use crate::{Ending, Error, Stopped, Tally};

/// A running batch, created by [`Batch::start`](crate::Batch::start).
///
/// It makes progress only while [`next`](Self::next) is awaited. Dropping the run ends it at once. Requests in flight
/// may then have been applied; the next run retries them or records them as [`Unknown`](Ending::Unknown).
///
/// Time limits keep running between calls of `next`. Call it again soon: a response that is not read in time counts as
/// lost.
///
/// ```
/// # #[cfg(feature = "hyper")] {
/// use intercom_batch::{Batch, Config, Event, Source};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = std::env::temp_dir().join(format!("intercom-batch-run-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let results = folder.join("results.ndjson");
/// # let mock = intercom_mock::MockServer::start()?;
/// # let config = Config::new(mock.token()).base_url(mock.base_url());
/// let lines = "{\"method\": \"GET\", \"path\": \"/me\"}\n".repeat(2);
/// let source = Source::from_reader("two lines", std::io::Cursor::new(lines));
/// let mut run = Batch::new(config)?.start(source, &results)?;
/// while let Some(event) = run.next().await? {
///     match event {
///         Event::Recorded { line, ending, .. } => println!("line {line}: {ending:?}"),
///         Event::Stopped(why) => println!("stopped: {why:?}"),
///         _ => {}
///     }
/// }
/// assert_eq!(run.tally().ok, 2);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(()) }
/// # main().unwrap(); }
/// ```
pub struct Run {
    settings: Settings,
    shared: Arc<Shared>,
    began: Tick,
    input: Receiver<Portion>,
    format: Format,
    length: Option<u64>,
    lines: VecDeque<Line>,
    /// Whether the input has more lines than were received.
    more: bool,
    comparison: Comparison,
    results: Results,
    under_way: FuturesUnordered<BoxFuture<'static, Finished>>,
    /// Set to cancel what has not been sent yet.
    halt: watch::Sender<bool>,
    failure_streak: FailureStreak,
    stopped: Option<Stopped>,
    /// The error that ends the run once everything in progress is done.
    failure: Option<Error>,
    tally: Tally,
    /// The number of the furthest finished line, and where it ends in the input.
    furthest: (u64, u64),
    events: VecDeque<Event>,
}

/// An event of a run.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub enum Event {
    /// A line was recorded in the results.
    #[non_exhaustive]
    Recorded {
        /// The number of the line.
        line: u64,
        /// How it ended.
        ending: Ending,
        /// The rate limit headers of the response; empty if there are none, or no response.
        rate_limit: RateLimit,
    },
    /// The run starts no more lines. It finishes and records the requests in flight.
    Stopped(Stopped),
}

/// A position in the input of a run.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The number of the furthest finished line.
    pub line: u64,
    /// Where that line ends, in bytes from the beginning of the input.
    pub byte: u64,
    /// The length of the input in bytes, if it is known.
    pub length: Option<u64>,
}

/// What the requests in progress share.
#[derive(Debug)]
struct Shared {
    sender: Sender,
    journal: Mutex<Journal>,
    /// The number of requests that were sent and have no response yet.
    on_their_way: AtomicU64,
}

/// A line whose request was sent, unless it was cancelled first.
struct Finished {
    subject: Subject,
    task: Task,
    resent: bool,
    end: u64,
    carried: Result<Carried, Unsent>,
}

impl Run {
    pub(crate) fn start(
        settings: Settings,
        sender: Sender,
        source: Source,
        results: &Path,
    ) -> Result<Self, Error> {
        let began = sender.now().tick();
        source.check_table()?;
        let files = Files::open(results, source.path())?;
        let comparison = Comparison::start(files.ledger, &source)?;
        let length = source.regular().map(|(_, length)| length);
        Ok(Self {
            settings,
            shared: Arc::new(Shared {
                sender,
                journal: Mutex::new(files.journal),
                on_their_way: AtomicU64::new(0),
            }),
            began,
            format: source.format(),
            input: source.spawn()?,
            length,
            lines: VecDeque::new(),
            more: true,
            comparison,
            results: files.results,
            under_way: FuturesUnordered::new(),
            halt: watch::Sender::new(false),
            failure_streak: FailureStreak::default(),
            stopped: None,
            failure: None,
            tally: Tally::default(),
            furthest: (0, 0),
            events: VecDeque::new(),
        })
    }

    /// Continues the run until the next event. Returns `None` at the end of the run.
    ///
    /// Lines that earlier runs recorded are skipped without an event. The future is cancel safe: if it is dropped, for
    /// example in a `select!`, the next call continues its work.
    ///
    /// # Errors
    ///
    /// Returns an error of kind [`Input`](crate::ErrorKind::Input) or [`Format`](crate::ErrorKind::Format), once the requests
    /// in flight are done, or of kind [`Io`](crate::ErrorKind::Io). An error ends the run.
    pub async fn next(&mut self) -> Result<Option<Event>, Error> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(Some(event));
            }
            match self.advance().await {
                Ok(true) => {}
                Ok(false) => return self.failure.take().map_or(Ok(None), Err),
                Err(error) => self.abandon(error),
            }
        }
    }

    /// Continues the run to its end.
    ///
    /// ```no_run
    /// # use intercom_batch::{Batch, Config, Source};
    /// # async fn all(config: Config) -> Result<(), Box<dyn std::error::Error>> {
    /// let run = Batch::new(config)?.start(Source::open("requests.ndjson")?, "results.ndjson")?;
    /// let tally = run.finish().await?;
    /// println!("{} of {} lines are done", tally.ok, tally.total);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the errors of [`next`](Self::next).
    pub async fn finish(mut self) -> Result<Tally, Error> {
        while self.next().await?.is_some() {}
        Ok(self.tally)
    }

    /// Stops the run, for example on Ctrl-C: it starts no more lines, and cancels requests that were not sent yet.
    ///
    /// [`next`](Self::next) then finishes and records the requests in flight. A later run continues with the rest.
    ///
    /// ```no_run
    /// # async fn interrupted() {}
    /// # async fn drive(mut run: intercom_batch::Run) -> Result<(), intercom_batch::Error> {
    /// loop {
    ///     tokio::select! {
    ///         () = interrupted(), if run.stopped().is_none() => run.stop(),
    ///         event = run.next() => if event?.is_none() { return Ok(()) },
    ///     }
    /// }
    /// # }
    /// ```
    pub fn stop(&mut self) {
        self.stop_for(Stopped::ByCaller);
    }

    /// Returns why the run starts no more lines, if it was stopped.
    #[must_use]
    pub const fn stopped(&self) -> Option<Stopped> {
        self.stopped
    }

    /// Returns the counts so far.
    #[must_use]
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Returns how far the run has come in its input.
    #[must_use]
    pub const fn position(&self) -> Position {
        let (line, byte) = self.furthest;
        Position {
            line,
            byte,
            length: self.length,
        }
    }

    /// Returns how long the run has taken so far.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.shared.sender.now().tick().since(self.began)
    }

    /// Returns how many lines are in progress. Their requests are in flight or wait for the gate.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// Returns how many requests are in flight: sent and without a response. If the run is dropped now, their outcome
    /// is unknown.
    #[must_use]
    pub fn on_their_way(&self) -> u64 {
        self.shared.on_their_way.load(Ordering::Relaxed)
    }

    /// Starts the lines that were received, then waits until one is finished or more are received. Returns `false` at
    /// the end.
    async fn advance(&mut self) -> Result<bool, Error> {
        self.take_some()?;
        let going = self.stopped.is_none();
        let reading = going && self.more && self.lines.is_empty();
        if !self.events.is_empty() {
            return Ok(true);
        }
        if self.under_way.is_empty() && !reading {
            return Ok(false);
        }
        tokio::select! {
            biased;
            Some(finished) = self.under_way.next() => self.settle(finished)?,
            portion = self.input.recv(), if reading => self.receive(portion),
            () = self.shared.sender.deadline(), if going => self.stop_for(Stopped::Deadline),
        }
        Ok(true)
    }

    /// Starts as many lines as may be in progress.
    fn take_some(&mut self) -> Result<(), Error> {
        while self.stopped.is_none() && self.under_way.len() < self.settings.concurrency {
            let Some(line) = self.lines.pop_front() else {
                return Ok(());
            };
            self.take(line)?;
        }
        Ok(())
    }

    /// Skips, records or sends a line, depending on what earlier runs did with it.
    fn take(&mut self, line: Line) -> Result<(), Error> {
        let past = match self.comparison.next(&line) {
            Ok(past) => past,
            Err(error) => {
                self.give_up(error);
                return Ok(());
            }
        };
        if let Past::Ended(ending) = past {
            if !self.is_wanted_again(ending) {
                self.pass(line.number, line.end);
                self.tally.skip(line.number, ending);
                return Ok(());
            }
        }
        let subject = Subject {
            line: line.number,
            id: line.id(),
        };
        let wording = &*self.settings.wording;
        let record = match line.task(self.format) {
            Err(why) => {
                if past != Past::Open {
                    self.shared.begin(line.number, line.digest)?;
                }
                Record::invalid(subject, &why, wording)
            }
            Ok(task) if past == Past::Open && !self.may_repeat(&task) => {
                Record::unknown(subject, &task, wording)
            }
            Ok(task) => {
                self.send(line, subject, task, past);
                return Ok(());
            }
        };
        self.record(line.number, line.end, &record, RateLimit::default())
    }

    const fn is_wanted_again(&self, ending: Ending) -> bool {
        match ending {
            Ending::Blocked => true,
            Ending::Failed | Ending::Refused => self.settings.retry_failed,
            Ending::Unknown => self.settings.retry_unknown,
            Ending::Invalid | Ending::Ok => false,
        }
    }

    fn may_repeat(&self, task: &Task) -> bool {
        self.settings.retry_unknown || task.is_replayable()
    }

    fn send(&mut self, line: Line, subject: Subject, task: Task, past: Past) {
        // The task has its own copy of what it needs.
        let Line {
            number,
            digest,
            end,
            ..
        } = line;
        let shared = Arc::clone(&self.shared);
        let halt = self.halt.subscribe();
        self.under_way.push(Box::pin(async move {
            let is_sent = AtomicBool::new(false);
            let begin = || {
                shared.on_their_way.fetch_add(1, Ordering::Relaxed);
                is_sent.store(true, Ordering::Relaxed);
                match past {
                    Past::Open => Ok(()),
                    _ => shared.begin(number, digest),
                }
            };
            let carried = carry_out(&shared.sender, task.clone(), halt, begin).await;
            if is_sent.into_inner() {
                shared.on_their_way.fetch_sub(1, Ordering::Relaxed);
            }
            Finished {
                subject,
                task,
                resent: matches!(past, Past::Open | Past::Ended(Ending::Unknown)),
                end,
                carried,
            }
        }));
    }

    /// Records how a line ended, if it was sent at all.
    fn settle(&mut self, finished: Finished) -> Result<(), Error> {
        let carried = match finished.carried {
            Ok(carried) => carried,
            // The next run starts it.
            Err(Unsent::Stopped(why)) => {
                self.stop_for(why);
                return Ok(());
            }
            Err(Unsent::Failed(error)) => {
                self.give_up(error);
                return Ok(());
            }
        };
        let line = finished.subject.line;
        self.tally.send(line, &carried);
        let rate_limit = carried.spent.rate_limit;
        let blocked = self.shared.sender.is_blocked().then_some(Stopped::Blocked);
        let stop = self.failure_streak.count(&carried.outcome).or(blocked);
        let record = Record::sent(
            finished.subject,
            &finished.task,
            finished.resent,
            carried,
            &*self.settings.wording,
        );
        self.record(line, finished.end, &record, rate_limit)?;
        if let Some(why) = stop {
            self.stop_for(why);
        }
        Ok(())
    }

    fn record(
        &mut self,
        line: u64,
        end: u64,
        record: &Record,
        rate_limit: RateLimit,
    ) -> Result<(), Error> {
        let record = record.to_line(&*self.settings.wording);
        let ending = self.results.append(&record)?;
        self.tally.record(line, ending);
        self.pass(line, end);
        self.events.push_back(Event::Recorded {
            line,
            ending,
            rate_limit,
        });
        Ok(())
    }

    /// Updates the position: this line is finished, and ends at this byte of the input.
    fn pass(&mut self, line: u64, end: u64) {
        self.furthest = self.furthest.max((line, end));
    }

    fn receive(&mut self, portion: Option<Portion>) {
        match portion {
            Some(Ok(portion)) if !portion.is_empty() => {
                self.lines = portion;
                return;
            }
            Some(Err(error)) => self.give_up(self.comparison.unreadable(error)),
            _ => {
                if let Err(error) = self.comparison.end() {
                    self.give_up(error);
                }
            }
        }
        self.more = false;
    }

    /// Starts no more lines, and cancels requests that were not sent yet.
    fn stop_for(&mut self, why: Stopped) {
        if self.stopped.is_none() {
            self.stopped = Some(why);
            self.halt.send_replace(true);
            self.events.push_back(Event::Stopped(why));
        }
    }

    /// Ends the run at once. The error comes after the pending events.
    fn abandon(&mut self, failure: Error) {
        self.give_up(failure);
        self.under_way.clear();
        self.shared.on_their_way.store(0, Ordering::Relaxed);
    }

    /// Ends the run once everything in progress is done.
    fn give_up(&mut self, failure: Error) {
        self.failure.get_or_insert(failure);
        self.stop_for(Stopped::Failed);
    }
}

impl Shared {
    /// Writes to the journal that a line is about to be sent.
    fn begin(&self, line: u64, digest: u64) -> Result<(), Error> {
        self.journal
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .begin(line, digest)
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("stopped", &self.stopped)
            .field("tally", &self.tally)
            .field("position", &self.position())
            .field("under_way", &self.under_way())
            .finish_non_exhaustive()
    }
}
