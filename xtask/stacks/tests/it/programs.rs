//! The examples, run as programs against the mock.

use std::env::{self, consts::EXE_SUFFIX};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use intercom_mock::{Method, MockServer, Scripted};

/// Prepares an example. Cargo builds the examples before it runs the tests.
fn example(name: &str, mock: &MockServer) -> Command {
    let tests = env::current_exe().unwrap();
    let folder = tests.ancestors().nth(2).unwrap().join("examples");
    let mut example = Command::new(folder.join(format!("{name}{EXE_SUFFIX}")));
    example
        .env_remove("INTERCOM_REGION")
        .env("INTERCOM_BASE_URL", mock.base_url())
        .env("INTERCOM_ACCESS_TOKEN", &*mock.token());
    example
}

fn printed(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_contact_is_created_once_over_other_libraries() {
    for name in ["attohttpc_transport", "curl_transport"] {
        let mock = MockServer::start().unwrap();
        let run = || {
            printed(
                example(name, &mock)
                    .arg("ada@example.org")
                    .output()
                    .unwrap(),
            )
        };
        let first = run();
        assert!(first.starts_with("ada@example.org is contact "), "{first}");
        assert_eq!(run(), first, "{name}");
        let agents = mock.requests();
        assert!(
            agents.iter().all(|request| request
                .header("user-agent")
                .is_some_and(|agent| agent.starts_with("intercom-"))),
            "{name}: {agents:?}"
        );
    }
}

#[test]
fn the_client_with_the_middleware_reads_me() {
    let mock = MockServer::start().unwrap();
    let output = example("reqwest_middleware", &mock).output().unwrap();
    assert_eq!(printed(output), "/me: 200 OK\n");
}

#[test]
fn the_middleware_says_when_to_come_back() {
    let mock = MockServer::start().unwrap();
    mock.script(Method::GET, "/me", [limited()]);
    let output = example("reqwest_middleware", &mock).output().unwrap();
    let shown = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && shown.contains("rate_limit_exceeded"),
        "{shown}"
    );
    assert!(
        shown.ends_with("it is worth trying again in 600 s\n"),
        "{shown}"
    );
}

/// The 429 of a window that ends in ten minutes.
fn limited() -> Scripted {
    let error = Scripted::error(429, "rate_limit_exceeded", "Too fast");
    error.rate_limit_headers(167, 0, Duration::from_secs(600))
}

/// A service that ends with the test.
struct Service {
    process: Child,
    url: String,
}

impl Service {
    fn start(mock: &MockServer) -> Self {
        let mut command = example("axum_service", mock);
        command
            .arg("127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap()
            .to_owned();
        Self { process, url }
    }

    /// Returns the status, the `Retry-After` header and the body.
    fn get(&self, path: &str) -> (u16, Option<String>, String) {
        let response = minreq::get(format!("{}{path}", self.url)).send().unwrap();
        let mut headers = response.headers.iter();
        let wait = headers.find(|(name, _)| name.eq_ignore_ascii_case("retry-after"));
        let wait = wait.map(|(_, value)| value.clone());
        (
            response.status_code,
            wait,
            response.as_str().unwrap().to_owned(),
        )
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_service_turns_errors_into_responses() {
    let mock = MockServer::start().unwrap();
    let service = Service::start(&mock);
    for (scripted, status, wait, body) in [
        (
            Scripted::status(200)
                .body(r#"{"type":"contact","id":"1","name":"Ada","email":"ada@example.org"}"#),
            200,
            None,
            r#"{"email":"ada@example.org","name":"Ada"}"#,
        ),
        (
            Scripted::error(404, "not_found", "User Not Found"),
            404,
            None,
            r#"{"error":"there is no such customer"}"#,
        ),
        (
            limited(),
            503,
            Some("600"),
            r#"{"error":"come back later"}"#,
        ),
        (
            Scripted::error(401, "unauthorized", "Access Token Invalid"),
            500,
            None,
            r#"{"error":"this service has a problem"}"#,
        ),
    ] {
        mock.script(Method::GET, "/contacts/1", [scripted]);
        let (found, retry_after, text) = service.get("/customers/1");
        assert_eq!(
            (found, retry_after.as_deref(), text.as_str()),
            (status, wait, body)
        );
    }
}
