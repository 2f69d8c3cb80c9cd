//! `api`: calls, and how they are reported.

use std::time::Duration;

use intercom_mock::{Method, MockServer, Scripted};
use serde_json::{Value, json};

use crate::run::{against, command, run, run_with};

const CLIENTS: [&str; 2] = ["blocking", "async"];

fn limited() -> Scripted {
    Scripted::error(429, "rate_limit_exceeded", "Rate limit exceeded").rate_limit_headers(
        167,
        0,
        Duration::from_secs(1),
    )
}

#[test]
fn a_rate_limited_call_waits_and_reports_each_attempt() {
    for client in CLIENTS {
        let mock = MockServer::start().unwrap();
        mock.script(
            Method::GET,
            "/me",
            [
                limited(),
                Scripted::status(200).json(json!({ "type": "admin", "n": 1 })),
            ],
        );
        let ran = run(against(
            &mock,
            &["api", "GET", "/me", "--json", "--client", client],
        ));
        assert_eq!(ran.exit, 0);
        let (shown, rest) = ran.line().split_once(" in ").unwrap();
        assert_eq!(shown, "429 rate_limit_exceeded; attempt 2 of 4");
        assert!(rest.ends_with(" s (rate limit reset)"), "{ran:?}");
        let mut report = ran.json();
        assert!(
            (1_000..=2_100).contains(&report["attempts"][0]["wait_ms"].as_u64().unwrap()),
            "{report}"
        );
        assert!(report["elapsed_ms"].as_u64() >= report["attempts"][0]["wait_ms"].as_u64());
        report["attempts"][0]["wait_ms"] = json!("[wait]");
        report["elapsed_ms"] = json!("[elapsed]");
        insta::allow_duplicates! {
            insta::assert_snapshot!(serde_json::to_string_pretty(&report).unwrap(), @r#"
            {
              "attempts": [
                {
                  "cause": "rate_limit_reset",
                  "code": "rate_limit_exceeded",
                  "fault": null,
                  "n": 1,
                  "status": 429,
                  "wait_ms": "[wait]"
                },
                {
                  "cause": null,
                  "code": null,
                  "fault": null,
                  "n": 2,
                  "status": 200,
                  "wait_ms": null
                }
              ],
              "body": {
                "n": 1,
                "type": "admin"
              },
              "elapsed_ms": "[elapsed]",
              "error": null,
              "kind": null,
              "location": null,
              "may_have_been_applied": false,
              "ok": true,
              "retry_at": null,
              "status": 200,
              "stop": null
            }
            "#);
        }
    }
}

#[test]
fn the_document_explains_the_error() {
    let mock = MockServer::start().unwrap();
    let ran = run(against(&mock, &["api", "GET", "/contacts/none", "--json"]));
    let report = ran.json();
    assert_eq!(
        (ran.exit, &report["ok"], &report["status"]),
        (1, &json!(false), &json!(404))
    );
    assert_eq!(
        (&report["error"]["code"], &report["error"]["action"]),
        (&json!("not_found"), &json!("verify_id"))
    );
    assert_eq!(report["body"]["errors"][0]["message"], "User Not Found");
    assert_eq!(
        (&report["stop"], &report["attempts"][0]["code"]),
        (&json!("not_retryable"), &json!("not_found"))
    );
    assert_eq!(
        (&report["kind"], &report["may_have_been_applied"]),
        (&json!("api"), &json!(false))
    );
    assert!(
        ran.line()
            .starts_with("404 not_found \"User Not Found\": check the id"),
        "{ran:?}"
    );
}

#[test]
fn the_explanation_depends_on_the_request() {
    let mock = MockServer::start().unwrap();
    let missing = Scripted::error(404, "not_found", "User Not Found");
    mock.script_always(Method::POST, "/messages", missing);
    let scroll = Scripted::status(502).body("<html>");
    mock.script_always(Method::GET, "/companies/scroll", scroll);
    mock.script_always(Method::DELETE, "/tags/1", Scripted::close_before());
    let shown = |method: &str, path: &str, more: &[&str]| {
        let asked = ["api", method, path, "--json", "--max-attempts", "1"];
        let document = run(against(&mock, &[&asked[..], more].concat())).json();
        let words = ["category", "resend", "action", "replay"];
        let words = words.map(|word| document["error"][word].as_str().unwrap_or("-").to_owned());
        let advice = ["meaning", "causes", "fixes"].map(|word| &document["error"][word]);
        assert!(advice[0].is_string(), "{document}");
        assert!(
            advice[1..].iter().all(|list| !list[0].is_null()),
            "{document}"
        );
        words.join(" ")
    };
    let message = |more: &[&str]| shown("POST", "/messages", &[&["--data", "{}"], more].concat());
    assert_eq!(message(&[]), "not_found never wait_for_index no");
    assert_eq!(
        message(&["--replayable"]),
        "not_found never wait_for_index allowed"
    );
    let scroll = shown("GET", "/companies/scroll?scroll_param=x", &[]);
    assert_eq!(scroll, "server never restart_scroll no");
    let cut = shown("DELETE", "/tags/1", &[]);
    assert_eq!(
        cut,
        "connection if_replayable retry_and_check_status idempotent"
    );
    let refused = run(against(&mock, &["api", "GET", "me", "--json"])).json();
    assert_eq!(
        (&refused["error"]["replay"], &refused["error"]["fixes"]),
        (&json!("read"), &json!([]))
    );
}

#[test]
fn an_ambiguous_write_is_not_retried_unless_replayable() {
    let body = r#"{"message_type":"email","body":"Hello"}"#;
    for client in CLIENTS {
        let mock = MockServer::start().unwrap();
        mock.script(Method::POST, "/messages", [Scripted::close_after_work()]);
        let send = |more: &[&str]| {
            run(against(
                &mock,
                &[
                    &[
                        "api",
                        "POST",
                        "/messages",
                        "--data",
                        body,
                        "--json",
                        "--client",
                        client,
                    ],
                    more,
                ]
                .concat(),
            ))
        };
        let ran = send(&[]);
        let report = ran.json();
        assert_eq!((ran.exit, &report["stop"]), (1, &json!("not_replayable")));
        assert_eq!(
            (&report["kind"], &report["may_have_been_applied"]),
            (&json!("fault"), &json!(true))
        );
        assert_eq!(report["attempts"][0]["fault"], "closed/outcome_unknown");
        assert_eq!(
            (&report["error"]["category"], &report["status"]),
            (&json!("connection"), &Value::Null)
        );
        assert_eq!(mock.messages().len(), 1);
        assert!(
            ran.line().contains("the request may have been applied"),
            "{ran:?}"
        );

        mock.script(Method::POST, "/messages", [Scripted::close_after_work()]);
        let ran = send(&["--replayable"]);
        assert_eq!(
            (ran.exit, ran.json()["attempts"].as_array().unwrap().len()),
            (0, 2),
            "{ran:?}"
        );
    }
}

#[test]
fn conflict_on_retry_of_ambiguous_write_is_maybe_applied() {
    let mock = MockServer::start().unwrap();
    let clash = Scripted::error(409, "conflict", "exists already");
    mock.script(
        Method::POST,
        "/contacts",
        [Scripted::close_after_work(), clash],
    );
    let data = r#"{"role":"lead","name":"a"}"#;
    let asked = ["api", "POST", "/contacts", "--data", data, "--replayable"];
    let report = run(against(&mock, &[&asked[..], &["--json"]].concat())).json();
    assert_eq!(
        (&report["kind"], &report["may_have_been_applied"]),
        (&json!("maybe_applied"), &json!(true)),
        "{report}"
    );
    assert_eq!(report["error"]["category"], "conflict");
}

#[test]
fn request_and_response_bodies_are_not_changed() {
    let mock = MockServer::start().unwrap();
    mock.script_always(
        Method::POST,
        "/echo",
        Scripted::status(200).body("{ \"n\" : 1.50 }\r\n"),
    );
    let data = "{ \"big\": 12345678901234567890123 }";
    let file = std::env::temp_dir().join(format!("intercom-data-{}.json", std::process::id()));
    std::fs::write(&file, data).unwrap();
    let at = format!("@{}", file.display());
    for (argument, input) in [(data, ""), (at.as_str(), ""), ("@-", data)] {
        let ran = run_with(
            against(
                &mock,
                &["api", "post", "/echo", "-d", argument, "-H", "X-Test: yes"],
            ),
            input.as_bytes(),
        );
        assert_eq!((ran.exit, ran.out.as_str()), (0, "{ \"n\" : 1.50 }\r\n"));
        let request = mock.requests().pop().unwrap();
        assert_eq!(request.body().as_ref(), data.as_bytes());
        assert_eq!(request.header("x-test"), Some("yes"));
    }
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn html_is_an_error_without_any() {
    let mock = MockServer::start().unwrap();
    mock.script_always(Method::GET, "/page", Scripted::status(200).body("<html>"));
    let ask = |more: &[&str]| {
        run(against(
            &mock,
            &[
                &["api", "GET", "/page", "--json", "--max-attempts", "1"],
                more,
            ]
            .concat(),
        ))
    };
    let refused = ask(&[]);
    assert_eq!(
        (refused.exit, &refused.json()["error"]["category"]),
        (1, &json!("unreadable"))
    );
    let taken = ask(&["--any"]);
    assert_eq!((taken.exit, &taken.json()["body"]), (0, &json!("<html>")));
}

#[test]
fn json_in_a_pipe_ends_with_a_line_break() {
    let mock = MockServer::start().unwrap();
    let ask = |body: &str, more: &[&str]| {
        let response = Scripted::status(404).body(body.to_owned());
        mock.script(Method::GET, "/x", [response]);
        run(against(&mock, &[&["api", "GET", "/x"], more].concat())).out
    };
    let error = r#"{"type":"error.list","errors":[{"code":"not_found"}]}"#;
    assert_eq!(ask(error, &[]), format!("{error}\n"));
    assert_eq!(ask(&format!("{error}\n"), &[]), format!("{error}\n"));
    assert_eq!(ask("<html>", &[]), "<html>");
    assert_eq!(ask("", &[]), "");
    assert_eq!(ask(error, &["--any"]), error);
}

#[test]
fn a_long_wait_is_announced_and_a_short_one_is_not() {
    let mock = MockServer::start().unwrap();
    let after = Scripted::status(503).header("retry-after", "2");
    mock.script(Method::GET, "/me", [Scripted::close_after_work(), after]);
    let ran = run(against(
        &mock,
        &["api", "GET", "/me", "--max-attempts", "3"],
    ));
    // The first wait is short.
    assert_eq!(
        (ran.exit, ran.line()),
        (0, "503; attempt 3 of 3 in 2.0 s (Retry-After)")
    );
}

#[test]
fn a_retried_success_with_an_unusable_body_is_announced_as_unusable() {
    let mock = MockServer::start().unwrap();
    let page = Scripted::status(200)
        .body("<html>")
        .header("retry-after", "1");
    mock.script(Method::GET, "/me", [page]);
    let ran = run(against(&mock, &["api", "GET", "/me"]));
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert!(
        ran.line()
            .starts_with("200, but its body is not usable; attempt 2 of 4 in "),
        "{ran:?}"
    );
}

#[test]
fn an_accepted_redirect_is_reported_and_not_followed() {
    let mock = MockServer::start().unwrap();
    let place = format!("{}/contacts", mock.base_url());
    mock.script(
        Method::GET,
        "/file",
        [Scripted::status(302).header("location", &place)],
    );
    let ran = run(against(&mock, &["api", "GET", "/file", "--any"]));
    assert_eq!((ran.exit, ran.out.as_str()), (0, ""));
    assert_eq!(ran.line(), format!("redirect to {place} not followed"));
    assert_eq!(mock.request_count(), 1);
}

#[test]
fn a_wait_beyond_the_deadline_stops_at_once_with_retry_at() {
    let mock = MockServer::start().unwrap();
    let refused = Scripted::error(429, "rate_limit_exceeded", "x").rate_limit_headers(
        1,
        0,
        Duration::from_secs(30),
    );
    mock.script_always(Method::GET, "/me", refused);
    let ran = run(against(
        &mock,
        &["api", "GET", "/me", "--json", "--deadline", "5.5"],
    ));
    let report = ran.json();
    assert_eq!(
        (ran.exit, &report["stop"]),
        (1, &json!("deadline_exceeded"))
    );
    assert_eq!(report["error"]["wait_ms"], 30_000);
    assert!(report["retry_at"].is_u64() && report["elapsed_ms"].as_u64().unwrap() < 5_000);
    assert_eq!(mock.request_count(), 1);
}

#[test]
fn an_unreachable_host_is_reported_as_not_sent() {
    for client in CLIENTS {
        let mut gone = command(&[
            "api",
            "GET",
            "/me",
            "--max-attempts",
            "1",
            "--base-url",
            "http://127.0.0.1:9",
            "--client",
            client,
        ]);
        gone.env("INTERCOM_ACCESS_TOKEN", "some-token");
        let ran = run(gone);
        assert_eq!((ran.exit, ran.out.as_str()), (1, ""));
        assert!(
            ran.line().contains("nothing was sent")
                && ran.line().contains("check the host, the network"),
            "{ran:?}"
        );
    }
}

#[test]
fn an_ambiguous_write_is_reported_with_the_advice_to_check() {
    let shown = |mock: &MockServer, args: &[&str]| {
        let mut lines: Vec<String> = CLIENTS
            .iter()
            .map(|client| {
                let ran = run(against(mock, &[args, &["--client", client]].concat()));
                let line = ran.line().to_owned();
                match line.split_once(" (request ") {
                    Some((before, after)) => {
                        format!("{before}{}", after.split_once(')').unwrap().1)
                    }
                    None => line,
                }
            })
            .collect();
        lines.dedup();
        lines.join("\n")
    };
    let mock = MockServer::start().unwrap();
    let post = ["api", "POST", "/messages", "--data", "{}"];
    let hang = Scripted::normal().delay(Duration::from_secs(60));
    for method in [Method::GET, Method::POST] {
        mock.script_always(method, "*", hang.clone());
    }
    let get = shown(&mock, &["api", "GET", "/me", "--deadline", "0.5"]);
    let (get, _) = get.split_once("; worth trying again in ").unwrap();
    insta::assert_snapshot!(get, @"timed out: no response arrived before the deadline, so allow the call more time");
    let posted = shown(&mock, &[&post[..], &["--deadline", "0.5"]].concat());
    insta::assert_snapshot!(posted, @"timed out: the request may have been applied, so check before sending it again");
    mock.clear_scripts();
    mock.script_always(
        Method::POST,
        "*",
        Scripted::error(500, "server_error", "no"),
    );
    insta::assert_snapshot!(shown(&mock, &post), @r#"500 server_error "no": the request may have been applied, so check before sending it again"#);
    mock.clear_scripts();
    mock.set_rate_limit(1, Duration::from_secs(60));
    let flow = [
        "contact",
        "find-or-create",
        "--email",
        "a@example.org",
        "--deadline",
        "2",
    ];
    let late = shown(&mock, &flow);
    assert!(!late.contains("deadline_exceeded"), "{late}");
}

#[test]
fn the_request_has_the_version_header() {
    let mock = MockServer::start().unwrap();
    let ran = run(against(
        &mock,
        &["api", "GET", "/me", "--api-version", "2.14"],
    ));
    assert_eq!(ran.exit, 0);
    let request = mock.requests().pop().unwrap();
    assert_eq!(request.header("intercom-version"), Some("2.14"));
    assert!(
        request
            .header("user-agent")
            .unwrap()
            .starts_with("intercom-cli/")
    );
}

#[test]
fn a_redirect_is_an_error_that_names_the_any_option() {
    let place = "https://files.example/a.zip";
    for client in CLIENTS {
        let mock = MockServer::start().unwrap();
        let response = Scripted::status(302).header("location", place);
        mock.script_always(Method::GET, "/download", response);
        let asked = ["api", "GET", "/download", "--client", client];
        let ran = run(against(&mock, &[&asked[..], &["--json"]].concat()));
        let shown = format!("302: redirect to {place} not followed; add --any to accept it");
        assert_eq!((ran.exit, ran.line()), (1, shown.as_str()));
        assert_eq!(ran.json()["location"], place);
        let taken = run(against(&mock, &[&asked[..], &["--any", "--json"]].concat()));
        assert_eq!((taken.exit, &taken.json()["location"]), (0, &json!(place)));
        let response = Scripted::status(303).header("location", place);
        mock.script_always(Method::POST, "/messages", response);
        let written = run(against(&mock, &["api", "POST", "/messages"]));
        assert_eq!(
            written.line(),
            format!("303: redirect to {place} not followed")
        );
        let none = run(against(&mock, &["api", "GET", "/me", "--json"])).json();
        assert_eq!(none.get("location"), Some(&Value::Null));
    }
}

#[test]
fn a_wait_longer_than_max_wait_ends_the_call() {
    let mock = MockServer::start().unwrap();
    let refused = Scripted::error(429, "too_many_requests", "x").header("retry-after", "100");
    mock.script_always(Method::GET, "/me", refused);
    let stopped = |args: &[&str]| {
        let asked = ["api", "GET", "/me", "--json", "--deadline", "5"];
        let report = run(against(&mock, &[&asked[..], args].concat())).json();
        report["stop"].as_str().map(str::to_owned).unwrap()
    };
    for client in CLIENTS {
        let client = ["--client", client];
        assert_eq!(stopped(&client), "wait_too_long");
        let allowed = [&client[..], &["--max-wait", "200"]].concat();
        assert_eq!(stopped(&allowed), "deadline_exceeded");
    }
    assert_eq!(mock.request_count(), 4);
}
