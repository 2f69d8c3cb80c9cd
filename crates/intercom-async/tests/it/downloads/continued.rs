//! Downloads that break off.

use intercom_async::protocol::Phase::Cut;
use intercom_async::{FaultKind, StopReason};
use intercom_mock::Scripted;

use super::{ended, file, with_each};

const LENGTH: u64 = 300_000;
const ETAG: &str = "\"v1\"";

fn export() -> Scripted {
    Scripted::file(LENGTH).ranges(ETAG)
}

#[test]
fn a_download_that_breaks_off_continues_where_it_stopped() {
    let scripts = [
        export().truncate_after(100_000),
        Scripted::error(500, "server_error", "Server Error"),
        export().truncate_after(70_001),
        export(),
    ];
    with_each(&scripts, |name, result, requests| {
        let got = result.unwrap();
        assert!(got.file == file(0..LENGTH), "{name}");
        assert_eq!((got.bytes, got.resumed, got.status), (LENGTH, 2, 206));
        let ranges: Vec<_> = requests.iter().map(|it| it.header("range")).collect();
        let (first, second) = ("bytes=100000-", "bytes=170001-");
        assert_eq!(
            ranges,
            [None, Some(first), Some(first), Some(second)],
            "{name}"
        );
        assert_eq!(requests[1].header("if-range"), Some(ETAG), "{name}");
    });
}

#[test]
fn a_download_continues_more_often_than_a_request_is_retried() {
    let mut scripts = vec![export().truncate_after(20_000); 14];
    scripts.push(export());
    with_each(&scripts, |name, result, requests| {
        let got = result.unwrap();
        assert!(got.file == file(0..LENGTH), "{name}");
        assert_eq!((got.resumed, got.attempts, requests.len()), (14, 15, 15));
    });
}

#[test]
fn attempts_that_receive_nothing_are_counted() {
    let mut scripts = vec![export().truncate_after(20_000)];
    scripts.extend(vec![Scripted::close_before(); 9]);
    with_each(&scripts, |name, result, requests| {
        let stop = result.unwrap_err().stop().unwrap();
        assert_eq!(stop.reason(), StopReason::AttemptsExhausted, "{name}");
        assert_eq!(requests.len(), 4);
    });
}

#[test]
fn a_body_that_breaks_off_before_anything_was_written_is_requested_again() {
    let scripts = [
        Scripted::file(LENGTH).truncate_after(4_000),
        Scripted::file(LENGTH),
    ];
    with_each(&scripts, |name, result, requests| {
        let got = result.unwrap();
        assert!(got.file == file(0..LENGTH), "{name}");
        assert_eq!((got.resumed, requests[1].header("range")), (0, None));
    });
}

#[test]
fn a_date_identifies_the_version_unless_the_file_was_changed_just_then() {
    let changed = "Sun, 29 Nov 2026 00:00:00 GMT";
    let dated = |date| {
        let export = Scripted::file(LENGTH).header("accept-ranges", "bytes");
        export.header("last-modified", changed).header("date", date)
    };
    let range = "bytes 100000-299999/300000";
    let rest = Scripted::status(206)
        .body(file(100_000..LENGTH))
        .header("content-range", range);
    let first = dated("Sun, 29 Nov 2026 00:00:01 GMT").truncate_after(100_000);
    with_each(&[first, rest.clone()], |name, result, requests| {
        assert!(result.unwrap().file == file(0..LENGTH), "{name}");
        assert_eq!(requests[1].header("if-range"), Some(changed));
    });
    with_each(
        &[dated(changed).truncate_after(100_000), rest],
        |name, result, _| {
            let reason = result.unwrap_err().stop().unwrap().reason();
            assert_eq!(reason, StopReason::NotResumable, "{name}");
        },
    );
}

#[test]
fn a_download_whose_server_offers_no_ranges_is_cut_and_not_repeated() {
    let plain = Scripted::file(LENGTH);
    for first in [
        plain.clone(),
        plain.clone().header("etag", ETAG),
        plain.clone().header("accept-ranges", "bytes"),
        plain
            .clone()
            .header("accept-ranges", "none")
            .header("etag", ETAG),
        // A weak ETag does not identify the bytes.
        plain
            .header("accept-ranges", "bytes")
            .header("etag", "W/\"v1\""),
    ] {
        with_each(
            &[first.truncate_after(100_000)],
            |name, result, requests| {
                let error = result.unwrap_err();
                let expected = (Cut, FaultKind::Closed, StopReason::NotResumable);
                assert_eq!(ended(&error), expected, "{name}");
                assert_eq!(requests.len(), 1);
                let line = "GET /download/content/data/{id}: the connection was closed; a response with status 200 was cut off: the rest cannot be requested, so download the whole file again into an empty writer";
                assert_eq!(error.to_string(), line);
            },
        );
    }
}

#[test]
fn a_response_that_is_not_the_rest_is_refused() {
    let part = |range: &str| {
        let part = Scripted::status(206).body(file(100_000..LENGTH));
        part.header("content-range", range)
    };
    for second in [
        // The file has changed, so the server sends all of it.
        Scripted::file(LENGTH).ranges("\"v2\""),
        Scripted::file(3),
        part("bytes 100000-299999/300000").header("etag", "\"v2\""),
        part("bytes 100000-299999/300001"),
        part("bytes 99999-299998/300000"),
        part("bytes 0-199999/300000"),
        part("bytes 100000-300000/300000"),
        part("items 100000-299999/300000"),
        part(""),
        Scripted::status(206).body(file(100_000..LENGTH)),
    ] {
        let shown = format!("{second:?}");
        let scripts = [export().truncate_after(100_000), second];
        with_each(&scripts, |name, result, requests| {
            let error = result.unwrap_err();
            let expected = (Cut, FaultKind::Protocol, StopReason::NotResumable);
            assert_eq!(ended(&error), expected, "{name} {shown}");
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(source.starts_with("the server sent "), "{source}");
            assert_eq!(requests.len(), 2);
        });
    }
}

#[test]
fn a_part_shorter_than_the_rest_is_continued() {
    let part = Scripted::status(206).body(file(100_000..150_000));
    let part = part.header("content-range", "bytes 100000-149999/300000");
    with_each(
        &[export().truncate_after(100_000), part, export()],
        |name, result, _| {
            let got = result.unwrap();
            assert!(got.file == file(0..LENGTH) && got.resumed == 2, "{name}");
        },
    );
}

#[test]
fn an_error_that_ends_a_continued_download_is_the_error_of_the_call() {
    let gone = Scripted::error(404, "not_found", "expired");
    with_each(
        &[export().truncate_after(100_000), gone],
        |name, result, _| {
            assert!(result.unwrap_err().is_not_found(), "{name}");
        },
    );
}
