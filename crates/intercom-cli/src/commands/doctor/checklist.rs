//! A diagnosis as a list of checks, for people.

use intercom_protocol::flows::{Diagnosis, TokenState};
use intercom_protocol::{Error, ErrorKind, RateLimit, ServiceStatus, StatusIndicator};

use super::BLOCKED;
use super::mistake::Mistake;
use crate::client::Settings;
use crate::error::describe;
use crate::render::{BAD, DOUBTFUL, GOOD, Page, Span, UNKNOWN};

/// The checks, and what to do.
pub(super) fn checklist(
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
