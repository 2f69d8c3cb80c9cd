//! Reads of the API, and the status page. Each request is sent once, because the evidence is about the present state.

use std::sync::Mutex;
use std::time::Duration;

use intercom_blocking::Client;
use intercom_protocol::flows::{self, Diagnosis, diagnose};
use intercom_protocol::{
    ApiRequest, Caller, Connection, Error, Reply, RetryPolicy, ServiceStatus, StatusIndicator,
    Tick, WithDeadline, ready,
};

use super::super::clock::Stopwatch;
use super::super::collected::{Component, Failure, Incident, Request, Service};
use super::Found;
use crate::safe::Secrets;
use crate::{log, safe};

/// The route that shows whether the token works.
pub(super) const ME: &str = "/me";
pub(super) const OTHER_ROUTES: [&str; 3] = ["/contacts", "/conversations", "/admins"];
pub(super) const ROUTES: [&str; 4] = ["/me", "/contacts", "/conversations", "/admins"];

/// How many incidents and components are kept. A page has fewer.
const MOST: usize = 50;

/// Requests `/me`, and makes a diagnosis of the response.
pub(super) fn me(client: &Client, limit: Duration) -> Found {
    let watch = Stopwatch::start();
    let caller = ApiOnly {
        caller: within(client, limit),
        request: Mutex::new(request(ME)),
        secrets: secrets(client),
    };
    let diagnosis = ready(diagnose(&caller)).unwrap_or_else(Diagnosis::not_started);
    let mut request = caller
        .request
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    request.ms = Some(watch.ms());
    request.error = diagnosis.auth().error().map(Failure::of);
    Found::Me(Box::new(diagnosis), request)
}

/// Reads one object of a list.
pub(super) fn read(client: &Client, route: &'static str, limit: Duration) -> Request {
    let watch = Stopwatch::start();
    let call = ApiRequest::get(route)
        .query("per_page", 1)
        .policy(RetryPolicy::none());
    let result = ready(within(client, limit).call(call)).and_then(|result| result);
    let mut request = request(route);
    request.ms = Some(watch.ms());
    request.seen(&result, &secrets(client));
    request.error = result.err().as_ref().map(Failure::of);
    request
}

/// A request without a result.
pub(super) fn late(route: &'static str, why: &str) -> Request {
    Request {
        error: Some(Failure::of_text(why)),
        ..request(route)
    }
}

/// What the status page reports. Its texts are public, and still only known words of them are kept.
pub(super) fn service(client: &Client, limit: Duration) -> Service {
    let read = ready(flows::service_status(&within(client, limit))).and_then(|result| result);
    match read {
        Ok(status) => of_page(&status),
        Err(error) => Service {
            error: Some(Failure::of(&error).summary),
            ..Service::default()
        },
    }
}

fn of_page(status: &ServiceStatus) -> Service {
    let incidents = status
        .incidents()
        .iter()
        .take(MOST)
        .map(|incident| Incident {
            name: log::redact(incident.name()),
            status: log::redact(incident.status()),
            impact: indicator(incident.impact()),
            components: incident
                .components()
                .iter()
                .take(MOST)
                .map(|name| log::redact(name))
                .collect(),
        });
    let affected = status
        .components()
        .iter()
        .filter(|component| !component.is_operational());
    let components = affected.take(MOST).map(|component| Component {
        name: log::redact(component.name()),
        status: log::redact(component.status()),
    });
    Service {
        indicator: Some(indicator(status.indicator())),
        description: status.description().map(log::redact),
        incidents: incidents.collect(),
        components: components.collect(),
        error: None,
    }
}

/// A known indicator as it is, also one that is a name elsewhere, like `major`.
fn indicator(indicator: &StatusIndicator) -> String {
    match indicator {
        StatusIndicator::Other(word) => log::redact(word),
        known => known.to_string(),
    }
}

/// The token of the client. Nothing may have a part of it.
pub(super) fn secrets(client: &Client) -> Secrets {
    let mut secrets = Secrets::default();
    if let Some(connection) = client.connection() {
        let _ = connection.with_fixed_token(|token| secrets.add(token));
    }
    secrets
}

fn within(client: &Client, limit: Duration) -> WithDeadline<&Client> {
    WithDeadline::new(client, client.now().map(|now| now.after(limit)))
}

const fn request(route: &'static str) -> Request {
    Request {
        route,
        ms: None,
        status: None,
        request_id: None,
        error: None,
    }
}

impl Request {
    /// Stores the status and the request id of a response.
    fn seen(&mut self, result: &Result<Reply, Error>, secrets: &Secrets) {
        let (status, id) = match result {
            Ok(reply) => (Some(reply.status()), reply.request_id()),
            Err(error) => (error.status(), error.request_id()),
        };
        self.status = status.map(|status| status.as_u16());
        let id = id.and_then(|id| safe::request_id(id, secrets));
        self.request_id = id.map(str::to_owned);
    }
}

/// A caller that reads only the API, so that the diagnosis does not wait for the status page, and that remembers the response.
struct ApiOnly<'c> {
    caller: WithDeadline<&'c Client>,
    request: Mutex<Request>,
    secrets: Secrets,
}

impl Caller for ApiOnly<'_> {
    async fn call(&self, request: ApiRequest) -> Result<Reply, Error> {
        let result = self.caller.call(request).await;
        if let Ok(mut request) = self.request.lock() {
            request.seen(&result, &self.secrets);
        }
        result
    }

    fn connection(&self) -> Option<&Connection> {
        self.caller.connection()
    }

    fn now(&self) -> Option<Tick> {
        self.caller.now()
    }
}
