//! `intercom replay`: recorded responses through the present code, or recorded requests to a server.

use std::net::IpAddr;

use intercom_debug::{Recording, Sendable, Skipped, replay, requests, script};
use intercom_protocol::{Error, Reply};
use serde::Serialize;

use super::record;
use crate::args;
use crate::client::{Client, Settings};
use crate::error::{Exit, Failure};
use crate::output::Output;
use crate::words::count;

pub(super) fn run(
    args: &args::Replay,
    settings: impl FnOnce() -> Result<Settings, Failure>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    if let Some(url) = args
        .against
        .as_ref()
        .filter(|url| args.writes && !is_loopback(url))
    {
        return Err(Failure::usage(format!(
            "--writes only works with a server on loopback, not with {}; start one with `intercom mock`",
            without_user(url)
        )));
    }
    let recording = record::read(&args.file)?;
    let exit = match &args.against {
        Some(url) => {
            let settings = Settings {
                base_url: url.clone(),
                ..settings()?
            };
            send(&recording, args.writes, &settings, output)?
        }
        None if args.as_script => print_script(&recording, output)?,
        None => compare(&recording, output)?,
    };
    output.flush()?;
    record::note_unreadable(&recording, output);
    Ok(exit)
}

fn compare(recording: &Recording, output: &mut Output) -> Result<Exit, Failure> {
    let replayed = replay(recording);
    if output.is_json() {
        output.document(&replayed)?;
    } else {
        output.text(&replayed.to_string())?;
    }
    if replayed.replayed() == 0 {
        output.note("nothing was compared, because no call could be replayed");
        return Ok(Exit::Refused);
    }
    Ok(match replayed.differences() {
        0 => Exit::Done,
        _ => Exit::Refused,
    })
}

fn print_script(recording: &Recording, output: &mut Output) -> Result<Exit, Failure> {
    let (lines, missing) = script(recording);
    for line in &lines {
        output.text(&format!("{line}\n"))?;
    }
    if missing > 0 {
        output.note(&format!(
            "{} left out, because nothing reached the server",
            count(missing as u64, "attempt")
        ));
    }
    if lines.is_empty() {
        output.note("the script is empty, because the recording has no response");
        return Ok(Exit::Refused);
    }
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct Report {
    differences: usize,
    sent: Vec<Sent>,
    skipped: Vec<Skipped>,
    unreadable_lines: u64,
}

/// A request that was sent again.
#[derive(Serialize)]
struct Sent {
    method: String,
    route: String,
    /// How many recorded calls it stands for.
    calls: usize,
    then: Response,
    now: Response,
}

#[derive(PartialEq, Serialize)]
struct Response {
    status: Option<u16>,
    code: Option<String>,
}

fn send(
    recording: &Recording,
    writes: bool,
    settings: &Settings,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let (sendable, skipped) = requests(recording, writes);
    let client = Client::connect(settings)?;
    let sent: Vec<Sent> = sendable
        .iter()
        .map(|sendable| Sent::new(sendable, &client.execute(sendable.request())))
        .collect();
    let differences = sent.iter().filter(|sent| sent.then != sent.now).count();
    let report = Report {
        differences,
        sent,
        skipped,
        unreadable_lines: recording.unreadable(),
    };
    if output.is_json() {
        output.document(&report)?;
    } else {
        output.text(&report.text())?;
    }
    if report.sent.is_empty() {
        output.note("nothing was sent, because no request could be sent again");
        return Ok(Exit::Refused);
    }
    Ok(match differences {
        0 => Exit::Done,
        _ => Exit::Refused,
    })
}

impl Sent {
    fn new(sendable: &Sendable, outcome: &Result<Reply, Error>) -> Self {
        let request = sendable.request();
        Self {
            method: request.method().to_string(),
            route: request.route().into_owned(),
            calls: sendable.calls(),
            then: Response {
                status: sendable.status(),
                code: sendable.code().map(str::to_owned),
            },
            now: Response::of(outcome),
        }
    }
}

impl Response {
    fn of(outcome: &Result<Reply, Error>) -> Self {
        let status = match outcome {
            Ok(reply) => Some(reply.status()),
            Err(error) => error.status(),
        };
        let code = outcome.as_ref().err().and_then(|error| error.api()?.code());
        Self {
            status: status.map(|status| status.as_u16()),
            code: code.map(|code| code.as_str().to_owned()),
        }
    }

    fn words(&self) -> String {
        let status = self
            .status
            .map_or("no response".to_owned(), |status| status.to_string());
        let code = self.code.as_deref().unwrap_or_default();
        format!("{status} {code}").trim_end().to_owned()
    }
}

impl Report {
    fn text(&self) -> String {
        let mut text = String::new();
        for sent in &self.sent {
            let (then, now) = (sent.then.words(), sent.now.words());
            let now = if sent.then == sent.now {
                "same".to_owned()
            } else {
                now
            };
            let request = cut(format!("{} {}", sent.method, sent.route), 30);
            let (then, now) = (cut(then, 18), cut(now, 19));
            text += format!("{request:<30} then {then:<18} now {now}").trim_end();
            text.push('\n');
        }
        for skipped in &self.skipped {
            text += &format!("not sent: {skipped}\n");
        }
        let sent = count(self.sent.len() as u64, "request");
        text += &format!("{sent} sent, {} with another result", self.differences);
        if self.unreadable_lines > 0 {
            text += &format!("; {} not read", count(self.unreadable_lines, "line"));
        }
        text + "\n"
    }
}

/// Cuts a text to this many columns.
fn cut(text: String, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text;
    }
    let kept: String = text.chars().take(columns.saturating_sub(2)).collect();
    kept + ".."
}

/// Returns the URL without a name and a password.
fn without_user(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((_, host)) => format!("...@{host}"),
        None => url.to_owned(),
    }
}

fn is_loopback(url: &str) -> bool {
    let url = url.parse::<http::Uri>().ok();
    let host = url.as_ref().and_then(http::Uri::host).unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse();
    host.eq_ignore_ascii_case("localhost")
        || address.is_ok_and(|address: IpAddr| address.is_loopback())
}
