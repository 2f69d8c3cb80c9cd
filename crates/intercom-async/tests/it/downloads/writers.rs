//! Writers of downloads, and the time that a download may take.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt as _;
use intercom_async::bytes::Bytes;
use intercom_async::http::Response;
use intercom_async::protocol::Phase;
use intercom_async::transport::transport_fn;
use intercom_async::{Error, ErrorKind, StopReason};
use intercom_mock::{Method, MockServer, Scripted};
use intercom_wire::{Behaviour, WireServer};
use tokio::io::{AsyncReadExt as _, AsyncWrite};

use super::{AnyClient, PATH, Settings, file};
use crate::scenarios::clock::VirtualClock;

const LENGTH: u64 = 300_000;

/// A writer that is full after this many bytes.
#[derive(Clone)]
struct Full {
    room: u64,
    written: Arc<AtomicU64>,
}

impl io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.written.load(Ordering::SeqCst);
        if written >= self.room {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "planted"));
        }
        let taken = (self.room - written).min(bytes.len() as u64);
        self.written.fetch_add(taken, Ordering::SeqCst);
        Ok(taken.try_into().unwrap())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncWrite for Full {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(io::Write::write(&mut *self, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn download_to(client: &AnyClient, writer: Full) -> Result<u64, Error> {
    match client {
        AnyClient::Blocking(client) => client.get(PATH).download(writer).map(|it| it.bytes()),
        AnyClient::Async(_, client, runtime) => runtime
            .block_on(client.get(PATH).download(writer))
            .map(|it| it.bytes()),
    }
}

#[test]
fn a_writer_that_fails_ends_the_call_without_a_retry() {
    let mock = MockServer::start().unwrap();
    mock.script_always(Method::GET, PATH, Scripted::file(LENGTH).ranges("\"v1\""));
    for room in [0, 1, 100_000, LENGTH - 1] {
        for client in AnyClient::all(&mock) {
            mock.clear_requests();
            let written = Arc::default();
            let writer = Full {
                room,
                written: Arc::clone(&written),
            };
            let error = download_to(&client, writer).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Writer, "{room} {}", client.name());
            assert!(error.fault().is_none() && error.category().is_none());
            assert_eq!(written.load(Ordering::SeqCst), room);
            assert_eq!(mock.request_count(), 1);
            assert_eq!(error.attempts().len(), 1);
            let line = "GET /download/content/data/{id}: the response could not be written: no storage space; fix the writer and download again";
            assert_eq!(error.to_string(), line);
            let source = std::error::Error::source(&error).unwrap();
            assert_eq!(source.to_string(), "planted");
        }
    }
}

#[tokio::test]
async fn the_server_is_read_no_faster_than_the_writer_writes() {
    let server = WireServer::start(Behaviour::Flood {
        status: 200,
        length: 1 << 30,
    })
    .unwrap();
    let client = intercom_async::Client::builder("token").base_url(server.url());
    let client = client.build().unwrap();
    let (mut reader, writer) = tokio::io::duplex(1024);
    let downloading = client.get(PATH).download(writer);
    let reading = async {
        let mut piece = vec![0; 1 << 20];
        reader.read_exact(&mut piece).await.unwrap();
    };
    tokio::select! {
        result = downloading => panic!("ended too early: {result:?}"),
        () = reading => {}
    }
    // Generous socket buffers.
    assert!(server.bytes_sent() < 64 << 20, "{}", server.bytes_sent());
}

/// A writer that takes this many bytes, and then waits forever.
struct Stalls(usize);

impl AsyncWrite for Stalls {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let taken = self.0.min(bytes.len());
        self.0 -= taken;
        match taken {
            0 => Poll::Pending,
            _ => Poll::Ready(Ok(taken)),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

#[test]
fn a_deadline_ends_a_download_whose_writer_never_takes_the_end() {
    for (length, taken) in [(100, 0), (100, 50), (100, 100), (300_000, 300_000)] {
        let transport = transport_fn(move |_| {
            let response = Response::new(Bytes::from(vec![b'x'; length]));
            std::future::ready(Ok(response))
        });
        // The clock moves only when the client sleeps.
        let clock = VirtualClock::default();
        let client = intercom_async::Client::builder("token").without_pacing();
        let client = client.build_with(transport, clock.clone()).unwrap();
        let deadline = Duration::from_secs(60);
        let request = client.get(PATH).deadline(deadline);
        let result = request.download(Stalls(taken)).now_or_never();
        let error = result.expect("the download waits forever").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Writer, "{length} {taken}");
        assert!(error.is_timeout());
        assert_eq!(error.stop().unwrap().reason(), StopReason::DeadlineExceeded);
        assert_eq!((error.attempts().len(), clock.slept()), (1, vec![deadline]));
    }
}

#[tokio::test]
async fn a_dropped_download_lets_go_of_its_writer() {
    let server = WireServer::start(Behaviour::Flood {
        status: 200,
        length: 1 << 40,
    })
    .unwrap();
    let client = intercom_async::Client::builder("token").base_url(server.url());
    let client = client.build().unwrap();
    let (mut reader, writer) = tokio::io::duplex(1024);
    let downloading = client.get(PATH).download(writer);
    tokio::select! {
        result = downloading => panic!("ended too early: {result:?}"),
        byte = reader.read_u8() => assert_eq!(byte.unwrap(), b' '),
    }
    // The other end was dropped, so what is left is read to its end.
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).await.unwrap();
    assert!(rest.len() <= 1024);
}

#[tokio::test]
async fn a_file_of_tokio_is_written_to_its_end() {
    let mock = MockServer::start().unwrap();
    mock.script(Method::GET, PATH, [Scripted::file(5_000_000)]);
    let client = intercom_async::Client::builder(mock.token()).base_url(mock.base_url());
    let client = client.build().unwrap();
    let path = std::env::temp_dir().join(format!("download-{}", std::process::id()));
    let writer = tokio::fs::File::create(&path).await.unwrap();
    let got = client.get(PATH).download(writer).await.unwrap();
    assert_eq!(got.bytes(), 5_000_000);
    let written = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(written == file(0..5_000_000));
    drop(got.into_writer());

    mock.script(Method::GET, PATH, [Scripted::file(LENGTH)]);
    let got = client
        .get(PATH)
        .download_blocking(Vec::new())
        .await
        .unwrap();
    assert!(got.into_writer() == file(0..LENGTH));
}

#[test]
fn a_deadline_ends_a_download_in_the_middle() {
    for number in 0..3 {
        let mock = MockServer::start().unwrap();
        let stalled = Scripted::file(LENGTH)
            .ranges("\"v1\"")
            .body_delay(Duration::from_secs(3600));
        mock.script_always(Method::GET, PATH, stalled);
        let client = AnyClient::all(&mock).into_iter().nth(number).unwrap();
        // A busy machine may miss the deadline before the head arrives; then the test tries again.
        let error = (0..50).find_map(|_| {
            let error = client
                .download_within(Some(Duration::from_millis(200)))
                .unwrap_err();
            (error.fault().map(|fault| fault.phase()) == Some(Phase::Cut)).then_some(error)
        });
        let error = error.unwrap();
        assert!(error.is_timeout());
        assert_eq!(error.stop().unwrap().reason(), StopReason::DeadlineExceeded);
    }
}

#[test]
fn a_download_that_stalls_is_continued_after_the_time_out_of_an_attempt() {
    let settings = Settings {
        attempt_timeout: Duration::from_millis(200),
        ..Settings::default()
    };
    for number in 0..3 {
        // A busy machine may time out before the head arrives; then the test tries again.
        let got = (0..50).find_map(|_| {
            let mock = MockServer::start().unwrap();
            let export = Scripted::file(LENGTH).ranges("\"v1\"");
            let stalled = export.clone().body_delay(Duration::from_secs(3600));
            mock.script(Method::GET, PATH, [stalled, export]);
            let client = AnyClient::all_with(&mock, &settings)
                .into_iter()
                .nth(number)
                .unwrap();
            client.download().ok().filter(|got| got.resumed == 1)
        });
        assert!(got.unwrap().file == file(0..LENGTH));
    }
}

#[test]
fn the_time_out_of_an_attempt_does_not_limit_a_download_that_makes_progress() {
    let attempt_timeout = Duration::from_millis(100);
    let settings = Settings {
        attempt_timeout,
        ..Settings::default()
    };
    let mock = MockServer::start().unwrap();
    for client in AnyClient::all_with(&mock, &settings) {
        // The file is longer until its download takes longer than the time-out.
        let took = (0..50).find_map(|number| {
            mock.clear_scripts();
            mock.script_always(Method::GET, PATH, Scripted::file((16 << 20) * (number + 1)));
            let took = match &client {
                AnyClient::Blocking(client) => client
                    .get(PATH)
                    .download(io::sink())
                    .map(|got| got.elapsed()),
                AnyClient::Async(_, client, runtime) => {
                    let downloading = client.get(PATH).download(tokio::io::sink());
                    runtime.block_on(downloading).map(|got| got.elapsed())
                }
            };
            took.ok().filter(|took| *took > attempt_timeout)
        });
        assert!(took.is_some(), "{}", client.name());
    }
}
