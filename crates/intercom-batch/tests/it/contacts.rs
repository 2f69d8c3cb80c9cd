//! Contacts as lines and as the rows of a table.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::time::Duration;

use intercom_batch::{Batch, Config, Ending, Error, ErrorKind, Run, Source, Tally};
use intercom_mock::{Method, MockServer, Scripted};
use intercom_protocol::flows::Change;
use serde_json::{Value, json};

use crate::folder::{Folder, next, poll, unpaced};
use crate::world::{JumpingClock, responses};

const TABLE: &str = "external_id,email,name,custom_attributes.plan,custom_attributes.seats\n\
    1,ada@example.org,\"Lovelace, Ada\",pro,3\n\
    2,bea@example.org,,free,\n\
    3,cid@example.org,\"Cid \"\"the\"\"\nthird\",\"\"\"7\"\"\",true\n";

fn start(folder: &Folder, batch: Batch) -> Result<Run, Error> {
    batch.start(folder.source().csv(), folder.path("out"))
}

fn run(folder: &Folder, batch: Batch) -> Result<Tally, Error> {
    let mut run = start(folder, batch)?;
    while next(&mut run)?.is_some() {}
    Ok(run.tally().clone())
}

/// The contacts of the mock by their external ids.
fn stored(mock: &MockServer) -> BTreeMap<String, Value> {
    let key = |contact: &Value| contact["external_id"].as_str().unwrap().to_owned();
    let contacts = mock.contacts();
    let stored: BTreeMap<_, _> = contacts
        .iter()
        .map(|contact| (key(contact), contact.clone()))
        .collect();
    assert_eq!(stored.len(), contacts.len(), "an external id occurs twice");
    stored
}

#[test]
fn rows_become_contacts() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("csv-rows", &[""]);
    folder.write("in", TABLE.as_bytes());
    let tally = run(&folder, unpaced(&mock)).unwrap();
    assert_eq!((tally.total, tally.ok), (3, 3));
    assert_eq!(tally.contacts, BTreeMap::from([(Change::Created, 3)]));
    let stored = stored(&mock);
    assert_eq!(stored["1"]["name"], "Lovelace, Ada");
    assert_eq!(
        stored["1"]["custom_attributes"],
        json!({ "plan": "pro", "seats": 3 })
    );
    assert_eq!(stored["2"]["custom_attributes"], json!({ "plan": "free" }));
    assert_eq!(stored["3"]["name"], "Cid \"the\"\nthird");
    assert_eq!(
        stored["3"]["custom_attributes"],
        json!({ "plan": "7", "seats": true })
    );
    let lines: Vec<_> = folder
        .by_line()
        .iter()
        .map(|record| record["line"].clone())
        .collect();
    assert_eq!(lines, [2, 3, 4], "the header is row 1");
    let record = &folder.by_line()[0];
    assert_eq!(
        (&record["outcome"], &record["updated"]),
        (&json!("created"), &json!([]))
    );
    assert_eq!(record["body"]["external_id"], "1");

    // Another file with other values: each row reports what it has changed.
    let folder = Folder::new("csv-again", &[""]);
    folder.write(
        "in",
        "email,external_id,name\nada@example.org,1,Ada\nbea@example.org,2,\n".as_bytes(),
    );
    let tally = run(&folder, unpaced(&mock)).unwrap();
    assert_eq!(
        tally.contacts,
        BTreeMap::from([(Change::Unchanged, 1), (Change::Updated, 1)])
    );
    assert_eq!(folder.by_line()[0]["updated"], json!(["name"]));
    assert_eq!(
        serde_json::to_value(&tally).unwrap()["contacts"],
        json!({ "unchanged": 1, "updated": 1 })
    );
}

#[test]
fn header_that_is_not_that_of_contacts_is_refused_before_anything_is_sent() {
    let mock = MockServer::start().unwrap();
    for (table, why) in [
        (
            "email,age\nada@example.org,7\n",
            "unknown column \"age\"; use email, external_id, name, phone, role or custom_attributes.NAME",
        ),
        (
            "name\nAda\n",
            "it has no column email or external_id; add one, in the first line",
        ),
        (
            "",
            "it has no column email or external_id; add one, in the first line",
        ),
        (
            "email,email\na,b\n",
            "the column \"email\" occurs twice; remove one",
        ),
        (
            "email;name\nada@example.org;Ada\n",
            "its columns are not separated by commas; save it with commas",
        ),
        ("\u{feff}e\0m", "it is UTF-16; save it as UTF-8"),
        ("Email\na\n", "unknown column \"Email\"; write \"email\""),
        (
            "email,External ID\na,1\n",
            "unknown column \"External ID\"; write \"external_id\"",
        ),
        (
            "email,Custom_Attributes.Plan\na,b\n",
            "unknown column \"Custom_Attributes.Plan\"; write \"custom_attributes.Plan\"",
        ),
        (
            "\u{feff}{\"email\": \"ada@example.org\", \"name\": \"Ada\"}\n",
            "its first line is a JSON object, not the header of a table; use --format ndjson",
        ),
    ] {
        let folder = Folder::new("csv-header", &[""]);
        folder.write("in", table.as_bytes());
        let error = run(&folder, unpaced(&mock)).unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(
            (error.kind(), source.as_str()),
            (ErrorKind::Format, why),
            "{table}"
        );
    }
    assert_eq!(mock.request_count(), 0);
}

#[test]
fn broken_rows_are_recorded_and_the_others_are_sent() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("csv-broken", &[""]);
    let table = b"\xef\xbb\xbfemail,role\nada@example.org,user\nbea@example.org\n\xff@example.org,user\nada,user\ncid@example.org,boss\n,lead\n,user\n";
    folder.write("in", table);
    let tally = run(&folder, unpaced(&mock)).unwrap();
    assert_eq!((tally.ok, tally.invalid), (2, 5));
    let why = |line: usize| {
        folder.by_line()[line]["invalid"]
            .as_str()
            .unwrap_or("")
            .to_owned()
    };
    let expected = [
        "",
        "the row has 1 columns and the header 2; put a cell with a comma in quotes, and close every quote",
        "not UTF-8; save the file as UTF-8",
        "the email is not of the form name@host",
        "unknown role \"boss\"; use user or lead",
        "",
        "a user needs an email or an external_id",
    ];
    for (line, expected) in expected.into_iter().enumerate() {
        assert!(why(line).contains(expected), "{line}: {}", why(line));
    }
    assert_eq!(mock.contacts().len(), 2);
}

#[test]
fn rows_have_the_same_numbers_whatever_ends_the_lines() {
    let mock = MockServer::start().unwrap();
    for (name, end) in [
        ("lf", "\n"),
        ("crlf", "\r\n"),
        ("cr", "\r"),
        ("blank", "\n\n"),
    ] {
        let folder = Folder::new(&format!("csv-{name}"), &[""]);
        let table = ["email", "ada@example.org", "bad", "\"bea@example.org\""].join(end);
        folder.write("in", table.as_bytes());
        for ok in [2, 0] {
            let tally = run(&folder, unpaced(&mock)).unwrap();
            assert_eq!((tally.total, tally.ok), (3, ok), "{name}");
            assert_eq!(
                tally.lines(Ending::Invalid).first().collect::<Vec<_>>(),
                [3]
            );
        }
    }
}

#[test]
fn quote_that_is_not_closed_is_found_before_anything_is_sent() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("csv-quote", &[""]);
    folder.write("in", b"email,name\nada@example.org,\"A \"\"B\"\"\nC\"\nbea@example.org,\"open\ncid@example.org,x\n");
    let error = run(&folder, unpaced(&mock)).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(
        (error.kind(), source.as_str()),
        (ErrorKind::Format, "the quote on line 4 is not closed")
    );
    let error = folder.source().csv().check(|_, _| {}).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Format);
    let endless = std::io::Read::chain(&b"email\n\""[..], std::io::repeat(b'x'));
    let error = Source::from_reader("endless", endless)
        .csv()
        .check(|_, _| {})
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Format);
    assert_eq!(mock.request_count(), 0);
}

#[test]
fn lines_of_json_become_contacts() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("contacts-json", &[""]);
    let lines = "{\"external_id\":\"1\",\"custom_attributes\":{\"seats\":3}}\n\n{\"email\":\"x\",\"nme\":1}\n[]\n";
    let source = Source::from_reader("lines", Cursor::new(lines)).contacts();
    let mut run = unpaced(&mock).start(source, folder.path("out")).unwrap();
    while next(&mut run).unwrap().is_some() {}
    assert_eq!((run.tally().ok, run.tally().invalid), (1, 2));
    assert!(
        folder.by_line()[1]["invalid"]
            .as_str()
            .unwrap()
            .contains("unknown field `nme`")
    );
    assert_eq!(stored(&mock)["1"]["custom_attributes"]["seats"], 3);
}

/// Imports contacts, and returns why each line is invalid.
fn complaints_of(folder: &Folder, mock: &MockServer, source: Source) -> Result<Vec<String>, Error> {
    let mut run = unpaced(mock).start(source, folder.path("out"))?;
    while next(&mut run)?.is_some() {}
    let why = |record: &Value| record["invalid"].as_str().unwrap_or("").to_owned();
    Ok(folder.by_line().iter().map(why).collect())
}

/// Imports lines of JSON, and returns why each is invalid.
fn complaints(name: &str, mock: &MockServer, lines: &str) -> Vec<String> {
    let source = Source::from_reader("lines", Cursor::new(lines.to_owned())).contacts();
    complaints_of(&Folder::new(name, &[""]), mock, source).unwrap()
}

#[test]
fn invalid_line_of_json_names_the_member_and_what_is_allowed() {
    let mock = MockServer::start().unwrap();
    let lines = r#"{"email": 7}
{"email": "ada@example.org", "role": "boss"}
{"email": "ada@example.org", "custom_attributes": {"plan": ["pro"]}}
{"email": "ada@example.org", "custom_attributes": {"plan": {"name": "pro"}}}
{"email": "ada@example.org", "custom_attributes": "pro"}
{"email": "ada@example.org"} {}
"#;
    insta::assert_snapshot!(complaints("contacts-members", &mock, lines).join("\n"), @r#"
    "email": invalid type: integer `7`, expected a string at column 11
    "role": unknown role "boss"; use user or lead at column 44
    "custom_attributes.plan": invalid type: a list, expected a string, a number or a boolean at column 60
    "custom_attributes.plan": invalid type: an object, expected a string, a number or a boolean at column 60
    "custom_attributes": invalid type: string "pro", expected a map at column 55
    trailing characters at column 30
    "#);
    assert_eq!(mock.request_count(), 0);
}

#[test]
fn null_leaves_alone_what_the_contact_has() {
    let mock = MockServer::start().unwrap();
    let has = json!({ "email": "ada@example.org", "name": "Ada", "custom_attributes": { "plan": "pro" } });
    mock.add_contact(has);
    let line = r#"{"email":"ada@example.org","name":null,"phone":null,"role":null,"external_id":null,"custom_attributes":{"plan":null,"seats":3}}
{"email":"bea@example.org","custom_attributes":null}
"#;
    assert_eq!(complaints("contacts-null", &mock, line), ["", ""]);
    let ada = &mock.contacts()[0];
    assert_eq!(
        (&ada["name"], &ada["role"], &ada["custom_attributes"]),
        (
            &json!("Ada"),
            &json!("user"),
            &json!({ "plan": "pro", "seats": 3 })
        )
    );
}

#[test]
fn byte_order_mark_before_lines_of_json_is_ignored() {
    let mock = MockServer::start().unwrap();
    let marked = "\u{feff}{\"email\":\"ada@example.org\"}\n";
    assert_eq!(complaints("contacts-mark", &mock, marked), [""]);
    let alone = "\u{feff}\n{\"email\":\"bea@example.org\"}\n";
    assert_eq!(complaints("contacts-mark-alone", &mock, alone), [""]);
    assert_eq!(mock.contacts().len(), 2);
}

#[test]
fn table_that_is_read_as_lines_of_json_is_refused_before_anything_is_sent() {
    let mock = MockServer::start().unwrap();
    for table in [
        TABLE,
        "\u{feff}\"Email\";\"Name\"\na;b\n",
        "\n\nname\texternal_id\na\tb\n",
    ] {
        let source = || Source::from_reader("table", Cursor::new(table.to_owned())).contacts();
        let folder = Folder::new("contacts-table", &[""]);
        for error in [
            complaints_of(&folder, &mock, source()).unwrap_err(),
            source().check(|_, _| {}).unwrap_err(),
        ] {
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert_eq!(
                (error.kind(), source.as_str()),
                (
                    ErrorKind::Format,
                    "its first line is the header of a table, not a JSON object; use --format csv"
                ),
                "{table}"
            );
        }
    }
    assert_eq!(mock.request_count(), 0);
}

#[test]
fn record_of_each_row_says_what_was_done() {
    let mock = MockServer::start().unwrap();
    for (id, archived) in [("2", false), ("3", false), ("4", true), ("5", true)] {
        mock.add_contact(json!({ "external_id": id, "name": "Old", "archived": archived }));
    }
    let folder = Folder::new("csv-reported", &[""]);
    folder.write(
        "in",
        b"external_id,name\n1,New\n2,New\n3,Old\n4,Old\n5,New\n",
    );
    run(&folder, unpaced(&mock)).unwrap();
    let done = folder.by_line().into_iter();
    let done = done.map(|record| {
        json!([
            record["line"],
            record["ok"],
            record["outcome"],
            record["updated"]
        ])
    });
    assert_eq!(
        done.collect::<Vec<_>>(),
        [
            json!([2, true, "created", []]),
            json!([3, true, "updated", ["name"]]),
            json!([4, true, "unchanged", []]),
            json!([5, true, "unarchived", []]),
            json!([6, true, "unarchived", ["name"]]),
        ]
    );
}

#[test]
fn import_that_is_dropped_again_and_again_has_each_contact_once() {
    let mock = MockServer::builder()
        .index_lag(Duration::from_secs(3600))
        .start()
        .unwrap();
    let folder = Folder::new("csv-dropped", &[""]);
    let rows: String = (0..120)
        .map(|n| format!("{n},user{n}@example.org,Name {n}\n"))
        .collect();
    folder.write("in", format!("external_id,email,name\n{rows}").as_bytes());
    let mut runs = 0;
    let tally = loop {
        let mut run = start(&folder, unpaced(&mock)).unwrap();
        let most = 3 + 5 * runs;
        let ended = (0..most).any(|_| next(&mut run).unwrap().is_none());
        runs += 1;
        if ended {
            break run.tally().clone();
        }
    };
    assert!(runs > 4, "{runs}");
    assert_eq!(
        (tally.total, tally.failed, tally.skipped_failed),
        (120, 0, 0)
    );
    let stored = stored(&mock);
    assert_eq!(stored.len(), 120);
    assert!(
        stored
            .iter()
            .all(|(id, contact)| contact["name"] == format!("Name {id}"))
    );
    assert_eq!(folder.by_line().len(), 120);
}

#[test]
fn lead_that_may_have_been_created_is_not_created_again() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("csv-lead", &[""]);
    folder.write(
        "in",
        b"email,role\nada@example.org,lead\nbea@example.org,user\n",
    );
    // The response to creating the lead never comes.
    mock.script(
        Method::POST,
        "/contacts",
        [Scripted::normal().delay(Duration::from_secs(3600))],
    );
    let mut run = start(&folder, unpaced(&mock).concurrency(1)).unwrap();
    while mock.request_count() < 2 {
        poll(&mut run);
    }
    assert_eq!(run.on_their_way(), 1);
    drop(run);
    let tally = self::run(&folder, unpaced(&mock)).unwrap();
    assert_eq!(
        tally.lines(Ending::Unknown).first().collect::<Vec<_>>(),
        [2]
    );
    assert_eq!(tally.contacts, BTreeMap::from([(Change::Created, 1)]));
}

#[tokio::test]
async fn requests_of_a_contact_are_counted() {
    let found = r#"{"type":"list","data":[]}"#;
    let contact = r#"{"type":"contact","id":"5f1","role":"user","email":"ada@example.org"}"#;
    let transport = responses(&[(429, "{}"), (200, found), (200, contact)]);
    let config = Config::new("dG9rOjEyMw==").without_pacing();
    let batch = Batch::with(config, transport, JumpingClock::default(), None).unwrap();
    let folder = Folder::new("csv-counted", &[""]);
    folder.write("in", b"email\nada@example.org\n");
    let tally = start(&folder, batch).unwrap().finish().await.unwrap();
    assert_eq!((tally.ok, tally.attempts, tally.rate_limited), (1, 3, 1));
    assert_eq!(folder.by_line()[0]["attempts"], 3);
}
