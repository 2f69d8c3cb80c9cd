//! `contact find` and `contact find-or-create`.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::Duration;

use intercom_mock::{Method, MockServer, Scripted};
use serde_json::{Value, json};

use crate::run::{Ran, Running, against, command, run};

const CLIENTS: [&str; 2] = ["blocking", "async"];
const CROWD: usize = 24;

/// Runs many processes at once, half of them with each client.
fn crowd(base_url: &str, token: &str) -> Vec<Ran> {
    let children: Vec<_> = (0..CROWD)
        .map(|n| {
            command(&[
                "contact",
                "find-or-create",
                "--email",
                "ada@example.org",
                "--json",
            ])
            .args(["--client", CLIENTS[n % 2]])
            .env("INTERCOM_ACCESS_TOKEN", token)
            .env("INTERCOM_BASE_URL", base_url)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
        })
        .collect();
    let ended = children
        .into_iter()
        .map(|child| child.wait_with_output().unwrap());
    ended.map(|output| Ran::of(&output)).collect()
}

#[track_caller]
fn one_id(crowd: &[Ran]) -> (String, Vec<String>) {
    let id = crowd[0].json()["contact"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let outcomes = crowd.iter().map(|ran| {
        let json = ran.json();
        assert_eq!(
            (ran.exit, &json["contact"]["id"]),
            (0, &json!(id)),
            "{ran:?}"
        );
        json["outcome"].as_str().unwrap().to_owned()
    });
    let outcomes = outcomes.collect();
    (id, outcomes)
}

#[test]
fn many_processes_create_one_contact_while_the_index_lags() {
    let mut child = command(&["mock", "--index-lag", "3"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let _mock = Running(child);
    let (base_url, token) = line.trim().split_once(' ').unwrap();

    let (id, outcomes) = one_id(&crowd(base_url, token));
    assert_eq!(
        outcomes
            .iter()
            .filter(|outcome| *outcome == "created")
            .count(),
        1,
        "{outcomes:?}"
    );

    let mut list = command(&["api", "GET", "/contacts"]);
    list.env("INTERCOM_ACCESS_TOKEN", token)
        .env("INTERCOM_BASE_URL", base_url);
    let list: Value = run(list).json();
    assert_eq!(
        (&list["total_count"], &list["data"][0]["id"]),
        (&json!(1), &json!(id))
    );
}

#[test]
fn many_processes_unarchive_a_contact_once() {
    let mock = MockServer::builder()
        .index_lag(Duration::from_secs(3))
        .start()
        .unwrap();
    let id = mock.add_contact(json!({ "email": "ada@example.org", "archived": true }));
    let (found, outcomes) = one_id(&crowd(mock.base_url(), &mock.token()));
    assert_eq!(found, id);
    assert!(
        outcomes.iter().any(|outcome| outcome == "unarchived"),
        "{outcomes:?}"
    );
    assert_eq!(
        (mock.contacts().len(), mock.contact_state_changes(&id)),
        (1, 1)
    );
    assert!(mock.contacts()[0].get("archived").is_none());
}

#[test]
fn find_returns_a_contact_follows_a_merge_or_reports_not_found() {
    let mock = MockServer::start().unwrap();
    let id = mock.add_contact(json!({ "email": "ada@example.org", "name": "Ada" }));
    let old = mock.add_contact(json!({ "email": "old@example.org" }));
    mock.merge_contact(&old, &id);
    for client in CLIENTS {
        let find = |id: &str| {
            run(against(
                &mock,
                &["contact", "find", id, "--json", "--client", client],
            ))
        };
        let ran = find(&id);
        assert_eq!(
            (
                ran.exit,
                &ran.json()["outcome"],
                &ran.json()["contact"]["name"]
            ),
            (0, &json!("found"), &json!("Ada"))
        );
        let ran = find(&old);
        assert_eq!(
            (
                ran.exit,
                &ran.json()["outcome"],
                &ran.json()["contact"]["id"]
            ),
            (0, &json!("merged"), &json!(id))
        );
        let ran = find("none");
        let nothing = json!({
            "contact": null, "outcome": null, "kind": null, "may_have_been_applied": false, "error": null,
        });
        assert_eq!((ran.exit, ran.json()), (3, nothing));
        assert!(ran.line().contains("no contact has the id \"none\""));
        assert!(ran.line().contains("find_by_external_id"), "{ran:?}");
        let ran = find("ada@example.org");
        assert_eq!(ran.exit, 3);
        assert!(
            ran.line().contains("by e-mail, use POST /contacts/search"),
            "{ran:?}"
        );
    }
    let ran = run(against(&mock, &["contact", "find", &id]));
    assert!(
        ran.out.contains("ada@example.org") && ran.out.starts_with(&id),
        "{ran:?}"
    );
}

#[test]
fn an_existing_contact_is_not_updated_and_the_output_says_so() {
    let mock = MockServer::start().unwrap();
    let ada = ["contact", "find-or-create", "--email", "ada@example.org"];
    for client in CLIENTS {
        let name = ["--name", client, "--client", client];
        let ran = run(against(&mock, &[&ada[..], &name].concat()));
        let (title, _) = ran.out.split_once('\n').unwrap();
        let is_new = client == CLIENTS[0];
        let how = if is_new {
            "(created)"
        } else {
            "(found; its data was not updated)"
        };
        assert!(title.ends_with(how), "{title}");
        assert_eq!(mock.contacts()[0]["name"], CLIENTS[0]);
    }
    let help = run(command(&["contact", "find-or-create", "--help"])).out;
    let words: Vec<&str> = help.split_whitespace().collect();
    let help = words.join(" ");
    assert!(
        help.contains("or create it; does not update an existing one"),
        "{help}"
    );
    assert!(
        help.contains("--name <NAME> The name of a new contact; an existing one keeps its name"),
        "{help}"
    );
}

#[test]
fn an_invalid_contact_is_rejected_before_anything_is_sent() {
    let mock = MockServer::start().unwrap();
    for (args, field, message) in [
        (
            &["--email", "ada"][..],
            "email",
            "the email is not of the form name@host",
        ),
        (&[], "email", "a user needs an email or an external_id"),
        (
            &["--external-id", " "],
            "external_id",
            "the external_id is empty; omit it or set one",
        ),
    ] {
        let ran = run(against(
            &mock,
            &[&["contact", "find-or-create", "--json"], args].concat(),
        ));
        assert_eq!(ran.exit, 2);
        let json = ran.json();
        assert_eq!(
            (&json["contact"], &json["outcome"]),
            (&Value::Null, &Value::Null)
        );
        let item = &json["error"]["errors"][0];
        assert_eq!(
            (&item["field"], &item["message"]),
            (&json!(field), &json!(message))
        );
        assert!(item["code"].is_string());
        assert_eq!(ran.line(), message.to_owned());
    }
    assert_eq!(mock.request_count(), 0);
}

#[test]
fn a_failure_has_a_kind_and_says_whether_it_may_have_been_applied() {
    let mock = MockServer::start().unwrap();
    let create = [
        "contact",
        "find-or-create",
        "--email",
        "a@example.org",
        "--json",
        "--max-attempts",
        "1",
    ];
    for (path, response, kind, changed) in [
        ("/contacts", Scripted::close_after_work(), "fault", true),
        ("/contacts/search", Scripted::status(403), "api", false),
    ] {
        mock.script_always(Method::POST, path, response);
        let report = run(against(&mock, &create)).json();
        assert_eq!(
            (&report["kind"], &report["may_have_been_applied"]),
            (&json!(kind), &json!(changed)),
            "{report}"
        );
        assert!(report["error"]["fixes"].is_array(), "{report}");
        mock.clear_scripts();
    }
    let report = run(against(&mock, &["contact", "find-or-create", "--json"])).json();
    assert_eq!(
        (&report["kind"], &report["may_have_been_applied"]),
        (&json!("invalid"), &json!(false))
    );
}

#[test]
fn on_archived_decides_about_an_archived_contact() {
    let mock = MockServer::start().unwrap();
    let id = mock.add_contact(json!({ "external_id": "x1", "archived": true }));
    let ask = |what: &str| {
        run(against(
            &mock,
            &[
                "contact",
                "find-or-create",
                "--external-id",
                "x1",
                "--json",
                "--on-archived",
                what,
            ],
        ))
    };
    let ran = ask("refuse");
    assert_eq!(ran.exit, 1);
    assert_eq!(
        ran.json()["error"]["existing_contact"],
        json!({ "id": id, "archived": true })
    );
    assert_eq!(ask("return").json()["outcome"], "existing");
    assert_eq!(mock.contact_state_changes(&id), 0);
    assert_eq!(ask("unarchive").json()["outcome"], "unarchived");
    assert_eq!(ask("unarchive").json()["outcome"], "found");
}

#[test]
fn one_deadline_limits_all_calls_of_a_flow() {
    let mock = MockServer::start().unwrap();
    let slow = Scripted::normal().delay(Duration::from_millis(400));
    mock.script_always(Method::POST, "*", slow);
    for client in CLIENTS {
        mock.clear_requests();
        let email = format!("{client}@example.org");
        let ran = run(against(
            &mock,
            &[
                "contact",
                "find-or-create",
                "--email",
                &email,
                "--deadline",
                "0.6",
                "--client",
                client,
            ],
        ));
        assert_eq!(ran.exit, 1, "{ran:?}");
        assert!(
            ran.line().contains("deadline") || ran.line().contains("timed out"),
            "{ran:?}"
        );
    }
}

#[test]
fn the_output_names_both_contacts_of_a_merge() {
    let mock = MockServer::start().unwrap();
    let id = mock.add_contact(json!({ "email": "ada@example.org" }));
    let old = mock.add_contact(json!({ "email": "old@example.org" }));
    mock.merge_contact(&old, &id);
    for client in CLIENTS {
        let found = run(against(
            &mock,
            &["contact", "find", &old, "--client", client],
        ));
        let shown = format!("{id} ({old} was merged into it)\n");
        assert!(found.out.starts_with(&shown), "{found:?}");
        let path = format!("/contacts/{old}");
        let ran = run(against(&mock, &["api", "GET", &path, "--client", client]));
        let shown = format!("follow the merge to the other contact {id} (request ");
        assert!(ran.line().contains(&shown), "{ran:?}");
    }
}
