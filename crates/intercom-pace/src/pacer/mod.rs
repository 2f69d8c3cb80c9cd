//! The pacer: decides how fast to send without exceeding the limit. It has no clock, no lock and no queue.

mod admitter;
mod allowance;
mod booking;
mod bucket;
mod clock;
mod counting;
mod counts;
mod gain;
mod gauge;
mod headerless;
mod lease;
mod pause;
mod permits;
mod settings;
mod turning;
mod window;

use core::time::Duration;

use intercom_retry::Moment;

pub use self::admitter::Admitter;
use self::bucket::Bucket;
use self::clock::Clock;
use self::counts::Counts;
use self::gain::Gain;
pub use self::gauge::Gauge;
use self::headerless::Headerless;
use self::lease::Leasing;
pub(crate) use self::lease::{Closed, Lease, SAME};
use self::pause::Pause;
use self::permits::{Issued, Permits};
pub use self::settings::{PacerSettings, Pacing};
use self::window::Window;
use crate::seam::{Answer, Seen};

/// After this many seconds without a permit there is a token, even if the share of the quota is tiny.
const LONGEST_SAVING: f64 = 60.0;

/// How many permits the memory allocated at the start holds.
const ROOM: usize = 64;

/// Decides when the next request may go, to use the server's whole quota without exceeding it.
///
/// It follows the server's window on the server's clock. It counts accepted requests and requests in flight, admits one
/// request as a probe when a window opens, and spreads the rest over the window. Once `Remaining` shows another client,
/// the pacer takes only its own share. If the server, or a firewall in front of it,
/// [asks to slow down](Answer::is_slow_down), it pauses.
///
/// It is a plain state machine: the caller passes time and randomness in as a [`Moment`], and owns the queue. Only the
/// head of that queue asks ([`admit`](Self::admit)), and only the head waits. It asks again when the wait is over *or
/// when any response has been observed*, whichever comes first. Every permit ends exactly once, through
/// [`observe`](Self::observe), [`cancel`](Self::cancel) or [`abandon`](Self::abandon); [`settle`](Self::settle) calls
/// the right one of the three. A refused request goes back to the front of the queue.
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
/// // The limit is unknown, so the first request goes as a probe and the next one waits for its response.
/// let Admit::Go(first) = pacer.admit(&at(0)) else { unreachable!() };
/// assert!(matches!(pacer.admit(&at(1)), Admit::Wait(_)));
///
/// pacer.sent(first, &at(2));
/// let rate_limit = RateLimit::from_headers([
///     ("X-RateLimit-Limit", b"167".as_slice()),
///     ("X-RateLimit-Remaining", b"167"),
///     ("X-RateLimit-Reset", b"1711100010"),
///     ("Date", b"Fri, 22 Mar 2024 09:33:21 GMT"),
/// ]);
/// pacer.observe(first, &Answer::new(rate_limit, 200), &at(100));
///
/// // Now the limit is known: a small burst goes at once, and the rest follows at four times the even rate.
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
    counts: Counts,
    bucket: Bucket,
    gain: Gain,
    headerless: Option<Headerless>,
    pause: Pause,
    permits: Permits,
    leasing: Leasing,
    /// When the wait for the first response began.
    cold_at: f64,
    /// When the latest permit was given.
    gave_at: f64,
    /// When abandoned requests were last released, before any window was known.
    cold_turn: f64,
    /// The latest time seen; earlier times count as this one.
    latest: f64,
}

/// A [`Pacer`]'s decision for the request at the head of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every gate must handle each decision"
)]
#[must_use = "a decision has no effect by itself"]
pub enum Admit {
    /// Send now. The number identifies the permit in later calls.
    Go(u64),
    /// Ask again after this long, or as soon as a response has been observed. The wait is never zero and never extends
    /// past the start of the next window.
    Wait(Duration),
}

impl Pacer {
    /// Creates a pacer that knows nothing about the server yet.
    #[must_use]
    pub fn new(settings: PacerSettings) -> Self {
        Self {
            spread_factor: settings.pacing().spread_factor(),
            clock: Clock::default(),
            window: Window::new(settings.window().as_secs_f64()),
            counts: Counts::new(settings.reserve()),
            bucket: Bucket::default(),
            gain: Gain::default(),
            headerless: None,
            pause: Pause::default(),
            permits: Permits::with_capacity(ROOM),
            leasing: Leasing::default(),
            cold_at: 0.0,
            cold_turn: 0.0,
            gave_at: 0.0,
            latest: 0.0,
        }
    }

    /// Decides whether the head of the queue may go now.
    pub fn admit(&mut self, now: &Moment) -> Admit {
        let at = self.time(now);
        self.turn_if_due(at, roll(now));
        let paced = self.quota_is_reported();
        if paced {
            self.bucket.refill(self.rate(at), self.burst(), at);
            if at - self.gave_at >= LONGEST_SAVING {
                self.bucket.fill_to(1.0);
            }
        }
        if self.permitted(at) < 1.0 {
            return Admit::Wait(self.wait(at));
        }
        if self.counts.in_flight == 0 {
            self.cold_at = at;
        }
        self.gave_at = at;
        self.counts.give(at);
        if paced {
            self.bucket.take();
        }
        let place = self.permits.give(Issued {
            window: self.window.end,
            sent_at: at,
            token: paced,
        });
        self.pause.give(place, at);
        Admit::Go(place)
    }

    /// Records that the request is being sent. If this is not called, the pacer assumes that it was sent when it was
    /// admitted.
    pub fn sent(&mut self, place: u64, now: &Moment) {
        let at = self.time(now);
        if let Some(permit) = self.permits.find(place) {
            permit.sent_at = at;
        }
    }

    /// Ends a permit with the response to its request, and learns the clock, the window and the quota from it.
    ///
    /// A refusal for another reason than the window's quota consumes a slot like any other response; see [`Answer`] for the
    /// difference.
    pub fn observe(&mut self, place: u64, answer: &Answer, received: &Moment) {
        let now = self.time(received);
        let Some(permit) = self.permits.take(place) else {
            return;
        };
        self.counts.in_flight = self.counts.in_flight.saturating_sub(1);
        self.cold_at = now;
        self.pause
            .observe(answer.is_slow_down(), permit.sent_at, now);
        self.take_in(permit.sent_at, answer, now, roll(received));
    }

    /// Takes back the permit of a request that was not sent, as if the permit had never been given.
    pub fn cancel(&mut self, place: u64) {
        let Some(permit) = self.permits.take(place) else {
            return;
        };
        self.pause.cancel(place);
        let of_this_window = permit.window == self.window.end;
        self.counts.take_back(of_this_window);
        if of_this_window && permit.token {
            let burst = self.burst();
            self.bucket.put_back(burst);
        }
    }

    /// Ends the permit of a request that was sent and whose response will not be read.
    ///
    /// The server may have counted the request, or may still count it, so the request keeps its slot until the window
    /// after next opens.
    pub fn abandon(&mut self, place: u64, now: &Moment) {
        self.advance(now);
        if self.permits.take(place).is_some() {
            self.counts.abandon_one();
        }
    }

    /// Records how the attempt that holds this place ended. `seen` is what its [`Permit`](crate::Permit) reported.
    pub fn settle(&mut self, place: u64, seen: Seen<'_>, now: &Moment) {
        match seen {
            Seen::Responded(answer) => self.observe(place, answer, now),
            Seen::NeverSent => self.cancel(place),
            Seen::Unknown => self.abandon(place, now),
        }
    }

    /// Enters the next window if it is time. [`admit`](Self::admit) does this itself.
    pub fn advance(&mut self, now: &Moment) {
        let at = self.time(now);
        self.turn_if_due(at, roll(now));
    }

    /// Returns a snapshot of what the pacer knows and allows now.
    pub fn gauge(&self, now: &Moment) -> Gauge {
        let at = now.tick().since_origin().as_secs_f64().max(self.latest);
        Gauge {
            limit: self.counts.limit,
            allowed: self.allowed(),
            accepted: self.counts.own,
            used: self.counts.used,
            in_flight: self.counts.in_flight,
            given: self.counts.given,
            answered: self.counts.answered,
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

    /// The time in seconds, never earlier than a time seen before.
    pub(crate) fn time(&mut self, now: &Moment) -> f64 {
        self.latest = now.tick().since_origin().as_secs_f64().max(self.latest);
        self.latest
    }
}

/// The random number, scaled to the range from 0 to just below 1.
pub(crate) fn roll(moment: &Moment) -> f64 {
    (moment.roll() >> 11) as f64 / (1_u64 << 53) as f64
}
