//! Rate limits on the server's clock, as a client sees them.

use std::time::Duration;

use intercom_mock::{Method, MockServer, Scripted};
use serde_json::json;

use crate::client::{get, request};

const HOUR: Duration = Duration::from_secs(3_600);

fn limit_and_remaining(response: &crate::client::Response) -> (u64, u64) {
    (
        response.number("x-ratelimit-limit"),
        response.number("x-ratelimit-remaining"),
    )
}

/// Advances the clock to the start of a window, so that no window ends in the middle of a test.
fn advance_to_next_window(server: &MockServer) {
    server.advance_clock(HOUR - Duration::from_secs(server.server_time().as_secs() % 3_600));
}

#[test]
fn exhausted_quota_is_restored_in_the_next_window() {
    let server = MockServer::builder().rate_limit(2, HOUR).start().unwrap();
    advance_to_next_window(&server);
    assert_eq!(
        limit_and_remaining(&get(&server, "/me")),
        (2, 2),
        "does not count this request yet"
    );
    assert_eq!(
        limit_and_remaining(&get(&server, "/nothing")),
        (2, 1),
        "errors count too"
    );
    let refused = get(&server, "/me");
    assert_eq!(
        refused.error(),
        "429 rate_limit_exceeded Exceeded rate limit of 2 in 3600_seconds"
    );
    assert_eq!(limit_and_remaining(&refused), (2, 0));
    assert_eq!(
        refused.header("retry-after"),
        None,
        "Intercom does not send it"
    );
    let reset = refused.number("x-ratelimit-reset");
    assert!(
        reset % 3_600 == 0 && reset > refused.date() && reset - refused.date() <= 3_600,
        "{refused:?}"
    );
    assert_eq!(
        request(&server, "GET", "/me")
            .without("authorization")
            .send()
            .status,
        401,
        "an unauthenticated request uses no quota"
    );
    server.advance_clock(Duration::from_secs(reset - refused.date()));
    assert_eq!(limit_and_remaining(&get(&server, "/me")), (2, 2));
}

#[test]
fn meaning_of_reset_and_remaining_is_configurable() {
    let server = MockServer::builder()
        .rate_limit(100, HOUR)
        .reset_offset(2)
        .remaining_after(true)
        .start()
        .unwrap();
    advance_to_next_window(&server);
    let response = get(&server, "/me");
    assert_eq!(
        (
            response.number("x-ratelimit-remaining"),
            response.number("x-ratelimit-reset") % 3_600
        ),
        (99, 2)
    );
    server.set_reset_offset(0);
    server.set_remaining_after(false);
    let response = get(&server, "/me");
    assert_eq!(
        (
            response.number("x-ratelimit-remaining"),
            response.number("x-ratelimit-reset") % 3_600
        ),
        (99, 0)
    );
}

#[test]
fn hidden_limit_rejects_requests_that_the_headers_allow() {
    let server = MockServer::builder()
        .rate_limit(100, HOUR)
        .hidden_workspace_limit(1)
        .start()
        .unwrap();
    advance_to_next_window(&server);
    assert_eq!(get(&server, "/me").status, 200);
    let refused = get(&server, "/me");
    assert_eq!(
        (refused.status, limit_and_remaining(&refused)),
        (429, (100, 99))
    );
    server.set_hidden_workspace_limit(None);
    assert_eq!(get(&server, "/me").status, 200);
}

#[test]
fn spend_quota_reduces_the_remaining_requests() {
    let server = MockServer::builder().rate_limit(100, HOUR).start().unwrap();
    advance_to_next_window(&server);
    server.spend_quota(60);
    assert_eq!(limit_and_remaining(&get(&server, "/me")), (100, 40));
}

#[test]
fn skewed_clock_affects_all_times_equally() {
    let ahead = MockServer::builder().clock_offset(7_200).start().unwrap();
    let behind = MockServer::builder().clock_offset(-7_200).start().unwrap();
    let (late, early) = (get(&ahead, "/me"), get(&behind, "/me"));
    assert!(late.date() > early.date() + 14_000);
    for response in [&late, &early] {
        let wait = response.number("x-ratelimit-reset") - response.date();
        assert!(
            (1..=10).contains(&wait),
            "the wait is right on the server's clock: {wait}"
        );
    }
    assert!(ahead.requests()[0].server_time() > behind.requests()[0].server_time());
    assert!(
        ahead.requests()[0].at() < HOUR,
        "the time since the start is not skewed"
    );
}

#[test]
fn scripted_reset_is_measured_from_the_servers_clock() {
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
    let response = get(&server, "/me");
    assert_eq!(
        (response.status, limit_and_remaining(&response)),
        (429, (167, 0))
    );
    assert_eq!(response.number("x-ratelimit-reset") - response.date(), 4);
    assert_eq!(
        limit_and_remaining(&get(&server, "/me")),
        (5, 5),
        "a scripted response uses no quota"
    );
}
