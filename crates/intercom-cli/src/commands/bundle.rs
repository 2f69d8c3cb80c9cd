//! `intercom bundle`: collects evidence for Intercom's support in one file.

use std::error::Error as _;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use intercom_blocking::ClientBuilder;
use intercom_debug::bundle::{Bundle, BundleOptions, WriteError};
use serde_json::{Value, json};

use crate::args::{self, Global};
use crate::client::Settings;
use crate::error::{Exit, Failure};
use crate::output::{Output, say};

/// Finds wrong arguments before the checks, which can take twelve seconds. `--record` records the calls of other commands.
pub(super) fn check(args: &args::Bundle, global: &Global) -> Result<(), Failure> {
    if global.record.is_some() {
        return Err(Failure::usage(
            "bundle makes no recording; add an existing one with --recording FILE",
        ));
    }
    let folder = args.output.as_deref().and_then(Path::parent);
    match folder.filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        Some(folder) => Err(Failure::usage(format!(
            "the folder {} does not exist; create it, or use another --output",
            folder.display()
        ))),
        None => Ok(()),
    }
}

/// Collects for at most twelve seconds, and writes the bundle even if nothing responds.
pub(super) fn run(
    args: &args::Bundle,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let client = ClientBuilder::from(settings.config()).build()?;
    let bundle = Bundle::collect(&client, options(args, settings, output));
    let path = args.output.clone();
    let path = path.unwrap_or_else(|| PathBuf::from(bundle.file_name()));
    bundle.write(&path).map_err(|error| unwritable(&error))?;
    if output.is_json() {
        output.document(&document(&bundle, &path))?;
    } else {
        output.text(&contents(&bundle, &path))?;
    }
    // A script that named a file should see that it is not in the bundle.
    let is_complete = bundle.unread_files() == 0;
    Ok(if is_complete {
        Exit::Done
    } else {
        Exit::Refused
    })
}

fn options(args: &args::Bundle, settings: &Settings, output: &Output) -> BundleOptions {
    let redactor = output.redactor().clone();
    let mut options =
        BundleOptions::new().on_progress(move |step| say(&step.to_string(), &redactor));
    if let Some(deadline) = settings.deadline {
        options = options.deadline(deadline);
    }
    let options = args.logs.iter().fold(options, BundleOptions::log);
    let options = args.env_files.iter().fold(options, BundleOptions::env_file);
    args.recordings
        .iter()
        .fold(options, BundleOptions::recording)
}

fn unwritable(error: &WriteError) -> Failure {
    match error.source() {
        Some(cause) => Failure::refused(format!("{error} ({cause})")),
        None => Failure::refused(error.to_string()),
    }
}

fn document(bundle: &Bundle, path: &Path) -> Value {
    let files = bundle.files();
    let summary = files.iter().find(|(name, _)| name == "summary.json");
    let summary = summary.map(|(_, text)| serde_json::from_str::<Value>(text));
    let problems = bundle.problems().into_iter();
    let problems = problems.map(|(step, error)| json!({ "step": step, "error": error }));
    json!({
        "file": path.display().to_string(),
        "ok": bundle.problems().is_empty(),
        "problems": problems.collect::<Vec<_>>(),
        "files": files.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        "summary": summary.and_then(Result::ok),
    })
}

/// The summary, what is in the file, and what to look at.
fn contents(bundle: &Bundle, path: &Path) -> String {
    let mut text = bundle.summary();
    let _ = writeln!(text, "\nWritten to {}:", path.display());
    for (name, content) in bundle.files() {
        let _ = writeln!(text, "  {name:<20} {:>8} bytes", content.len());
    }
    let is_to_be_read = |name: &str| name.starts_with("log") || name.starts_with("recording");
    let files = bundle.files().into_iter().map(|(name, _)| name);
    let read: Vec<_> = files.filter(|name| is_to_be_read(name)).collect();
    text += "\nBefore you send it, read the summary above";
    if !read.is_empty() {
        let _ = write!(text, ", unpack the file and read {}", read.join(", "));
    }
    text + ".\n"
}
