//! Processes of `intercom batch` that share a quota and know nothing of each other.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use intercom_mock::MockServer;
use serde_json::Value;
use xtask::Workspace;

use super::Load;

/// Runs as many processes as the load has workers, and returns how many calls were lost.
pub(super) fn batches(workspace: &Workspace, load: &Load, mock: &MockServer) -> Result<u32> {
    workspace
        .cargo("build --quiet --locked -p intercom-cli")
        .run()?;
    let program = workspace.target().join("debug").join("intercom");
    let folder = workspace.target().join("goodput");
    // A batch would continue the files of an earlier run.
    workspace.shell().remove_path(&folder)?;
    let requests = folder.join("requests.ndjson");
    let each = load.calls / load.workers;
    let lines = "{\"method\":\"GET\",\"path\":\"/me\"}\n".repeat(usize::try_from(each)?);
    workspace.shell().write_file(&requests, lines)?;

    let mut processes = Vec::new();
    for number in 0..load.workers {
        let results = folder.join(format!("results-{number}.ndjson"));
        let process = start(&program, &requests, &results, mock)?;
        processes.push((process, results));
    }
    let mut done = 0;
    for (mut process, results) in processes {
        process.wait()?;
        done += succeeded(&results)?;
    }
    Ok(each * load.workers - done)
}

fn start(program: &Path, requests: &Path, results: &Path, mock: &MockServer) -> Result<Child> {
    let log = File::create(results.with_extension("log"))?;
    Command::new(program)
        .arg("batch")
        .arg(requests)
        .arg("--out")
        .arg(results)
        .args(["--base-url", mock.base_url()])
        .env("INTERCOM_ACCESS_TOKEN", mock.token())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .with_context(|| program.display().to_string())
}

fn succeeded(results: &Path) -> Result<u32> {
    let text = fs::read_to_string(results).with_context(|| results.display().to_string())?;
    let mut count = 0;
    for line in text.lines() {
        let record: Value = serde_json::from_str(line)?;
        count += u32::from(record.get("ok") == Some(&Value::Bool(true)));
    }
    Ok(count)
}
