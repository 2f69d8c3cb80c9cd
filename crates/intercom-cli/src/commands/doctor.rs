//! `intercom doctor`: is the token good, how much quota is left, is Intercom up, are the clocks apart?

use intercom_protocol::flows::{self, Diagnosis};
use intercom_protocol::{Error, ErrorKind, RateLimit, ServiceStatus};
use serde::Serialize;

use crate::client::Client;
use crate::error::{Exit, Failure, describe};
use crate::explanation::Limits;
use crate::output::Output;
use crate::render::{BAD, DIM, GOOD, Page, painted};

#[derive(Serialize)]
struct Report<'d> {
    ok: bool,
    auth: Auth<'d>,
    rate_limit: Option<Limits>,
    service: Service<'d>,
    clock_offset_ms: Option<i64>,
    advice: Vec<String>,
}

#[derive(Serialize)]
struct Auth<'d> {
    ok: bool,
    status: Option<u16>,
    code: Option<&'d str>,
    admin: Option<&'d str>,
}

#[derive(Serialize)]
struct Service<'d> {
    ok: Option<bool>,
    indicator: Option<&'d str>,
    description: Option<&'d str>,
}

/// The URL that the general advice names.
const USUAL: &str = "curl -sI https://api.intercom.io";
/// What the general advice says to give, and this command takes as an option.
const PAGE: &str = "give another status URL";

/// What is said on stdout in words is not said again on stderr, if somebody reads it.
pub(crate) fn run(client: &Client, base_url: &str, output: &mut Output) -> Result<Exit, Failure> {
    let diagnosis = client.drive(async { Ok(flows::diagnose(client).await) })?;
    if let Some(error) = diagnosis
        .auth()
        .error()
        .filter(|error| error.kind() == ErrorKind::Invalid)
    {
        return Err(Failure::usage(describe(error)));
    }
    let advice = advice(&diagnosis, base_url);
    let exit = if diagnosis.is_ok() {
        Exit::Done
    } else {
        Exit::Refused
    };
    if output.is_json() {
        output.document(&Report::of(&diagnosis, advice))?;
    } else {
        output.text(&checklist(&diagnosis, &advice, base_url))?;
    }
    output.flush()?;
    if exit == Exit::Refused && (output.is_json() || output.is_unread()) {
        output.note(&complaint(&diagnosis));
    }
    Ok(exit)
}

/// The diagnosis' own advice, with the URL that is in use and the option that takes another status URL.
fn advice(diagnosis: &Diagnosis, base_url: &str) -> Vec<String> {
    let ours = format!("curl -sI {base_url}");
    let page = format!("{PAGE} (--status-url)");
    let advice = diagnosis.advice().into_iter();
    advice
        .map(|line| line.replace(USUAL, &ours).replace(PAGE, &page))
        .collect()
}

impl<'d> Report<'d> {
    fn of(diagnosis: &'d Diagnosis, advice: Vec<String>) -> Self {
        let auth = diagnosis.auth();
        let service = diagnosis.service().status();
        Self {
            ok: diagnosis.is_ok(),
            auth: Auth {
                ok: auth.is_ok(),
                status: auth.status(),
                code: auth.error().and_then(|error| Some(error.code()?.as_str())),
                admin: auth.admin(),
            },
            rate_limit: diagnosis.rate_limit().as_ref().and_then(Limits::of),
            service: Service {
                ok: service.map(ServiceStatus::is_ok),
                indicator: service.map(|status| status.indicator().as_str()),
                description: service.and_then(ServiceStatus::description),
            },
            clock_offset_ms: diagnosis.clock_offset_ms(),
            advice,
        }
    }
}

fn complaint(diagnosis: &Diagnosis) -> String {
    match diagnosis.auth().error() {
        Some(error) => {
            let what = match suspect(error) {
                "token" => "the token was refused",
                "connection" => "the API could not be reached",
                _ => "the API could not be used",
            };
            format!("{what}: {}", describe(error))
        }
        None => "Intercom reports a major incident: wait for it to end".to_owned(),
    }
}

/// What an error of the call speaks against.
fn suspect(error: &Error) -> &'static str {
    if error.is_unauthorized() || error.is_forbidden() {
        "token"
    } else if error.fault().is_some() {
        "connection"
    } else {
        "API"
    }
}

fn checklist(diagnosis: &Diagnosis, advice: &[String], base_url: &str) -> String {
    let mut page = Page::new();
    let (good, bad, unknown) = (painted(GOOD, "✓"), painted(BAD, "✗"), painted(DIM, "?"));
    match (diagnosis.auth().error(), diagnosis.auth().admin()) {
        (Some(error), _) if suspect(error) == "token" => {
            page.marked(&bad, "token", &describe(error));
        }
        (Some(error), _) => {
            let what = format!("{base_url}: {}", describe(error));
            page.marked(&bad, suspect(error), &what);
            page.marked(&unknown, "token", "could not be checked");
        }
        (None, Some(admin)) => {
            page.marked(&good, "token", &format!("accepted; it belongs to {admin}"))
        }
        (None, None) => page.marked(&good, "token", "accepted"),
    }
    match diagnosis.rate_limit() {
        Some(limit) => page.marked(&good, "quota", &quota(&limit)),
        None => page.marked(&unknown, "quota", "not told"),
    }
    match diagnosis.service().status() {
        Some(status) => {
            let mark = if status.is_ok() { &good } else { &bad };
            page.marked(mark, "Intercom", &service(status));
        }
        None => page.marked(&unknown, "Intercom", "the status page could not be read"),
    }
    match diagnosis.clock_offset_ms() {
        Some(offset) => page.marked(
            &clock_mark(offset, &good, &unknown),
            "clock",
            &clock(offset),
        ),
        None => page.marked(&unknown, "clock", "not told"),
    }
    if advice.is_empty() {
        page.gap();
        page.paragraph("All is well.");
    } else {
        page.points("What to do", advice);
    }
    page.finish()
}

fn quota(limit: &RateLimit) -> String {
    let number = |number: Option<u32>| number.map_or_else(|| "?".to_owned(), |n| n.to_string());
    let reset = limit
        .wait()
        .map(|wait| format!(", which ends in {} s", wait.as_secs()));
    format!(
        "{} of {} requests left in this window{}",
        number(limit.remaining()),
        number(limit.limit()),
        reset.unwrap_or_default()
    )
}

fn service(status: &ServiceStatus) -> String {
    let indicator = status.indicator().as_str();
    match status.description() {
        Some(description) => format!("{description} (status page: {indicator})"),
        None => format!("status page: {indicator}"),
    }
}

/// `Date` is cut to seconds, so less than that says nothing.
fn clock(offset: i64) -> String {
    let seconds = offset.unsigned_abs().saturating_add(500) / 1000;
    if offset.unsigned_abs() <= 1_500 {
        "agrees with Intercom's to about a second".to_owned()
    } else if offset > 0 {
        format!("{seconds} s behind Intercom's")
    } else {
        format!("{seconds} s ahead of Intercom's")
    }
}

fn clock_mark(offset: i64, good: &str, unknown: &str) -> String {
    if offset.unsigned_abs() > 5_000 {
        unknown.replace('?', "!")
    } else {
        good.to_owned()
    }
}
