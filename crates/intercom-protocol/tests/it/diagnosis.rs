//! What a diagnosis finds, and that the status page never sees the token.

use http::StatusCode;
use http::header::AUTHORIZATION;
use intercom_protocol::flows::{Advice, Diagnosis, diagnose};
use intercom_protocol::{ErrorKind, Fault, FaultKind, Fix, Slot, ready};
use serde_json::json;

use crate::scripted::{Exchange, ScriptedCaller, answer, answer_with, json_answer, refusal};

fn me() -> Exchange {
    answer_with(
        200,
        &[
            ("date", "Fri, 22 Mar 2024 09:33:20 GMT"),
            ("x-ratelimit-limit", "167"),
            ("x-ratelimit-remaining", "166"),
        ],
        r#"{"type":"admin","id":"1","email":"ada@example.org"}"#,
    )
}

fn page(indicator: &str) -> Exchange {
    json_answer(
        200,
        &json!({ "page": { "id": "x" }, "status": { "indicator": indicator, "description": "words" } }),
    )
}

fn elsewhere(url: &str) -> Exchange {
    answer_with(301, &[("location", url)], "<html>moved</html>")
}

fn diagnosed(caller: &ScriptedCaller) -> Diagnosis {
    ready(diagnose(caller)).unwrap()
}

#[test]
fn a_healthy_connection_says_who_and_how_much() {
    let caller = ScriptedCaller::new([me(), page("none")]);
    let diagnosis = diagnosed(&caller);
    assert!(diagnosis.is_ok());
    assert_eq!(diagnosis.auth().admin(), Some("ada@example.org"));
    assert_eq!(diagnosis.rate_limit().unwrap().remaining(), Some(166));
    assert_eq!(diagnosis.clock_offset_ms(), Some(500));
    assert!(diagnosis.advice().is_empty(), "{diagnosis:?}");
}

#[test]
fn a_clock_that_is_off_is_worth_a_word() {
    let late = answer_with(200, &[("date", "Fri, 22 Mar 2024 09:43:20 GMT")], "{}");
    let diagnosis = diagnosed(&ScriptedCaller::new([late, page("none")]));
    assert_eq!(diagnosis.clock_offset_ms(), Some(600_500));
    let advice = diagnosis.advice();
    assert!(matches!(advice[..], [Advice::ClockOff(600_500)]));
    insta::assert_snapshot!(advice[0], @"This machine's clock is 601 s behind Intercom's: synchronize it (NTP). Waits are measured by the server's clock and stay right.");
}

#[test]
fn a_token_that_is_not_accepted_is_told() {
    let caller = ScriptedCaller::new([
        refusal(401, "unauthorized", "Access Token Invalid"),
        page("none"),
    ]);
    let diagnosis = diagnosed(&caller);
    assert!(!diagnosis.is_ok());
    assert_eq!(diagnosis.auth().status(), Some(StatusCode::UNAUTHORIZED));
    assert!(diagnosis.auth().error().unwrap().is_unauthorized());
    let advice = diagnosis.advice();
    assert!(matches!(advice[0], Advice::Fix(step) if step.fix() == Fix::CallMe));
    assert_eq!(advice.len(), 3);
}

#[test]
fn an_answer_of_another_shape_is_still_an_accepted_token() {
    for body in [r#"{"id":7}"#, "null", "[]", ""] {
        let diagnosis = diagnosed(&ScriptedCaller::new([answer(200, body), page("none")]));
        assert!(diagnosis.auth().is_ok(), "{body}");
    }
}

#[test]
fn an_api_that_is_down_is_asked_once() {
    for down in [
        answer(503, "<html>503</html>"),
        Err(Fault::not_sent(FaultKind::Connect)),
    ] {
        let caller = ScriptedCaller::new([down, page("critical")]);
        let diagnosis = diagnosed(&caller);
        assert!(!diagnosis.is_ok());
        assert_eq!(caller.sent().len(), 2);
        let advice = diagnosis.advice();
        assert!(matches!(advice.last(), Some(Advice::Incident(_))));
        for advice in &advice {
            let Advice::Fix(step) = advice else { continue };
            assert_eq!(step.value(Slot::BaseUrl), Some("https://api.intercom.io"));
            let page = step.value(Slot::StatusPage);
            assert_eq!(page, Some("https://www.intercomstatus.com"));
        }
    }
}

#[test]
fn advice_names_what_the_response_names() {
    let lacks = "You do not have the required scope (read_admins) to access this resource";
    let caller = ScriptedCaller::new([refusal(403, "forbidden", lacks), page("none")]);
    let diagnosis = diagnosed(&caller);
    let scope = diagnosis.advice()[0].to_string();
    assert!(scope.contains("add the scope read_admins, then"), "{scope}");
}

#[test]
fn words_of_the_status_page_stay_on_their_line() {
    let words = json!({ "status": { "indicator": "major", "description": "Down\n\u{1b}[31m" } });
    let diagnosis = diagnosed(&ScriptedCaller::new([me(), json_answer(200, &words)]));
    insta::assert_snapshot!(diagnosis.advice()[0], @r"Intercom reports an incident (Down\n\u{1b}[31m): wait for it to end. Reads and safe writes are retried meanwhile.");
}

#[test]
fn a_status_page_that_cannot_be_read_is_no_verdict_on_the_api() {
    for down in [
        answer(503, "<html>"),
        answer(200, "<html>"),
        answer(200, r#"{"status":{}}"#),
        Err(Fault::not_sent(FaultKind::Dns)),
    ] {
        let diagnosis = diagnosed(&ScriptedCaller::new([me(), down]));
        assert!(diagnosis.is_ok());
        assert!(diagnosis.service().error().is_some());
        assert!(diagnosis.service().status().is_none());
        let advice = diagnosis.advice();
        assert!(matches!(advice[..], [Advice::StatusPageUnread(_)]));
        // A program that calls this may have no such option.
        assert!(!advice[0].to_string().contains("--"), "{diagnosis:?}");
    }
}

#[test]
fn a_major_incident_is_a_verdict_and_an_unknown_word_is_not() {
    for (indicator, ok) in [
        ("minor", true),
        ("maintenance", true),
        ("major", false),
        ("critical", false),
    ] {
        let diagnosis = diagnosed(&ScriptedCaller::new([me(), page(indicator)]));
        assert_eq!(diagnosis.is_ok(), ok, "{indicator}");
    }
}

#[test]
fn a_status_page_that_moved_is_followed_without_the_token() {
    let caller = ScriptedCaller::new([
        me(),
        elsewhere("https://www.finstatus.com/api/v2/status.json"),
        elsewhere("/api/v3/status.json"),
        elsewhere("https://third.example/"),
        page("none"),
    ]);
    let diagnosis = diagnosed(&caller);
    assert!(
        diagnosis.service().status().is_some(),
        "{:?}",
        diagnosis.service()
    );
    let uris: Vec<String> = caller
        .requests()
        .iter()
        .map(|request| request.uri().to_string())
        .collect();
    assert_eq!(
        uris,
        [
            "https://api.intercom.io/me",
            "https://www.intercomstatus.com/api/v2/status.json",
            "https://www.finstatus.com/api/v2/status.json",
            "https://www.finstatus.com/api/v3/status.json",
            "https://third.example/",
        ]
    );
    for (n, request) in caller.requests().iter().enumerate() {
        assert_eq!(request.headers().contains_key(AUTHORIZATION), n == 0, "{n}");
    }
}

#[test]
fn a_status_page_that_moved_within_its_host_is_followed() {
    let caller = ScriptedCaller::new([me(), elsewhere("/new?x=y"), page("none")]);
    assert!(diagnosed(&caller).service().status().is_some());
    assert_eq!(
        caller.requests()[2].uri(),
        "https://www.intercomstatus.com/new?x=y"
    );
}

#[test]
fn a_status_page_that_sends_us_on_four_times_is_not_followed_further() {
    let caller = ScriptedCaller::new(
        [me()]
            .into_iter()
            .chain((1..=4).map(|n| elsewhere(&format!("https://s{n}.example/")))),
    );
    let diagnosis = diagnosed(&caller);
    assert_eq!(caller.sent().len(), 5);
    let error = diagnosis.service().error().unwrap();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Decode, Some(StatusCode::MOVED_PERMANENTLY))
    );
}

#[test]
fn a_status_page_that_moved_to_an_unsafe_place_is_not_followed() {
    for url in [
        "http://plain.example/",
        "ftp://x/",
        "https://u:p@x/",
        "//other.example/",
        "not a url",
        "/api/%2e%2e/x",
        "/a%2Fb",
        "https://www.finstatus.com/a/%2E./b",
    ] {
        let caller = ScriptedCaller::new([me(), elsewhere(url)]);
        let diagnosis = diagnosed(&caller);
        assert!(diagnosis.service().error().is_some(), "{url}");
        assert_eq!(caller.sent().len(), 2, "{url}");
    }
}

#[test]
fn a_diagnosis_that_could_not_be_begun_is_not_ok_and_says_why() {
    let pending = ready(std::future::pending::<Diagnosis>());
    let diagnosis = pending.unwrap_or_else(Diagnosis::not_begun);
    assert!(!diagnosis.is_ok() && diagnosis.service().status().is_none());
    let why = diagnosis.auth().error().unwrap();
    assert_eq!(why.kind(), ErrorKind::NotStarted);
    assert!(
        diagnosis.advice()[0]
            .to_string()
            .contains("not a blocking one")
    );
}
