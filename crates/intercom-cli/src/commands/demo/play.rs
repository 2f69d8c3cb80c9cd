//! Runs one scenario with one client and records what happened.

use std::time::Duration;

use intercom_mock::MockServer;
use intercom_protocol::flows::{self, OnArchived};
use intercom_protocol::{
    ApiError, ApiRequest, Attempt, Class, Error, NewContact, PacerSettings, Reply, RetryPolicy,
};
use serde_json::json;

use super::scenarios::{Act, Scenario};
use crate::args::Kind;
use crate::client::{Client, Settings};
use crate::error::describe;
use crate::explanation::millis;
use crate::token::Token;
use crate::waits;

/// The first response, and how the call ended.
#[derive(Default)]
pub(super) struct Played {
    pub(super) status: Option<u16>,
    pub(super) code: Option<String>,
    pub(super) class: Option<Class>,
    pub(super) attempts: usize,
    pub(super) waited_ms: u64,
    pub(super) outcome: Option<&'static str>,
    /// The line that a program would print.
    pub(super) line: String,
}

pub(super) fn play(scenario: &Scenario, kind: Kind) -> Result<Played, String> {
    let mock =
        MockServer::start().map_err(|error| format!("cannot start a mock server: {error}"))?;
    let token = match scenario.act {
        Act::WrongToken => "revoked-token".to_owned(),
        _ => mock.token(),
    };
    let client = connect(&mock, token, kind)?;
    match &scenario.act {
        Act::WrongToken => Ok(called(client.execute(ApiRequest::get("/me")))),
        Act::Conflict { archived } => conflict(&client, &mock, *archived),
        Act::Call {
            prepare,
            request,
            check,
        } => {
            prepare(&mock);
            let played = called(client.execute(request()));
            check(&mock)?;
            Ok(played)
        }
    }
}

fn connect(mock: &MockServer, token: String, kind: Kind) -> Result<Client, String> {
    let settings = Settings {
        kind,
        token: Some(Token::known(token)),
        base_url: mock.base_url().to_owned(),
        api_version: None,
        status_url: None,
        policy: RetryPolicy::default(),
        deadline: Some(Duration::from_secs(25)),
        pacing: Some(PacerSettings::default()),
        fleet: None,
        recorder: None,
        announce_waits: false,
        json: false,
    };
    Client::connect(&settings).map_err(|error| describe(&error))
}

/// Creates a contact that exists. The response is a 409 that names the contact; `find_or_create` returns that contact.
fn conflict(client: &Client, mock: &MockServer, archived: bool) -> Result<Played, String> {
    let email = "ada@example.org";
    let id = mock.add_contact(json!({ "email": email, "archived": archived }));
    // A contact that was just created is not in the search index yet.
    let unindexed = !archived;
    if unindexed {
        mock.delete_contact(&id);
        mock.set_index_lag(Duration::from_secs(60));
    }
    let wanted = NewContact::user().email(email);
    let first = client.drive(flows::create(client, &wanted));
    let id = match (&first, unindexed) {
        (Ok(contact), true) => contact.id().to_owned(),
        _ => id,
    };
    let again = ApiRequest::post("/contacts").json(&wanted);
    let mut played = called(client.execute(again));
    let resolved = client
        .drive(flows::find_or_create(
            client,
            &wanted,
            OnArchived::Unarchive,
        ))
        .map_err(|error| describe(&error))?;
    if resolved.contact().id() != id || mock.contacts().len() != 1 {
        return Err("find_or_create did not return the contact that exists".to_owned());
    }
    played.outcome = Some(resolved.outcome().as_str());
    Ok(played)
}

fn called(outcome: Result<Reply, Error>) -> Played {
    match outcome {
        Ok(reply) => Played {
            outcome: Some(if reply.attempts().len() > 1 {
                "recovered"
            } else {
                "succeeded"
            }),
            line: retry_line(reply.attempts()).unwrap_or_default(),
            ..history(reply.attempts())
        },
        Err(error) => Played {
            class: error.class(),
            outcome: Some("reported"),
            line: error.to_string(),
            ..history(error.attempts())
        },
    }
}

/// The line about the wait before the first retry.
fn retry_line(attempts: &[Attempt]) -> Option<String> {
    let first = attempts.first()?;
    let max_attempts = RetryPolicy::default().max_attempts();
    Some(waits::retry_line(first, first.wait()?, max_attempts))
}

/// A scenario is about the response to the first attempt.
fn history(attempts: &[Attempt]) -> Played {
    let first = attempts.first();
    let waits = attempts.iter().filter_map(Attempt::wait);
    let code = first.and_then(Attempt::code).map(str::to_owned);
    let status = first.and_then(Attempt::status);
    Played {
        status,
        class: status.map(|status| class(status, code.as_deref())),
        code,
        attempts: attempts.len(),
        waited_ms: waits.map(|wait| millis(wait.duration())).sum(),
        outcome: None,
        line: String::new(),
    }
}

/// Classifies a response by its status and code, which are all that the history of a successful call has.
fn class(status: u16, code: Option<&str>) -> Class {
    let body = code.map(|code| json!({ "type": "error.list", "errors": [{ "code": code }] }));
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    ApiError::from_parts(status, [], body.as_bytes()).class()
}
