//! Runs that meet a firewall or proxy instead of the API.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use intercom_batch::intercom_async::transport::{Timer, Transport, transport_fn};
use intercom_batch::intercom_protocol::bytes::Bytes;
use intercom_batch::intercom_protocol::http;
use intercom_batch::{Batch, Config, Ending, Event, Stopped};
use intercom_mock::MockServer;

use crate::folder::{Folder, batch, lead, next};
use crate::world::{HandClock, JumpingClock};

fn leads(number: usize) -> Vec<String> {
    (0..number).map(|n| lead(&n.to_string())).collect()
}

/// A transport that returns this response to every request, and counts them.
fn always(
    status: u16,
    header: (&'static str, &'static str),
    sent: &Arc<AtomicUsize>,
) -> impl Transport + use<> + 'static {
    let sent = Arc::clone(sent);
    transport_fn(move |_| {
        sent.fetch_add(1, Ordering::Relaxed);
        let response = http::Response::builder().status(status);
        let response = response.header(header.0, header.1);
        let response = response.body(Bytes::from_static(b"<html>")).unwrap();
        async { Ok(response) }
    })
}

fn with(transport: impl Transport + 'static, timer: impl Timer + 'static) -> Batch {
    Batch::with(Config::new("dG9rOjEyMw=="), transport, timer, None).unwrap()
}

/// Runs the batch again, against a server that works. Checks that every lead is created once.
#[track_caller]
fn assert_next_run_does_all(folder: &Folder, number: usize) {
    let mock = MockServer::start().unwrap();
    let ran = folder.run(batch(&mock)).unwrap();
    assert_eq!((ran.stopped, ran.tally.ok), (None, number as u64));
    assert_eq!(mock.request_count(), number);
    let ok = |record: &serde_json::Value| record["ok"] == true;
    assert!(folder.by_line().iter().all(ok));
}

#[test]
fn three_captchas_in_a_row_stop_the_run_and_the_next_run_does_all_lines() {
    let sent = Arc::default();
    let folder = Folder::new("captcha", &leads(40));
    let captcha = always(405, ("x-amzn-waf-action", "captcha"), &sent);
    let ran = folder.run(with(captcha, JumpingClock::default())).unwrap();
    assert_eq!(ran.stopped, Some(Stopped::Blocked));
    assert_eq!(sent.load(Ordering::Relaxed), 3);
    assert_eq!((ran.tally.ok, ran.tally.unknown), (0, 0));
    let blocked = ran.tally.lines(Ending::Blocked).count();
    assert_eq!(blocked, ran.tally.total);
    assert_next_run_does_all(&folder, 40);
}

#[test]
fn three_block_pages_in_a_row_stop_the_run_and_the_next_run_does_all_lines() {
    let sent = Arc::default();
    let folder = Folder::new("page", &leads(40));
    let page = always(403, ("content-type", "text/html"), &sent);
    let ran = folder.run(with(page, JumpingClock::default())).unwrap();
    assert_eq!(ran.stopped, Some(Stopped::Blocked));
    assert_eq!(sent.load(Ordering::Relaxed), 3);
    assert_eq!(ran.tally.lines(Ending::Blocked).count(), 3);
    assert_next_run_does_all(&folder, 40);
}

#[test]
fn lines_that_wait_for_a_firewall_end_when_the_run_stops() {
    let (sent, clock) = (Arc::default(), HandClock::new());
    let folder = Folder::new("waiting", &leads(40));
    let captcha = always(405, ("x-amzn-waf-action", "captcha"), &sent);
    let mut run = folder.start(with(captcha, clock.clone())).unwrap();
    let mut events = Vec::new();
    while let Some(event) = next(&mut run).unwrap() {
        events.push(event);
    }
    let stopped = |event: &Event| matches!(event, Event::Stopped(Stopped::Blocked));
    assert!(events.iter().any(stopped), "{events:?}");
    assert_eq!(run.tally().lines(Ending::Blocked).count(), 3);
    assert_eq!(run.elapsed(), Duration::ZERO);
    drop(run);
    assert_next_run_does_all(&folder, 40);
}

#[test]
fn a_response_of_the_api_in_between_keeps_the_run_going() {
    let page = (403, "text/html");
    let created = (200, "application/json");
    let replies = [page, page, created, page, page, created];
    let sent = AtomicUsize::new(0);
    let transport = transport_fn(move |_| {
        let (status, kind) = replies[sent.fetch_add(1, Ordering::Relaxed)];
        let body = if status == 200 { "{}" } else { "<html>" };
        let response = http::Response::builder().status(status);
        let response = response.header("content-type", kind);
        let response = response.body(Bytes::from_static(body.as_bytes())).unwrap();
        async { Ok(response) }
    });
    let folder = Folder::new("between", &leads(6));
    let ran = folder
        .run(with(transport, JumpingClock::default()))
        .unwrap();
    assert_eq!((ran.stopped, ran.tally.ok), (None, 2));
    assert_eq!(ran.tally.lines(Ending::Blocked).count(), 4);
}
