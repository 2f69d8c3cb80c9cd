//! `doctor`: each verdict and its exit status.

use intercom_mock::MockServer;
use serde_json::{Value, json};

use crate::run::{against, command, run};

const CLIENTS: [&str; 2] = ["blocking", "async"];

fn json_of(mock: &MockServer, client: &str) -> (i32, Value) {
    let ran = run(against(mock, &["doctor", "--json", "--client", client]));
    assert_eq!(ran.exit == 0, ran.err.is_empty(), "{ran:?}");
    (ran.exit, ran.json())
}

#[test]
fn a_healthy_workspace_is_ready() {
    let mock = MockServer::builder()
        .rate_limit(167, std::time::Duration::from_secs(10))
        .start()
        .unwrap();
    for client in CLIENTS {
        let (exit, report) = json_of(&mock, client);
        assert_eq!((exit, &report["ok"]), (0, &json!(true)));
        assert_eq!(
            report["auth"],
            json!({ "ok": true, "status": 200, "code": null, "admin": "admin@example.com" })
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
fn a_bad_token_is_told_with_what_mends_it() {
    let mock = MockServer::builder()
        .token("another-token")
        .start()
        .unwrap();
    for client in CLIENTS {
        let ran = run({
            let mut command = against(&mock, &["doctor", "--json", "--client", client]);
            command.env("INTERCOM_ACCESS_TOKEN", "an-old-token");
            command
        });
        let report = ran.json();
        assert_eq!((ran.exit, &report["ok"]), (1, &json!(false)));
        assert_eq!(
            report["auth"],
            json!({ "ok": false, "status": 401, "code": "unauthorized", "admin": null })
        );
        assert_eq!(
            (&report["service"]["ok"], &report["rate_limit"]),
            (&json!(true), &Value::Null)
        );
        assert!(!report["advice"].as_array().unwrap().is_empty());
        assert!(ran.line().contains("401 unauthorized"));
    }
}

#[test]
fn a_status_page_that_is_down_says_nothing_about_the_api() {
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
    }
}

#[test]
fn an_api_that_is_down_or_gone_is_not_ready() {
    let mock = MockServer::builder()
        .api_down(true)
        .service_status("critical", "Major outage")
        .start()
        .unwrap();
    for client in CLIENTS {
        let (exit, report) = json_of(&mock, client);
        assert_eq!((exit, &report["ok"]), (1, &json!(false)));
        assert_eq!(
            report["auth"],
            json!({ "ok": false, "status": 503, "code": null, "admin": null })
        );
        assert_eq!(
            report["service"],
            json!({ "ok": false, "indicator": "critical", "description": "Major outage" })
        );

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
    }
}

#[test]
fn an_incident_is_a_verdict_of_its_own() {
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
fn a_clock_that_is_off_is_measured() {
    let mock = MockServer::builder().clock_offset(-90).start().unwrap();
    let (exit, report) = json_of(&mock, "async");
    assert_eq!(exit, 0);
    assert!(
        (-92_000..=-88_000).contains(&report["clock_offset_ms"].as_i64().unwrap()),
        "{report}"
    );
}
