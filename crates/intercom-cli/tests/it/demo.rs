//! `demo`: every documented error through both clients.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::run::{command, run};

#[test]
fn every_documented_error_ends_as_it_should_through_both_clients() {
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
            .find(|one| one["name"] == "lost after a POST")
            .unwrap();
        assert_eq!(
            (&lost["status"], &lost["attempts"]),
            (&Value::Null, &json!(1))
        );
    }
}

#[test]
fn the_table_is_readable_in_80_columns() {
    let ran = run(command(&["demo"]));
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""));
    assert!(
        ran.out.lines().all(|line| line.chars().count() <= 80),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("32 of 32 ended as they should."),
        "{}",
        ran.out
    );
}
