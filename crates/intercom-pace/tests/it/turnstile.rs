//! The queue in front of the pacer: which waiter goes first, is woken, or is passed over.

use core::time::Duration;

use intercom_errors::RateLimit;
use intercom_pace::{
    Admit, Admitter, Answer, Gauge, Pacer, PacerSettings, Priority, Seen, Turn, Turnstile,
};
use intercom_retry::{Moment, Tick};

fn at(millis: u64) -> Moment {
    Moment::new(Tick::new(Duration::from_millis(millis)))
}

/// A response that reports this much left of a window that ends ten seconds after the origin.
fn left(remaining: &str) -> Answer {
    let limit = RateLimit::from_headers([
        ("X-RateLimit-Limit", b"1000".as_slice()),
        ("X-RateLimit-Remaining", remaining.as_bytes()),
        ("X-RateLimit-Reset", b"1711100010"),
        ("Date", b"Fri, 22 Mar 2024 09:33:20 GMT"),
    ]);
    Answer::new(limit, 200)
}

/// A response that reports plenty left.
fn plenty() -> Answer {
    let limit = RateLimit::from_headers([
        ("X-RateLimit-Limit", b"1000".as_slice()),
        ("X-RateLimit-Remaining", b"999"),
    ]);
    Answer::new(limit, 200)
}

/// A turnstile that has admitted the first call as a probe, and the permit of that call.
fn probing() -> (Turnstile<&'static str>, u64) {
    let mut turnstile = Turnstile::new(PacerSettings::default());
    let first = turnstile.enter(Priority::Normal, 1, "first");
    let Turn::Go(permit) = turnstile.ask(first, None, &at(0)) else {
        unreachable!("the first goes as a probe");
    };
    (turnstile, permit)
}

#[test]
fn a_higher_priority_goes_first_even_before_a_retry() {
    let (mut turnstile, permit) = probing();
    let low = turnstile.enter(Priority::Low, 2, "a retry in the background");
    let normal = turnstile.enter(Priority::Normal, 1, "usual");
    let high = turnstile.enter(Priority::High, 1, "a person waits");
    turnstile.settle(permit, Seen::Responded(&plenty()), &at(1));
    for place in [high, normal, low] {
        assert!(turnstile.is_head(place));
        assert!(matches!(turnstile.ask(place, None, &at(1)), Turn::Go(_)));
    }
}

#[test]
fn retries_go_before_new_calls_each_in_order_of_arrival() {
    let (mut turnstile, permit) = probing();
    let new = turnstile.enter(Priority::Normal, 1, "new");
    let retry = turnstile.enter(Priority::Normal, 2, "retry");
    let later_retry = turnstile.enter(Priority::Normal, 3, "later retry");
    turnstile.settle(permit, Seen::Responded(&plenty()), &at(1));
    for (place, name) in [(retry, "retry"), (later_retry, "later retry"), (new, "new")] {
        assert_eq!(turnstile.head(&at(1)).copied(), Some(name));
        for other in [new, retry, later_retry] {
            if other != place {
                assert_eq!(turnstile.ask(other, None, &at(1)), Turn::Rest(None));
            }
        }
        assert!(matches!(turnstile.ask(place, None, &at(1)), Turn::Go(_)));
    }
    assert_eq!(turnstile.waiting(), 0);
}

#[test]
fn woken_head_that_does_not_ask_is_passed_over_after_100_ms() {
    let (mut turnstile, permit) = probing();
    let absent = turnstile.enter(Priority::Normal, 1, "absent");
    let present = turnstile.enter(Priority::Normal, 1, "present");
    assert!(matches!(
        turnstile.ask(absent, None, &at(1)),
        Turn::Announce(_)
    ));
    turnstile.settle(permit, Seen::Responded(&plenty()), &at(10));
    assert_eq!(turnstile.head(&at(10)), Some(&mut "absent"));
    assert_eq!(turnstile.ask(present, None, &at(109)), Turn::Rest(None));
    assert!(matches!(
        turnstile.ask(present, None, &at(110)),
        Turn::Go(_)
    ));
    // It kept its place.
    assert_eq!(turnstile.head(&at(110)), Some(&mut "absent"));
    assert!(matches!(turnstile.ask(absent, None, &at(500)), Turn::Go(_)));
}

#[test]
fn head_that_asks_after_each_rest_is_not_passed_over() {
    let (mut turnstile, _permit) = probing();
    let head = turnstile.enter(Priority::Normal, 1, "head");
    let second = turnstile.enter(Priority::Normal, 1, "second");
    let mut now = 1;
    assert!(matches!(
        turnstile.ask(head, None, &at(now)),
        Turn::Announce(_)
    ));
    for _ in 0..20 {
        let Turn::Rest(Some(pause)) = turnstile.ask(head, None, &at(now)) else {
            unreachable!("no response has arrived");
        };
        now += u64::try_from(pause.as_millis()).unwrap();
        assert_eq!(turnstile.ask(second, None, &at(now)), Turn::Rest(None));
    }
}

#[test]
fn head_that_gives_up_lets_the_next_one_go() {
    let (mut turnstile, permit) = probing();
    let head = turnstile.enter(Priority::Normal, 1, "head");
    let second = turnstile.enter(Priority::Normal, 1, "second");
    let give_up_at = Some(at(5).tick());
    assert!(matches!(
        turnstile.ask(head, give_up_at, &at(1)),
        Turn::TooLate(_)
    ));
    assert_eq!(turnstile.head(&at(1)), Some(&mut "second"));
    assert_eq!(turnstile.waiting(), 1);
    turnstile.settle(permit, Seen::NeverSent, &at(2));
    assert!(matches!(turnstile.ask(second, None, &at(2)), Turn::Go(_)));
}

#[test]
fn wait_is_announced_once_and_again_when_it_turns_out_to_be_longer() {
    let (mut turnstile, permit) = probing();
    let head = turnstile.enter(Priority::Normal, 1, "head");
    // Before the first response, only the time to ask again is known.
    let Turn::Announce(poll) = turnstile.ask(head, None, &at(1)) else {
        unreachable!("the head has to wait");
    };
    for now in [1, 10, 30, 200, 900] {
        assert!(
            matches!(turnstile.ask(head, None, &at(now)), Turn::Rest(Some(rest)) if rest == poll)
        );
    }
    // The response arrives, and the window is used up.
    turnstile.settle(permit, Seen::Responded(&left("0")), &at(910));
    let Turn::Announce(wait) = turnstile.ask(head, None, &at(910)) else {
        unreachable!("the head waits for the turn");
    };
    assert!(wait > Duration::from_secs(9), "{wait:?}");
    for now in [910, 2000, 9000] {
        let Turn::Rest(Some(rest)) = turnstile.ask(head, None, &at(now)) else {
            unreachable!("this wait was announced");
        };
        assert!(rest <= wait);
    }
    // The window has turned, but the call still waits, because other clients seem to share the quota.
    let turn = turnstile.ask(head, None, &at(11_500));
    assert!(matches!(turn, Turn::Announce(_)), "{turn:?}");
}

#[test]
fn wait_is_announced_to_each_head_and_to_no_other_waiter() {
    let (mut turnstile, permit) = probing();
    turnstile.settle(permit, Seen::Responded(&left("0")), &at(1));
    let head = turnstile.enter(Priority::Normal, 1, "head");
    let second = turnstile.enter(Priority::Normal, 1, "second");
    assert_eq!(turnstile.ask(second, None, &at(2)), Turn::Rest(None));
    assert!(matches!(
        turnstile.ask(head, None, &at(2)),
        Turn::Announce(_)
    ));
    turnstile.leave(head);
    assert!(matches!(
        turnstile.ask(second, None, &at(2)),
        Turn::Announce(_)
    ));
    assert!(matches!(
        turnstile.ask(second, None, &at(2)),
        Turn::Rest(Some(_))
    ));
}

#[test]
fn wait_past_the_deadline_is_not_announced() {
    let (mut turnstile, permit) = probing();
    turnstile.settle(permit, Seen::Responded(&left("0")), &at(1));
    let head = turnstile.enter(Priority::Normal, 1, "head");
    let turn = turnstile.ask(head, Some(at(2000).tick()), &at(2));
    assert!(matches!(turn, Turn::TooLate(_)), "{turn:?}");
}

#[test]
fn wait_without_an_end_is_announced_once() {
    struct Shut;

    impl Admitter for Shut {
        fn admit(&mut self, _: &Moment) -> Admit {
            Admit::Wait(Duration::MAX)
        }

        fn settle(&mut self, _: u64, _: Seen<'_>, _: &Moment) {}

        fn gauge(&self, now: &Moment) -> Gauge {
            Pacer::new(PacerSettings::default()).gauge(now)
        }
    }

    let mut turnstile = Turnstile::before(Shut);
    let place = turnstile.enter(Priority::Normal, 1, ());
    let turns = [1, 1, 2].map(|millis| turnstile.ask(place, None, &at(millis)));
    let rest = Turn::Rest(Some(Duration::MAX));
    assert_eq!(turns, [Turn::Announce(Duration::MAX), rest, rest]);
}

#[test]
fn pacer_needs_no_driver() {
    let (mut turnstile, _permit) = probing();
    turnstile.enter(Priority::Normal, 1, "second");
    assert!(!turnstile.wants_attention(&at(60_000)));
}

#[test]
fn call_whose_deadline_is_the_end_of_its_wait_may_wait() {
    let (mut turnstile, _) = probing();
    let place = turnstile.enter(Priority::Normal, 1, "second");
    let Turn::Announce(wait) = turnstile.ask(place, None, &at(1)) else {
        unreachable!("the second waits for the response to the first");
    };
    let end = at(1).tick().after(wait);
    assert!(matches!(
        turnstile.ask(place, Some(end), &at(1)),
        Turn::Rest(_)
    ));
    let earlier = Tick::new(end.since_origin() - Duration::from_nanos(1));
    assert_eq!(
        turnstile.ask(place, Some(earlier), &at(1)),
        Turn::TooLate(wait)
    );
}
