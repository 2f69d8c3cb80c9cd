//! The world: two processes, the network, the ledger and the API.

use std::time::Duration;

use intercom_errors::RateLimit;
use intercom_pace::fleet::{LeaseReply, LeaseRequest, Ledger, Next, Part};
use intercom_pace::{Admitter, Answer, Seen};
use intercom_retry::{Moment, Tick};

use super::bug::Bug;
use super::process::Process;
use super::step::{Ending, Step};
use crate::key::Key;
use crate::quota::{self, Arrived, EPOCH, PHASE, Quota};
use crate::search::Broken;

/// How many requests a window allows.
const LIMIT: u32 = 4;

/// The length of a step of time, in milliseconds.
const PASS: u64 = 500;

/// No step of time begins later than this, in milliseconds.
const HORIZON: u64 = 60_000 + JOINED_AFTER;

/// The most messages on their way in one direction.
const MESSAGES: usize = 3;

/// The most attempts of a process at once.
const ATTEMPTS: usize = 2;

/// When the fleet has worked for some windows, in milliseconds.
const JOINED_AFTER: u64 = 13_000;

/// How long the longest fair ending lasts, in milliseconds.
const PATIENCE: u64 = 60_000;

/// A state of the model.
#[derive(Clone, Debug)]
pub(crate) struct World {
    now: u64,
    is_high: bool,
    processes: Vec<Process>,
    ledger: Ledger,
    requests: Vec<LeaseRequest>,
    /// Replies, each with the id of the member that it is for.
    replies: Vec<(u64, LeaseReply)>,
    quota: Quota,
    /// How many accidents have happened: processes that were replaced, and memories that were lost.
    accidents: u8,
    /// Whether the ledger knows nothing. If a newcomer is the first to ask, it may be lent what others hold: a known limit.
    is_blank: bool,
    /// The latest window in which a member without a lease has sent a request. The ledger learns of it when the member joins again.
    alone_in: Option<u64>,
    bug: Option<Bug>,
    pub(super) log: Option<Vec<String>>,
}

impl World {
    pub(super) fn new(bug: Option<Bug>) -> Self {
        Self {
            now: 0,
            is_high: false,
            processes: vec![Process::new(1), Process::new(2)],
            ledger: Ledger::new(),
            requests: Vec::new(),
            replies: Vec::new(),
            quota: Quota::new(LIMIT),
            accidents: 0,
            is_blank: false,
            alone_in: None,
            bug,
            log: None,
        }
    }

    pub(super) fn with_log(mut self) -> Self {
        self.log = Some(Vec::new());
        self
    }

    fn moment(&self) -> Moment {
        Moment::new(Tick::new(Duration::from_millis(self.now))).with_roll(if self.is_high {
            u64::MAX
        } else {
            0
        })
    }

    fn note(&mut self, text: impl FnOnce() -> String) {
        if let Some(line) = self.log.as_mut().and_then(|log| log.last_mut()) {
            line.push_str("; ");
            line.push_str(&text());
        }
    }

    pub(super) fn steps(&self, steps: &mut Vec<Step>) {
        for (index, process) in self.processes.iter().enumerate() {
            self.steps_of(index as u8, process, steps);
        }
        for (message, request) in self.requests.iter().enumerate() {
            let message = message as u8;
            steps.push(Step::Lose(message));
            if self.may_arrive(request) {
                steps.push(Step::Deliver(message));
                steps.extend((self.requests.len() < MESSAGES).then_some(Step::Repeat(message)));
            }
        }
        for message in 0..self.replies.len() as u8 {
            steps.extend([Step::Reply(message), Step::LoseReply(message)]);
        }
        if self.accidents < 2 {
            steps.push(Step::Forget);
        }
        if self.now < HORIZON {
            steps.extend([Step::Pass(false), Step::Pass(true)]);
        }
    }

    fn may_arrive(&self, request: &LeaseRequest) -> bool {
        !self.is_blank
            || (request.claim > 0 && request.claim_until >= request.window && !request.bye)
    }

    fn steps_of(&self, index: u8, process: &Process, steps: &mut Vec<Step>) {
        if process.out.len() < ATTEMPTS {
            steps.push(Step::Ask(index));
        }
        if let Some((_, arrived)) = process.out.first() {
            steps.push(Step::End(index, Ending::Response));
            steps.push(Step::End(index, Ending::Unknown));
            if !arrived.is_refused() {
                steps.push(Step::End(index, Ending::NeverSent));
            }
        }
        if process.pending.is_some() {
            steps.push(Step::Fail(index));
        } else if self.requests.len() < MESSAGES {
            steps.push(Step::Drive(index));
        }
        if self.accidents < 2 {
            steps.extend([Step::Restart(index), Step::Leave(index)]);
        }
    }

    pub(super) fn take(&mut self, step: Step) -> Result<(), Broken> {
        let now = self.now;
        if let Some(log) = &mut self.log {
            log.push(format!("{now:>6} ms  {step}"));
        }
        match step {
            Step::Ask(member) => self.ask(member.into()).map(|_| ()),
            Step::End(member, ending) => {
                self.end_attempt(member.into(), ending);
                Ok(())
            }
            Step::Drive(member) => {
                self.drive(member.into());
                Ok(())
            }
            Step::Fail(member) => {
                let moment = self.moment();
                let process = &mut self.processes[usize::from(member)];
                process.pending = None;
                process.member.failed(&moment);
                Ok(())
            }
            Step::Deliver(message) => {
                let request = self.requests.remove(message.into());
                self.deliver(&request);
                Ok(())
            }
            Step::Repeat(message) => {
                let request = self.requests[usize::from(message)].clone();
                self.deliver(&request);
                Ok(())
            }
            Step::Lose(message) => {
                self.requests.remove(message.into());
                Ok(())
            }
            Step::Reply(message) => {
                let (id, reply) = self.replies.remove(message.into());
                self.reply(id, reply);
                Ok(())
            }
            Step::LoseReply(message) => {
                self.replies.remove(message.into());
                Ok(())
            }
            Step::Restart(member) => {
                self.replace(member.into());
                Ok(())
            }
            Step::Leave(member) => {
                let (member, moment) = (usize::from(member), self.moment());
                let bye = self.processes[member].member.bye(&moment);
                self.replace(member);
                self.requests.push(bye);
                Ok(())
            }
            Step::Forget => {
                self.accidents += 1;
                self.is_blank = true;
                self.ledger = match self.bug {
                    Some(Bug::LedgerLendsWhatItHasForgotten) => {
                        Ledger::new().without(Part::Quarantine)
                    }
                    _ => Ledger::new(),
                };
                Ok(())
            }
            Step::Pass(is_high) => {
                (self.now, self.is_high) = (now + PASS, is_high);
                Ok(())
            }
        }
    }

    /// Asks for a call. Returns whether it goes.
    fn ask(&mut self, index: usize) -> Result<bool, Broken> {
        let moment = self.moment();
        let permit = match self.processes[index].ask(&moment) {
            None if self.bug == Some(Bug::AdmitsWithoutLease) => Some(u64::MAX),
            permit => permit,
        };
        let Some(permit) = permit else {
            self.note(|| "waits".to_owned());
            return Ok(false);
        };
        let arrived = self.quota.arrive(self.now);
        let lease = self.processes[index].member.lease();
        if lease.is_none() {
            self.alone_in = Some(arrived.window);
        }
        self.note(|| format!("goes, lease {lease:?}, {arrived:?}"));
        let process = &mut self.processes[index];
        process.out.push((permit, arrived));
        process.admitted(name(index), &moment)?;
        Ok(true)
    }

    fn end_attempt(&mut self, index: usize, ending: Ending) {
        let (moment, now) = (self.moment(), self.now);
        let process = &mut self.processes[index];
        let (permit, arrived) = process.out.remove(0);
        let answer = answer(arrived, now);
        let seen = match (self.bug, ending) {
            (Some(Bug::SettlesNothing), Ending::Unknown) => Seen::NeverSent,
            (_, Ending::Response) => Seen::Responded(&answer),
            (_, Ending::NeverSent) => Seen::NeverSent,
            (_, Ending::Unknown) => Seen::Unknown,
        };
        process.member.settle(permit, seen, &moment);
        if ending == Ending::NeverSent {
            process.taken = process.taken.saturating_sub(1);
            self.quota.take_back(arrived);
        }
    }

    /// Does what a driver does when it comes.
    fn drive(&mut self, index: usize) {
        let moment = self.moment();
        let process = &mut self.processes[index];
        if let Next::Ask(mut request) = process.member.next(1, &moment) {
            process.pending = Some(request.seq);
            self.note(|| format!("asks for {} beside {}", request.want, request.hold));
            if self.bug == Some(Bug::HoldIsUnderstated) {
                request.hold = (request.hold - 1).max(0);
            }
            self.requests.push(request);
        }
    }

    fn deliver(&mut self, request: &LeaseRequest) {
        self.is_blank = false;
        let micros = (1 + self.now as i64) * 1000;
        let mut reply = self.ledger.ask(request, micros);
        self.note(|| {
            format!(
                "{:?}, hold {}, share {}",
                reply.status, reply.hold, reply.share
            )
        });
        let is_raised = match self.bug {
            Some(Bug::LedgerLendsTooMuch) => request.want > 0,
            Some(Bug::HoldIsUnderstated) => true,
            _ => false,
        };
        if is_raised {
            reply.hold += 1;
        }
        if self.replies.len() < MESSAGES && !request.bye {
            let other = self
                .processes
                .iter()
                .find(|process| process.id != request.id);
            let to = match (self.bug, other) {
                (Some(Bug::RepliesAreMixedUp), Some(other)) => other.id,
                _ => request.id,
            };
            self.replies.push((to, reply));
        }
    }

    fn reply(&mut self, id: u64, mut reply: LeaseReply) {
        let moment = self.moment();
        let Some(process) = self.processes.iter_mut().find(|process| process.id == id) else {
            return;
        };
        if let (Some(Bug::RepliesAreMixedUp), Some(seq)) = (self.bug, process.pending) {
            reply.seq = seq;
        }
        if process.pending == Some(reply.seq) {
            process.pending = None;
        }
        process.member.replied(&reply, &moment);
        let lease = process.member.lease();
        self.note(|| format!("lease {lease:?}"));
    }

    /// Replaces a process. Messages to and from the old one stay on their way.
    fn replace(&mut self, index: usize) {
        self.accidents += 1;
        let id = self.processes[index].id + 10;
        self.processes[index] = Process::new(id);
    }

    pub(super) fn check(&self) -> Result<(), Broken> {
        let moment = self.moment();
        for (index, process) in self.processes.iter().enumerate() {
            process.check(name(index), &moment)?;
        }
        // The ledger is in the window of the latest message.
        let window = quota::ending_at(self.ledger.window().unsigned_abs());
        let quota = self.ledger.quota();
        if self.ledger.holds() > quota && quota > 0 && !self.was_alone(window) {
            let why = format!("{} of {quota} are lent", self.ledger.holds());
            return Err(Broken::new("the ledger lends no more than there is", why));
        }
        self.check_leases(&moment)
    }

    /// Whether a member without a lease has sent a request in this window or the one before.
    fn was_alone(&self, window: u64) -> bool {
        self.alone_in.is_some_and(|alone| window <= alone + 1)
    }

    /// Checks that what members hold of the same window fits into the limit.
    fn check_leases(&self, moment: &Moment) -> Result<(), Broken> {
        let lease = |process: &Process| {
            let window = process.member.gauge(moment).window_end()?;
            Some((window, process.member.lease()?.0))
        };
        let leases: Vec<_> = self.processes.iter().filter_map(lease).collect();
        let Some((window, _)) = leases.first() else {
            return Ok(());
        };
        let holds = leases.iter().filter(|(of, _)| of == window);
        let sum: u32 = holds.map(|(_, hold)| hold).sum();
        if sum > LIMIT && !self.was_alone(quota::window(self.now)) {
            let why = format!("the members hold {sum} of {LIMIT}");
            return Err(Broken::new("the leases fit into the limit", why));
        }
        Ok(())
    }

    pub(super) fn key(&self) -> u128 {
        let mut key = Key::new();
        key.add((self.now, self.is_high, self.accidents));
        key.add((self.is_blank, self.alone_in));
        key.add(self.quota.used(quota::window(self.now)));
        for process in &self.processes {
            key.add_debug(process);
        }
        key.add_debug(&self.ledger);
        key.add_debug(&self.requests);
        key.add_debug(&self.replies);
        key.finish()
    }

    /// Lets both processes join, and work for some windows.
    pub(super) fn joined(mut self) -> Self {
        let mut is_served = vec![false; self.processes.len()];
        while self.now < JOINED_AFTER && self.round(&mut is_served).is_ok() {}
        self.alone_in = None;
        self
    }

    /// Lets the network work and drivers be prompt, until each process has sent a request.
    pub(super) fn end(&mut self) -> Result<(), Broken> {
        let until = self.now + PATIENCE;
        let mut is_served = vec![false; self.processes.len()];
        while self.now < until {
            self.round(&mut is_served)?;
            if is_served.iter().all(|served| *served) {
                return Ok(());
            }
        }
        let why = format!("not every process could send within {PATIENCE} ms");
        Err(Broken::new("every process gets its turn", why))
    }

    /// Each process drives its member, receives its responses, and asks once. Then time passes.
    fn round(&mut self, is_served: &mut [bool]) -> Result<(), Broken> {
        for (index, is_served) in is_served.iter_mut().enumerate() {
            self.drive(index);
            while let Some(request) = self.requests.first() {
                let may_arrive = self.may_arrive(request);
                self.take(if may_arrive {
                    Step::Deliver(0)
                } else {
                    Step::Lose(0)
                })?;
            }
            while !self.replies.is_empty() {
                self.take(Step::Reply(0))?;
            }
            while !self.processes[index].out.is_empty() {
                self.take(Step::End(index as u8, Ending::Response))?;
            }
            *is_served |= self.ask(index)?;
            self.check()?;
        }
        self.take(Step::Pass(false))
    }
}

fn name(index: usize) -> char {
    char::from(b'A' + index as u8)
}

/// The server's response to a request, at this time.
fn answer(arrived: Arrived, now: u64) -> Answer {
    let remaining = arrived.remaining.unwrap_or_default();
    let reset = EPOCH + (quota::end(arrived.window) + PHASE) / 1000;
    let date = EPOCH + (PHASE + now) / 1000;
    let date = httpdate::fmt_http_date(std::time::UNIX_EPOCH + Duration::from_secs(date));
    let limit = RateLimit::from_headers([
        ("X-RateLimit-Limit", LIMIT.to_string().as_bytes()),
        ("X-RateLimit-Remaining", remaining.to_string().as_bytes()),
        ("X-RateLimit-Reset", reset.to_string().as_bytes()),
        ("Date", date.as_bytes()),
    ]);
    Answer::new(limit, if arrived.is_refused() { 429 } else { 200 })
}
