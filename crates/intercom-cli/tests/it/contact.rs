//! `contact find`, `contact find-or-create` and `contact upsert`.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::Duration;

use intercom_mock::{Method, MockServer, Scripted};
use serde_json::{Value, json};

use crate::run::{Ran, Running, against, command, run};

const CLIENTS: [&str; 2] = ["blocking", "async"];
const CROWD: usize = 24;

/// Runs the command in many processes at once, half of them with each client.
fn crowd(name: &str, args: &[&str], base_url: &str, token: &str) -> Vec<Ran> {
    let start = |n: usize| {
        command(&["contact", name, "--email", "ada@example.org", "--json"])
            .args(args)
            .args(["--client", CLIENTS[n % 2]])
            .env("INTERCOM_ACCESS_TOKEN", token)
            .env("INTERCOM_BASE_URL", base_url)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let children: Vec<_> = (0..CROWD).map(start).collect();
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

    let (id, outcomes) = one_id(&crowd("find-or-create", &[], base_url, token));
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
    let (found, outcomes) = one_id(&crowd(
        "find-or-create",
        &[],
        mock.base_url(),
        &mock.token(),
    ));
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

/// The members of the only contact, and how often each outcome occurred.
fn upserted(mock: &MockServer, crowd: &[Ran]) -> (Value, BTreeMap<String, usize>) {
    let (id, outcomes) = one_id(crowd);
    let contacts = mock.contacts();
    assert_eq!((contacts.len(), &contacts[0]["id"]), (1, &json!(id)));
    let mut counts = BTreeMap::new();
    for outcome in outcomes {
        *counts.entry(outcome).or_default() += 1;
    }
    (contacts[0].clone(), counts)
}

#[test]
fn many_processes_upsert_one_contact() {
    let state = [
        "--name",
        "Ada",
        "--attribute",
        "plan=pro",
        "--attribute",
        "seats=3",
    ];
    let lagging = || {
        let lag = Duration::from_secs(3);
        MockServer::builder().index_lag(lag).start().unwrap()
    };
    let is_as_wanted = |contact: &Value| {
        let attributes = json!({ "plan": "pro", "seats": 3 });
        contact["name"] == "Ada"
            && contact["custom_attributes"] == attributes
            && contact.get("archived").is_none()
    };

    // A new one: one process creates it, and the others find it as it is.
    let mock = lagging();
    let ran = crowd("upsert", &state, mock.base_url(), &mock.token());
    let (contact, counts) = upserted(&mock, &ran);
    assert!(is_as_wanted(&contact), "{contact}");
    assert_eq!(
        counts,
        BTreeMap::from([
            ("created".to_owned(), 1),
            ("unchanged".to_owned(), CROWD - 1)
        ])
    );

    // An archived one with another state: each process reports what it has sent.
    let mock = lagging();
    let id =
        mock.add_contact(json!({ "email": "ada@example.org", "name": "Old", "archived": true }));
    let ran = crowd("upsert", &state, mock.base_url(), &mock.token());
    let (contact, counts) = upserted(&mock, &ran);
    assert!(is_as_wanted(&contact), "{contact}");
    assert_eq!(
        (contact["id"].as_str(), mock.contact_state_changes(&id)),
        (Some(&*id), 1)
    );
    assert!(
        counts["unarchived"] > 0 && !counts.contains_key("created"),
        "{counts:?}"
    );
    let puts = mock
        .requests()
        .iter()
        .filter(|request| request.method() == Method::PUT)
        .count();
    let updating = ran
        .iter()
        .filter(|ran| ran.json()["updated"] != json!([]))
        .count();
    assert_eq!(puts, updating);

    // A merged one: the contact that it was merged into.
    let mock = MockServer::start().unwrap();
    let id = mock.add_contact(json!({ "email": "ada@example.org", "name": "Ada", "custom_attributes": { "plan": "free" } }));
    let old = mock.add_contact(json!({ "external_id": "42" }));
    mock.merge_contact(&old, &id);
    let ran = crowd("upsert", &state, mock.base_url(), &mock.token());
    let (contact, counts) = upserted(&mock, &ran);
    assert!(is_as_wanted(&contact), "{contact}");
    assert!(
        counts["updated"] > 0 && counts.keys().all(|outcome| outcome != "created"),
        "{counts:?}"
    );
}

#[test]
fn upsert_sends_what_differs_and_shows_it() {
    let mock = MockServer::start().unwrap();
    let upsert = |args: &[&str]| {
        run(against(
            &mock,
            &[&["contact", "upsert", "--external-id", "42"], args].concat(),
        ))
    };
    let title = |ran: &Ran| ran.out.lines().next().unwrap_or_default().to_owned();
    let ran = upsert(&["--email", "ada@example.org", "--attribute", "zip=\"02134\""]);
    assert!(title(&ran).ends_with(" (created)"), "{ran:?}");
    assert_eq!(mock.contacts()[0]["custom_attributes"]["zip"], "02134");
    let ran = upsert(&[
        "--email",
        "ada@example.com",
        "--phone",
        "1",
        "--attribute",
        "zip=2",
    ]);
    assert!(
        title(&ran).ends_with(" (updated: custom_attributes.zip, email, phone)"),
        "{ran:?}"
    );
    let ran = upsert(&["--email", "ADA@example.com", "--phone", "1"]);
    assert!(
        title(&ran).ends_with(" (it was already as given)"),
        "{ran:?}"
    );
    let ran = upsert(&["--attribute", "plan"]);
    assert_eq!(ran.exit, 2);
    assert!(ran.err.contains("use NAME=VALUE, like plan=pro"), "{ran:?}");
    let requests = mock.request_count();
    let ran = upsert(&["--attribute", "plan=pro", "--attribute", "plan=free"]);
    assert_eq!((ran.exit, mock.request_count()), (2, requests));
    assert_eq!(ran.line(), "--attribute sets \"plan\" twice; remove one");
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
