//! Runs the module under Node, against the mock server. `cargo xtask wasm` builds the module first.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;
use std::{env, fs, io};

use flate2::Compression;
use flate2::read::GzEncoder;
use intercom_mock::{Method, MockServer, Scripted};
use serde_json::json;
use wasm_bindgen_cli_support::Bindgen;

/// The most bytes that the module may have, as it is and compressed by gzip. `docs/VERSIONS.md` names the sizes.
const MOST: [usize; 2] = [600_000, 265_000];

/// The folder with the JavaScript around the module.
fn package() -> &'static Path {
    static PACKAGE: OnceLock<PathBuf> = OnceLock::new();
    PACKAGE.get_or_init(|| {
        let module = env::var_os("INTERCOM_WASM").expect("run `cargo xtask wasm` instead");
        let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("package");
        Bindgen::new()
            .input_path(module)
            .nodejs(true)
            .expect("nothing else was chosen")
            .typescript(false)
            .remove_name_section(true)
            .remove_producers_section(true)
            .generate(&package)
            .expect("the module needs the version of wasm-bindgen that this test has");
        package
    })
}

/// Runs `run.cjs` with these arguments, and returns what it printed.
fn node(mock: &MockServer, arguments: &[&str]) -> String {
    node_with(mock, mock.base_url(), arguments)
}

fn node_with(mock: &MockServer, base_url: &str, arguments: &[&str]) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/run.cjs");
    let output = Command::new("node")
        .arg(script)
        .arg(package().join("xtask_wasm.js"))
        .args(arguments)
        .env("INTERCOM_ACCESS_TOKEN", mock.token())
        .env("INTERCOM_BASE_URL", base_url)
        .output()
        .expect("Node is installed");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn the_module_is_as_small_as_the_docs_say() -> io::Result<()> {
    let module = fs::read(package().join("xtask_wasm_bg.wasm"))?;
    let zipped = io::copy(
        &mut GzEncoder::new(&*module, Compression::best()),
        &mut io::sink(),
    )?;
    let sizes = [module.len(), usize::try_from(zipped).expect("it is small")];
    println!("the module has {} bytes, {} with gzip", sizes[0], sizes[1]);
    assert!(sizes[0] <= MOST[0] && sizes[1] <= MOST[1], "{sizes:?}");
    Ok(())
}

#[test]
fn a_contact_is_created_once() -> io::Result<()> {
    let mock = MockServer::start()?;
    let first = node(&mock, &["find-or-create", "ada@example.org"]);
    let second = node(&mock, &["find-or-create", "ada@example.org"]);
    let id = first.strip_prefix("created ").expect("it is created first");
    assert_eq!(second, format!("found {id}"));
    assert_eq!(mock.contacts().len(), 1);
    assert_eq!(mock.count(&Method::POST, "/contacts"), 1);
    Ok(())
}

#[test]
fn a_rate_limited_request_waits_as_long_as_the_server_says() -> io::Result<()> {
    let wait = Duration::from_secs(1);
    let mock = MockServer::start()?;
    let refusal = Scripted::error(429, "rate_limit_exceeded", "Exceeded rate limit");
    mock.script(
        Method::POST,
        "/contacts",
        [refusal.header("retry-after", "1")],
    );
    let printed = node(&mock, &["find-or-create", "ada@example.org"]);
    assert!(printed.starts_with("created "), "{printed}");
    let requests = mock.requests();
    let creations = requests
        .iter()
        .filter(|request| request.path() == "/contacts");
    let times: Vec<Duration> = creations.map(|request| request.at()).collect();
    assert_eq!(times.len(), 2);
    assert!(times[1] - times[0] >= wait, "{times:?}");
    Ok(())
}

#[test]
fn a_compressed_response_is_read() -> io::Result<()> {
    let mock = MockServer::start()?;
    let response = Scripted::status(200).json(json!({"type": "contact", "id": "5f1"}));
    mock.script(Method::POST, "/contacts/5f1/notes", [response.gzip()]);
    let printed = node(&mock, &["call", "POST", "/contacts/5f1/notes"]);
    assert_eq!(printed, r#"{"id":"5f1","type":"contact"}"#);
    Ok(())
}

#[test]
fn a_write_whose_connection_closes_is_not_sent_again() -> io::Result<()> {
    let mock = MockServer::start()?;
    mock.script_always(Method::POST, "/messages", Scripted::close_before());
    let printed = node(&mock, &["call", "POST", "/messages"]);
    assert!(printed.contains("may have been applied"), "{printed}");
    assert_eq!(mock.request_count(), 1);
    Ok(())
}

#[test]
fn a_request_that_fetch_does_not_accept_was_not_sent() -> io::Result<()> {
    let mock = MockServer::start()?;
    // For `fetch`, the host is a number, which is too large.
    let arguments = ["call", "POST", "/messages"];
    let printed = node_with(&mock, "https://127.0.0.256", &arguments);
    assert!(printed.contains("nothing was sent"), "{printed}");
    Ok(())
}

#[test]
fn a_cut_response_keeps_its_status() -> io::Result<()> {
    let mock = MockServer::start()?;
    let response = Scripted::error(400, "parameter_invalid", "bad").truncate_after(20);
    mock.script(Method::POST, "/messages", [response]);
    let printed = node(&mock, &["call", "POST", "/messages"]);
    assert!(printed.contains("400"), "{printed}");
    Ok(())
}
