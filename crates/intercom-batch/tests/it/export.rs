//! Exports that are killed at any place and started again.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use intercom_async::Client;
use intercom_batch::{ErrorKind, Export, ExportError};
use intercom_mock::{MockServer, Scripted};
use intercom_protocol::client::{Async, Walk};
use intercom_protocol::walk::WalkErrorKind;
use intercom_protocol::{ApiRequest, RetryPolicy};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::folder::Folder;

const COUNT: u64 = 230;

type Items<'c> = Walk<'c, Client, Async, Box<RawValue>>;
type Kind = fn(&Client) -> Items<'_>;

fn contacts(client: &Client) -> Items<'_> {
    client.walk(ApiRequest::get("/contacts").query("per_page", 20))
}

fn scroll(client: &Client) -> Items<'_> {
    client.walk(ApiRequest::get("/companies/scroll"))
}

fn listed_companies(client: &Client) -> Items<'_> {
    client.walk(ApiRequest::post("/companies/list").query("per_page", 20))
}

fn mock() -> MockServer {
    let builder = MockServer::builder().rate_limit(1_000_000, std::time::Duration::from_secs(10));
    let builder = builder.generated_contacts(COUNT).generated_companies(COUNT);
    builder.start().unwrap()
}

fn client(mock: &MockServer) -> Client {
    let policy = RetryPolicy::none();
    let builder = Client::builder(mock.token()).base_url(mock.base_url());
    builder.policy(policy).build().unwrap()
}

fn on_runtime<T>(work: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap().block_on(work)
}

/// Exports at most so many items more, and ends without a word, like a process that is killed. Returns whether the file is complete.
fn export(client: &Client, kind: Kind, out: &Path, most: usize) -> Result<bool, ExportError> {
    on_runtime(async {
        let mut export = Export::start(kind(client), out)?;
        for _ in 0..most {
            if !export.next().await? {
                return Ok(true);
            }
        }
        Ok(export.is_complete())
    })
}

/// The ids in the file, and how many lines it has.
fn ids(out: &Path) -> (BTreeSet<String>, usize) {
    let text = fs::read_to_string(out).unwrap();
    let ids = text.lines().map(|line| {
        let item: Value = serde_json::from_str(line).unwrap();
        item["id"].as_str().unwrap().to_owned()
    });
    (ids.collect(), text.lines().count())
}

#[track_caller]
fn assert_complete(out: &Path) {
    let (ids, lines) = ids(out);
    assert_eq!((ids.len(), lines), (COUNT as usize, COUNT as usize));
}

#[test]
fn export_that_is_killed_again_and_again_writes_each_item_once() {
    for (name, kind) in [
        ("contacts", contacts as Kind),
        ("scroll", scroll),
        ("list", listed_companies),
    ] {
        let mock = mock();
        let (client, folder) = (client(&mock), Folder::new(&format!("export-{name}"), &[""]));
        let out = folder.path("items");
        let mut runs = 0;
        // Some steps are shorter than a page, so those runs save nothing, and the next one starts at the same place.
        while !export(&client, kind, &out, 7 + 31 * (runs % 3)).unwrap() {
            runs += 1;
            // What a killed process has written, but not saved.
            let mut file = OpenOptions::new().append(true).open(&out).unwrap();
            file.write_all(b"{\"id\":\"torn").unwrap();
            assert!(runs < 100, "{name} does not end");
            // The scroll of the killed process ends after a minute.
            mock.advance_clock(std::time::Duration::from_secs(61));
        }
        assert!(runs > 3, "{name}: {runs}");
        assert_complete(&out);
        // A complete export requests nothing.
        mock.clear_requests();
        assert!(export(&client, kind, &out, 1).unwrap());
        assert_eq!(mock.request_count(), 0);
    }
}

#[test]
fn save_keeps_the_items_of_the_latest_page() {
    let mock = mock();
    let (client, folder) = (client(&mock), Folder::new("export-save", &[""]));
    let out = folder.path("items");
    on_runtime(async {
        let mut export = Export::start(contacts(&client), &out).unwrap();
        for _ in 0..25 {
            export.next().await.unwrap();
        }
        export.save().unwrap();
    });
    let again = Export::start(contacts(&client), &out).unwrap();
    assert_eq!((ids(&out).1, again.report().items()), (25, 25));
}

#[test]
fn failed_call_ends_the_export_and_the_next_one_continues() {
    let mock = mock();
    let (client, folder) = (client(&mock), Folder::new("export-failed", &[""]));
    let out = folder.path("items");
    mock.script(
        intercom_mock::Method::GET,
        "/contacts",
        [Scripted::normal(), Scripted::status(403)],
    );
    let error = export(&client, contacts, &out, 1_000).unwrap_err();
    assert!(
        matches!(&error, ExportError::Walk(error) if error.kind() == WalkErrorKind::Call),
        "{error}"
    );
    assert_eq!(ids(&out).1, 20);
    assert!(export(&client, contacts, &out, 1_000).unwrap());
    assert_complete(&out);
}

#[test]
fn another_request_is_refused_and_changes_nothing() {
    let mock = mock();
    let (client, folder) = (client(&mock), Folder::new("export-other", &[""]));
    let out = folder.path("items");
    export(&client, contacts, &out, 50).unwrap();
    let other: Kind = |client| client.walk(ApiRequest::get("/contacts").query("tag", "7"));
    for _ in 0..2 {
        let error = export(&client, other, &out, 50).unwrap_err();
        assert!(
            matches!(&error, ExportError::Walk(error) if error.kind() == WalkErrorKind::Checkpoint),
            "{error}"
        );
    }
    assert!(export(&client, contacts, &out, 1_000).unwrap());
    assert_complete(&out);
}

#[test]
fn file_that_was_cut_off_is_completed() {
    let mock = mock();
    let (client, folder) = (client(&mock), Folder::new("export-cut", &[""]));
    let out = folder.path("items");
    export(&client, contacts, &out, 150).unwrap();
    let whole = fs::read(&out).unwrap();
    for length in [whole.len() / 2, 3, 0] {
        fs::write(&out, &whole[..length]).unwrap();
        export(&client, contacts, &out, 50).unwrap();
    }
    assert!(export(&client, contacts, &out, 1_000).unwrap());
    assert_complete(&out);
}

#[test]
fn file_with_a_line_removed_is_not_continued() {
    let mock = mock();
    let (client, folder) = (client(&mock), Folder::new("export-removed", &[""]));
    let out = folder.path("items");
    for items in [150, 1_000] {
        export(&client, contacts, &out, items).unwrap();
        let whole = fs::read_to_string(&out).unwrap();
        let lines: Vec<&str> = whole.lines().collect();
        let without = [&lines[..40], &lines[41..], &[""]].concat().join("\n");
        fs::write(&out, without).unwrap();
        let error = Export::start(contacts(&client), &out).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Results, "{error}");
        fs::write(&out, &whole).unwrap();
    }
    assert_complete(&out);
}

#[test]
fn journal_of_another_version_says_so() {
    let mock = mock();
    let (client, folder) = (client(&mock), Folder::new("export-version", &[""]));
    let (out, journal) = (folder.path("items"), folder.path("items.journal"));
    export(&client, contacts, &out, 50).unwrap();
    let entries = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, entries.replace("{\"v\":1,", "{\"v\":9,")).unwrap();
    let error = Export::start(contacts(&client), &out).unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("version"), "{error}: {source}");
    assert_eq!(error.kind(), ErrorKind::Journal);
}

#[test]
fn files_that_are_not_those_of_an_export_are_left_alone() {
    let mock = mock();
    let (client, folder) = (client(&mock), Folder::new("export-foreign", &[""]));
    let (out, journal) = (folder.path("items"), folder.path("items.journal"));
    let refused = |expected: ErrorKind| {
        let (before, entries) = (fs::read(&out).ok(), fs::read(&journal).ok());
        match export(&client, contacts, &out, 1) {
            Err(ExportError::File(error)) => assert_eq!(error.kind(), expected, "{error}"),
            other => panic!("{expected}: {other:?}"),
        }
        assert_eq!(
            (fs::read(&out).ok(), fs::read(&journal).ok()),
            (before, entries)
        );
    };
    fs::write(&out, "{\"id\":\"mine\"}\n").unwrap();
    refused(ErrorKind::Results);
    fs::write(&journal, "intercom-batch-journal 1\n1 0\n").unwrap();
    refused(ErrorKind::Journal);
    fs::write(&journal, "intercom-export-journal 1\nwhat\n").unwrap();
    refused(ErrorKind::Journal);
    fs::write(&journal, "intercom-export-journal 1\n5 what\n").unwrap();
    refused(ErrorKind::Journal);
    fs::remove_file(&out).unwrap();
    refused(ErrorKind::Results);
    fs::remove_file(&journal).unwrap();

    export(&client, contacts, &out, 150).unwrap();
    let changed = fs::read_to_string(&out).unwrap().replace('\n', " ");
    fs::write(&out, changed).unwrap();
    let error = Export::start(contacts(&client), &out).unwrap_err();
    insta::assert_snapshot!(error.kind(), @"results");

    let in_use = Export::start(contacts(&client), folder.path("other")).unwrap();
    let error = Export::start(contacts(&client), folder.path("other")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    drop(in_use);
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_ends_the_export_with_an_error() {
    let mock = mock();
    let (client, folder) = (client(&mock), Folder::new("export-full", &[""]));
    let out = folder.path("items");
    std::os::unix::fs::symlink("/dev/full", &out).unwrap();
    let error = export(&client, contacts, &out, 1_000).unwrap_err();
    assert!(
        matches!(&error, ExportError::File(error) if error.kind() == ErrorKind::Results),
        "{error}"
    );
    assert_eq!(mock.request_count(), 0);
}
