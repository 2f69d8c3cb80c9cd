//! How fast to go so that the limit is never met: the whole decision, without a clock, a lock or a queue.

mod allowance;
mod booking;
mod bucket;
mod clock;
mod counting;
mod gain;
mod gauge;
mod headerless;
mod ledger;
mod permits;
mod settings;
mod turning;
mod window;

use core::time::Duration;

use intercom_retry::Moment;

use self::bucket::Bucket;
use self::clock::Clock;
use self::gain::Gain;
pub use self::gauge::Gauge;
use self::headerless::Headerless;
use self::ledger::Ledger;
use self::permits::{Issued, Permits};
pub use self::settings::{PacerSettings, Pacing};
use self::window::Window;
use crate::seam::{Answer, Seen};

/// However small a share of the quota is, it need not be saved up for longer than this many seconds.
const LONGEST_SAVING: f64 = 60.0;

/// Permits there is room for from the start.
const ROOM: usize = 64;

/// Decides when the next request may go, so that the server's limit is never met and none of it is wasted.
///
/// It follows the server's own window on the server's own clock: counts what was accepted and what is still on the
/// wire, lets one request look first when a window opens, spreads what the window allows, and takes its share only
/// as soon as `Remaining` shows somebody else.
///
/// It is a plain state machine: time and chance arrive as a [`Moment`], and whoever owns it also owns the queue. Only
/// the head of that queue asks ([`admit`](Self::admit)) and only the head waits; it asks again when the wait is over
/// *or any answer has been observed*, whichever comes first. Every permit ends exactly once, through
/// [`observe`](Self::observe), [`cancel`](Self::cancel) or [`abandon`](Self::abandon), or [`settle`](Self::settle)
/// for all three. A refused request goes back to the front of the queue.
///
/// ```
/// use core::time::Duration;
/// use intercom_errors::RateLimit;
/// use intercom_pace::{Admit, Answer, Pacer, PacerSettings};
/// use intercom_retry::{Moment, Tick};
///
/// let at = |millis| Moment::new(Tick::new(Duration::from_millis(millis)));
/// let mut pacer = Pacer::new(PacerSettings::default());
///
/// // Nothing is known of the limit, so one request goes to look and the next waits for its answer.
/// let Admit::Go(first) = pacer.admit(&at(0)) else { unreachable!() };
/// assert!(matches!(pacer.admit(&at(1)), Admit::Wait(_)));
///
/// pacer.sent(first, &at(2));
/// let told = RateLimit::from_headers([
///     ("X-RateLimit-Limit", b"167".as_slice()),
///     ("X-RateLimit-Remaining", b"167"),
///     ("X-RateLimit-Reset", b"1711100010"),
///     ("Date", b"Fri, 22 Mar 2024 09:33:21 GMT"),
/// ]);
/// pacer.observe(first, &Answer::new(told, 200), &at(100));
///
/// // Now it is: a small burst goes at once, the rest follows at four times the even rate.
/// let mut gone = 0;
/// while let Admit::Go(place) = pacer.admit(&at(100)) {
///     pacer.sent(place, &at(100));
///     gone += 1;
/// }
/// assert_eq!(gone, 10);
/// ```
#[derive(Clone, Debug)]
pub struct Pacer {
    spread_factor: f64,
    clock: Clock,
    window: Window,
    ledger: Ledger,
    bucket: Bucket,
    gain: Gain,
    headerless: Option<Headerless>,
    permits: Permits,
    /// When the requests before the first answer began to be waited for.
    cold_at: f64,
    /// When the latest permit was given.
    gave_at: f64,
    /// When requests of unknown fate were last let go, before any window was known.
    cold_turn: f64,
    /// The latest moment seen; earlier ones count as this one.
    latest: f64,
}

/// A [`Pacer`]'s answer to whoever asks first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every gate must say what it does with each answer"
)]
#[must_use = "nothing happens unless it is acted on"]
pub enum Admit {
    /// Send now; the permit's number says which request is meant from here on.
    Go(u64),
    /// Ask again after this long, or as soon as an answer has been observed. Never zero, never longer than until
    /// the next window.
    Wait(Duration),
}

impl Pacer {
    /// A pacer that has not met the server yet.
    #[must_use]
    pub fn new(settings: PacerSettings) -> Self {
        Self {
            spread_factor: settings.pacing().spread_factor(),
            clock: Clock::default(),
            window: Window::new(settings.window().as_secs_f64()),
            ledger: Ledger::new(settings.reserve()),
            bucket: Bucket::default(),
            gain: Gain::default(),
            headerless: None,
            permits: Permits::with_capacity(ROOM),
            cold_at: 0.0,
            cold_turn: 0.0,
            gave_at: 0.0,
            latest: 0.0,
        }
    }

    /// Says whether the head of the queue may go now.
    pub fn admit(&mut self, now: &Moment) -> Admit {
        let at = self.time(now);
        self.turn_if_due(at, roll(now));
        let paced = self.told();
        if paced {
            self.bucket.refill(self.rate(at), self.burst(), at);
            if at - self.gave_at >= LONGEST_SAVING {
                self.bucket.fill_to(1.0);
            }
        }
        if self.permitted(at) < 1.0 {
            return Admit::Wait(self.wait(at));
        }
        if self.ledger.in_flight == 0 {
            self.cold_at = at;
        }
        self.gave_at = at;
        self.ledger.give(at);
        if paced {
            self.bucket.take();
        }
        Admit::Go(self.permits.give(Issued {
            window: self.window.end,
            sent_at: at,
            token: paced,
        }))
    }

    /// Notes that the request goes on the wire; without it, the moment of its admission counts.
    pub fn sent(&mut self, place: u64, now: &Moment) {
        let at = self.time(now);
        if let Some(permit) = self.permits.find(place) {
            permit.sent_at = at;
        }
    }

    /// Books the answer to a request: its permit ends, and clock, window and quota are learnt from it.
    ///
    /// Refusals that are not the window's consume a slot like any answer; [`Answer`] tells them apart.
    pub fn observe(&mut self, place: u64, answer: &Answer, received: &Moment) {
        let now = self.time(received);
        let Some(permit) = self.permits.take(place) else {
            return;
        };
        self.ledger.in_flight = self.ledger.in_flight.saturating_sub(1);
        self.cold_at = now;
        self.take_in(permit.sent_at, answer, now, roll(received));
    }

    /// Takes back the permit of a request that never went on the wire: everything is as if it had not been given.
    pub fn cancel(&mut self, place: u64) {
        let Some(permit) = self.permits.take(place) else {
            return;
        };
        let of_this_window = permit.window == self.window.end;
        self.ledger.take_back(of_this_window);
        if of_this_window && permit.token {
            let burst = self.burst();
            self.bucket.put_back(burst);
        }
    }

    /// Ends the permit of a request that was sent and whose answer nobody will read.
    ///
    /// The server may have counted it, or may yet, so it holds its slot until the turn after next.
    pub fn abandon(&mut self, place: u64, now: &Moment) {
        self.advance(now);
        if self.permits.take(place).is_some() {
            self.ledger.doubt_one();
        }
    }

    /// Ends a permit as a call's [`Permit`](crate::Permit) reports it.
    pub fn settle(&mut self, place: u64, seen: Seen<'_>, now: &Moment) {
        match seen {
            Seen::Answered(answer) => self.observe(place, answer, now),
            Seen::NeverSent => self.cancel(place),
            Seen::Unknown => self.abandon(place, now),
        }
    }

    /// Turns the window if it is time; [`admit`](Self::admit) does so by itself.
    pub fn advance(&mut self, now: &Moment) {
        let at = self.time(now);
        self.turn_if_due(at, roll(now));
    }

    /// What the pacer knows and allows at this moment.
    pub fn gauge(&self, now: &Moment) -> Gauge {
        let at = now.tick().since_origin().as_secs_f64().max(self.latest);
        Gauge {
            limit: self.ledger.limit,
            allowed: self.allowed(),
            accepted: self.ledger.own,
            used: self.ledger.used,
            in_flight: self.ledger.in_flight,
            given: self.ledger.given,
            answered: self.ledger.answered,
            tokens: self.bucket.tokens(),
            burst: self.burst(),
            share: self.gain.own,
            window_end: self.window.end,
            window_length: self.window.length,
            turn: self.window.turn(&self.clock),
            offset: self
                .clock
                .bounds(at)
                .filter(|_| self.clock.is_known())
                .map(|bounds| (bounds.low, bounds.high)),
        }
    }

    /// The moment as seconds, never earlier than one seen before.
    fn time(&mut self, now: &Moment) -> f64 {
        self.latest = now.tick().since_origin().as_secs_f64().max(self.latest);
        self.latest
    }
}

/// The roll as a number from 0 to just below 1.
fn roll(moment: &Moment) -> f64 {
    (moment.roll() >> 11) as f64 / (1_u64 << 53) as f64
}
