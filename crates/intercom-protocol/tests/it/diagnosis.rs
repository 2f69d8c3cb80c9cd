//! What a diagnosis finds. The status page never receives the token.

use std::time::Duration;

use http::StatusCode;
use http::header::AUTHORIZATION;
use intercom_protocol::flows::{Advice, Diagnosis, TokenState, diagnose, service_status};
use intercom_protocol::{
    AnsweredBy, Config, Error, ErrorKind, Fault, FaultKind, Fix, Region, Slot, ready,
};
use serde_json::json;

use crate::scripted::{Exchange, ScriptedCaller, json_response, refusal, response, response_with};

fn me() -> Exchange {
    response_with(
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
    json_response(
        200,
        &json!({ "page": { "id": "x" }, "status": { "indicator": indicator, "description": "words" } }),
    )
}

fn elsewhere(url: &str) -> Exchange {
    response_with(301, &[("location", url)], "<html>moved</html>")
}

fn diagnosed(caller: &ScriptedCaller) -> Diagnosis {
    ready(diagnose(caller)).unwrap()
}

#[test]
fn a_healthy_connection_reports_the_admin_and_the_quota() {
    let caller = ScriptedCaller::new([me(), page("none")]);
    let diagnosis = diagnosed(&caller);
    assert!(diagnosis.is_ok());
    assert_eq!(diagnosis.auth().admin(), Some("ada@example.org"));
    assert_eq!(diagnosis.rate_limit().unwrap().remaining(), Some(166));
    assert_eq!(diagnosis.clock_offset_ms(), Some(500));
    assert!(diagnosis.advice().is_empty(), "{diagnosis:?}");
}

#[test]
fn a_wrong_clock_is_reported() {
    let late = response_with(200, &[("date", "Fri, 22 Mar 2024 09:43:20 GMT")], "{}");
    let diagnosis = diagnosed(&ScriptedCaller::new([late, page("none")]));
    assert_eq!(diagnosis.clock_offset_ms(), Some(600_500));
    let advice = diagnosis.advice();
    assert!(matches!(advice[..], [Advice::ClockOffset(600_500)]));
    insta::assert_snapshot!(advice[0], @"This machine's clock is 601 s behind Intercom's: synchronize it (NTP). Waits use the server's clock, so they are still correct.");
}

#[test]
fn a_token_that_is_not_accepted_is_reported() {
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

fn unauthorized() -> Exchange {
    refusal(401, "unauthorized", "Access Token Invalid")
}

#[test]
fn without_a_token_everything_else_is_checked() {
    let caller = ScriptedCaller::new([unauthorized(), page("none")]).with(Config::anonymous());
    let diagnosis = diagnosed(&caller);
    assert!(!caller.requests()[0].headers().contains_key(AUTHORIZATION));
    assert!(!diagnosis.is_ok());
    assert_eq!(diagnosis.auth().token(), TokenState::Missing);
    assert_eq!(diagnosis.is_reachable(), Some(true));
    assert!(diagnosis.service().status().is_some());
    let advice = diagnosis.advice();
    assert!(matches!(advice[..], [Advice::NoToken]), "{advice:?}");
    insta::assert_snapshot!(advice[0], @"app.intercom.com > Settings > Developer Hub > your app > Authentication: copy the access token.");
}

#[test]
fn without_a_token_another_failure_keeps_its_fixes() {
    let down = Err(Fault::not_sent(FaultKind::Dns));
    let caller = ScriptedCaller::new([down, page("none")]).with(Config::anonymous());
    let diagnosis = diagnosed(&caller);
    assert_eq!(diagnosis.is_reachable(), Some(false));
    assert_eq!(diagnosis.fault().unwrap().kind(), FaultKind::Dns);
    assert_eq!(diagnosis.answered_by(), None);
    let advice = diagnosis.advice();
    assert!(matches!(advice[0], Advice::Fix(_)), "{advice:?}");
    assert!(matches!(advice.last(), Some(Advice::NoToken)), "{advice:?}");
}

#[test]
fn advice_about_a_firewall_is_that_of_its_case() {
    let captcha = response_with(405, &[("x-amzn-waf-action", "captcha")], "<html>");
    let caller = ScriptedCaller::new([captcha, page("none")]);
    let diagnosis = diagnosed(&caller);
    let steps: Vec<Fix> = diagnosis
        .advice()
        .iter()
        .filter_map(|advice| match advice {
            Advice::Fix(step) => Some(step.fix()),
            _ => None,
        })
        .collect();
    assert_eq!(steps[0], Fix::WaitOutFirewall);
    assert!(!steps.contains(&Fix::RequestHigherLimit), "{steps:?}");
}

#[test]
fn a_response_of_a_firewall_is_not_one_of_the_api() {
    let waf = [("x-amzn-waf-action", "captcha")];
    for (response, answered_by, reachable) in [
        (me(), AnsweredBy::Api, true),
        (response(200, "{}"), AnsweredBy::Unknown, true),
        (unauthorized(), AnsweredBy::Api, true),
        (response(502, ""), AnsweredBy::Unknown, true),
        (response(407, ""), AnsweredBy::Intermediary, false),
        (
            response_with(405, &waf, "<html>"),
            AnsweredBy::Intermediary,
            false,
        ),
    ] {
        for config in [Config::new("t"), Config::anonymous()] {
            let response = Ok(response.as_ref().unwrap().clone());
            let caller = ScriptedCaller::new([response, page("none")]).with(config);
            let diagnosis = diagnosed(&caller);
            assert_eq!(diagnosis.answered_by(), Some(answered_by), "{diagnosis:?}");
            assert_eq!(diagnosis.is_reachable(), Some(reachable), "{diagnosis:?}");
            let is_step = |advice: &Advice<'_>| matches!(advice, Advice::Fix(_));
            if !reachable {
                assert_ne!(diagnosis.auth().token(), TokenState::Refused);
                assert!(is_step(&diagnosis.advice()[0]), "{diagnosis:?}");
            }
        }
    }
}

#[test]
fn a_proxy_may_add_the_token() {
    let caller = ScriptedCaller::new([me(), page("none")]).with(Config::anonymous());
    let diagnosis = diagnosed(&caller);
    assert!(diagnosis.is_ok());
    assert_eq!(diagnosis.auth().token(), TokenState::Accepted);
    assert!(diagnosis.advice().is_empty(), "{diagnosis:?}");
}

#[test]
fn the_token_is_refused_only_by_a_response_about_it() {
    for (response, state) in [
        (unauthorized(), TokenState::Refused),
        (refusal(403, "forbidden", "No"), TokenState::Refused),
        (response(503, ""), TokenState::Unchecked),
        (
            Err(Fault::not_sent(FaultKind::Connect)),
            TokenState::Unchecked,
        ),
    ] {
        let diagnosis = diagnosed(&ScriptedCaller::new([response, page("none")]));
        assert_eq!(diagnosis.auth().token(), state, "{diagnosis:?}");
    }
}

fn hosted_in(name: &str) -> Exchange {
    json_response(200, &json!({ "app": { "region": name } }))
}

#[test]
fn a_workspace_of_another_region_is_reported_but_is_not_a_failure() {
    for (name, region, fits) in [
        ("US", Some(Region::Us), Some(true)),
        ("Europe", Some(Region::Eu), Some(false)),
        ("Australia", Some(Region::Au), Some(false)),
        ("Mars", None, None),
    ] {
        let diagnosis = diagnosed(&ScriptedCaller::new([hosted_in(name), page("none")]));
        assert!(diagnosis.is_ok(), "{name}");
        assert_eq!(diagnosis.auth().region_name(), Some(name));
        assert_eq!(
            (diagnosis.region(), diagnosis.host_fits()),
            (region, fits),
            "{name}"
        );
        assert_eq!(diagnosis.advice().len(), usize::from(fits == Some(false)));
    }
    let diagnosis = diagnosed(&ScriptedCaller::new([hosted_in("Europe"), page("none")]));
    insta::assert_snapshot!(diagnosis.advice()[0], @"The workspace is hosted in the region eu: send requests to https://api.eu.intercom.io.");
    let elsewhere = Config::new("t").base_url("https://proxy.example");
    let caller = ScriptedCaller::new([hosted_in("Europe"), page("none")]).with(elsewhere);
    assert_eq!(diagnosed(&caller).host_fits(), None);
}

#[test]
fn any_success_means_that_the_token_was_accepted() {
    for body in [r#"{"id":7}"#, "null", "[]", ""] {
        let diagnosis = diagnosed(&ScriptedCaller::new([response(200, body), page("none")]));
        assert!(diagnosis.auth().is_ok(), "{body}");
    }
}

#[test]
fn a_diagnosis_does_not_retry() {
    for down in [
        response(503, "<html>503</html>"),
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
fn the_description_of_an_incident_stays_on_its_line() {
    let words = json!({ "status": { "indicator": "major", "description": "Down\n\u{1b}[31m" } });
    let diagnosis = diagnosed(&ScriptedCaller::new([me(), json_response(200, &words)]));
    insta::assert_snapshot!(diagnosis.advice()[0], @r#"Intercom reports an incident (Down\n\u{1b}[31m): wait for it to end. Until then, reads and idempotent writes are retried."#);
}

#[test]
fn a_status_page_that_cannot_be_read_is_ignored() {
    for down in [
        response(503, "<html>"),
        response(200, "<html>"),
        response(200, r#"{"status":{}}"#),
        Err(Fault::not_sent(FaultKind::Dns)),
    ] {
        let diagnosis = diagnosed(&ScriptedCaller::new([me(), down]));
        assert!(diagnosis.is_ok());
        assert!(diagnosis.service().error().is_some());
        assert!(diagnosis.service().status().is_none());
        let advice = diagnosis.advice();
        assert!(matches!(advice[..], [Advice::StatusPageUnreadable(_)]));
        // The program may not have such an option.
        assert!(!advice[0].to_string().contains("--"), "{diagnosis:?}");
    }
}

#[test]
fn a_diagnosis_is_ok_unless_an_incident_is_major_or_critical() {
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
fn a_fourth_redirect_of_the_status_page_is_not_followed() {
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
fn an_unsafe_redirect_of_the_status_page_is_not_followed() {
    for url in [
        "http://plain.example/",
        "ftp://x/",
        "https://u:p@x/",
        "//other.example/",
        "not a url",
        "/api/%2e%2e/x",
        "https://www.finstatus.com/a/%2E./b",
    ] {
        let caller = ScriptedCaller::new([me(), elsewhere(url)]);
        let diagnosis = diagnosed(&caller);
        assert!(diagnosis.service().error().is_some(), "{url}");
        assert_eq!(caller.sent().len(), 2, "{url}");
    }
}

#[test]
fn a_diagnosis_that_could_not_start_is_not_ok_and_says_why() {
    let pending = ready(std::future::pending::<Diagnosis>());
    let diagnosis = pending.unwrap_or_else(Diagnosis::not_started);
    assert!(!diagnosis.is_ok() && diagnosis.service().status().is_none());
    let why = diagnosis.auth().error().unwrap();
    assert_eq!(why.kind(), ErrorKind::NotStarted);
    assert!(diagnosis.advice()[0].to_string().contains("await it"));
}

#[test]
fn diagnosis_that_could_not_start_says_nothing_about_the_host() {
    let reason = Error::configuration("proxy", "no");
    assert_eq!(Diagnosis::not_started(reason).is_reachable(), None);
}

#[test]
fn debug_of_a_diagnosis_does_not_show_the_admin() {
    let caller = ScriptedCaller::new([me(), page("none")]);
    let shown = format!("{:?}", diagnosed(&caller));
    assert!(shown.contains("Me { reply: Reply {"), "{shown}");
    assert!(!shown.contains("ada@example.org"), "{shown}");
}

#[test]
fn clock_may_be_wrong_by_as_much_as_its_measurement() {
    let advised = |date: &str| {
        let late = response_with(200, &[("date", date)], "{}");
        let caller = ScriptedCaller::new([late, page("none")]);
        // The middle of a second, so that the offset is a whole number of seconds.
        caller.advance(Duration::from_millis(500));
        let diagnosis = diagnosed(&caller);
        (diagnosis.clock_offset_ms(), diagnosis.advice().len())
    };
    assert_eq!(advised("Fri, 22 Mar 2024 09:33:25 GMT"), (Some(5000), 0));
    assert_eq!(advised("Fri, 22 Mar 2024 09:33:26 GMT"), (Some(6000), 1));
}

#[test]
fn older_status_page_is_read_if_there_is_no_summary_but_not_if_the_host_is_down() {
    let caller = ScriptedCaller::new([response(404, ""), page("minor")]);
    assert!(ready(service_status(&caller)).unwrap().is_ok());
    assert_eq!(caller.sent().len(), 2);
    let caller = ScriptedCaller::new([Err(Fault::not_sent(FaultKind::Dns))]);
    assert!(ready(service_status(&caller)).unwrap().is_err());
}
