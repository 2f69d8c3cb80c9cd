//! Batches that are killed and continued.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use intercom_mock::{Method, MockServer, Recorded, Scripted};
use serde_json::{Value, json};

use super::{Folder, lead, read, until};

const LINES: usize = 5_000;
const KILLS: usize = 10;

/// Pseudo-random numbers with a fixed seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

fn line(n: usize, contacts: &[String]) -> String {
    let id = contacts.get(n / 5).map_or("-", String::as_str);
    match n % 5 {
        0 => read(&n.to_string()),
        1 => lead(&n.to_string()),
        2 => format!(
            r#"{{"id":"{n}","method":"PUT","path":"/contacts/{id}","body":{{"name":"{n}"}}}}"#
        ),
        3 => format!(
            r#"{{"id":"{n}","method":"POST","path":"/messages","body":{{"message_type":"email","body":"{n}"}}}}"#
        ),
        _ => format!(r#"{{"id":"{n}","method":"DELETE","path":"/contacts/{id}"}}"#),
    }
}

/// Mostly normal responses, and sometimes each kind of failure.
fn faults(dice: &mut Dice) -> Vec<Scripted> {
    let one = |dice: &mut Dice| match dice.roll(60) {
        0 => Scripted::error(429, "rate_limit_exceeded", "slow down"),
        1 => Scripted::error(500, "server_error", "oops"),
        2 => Scripted::error(500, "server_error", "oops").work(),
        3 => Scripted::close_before(),
        4 => Scripted::close_after_work(),
        5 => Scripted::close_during(),
        sides => Scripted::normal().delay(Duration::from_millis(sides % 4)),
    };
    (0..LINES).map(|_| one(dice)).collect()
}

/// The statuses of the non-replayable writes, by the unique name in their body.
fn writes(requests: &[Recorded]) -> BTreeMap<String, Vec<Option<u16>>> {
    let mut writes: BTreeMap<String, Vec<Option<u16>>> = BTreeMap::new();
    for request in requests
        .iter()
        .filter(|request| request.method() == Method::POST)
    {
        let body = request.json().unwrap();
        let name = body["name"].as_str().or(body["body"].as_str()).unwrap();
        writes
            .entry(name.to_owned())
            .or_default()
            .push(request.status());
    }
    writes
}

#[test]
fn a_run_killed_ten_times_loses_no_line_and_sends_no_write_twice() {
    let mock = MockServer::start().unwrap();
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let contacts: Vec<String> = (0..LINES / 5)
        .map(|n| mock.add_contact(json!({ "name": format!("old {n}") })))
        .collect();
    for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
        mock.script(method, "*", faults(&mut dice));
    }
    let folder = Folder::new(
        "kill",
        &(0..LINES).map(|n| line(n, &contacts)).collect::<Vec<_>>(),
    );
    let command = || {
        let mut command = folder.command(&mock, &["--concurrency", "64", "--no-pacing"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let recorded = || folder.read("out").lines().count();
    let mut killed = 0;
    for _ in 0..KILLS {
        let enough = recorded() + 40 + usize::try_from(dice.roll(700)).unwrap();
        let mut child = command().spawn().unwrap();
        until(|| recorded() >= enough || child.try_wait().unwrap().is_some());
        child.kill().unwrap();
        // A process killed by a signal has no exit status.
        killed += usize::from(child.wait().unwrap().code().is_none());
    }
    assert_eq!(killed, KILLS, "a run ended before it was killed");
    assert_eq!(command().status().unwrap().code(), Some(1));

    let records = folder.records();
    let mut lines: Vec<u64> = records
        .iter()
        .map(|record| record["line"].as_u64().unwrap())
        .collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        (1..=LINES as u64).collect::<Vec<_>>(),
        "each line has one record"
    );
    let writes = writes(&mock.requests());
    for record in &records {
        let id = record["id"].as_str().unwrap();
        assert_eq!(
            record["line"].as_u64().unwrap(),
            id.parse::<u64>().unwrap() + 1
        );
        let Some(statuses) = writes.get(id) else {
            continue;
        };
        // A request that the rate limit refused was not applied, so a retry is safe.
        let sent = statuses
            .iter()
            .filter(|status| **status != Some(429))
            .count();
        let done = statuses.contains(&Some(200));
        assert!(sent <= 1, "{id} was sent {sent} times: {statuses:?}");
        assert!(
            record["ok"] == done || record["unknown"] == true,
            "{record}: {statuses:?}"
        );
    }
    let unknown = |record: &&Value| record["unknown"] == true;
    let unknown: Vec<&Value> = records.iter().filter(unknown).collect();
    assert!(
        (10..600).contains(&unknown.len()),
        "{} with unknown outcome",
        unknown.len()
    );
    assert!(
        unknown.iter().any(|record| record["attempts"] == 0),
        "some of them because of a kill"
    );
    assert_eq!(
        mock.requests()
            .iter()
            .filter(|request| request.status() == Some(401))
            .count(),
        0
    );
}
