//! A folder with an input and the files of its batch, and helpers to run the batch.

use std::fs;
use std::path::PathBuf;

use intercom_batch::{Batch, Config, Error, Event, Run, Source, Stopped, Tally};
use intercom_mock::MockServer;
use serde_json::Value;

/// A folder with an input and its results. Dropping it deletes it.
pub(crate) struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) tally: Tally,
    pub(crate) stopped: Option<Stopped>,
}

impl Folder {
    pub(crate) fn new(name: &str, lines: &[impl AsRef<str>]) -> Self {
        let path = format!("intercom-batch-lib-{}-{name}", std::process::id());
        let folder = Self(std::env::temp_dir().join(path));
        fs::create_dir_all(&folder.0).unwrap();
        folder.write("in", text(lines).as_bytes());
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    /// Replaces the input with these lines.
    pub(crate) fn rewrite(&self, lines: &[impl AsRef<str>]) {
        self.write("in", text(lines).as_bytes());
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Returns every record, in order of completion.
    pub(crate) fn records(&self) -> Vec<Value> {
        let read = |line: &str| serde_json::from_str(line).unwrap();
        self.read("out").lines().map(read).collect()
    }

    /// Returns the last record of each line, in the order of the lines.
    pub(crate) fn by_line(&self) -> Vec<Value> {
        let mut records = self.records();
        records.reverse();
        records.sort_by_key(|record| record["line"].as_u64());
        records.dedup_by_key(|record| record["line"].as_u64());
        records
    }

    pub(crate) fn source(&self) -> Source {
        Source::open(self.path("in")).unwrap()
    }

    /// Starts a run over the input.
    pub(crate) fn start(&self, batch: Batch) -> Result<Run, Error> {
        batch.start(self.source(), self.path("out"))
    }

    /// Runs a batch over the input to its end.
    pub(crate) fn run(&self, batch: Batch) -> Result<Ran, Error> {
        let mut run = self.start(batch)?;
        while next(&mut run)?.is_some() {}
        Ok(Ran {
            tally: run.tally().clone(),
            stopped: run.stopped(),
        })
    }
}

/// Returns a batch that sends to a mock server.
pub(crate) fn batch(mock: &MockServer) -> Batch {
    Batch::new(Config::new(mock.token()).base_url(mock.base_url())).unwrap()
}

/// Returns a batch that sends to a mock server without pacing.
pub(crate) fn unpaced(mock: &MockServer) -> Batch {
    let config = Config::new(mock.token()).base_url(mock.base_url());
    Batch::new(config.without_pacing()).unwrap()
}

thread_local! {
    /// One runtime for the whole test, because connections live in it.
    static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
}

pub(crate) fn next(run: &mut Run) -> Result<Option<Event>, Error> {
    RUNTIME.with(|runtime| runtime.block_on(run.next()))
}

/// Lets a run make some progress.
pub(crate) fn poll(run: &mut Run) {
    let step = async {
        tokio::select! {
            biased;
            event = run.next() => drop(event),
            () = tokio::task::yield_now() => {}
        }
    };
    RUNTIME.with(|runtime| runtime.block_on(step));
}

pub(crate) fn text(lines: &[impl AsRef<str>]) -> String {
    lines
        .iter()
        .map(|line| format!("{}\n", line.as_ref()))
        .collect()
}

/// Returns a line that creates a lead with this name: a write that must not be repeated.
pub(crate) fn lead(name: &str) -> String {
    format!(
        r#"{{"id":"{name}","method":"POST","path":"/contacts","body":{{"role":"lead","name":"{name}"}}}}"#
    )
}

/// Returns a line that reads, with this name in its query.
pub(crate) fn read(name: &str) -> String {
    format!(r#"{{"id":"{name}","method":"GET","path":"/me","query":{{"n":"{name}"}}}}"#)
}
