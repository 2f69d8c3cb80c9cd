//! One run over the lines: what to do about each, and when to stop.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use intercom_protocol::{ApiRequest, Error, Reply, Tick};
use tokio::sync::mpsc::Receiver;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{MissedTickBehavior, interval};

use super::Files;
use super::compare::{blanked, changed, shorter, unreadable};
use super::input::{Line, Portion};
use super::journal::Journal;
use super::ledger::{Ending, Ledger, Past};
use super::progress::Progress;
use super::record::{Record, Subject};
use super::request;
use super::results::Results;
use super::sender::Sender;
use super::signals::Signals;
use super::tally::Tally;
use crate::args::Batch;
use crate::error::Failure;
use crate::explanation::Request;
use crate::redact::Redactor;
use crate::words::count;

/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(250);
/// Why it stopped, where a signal told it to; then more was said.
const INTERRUPTED: &str = "interrupted";

/// What the requests under way have in common.
#[derive(Debug)]
struct Shared {
    sender: Sender,
    journal: Mutex<Journal>,
    /// Requests that have left and are not answered.
    on_their_way: AtomicU64,
}

/// A run and everything it needs.
#[derive(Debug)]
pub(crate) struct Run<'r> {
    args: &'r Batch,
    redactor: &'r Redactor,
    shared: Arc<Shared>,
    ledger: Ledger,
    results: Results,
    progress: Progress,
    began: Tick,
    tally: Tally,
    /// The last line that was taken.
    last: u64,
    under_way: JoinSet<Sent>,
    /// Tells what has not been sent yet that it is not to be.
    halt: watch::Sender<bool>,
    /// Why no more lines are begun.
    stopped: Option<&'static str>,
    /// What ends the run once everything under way is done.
    failure: Option<Failure>,
}

/// How sending a line ended.
#[derive(Debug)]
struct Sent {
    subject: Subject,
    end: u64,
    /// `None` if it was not sent.
    outcome: io::Result<Option<Result<Reply, Error>>>,
}

impl<'r> Run<'r> {
    pub(crate) fn new(
        args: &'r Batch,
        sender: Sender,
        files: Files,
        progress: Progress,
        redactor: &'r Redactor,
    ) -> Self {
        let began = sender.now().tick();
        let journal = Mutex::new(files.journal);
        Self {
            args,
            redactor,
            shared: Arc::new(Shared {
                sender,
                journal,
                on_their_way: AtomicU64::new(0),
            }),
            ledger: files.ledger,
            results: files.results,
            progress,
            began,
            tally: Tally::default(),
            last: 0,
            under_way: JoinSet::new(),
            halt: watch::Sender::new(false),
            stopped: None,
            failure: None,
        }
    }

    /// Takes lines until there are no more or something stops it, and sees what is under way to its end.
    pub(crate) async fn drive(
        &mut self,
        mut input: Receiver<Portion>,
        mut signals: Signals,
    ) -> Result<(), Failure> {
        let shared = Arc::clone(&self.shared);
        let mut lines = VecDeque::new();
        let mut more = true;
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.take_some(&mut lines)?;
            let going = self.stopped.is_none();
            let reading = going && more && lines.is_empty();
            if self.under_way.is_empty() && !reading {
                return Ok(());
            }
            tokio::select! {
                biased;
                () = signals.next() => self.told_to_stop()?,
                Some(joined) = self.under_way.join_next() => self.settle(joined)?,
                portion = input.recv(), if reading => more = self.receive(portion, &mut lines),
                () = shared.sender.deadline(), if going => self.stop("the deadline has passed"),
                _ = ticks.tick(), if self.progress.is_shown() => self.show(),
            }
        }
    }

    /// Begins as many lines as may be under way.
    fn take_some(&mut self, lines: &mut VecDeque<Line>) -> Result<(), Failure> {
        while self.stopped.is_none() && self.under_way.len() < self.args.concurrency.into() {
            let Some(line) = lines.pop_front() else {
                return Ok(());
            };
            self.take(line)?;
        }
        Ok(())
    }

    /// Does what is to be done about a line, after all that earlier runs did.
    fn take(&mut self, line: Line) -> Result<(), Failure> {
        if let Some(gone) = self.ledger.sent_between(self.last, line.number) {
            self.give_up(blanked(gone, &self.args.file));
            return Ok(());
        }
        self.last = line.number;
        let past = match self.ledger.past(line.number, line.digest) {
            Ok(past) => past,
            Err(before) => {
                self.give_up(changed(line.number, &self.args.file, before));
                return Ok(());
            }
        };
        if let Past::Ended(ending) = past {
            if !self.is_wanted_again(ending) {
                self.progress.done(line.number, line.end);
                self.tally.skip(line.number, ending);
                return Ok(());
            }
        }
        let id = request::id(&line);
        match request::read(&line) {
            Err(why) => {
                if past != Past::Open {
                    self.shared.begin(&line).map_err(journal_failed)?;
                }
                self.record(&line, &Record::invalid(line.number, id, why))
            }
            Ok(request) if past == Past::Open && !self.may_repeat(&request) => {
                let request = Request::from(&request);
                self.record(&line, &Record::unknown(line.number, id, &request))
            }
            Ok(request) => {
                let subject = Subject {
                    line: line.number,
                    id,
                    request: Request::from(&request),
                    resent: past == Past::Open || past == Past::Ended(Ending::Unknown),
                };
                self.send(line, request, subject, past == Past::Open);
                Ok(())
            }
        }
    }

    const fn is_wanted_again(&self, ending: Ending) -> bool {
        match ending {
            Ending::Failed | Ending::Refused => self.args.retry_failed,
            Ending::Unknown => self.args.retry_unknown,
            Ending::Invalid | Ending::Ok => false,
        }
    }

    fn may_repeat(&self, request: &ApiRequest) -> bool {
        self.args.retry_unknown || request.replay().is_replayable()
    }

    fn send(&mut self, mut line: Line, request: ApiRequest, subject: Subject, open: bool) {
        // The request has its own copy of what it needs.
        line.text = None;
        let shared = Arc::clone(&self.shared);
        let halt = self.halt.subscribe();
        self.under_way.spawn(async move {
            let begin = || {
                shared.on_their_way.fetch_add(1, Ordering::Relaxed);
                if open { Ok(()) } else { shared.begin(&line) }
            };
            let outcome = shared.sender.send(request, halt, begin).await;
            Sent {
                subject,
                end: line.end,
                outcome,
            }
        });
    }

    /// Records how a line ended, if it was sent at all.
    fn settle(&mut self, joined: Result<Sent, JoinError>) -> Result<(), Failure> {
        let sent = joined
            .map_err(|error| Failure::refused(format!("a task of the run broke down: {error}")))?;
        let Some(outcome) = sent.outcome.map_err(journal_failed)? else {
            // Called back, or its turn would have come too late: the next run begins it.
            self.stop("the deadline leaves no time for more");
            return Ok(());
        };
        self.shared.on_their_way.fetch_sub(1, Ordering::Relaxed);
        let line = sent.subject.line;
        self.tally.sent(line, &outcome);
        self.progress.answered(&outcome);
        self.write(line, sent.end, &Record::of(sent.subject, &outcome))?;
        if let Some(why) = self.tally.hopeless() {
            self.stop(why);
        }
        Ok(())
    }

    fn record(&mut self, line: &Line, record: &Record) -> Result<(), Failure> {
        self.write(line.number, line.end, record)
    }

    fn write(&mut self, line: u64, end: u64, record: &Record) -> Result<(), Failure> {
        let text = record.to_line(self.redactor).map_err(io::Error::from);
        text.and_then(|text| self.results.append(text.as_bytes()))
            .map_err(|error| {
                let out = self.args.out.display();
                Failure::refused(format!("the results {out} cannot be written: {error}"))
            })?;
        self.tally.record(line, record.ending());
        self.progress.done(line, end);
        Ok(())
    }

    /// `false` once there is no more.
    fn receive(&mut self, portion: Option<Portion>, lines: &mut VecDeque<Line>) -> bool {
        match portion {
            Some(Ok(portion)) if !portion.is_empty() => {
                *lines = portion;
                true
            }
            Some(Err(error)) => {
                self.give_up(unreadable(&self.args.file, &error));
                false
            }
            _ => {
                self.check_length();
                false
            }
        }
    }

    /// The input has ended: it may not be shorter than what earlier runs sent.
    fn check_length(&mut self) {
        if self.last < self.ledger.last_sent() {
            self.give_up(shorter(&self.args.file, &self.ledger));
        }
    }

    fn told_to_stop(&mut self) -> Result<(), Failure> {
        if self.stopped.is_none() {
            let sent = self.shared.on_their_way.load(Ordering::Relaxed);
            if sent > 0 {
                let sent = count(sent, "request");
                let line = format!("finishing {sent} that were sent; Ctrl-C again ends at once");
                self.progress.say(&line, self.redactor);
            }
            self.stop(INTERRUPTED);
            return Ok(());
        }
        Err(Failure::refused(format!(
            "ended at once with {} under way; the same command continues, and tells which of them may have been carried out",
            count(self.under_way.len() as u64, "request")
        )))
    }

    /// Begins no more lines, and calls back those that are not on their way yet.
    fn stop(&mut self, why: &'static str) {
        self.stopped.get_or_insert(why);
        self.halt.send_replace(true);
        self.show();
    }

    fn give_up(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
        self.stop("it cannot go on");
    }

    fn show(&self) {
        let elapsed = self.shared.sender.now().tick().since(self.began);
        let note = match self.stopped {
            Some(INTERRUPTED) => "finishing",
            Some(_) => "finishing (Ctrl-C ends at once)",
            None => "",
        };
        let (lines, failed) = (self.tally.recorded(), self.tally.failed());
        self.progress.show(lines, failed, elapsed, note);
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        self.progress.clear();
    }

    /// The counts, and why it stopped before the end, if it did.
    pub(crate) fn end(mut self) -> Result<(Tally, Option<&'static str>), Failure> {
        if let Some(failure) = self.failure {
            return Err(failure.and(&self.tally.sent_lines()));
        }
        let elapsed = self.shared.sender.now().tick().since(self.began);
        self.tally.end(elapsed, self.stopped.is_some());
        Ok((self.tally, self.stopped))
    }
}

impl Shared {
    /// Notes that a line is about to be sent.
    fn begin(&self, line: &Line) -> io::Result<()> {
        self.journal
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .begin(line.number, line.digest)
    }
}

fn journal_failed(error: io::Error) -> Failure {
    Failure::refused(format!(
        "the journal cannot be written: {error}; nothing more was sent"
    ))
}
