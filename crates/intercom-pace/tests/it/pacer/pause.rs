//! The pause after a response that asks to slow down.

use core::time::Duration;

use intercom_errors::{ApiError, RateLimit};
use intercom_pace::{Admit, Answer, Pacer, PacerSettings};

use super::model::{EPOCH, at, rate_limit, wait_for};

/// How long a response takes, in seconds.
const LATENCY: f64 = 0.05;

fn captcha() -> Answer {
    let captcha = [("x-amzn-waf-action", b"captcha".as_slice())];
    Answer::from(&ApiError::from_parts(405, captcha, b"<html>"))
}

fn accepted(seconds: f64) -> Answer {
    let server = (EPOCH + seconds) as u64;
    let reset = server / 10 * 10 + 10;
    Answer::new(rate_limit(167, 167, reset, server), 200)
}

/// Sends one request after another, as fast as the pacer admits them. The firewall refuses those that are sent from `from`
/// to `to`. Returns the times of the refused and of the accepted ones.
fn send(pacer: &mut Pacer, from: f64, to: f64, end: f64) -> (Vec<f64>, Vec<f64>) {
    let (mut refused, mut accepted_at) = (Vec::new(), Vec::new());
    let mut now = 0.0;
    loop {
        let place = wait_for(pacer, &mut now);
        if now >= end {
            pacer.cancel(place);
            return (refused, accepted_at);
        }
        pacer.sent(place, &at(now));
        let is_refused = (from..to).contains(&now);
        let answer = if is_refused { captcha() } else { accepted(now) };
        if is_refused {
            &mut refused
        } else {
            &mut accepted_at
        }
        .push(now);
        now += LATENCY;
        pacer.observe(place, &answer, &at(now));
    }
}

#[test]
fn few_requests_meet_a_firewall_that_refuses_from_the_start() {
    let mut pacer = Pacer::new(PacerSettings::default());
    let (refused, accepted) = send(&mut pacer, 0.0, 20.0, 60.0);
    // After 1, 2, 4, 8 and 16 seconds.
    assert_eq!(refused.len(), 5, "{refused:?}");
    assert!(accepted[0] < 32.0, "{accepted:?}");
    assert!(accepted.len() > 300, "{}", accepted.len());
}

#[test]
fn few_requests_meet_a_firewall_that_starts_to_refuse_later() {
    let mut pacer = Pacer::new(PacerSettings::default());
    let (refused, accepted) = send(&mut pacer, 13.0, 33.0, 60.0);
    assert!(refused.len() <= 6, "{refused:?}");
    assert!(accepted.iter().filter(|&&at| at > 33.0).count() > 100);
}

#[test]
fn the_pause_is_one_wait_and_ends_with_an_accepted_request() {
    let mut pacer = Pacer::new(PacerSettings::default());
    let refuse = |pacer: &mut Pacer, now: f64| {
        let Admit::Go(place) = pacer.admit(&at(now)) else {
            panic!("no request may go at {now}");
        };
        pacer.observe(place, &captcha(), &at(now));
        pacer.admit(&at(now))
    };
    assert_eq!(refuse(&mut pacer, 0.0), wait(1.0));
    assert_eq!(refuse(&mut pacer, 1.1), wait(2.0));

    // One request goes. Its response ends the pause.
    let Admit::Go(place) = pacer.admit(&at(3.2)) else {
        panic!("one request may go");
    };
    assert_eq!(pacer.admit(&at(3.2)), wait(2.0));
    pacer.observe(place, &accepted(3.2), &at(3.3));
    assert!(matches!(pacer.admit(&at(3.3)), Admit::Go(_)));
}

#[test]
fn a_request_that_was_not_sent_does_not_make_the_next_one_wait() {
    let mut pacer = Pacer::new(PacerSettings::default());
    let go = |pacer: &mut Pacer, now| match pacer.admit(&at(now)) {
        Admit::Go(place) => place,
        Admit::Wait(wait) => panic!("waits {wait:?} at {now}"),
    };
    let earlier = go(&mut pacer, 0.0);
    pacer.abandon(earlier, &at(0.0));
    let refused = go(&mut pacer, 1.0);
    pacer.observe(refused, &captcha(), &at(1.0));

    let not_sent = go(&mut pacer, 2.0);
    assert_eq!(pacer.admit(&at(2.0)), wait(1.0));
    pacer.cancel(not_sent);
    let sent = go(&mut pacer, 2.1);
    assert_eq!(pacer.admit(&at(2.1)), wait(1.0));

    // The pause goes on: it is one request at a time.
    pacer.observe(sent, &captcha(), &at(2.2));
    pacer.cancel(not_sent);
    assert_eq!(pacer.admit(&at(2.2)), wait(2.0));
}

#[test]
fn a_response_to_an_earlier_request_neither_ends_nor_extends_the_pause() {
    let mut pacer = Pacer::new(PacerSettings::default());
    // Nothing is refused yet.
    send(&mut pacer, 9.0, 9.0, 2.0);
    let places: Vec<u64> = (0..3)
        .map(|_| match pacer.admit(&at(3.0)) {
            Admit::Go(place) => place,
            Admit::Wait(wait) => panic!("waits {wait:?}"),
        })
        .collect();
    pacer.observe(places[0], &captcha(), &at(3.2));
    pacer.observe(places[1], &captcha(), &at(3.3));
    pacer.observe(places[2], &accepted(3.0), &at(3.4));
    assert_eq!(pacer.admit(&at(3.7)), wait(0.5));
}

#[test]
fn an_overload_of_the_service_is_a_pause_and_that_of_a_resource_is_not() {
    let error = |status, code: &str| {
        let body = format!(r#"{{"type":"error.list","errors":[{{"code":"{code}"}}]}}"#);
        Answer::from(&ApiError::from_parts(status, [], body.as_bytes()))
    };
    assert!(error(503, "service_unavailable").is_slow_down());
    for (status, code) in [
        (429, "too_many_requests"),
        (429, "rate_limit_exceeded"),
        (503, "server_error"),
        (500, "service_unavailable"),
    ] {
        assert!(!error(status, code).is_slow_down(), "{status} {code}");
    }
    let rebuilt = Answer::new(RateLimit::default(), 405).with_slow_down(true);
    assert_eq!(rebuilt, captcha());
}

/// The wait of this many seconds, which the pacer rounds up by a microsecond.
fn wait(seconds: f64) -> Admit {
    Admit::Wait(Duration::from_secs_f64(seconds) + Duration::from_micros(1))
}
