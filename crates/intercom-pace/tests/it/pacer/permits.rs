//! Permits: each one ends once, and a cancelled one leaves no trace.

use intercom_errors::RateLimit;
use intercom_pace::{Admit, Answer, Pacer, PacerSettings, Seen};
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert_eq, prop_oneof, proptest};

use super::model::{EPOCH, at, rate_limit, wait_for};

/// One step of a program that uses a pacer in any order.
#[derive(Clone, Copy, Debug)]
enum Step {
    Abandon(usize),
    Admit,
    Answer(usize, bool),
    Cancel(usize),
    Pass(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let which = 0..64_usize;
    prop_oneof![
        3 => Just(Step::Admit),
        2 => (which.clone(), proptest::bool::weighted(0.1)).prop_map(|(which, refused)| Step::Answer(which, refused)),
        1 => which.clone().prop_map(Step::Cancel),
        1 => which.prop_map(Step::Abandon),
        2 => prop_oneof![1..200_u64, 200..6000_u64].prop_map(Step::Pass),
    ]
}

/// A pacer, its outstanding permits, and what the server counted.
struct Play {
    pacer: Pacer,
    millis: u64,
    out: Vec<u64>,
    used: u32,
    window: u64,
}

impl Play {
    fn new() -> Self {
        Self {
            pacer: Pacer::new(PacerSettings::default()),
            millis: 0,
            out: Vec::new(),
            used: 0,
            window: 0,
        }
    }

    fn seconds(&self) -> f64 {
        self.millis as f64 / 1000.0
    }

    fn take(&mut self, which: usize) -> Option<u64> {
        (!self.out.is_empty()).then(|| self.out.remove(which % self.out.len()))
    }

    fn step(&mut self, step: Step) {
        let now = at(self.seconds());
        match step {
            Step::Admit => {
                if let Admit::Go(place) = self.pacer.admit(&now) {
                    self.pacer.sent(place, &now);
                    self.out.push(place);
                }
            }
            Step::Answer(which, refused) => {
                if let Some(place) = self.take(which) {
                    let answer = self.answer(refused);
                    self.pacer.settle(place, Seen::Responded(&answer), &now);
                }
            }
            Step::Cancel(which) => {
                if let Some(place) = self.take(which) {
                    self.pacer.settle(place, Seen::NeverSent, &now);
                }
            }
            Step::Abandon(which) => {
                if let Some(place) = self.take(which) {
                    self.pacer.settle(place, Seen::Unknown, &now);
                }
            }
            Step::Pass(millis) => self.millis += millis,
        }
    }

    fn answer(&mut self, refused: bool) -> Answer {
        let seconds = EPOCH as u64 + self.millis / 1000;
        let window = seconds / 10;
        if window != self.window {
            self.window = window;
            self.used = 0;
        }
        let remaining = 30_u32.saturating_sub(self.used);
        self.used += u32::from(!refused);
        let status = if refused { 429 } else { 200 };
        let remaining = if refused { 0 } else { remaining };
        Answer::new(
            rate_limit(30, remaining, (window + 1) * 10, seconds),
            status,
        )
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn in_flight_covers_all_outstanding_permits_and_falls_to_zero(
        steps in proptest::collection::vec(any_step(), 1..200),
    ) {
        let mut play = Play::new();
        let mut abandoned = 0;
        for step in steps {
            abandoned += usize::from(matches!(step, Step::Abandon(_)) && !play.out.is_empty());
            play.step(step);
            let in_flight = play.pacer.gauge(&at(play.seconds())).in_flight() as usize;
            assert!((play.out.len()..=play.out.len() + abandoned).contains(&in_flight));
        }
        while !play.out.is_empty() {
            play.step(Step::Abandon(0));
        }
        // Two turns later, abandoned requests no longer count.
        for _ in 0..2 {
            play.millis += 12_000;
            play.pacer.advance(&at(play.seconds()));
        }
        prop_assert_eq!(play.pacer.gauge(&at(play.seconds())).in_flight(), 0);
    }

    #[test]
    fn cancelled_permit_leaves_no_trace(
        steps in proptest::collection::vec(any_step(), 1..80),
    ) {
        let mut play = Play::new();
        for step in steps {
            play.step(step);
        }
        let now = at(play.seconds());
        // The first call lets time pass inside the pacer: windows turn, and the bucket is refilled.
        let asked_and_cancelled = |pacer: &mut Pacer| {
            if let Admit::Go(place) = pacer.admit(&now) {
                pacer.cancel(place);
            }
            pacer.gauge(&now)
        };
        let before = asked_and_cancelled(&mut play.pacer);
        for _ in 0..3 {
            prop_assert_eq!(&asked_and_cancelled(&mut play.pacer), &before);
        }
    }
}

#[test]
fn permit_settled_twice_counts_once() {
    let mut play = Play::new();
    play.step(Step::Admit);
    let place = play.out[0];
    play.step(Step::Answer(0, false));
    play.step(Step::Admit);
    let before = play.pacer.gauge(&at(0.0));
    let answer = play.answer(false);
    play.pacer.observe(place, &answer, &at(0.0));
    play.pacer.cancel(place);
    play.pacer.abandon(place, &at(0.0));
    assert_eq!(play.pacer.gauge(&at(0.0)), before);
}

/// Admits a request at this time, which must be possible.
fn admitted(pacer: &mut Pacer, seconds: f64) -> u64 {
    match pacer.admit(&at(seconds)) {
        Admit::Go(place) => place,
        Admit::Wait(wait) => panic!("has to wait for {wait:?}"),
    }
}

/// A response three seconds after the origin.
fn third_second() -> Answer {
    Answer::new(rate_limit(40, 39, EPOCH as u64 + 10, EPOCH as u64 + 3), 200)
}

#[test]
fn the_quota_is_known_after_the_first_response_less_the_reserve() {
    let mut pacer = Pacer::new(PacerSettings::new().with_reserve(0.25));
    let first = admitted(&mut pacer, 3.0);
    assert_eq!(pacer.gauge(&at(3.0)).allowed(), None);
    pacer.observe(first, &third_second(), &at(3.1));
    let gauge = pacer.gauge(&at(3.1));
    assert_eq!((gauge.limit(), gauge.allowed()), (Some(40), Some(30.0)));
}

#[test]
fn the_servers_clock_is_compared_with_the_time_of_sending() {
    let latest = |sent_at: Option<f64>| {
        let mut pacer = Pacer::new(PacerSettings::new());
        let place = admitted(&mut pacer, 0.0);
        if let Some(seconds) = sent_at {
            pacer.sent(place, &at(seconds));
        }
        pacer.observe(place, &third_second(), &at(3.1));
        pacer.gauge(&at(3.1)).clock_offset().unwrap().1 - EPOCH
    };
    // `Date` leaves out up to a second.
    assert!((latest(Some(3.0)) - 1.0).abs() < 1e-3);
    assert!((latest(None) - 4.0).abs() < 1e-3);
}

#[test]
fn permit_of_an_earlier_window_gives_no_token_back() {
    let mut pacer = Pacer::new(PacerSettings::new());
    let first = admitted(&mut pacer, 3.0);
    pacer.observe(first, &third_second(), &at(3.1));
    let old = admitted(&mut pacer, 4.0);
    let of_next_window = admitted(&mut pacer, 12.0);
    let tokens = |pacer: &Pacer| pacer.gauge(&at(12.0)).tokens();
    let (before, burst) = (tokens(&pacer), pacer.gauge(&at(12.0)).burst());
    assert!(before < burst, "{before} of {burst}");
    pacer.cancel(old);
    assert_eq!(tokens(&pacer), before);
    pacer.cancel(of_next_window);
    assert!(tokens(&pacer) > before);
}

#[test]
fn abandoned_request_holds_its_slot_until_the_turn_after_next() {
    let mut play = Play::new();
    play.step(Step::Admit);
    play.step(Step::Answer(0, false));
    play.step(Step::Admit);
    play.step(Step::Abandon(0));
    let held: Vec<_> = [0.5, 9.0, 11.4, 19.0, 21.4]
        .map(|seconds| {
            play.pacer.advance(&at(seconds));
            play.pacer.gauge(&at(seconds)).in_flight()
        })
        .to_vec();
    assert_eq!(held, [1, 1, 1, 1, 0]);
}

/// The window that the first response names may be the one that counts the abandoned request.
#[test]
fn abandoned_request_keeps_its_slot_when_the_first_window_becomes_known() {
    let mut play = Play::new();
    play.step(Step::Pass(9_500));
    play.step(Step::Admit);
    play.step(Step::Abandon(0));
    play.step(Step::Pass(1_200));
    play.step(Step::Admit);
    assert_eq!(play.out.len(), 1);
    play.step(Step::Answer(0, false));
    let held = [10.8, 21.4, 29.0, 31.4].map(|seconds| {
        play.pacer.advance(&at(seconds));
        play.pacer.gauge(&at(seconds)).in_flight()
    });
    assert_eq!(held, [1, 1, 1, 0]);
}

/// A first response without quota headers, like that of a failing load balancer, tells nothing about the quota, and neither does a
/// lost one. The next call must not wait for two windows.
#[test]
fn lost_response_of_a_server_without_quota_headers_holds_others_for_a_second() {
    let mut pacer = Pacer::new(PacerSettings::default());
    let admit = |pacer: &mut Pacer, seconds: f64| match pacer.admit(&at(seconds)) {
        Admit::Go(place) => Some(place),
        Admit::Wait(_) => None,
    };
    let first = admit(&mut pacer, 0.0).unwrap();
    let failed = Answer::new(RateLimit::default(), 500);
    pacer.settle(first, Seen::Responded(&failed), &at(0.1));

    let lost = admit(&mut pacer, 0.2).unwrap();
    pacer.settle(lost, Seen::Unknown, &at(0.3));
    assert_eq!(admit(&mut pacer, 1.1), None);
    let next = admit(&mut pacer, 1.3);
    assert!(next.is_some());

    // After a refusal the limit is known to be low, and silence allows nothing.
    let refused = Answer::new(RateLimit::default(), 429).with_window_refusal(true);
    pacer.settle(next.unwrap(), Seen::Responded(&refused), &at(1.4));
    assert_eq!(admit(&mut pacer, 8.0), None);
}

/// Seconds in which no call asked are silent too, but they allow no burst.
#[test]
fn late_calls_of_a_server_without_quota_headers_do_not_go_at_once() {
    let mut pacer = Pacer::new(PacerSettings::default());
    let Admit::Go(first) = pacer.admit(&at(0.0)) else {
        panic!("the first call goes")
    };
    let failed = Answer::new(RateLimit::default(), 500);
    pacer.settle(first, Seen::Responded(&failed), &at(0.1));
    let Admit::Go(lost) = pacer.admit(&at(0.2)) else {
        panic!("the second call goes")
    };
    pacer.settle(lost, Seen::Unknown, &at(0.3));
    let admitted = (0..10).filter(|_| matches!(pacer.admit(&at(9.9)), Admit::Go(_)));
    assert_eq!(admitted.count(), 1);
}

#[test]
fn gauge_tells_of_the_permits_of_this_window() {
    let mut pacer = Pacer::new(PacerSettings::default());
    let shown = |pacer: &Pacer, seconds: f64| {
        let gauge = pacer.gauge(&at(seconds));
        (
            gauge.given(),
            gauge.in_flight(),
            gauge.accepted(),
            gauge.is_answered(),
        )
    };
    assert_eq!(shown(&pacer, 0.0), (0, 0, 0, false));
    let mut now = 1.0;
    let first = wait_for(&mut pacer, &mut now);
    assert_eq!(shown(&pacer, 1.0), (1, 1, 0, false));
    let answer = Answer::new(rate_limit(40, 40, EPOCH as u64 + 10, EPOCH as u64 + 1), 200);
    pacer.observe(first, &answer, &at(1.1));
    assert_eq!(shown(&pacer, 1.1), (0, 0, 1, true));
    for given in 1..=3 {
        wait_for(&mut pacer, &mut now);
        assert_eq!(shown(&pacer, now), (given, given, 1, true));
    }
}

/// A request whose response is not read may be counted in this window or the next one. Before a window is known, two lengths of
/// the expected one have to pass.
#[test]
fn abandoned_request_is_in_flight_for_two_windows_even_if_none_is_known() {
    let mut pacer = Pacer::new(PacerSettings::default());
    let Admit::Go(place) = pacer.admit(&at(0.0)) else {
        panic!("the first request may go")
    };
    pacer.sent(place, &at(0.0));
    pacer.abandon(place, &at(0.0));
    let in_flight = |pacer: &mut Pacer, time| {
        pacer.advance(&at(time));
        pacer.gauge(&at(time)).in_flight()
    };
    let seen = [5.0, 10.0, 12.0, 19.0, 20.0].map(|time| in_flight(&mut pacer, time));
    assert_eq!(seen, [1, 1, 1, 1, 0]);
}

/// Before the window's first response with counts, one more request may go for each half second without one.
#[test]
fn response_without_counts_lets_one_request_go_however_late() {
    let mut pacer = Pacer::new(PacerSettings::default());
    let mut time = 0.0;
    let place = wait_for(&mut pacer, &mut time);
    let counts = rate_limit(100, 60, EPOCH as u64 + 10, EPOCH as u64);
    pacer.observe(place, &Answer::new(counts, 200), &at(time));
    // The next window.
    time = 12.0;
    let place = wait_for(&mut pacer, &mut time);
    pacer.observe(place, &Answer::new(RateLimit::default(), 200), &at(time));
    let now = at(time + 3.0);
    let first = pacer.admit(&now);
    let second = pacer.admit(&now);
    assert!(matches!(first, Admit::Go(_)), "{first:?}");
    assert!(matches!(second, Admit::Wait(_)), "{second:?}");
}
