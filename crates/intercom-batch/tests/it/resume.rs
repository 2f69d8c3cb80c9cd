//! Continuing where an earlier run stopped.

use std::fs;
use std::io::{self, Cursor, Read};
use std::sync::{Arc, Mutex, mpsc};

use intercom_batch::intercom_async::transport::transport_fn;
use intercom_batch::intercom_protocol::bytes::Bytes;
use intercom_batch::intercom_protocol::http;
use intercom_batch::{Batch, Config, Ending, ErrorKind, Event, Source};
use intercom_mock::{Method, MockServer, Scripted};
use serde_json::{Value, json};

use crate::folder::{Folder, batch, lead, next, read, text, unpaced};
use crate::world::JumpingClock;

/// Cuts bytes off the end of a file, as if the process had been killed in the middle of a write.
fn cut(folder: &Folder, name: &str, bytes: usize) {
    let mut text = folder.read(name);
    text.truncate(text.len() - bytes);
    folder.write(name, text.as_bytes());
}

#[test]
fn run_after_a_complete_run_sends_nothing() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("clean", &[lead("a"), read("b"), "broken".to_owned()]);
    assert_eq!(folder.run(batch(&mock)).unwrap().tally.failed, 1);
    let (out, sent) = (folder.read("out"), mock.request_count());
    let tally = folder.run(batch(&mock)).unwrap().tally;
    assert_eq!(
        (tally.total, tally.skipped, tally.skipped_failed),
        (3, 3, 1)
    );
    assert_eq!((folder.read("out"), mock.request_count()), (out, sent));
}

#[test]
fn records_without_their_empty_members_count() {
    let mock = MockServer::start().unwrap();
    mock.script(Method::POST, "/contacts", [Scripted::close_after_work()]);
    let folder = Folder::new("older", &[lead("a"), read("b"), "broken".to_owned()]);
    let tally = folder.run(batch(&mock).concurrency(1)).unwrap().tally;
    assert_eq!(tally.failed, 2);
    let records = folder.records().into_iter().map(|mut record| {
        let members = record.as_object_mut().unwrap();
        members.retain(|_, value| !value.is_null() && *value != false);
        members.entry("ok").or_insert(json!(false));
        record.to_string()
    });
    let records: Vec<String> = records.collect();
    assert!(!text(&records).contains("resent"), "{records:?}");
    folder.write("out", text(&records).as_bytes());
    let (tally, sent) = (
        folder.run(batch(&mock)).unwrap().tally,
        mock.request_count(),
    );
    assert_eq!((tally.skipped, tally.skipped_failed), (3, 2));
    let count = |ending| tally.lines(ending).count();
    assert_eq!((count(Ending::Unknown), count(Ending::Invalid)), (1, 1));
    assert_eq!((folder.records().len(), sent), (3, 2));
}

#[test]
fn files_of_the_first_release_are_continued() {
    let mock = MockServer::start().unwrap();
    let lines = [
        lead("a"),
        lead("b"),
        "broken".to_owned(),
        read("d"),
        lead("e"),
    ];
    let folder = Folder::new("first-release", &lines);
    folder.write(
        "out.journal",
        include_bytes!("first_release/results.ndjson.journal"),
    );
    folder.write("out", include_bytes!("first_release/results.ndjson"));
    let tally = folder.run(batch(&mock)).unwrap().tally;
    assert_eq!(
        (tally.total, tally.ok, tally.skipped, tally.skipped_failed),
        (5, 2, 3, 2)
    );
    let numbers = |ending| tally.lines(ending).first().collect::<Vec<_>>();
    assert_eq!([Ending::Refused, Ending::Invalid].map(numbers), [[2], [3]]);
    // The read was started and has no record, and the last line was not started.
    assert_eq!(folder.by_line()[3]["resent"], true);
    assert_eq!(mock.request_count(), 2);
    let journal = folder.read("out.journal");
    let added = journal.strip_prefix(include_str!("first_release/results.ndjson.journal"));
    assert_eq!(added, Some("5 ff8a806bbbca833d\n"));
}

#[tokio::test]
async fn journal_is_written_before_the_request_and_the_record_before_the_event() {
    let folder = Folder::new(
        "order-of-writes",
        &[lead("a"), "broken".to_owned(), lead("c")],
    );
    let seen = Arc::new(Mutex::new(Vec::new()));
    let transport = {
        let (journal, seen) = (folder.path("out.journal"), Arc::clone(&seen));
        transport_fn(move |_| {
            let entries = fs::read_to_string(&journal).unwrap().lines().count();
            seen.lock().unwrap().push(entries);
            async { Ok(http::Response::new(Bytes::from_static(b"{}"))) }
        })
    };
    let config = Config::new("dG9rOjEyMw==");
    let batch = Batch::with(config, transport, JumpingClock::default(), None).unwrap();
    let mut run = folder.start(batch.concurrency(1)).unwrap();
    let mut records = 0;
    while run.next().await.unwrap().is_some() {
        records += 1;
        assert_eq!(folder.records().len(), records);
    }
    assert_eq!(*seen.lock().unwrap(), [2, 4], "with the header");
    assert_eq!(records, 3);
}

#[test]
fn lines_may_be_added_but_not_changed_or_removed() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("added", &[lead("a"), lead("b")]);
    assert_eq!(folder.run(batch(&mock)).unwrap().tally.failed, 0);
    folder.write(
        "in",
        format!("{}\n{}\n{}", lead("a"), lead("b"), lead("c")).as_bytes(),
    );
    let tally = folder.run(batch(&mock)).unwrap().tally;
    assert_eq!((tally.ok, tally.skipped), (1, 2));
    let (out, sent) = (folder.read("out"), mock.request_count());
    for (input, word) in [
        (
            format!("{}\n{}\n{}", lead("a"), lead("x"), lead("c")),
            "line 2 of",
        ),
        (format!("{}\n\n{}", lead("a"), lead("c")), "line 2 of"),
        (lead("a"), "ends before line 3"),
        (String::new(), "ends before line 3"),
    ] {
        folder.write("in", input.as_bytes());
        let error = folder.run(batch(&mock)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Input);
        assert!(error.to_string().contains(word), "{error}");
    }
    assert_eq!((folder.read("out"), mock.request_count()), (out, sent));
}

#[test]
fn changed_input_is_rejected_before_anything_is_sent() {
    let mock = MockServer::start().unwrap();
    let names = ["a", "b", "c"];
    let folder = Folder::new("reordered", &names.map(lead));
    let refused = Scripted::error(422, "parameter_invalid", "no");
    mock.script(Method::POST, "/contacts", [refused]);
    let one = || batch(&mock).concurrency(1);
    assert_eq!(folder.run(one()).unwrap().tally.ok, 2);
    // The first line was not applied, so it may change; the others must not.
    for input in [["b", "a", "c"], ["c", "b", "a"], ["b", "c", "a"]] {
        folder.rewrite(&input.map(lead));
        for again in [one(), unpaced(&mock), batch(&mock).retry_failed(true)] {
            let error = folder.run(again).unwrap_err();
            let message = error.to_string();
            assert!(
                message.contains("has changed since an earlier run"),
                "{message}"
            );
        }
    }
    folder.rewrite(&[lead("b"), lead("b")]);
    let error = folder.run(one()).unwrap_err();
    assert!(error.to_string().contains("ends before line 3"), "{error}");
    assert_eq!((mock.request_count(), folder.records().len()), (3, 3));
    folder.rewrite(&names.map(lead));
    let tally = folder.run(batch(&mock).retry_failed(true)).unwrap().tally;
    assert_eq!(tally.ok, 1);
}

/// A reader that returns the strings that the test sends.
struct Pipe(mpsc::Receiver<String>);

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = self.0.recv().unwrap_or_default();
        buffer[..piece.len()].copy_from_slice(piece.as_bytes());
        Ok(piece.len())
    }
}

#[test]
fn changed_line_of_a_reader_ends_the_run_when_it_arrives() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("piped", &[lead("a"), lead("b")]);
    let refused = Scripted::error(422, "parameter_invalid", "no");
    mock.script(Method::POST, "/contacts", [refused]);
    let tally = folder.run(batch(&mock).concurrency(1)).unwrap().tally;
    assert_eq!(tally.failed, 1);
    let piped = |source| unpaced(&mock).start(source, folder.path("out")).unwrap();
    // The first line is allowed to change, but it is cancelled because it was not sent yet.
    let both = Cursor::new(text(&[lead("x"), lead("y")]));
    let mut run = piped(Source::from_reader("-", both));
    let stopped = next(&mut run).unwrap();
    assert!(matches!(stopped, Some(Event::Stopped(_))), "{stopped:?}");
    assert_eq!(next(&mut run).unwrap_err().kind(), ErrorKind::Input);
    assert_eq!((mock.request_count(), run.tally().sent().count()), (2, 0));
    drop(run);
    let (writer, reader) = mpsc::channel();
    let mut run = piped(Source::from_reader("a pipe", Pipe(reader)));
    writer.send(text(&[lead("x")])).unwrap();
    let recorded = next(&mut run).unwrap();
    assert!(
        matches!(recorded, Some(Event::Recorded { line: 1, .. })),
        "{recorded:?}"
    );
    writer.send(text(&[lead("y")])).unwrap();
    assert!(matches!(next(&mut run), Ok(Some(Event::Stopped(_)))));
    let error = next(&mut run).unwrap_err();
    assert!(error.to_string().starts_with("line 2 of a pipe"), "{error}");
    assert_eq!(run.tally().sent().first().collect::<Vec<_>>(), [1]);
    assert_eq!(mock.request_count(), 3);
}

#[test]
fn invalid_line_may_be_corrected_or_removed() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("corrected", &[lead("a"), "{broken".to_owned(), lead("c")]);
    assert_eq!(folder.run(batch(&mock)).unwrap().tally.invalid, 1);
    let corrected = [
        lead("a"),
        r#"{"method":"GET","path":"me"}"#.to_owned(),
        lead("c"),
    ];
    folder.rewrite(&corrected);
    let tally = folder.run(batch(&mock)).unwrap().tally;
    assert_eq!((tally.invalid, tally.skipped), (1, 2));
    let corrected = [lead("a"), lead("b"), lead("c"), "{broken".to_owned()];
    folder.rewrite(&corrected);
    assert_eq!(folder.run(batch(&mock)).unwrap().tally.ok, 1);
    folder.rewrite(&corrected[..3]);
    let tally = folder.run(batch(&mock)).unwrap().tally;
    assert_eq!((tally.skipped, tally.skipped_failed), (3, 0));
    assert_eq!(mock.request_count(), 3);
    folder.rewrite(&[lead("a"), lead("x"), lead("c")]);
    let error = folder.run(batch(&mock)).unwrap_err();
    assert!(error.to_string().contains("line 2 of"), "{error}");
}

#[test]
fn write_without_a_record_is_reported_and_not_repeated() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("torn", &[lead("a")]);
    assert_eq!(folder.run(batch(&mock)).unwrap().tally.failed, 0);
    cut(&folder, "out", 10);
    let tally = folder.run(batch(&mock)).unwrap().tally;
    let record = &folder.records()[0];
    assert_eq!((tally.unknown, tally.failed), (1, 1));
    assert_eq!(
        (
            &record["line"],
            &record["id"],
            &record["ok"],
            &record["unknown"]
        ),
        (&json!(1), &json!("a"), &json!(false), &json!(true))
    );
    assert_eq!(
        (&record["error"]["action"], &record["error"]["replay"]),
        (&json!("retry_and_check_status"), &json!("no"))
    );
    let tally = folder.run(batch(&mock)).unwrap().tally;
    assert_eq!((tally.skipped, mock.request_count()), (1, 1));
    let tally = folder.run(batch(&mock).retry_unknown(true)).unwrap().tally;
    assert_eq!(
        (tally.ok, mock.request_count(), folder.records().len()),
        (1, 2, 2)
    );
    assert_eq!(folder.records()[1]["resent"], true);
}

#[test]
fn reads_and_idempotent_writes_are_sent_again() {
    let mock = MockServer::start().unwrap();
    let [ada, bob] = ["ada", "bob"].map(|name| mock.add_contact(json!({ "name": name })));
    let folder = Folder::new(
        "idempotent",
        &[
            read("a"),
            format!(r#"{{"method":"PUT","path":"/contacts/{ada}","body":{{"name":"x"}}}}"#),
            format!(r#"{{"method":"DELETE","path":"/contacts/{bob}"}}"#),
            lead("mine").replace("}}", r#"},"replayable":true}"#),
        ],
    );
    assert_eq!(folder.run(batch(&mock)).unwrap().tally.ok, 4);
    folder.write("out", b"");
    let tally = folder.run(batch(&mock)).unwrap().tally;
    assert_eq!((tally.ok, mock.request_count()), (4, 8));
    let records = folder.by_line();
    assert!(
        records
            .iter()
            .all(|record| record["resent"] == true && record["ok"] == true)
    );
    // The first DELETE had succeeded.
    assert_eq!(records[2]["status"], 404);
}

#[test]
fn repeated_deletion_succeeds_only_if_the_api_reports_the_resource_as_gone() {
    let mock = MockServer::start().unwrap();
    let delete = |id: &str| format!(r#"{{"method":"DELETE","path":"/tags/{id}"}}"#);
    let folder = Folder::new("gone", &[delete("1"), delete("2"), delete("3")]);
    let script = |path: &str, response: Scripted| mock.script(Method::DELETE, path, [response]);
    for path in ["/tags/1", "/tags/2", "/tags/3"] {
        script(path, Scripted::status(200).json(json!({})));
    }
    assert_eq!(folder.run(batch(&mock)).unwrap().tally.ok, 3);
    folder.write("out", b"");
    script("/tags/1", Scripted::status(404).body("<html>"));
    script("/tags/2", Scripted::error(404, "admin_not_found", "no"));
    script("/tags/3", Scripted::error(404, "tag_not_found", "no"));
    let tally = folder.run(batch(&mock)).unwrap().tally;
    assert_eq!((tally.failed, tally.unknown), (2, 2));
    let records = folder.by_line();
    let records = records
        .iter()
        .map(|record| (&record["ok"], &record["status"]));
    let (ok, status): (Vec<&Value>, Vec<&Value>) = records.unzip();
    assert_eq!(ok, [false, false, true]);
    assert_eq!(status, [404, 404, 404]);
}

#[test]
fn line_with_half_a_journal_entry_was_not_sent() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("half", &[lead("a"), lead("b")]);
    assert_eq!(folder.run(batch(&mock).concurrency(1)).unwrap().tally.ok, 2);
    // As if killed while writing to the journal that line 2 is about to be sent.
    let first = folder.read("out").lines().next().unwrap().to_owned();
    folder.write("out", format!("{first}\n").as_bytes());
    cut(&folder, "out.journal", 3);
    let tally = folder.run(batch(&mock)).unwrap().tally;
    assert_eq!((tally.ok, tally.skipped), (1, 1));
    assert_eq!(folder.read("out.journal").lines().count(), 3);
    // As if killed at the very beginning.
    folder.write("out", b"");
    folder.write("out.journal", b"intercom-ba");
    assert_eq!(folder.run(batch(&mock)).unwrap().tally.ok, 2);
}

#[test]
fn failures_are_retried_only_on_request() {
    let mock = MockServer::start().unwrap();
    mock.script(
        Method::POST,
        "/contacts",
        [Scripted::error(422, "parameter_invalid", "no")],
    );
    mock.script(Method::POST, "/messages", [Scripted::close_after_work()]);
    let message =
        r#"{"method":"POST","path":"/messages","body":{"message_type":"email","body":"x"}}"#;
    let folder = Folder::new(
        "again",
        &[lead("a"), message.to_owned(), "broken".to_owned()],
    );
    let tally = folder.run(batch(&mock)).unwrap().tally;
    assert_eq!((tally.failed, tally.unknown, tally.invalid), (3, 1, 1));
    let again = || batch(&mock).retry_failed(true);
    let tally = folder.run(again()).unwrap().tally;
    assert_eq!((tally.ok, tally.skipped), (1, 2));
    let tally = folder.run(again().retry_unknown(true)).unwrap().tally;
    assert_eq!((tally.ok, tally.skipped), (1, 2));
    let ok: Vec<Value> = folder
        .by_line()
        .iter()
        .map(|record| record["ok"].clone())
        .collect();
    assert_eq!(ok, [true, true, false]);
}

#[test]
fn failures_of_earlier_runs_are_counted_by_ending() {
    let mock = MockServer::start().unwrap();
    mock.script(
        Method::POST,
        "/contacts",
        [
            Scripted::error(422, "parameter_invalid", "no"),
            Scripted::close_after_work(),
        ],
    );
    let folder = Folder::new("old", &[lead("a"), lead("b"), "broken".to_owned()]);
    for _ in 0..2 {
        let tally = folder.run(batch(&mock).concurrency(1)).unwrap().tally;
        assert_eq!(tally.failed + tally.skipped_failed, 3);
        let numbers = |ending| tally.lines(ending).first().collect::<Vec<_>>();
        assert_eq!(
            [Ending::Refused, Ending::Unknown, Ending::Invalid].map(numbers),
            [[1], [2], [3]]
        );
    }
    let tally = folder.run(batch(&mock).retry_failed(true)).unwrap().tally;
    assert_eq!((tally.ok, tally.failed, tally.skipped_failed), (1, 0, 2));
}

#[test]
fn refused_line_may_be_corrected_and_is_sent_again() {
    let mock = MockServer::start().unwrap();
    let gone = r#"{"method":"GET","path":"/contacts/none"}"#.to_owned();
    let down = r#"{"method":"GET","path":"/me"}"#.to_owned();
    mock.script(
        Method::GET,
        "/me",
        [Scripted::error(403, "forbidden", "no")],
    );
    let folder = Folder::new("refused", &[lead("a"), gone, down, lead("d")]);
    let tally = folder.run(batch(&mock)).unwrap().tally;
    let numbers = |ending| tally.lines(ending).first().collect::<Vec<_>>();
    assert_eq!([Ending::Failed, Ending::Refused].map(numbers), [[3], [2]]);
    folder.rewrite(&[lead("a"), lead("b"), lead("c"), lead("d")]);
    let tally = folder.run(batch(&mock)).unwrap().tally;
    assert_eq!((tally.ok, tally.skipped, tally.skipped_failed), (2, 2, 0));
    assert_eq!(folder.by_line()[1]["body"]["name"], "b");
    // Now it was applied, so it must not change any more.
    folder.rewrite(&[lead("a"), lead("x"), lead("c"), lead("d")]);
    let error = folder.run(batch(&mock).retry_failed(true)).unwrap_err();
    let message = error.to_string();
    let message = message.replace(folder.path("in").to_str().unwrap(), "IN");
    insta::assert_snapshot!(message, @"line 2 of IN has changed since an earlier run sent it, and the old request was applied; put the old line back, and add the new line at the end");
}

#[test]
fn line_with_an_unknown_outcome_must_not_change() {
    let mock = MockServer::start().unwrap();
    mock.script(Method::POST, "/contacts", [Scripted::close_after_work()]);
    let folder = Folder::new("unknown", &[lead("a")]);
    assert_eq!(folder.run(batch(&mock)).unwrap().tally.unknown, 1);
    let refused = |folder: &Folder| {
        folder.rewrite(&[lead("x")]);
        let again = batch(&mock).retry_failed(true).retry_unknown(true);
        let error = folder.run(again).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Input);
        error
            .to_string()
            .replace(folder.path("in").to_str().unwrap(), "IN")
    };
    insta::assert_snapshot!(refused(&folder), @"line 1 of IN has changed since an earlier run sent it, and the old request may have been applied; put the old line back, check whether it was applied, and add the new line at the end");
    // As if killed before the record was written.
    folder.write("out", b"");
    assert!(refused(&folder).contains("may have been applied"));
    assert_eq!(mock.request_count(), 1);
}

#[test]
fn refusal_of_a_retry_leaves_the_earlier_runs_outcome_unknown() {
    let mock = MockServer::start().unwrap();
    let put = |name: &str| {
        format!(r#"{{"method":"PUT","path":"/contacts/1","body":{{"name":"{name}"}}}}"#)
    };
    let folder = Folder::new("repeat", &[put("a"), read("b")]);
    assert_eq!(folder.run(batch(&mock)).unwrap().tally.failed, 1);
    folder.write("out", b"");
    mock.script(
        Method::GET,
        "/me",
        [Scripted::error(404, "not_found", "no")],
    );
    assert_eq!(folder.run(batch(&mock)).unwrap().tally.unknown, 1);
    let [wrote, read] = [0, 1].map(|line| folder.by_line()[line].clone());
    assert_eq!(
        (&wrote["status"], &wrote["unknown"]),
        (&json!(404), &json!(true))
    );
    assert_eq!(
        (&read["status"], &read["unknown"]),
        (&json!(404), &json!(false))
    );
    folder.rewrite(&[put("c"), crate::folder::read("c")]);
    let error = folder.run(batch(&mock)).unwrap_err();
    assert!(error.to_string().contains("line 1 of"), "{error}");
}

#[cfg(unix)]
#[test]
fn new_files_are_private_and_old_files_keep_their_permissions() {
    use std::fs::{Permissions, metadata, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;

    let mock = MockServer::start().unwrap();
    let folder = Folder::new("mode", &[lead("a")]);
    for mode in [0o600, 0o640] {
        assert_eq!(folder.run(batch(&mock)).unwrap().tally.failed, 0);
        for path in ["out", "out.journal"].map(|name| folder.path(name)) {
            let found = metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(found, mode, "{}", path.display());
            set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        }
    }
}

#[test]
fn damaged_files_are_rejected_and_unchanged() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("damaged", &[lead("a")]);
    assert_eq!(folder.run(batch(&mock)).unwrap().tally.failed, 0);
    let (out, journal) = (folder.read("out"), folder.read("out.journal"));
    for (name, content, kind, word) in [
        (
            "out",
            "{\"line\":1}\n",
            ErrorKind::Results,
            "line 1 of the results",
        ),
        (
            "out",
            &out.replace(":1,", ":2,"),
            ErrorKind::Results,
            "line 1 of the results",
        ),
        (
            "out.journal",
            "Dear diary",
            ErrorKind::Journal,
            "is another journal",
        ),
        (
            "out.journal",
            &journal.replace("\n1 ", "\nx "),
            ErrorKind::Journal,
            "is damaged at its line 2",
        ),
        (
            "out.journal",
            &format!("{journal}999999999999 0123456789abcdef\n"),
            ErrorKind::Journal,
            "is damaged at its line 3",
        ),
    ] {
        folder.write("out", out.as_bytes());
        folder.write("out.journal", journal.as_bytes());
        folder.write(name, content.as_bytes());
        let error = folder.run(batch(&mock)).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(word), "{error}");
        assert_eq!(folder.read(name), content);
    }
    folder.write("out.journal", journal.as_bytes());
    fs::remove_file(folder.path("out")).unwrap();
    let error = folder.run(batch(&mock)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Results);
    assert!(error.to_string().contains("are gone"), "{error}");
    assert_eq!(mock.request_count(), 1);
}
