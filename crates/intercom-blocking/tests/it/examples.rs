//! The examples, run as programs against the mock.

use std::env::{self, consts::EXE_SUFFIX};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use intercom_mock::{Method, MockServer, Scripted};

/// What an example printed, and whether it succeeded.
#[derive(Debug)]
struct Run {
    succeeded: bool,
    stdout: String,
    stderr: String,
}

/// Prepares an example, with only these variables of ours. Cargo builds the examples before it runs the tests.
fn example(name: &str, variables: &[(&str, &str)]) -> Command {
    let tests = env::current_exe().unwrap();
    let folder = tests.ancestors().nth(2).unwrap().join("examples");
    let program = folder.join(format!("{name}{EXE_SUFFIX}"));
    assert!(
        program.exists(),
        "{} is missing; `cargo build -p intercom-blocking --examples` makes it",
        program.display()
    );
    let mut example = Command::new(program);
    for variable in [
        "INTERCOM_ACCESS_TOKEN",
        "INTERCOM_BASE_URL",
        "INTERCOM_REGION",
    ] {
        example.env_remove(variable);
    }
    example.envs(variables.iter().copied());
    example
}

fn output(mut example: Command) -> Run {
    let output = example.output().unwrap();
    Run {
        succeeded: output.status.success(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs an example against the mock, and returns what it printed.
fn run(name: &str, arguments: &[&str], mock: &MockServer) -> String {
    let variables = [
        ("INTERCOM_ACCESS_TOKEN", &*mock.token()),
        ("INTERCOM_BASE_URL", mock.base_url()),
    ];
    let mut example = example(name, &variables);
    example.args(arguments);
    let run = output(example);
    assert!(run.succeeded && run.stderr.is_empty(), "{run:?}");
    run.stdout
}

#[test]
fn check_token_prints_the_admin_and_the_quota() {
    let mock = MockServer::builder()
        .rate_limit(167, std::time::Duration::from_secs(10))
        .start()
        .unwrap();
    insta::assert_snapshot!(run("check_token", &[], &mock), @r"
    the token works; it belongs to admin@example.com
    167 of 167 requests are left in this window
    ");
}

#[test]
fn check_token_says_that_a_token_is_not_accepted() {
    let mock = MockServer::start().unwrap();
    let variables = [
        ("INTERCOM_ACCESS_TOKEN", "wrong"),
        ("INTERCOM_BASE_URL", mock.base_url()),
    ];
    let run = output(example("check_token", &variables));
    assert!(!run.succeeded && run.stdout.is_empty(), "{run:?}");
    assert!(
        run.stderr.starts_with("GET /me: 401 unauthorized: "),
        "{run:?}"
    );
}

#[test]
fn find_or_create_creates_the_contact_once() {
    let mock = MockServer::start().unwrap();
    let lines = [(); 2].map(|()| run("find_or_create", &["ada@example.org"], &mock));
    let id = lines[0]
        .strip_prefix("created ada@example.org as ")
        .unwrap();
    assert_eq!(lines[1], format!("ada@example.org already existed as {id}"));
}

#[test]
fn upload_file_sends_the_same_form_with_every_attempt() {
    let mock = MockServer::start().unwrap();
    let busy = Scripted::error(503, "service_unavailable", "busy");
    mock.script(Method::POST, "/uploads", [busy, Scripted::status(202)]);
    let file = env::temp_dir().join(format!("upload-{}.csv", std::process::id()));
    fs::write(&file, "part-0000000000000000\n").unwrap();
    let printed = run("upload_file", &["/uploads", file.to_str().unwrap()], &mock);
    fs::remove_file(&file).unwrap();
    assert!(printed.ends_with(": 202 Accepted\n"), "{printed}");

    let [first, second] = &mock.requests()[..] else {
        panic!("the upload was sent twice")
    };
    let kind = "multipart/form-data; boundary=part-0000000000000001";
    assert_eq!(first.header("content-type"), Some(kind));
    assert_eq!(second.header("content-type"), Some(kind));
    assert_eq!(first.body(), second.body());
    let body = String::from_utf8(first.body().to_vec()).unwrap();
    let end = "\r\n\r\npart-0000000000000000\n\r\n--part-0000000000000001--\r\n";
    assert!(body.ends_with(end), "{body}");
}

#[test]
fn bulk_with_progress_counts_what_is_done_and_what_failed() {
    let mock = MockServer::start().unwrap();
    let refused = Scripted::error(422, "parameter_invalid", "email is invalid");
    mock.script(Method::POST, "/contacts", [refused]);
    let printed = run("bulk_with_progress", &["20"], &mock);
    assert!(printed.contains(": 422 parameter_invalid: "), "{printed}");
    assert!(
        printed.ends_with("\n20 of 20 done, 1 failed\n"),
        "{printed}"
    );
}

#[test]
fn bulk_with_progress_stops_when_the_token_is_not_accepted() {
    let mock = MockServer::start().unwrap();
    let variables = [
        ("INTERCOM_ACCESS_TOKEN", "wrong"),
        ("INTERCOM_BASE_URL", mock.base_url()),
    ];
    let run = output(example("bulk_with_progress", &variables));
    assert!(!run.succeeded && run.stdout.is_empty(), "{run:?}");
    assert!(run.stderr.contains(": 401 unauthorized: "), "{run:?}");
}

#[test]
fn match_errors_reacts_to_each_category() {
    let mock = MockServer::start().unwrap();
    let exists = "A contact matching those details already exists with id=5f1";
    for (path, response, reaction) in [
        (
            "/a",
            Scripted::error(401, "unauthorized", ""),
            "get a new access token",
        ),
        ("/b", Scripted::error(403, "forbidden", ""), "add the scope"),
        (
            "/c",
            Scripted::error(404, "not_found", ""),
            "go on without it",
        ),
        (
            "/d",
            Scripted::error(409, "conflict", exists),
            "use contact 5f1",
        ),
        (
            "/e",
            Scripted::error(422, "parameter_invalid", ""),
            "correct the input",
        ),
        (
            "/f",
            Scripted::error(429, "rate_limit_exceeded", ""),
            "come back at 20",
        ),
        (
            "/g",
            Scripted::error(500, "server_error", ""),
            "come back at 20",
        ),
        ("/h", Scripted::close_before(), "check the network"),
        (
            "/i",
            Scripted::status(200).json(serde_json::json!({})),
            "200 OK",
        ),
    ] {
        mock.script(Method::GET, path, [response]);
        let printed = run("match_errors", &[path], &mock);
        assert!(
            printed.starts_with(&format!("{path}: {reaction}")),
            "{printed}"
        );
    }
}

#[test]
fn own_http_stack_gets_a_response() {
    let mock = MockServer::start().unwrap();
    assert_eq!(
        run("own_http_stack", &[], &mock),
        "/me: 200 OK (attempts: 1)\n"
    );
}

#[test]
fn observe_prints_events_and_counts_attempts() {
    let mock = MockServer::start().unwrap();
    let printed = run("observe", &[], &mock);
    // On a slow machine, the wait at the gate is reported first.
    assert!(
        printed.contains("#1 GET /me: attempt 1 sent\n"),
        "{printed}"
    );
    assert!(printed.ends_with("\n2 attempts, 0 retries\n"), "{printed}");
}

#[test]
fn share_client_gets_a_response_in_every_thread() {
    let mock = MockServer::start().unwrap();
    let printed = run("share_client", &[], &mock);
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines.len(), 4, "{printed}");
    assert!(
        lines.iter().all(|line| line.ends_with(": 200 OK")),
        "{printed}"
    );
}

#[test]
fn without_a_token_every_example_says_what_to_set() {
    for name in names() {
        let run = output(example(&name, &[]));
        assert!(!run.succeeded && run.stdout.is_empty(), "{name}: {run:?}");
        assert!(
            run.stderr.contains("INTERCOM_ACCESS_TOKEN is not set"),
            "{name}: {run:?}"
        );
    }
}

#[test]
fn the_front_page_names_every_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let front_page = fs::read_to_string(root.join("src/lib.rs")).unwrap();
    for name in names() {
        assert!(front_page.contains(&format!("//! - `{name}`")), "{name}");
    }
}

/// The names of all examples.
fn names() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let files = fs::read_dir(folder).unwrap();
    let names: Vec<_> = files
        .filter_map(|file| {
            file.unwrap()
                .path()
                .file_stem()?
                .to_str()
                .map(str::to_owned)
        })
        .collect();
    assert!(!names.is_empty());
    names
}

/// Runs a job that fails with this response, and lets another process decide about it.
fn decision_about(response: Scripted) -> String {
    let mock = MockServer::start().unwrap();
    mock.script(Method::POST, "/messages", [response]);
    let record = run("job_queue", &["/messages"], &mock);
    assert!(!record.contains(&*mock.token()), "{record}");
    let mut decide = example("job_queue", &[]);
    decide.arg("decide").stdin(Stdio::piped());
    let mut decide = decide.stdout(Stdio::piped()).spawn().unwrap();
    let mut input = decide.stdin.take().unwrap();
    input.write_all(record.as_bytes()).unwrap();
    drop(input);
    let output = decide.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn job_queue_decides_in_another_process() {
    for (status, code, decision) in [
        (422, "parameter_invalid", "drop the job"),
        (401, "token_revoked", "stop the queue"),
        (500, "server_error", "ask a person"),
        (429, "rate_limit_exceeded", "run it again at "),
    ] {
        let decided = decision_about(Scripted::error(status, code, "no"));
        assert!(decided.starts_with(decision), "{decided}");
        let line = format!("POST /messages: {status} {code}: ");
        assert!(decided.contains(&line), "{decided}");
    }
}
