//! The memory that a client uses does not grow with the bytes that a server sends.

use std::fs;
use std::process::Command;

use intercom_async::{Error, RetryPolicy};
use intercom_mock::{Method, MockServer, Scripted};
use tokio::runtime::Builder;

const GIB: u64 = 1 << 30;
const KIB_ALLOWED: u64 = 100 * 1024;
const CHILD: &str = "INTERCOM_TEST_MEMORY_CHILD";

/// Returns the peak memory of this process, in KiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.unwrap().parse().unwrap()
}

fn errors(mock: &MockServer) -> [Error; 2] {
    let blocking = intercom_blocking::Client::builder(mock.token())
        .base_url(mock.base_url())
        .policy(RetryPolicy::none())
        .build()
        .unwrap();
    let client = intercom_async::Client::builder(mock.token())
        .base_url(mock.base_url())
        .policy(RetryPolicy::none())
        .build()
        .unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    [
        blocking.me().unwrap_err(),
        runtime.block_on(async { client.me().await.unwrap_err() }),
    ]
}

/// Runs the test of this name again in a process of its own, because the other tests of this process use memory too. Returns `true`
/// in the process that should measure.
fn is_alone(test: &str) -> bool {
    if std::env::var_os(CHILD).is_some() {
        return true;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("memory::{test}")])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && stdout.contains("1 passed"),
        "{stdout}"
    );
    false
}

#[test]
#[cfg(target_os = "linux")]
fn a_body_of_two_gigabytes_takes_less_than_100_mib() {
    if !is_alone("a_body_of_two_gigabytes_takes_less_than_100_mib") {
        return;
    }
    let mock = MockServer::start().unwrap();
    let responses = [
        Scripted::error(500, "server_error", "Server Error").oversized(2 * GIB),
        Scripted::error(500, "server_error", "Server Error")
            .oversized(2 * GIB)
            .chunked(),
        Scripted::status(200).body("{}").oversized(2 * GIB),
        Scripted::status(200)
            .body("{}")
            .oversized(2 * GIB)
            .chunked(),
    ];
    let before = peak();
    for response in responses {
        mock.script_always(Method::GET, "/me", response);
        for error in errors(&mock) {
            assert!(error.body().unwrap().len() <= 64 * 1024);
        }
        mock.clear_scripts();
    }
    let grown = peak() - before;
    assert!(grown < KIB_ALLOWED, "{grown} KiB");
}

/// Downloads a file of this length, with each client, and returns how many KiB the peak of the memory grew.
fn grown_by_downloads(length: u64) -> u64 {
    let mock = MockServer::start().unwrap();
    let blocking = intercom_blocking::Client::builder(mock.token()).base_url(mock.base_url());
    let blocking = blocking.build().unwrap();
    let client = intercom_async::Client::builder(mock.token()).base_url(mock.base_url());
    let client = client.build().unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let before = peak();
    for file in [
        Scripted::file(length),
        Scripted::file(length).chunked(),
        Scripted::status(200).oversized(length).gzip(),
    ] {
        mock.script_always(Method::GET, "/download", file);
        let got = blocking.get("/download").download(std::io::sink());
        assert_eq!(got.unwrap().bytes(), length);
        let got = client.get("/download").download(tokio::io::sink());
        assert_eq!(runtime.block_on(got).unwrap().bytes(), length);
        mock.clear_scripts();
    }
    peak() - before
}

#[test]
#[cfg(target_os = "linux")]
fn a_download_takes_less_than_32_mib() {
    if is_alone("a_download_takes_less_than_32_mib") {
        // Without optimization, a whole gigabyte takes 20 s.
        let mib = std::env::var("INTERCOM_TEST_DOWNLOAD_MIB");
        let mib: u64 = mib.map_or(128, |mib| mib.parse().unwrap());
        let grown = grown_by_downloads(mib << 20);
        println!("the peak of the memory grew by {grown} KiB");
        assert!(grown < 32 * 1024, "{grown} KiB");
    }
}

#[test]
fn an_error_with_a_truncated_body_has_its_true_length() {
    let mock = MockServer::start().unwrap();
    let response = Scripted::error(500, "server_error", "Server Error").oversized(5 << 20);
    mock.script_always(Method::GET, "/me", response);
    for error in errors(&mock) {
        let body = error.api().unwrap().body();
        assert_eq!((body.bytes().len(), body.len()), (64 * 1024, 5 << 20));
        assert!(body.is_truncated());
        assert_eq!(error.code().map(|code| code.as_str()), Some("server_error"));
    }
}

#[test]
fn the_future_of_a_call_is_small() {
    let client = intercom_async::Client::builder("token");
    let client = client.base_url("http://127.0.0.1:1").build().unwrap();
    let sending = client.get("/me").send();
    assert!(size_of_val(&sending) <= 1280, "{}", size_of_val(&sending));
}
