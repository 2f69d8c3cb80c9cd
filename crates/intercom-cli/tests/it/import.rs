//! `import contacts`, killed and continued, and dry runs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Stdio;

use intercom_mock::MockServer;
use serde_json::json;

use crate::batch::{Folder, until};
use crate::run::{against, run, run_with};

const KILLS: u64 = 10;

/// The number of rows: more take long, because the mock searches slowly.
fn rows() -> u64 {
    let rows = std::env::var("INTERCOM_TEST_rows");
    rows.map_or(1_000, |rows| rows.parse().unwrap())
}

#[test]
fn an_import_killed_ten_times_has_each_row_once() {
    let (mock, rows) = (MockServer::start().unwrap(), rows());
    // Every tenth contact exists in another state, and every hundredth is archived.
    for n in (0..rows).step_by(10) {
        let archived = n % 100 == 0;
        mock.add_contact(
            json!({ "external_id": n.to_string(), "name": "Old", "archived": archived }),
        );
    }
    let folder = Folder::new("import-kill", &[""]);
    let mut table = String::from("external_id,email,name,custom_attributes.plan\n");
    for n in 0..rows {
        let _ = writeln!(table, "{n},user{n}@example.org,Name {n},pro");
    }
    folder.write("people.csv", table.as_bytes());
    let (file, out) = (folder.path("people.csv"), folder.path("out"));
    let args = [
        "import",
        "contacts",
        &file,
        "--out",
        &out,
        "--no-pacing",
        "--json",
    ];
    let command = || {
        let mut command = against(&mock, &args);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        command
    };
    let recorded = || folder.read("out").lines().count() as u64;
    for kill in 0..KILLS {
        let enough = recorded() + rows / 50 + rows / 125 * (kill % 6);
        let mut child = command().spawn().unwrap();
        until(|| recorded() >= enough || child.try_wait().unwrap().is_some());
        child.kill().unwrap();
        assert_eq!(
            child.wait().unwrap().code(),
            None,
            "the import ended before it was killed"
        );
    }
    let ran = run(command());
    let report = ran.json();
    assert_eq!(
        (ran.exit, &report["failed"], &report["skipped_failed"]),
        (0, &json!(0), &json!(0))
    );
    assert_eq!(report["total"], rows);

    let contacts = mock.contacts();
    assert_eq!(contacts.len() as u64, rows, "no row made two contacts");
    for contact in &contacts {
        let id = contact["external_id"].as_str().unwrap();
        assert_eq!(contact["name"], format!("Name {id}"));
        assert_eq!(contact["custom_attributes"], json!({ "plan": "pro" }));
        assert!(contact.get("archived").is_none());
    }
    let mut outcomes: BTreeMap<String, u64> = BTreeMap::new();
    for record in folder.by_line() {
        *outcomes
            .entry(record["outcome"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    // A row that was in progress when the process was killed can be done already: it is unchanged then.
    assert_eq!(outcomes.values().sum::<u64>(), rows);
    let created = outcomes["created"];
    assert!(
        created > rows * 8 / 10 && created <= rows * 9 / 10,
        "{outcomes:?}"
    );
}

#[test]
fn a_dry_run_checks_each_line_and_sends_nothing() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("import-dry", &[""]);
    let file = folder.path("people.csv");
    folder.write(
        "people.csv",
        b"email,name\nada@example.org,Ada\nbea,Bea\n,\n",
    );
    let ran = run(against(&mock, &["import", "contacts", &file, "--dry-run"]));
    insta::assert_snapshot!(ran.out, @r"
    3 lines, 2 invalid; nothing was sent, so the API may still refuse lines
      line 3: the email is not of the form name@host
      line 4: a user needs an email or an external_id
    ");
    assert_eq!(ran.exit, 1);
    let report = run(against(
        &mock,
        &["import", "contacts", &file, "--dry-run", "--json"],
    ))
    .json();
    assert_eq!(
        (&report["lines"], &report["invalid"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(report["first_invalid"][0]["line"], 3);
    let ran = run_with(
        against(&mock, &["batch", "-", "--dry-run"]),
        b"{\"method\":\"GET\",\"path\":\"/me\"}\n",
    );
    assert_eq!(
        (ran.exit, ran.out.as_str()),
        (
            0,
            "1 line, 0 invalid; nothing was sent, so the API may still refuse lines\n"
        )
    );
    assert_eq!(mock.request_count(), 0);
}

#[test]
fn a_table_with_a_wrong_header_says_how_to_correct_it() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("import-header", &[""]);
    folder.write("people.csv", b"mail,name\nada@example.org,Ada\n");
    let (file, out) = (folder.path("people.csv"), folder.path("out"));
    let ran = run(against(
        &mock,
        &["import", "contacts", &file, "--out", &out],
    ));
    assert_eq!(ran.exit, 2, "{ran:?}");
    assert!(
        ran.line()
            .contains("unknown column \"mail\"; use email, external_id"),
        "{ran:?}"
    );
    let ran = run(against(&mock, &["import", "contacts", &file]));
    assert_eq!(ran.exit, 2, "{ran:?}");
    assert!(ran.err.contains("--out"), "{ran:?}");
    assert_eq!(mock.request_count(), 0);
}

#[test]
fn a_file_in_the_other_format_names_the_option() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("import-format", &[""]);
    folder.write("people.txt", b"email,name\nada@example.org,Ada\n");
    folder.write("people.csv", b"{\"email\":\"ada@example.org\"}\n");
    let out = folder.path("out");
    for (name, option) in [
        ("people.txt", "; use --format csv"),
        ("people.csv", "; use --format ndjson"),
    ] {
        let file = folder.path(name);
        let ran = run(against(&mock, &["import", "contacts", &file, "--dry-run"]));
        assert_eq!(ran.exit, 2, "{ran:?}");
        assert!(ran.line().ends_with(option), "{ran:?}");
        let ran = run(against(
            &mock,
            &["import", "contacts", &file, "--out", &out],
        ));
        let ending = format!("{option}; this run sent nothing");
        assert!(ran.line().ends_with(&ending), "{ran:?}");
    }
    assert_eq!(mock.request_count(), 0);
}

#[test]
fn the_output_counts_what_was_done_and_says_where_each_row_is() {
    let mock = MockServer::start().unwrap();
    mock.add_contact(json!({ "email": "bea@example.org", "name": "Old" }));
    let folder = Folder::new("import-report", &[""]);
    folder.write(
        "people.csv",
        b"email,name\nada@example.org,Ada\nbea@example.org,Bea\n",
    );
    let (file, out) = (folder.path("people.csv"), folder.path("out"));
    let ran = run(against(
        &mock,
        &["import", "contacts", &file, "--out", &out],
    ));
    let (counts, rest) = ran.out.split_once('\n').unwrap();
    assert!(counts.starts_with("2 lines: 2 ok, 0 failed; "), "{ran:?}");
    let expected = format!(
        "  created  1\n  updated  1\nwhat was done to each contact: \"outcome\" and \"updated\" in {out}\n"
    );
    assert_eq!(rest, expected);
}
