//! `intercom doctor`: checks the network, the token, the region, the quota, Intercom's status and the clock.

mod checklist;
mod mistake;
mod report;

use intercom_protocol::flows::{self, Advice, Diagnosis, TokenState};
use intercom_protocol::{Caller as _, Connection, Error, ErrorKind, Fix};

use self::checklist::checklist;
use self::mistake::Mistake;
use self::report::Report;
use crate::client::{Client, Settings};
use crate::error::{Exit, Failure, describe};
use crate::output::Output;
use crate::token::{HOW_TO_SET, Token};

/// Who sent the response, if not the API.
const BLOCKED: &str = "a firewall or proxy sent the response";

/// A failure is also printed on stderr, unless stdout already shows it as text.
pub(crate) fn run(settings: &Settings, output: &mut Output) -> Result<Exit, Failure> {
    let client = Client::connect(settings)?;
    let diagnosis = client.drive(async { Ok::<_, Error>(flows::diagnose(&client).await) })?;
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
            Some(format!("{advice} Use --status-url to read another page."))
        }
        _ => Some(advice.to_string()),
    });
    mistake
        .map(Mistake::advice)
        .into_iter()
        .chain(advice)
        .collect()
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
