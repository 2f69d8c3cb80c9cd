//! The second stage: the values as files. It does no I/O.

mod summary;

use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

pub(super) use self::summary::summary;

use super::collected::Collected;

/// The files of the archive, the manifest last.
pub(super) fn files(collected: &Collected) -> Vec<(String, String)> {
    let mut files = vec![
        ("summary.txt".to_owned(), summary(collected)),
        ("summary.json".to_owned(), json(collected)),
        ("errors.json".to_owned(), errors(collected)),
    ];
    if !collected.logs.is_empty() {
        files.push(("log-redacted.txt".to_owned(), logs(collected)));
    }
    if !collected.env_files.is_empty() {
        files.push(("config-redacted.txt".to_owned(), config(collected)));
    }
    for (at, recording) in collected.recordings.iter().enumerate() {
        let name = format!("recording-{}.ndjson", at + 1);
        files.push((name, lines(&recording.lines)));
    }
    files.push(("MANIFEST".to_owned(), manifest(&files)));
    files
}

fn json(document: &impl Serialize) -> String {
    // A map with string keys and numbers always has a JSON form.
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
    text + "\n"
}

/// The errors of the requests, each with what `intercom explain` says about its code.
fn errors(collected: &Collected) -> String {
    let failed = collected.requests.iter().filter_map(|request| {
        let error = request.error.as_ref()?;
        Some(json!({
            "method": "GET",
            "route": request.route,
            "status": request.status,
            "request_id": request.request_id,
            "error": error,
        }))
    });
    json(&failed.collect::<Vec<_>>())
}

fn logs(collected: &Collected) -> String {
    let mut text = String::new();
    for (at, log) in collected.logs.iter().enumerate() {
        let number = at + 1;
        text += &format!(
            "== log {number}: {} of {} bytes read, {} of {} lines are about Intercom ==\n",
            log.bytes_read, log.bytes, log.lines_kept, log.lines_read
        );
        text += &lines(&log.lines);
    }
    text
}

fn config(collected: &Collected) -> String {
    let mut text = String::new();
    for (at, env) in collected.env_files.iter().enumerate() {
        let number = at + 1;
        text += &format!(
            "== env {number}: names only; {} other names are left out ==\n",
            env.other_names
        );
        for variable in &env.variables {
            let state = if variable.is_set { "set" } else { "empty" };
            text += &format!("{}: {state}\n", variable.name);
        }
    }
    text
}

fn lines(lines: &[String]) -> String {
    lines
        .iter()
        .flat_map(|line| [line.as_str(), "\n"])
        .collect()
}

/// A line for each file, as `sha256sum` writes it.
fn manifest(files: &[(String, String)]) -> String {
    let line = |(name, text): &(String, String)| {
        let sum = Sha256::digest(text.as_bytes());
        let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{sum}  {name}\n")
    };
    files.iter().map(line).collect()
}
