//! `doctor`: each result and its exit status.

use intercom_mock::{Method, MockServer, Scripted};
use serde_json::{Value, json};

use crate::run::{against, command, run};

const CLIENTS: [&str; 2] = ["blocking", "async"];

fn json_of(mock: &MockServer, client: &str) -> (i32, Value) {
    let ran = run(against(mock, &["doctor", "--json", "--client", client]));
    assert_eq!(ran.exit == 0, ran.err.is_empty(), "{ran:?}");
    (ran.exit, ran.json())
}

#[test]
fn a_healthy_workspace_is_ok() {
    let mock = MockServer::builder()
        .rate_limit(167, std::time::Duration::from_secs(10))
        .start()
        .unwrap();
    for client in CLIENTS {
        let (exit, report) = json_of(&mock, client);
        assert_eq!((exit, &report["ok"]), (0, &json!(true)));
        assert_eq!(
            report["auth"],
            json!({ "ok": true, "status": 200, "code": null, "admin": "admin@example.com", "message": null, "request_id": null })
        );
        assert_eq!(
            report["service"],
            json!({ "ok": true, "indicator": "none", "description": "All Systems Operational" })
        );
        assert_eq!(report["rate_limit"]["limit"], 167);
        assert!(
            report["rate_limit"]["remaining"].is_u64() && report["rate_limit"]["reset_at"].is_u64()
        );
        assert!(report["clock_offset_ms"].as_i64().unwrap().abs() < 5_000);
        assert_eq!(report["advice"], json!([]));
    }
}

#[test]
fn a_bad_token_is_reported_with_its_fix() {
    let mock = MockServer::builder()
        .token("another-token")
        .start()
        .unwrap();
    for client in CLIENTS {
        let n = mock.request_count();
        let ran = run({
            let mut command = against(&mock, &["doctor", "--json", "--client", client]);
            command.env("INTERCOM_ACCESS_TOKEN", "an-old-token");
            command
        });
        let report = ran.json();
        assert_eq!((ran.exit, &report["ok"]), (1, &json!(false)));
        assert_eq!(
            report["auth"],
            json!({ "ok": false, "status": 401, "code": "unauthorized", "admin": null, "message": "Access Token Invalid", "request_id": mock.requests()[n].request_id() })
        );
        assert_eq!(
            (&report["service"]["ok"], &report["rate_limit"]),
            (&json!(true), &Value::Null)
        );
        assert!(!report["advice"].as_array().unwrap().is_empty());
        assert!(!report["advice"].to_string().contains("GET /me"));
        assert!(ran.line().contains("401 unauthorized"));
    }
}

#[test]
fn without_a_token_the_rest_is_checked() {
    let mock = MockServer::start().unwrap();
    for client in CLIENTS {
        let n = mock.request_count();
        let mut asked = against(&mock, &["doctor", "--json", "--client", client]);
        asked.env_remove("INTERCOM_ACCESS_TOKEN");
        let ran = run(asked);
        let report = ran.json();
        assert_eq!((ran.exit, &report["ok"]), (1, &json!(false)));
        assert_eq!(report["token"], "missing");
        assert_eq!(report["network"], json!({ "ok": true, "fault": null }));
        assert_eq!(report["answered_by"], "api");
        assert_eq!(report["auth"]["status"], 401);
        assert_eq!(report["service"]["ok"], true);
        assert!(report["clock_offset_ms"].is_i64(), "{report}");
        let advice = report["advice"].as_array().unwrap();
        assert_eq!(advice.len(), 1, "{report}");
        for source in ["Developer Hub", "INTERCOM_ACCESS_TOKEN", "--token-file"] {
            assert!(advice[0].as_str().unwrap().contains(source), "{report}");
        }
        assert!(ran.line().starts_with("no access token: set INTERCOM_"));
        assert!(mock.requests()[n].header("authorization").is_none());
    }
}

#[test]
fn without_a_token_an_unreachable_host_is_reported() {
    let mock = MockServer::start().unwrap();
    for client in CLIENTS {
        let mut asked = against(&mock, &["doctor", "--json", "--client", client]);
        asked.env_remove("INTERCOM_ACCESS_TOKEN");
        asked.env("INTERCOM_BASE_URL", "http://127.0.0.1:9");
        let ran = run(asked);
        let report = ran.json();
        assert_eq!((ran.exit, &report["token"]), (1, &json!("missing")));
        assert_eq!(
            report["network"],
            json!({ "ok": false, "fault": "connect" })
        );
        assert_eq!(report["service"]["ok"], true);
        assert!(ran.line().starts_with("the API could not be reached: "));
    }
}

#[test]
fn a_firewall_is_reported_as_the_network_and_not_as_the_token() {
    let mock = MockServer::start().unwrap();
    let blocked = Scripted::status(403).body("<html>Access denied</html>");
    let blocked = blocked.header("content-type", "text/html");
    mock.script_always(Method::GET, "/me", blocked.without_header("x-request-id"));
    for client in CLIENTS {
        let ran = run(against(&mock, &["doctor", "--json", "--client", client]));
        let report = ran.json();
        assert_eq!((ran.exit, &report["token"]), (1, &json!("unchecked")));
        assert_eq!(report["answered_by"], "intermediary");
        assert_eq!(report["network"], json!({ "ok": false, "fault": null }));
        assert!(
            ran.line()
                .starts_with("a firewall or proxy sent the response: 403"),
            "{ran:?}"
        );
    }
    let text = run(against(&mock, &["doctor"])).out;
    let text = text.replace(mock.base_url(), "https://api.intercom.io");
    insta::assert_snapshot!(text, @r"
    ✗ network     https://api.intercom.io: a firewall or proxy sent the response:
                  403: check the host, the network and the certificates
    ? token       not checked
    ? quota       unknown
    ✓ Intercom    All Systems Operational (no incident)
    ✓ clock       within about a second of Intercom's

    What to do
      - Read the page: it often names the product that blocked the request, and why.
      - Ask the administrator of the network to allow https://api.intercom.io, or
        connect from another network.
      - Check that the base URL is https://api.intercom.io,
        https://api.eu.intercom.io or https://api.au.intercom.io.
    ");
}

#[test]
fn the_region_of_the_workspace_is_shown() {
    let mock = MockServer::start().unwrap();
    for (name, region) in [
        ("US", json!("us")),
        ("Europe", json!("eu")),
        ("Mars", json!("Mars")),
    ] {
        let me = json!({ "email": "ada@example.org", "app": { "region": name } });
        mock.script_always(Method::GET, "/me", Scripted::status(200).json(me));
        let (exit, report) = json_of(&mock, "blocking");
        assert_eq!((exit, &report["region"]), (0, &region));
        // The mock is not a region's host.
        assert_eq!(report["host_fits"], Value::Null);
        let text = run(against(&mock, &["doctor"])).out;
        assert!(text.contains(&format!("✓ region      {name}\n")), "{text}");
        mock.clear_scripts();
    }
}

#[test]
fn an_unavailable_status_page_is_not_a_failure() {
    let mock = MockServer::builder()
        .status_page_down(true)
        .start()
        .unwrap();
    for client in CLIENTS {
        let (exit, report) = json_of(&mock, client);
        assert_eq!((exit, &report["ok"]), (0, &json!(true)));
        assert_eq!(
            report["service"],
            json!({ "ok": null, "indicator": null, "description": null })
        );
        assert_eq!(report["advice"].as_array().unwrap().len(), 1);
        assert!(report["advice"].to_string().contains("--status-url"));

        // The status page could not be read, so the advice names its URL.
        mock.set_api_down(true);
        let (_, report) = json_of(&mock, client);
        let look = format!("Check {} for an incident.", mock.status_url());
        assert!(report["advice"].to_string().contains(&look), "{report}");
        mock.set_api_down(false);
    }
}

#[test]
fn an_unavailable_or_unreachable_api_is_a_failure() {
    let mock = MockServer::builder()
        .api_down(true)
        .service_status("critical", "Major outage")
        .start()
        .unwrap();
    for client in CLIENTS {
        let n = mock.request_count();
        let (exit, report) = json_of(&mock, client);
        assert_eq!((exit, &report["ok"]), (1, &json!(false)));
        assert_eq!(
            report["auth"],
            json!({ "ok": false, "status": 503, "code": null, "admin": null, "message": null, "request_id": mock.requests()[n].request_id() })
        );
        assert_eq!(
            report["service"],
            json!({ "ok": false, "indicator": "critical", "description": "Major outage" })
        );

        // The advice does not name the status page, which was just read, or a different one.
        let advice = report["advice"].to_string();
        assert!(!advice.contains("intercomstatus.com"), "{advice}");
        assert!(!advice.contains(mock.status_url()), "{advice}");
        assert!(advice.contains("(Major outage)"), "{advice}");

        let mut gone = command(&[
            "doctor",
            "--json",
            "--client",
            client,
            "--status-url",
            mock.status_url(),
        ]);
        gone.env("INTERCOM_ACCESS_TOKEN", "some-token")
            .args(["--base-url", "http://127.0.0.1:9"]);
        let ran = run(gone);
        assert_eq!((ran.exit, &ran.json()["auth"]["status"]), (1, &Value::Null));
        assert!(
            ran.line().starts_with("the API could not be reached: "),
            "{ran:?}"
        );
        let message = ran.json()["auth"]["message"].to_string();
        assert!(message.contains("Connection refused"), "{message}");
        let advice = ran.json()["advice"].to_string();
        assert!(
            advice.contains("curl -sI http://127.0.0.1:9 from"),
            "{advice}"
        );
    }
}

#[test]
fn a_major_incident_is_a_failure_even_with_a_good_token() {
    let mock = MockServer::builder()
        .service_status("major", "Partial outage")
        .start()
        .unwrap();
    let (exit, report) = json_of(&mock, "blocking");
    assert_eq!(
        (exit, &report["auth"]["ok"], &report["ok"]),
        (1, &json!(true), &json!(false))
    );
}

#[test]
fn the_clock_offset_is_measured() {
    let mock = MockServer::builder().clock_offset(-90).start().unwrap();
    let (exit, report) = json_of(&mock, "async");
    assert_eq!(exit, 0);
    assert!(
        (-92_000..=-88_000).contains(&report["clock_offset_ms"].as_i64().unwrap()),
        "{report}"
    );
}

#[test]
fn a_wrong_base_url_is_reported_with_advice() {
    let mock = MockServer::start().unwrap();
    let page = Scripted::status(404).body("<html>");
    mock.script_always(Method::GET, "/elsewhere/me", page);
    let elsewhere = format!("{}/elsewhere", mock.base_url());
    let no_tls = mock.base_url().replace("http:", "https:");
    for client in CLIENTS {
        for (url, shown, advised) in [
            (
                &elsewhere,
                "this base URL is not Intercom's API",
                "https://api.eu.intercom.io",
            ),
            (
                &no_tls,
                "the server does not use TLS; use http:// for a mock",
                "Check the host and port",
            ),
        ] {
            let mut asked = against(&mock, &["doctor", "--json", "--client", client]);
            asked.env("INTERCOM_BASE_URL", url);
            let ran = run(asked);
            let advice = &ran.json()["advice"];
            assert_eq!(
                (ran.exit, advice.as_array().unwrap().len()),
                (1, 1),
                "{advice}"
            );
            assert!(advice.to_string().contains(advised), "{advice}");
            assert!(
                ran.line().starts_with(&format!("{url}: {shown}")),
                "{ran:?}"
            );
            let mut asked = against(&mock, &["doctor", "--client", client]);
            asked.env("INTERCOM_BASE_URL", url);
            let words: Vec<_> = run(asked)
                .out
                .split_whitespace()
                .map(str::to_owned)
                .collect();
            assert!(words.join(" ").contains(shown), "{words:?}");
        }
    }
}

#[test]
fn a_404_with_an_error_list_is_not_a_wrong_base_url() {
    let mock = MockServer::start().unwrap();
    let response = Scripted::error(404, "not_found", "Admin Not Found");
    mock.script_always(Method::GET, "/me", response);
    for client in CLIENTS {
        let ran = run(against(&mock, &["doctor", "--json", "--client", client]));
        let shown = "the API check failed: 404 not_found";
        assert!(ran.line().starts_with(shown), "{ran:?}");
    }
}

#[test]
fn the_status_page_is_quoted_once_or_the_reason_why_it_cannot_be_read() {
    for (indicator, description, shown) in [
        (
            "none",
            "All Systems Operational",
            "✓ Intercom    All Systems Operational (no incident)\n",
        ),
        (
            "minor",
            "Delayed webhooks",
            "✓ Intercom    Delayed webhooks (minor incident)\n",
        ),
        ("major", "Major outage", "✗ Intercom    Major outage\n"),
        (
            "critical",
            "Major outage",
            "✗ Intercom    Major outage (critical incident)\n",
        ),
    ] {
        let mock = MockServer::builder()
            .service_status(indicator, description)
            .start()
            .unwrap();
        let ran = run(against(&mock, &["doctor"]));
        assert!(ran.out.contains(shown), "{ran:?}");
    }
    let mock = MockServer::start().unwrap();
    mock.set_status_page_down(true);
    let page = |url: &str| {
        let mut asked = command(&["doctor", "--status-url", url]);
        asked
            .env("INTERCOM_ACCESS_TOKEN", mock.token())
            .env("INTERCOM_BASE_URL", mock.base_url());
        let out = run(asked).out;
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for (url, why) in [
        (mock.status_url(), "it responded with 503"),
        ("http://127.0.0.1:9", "no connection could be made"),
    ] {
        let shown = format!("? Intercom the status page at {url} could not be read: {why}");
        assert!(page(url).contains(&shown), "{}", page(url));
    }
}
