//! Downloads with transports that are written by hand.

mod redirected;
mod refused;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http::Response;
use intercom_protocol::client::{Async, Blocking, Downloaded, RequestBuilder, Sink, WritesTo};
use intercom_protocol::{
    ApiRequest, Call, Caller, Connection, Error, ErrorKind, Fault, FaultKind, Incoming, Outgoing,
    Phase, Reply, Step, StopReason, Tick,
};

use crate::scripted::{Exchange, connection, moment, refusal, response, response_with};

const SECOND: Duration = Duration::from_secs(1);

type Transport = Box<dyn FnMut(Outgoing) -> Exchange + Send>;

/// A caller on a transport. Each exchange takes a second.
struct OnTransport {
    connection: Connection,
    transport: Mutex<Transport>,
    now: Mutex<Duration>,
}

impl OnTransport {
    fn new(transport: impl FnMut(Outgoing) -> Exchange + Send + 'static) -> Self {
        Self {
            connection: connection(),
            transport: Mutex::new(Box::new(transport)),
            now: Mutex::default(),
        }
    }

    /// A transport that does not stream, with these responses.
    fn whole(responses: impl IntoIterator<Item = Exchange>) -> Self {
        let mut responses: VecDeque<_> = responses.into_iter().collect();
        Self::new(move |_| responses.pop_front().unwrap())
    }

    fn get(&self) -> RequestBuilder<&Self, Blocking> {
        RequestBuilder::new(self, ApiRequest::get("/download/content/data/5f1"))
    }

    fn download(&self) -> Result<Downloaded<Vec<u8>>, Error> {
        self.get().download(Vec::new())
    }
}

impl Caller for OnTransport {
    async fn call(&self, request: ApiRequest) -> Result<Reply, Error> {
        self.call_elsewhere(&self.connection, request).await
    }

    async fn call_elsewhere(
        &self,
        connection: &Connection,
        request: ApiRequest,
    ) -> Result<Reply, Error> {
        let now = || moment(*self.now.lock().unwrap());
        let mut call = Call::new(connection, request, now());
        loop {
            match call.next(now()) {
                Step::Authorize(_) => panic!("the connection has a token"),
                Step::Admit(ask) => call.admitted(ask.free(), now()),
                Step::Send(outgoing) => {
                    let outcome = (self.transport.lock().unwrap())(outgoing);
                    *self.now.lock().unwrap() += SECOND;
                    call.received(outcome, now());
                }
                Step::Sleep(duration) => *self.now.lock().unwrap() += duration,
                Step::Done(result) => return result,
            }
        }
    }

    fn connection(&self) -> Option<&Connection> {
        Some(&self.connection)
    }

    fn now(&self) -> Option<Tick> {
        Some(Tick::new(*self.now.lock().unwrap()))
    }
}

/// Begins to receive a response of ten thousand bytes that can be continued. Pushes this many bytes of it.
fn receive(outgoing: Outgoing, length: usize) -> Incoming {
    let (request, reception) = outgoing.into_parts();
    let head = Response::builder().header("accept-ranges", "bytes");
    let head = head.header("etag", "\"v1\"");
    let head = match request.headers().get("range") {
        Some(range) => {
            let from = range
                .to_str()
                .unwrap()
                .trim_matches(|char: char| !char.is_ascii_digit());
            let range = format!("bytes {from}-9999/10000");
            head.status(206).header("content-range", range)
        }
        None => head.header("content-length", "10000"),
    };
    let mut incoming = reception.head(head.body(()).unwrap());
    let _ = incoming.push(&vec![b'x'; length]);
    incoming
}

#[test]
fn a_transport_that_returns_whole_bodies_can_download() {
    let long = "x".repeat(100_000);
    for body in ["", "a,b\n1,2\n", "{\"a\":1}", &long] {
        let got = OnTransport::whole([response(200, body)])
            .download()
            .unwrap();
        assert_eq!(got.bytes(), body.len() as u64);
        assert!(got.into_writer() == body.as_bytes());
    }
}

#[test]
fn a_whole_body_is_checked_before_it_is_written() {
    let length = [("content-length", "9")];
    let blocked = [("x-amzn-waf-action", "captcha"), ("retry-after", "3600")];
    for (outcome, kind) in [
        (refusal(200, "not_found", "no"), ErrorKind::Api),
        (response_with(202, &blocked, "x"), ErrorKind::Api),
        (response(404, "<html>"), ErrorKind::Api),
        (response(302, "moved"), ErrorKind::Api),
        (
            response_with(206, &[("content-length", "9")], "part"),
            ErrorKind::Fault,
        ),
        (response_with(200, &length, "part"), ErrorKind::Fault),
    ] {
        let mut first = Some(outcome);
        let caller = OnTransport::new(move |_| first.take().unwrap_or(response(200, "whole")));
        match caller.download() {
            Ok(got) => assert_eq!(
                (kind, got.into_writer()),
                (ErrorKind::Fault, b"whole".into())
            ),
            Err(error) => assert_eq!(error.kind(), kind),
        }
    }
}

#[test]
fn only_progress_is_limited_in_time_unless_there_is_a_deadline() {
    let seen = |deadline: Option<Duration>| {
        let (sender, receiver) = std::sync::mpsc::channel();
        let caller = OnTransport::new(move |outgoing| {
            let limits = [
                outgoing.timeout(),
                outgoing.head_timeout(),
                outgoing.idle_timeout(),
            ];
            sender.send((limits, outgoing.connect_timeout())).unwrap();
            response(200, "")
        });
        let request = match deadline {
            Some(deadline) => caller.get().deadline(deadline),
            None => caller.get(),
        };
        request.download(Vec::new()).unwrap();
        receiver.recv().unwrap()
    };
    let attempt = Some(SECOND * 30);
    assert_eq!(seen(None), ([None, attempt, attempt], Some(SECOND * 10)));
    let limit = Some(SECOND * 5);
    assert_eq!(seen(limit), ([limit, limit, attempt], limit));
}

#[test]
fn a_redirect_and_its_target_share_one_deadline() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let caller = OnTransport::new(move |outgoing| {
        sender.send(outgoing.timeout()).unwrap();
        match outgoing.request().uri().host() {
            Some("files.example") => response(200, "file"),
            _ => response_with(302, &[("location", "https://files.example/x")], ""),
        }
    });
    let request = caller.get().deadline(SECOND * 5);
    assert_eq!(request.download(Vec::new()).unwrap().into_writer(), b"file");
    let timeouts: Vec<_> = receiver.try_iter().flatten().collect();
    assert_eq!(timeouts, [SECOND * 5, SECOND * 4]);
}

#[test]
fn a_redirect_that_cannot_be_followed_is_an_error() {
    let moved = |status| response_with(status, &[("location", "https://files.example/x")], "");
    let post = |status| {
        let caller = OnTransport::whole([moved(status), response(200, "file")]);
        let request = RequestBuilder::<_, Blocking>::new(&caller, ApiRequest::post("/export"));
        request.download(Vec::new()).map(Downloaded::into_writer)
    };
    assert_eq!(post(303).unwrap(), b"file");
    for status in [302, 307, 308] {
        let error = post(status).unwrap_err();
        assert_eq!(
            (error.kind(), error.status().unwrap().as_u16()),
            (ErrorKind::Decode, status)
        );
    }

    struct Bare(OnTransport);
    impl Caller for Bare {
        async fn call(&self, request: ApiRequest) -> Result<Reply, Error> {
            self.0.call(request).await
        }
    }
    let bare = Bare(OnTransport::whole([moved(302)]));
    let request = RequestBuilder::<_, Blocking>::new(&bare, ApiRequest::get("/export"));
    let error = request.download(Vec::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[test]
fn what_an_abandoned_attempt_receives_is_ignored() {
    let mut abandoned = None;
    let caller = OnTransport::new(move |outgoing| match &mut abandoned {
        None => {
            abandoned = Some(receive(outgoing, 6_000));
            Err(Fault::outcome_unknown(FaultKind::Timeout))
        }
        Some(late) => {
            let incoming = receive(outgoing, 4_000);
            assert!(late.push(b"late").is_break());
            incoming.finish()
        }
    });
    let got = caller.download().unwrap();
    assert_eq!((got.resumed(), got.status().as_u16()), (1, 206));
    assert!(got.into_writer() == vec![b'x'; 10_000]);
}

#[test]
fn a_transport_that_calls_a_cut_body_whole_is_not_believed() {
    let caller = OnTransport::new(|outgoing| {
        // The transport forgets to call `finish`.
        drop(receive(outgoing, 6_000));
        response(200, "")
    });
    let error = caller.get().policy(intercom_protocol::RetryPolicy::none());
    let error = error.download(Vec::new()).unwrap_err();
    assert_eq!(error.fault().unwrap().phase(), Phase::Cut);
    assert_eq!(
        error.stop().unwrap().reason(),
        StopReason::AttemptsExhausted
    );
}

/// A writer that fails once, in the middle.
#[derive(Default)]
struct FailsOnce(Vec<u8>, bool);

impl io::Write for FailsOnce {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.is_empty() || self.1 {
            self.0.extend_from_slice(bytes);
            return Ok(bytes.len());
        }
        self.1 = true;
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_writer_that_fails_once_ends_the_call() {
    for outcome in [Ok(()), Err(FaultKind::Closed)] {
        let caller = OnTransport::new(move |outgoing| {
            let mut incoming = receive(outgoing, 6_000);
            assert!(incoming.push(&[b'x'; 3_000]).is_break());
            match outcome {
                Ok(()) => incoming.finish(),
                Err(kind) => Err(incoming.cut(kind)),
            }
        });
        let error = caller.get().download(FailsOnce::default()).unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts().len()),
            (ErrorKind::Writer, 1)
        );
    }
}

#[test]
fn a_post_is_not_sent_again_to_continue_its_download() {
    let caller = OnTransport::new(|outgoing| Err(receive(outgoing, 6_000).cut(FaultKind::Closed)));
    let request = RequestBuilder::<_, Blocking>::new(&caller, ApiRequest::post("/export"));
    let error = request.download(Vec::new()).unwrap_err();
    assert_eq!(error.stop().unwrap().reason(), StopReason::NotReplayable);
    assert_eq!(error.attempts().len(), 1);
}

/// A writer that takes a few bytes at a time, and only every second time.
#[derive(Default)]
struct Slow {
    bytes: Vec<u8>,
    waits: bool,
    flushed: bool,
}

impl Sink for Slow {
    fn poll_write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.waits = !self.waits;
        if self.waits {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let taken = bytes.chunks(1_000).next().unwrap_or_default();
        self.bytes.extend_from_slice(taken);
        Poll::Ready(Ok(taken.len()))
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.flushed = true;
        Poll::Ready(Ok(()))
    }
}

impl WritesTo<Slow> for OnTransport {
    type Sink = Slow;

    fn sink(writer: Slow) -> Slow {
        writer
    }

    fn writer(sink: Slow) -> Slow {
        sink
    }
}

/// Polls a future until it is ready.
fn wait<F: Future>(future: F) -> F::Output {
    let mut future = Box::pin(future);
    loop {
        if let Poll::Ready(output) = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            return output;
        }
    }
}

#[test]
fn a_slow_writer_gets_everything_and_is_flushed() {
    let waits = |outgoing| {
        let mut incoming = receive(outgoing, 6_000);
        assert!(wait(poll_fn(|context| incoming.poll_ready(context))).is_continue());
        let _ = incoming.push(&[b'y'; 4_000]);
        incoming.finish()
    };
    let whole = |_| response(200, &("x".repeat(6_000) + &"y".repeat(4_000)));
    for caller in [OnTransport::new(waits), OnTransport::new(whole)] {
        let request = RequestBuilder::<_, Async>::new(&caller, ApiRequest::get("/x"));
        let got = wait(request.download(Slow::default())).unwrap();
        assert_eq!(got.bytes(), 10_000);
        let writer = got.into_writer();
        assert!(writer.flushed);
        assert!(writer.bytes == [[b'x'; 6_000].as_slice(), &[b'y'; 4_000]].concat());
    }
}

#[test]
fn a_transport_that_does_not_wait_for_the_writer_does_not_fill_the_memory() {
    let caller = OnTransport::new(|outgoing| {
        let (_, reception) = outgoing.into_parts();
        let mut incoming = reception.head(Response::new(()));
        let mut pushed = 0;
        while incoming.push(&[b'x'; 1 << 16]).is_continue() {
            pushed += 1;
            assert!(pushed < 1_000);
        }
        incoming.finish()
    });
    let request = RequestBuilder::<_, Async>::new(&caller, ApiRequest::get("/x"));
    let error = wait(request.download(Slow::default()))
        .map(|_| ())
        .unwrap_err();
    assert_eq!(error.fault().unwrap().kind(), FaultKind::TooLarge);
    assert_eq!(error.attempts().len(), 1);
}

#[test]
fn neither_a_download_nor_its_error_shows_personal_data() {
    let headers = [("set-cookie", "planted")];
    let got = OnTransport::whole([response_with(200, &headers, "planted")]);
    let shown = format!("{:?}", got.download().unwrap());
    assert!(
        shown.contains("bytes: 7") && !shown.contains("planted"),
        "{shown}"
    );

    struct Failing;
    impl io::Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::other("planted"))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let error = OnTransport::whole([response(200, "file")])
        .get()
        .download(Failing);
    let error = error.unwrap_err();
    let shown = format!("{error} {error:#} {error:?}");
    assert!(!shown.contains("planted"), "{shown}");
    assert_eq!(error.status(), None);
    let stored = serde_json::to_string(&error).unwrap();
    assert!(!stored.contains("planted"), "{stored}");
    let read: Error = serde_json::from_str(&stored).unwrap();
    assert_eq!(
        (read.kind(), read.to_string()),
        (ErrorKind::Writer, error.to_string())
    );
}

#[test]
fn an_invalid_request_is_refused_before_anything_is_sent() {
    let caller = OnTransport::new(|_| panic!("nothing is sent"));
    let request = RequestBuilder::<_, Blocking>::new(&caller, ApiRequest::get("no slash"));
    assert_eq!(
        request.download(Vec::new()).unwrap_err().kind(),
        ErrorKind::Invalid
    );
}

/// A writer that has taken nothing makes the transport wait.
#[test]
fn transport_waits_for_a_slow_writer() {
    let caller = OnTransport::new(|outgoing| {
        let mut incoming = receive(outgoing, 10_000);
        let mut context = Context::from_waker(Waker::noop());
        assert!(incoming.poll_ready(&mut context).is_pending());
        incoming.finish()
    });
    let request = RequestBuilder::<_, Async>::new(&caller, ApiRequest::get("/x"));
    assert_eq!(
        wait(request.download(Slow::default())).unwrap().bytes(),
        10_000
    );
}

#[test]
fn download_that_progresses_is_continued_as_often_as_it_takes() {
    let mut parts = [5_000].into_iter().chain([500; 10]).peekable();
    let caller = OnTransport::new(move |outgoing| {
        let incoming = receive(outgoing, parts.next().unwrap());
        match parts.peek() {
            Some(_) => Err(incoming.cut(FaultKind::Closed)),
            None => incoming.finish(),
        }
    });
    let got = caller.download().unwrap();
    assert_eq!(
        (got.bytes(), got.resumed(), got.attempts().len()),
        (10_000, 10, 11)
    );
    assert!(got.elapsed() > 11 * SECOND);
}

const LIST: &str = r#"{"type":"error.list","errors":[{"code":"not_found"}]}"#;

#[test]
fn rest_of_a_file_may_look_like_an_error() {
    let mut attempts = 0;
    let caller = OnTransport::new(move |outgoing| {
        attempts += 1;
        if attempts == 1 {
            return Err(receive(outgoing, 10_000 - LIST.len()).cut(FaultKind::Closed));
        }
        let mut incoming = receive(outgoing, 0);
        let _ = incoming.push(LIST.as_bytes());
        incoming.finish()
    });
    let got = caller.download().unwrap().into_writer();
    assert!(got.ends_with(LIST.as_bytes()) && got.len() == 10_000);
}

/// Up to 4 KiB are checked before they are written, also of a part that the program asked for.
#[test]
fn short_body_that_is_an_error_list_is_not_written() {
    for (status, length) in [(200, 4096), (206, 60), (200, 4097)] {
        let caller = OnTransport::new(move |outgoing| {
            let (_, reception) = outgoing.into_parts();
            let range = format!("bytes 0-{}/9999", length - 1);
            let head = Response::builder()
                .status(status)
                .header("content-range", range);
            let mut incoming = reception.head(head.body(()).unwrap());
            for byte in format!("{LIST:<length$}").bytes() {
                let _ = incoming.push(&[byte]);
            }
            incoming.finish()
        });
        let request = match status {
            206 => caller.get().header("range", "bytes=0-59"),
            _ => caller.get(),
        };
        let kind = request
            .download(Vec::new())
            .map(|got| got.bytes())
            .map_err(|error| error.kind());
        let expected = if length > 4096 {
            Ok(4097)
        } else {
            Err(ErrorKind::Api)
        };
        assert_eq!(kind, expected, "{status} {length}");
    }
}

/// A writer that is interrupted once, and cannot pass anything on at the end.
#[derive(Default)]
struct Interrupted(bool);

impl io::Write for Interrupted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if std::mem::replace(&mut self.0, true) {
            return Ok(bytes.len());
        }
        Err(io::ErrorKind::Interrupted.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::StorageFull.into())
    }
}

#[test]
fn writer_that_is_interrupted_goes_on_and_one_that_cannot_flush_fails() {
    let caller = OnTransport::whole([response(200, "file")]);
    let error = caller.get().download(Interrupted::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Writer);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(
        source,
        io::Error::from(io::ErrorKind::StorageFull).to_string()
    );
}

/// The body is longer than what is kept for a check.
#[test]
fn long_body_of_a_response_that_refuses_is_not_written() {
    let firewall = ("x-amzn-waf-action", "captcha");
    for (status, header) in [(404, ("x-powered-by", "x")), (200, firewall)] {
        let caller = OnTransport::new(move |outgoing| {
            let (_, reception) = outgoing.into_parts();
            let head = Response::builder()
                .status(status)
                .header(header.0, header.1);
            let mut incoming = reception.head(head.body(()).unwrap());
            let _ = incoming.push(&[b'x'; 10_000]);
            incoming.finish()
        });
        assert_eq!(caller.download().unwrap_err().kind(), ErrorKind::Api);
    }
}

#[test]
fn download_has_the_head_of_its_response() {
    let headers = [("x-request-id", "req-7"), ("content-type", "text/csv")];
    let caller = OnTransport::whole([response_with(200, &headers, "a,b")]);
    let got = caller.download().unwrap();
    assert_eq!(got.request_id(), Some("req-7"));
    assert_eq!(got.headers()["content-type"], "text/csv");
}
