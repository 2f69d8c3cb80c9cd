//! Runs the command.

use std::io::Write as _;
use std::process::{Child, Command, Output, Stdio};

use intercom_mock::MockServer;
use serde_json::Value;

/// A token that must not appear in any output.
pub(crate) const SECRET: &str = "dG9rOnNlY3JldC1jYW5hcnk/Pw==";

/// The command, without settings from the environment.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_intercom"));
    command.args(args).stdin(Stdio::null());
    for name in [
        "INTERCOM_ACCESS_TOKEN",
        "INTERCOM_BASE_URL",
        "INTERCOM_FLEET_URL",
        "INTERCOM_REGION",
        "NO_COLOR",
        "CLICOLOR_FORCE",
        "COLUMNS",
    ] {
        command.env_remove(name);
    }
    command
}

/// The command with a mock server as its API.
pub(crate) fn against(mock: &MockServer, args: &[&str]) -> Command {
    let mut command = command(args);
    command
        .env("INTERCOM_ACCESS_TOKEN", mock.token())
        .env("INTERCOM_BASE_URL", mock.base_url())
        .args(["--status-url", mock.status_url()]);
    command
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            exit: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The one document on stdout.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The one line on stderr, without the name of the program.
    #[track_caller]
    pub(crate) fn line(&self) -> &str {
        let line = self.err.strip_suffix('\n').unwrap_or_default();
        assert!(!line.contains('\n'), "{self:?}");
        line.strip_prefix("intercom: ")
            .unwrap_or_else(|| panic!("{self:?}"))
    }

    /// The usage error of clap on stderr, without the last line.
    #[track_caller]
    pub(crate) fn usage(&self) -> &str {
        assert!(self.err.starts_with("error: "), "{self:?}");
        let usage = self
            .err
            .strip_suffix("\n\nFor more information, try '--help'.\n");
        usage.unwrap_or_else(|| panic!("{self:?}"))
    }
}

pub(crate) fn run(mut command: Command) -> Ran {
    Ran::of(&command.output().unwrap())
}

/// Runs a command with this input.
pub(crate) fn run_with(mut command: Command, input: &[u8]) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // The command may end before it has read everything.
        scope.spawn(move || stdin.write_all(input).ok());
        Ran::of(&child.wait_with_output().unwrap())
    })
}

/// The document of `explain --json` for these arguments.
#[track_caller]
pub(crate) fn explained(args: &[&str]) -> Value {
    let ran = run(command(&[&["explain", "--json"], args].concat()));
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""), "{ran:?}");
    ran.json()
}

/// The document of `explain --json` for this input.
#[track_caller]
pub(crate) fn explained_from(input: &str, args: &[&str]) -> Value {
    let ran = run_with(
        command(&[&["explain", "--json", "-"], args].concat()),
        input.as_bytes(),
    );
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""), "{ran:?}");
    ran.json()
}

/// A process that is killed at the end of the test.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
