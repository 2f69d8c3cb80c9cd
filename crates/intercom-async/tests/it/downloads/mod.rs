//! Downloads over real sockets, with every transport.

mod continued;
mod redirected;
mod writers;

use std::ops::Range;
use std::time::Duration;

use intercom_async::protocol::Phase;
use intercom_async::protocol::http::HeaderMap;
use intercom_async::transport::{HyperTransport, ReqwestTransport, TokioTimer};
use intercom_async::{Error, FaultKind, RetryPolicy, StopReason};
use intercom_mock::{Method, MockServer, Recorded, Scripted};
use tokio::runtime::{Builder, Runtime};

use crate::exchanges::{gzip, incompressible};
use crate::transports::reqwest_builder;

const PATH: &str = "/download/content/data/5f1";

/// A download that has ended well.
#[derive(Debug)]
struct Got {
    file: Vec<u8>,
    bytes: u64,
    resumed: u32,
    status: u16,
    headers: HeaderMap,
    attempts: usize,
}

/// A client on one of the transports.
enum AnyClient {
    Blocking(intercom_blocking::Client),
    Async(&'static str, intercom_async::Client, Runtime),
}

/// The settings that a test can change.
#[derive(Clone)]
struct Settings {
    policy: RetryPolicy,
    attempt_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        // Retries do not wait.
        let policy = RetryPolicy::builder().base(Duration::ZERO).build().unwrap();
        Self {
            policy,
            attempt_timeout: Duration::from_secs(30),
        }
    }
}

impl AnyClient {
    fn all(mock: &MockServer) -> [Self; 3] {
        Self::all_with(mock, &Settings::default())
    }

    fn all_with(mock: &MockServer, settings: &Settings) -> [Self; 3] {
        let blocking = intercom_blocking::Client::builder(mock.token())
            .base_url(mock.base_url())
            .without_pacing()
            .policy(settings.policy.clone())
            .attempt_timeout(settings.attempt_timeout);
        let builder = || {
            intercom_async::Client::builder(mock.token())
                .base_url(mock.base_url())
                .without_pacing()
                .policy(settings.policy.clone())
                .attempt_timeout(settings.attempt_timeout)
        };
        let reqwest = ReqwestTransport::build(reqwest_builder(None)).unwrap();
        let hyper = builder().build_with(HyperTransport::new(), TokioTimer::default());
        let reqwest = builder().build_with(reqwest, TokioTimer::default());
        let runtime = || Builder::new_current_thread().enable_all().build().unwrap();
        [
            Self::Blocking(blocking.build().unwrap()),
            Self::Async("hyper", hyper.unwrap(), runtime()),
            Self::Async("reqwest", reqwest.unwrap(), runtime()),
        ]
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Blocking(_) => "ureq",
            Self::Async(name, ..) => name,
        }
    }

    fn download(&self) -> Result<Got, Error> {
        self.download_within(None)
    }

    fn download_within(&self, deadline: Option<Duration>) -> Result<Got, Error> {
        macro_rules! got {
            ($downloaded:expr) => {{
                let downloaded = $downloaded;
                Ok(Got {
                    bytes: downloaded.bytes(),
                    resumed: downloaded.resumed(),
                    status: downloaded.status().as_u16(),
                    headers: downloaded.headers().clone(),
                    attempts: downloaded.attempts().len(),
                    file: downloaded.into_writer(),
                })
            }};
        }
        let long = Duration::from_secs(600);
        match self {
            Self::Blocking(client) => {
                let request = client.get(PATH).deadline(deadline.unwrap_or(long));
                got!(request.download(Vec::new())?)
            }
            Self::Async(_, client, runtime) => {
                let request = client.get(PATH).deadline(deadline.unwrap_or(long));
                got!(runtime.block_on(request.download(Vec::new()))?)
            }
        }
    }
}

/// Runs a scenario with every transport, each with a server of its own.
fn with_each(scripts: &[Scripted], check: impl Fn(&str, Result<Got, Error>, &[Recorded])) {
    for number in 0..3 {
        let mock = MockServer::start().unwrap();
        mock.script(Method::GET, PATH, scripts.to_vec());
        let client = AnyClient::all(&mock).into_iter().nth(number).unwrap();
        let result = client.download();
        check(client.name(), result, &mock.requests());
    }
}

/// The phase, the kind and the reason to stop of a fault.
fn ended(error: &Error) -> (Phase, FaultKind, StopReason) {
    let (fault, stop) = (error.fault().unwrap(), error.stop().unwrap());
    (fault.phase(), fault.kind(), stop.reason())
}

fn file(range: Range<u64>) -> Vec<u8> {
    Scripted::file_part(range)
}

#[test]
fn a_file_larger_than_the_limit_of_a_body_is_written() {
    let length = 20 << 20;
    with_each(&[Scripted::file(length)], |name, result, requests| {
        let got = result.unwrap();
        assert_eq!((got.bytes, got.resumed, got.status), (length, 0, 200));
        assert!(got.file == file(0..length), "{name}");
        assert_eq!(got.headers["content-type"], "application/octet-stream");
        assert_eq!((got.attempts, requests.len()), (1, 1));
        assert_eq!(requests[0].header("accept-encoding"), Some("identity"));
        assert_eq!(requests[0].header("range"), None);
    });
}

#[test]
fn a_short_file_and_an_empty_one_are_written() {
    for length in [0, 1, 4096, 4097] {
        with_each(&[Scripted::file(length)], |name, result, _| {
            let got = result.unwrap();
            assert!(got.bytes == length && got.file == file(0..length), "{name}");
        });
    }
}

#[test]
fn an_error_is_not_written() {
    let list = r#"{"type":"error.list","errors":[{"code":"not_found","message":"no such job"}]}"#;
    for response in [
        Scripted::error(404, "not_found", "no such job"),
        // A success by its status alone.
        Scripted::status(200).body(list),
        Scripted::status(200).body(list).gzip(),
        Scripted::status(200).body(list).chunked(),
    ] {
        with_each(&[response], |name, result, requests| {
            let error = result.unwrap_err();
            assert!(error.is_not_found(), "{name}: {error:?}");
            assert_eq!(requests.len(), 1);
        });
    }
    let blocked = Scripted::file(300_000).header("x-amzn-waf-action", "challenge");
    with_each(
        &[blocked.header("retry-after", "3600")],
        |name, result, _| {
            assert!(result.unwrap_err().is_blocked(), "{name}");
        },
    );
}

#[test]
fn a_body_that_was_compressed_without_being_asked_is_decompressed() {
    let content = incompressible().repeat(3);
    let bytes = gzip(&content);
    assert!(bytes.len() > 8_000);
    let packed = || {
        let packed = Scripted::status(200).body(bytes.clone());
        packed.header("content-encoding", "gzip").ranges("\"v1\"")
    };
    let scripts = [
        packed().truncate_after(6_000),
        packed().truncate_after(1_001),
        packed(),
    ];
    with_each(&scripts, |name, result, requests| {
        let got = result.unwrap();
        assert!(got.file == content, "{name}");
        assert_eq!((got.bytes, got.resumed), (content.len() as u64, 2));
        assert_eq!(requests[2].header("range"), Some("bytes=7001-"));
    });
    let whole = Scripted::status(200).body(content.clone()).gzip().chunked();
    with_each(&[whole], |name, result, _| {
        assert!(result.unwrap().file == content, "{name}")
    });
    // The body ends early, and only the compressed data shows it.
    let cut = Scripted::status(200).body(bytes[..bytes.len() - 9].to_vec());
    let cut = cut.header("content-encoding", "gzip").chunked();
    with_each(&[cut], |name, result, _| {
        let ended = ended(&result.unwrap_err());
        let expected = (Phase::Cut, FaultKind::Protocol, StopReason::NotResumable);
        assert_eq!(ended, expected, "{name}");
    });
}
