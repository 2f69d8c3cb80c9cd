//! Responses that are not what a download asked for.

use std::mem;
use std::sync::mpsc;

use bytes::Bytes;
use http::response::Builder;
use intercom_protocol::http::Method;
use intercom_protocol::observe::{EventKind, observer_fn};

use super::*;
use crate::scripted::config;

const ERROR_LIST: &str = r#"{"type":"error.list","request_id":"req-9","errors":[{"code":"api_plan_restricted","message":"PAD"}]}"#;

/// A caller whose first response breaks off after 6000 bytes. Its length is unknown.
fn cut_off(mut then: impl FnMut(Outgoing) -> Exchange + Send + 'static) -> OnTransport {
    let mut is_first = true;
    OnTransport::new(move |outgoing| {
        if !mem::take(&mut is_first) {
            return then(outgoing);
        }
        let head = Response::builder().header("accept-ranges", "bytes");
        let head = head.header("transfer-encoding", "chunked");
        let (_, reception) = outgoing.into_parts();
        let mut incoming = reception.head(head.header("etag", "\"v1\"").body(()).unwrap());
        let _ = incoming.push(&[b'x'; 6_000]);
        Err(incoming.cut(FaultKind::Closed))
    })
}

/// Receives a body piece by piece, or as a whole.
fn receive_all(outgoing: Outgoing, streams: bool, head: Builder, body: &[u8]) -> Exchange {
    if !streams {
        return Ok(head.body(Bytes::copy_from_slice(body)).unwrap());
    }
    let (_, reception) = outgoing.into_parts();
    let mut incoming = reception.head(head.body(()).unwrap());
    for piece in body.chunks(1_000) {
        if incoming.push(piece).is_break() {
            break;
        }
    }
    incoming.finish()
}

fn part(range: &str) -> Builder {
    Response::builder()
        .status(206)
        .header("content-range", range)
}

/// The phase, the kind and the reason to stop of a fault.
fn ended<T>(result: Result<T, Error>) -> (Phase, FaultKind, StopReason) {
    let error = result.map(|_| ()).unwrap_err();
    let (fault, stop) = (error.fault().unwrap(), error.stop().unwrap());
    (fault.phase(), fault.kind(), stop.reason())
}

const REFUSED: (Phase, FaultKind, StopReason) =
    (Phase::Cut, FaultKind::Protocol, StopReason::NotResumable);

#[test]
fn a_part_longer_than_its_range_is_refused() {
    for (streams, range) in [
        (true, "bytes 6000-9999/10000"),
        (false, "bytes 6000-9999/10000"),
        (true, "bytes 6000-9999/*"),
    ] {
        let caller = cut_off(move |it| receive_all(it, streams, part(range), &[b'z'; 9_000]));
        assert_eq!(ended(caller.download()), REFUSED, "{streams} {range}");
    }
}

#[test]
fn a_part_shorter_than_its_range_is_continued() {
    let mut lengths = [1_000, 3_000].into_iter();
    let caller = cut_off(move |outgoing| {
        let range = outgoing.request().headers()["range"].clone();
        let from = range.to_str().unwrap().replace("bytes=", "");
        let head = part(&format!("bytes {from}9999/*"));
        receive_all(outgoing, true, head, &vec![b'x'; lengths.next().unwrap()])
    });
    let got = caller.download().unwrap();
    assert_eq!((got.bytes(), got.resumed()), (10_000, 2));
}

#[test]
fn a_part_is_refused_unless_it_was_requested() {
    for (length, streams) in [(100, true), (5_000, true), (5_000, false)] {
        let range = format!("bytes 0-{}/1000000", length - 1);
        let caller = OnTransport::new(move |outgoing| {
            receive_all(outgoing, streams, part(&range), &vec![b'x'; length])
        });
        let expected = (
            Phase::Cut,
            FaultKind::Protocol,
            StopReason::AttemptsExhausted,
        );
        assert_eq!(ended(caller.download()), expected, "{length} {streams}");
        // The program asks for a part.
        let request = caller.get().header("range", "bytes=0-4999");
        let got = request.download(Vec::new()).unwrap();
        assert_eq!(got.bytes(), length as u64);

        let whole = format!("bytes 0-{}/{length}", length - 1);
        let caller = OnTransport::new(move |outgoing| {
            receive_all(outgoing, streams, part(&whole), &vec![b'x'; length])
        });
        assert_eq!(caller.download().unwrap().bytes(), length as u64);
    }
    // The transport has decoded the whole body, and has kept the header.
    let caller = OnTransport::new(|outgoing| {
        let head = part("bytes 0-99/100").header("content-encoding", "br");
        receive_all(outgoing, true, head, &[b'x'; 5_000])
    });
    assert_eq!(caller.download().unwrap().bytes(), 5_000);
    let caller = OnTransport::whole((0..4).map(|_| response(206, "a part of an unknown place")));
    assert_eq!(ended(caller.download()).1, FaultKind::Protocol);
}

#[test]
fn a_transport_that_takes_a_refused_part_as_complete_is_not_believed() {
    let caller = OnTransport::new(|outgoing| {
        let (_, reception) = outgoing.into_parts();
        let head = part("bytes 5-9/10").body(()).unwrap();
        assert!(reception.head(head).push(&[b'x'; 5_000]).is_break());
        response(206, "")
    });
    assert_eq!(ended(caller.download()).1, FaultKind::Protocol);
}

#[test]
fn a_part_with_another_encoding_is_refused() {
    let with = |encoding: &'static str| {
        cut_off(move |outgoing| {
            let head = part("bytes 6000-9999/10000").header("content-encoding", encoding);
            receive_all(outgoing, true, head, &[b'z'; 4_000])
        })
    };
    for other in ["gzip", "br"] {
        assert_eq!(ended(with(other).download()), REFUSED, "{other}");
    }
    assert_eq!(with("identity").download().unwrap().bytes(), 10_000);
}

#[test]
fn the_limit_of_a_body_does_not_apply_to_a_download() {
    for length in [3_000, 5_000, 100_000] {
        for streams in [true, false] {
            let mut caller = OnTransport::new(move |outgoing| {
                let head = Response::builder();
                receive_all(outgoing, streams, head, &vec![b'x'; length])
            });
            caller.connection = config().body_limit(1_000).build().unwrap();
            let got = caller.download().unwrap();
            assert_eq!(got.bytes(), length as u64);
        }
    }
}

#[test]
fn a_long_error_list_is_not_written() {
    for (padding, kind) in [
        (100, "application/json"),
        (5_000, "application/json; charset=utf-8"),
        (60_000, "application/problem+json"),
    ] {
        let body = ERROR_LIST.replace("PAD", &"m".repeat(padding));
        let caller = OnTransport::new(move |outgoing| {
            let head = Response::builder().header("content-type", kind);
            receive_all(outgoing, true, head, body.as_bytes())
        });
        let error = caller.download().map(|_| ()).unwrap_err();
        assert!(error.is_plan_restricted(), "{padding} {error:?}");
        assert_eq!(error.attempts().len(), 1);
    }
}

#[test]
fn a_json_file_of_any_length_is_written() {
    for length in [10, 5_000, 65_536, 65_537, 200_000] {
        let json = format!("[{}]", " ".repeat(length));
        let body = json.clone();
        let caller = OnTransport::new(move |outgoing| {
            let head = Response::builder().header("content-type", "application/json");
            receive_all(outgoing, true, head, body.as_bytes())
        });
        assert!(caller.download().unwrap().into_writer() == json.as_bytes());
    }
}

#[test]
fn an_error_list_instead_of_the_rest_is_the_error_of_the_call() {
    for padding in [3, 5_000] {
        for streams in [true, false] {
            let body = ERROR_LIST.replace("PAD", &"m".repeat(padding));
            let length = body.len();
            let caller = cut_off(move |outgoing| {
                let head = Response::builder().header("content-type", "application/json");
                let head = head.header("x-request-id", "req-9");
                receive_all(outgoing, streams, head, body.as_bytes())
            });
            let error = caller.download().map(|_| ()).unwrap_err();
            assert!(error.is_plan_restricted(), "{padding} {streams}: {error:?}");
            assert_eq!(error.request_id(), Some("req-9"));
            assert_eq!(error.body().map(<[u8]>::len), Some(length));
        }
    }
}

#[test]
fn a_whole_file_instead_of_the_rest_keeps_a_prefix() {
    let caller = cut_off(|outgoing| {
        let head = Response::builder().header("content-length", "10000");
        receive_all(outgoing, true, head, &[b'z'; 10_000])
    });
    let error = caller.download().map(|_| ()).unwrap_err();
    let fault = error.fault().unwrap();
    assert_eq!(fault.kind(), FaultKind::Protocol);
    assert!(!fault.response().unwrap().body().bytes().is_empty());
}

#[test]
fn a_response_that_never_has_a_body_is_an_empty_file() {
    for (method, status) in [(Method::HEAD, 200), (Method::GET, 204)] {
        for streams in [true, false] {
            let caller = OnTransport::new(move |outgoing| {
                let head = Response::builder().status(status);
                receive_all(
                    outgoing,
                    streams,
                    head.header("content-length", "10000"),
                    b"",
                )
            });
            let request = ApiRequest::new(method.clone(), "/x");
            let request = RequestBuilder::<_, Blocking>::new(&caller, request);
            assert_eq!(request.download(Vec::new()).unwrap().bytes(), 0);
        }
    }
}

#[test]
fn nothing_left_to_send_is_the_end_of_the_file() {
    let unsatisfied = |range: &'static str| {
        cut_off(move |outgoing| {
            let head = Response::builder().status(416);
            receive_all(outgoing, true, head.header("content-range", range), b"")
        })
    };
    let got = unsatisfied("bytes */6000").download().unwrap();
    assert_eq!((got.bytes(), got.status().as_u16()), (6_000, 416));
    for range in ["bytes */6001", "bytes */5999", "bytes */*", ""] {
        let error = unsatisfied(range).download().map(|_| ()).unwrap_err();
        assert_eq!(error.status().unwrap().as_u16(), 416, "{range}");
    }
    // Nothing was requested by range.
    let head = [("content-range", "bytes */0")];
    let caller = OnTransport::whole([response_with(416, &head, "")]);
    assert_eq!(caller.download().unwrap_err().kind(), ErrorKind::Api);
}

#[test]
fn a_writer_that_fails_is_reported_even_if_the_transport_reports_a_fault() {
    for fault in [true, false] {
        let (sender, events) = mpsc::channel();
        let mut caller = OnTransport::new(move |outgoing| {
            let mut incoming = receive(outgoing, 6_000);
            assert!(incoming.push(&[b'x'; 3_000]).is_break());
            match fault {
                true => Err(incoming.cut(FaultKind::Closed)),
                false => incoming.finish(),
            }
        });
        let observer = observer_fn(move |event| {
            let is_received = matches!(event.kind(), EventKind::Received(_));
            sender.send(is_received).unwrap();
        });
        caller.connection = config().observer(observer).build().unwrap();
        let error = caller.get().download(FailsOnce::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Writer);
        let events: Vec<_> = events.try_iter().collect();
        assert_eq!(events, [false, true, false], "{fault}");
    }
}
