//! `export`, killed and continued, and `api --paginate`.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use intercom_mock::{Method, MockServer, Scripted};
use serde_json::{Value, json};

use crate::batch::{Folder, signal, spawn, until};
use crate::run::{Ran, against, run};

const ITEMS: u64 = 20_000;
const KILLS: u64 = 20;

fn mock(items: u64) -> MockServer {
    let builder = MockServer::builder()
        .generated_contacts(items)
        .generated_companies(items);
    builder.start().unwrap()
}

/// The number of different ids in the file, and its number of lines.
fn ids(folder: &Folder) -> (u64, u64) {
    let text = folder.read("out");
    let id = |line: &str| {
        let item: Value = serde_json::from_str(line).unwrap();
        item["id"].as_str().unwrap().to_owned()
    };
    let ids: BTreeSet<String> = text.lines().map(id).collect();
    (ids.len() as u64, text.lines().count() as u64)
}

fn export(mock: &MockServer, folder: &Folder, args: &[&str]) -> Ran {
    let out = folder.path("out");
    run(against(
        mock,
        &[&["export"], args, &["--out", &out]].concat(),
    ))
}

#[test]
fn an_export_killed_twenty_times_has_each_contact_once() {
    let mock = mock(ITEMS);
    let folder = Folder::new("export-kill", &[""]);
    let out = folder.path("out");
    let command = || {
        let mut command = against(
            &mock,
            &["export", "contacts", "--out", &out, "--no-pacing", "--json"],
        );
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        command
    };
    let saves = || folder.read("out.journal").lines().count() as u64;
    for kill in 0..KILLS {
        let enough = saves() + 1 + kill % 5;
        let mut child = command().spawn().unwrap();
        until(|| saves() >= enough || child.try_wait().unwrap().is_some());
        child.kill().unwrap();
        assert_eq!(
            child.wait().unwrap().code(),
            None,
            "the export ended before it was killed"
        );
    }
    let report = run(command()).json();
    assert_eq!(
        (&report["items"], &report["complete"]),
        (&json!(ITEMS), &json!(true))
    );
    assert_eq!(ids(&folder), (ITEMS, ITEMS));
}

#[test]
fn an_export_tells_what_it_did_and_is_complete_once() {
    let mock = mock(300);
    let folder = Folder::new("export-tells", &[""]);
    let ran = export(&mock, &folder, &["contacts"]);
    assert!(
        ran.out.starts_with("300 contacts in ") && ran.out.contains("(2 pages, "),
        "{ran:?}"
    );
    let ran = export(&mock, &folder, &["contacts"]);
    assert!(
        ran.out.contains("(300 from earlier runs, 2 pages, "),
        "{ran:?}"
    );
    assert_eq!(mock.request_count(), 2);
    assert_eq!(ids(&folder), (300, 300));
    // What was exported to this file is something else.
    let ran = export(&mock, &folder, &["companies"]);
    assert_eq!(ran.exit, 2, "{ran:?}");
    assert!(
        ran.line()
            .contains("but this walk reads POST /companies/list); use another --out"),
        "{ran:?}"
    );
    let folder = Folder::new("export-companies", &[""]);
    let ran = export(&mock, &folder, &["companies"]);
    assert!(ran.out.starts_with("300 companies in "), "{ran:?}");
}

#[test]
fn an_interrupted_export_saves_and_continues() {
    let mock = mock(600);
    let folder = Folder::new("export-interrupted", &[""]);
    let out = folder.path("out");
    let slow = Scripted::normal().delay(Duration::from_secs(60));
    mock.script(Method::GET, "/contacts", [Scripted::normal(), slow]);
    let child = spawn(against(&mock, &["export", "contacts", "--out", &out]));
    until(|| mock.request_count() == 2);
    signal(&child, "INT");
    let ran = Ran::of(&child.wait_with_output().unwrap());
    assert_eq!((ran.exit, ids(&folder)), (1, (150, 150)), "{ran:?}");
    assert!(
        ran.line()
            .contains("interrupted; run the same command again to continue"),
        "{ran:?}"
    );
    assert_eq!(export(&mock, &folder, &["contacts"]).exit, 0);
    assert_eq!(ids(&folder), (600, 600));
}

#[test]
fn a_failed_call_is_explained_and_the_export_continues() {
    let mock = mock(300);
    let folder = Folder::new("export-failed", &[""]);
    let refused = Scripted::error(401, "unauthorized", "Access Token Invalid");
    mock.script(Method::GET, "/contacts", [Scripted::normal(), refused]);
    let ran = export(&mock, &folder, &["contacts"]);
    assert_eq!((ran.exit, ids(&folder).1), (1, 150), "{ran:?}");
    assert!(ran.line().contains("Access Token Invalid"), "{ran:?}");
    assert!(
        ran.line()
            .ends_with("run the same command again to continue"),
        "{ran:?}"
    );
    assert_eq!(export(&mock, &folder, &["contacts"]).exit, 0);
    assert_eq!(ids(&folder), (300, 300));
}

#[test]
fn since_and_query_become_a_search() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("export-search", &[""]);
    folder.write(
        "query",
        br#"{"field":"role","operator":"=","value":"user"}"#,
    );
    let query = folder.path("query");
    let ran = export(
        &mock,
        &folder,
        &["contacts", "--since", "2026-03-29", "--query", &query],
    );
    assert_eq!(ran.exit, 0, "{ran:?}");
    let body = mock.requests()[0].json().unwrap();
    let since = json!({ "field": "updated_at", "operator": ">", "value": "1774656000" });
    let role = json!({ "field": "role", "operator": "=", "value": "user" });
    assert_eq!(
        body["query"],
        json!({ "operator": "AND", "value": [since, role] })
    );

    for (content, args, why) in [
        ("{", &["--query", &query][..], "is not JSON"),
        (
            "{}",
            &["--query", &query],
            "is not a search; it has to be like",
        ),
        ("", &["--query", "/none"], "cannot be read"),
        ("", &["--since", "yesterday"], "use a day like 2026-03-29"),
    ] {
        folder.write("query", content.as_bytes());
        let ran = export(&mock, &folder, &[&["conversations"], args].concat());
        assert_eq!(ran.exit, 2, "{ran:?}");
        assert!(ran.err.contains(why), "{ran:?}");
    }
}

#[test]
fn paginate_prints_each_item_on_a_line() {
    let mock = mock(120);
    for client in ["blocking", "async"] {
        let args = [
            "api",
            "GET",
            "/contacts?per_page=50",
            "--paginate",
            "--client",
            client,
        ];
        let ran = run(against(&mock, &args));
        let lines: BTreeSet<&str> = ran.out.lines().collect();
        assert_eq!(
            (ran.exit, lines.len(), ran.out.lines().count()),
            (0, 120, 120)
        );
    }
    mock.script(
        Method::GET,
        "/contacts",
        [Scripted::normal(), Scripted::status(403)],
    );
    let ran = run(against(
        &mock,
        &["api", "GET", "/contacts?per_page=50", "--paginate"],
    ));
    assert_eq!((ran.exit, ran.out.lines().count()), (1, 50), "{ran:?}");
    assert!(ran.line().ends_with("; 50 items were printed"), "{ran:?}");
    let before = mock.request_count();
    for (method, path) in [("POST", "/contacts"), ("DELETE", "/contacts/5f1")] {
        let ran = run(against(&mock, &["api", method, path, "--paginate"]));
        assert_eq!(ran.exit, 2, "{ran:?}");
        assert!(ran.line().contains("is not a list or a search"), "{ran:?}");
    }
    assert_eq!(mock.request_count(), before);
}

/// A list of contacts that ends after this many, although the total is 100.
fn short_list(mock: &MockServer, count: u64) {
    let data: Vec<Value> = (0..count).map(|n| json!({ "id": n.to_string() })).collect();
    let page = json!({ "data": data, "pages": { "next": null }, "total_count": 100 });
    mock.script(Method::GET, "/contacts", [Scripted::status(200).json(page)]);
}

#[test]
fn list_that_ends_early_is_a_failure_and_one_with_a_small_difference_is_not() {
    let mock = mock(0);
    for (count, exit, why) in [
        (
            40,
            1,
            "60 fewer than Intercom counted at the end; the list has probably ended too early",
        ),
        (
            95,
            0,
            "5 fewer than Intercom counted at the end; some may have been created or deleted meanwhile",
        ),
    ] {
        let folder = Folder::new(&format!("export-short-{count}"), &[""]);
        short_list(&mock, count);
        let ran = export(&mock, &folder, &["contacts"]);
        assert_eq!((ran.exit, ids(&folder).0), (exit, count), "{ran:?}");
        let told = if exit == 0 { &ran.out } else { &ran.err };
        assert!(told.contains(why), "{ran:?}");
        short_list(&mock, count);
        let ran = export(&mock, &folder, &["contacts", "--json"]);
        assert_eq!((ran.exit, ids(&folder).0), (exit, count), "{ran:?}");
        let report = ran.json();
        assert_eq!(
            (&report["complete"], &report["difference"]),
            (&json!(exit == 0), &json!(count as i64 - 100))
        );
        mock.clear_scripts();
        short_list(&mock, count);
        let ran = run(against(&mock, &["api", "GET", "/contacts", "--paginate"]));
        assert_eq!(
            (ran.exit, ran.out.lines().count() as u64),
            (exit, count),
            "{ran:?}"
        );
        assert!(ran.line().contains(why), "{ran:?}");
    }
    let page = Scripted::status(200).body("<p>maintenance</p>");
    let foreign = Scripted::status(200).json(json!({ "errors": [] }));
    for scripted in [page, foreign] {
        mock.clear_scripts();
        mock.script_always(Method::GET, "/contacts", scripted);
        let folder = Folder::new("export-foreign", &[""]);
        let ran = export(&mock, &folder, &["contacts", "--json"]);
        assert_eq!(
            (ran.exit, &ran.json()["complete"]),
            (1, &json!(false)),
            "{ran:?}"
        );
    }
}

#[test]
fn wait_for_another_scroll_is_one_line() {
    use std::io::{BufRead as _, BufReader};
    let mock = mock(10);
    let exists = Scripted::error(400, "scroll_exists", "scroll already exists");
    mock.script_always(Method::GET, "/companies/scroll", exists);
    for client in ["async", "blocking"] {
        let args = [
            "api",
            "GET",
            "/companies/scroll",
            "--paginate",
            "--client",
            client,
        ];
        let mut command = against(&mock, &args);
        command.stderr(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        stderr.read_line(&mut line).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(
            line,
            "intercom: waiting for another scroll of the workspace\n"
        );
    }
}

#[test]
fn export_of_conversations_is_not_continued_with_the_token_of_another_workspace() {
    let mock = mock(0);
    let contact = mock.add_contact(json!({ "email": "ada@example.org" }));
    for number in 0..200 {
        mock.add_conversation(&contact, &number.to_string());
    }
    let folder = Folder::new("export-workspace", &[""]);
    let refused = Scripted::status(403);
    mock.script(Method::GET, "/conversations", [Scripted::normal(), refused]);
    assert_eq!(export(&mock, &folder, &["conversations"]).exit, 1);
    let me = json!({ "app": { "id_code": "other" } });
    let unknown = Scripted::error(401, "unauthorized", "Access Token Invalid");
    mock.script(
        Method::GET,
        "/me",
        [Scripted::status(200).json(me), unknown],
    );
    let ran = export(&mock, &folder, &["conversations"]);
    assert_eq!(ran.exit, 2, "{ran:?}");
    assert!(
        ran.line().ends_with("belongs to another export (the checkpoint is of workspace tx2p130c, but the access token reads workspace other); use another --out"),
        "{ran:?}"
    );
    let ran = export(&mock, &folder, &["conversations"]);
    assert!(
        ran.exit == 1 && ran.line().contains("Access Token Invalid"),
        "{ran:?}"
    );
    assert_eq!(export(&mock, &folder, &["conversations"]).exit, 0);
    assert_eq!(ids(&folder), (200, 200));
    mock.clear_requests();
    assert_eq!(export(&mock, &folder, &["conversations"]).exit, 0);
    assert_eq!(mock.request_count(), 0);
}
