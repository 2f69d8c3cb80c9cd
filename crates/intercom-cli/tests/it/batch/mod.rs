//! `batch`: many requests, stopped and continued.

mod kill;
mod memory;
mod report;
mod stop;

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use intercom_mock::MockServer;
use serde_json::Value;

use crate::run::{Ran, against, run};

pub(crate) use self::stop::{signal, spawn};

/// A folder with an input and its results, removed at the end of the test.
pub(crate) struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Folder {
    pub(crate) fn new(name: &str, lines: &[impl AsRef<str>]) -> Self {
        let path = format!("intercom-batch-{}-{name}", std::process::id());
        let folder = Self(std::env::temp_dir().join(path));
        fs::create_dir_all(&folder.0).unwrap();
        folder.write("in", text(lines).as_bytes());
        folder
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        self.0.join(name).exists()
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Every record, in the order of completion.
    pub(crate) fn records(&self) -> Vec<Value> {
        let read = |line: &str| serde_json::from_str(line).unwrap();
        self.read("out").lines().map(read).collect()
    }

    /// The last record of each line, in the order of the lines.
    pub(crate) fn by_line(&self) -> Vec<Value> {
        let mut records = self.records();
        records.reverse();
        records.sort_by_key(|record| record["line"].as_u64());
        records.dedup_by_key(|record| record["line"].as_u64());
        records
    }

    pub(crate) fn command(&self, mock: &MockServer, more: &[&str]) -> Command {
        let (file, out) = (self.path("in"), self.path("out"));
        against(
            mock,
            &[&["batch", &file, "--out", &out, "--json"], more].concat(),
        )
    }

    pub(crate) fn run(&self, mock: &MockServer, more: &[&str]) -> Ran {
        run(self.command(mock, more))
    }
}

fn text(lines: &[impl AsRef<str>]) -> String {
    lines
        .iter()
        .map(|line| format!("{}\n", line.as_ref()))
        .collect()
}

/// Polls until the condition holds.
pub(crate) fn until(mut done: impl FnMut() -> bool) {
    while !done() {
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

/// Creates a lead with this name: a write that must not be retried.
fn lead(name: &str) -> String {
    format!(
        r#"{{"id":"{name}","method":"POST","path":"/contacts","body":{{"role":"lead","name":"{name}"}}}}"#
    )
}

/// A read with this name in its query.
pub(crate) fn read(name: &str) -> String {
    format!(r#"{{"id":"{name}","method":"GET","path":"/me","query":{{"n":"{name}"}}}}"#)
}
