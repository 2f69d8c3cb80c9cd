//! `demo`: every documented error with both clients.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::run::{command, run};

#[test]
fn both_clients_handle_every_documented_error_as_expected() {
    let ran = run(command(&["demo", "--json"]));
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""), "{ran:?}");
    let report = ran.json();
    assert_eq!(report["ok"], true);
    let scenarios = report["scenarios"].as_array().unwrap();
    for client in ["blocking", "async"] {
        let walked: Vec<&Value> = scenarios
            .iter()
            .filter(|one| one["client"] == client)
            .collect();
        let rows: BTreeSet<(u64, &str)> = walked
            .iter()
            .filter_map(|one| Some((one["status"].as_u64()?, one["code"].as_str()?)))
            .collect();
        for row in [
            (401, "unauthorized"),
            (403, "forbidden"),
            (404, "not_found"),
            (409, "conflict"),
            (422, "parameter_invalid"),
            (429, "rate_limit_exceeded"),
            (500, "server_error"),
            (502, "server_error"),
            (503, "server_error"),
        ] {
            assert!(rows.contains(&row), "{client} {row:?}");
        }
        let limit = walked
            .iter()
            .find(|one| one["name"] == "429 rate_limit_exceeded")
            .unwrap();
        assert_eq!(
            (&limit["attempts"], &limit["outcome"]),
            (&json!(2), &json!("recovered"))
        );
        assert!(limit["waited_ms"].as_u64() >= Some(1_000));
        let skewed = walked
            .iter()
            .find(|one| one["name"] == "429 skewed clock")
            .unwrap();
        assert!(skewed["waited_ms"].as_u64() < Some(4_000), "{skewed}");
        let lost = walked
            .iter()
            .find(|one| one["name"] == "connection lost on a POST")
            .unwrap();
        assert_eq!(
            (&lost["status"], &lost["attempts"]),
            (&Value::Null, &json!(1))
        );
    }
}

#[test]
fn the_table_has_rows_and_lines_of_at_most_80_columns() {
    let ran = run(command(&["demo"]));
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""));
    assert!(
        ran.out.lines().all(|line| line.chars().count() <= 80),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("\nAll 32 calls ended as expected.\n"),
        "{}",
        ran.out
    );
    for (name, retried, result, line) in [
        (
            "401 unauthorized",
            "not retried",
            "reported",
            "GET /me: 401 unauthorized: get a working access token (request",
        ),
        (
            "409 conflict",
            "not retried",
            "found",
            "POST /contacts: 409 conflict: use the existing contact",
        ),
        (
            "429 rate_limit_exceeded",
            "retried after ",
            "succeeded",
            "429 rate_limit_exceeded; attempt 2 of 4 in ",
        ),
    ] {
        let mut lines = ran.out.lines();
        let is_row = |line: &&str| line.starts_with(&format!("✓ {name} "));
        let row = lines.find(is_row).unwrap();
        assert_eq!(row.matches(retried).count(), 2, "{row}");
        assert!(row.ends_with(result), "{row}");
        let printed = lines.next().unwrap().trim_start();
        assert!(printed.starts_with(line), "{printed}");
    }
}
