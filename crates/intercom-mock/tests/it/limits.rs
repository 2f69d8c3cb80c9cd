//! Rate limits on the server's own clock, as a client sees them.

use std::time::Duration;

use intercom_mock::{Method, MockServer, Scripted};
use serde_json::json;

use crate::client::{ask, get};

const HOUR: Duration = Duration::from_secs(3_600);

fn told(answer: &crate::client::Answer) -> (u64, u64) {
    (
        answer.number("x-ratelimit-limit"),
        answer.number("x-ratelimit-remaining"),
    )
}

/// Moves the clock to where a window begins, so that none turns in the middle of a test.
fn to_the_next_turn(server: &MockServer) {
    server.advance_clock(HOUR - Duration::from_secs(server.server_time().as_secs() % 3_600));
}

#[test]
fn a_window_is_used_up_and_its_turn_gives_everything_back() {
    let server = MockServer::builder().rate_limit(2, HOUR).start().unwrap();
    to_the_next_turn(&server);
    assert_eq!(
        told(&get(&server, "/me")),
        (2, 2),
        "before subtraction, as recorded"
    );
    assert_eq!(told(&get(&server, "/nothing")), (2, 1), "errors count too");
    let refused = get(&server, "/me");
    assert_eq!(
        refused.error(),
        "429 rate_limit_exceeded Exceeded rate limit of 2 in 3600_seconds"
    );
    assert_eq!(told(&refused), (2, 0));
    assert_eq!(
        refused.header("retry-after"),
        None,
        "never seen on the wire"
    );
    let reset = refused.number("x-ratelimit-reset");
    assert!(
        reset % 3_600 == 0 && reset > refused.date() && reset - refused.date() <= 3_600,
        "{refused:?}"
    );
    assert_eq!(
        ask(&server, "GET", "/me")
            .without("authorization")
            .answer()
            .status,
        401,
        "who is unknown uses no quota"
    );
    server.advance_clock(Duration::from_secs(reset - refused.date()));
    assert_eq!(told(&get(&server, "/me")), (2, 2));
}

#[test]
fn reset_and_remaining_can_be_told_otherwise() {
    let server = MockServer::builder()
        .rate_limit(100, HOUR)
        .reset_offset(2)
        .remaining_after(true)
        .start()
        .unwrap();
    to_the_next_turn(&server);
    let answer = get(&server, "/me");
    assert_eq!(
        (
            answer.number("x-ratelimit-remaining"),
            answer.number("x-ratelimit-reset") % 3_600
        ),
        (99, 2)
    );
    server.set_reset_offset(0);
    server.set_remaining_after(false);
    let answer = get(&server, "/me");
    assert_eq!(
        (
            answer.number("x-ratelimit-remaining"),
            answer.number("x-ratelimit-reset") % 3_600
        ),
        (99, 0)
    );
}

#[test]
fn a_limit_that_no_header_shows_refuses_all_the_same() {
    let server = MockServer::builder()
        .rate_limit(100, HOUR)
        .hidden_workspace_limit(1)
        .start()
        .unwrap();
    to_the_next_turn(&server);
    assert_eq!(get(&server, "/me").status, 200);
    let refused = get(&server, "/me");
    assert_eq!((refused.status, told(&refused)), (429, (100, 99)));
    server.set_hidden_workspace_limit(None);
    assert_eq!(get(&server, "/me").status, 200);
}

#[test]
fn others_can_use_up_the_quota() {
    let server = MockServer::builder().rate_limit(100, HOUR).start().unwrap();
    to_the_next_turn(&server);
    server.spend_quota(60);
    assert_eq!(told(&get(&server, "/me")), (100, 40));
}

#[test]
fn a_skewed_clock_is_wrong_everywhere_alike() {
    let ahead = MockServer::builder().clock_offset(7_200).start().unwrap();
    let behind = MockServer::builder().clock_offset(-7_200).start().unwrap();
    let (late, early) = (get(&ahead, "/me"), get(&behind, "/me"));
    assert!(late.date() > early.date() + 14_000);
    for answer in [&late, &early] {
        let wait = answer.number("x-ratelimit-reset") - answer.date();
        assert!(
            (1..=10).contains(&wait),
            "the wait on the server's own clock is right: {wait}"
        );
    }
    assert!(ahead.requests()[0].server_time() > behind.requests()[0].server_time());
    assert!(
        ahead.requests()[0].at() < HOUR,
        "the time since the start is not skewed"
    );
}

#[test]
fn scripted_limits_are_counted_from_the_servers_clock() {
    let server = MockServer::builder()
        .clock_offset(-1_000_000)
        .rate_limit(5, HOUR)
        .start()
        .unwrap();
    let wait = Duration::from_millis(3_500);
    server.script(
        Method::GET,
        "/me",
        [Scripted::status(429)
            .json(json!(null))
            .rate_limit_headers(167, 0, wait)],
    );
    let answer = get(&server, "/me");
    assert_eq!((answer.status, told(&answer)), (429, (167, 0)));
    assert_eq!(answer.number("x-ratelimit-reset") - answer.date(), 4);
    assert_eq!(
        told(&get(&server, "/me")),
        (5, 5),
        "a scripted answer uses no quota"
    );
}
