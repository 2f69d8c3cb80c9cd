//! Announces long waits on stderr, so that they do not look like a hang.

mod countdown;

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use intercom_protocol::observe::{Event, EventKind, Observer};
use intercom_protocol::{Attempt, Fault, Wait, WaitCause};

use self::countdown::{Countdown, LONGEST_WITHOUT};
use crate::output::say;
use crate::redact::Redactor;

/// What a walk does while another scroll is open.
pub(crate) const WAITING_FOR_SCROLL: &str = "waiting for another scroll of the workspace";

/// Prints a line before each long wait. At a terminal, it also counts down the longest ones.
#[derive(Debug)]
pub(crate) struct WaitAnnouncer {
    redactor: Redactor,
    max_attempts: u32,
    /// Shorter waits are not announced.
    shortest: Duration,
    counts_down: bool,
    /// Whether the wait for another scroll has been announced. It is repeated each minute.
    is_waiting_for_scroll: AtomicBool,
    /// The countdown of the current wait. The next event ends it.
    countdown: Mutex<Option<Countdown>>,
}

impl WaitAnnouncer {
    /// The threshold is lower at a terminal, where a person watches.
    ///
    /// Programs that read JSON do not need a countdown.
    pub(crate) fn new(redactor: Redactor, max_attempts: u32, json: bool) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let shortest = if is_terminal {
            Duration::from_millis(500)
        } else {
            Duration::from_secs(1)
        };
        Self {
            redactor,
            max_attempts,
            shortest,
            counts_down: is_terminal && !json,
            is_waiting_for_scroll: AtomicBool::new(false),
            countdown: Mutex::default(),
        }
    }

    /// The wait that begins with the event, if it is to be counted down.
    fn counted_wait(&self, event: &Event<'_>) -> Option<Duration> {
        let wait = match event.kind() {
            EventKind::Queued(wait) => *wait,
            EventKind::Waiting(wait) => wait.duration(),
            EventKind::WaitingForScroll(wait) => *wait,
            _ => return None,
        };
        (self.counts_down && wait > LONGEST_WITHOUT).then_some(wait)
    }

    /// The line about an event, if the event is a long wait.
    fn line(&self, event: &Event<'_>) -> Option<String> {
        match event.kind() {
            EventKind::Queued(wait) if *wait >= self.shortest => Some(format!(
                "waiting {:.1} s for the rate limit",
                wait.as_secs_f64()
            )),
            EventKind::WaitingForScroll(_) => {
                let is_announced = self.is_waiting_for_scroll.swap(true, Ordering::Relaxed);
                (!is_announced).then(|| WAITING_FOR_SCROLL.to_owned())
            }
            EventKind::Received(received) => {
                if received.reply().is_some() {
                    self.is_waiting_for_scroll.store(false, Ordering::Relaxed);
                }
                let attempt = received.attempt();
                let wait = attempt.wait()?;
                (wait.duration() >= self.shortest)
                    .then(|| retry_line(attempt, wait, self.max_attempts))
            }
            _ => None,
        }
    }
}

/// What happened to an attempt, and when the next one follows.
pub(crate) fn retry_line(attempt: &Attempt, wait: Wait, max_attempts: u32) -> String {
    format!(
        "{}; attempt {} of {max_attempts} in {:.1} s ({})",
        what_happened(attempt),
        attempt.number() + 1,
        wait.duration().as_secs_f64(),
        why(wait.cause())
    )
}

impl Observer for WaitAnnouncer {
    fn event(&self, event: &Event<'_>) {
        let mut countdown = self
            .countdown
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *countdown = None;
        if let Some(line) = self.line(event) {
            say(&line, &self.redactor);
        }
        *countdown = self.counted_wait(event).map(Countdown::start);
    }
}

/// The response's status and code, or the fault.
fn what_happened(attempt: &Attempt) -> String {
    match (attempt.status(), attempt.code(), attempt.fault()) {
        (_, _, Some((_, kind))) => Fault::outcome_unknown(kind).line().to_string(),
        (Some(status), Some(code), None) => format!("{status} {code}"),
        (Some(status @ 200..=299), None, None) => format!("{status}, but its body is not usable"),
        (Some(status), None, None) => status.to_string(),
        (None, _, None) => "no response".to_owned(),
    }
}

const fn why(cause: WaitCause) -> &'static str {
    match cause {
        WaitCause::Backoff => "back-off",
        WaitCause::RateLimitReset => "rate limit reset",
        WaitCause::ScrollIdle => "idle scroll expires",
        _ => "Retry-After",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use intercom_protocol::client::{Blocking, Walk};
    use intercom_protocol::observe::observer_fn;
    use intercom_protocol::{
        ApiRequest, Call, Caller, Config, Connection, Error, Moment, Reply, Step, Tick, http,
    };

    use super::WaitAnnouncer;
    use crate::redact::Redactor;

    fn announcer(counts_down: bool) -> WaitAnnouncer {
        WaitAnnouncer {
            counts_down,
            ..WaitAnnouncer::new(Redactor::new("dG9rOjEyMw=="), 4, false)
        }
    }

    #[test]
    fn only_a_wait_of_more_than_five_seconds_at_a_terminal_is_counted_down() {
        for (counts_down, millis, counted) in
            [(true, 5_000, 0), (true, 5_001, 1), (false, 60_000, 0)]
        {
            let announcer = announcer(counts_down);
            let found = Arc::new(Mutex::new(Vec::new()));
            let waits = Arc::clone(&found);
            let observer = observer_fn(move |event| {
                waits.lock().unwrap().extend(announcer.counted_wait(event));
            });
            let connection = Config::new("t").observer(observer).build().unwrap();
            let now = Moment::new(Tick::default());
            let mut call = Call::new(&connection, ApiRequest::get("/me"), now);
            let Step::Admit(ask) = call.next(now) else {
                unreachable!("the gate comes first");
            };
            ask.waiting(Duration::from_millis(millis));
            assert_eq!(
                found.lock().unwrap().len(),
                counted,
                "{counts_down} {millis}"
            );
        }
    }

    #[test]
    fn a_long_wait_at_the_gate_is_announced_and_a_short_one_is_not() {
        let announcer = WaitAnnouncer {
            shortest: Duration::from_secs(1),
            ..announcer(false)
        };
        let lines = Arc::new(Mutex::new(Vec::new()));
        let announced = Arc::clone(&lines);
        let observer = observer_fn(move |event| {
            announced.lock().unwrap().extend(announcer.line(event));
        });
        let connection = Config::new("dG9rOjEyMw==")
            .observer(observer)
            .build()
            .unwrap();
        let now = Moment::new(Tick::default());
        let mut call = Call::new(&connection, ApiRequest::get("/me"), now);
        let Step::Admit(ask) = call.next(now) else {
            unreachable!("the gate comes first");
        };
        ask.waiting(Duration::from_millis(999));
        assert!(lines.lock().unwrap().is_empty());
        ask.waiting(Duration::from_millis(9_480));
        assert_eq!(*lines.lock().unwrap(), ["waiting 9.5 s for the rate limit"]);
    }

    /// A client that receives these responses, on a clock that jumps ahead on each sleep.
    struct Scripted {
        connection: Connection,
        responses: Mutex<VecDeque<(u16, &'static str)>>,
        now: Mutex<Duration>,
    }

    impl Scripted {
        fn moment(&self) -> Moment {
            Moment::new(Tick::new(*self.now.lock().unwrap()))
        }
    }

    impl Caller for Scripted {
        async fn call(&self, request: ApiRequest) -> Result<Reply, Error> {
            let mut call = Call::new(&self.connection, request, self.moment());
            loop {
                match call.next(self.moment()) {
                    Step::Admit(ask) => call.admitted(ask.free(), self.moment()),
                    Step::Send(_) => {
                        let (status, body) = self.responses.lock().unwrap().pop_front().unwrap();
                        let response = http::Response::builder().status(status);
                        let response = response.body(body.into()).unwrap();
                        call.received(Ok(response), self.moment());
                    }
                    Step::Done(result) => return result,
                    other => unreachable!("{other:?}"),
                }
            }
        }

        fn connection(&self) -> Option<&Connection> {
            Some(&self.connection)
        }

        fn now(&self) -> Option<Tick> {
            Some(self.moment().tick())
        }

        async fn sleep_until(&self, tick: Tick) {
            let wait = tick.since(self.moment().tick());
            *self.now.lock().unwrap() += wait;
        }
    }

    #[test]
    fn wait_for_another_scroll_is_announced_once_until_a_call_succeeds() {
        const EXISTS: (u16, &str) = (400, r#"{"errors":[{"code":"scroll_exists"}]}"#);
        const LOST: (u16, &str) = (404, r#"{"errors":[{"code":"not_found"}]}"#);
        const PAGE: (u16, &str) = (200, r#"{"data":[{"id":"1"}],"scroll_param":"s"}"#);
        const END: (u16, &str) = (200, r#"{"data":[],"scroll_param":"s"}"#);
        let announcer = announcer(false);
        let lines = Arc::new(Mutex::new(Vec::new()));
        let announced = Arc::clone(&lines);
        let observer = observer_fn(move |event| {
            announced.lock().unwrap().extend(announcer.line(event));
        });
        let client = Scripted {
            connection: Config::new("t").observer(observer).build().unwrap(),
            responses: Mutex::new([EXISTS, EXISTS, PAGE, LOST, EXISTS, PAGE, END].into()),
            now: Mutex::default(),
        };
        let request = ApiRequest::get("/companies/scroll");
        let walk = Walk::<_, Blocking, serde_json::Value>::new(&client, request, None);
        assert_eq!(walk.filter_map(Result::ok).count(), 1);
        let wait = "waiting for another scroll of the workspace";
        assert_eq!(*lines.lock().unwrap(), [wait, wait]);
    }
}
