//! `intercom doctor`: checks the network, the token, the region, the quota, Intercom's status and the clock.

use std::error::Error as _;

use intercom_protocol::flows::{self, Advice, Diagnosis, TokenState};
use intercom_protocol::http::StatusCode;
use intercom_protocol::{
    AnsweredBy, Caller as _, Connection, Error, ErrorKind, Fix, RateLimit, ServiceStatus,
    StatusIndicator,
};
use serde::Serialize;

use crate::client::{Client, Settings};
use crate::error::{Exit, Failure, describe};
use crate::explanation::Limits;
use crate::output::Output;
use crate::render::{BAD, DOUBTFUL, GOOD, Page, Span, UNKNOWN};
use crate::token::{HOW_TO_SET, Token};

#[derive(Serialize)]
struct Report<'d> {
    ok: bool,
    token: &'static str,
    network: Network,
    /// Who sent the response to `/me`.
    answered_by: Option<&'static str>,
    auth: Auth<'d>,
    /// The workspace's region: a name that `--region` accepts, or Intercom's own word for an unknown one.
    region: Option<&'d str>,
    host_fits: Option<bool>,
    rate_limit: Option<Limits>,
    service: Service<'d>,
    clock_offset_ms: Option<i64>,
    advice: Vec<String>,
}

#[derive(Serialize)]
struct Network {
    /// `None` if no request was made.
    ok: Option<bool>,
    /// What failed.
    fault: Option<&'static str>,
}

#[derive(Serialize)]
struct Auth<'d> {
    ok: bool,
    status: Option<u16>,
    code: Option<&'d str>,
    admin: Option<&'d str>,
    /// Why it is not ok: the server's message, if there was a response.
    message: Option<String>,
    request_id: Option<&'d str>,
}

#[derive(Serialize)]
struct Service<'d> {
    ok: Option<bool>,
    indicator: Option<&'d str>,
    description: Option<&'d str>,
}

/// A failure is also printed on stderr, unless stdout already shows it as text.
pub(crate) fn run(settings: &Settings, output: &mut Output) -> Result<Exit, Failure> {
    let client = Client::connect(settings)?;
    let diagnosis = client.drive(async { Ok(flows::diagnose(&client).await) })?;
    if let Some(error) = diagnosis
        .auth()
        .error()
        .filter(|error| error.kind() == ErrorKind::Invalid)
    {
        return Err(Failure::usage(describe(error)));
    }
    let advice = advice(&diagnosis, settings);
    let exit = if diagnosis.is_ok() {
        Exit::Done
    } else {
        Exit::Refused
    };
    if output.is_json() {
        output.document(&Report::of(&diagnosis, advice))?;
    } else {
        let status_page = client.connection().map(Connection::status_page);
        let status_url = status_page.as_ref().map_or("", Connection::base_url);
        output.page(&checklist(&diagnosis, &advice, settings, status_url))?;
    }
    output.flush()?;
    if exit == Exit::Refused && (output.is_json() || output.is_unread()) {
        output.note(&complaint(&diagnosis, settings));
    }
    Ok(exit)
}

/// The advice of the diagnosis, without what this command has already done and what does not apply to a wrong base URL.
fn advice(diagnosis: &Diagnosis, settings: &Settings) -> Vec<String> {
    let error = diagnosis.auth().error();
    let mistake = error.and_then(|error| Mistake::of(error, settings));
    let is_done = |fix| match fix {
        Fix::CallMe => true,
        Fix::CheckStatusPage => diagnosis.service().status().is_some(),
        _ => false,
    };
    let advice = diagnosis.advice().into_iter();
    let advice = advice.filter_map(|advice| match advice {
        Advice::Fix(step) if mistake.is_some() || is_done(step.fix()) => None,
        Advice::NoToken => Some(format!("{advice} Then {HOW_TO_SET}.")),
        Advice::OtherRegion(region) => Some(format!("{advice} Use --region {region}.")),
        Advice::StatusPageUnreadable(_) => {
            Some(format!("{advice} Use --status-url to read another one."))
        }
        _ => Some(advice.to_string()),
    });
    mistake
        .map(Mistake::advice)
        .into_iter()
        .chain(advice)
        .collect()
}

/// Who answered, if it was not the API.
const BLOCKED: &str = "a firewall or proxy sent the response";

/// A base URL that cannot be that of Intercom's API.
#[derive(Clone, Copy, Debug)]
enum Mistake {
    /// The server has no `/me`, and its 404 does not look like Intercom's.
    NotIntercom,
    /// The server speaks HTTP without TLS.
    NoTls,
}

impl Mistake {
    fn of(error: &Error, settings: &Settings) -> Option<Self> {
        if error.status() == Some(StatusCode::NOT_FOUND) && error.errors().is_empty() {
            return Some(Self::NotIntercom);
        }
        let is_tls = settings.base_url.starts_with("https:");
        let causes = std::iter::successors(error.source(), |&cause| cause.source());
        // Both clients' TLS reports an HTTP response as this.
        let mut causes = causes.map(ToString::to_string);
        (is_tls && causes.any(|cause| cause.contains("InvalidContentType"))).then_some(Self::NoTls)
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::NotIntercom => "this base URL is not Intercom's API: GET /me returns 404",
            Self::NoTls => "the server does not use TLS; use http:// for a mock",
        }
    }

    fn advice(self) -> String {
        match self {
            Self::NotIntercom => Fix::CheckRegionUrl.step().to_string(),
            Self::NoTls => {
                "Check the host and port of the base URL. Only a mock on this machine may do without TLS.".to_owned()
            }
        }
    }
}

impl<'d> Report<'d> {
    fn of(diagnosis: &'d Diagnosis, advice: Vec<String>) -> Self {
        let auth = diagnosis.auth();
        let service = diagnosis.service().status();
        Self {
            ok: diagnosis.is_ok(),
            token: auth.token().as_str(),
            network: Network {
                ok: diagnosis.is_reachable(),
                fault: diagnosis.fault().map(|fault| fault.kind().as_str()),
            },
            answered_by: diagnosis.answered_by().map(AnsweredBy::as_str),
            auth: Auth {
                ok: auth.is_ok(),
                status: auth.status().map(|status| status.as_u16()),
                code: auth.error().and_then(|error| Some(error.code()?.as_str())),
                admin: auth.admin(),
                message: auth.error().and_then(message),
                request_id: auth.error().and_then(Error::request_id),
            },
            region: diagnosis
                .region()
                .map_or_else(|| auth.region_name(), |region| Some(region.as_str())),
            host_fits: diagnosis.host_fits(),
            rate_limit: diagnosis.rate_limit().and_then(Limits::of),
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

fn message(error: &Error) -> Option<String> {
    match error.kind() {
        ErrorKind::Api => error.message().map(str::to_owned),
        _ => Some(describe(error)),
    }
}

fn complaint(diagnosis: &Diagnosis, settings: &Settings) -> String {
    let error = diagnosis.auth().error();
    if let Some(mistake) = error.and_then(|error| Mistake::of(error, settings)) {
        return format!("{}: {}", settings.base_url, mistake.meaning());
    }
    let Some(error) = error else {
        return "Intercom reports a major incident: wait until it is resolved".to_owned();
    };
    let what = match diagnosis.auth().token() {
        TokenState::Missing if error.is_unauthorized() => return Token::missing_line(),
        TokenState::Refused => "the token was refused",
        _ if error.fault().is_some() => "the API could not be reached",
        _ if error.is_blocked() => BLOCKED,
        _ => "the API check failed",
    };
    format!("{what}: {}", describe(error))
}

fn checklist(
    diagnosis: &Diagnosis,
    advice: &[String],
    settings: &Settings,
    status_url: &str,
) -> Page {
    let mut page = Page::new();
    connection(diagnosis, settings, &mut page);
    // Without an accepted token it is not known.
    if let Some(name) = diagnosis.auth().region_name() {
        let (mark, what) = region(name, diagnosis.host_fits(), &settings.base_url);
        page.marked(mark, "region", &what);
    }
    match diagnosis.rate_limit() {
        Some(limit) => page.marked(GOOD, "quota", &quota(limit)),
        None => page.marked(UNKNOWN, "quota", "unknown"),
    }
    match diagnosis.service().status() {
        Some(status) => {
            let mark = if status.is_ok() { GOOD } else { BAD };
            page.marked(mark, "Intercom", &service(status));
        }
        None => {
            let why = diagnosis.service().error().map(unread).unwrap_or_default();
            let what = format!("the status page at {status_url} could not be read: {why}");
            page.marked(UNKNOWN, "Intercom", &what);
        }
    }
    match diagnosis.clock_offset_ms() {
        Some(offset) => page.marked(clock_mark(offset), "clock", &clock(offset)),
        None => page.marked(UNKNOWN, "clock", "unknown"),
    }
    if advice.is_empty() {
        page.gap();
        page.paragraph("No problems found.");
    } else {
        page.points("What to do", advice);
    }
    page
}

/// The network, the API if it failed, and the token.
fn connection(diagnosis: &Diagnosis, settings: &Settings, page: &mut Page) {
    let base_url = &settings.base_url;
    let auth = diagnosis.auth();
    let error = auth.error();
    let problem = |error| {
        let mistake = Mistake::of(error, settings);
        let what = match mistake {
            Some(mistake) => mistake.meaning().to_owned(),
            None if error.is_blocked() => format!("{BLOCKED}: {}", describe(error)),
            None => describe(error),
        };
        format!("{base_url}: {what}")
    };
    match (diagnosis.is_reachable(), error) {
        (Some(true), _) => page.marked(GOOD, "network", &format!("{base_url} responds")),
        (Some(false), Some(error)) => page.marked(BAD, "network", &problem(error)),
        _ => page.marked(UNKNOWN, "network", "not checked"),
    }
    let is_about_the_token = |error: &Error| error.is_unauthorized() || error.is_forbidden();
    if let Some(error) =
        error.filter(|error| diagnosis.is_reachable() != Some(false) && !is_about_the_token(error))
    {
        page.marked(BAD, "API", &problem(error));
    }
    let (mark, what) = match (auth.token(), auth.admin(), error) {
        (TokenState::Accepted, Some(admin), _) => {
            (GOOD, format!("accepted; it belongs to {admin}"))
        }
        (TokenState::Accepted, None, _) => (GOOD, "accepted".to_owned()),
        (TokenState::Missing, ..) => (BAD, "no access token".to_owned()),
        (TokenState::Refused, _, Some(error)) => (BAD, describe(error)),
        _ => (UNKNOWN, "not checked".to_owned()),
    };
    page.marked(mark, "token", &what);
}

/// The workspace's region, and whether requests go to its host.
fn region(name: &str, host_fits: Option<bool>, base_url: &str) -> (Span<'static>, String) {
    match host_fits {
        Some(true) => (GOOD, format!("{name}, which {base_url} serves")),
        Some(false) => (
            DOUBTFUL,
            format!("{name}, but {base_url} is the host of another region"),
        ),
        None => (GOOD, name.to_owned()),
    }
}

fn quota(limit: RateLimit) -> String {
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

/// The description on the status page, with the severity if the description does not contain it.
fn service(status: &ServiceStatus) -> String {
    let indicator = status.indicator().as_str();
    let incident = match status.indicator() {
        StatusIndicator::None => "no incident".to_owned(),
        _ => format!("{indicator} incident"),
    };
    match status.description() {
        Some(description) if description.to_lowercase().contains(indicator) => {
            description.to_owned()
        }
        Some(description) => format!("{description} ({incident})"),
        None => incident,
    }
}

/// Why the status page could not be read.
fn unread(error: &Error) -> String {
    match (error.kind(), error.status(), error.fault()) {
        (ErrorKind::Api, Some(status), _) => format!("it responded with {}", status.as_u16()),
        (_, _, Some(fault)) => fault.line().to_string(),
        _ => error.to_string(),
    }
}

/// `Date` has whole seconds, so smaller offsets cannot be measured.
fn clock(offset: i64) -> String {
    let seconds = offset.unsigned_abs().saturating_add(500) / 1000;
    if offset.unsigned_abs() <= 1_500 {
        "within about a second of Intercom's".to_owned()
    } else if offset > 0 {
        format!("{seconds} s behind Intercom's")
    } else {
        format!("{seconds} s ahead of Intercom's")
    }
}

const fn clock_mark(offset: i64) -> Span<'static> {
    if offset.unsigned_abs() > 5_000 {
        DOUBTFUL
    } else {
        GOOD
    }
}

#[cfg(test)]
mod tests {
    use super::region;
    use crate::render::{DOUBTFUL, GOOD};

    #[test]
    fn the_host_of_another_region_is_doubtful() {
        let url = "https://api.intercom.io";
        let shown = |fits| region("Europe", fits, url);
        assert_eq!(
            shown(Some(false)),
            (
                DOUBTFUL,
                format!("Europe, but {url} is the host of another region")
            )
        );
        assert_eq!(
            shown(Some(true)),
            (GOOD, format!("Europe, which {url} serves"))
        );
        assert_eq!(shown(None), (GOOD, "Europe".to_owned()));
    }
}
