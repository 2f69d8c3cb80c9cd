//! Host names that are never resolved, in a network namespace whose name server does not respond. Without `unshare` and
//! `ip`, or without the permission for namespaces, these tests are skipped.

use std::collections::HashSet;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::UdpSocket;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use intercom_protocol::{Phase, RetryPolicy};
use serde_json::json;

use crate::batch::{Folder, read, signal, spawn};
use crate::run::{Ran, command, run};

/// This variable is set in the namespace.
const INSIDE: &str = "INTERCOM_TEST_NAMESPACE";

/// A lookup sends its queries, sends them again after 20 s, and fails after 40 s.
const RESOLV_CONF: &[u8] = b"nameserver 127.0.0.1\noptions timeout:20 attempts:2\n";

/// Sets up the namespace from two files, then becomes the rest of its arguments.
const SETUP: &str = r#"
ip link set lo up && mount --bind "$0" /etc/resolv.conf || exit
if [ -e /etc/nsswitch.conf ]; then mount --bind "$1" /etc/nsswitch.conf || exit; fi
shift && exec "$@"
"#;

/// Receives queries and never responds.
struct NameServer(UdpSocket);

impl NameServer {
    fn start() -> Self {
        Self(UdpSocket::bind("127.0.0.1:53").unwrap())
    }

    /// Waits until a lookup is in progress.
    fn queried(&self) {
        self.0.peek(&mut [0; 512]).unwrap();
    }

    /// Checks that there were lookups and that no process waited for one: each query was received once.
    #[track_caller]
    fn was_not_waited_for(&self) {
        let (mut queries, mut buffer) = (HashSet::new(), [0; 512]);
        self.0.set_nonblocking(true).unwrap();
        while let Ok(length) = self.0.recv(&mut buffer) {
            let query = buffer[..length].to_vec();
            let name = query.escape_ascii().to_string();
            assert!(queries.insert(query), "waited for the lookup of {name}");
        }
        assert!(!queries.is_empty(), "nothing was looked up");
    }
}

/// Runs a test of this file in its own namespace and process.
fn in_namespace(test: &str, body: impl FnOnce(&NameServer)) {
    if std::env::var_os(INSIDE).is_some() {
        return body(&NameServer::start());
    }
    let folder = Folder::new(test, &[""]);
    folder.write("resolv.conf", RESOLV_CONF);
    folder.write("nsswitch.conf", b"hosts: files dns\n");
    let namespace = |program: &str| {
        let mut unshare = Command::new("unshare");
        unshare.args(["--map-root-user", "--mount", "--net", "sh", "-c", SETUP]);
        unshare.args([&folder.path("resolv.conf"), &folder.path("nsswitch.conf")]);
        unshare.arg(program).stdin(Stdio::null());
        unshare
    };
    let refused = match namespace("true").output() {
        Ok(tried) if tried.status.success() => None,
        Ok(tried) => Some(String::from_utf8_lossy(&tried.stderr).trim().to_owned()),
        Err(error) => Some(error.to_string()),
    };
    if let Some(why) = refused {
        // Written to the stream itself: the harness hides what a passing test prints.
        let _ = writeln!(io::stderr(), "skipped lookups::{test}: no namespace: {why}");
        return;
    }
    let inner = namespace(std::env::current_exe().unwrap().to_str().unwrap())
        .args(["--exact", &format!("lookups::{test}")])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    assert!(
        inner.status.success(),
        "{}",
        String::from_utf8_lossy(&inner.stdout)
    );
}

/// The command, with an API whose host name has to be looked up. Each test case needs its own name.
fn unresolved(host: &str, args: &[&str]) -> Command {
    let mut command = command(args);
    command
        .env("INTERCOM_ACCESS_TOKEN", "some-token")
        .env("INTERCOM_BASE_URL", format!("https://{host}.test"));
    command
}

#[test]
fn no_command_waits_for_a_lookup_past_its_deadline() {
    in_namespace(
        "no_command_waits_for_a_lookup_past_its_deadline",
        |server| {
            let ended = |host: &str, args: &[&str]| {
                let args = [args, &["--json", "--deadline", "2"]].concat();
                let ran = run(unresolved(host, &args));
                assert_eq!(ran.exit, 1, "{args:?}: {ran:?}");
                ran.json()
            };
            let api = |client| {
                let args = ["api", "POST", "/contacts", "-d", "{}", "--client", client];
                let report = ended(&format!("api-{client}"), &args);
                let fault = &report["attempts"][0]["fault"];
                assert_eq!(fault, "timeout/not_sent", "{report}");
                assert_eq!(report["stop"], "deadline_exceeded", "{report}");
            };
            let doctor = |client| {
                let report = ended(&format!("doctor-{client}"), &["doctor", "--client", client]);
                assert_eq!(report["auth"]["ok"], json!(false), "{report}");
            };
            let contact = |client| {
                let args = ["contact", "find", "5f1", "--client", client];
                let report = ended(&format!("contact-{client}"), &args);
                assert_eq!(report["kind"], "fault", "{report}");
            };
            let batch = || {
                let folder = Folder::new("lookup-deadline", &[read("a")]);
                let args = ["batch", &folder.path("in"), "--out", &folder.path("out")];
                let report = ended("batch", &args);
                assert_eq!(report["failed"], json!(1), "{report}");
            };
            thread::scope(|scope| {
                for client in ["async", "blocking"] {
                    scope.spawn(move || api(client));
                    scope.spawn(move || doctor(client));
                    scope.spawn(move || contact(client));
                }
                scope.spawn(batch);
            });
            server.was_not_waited_for();
        },
    );
}

#[test]
fn a_lookup_that_times_out_is_reported_as_not_sent() {
    in_namespace("a_lookup_that_times_out_is_reported_as_not_sent", |_| {
        for client in ["async", "blocking"] {
            let args = ["api", "GET", "/me", "--deadline", "1", "--client", client];
            let report = run(unresolved(client, &[&args[..], &["--json"]].concat())).json();
            let fault = &report["attempts"][0]["fault"];
            assert_eq!(fault, "timeout/not_sent", "{client}: {report}");
        }
        // The limit on connecting includes the lookup.
        let client = intercom_blocking::Client::builder("some-token")
            .base_url("https://limit.test")
            .connect_timeout(Duration::from_secs(1))
            .attempt_timeout(Duration::from_secs(4))
            .policy(RetryPolicy::builder().max_attempts(1).build().unwrap())
            .build()
            .unwrap();
        let error = client.get("/me").send().unwrap_err();
        assert_eq!(error.fault().unwrap().phase(), Phase::NotSent, "{error}");
    });
}

#[test]
fn a_second_ctrl_c_does_not_wait_for_a_lookup() {
    in_namespace("a_second_ctrl_c_does_not_wait_for_a_lookup", |server| {
        let folder = Folder::new("lookup-ctrl-c", &[read("a")]);
        let (file, out) = (folder.path("in"), folder.path("out"));
        let mut child = spawn(unresolved("batch", &["batch", &file, "--out", &out]));
        server.queried();
        signal(&child, "INT");
        let mut shown = BufReader::new(child.stderr.take().unwrap());
        let mut first = String::new();
        shown.read_line(&mut first).unwrap();
        assert!(
            first.contains("press Ctrl-C again to stop at once"),
            "{first}"
        );
        signal(&child, "INT");
        let mut second = String::new();
        shown.read_to_string(&mut second).unwrap();
        let ran = Ran::of(&child.wait_with_output().unwrap());
        server.was_not_waited_for();
        assert_eq!((ran.exit, ran.out.as_str()), (1, ""), "{second}");
        assert!(
            second.starts_with("intercom: stopped at once with 1 request in flight; "),
            "{second}"
        );
    });
}
