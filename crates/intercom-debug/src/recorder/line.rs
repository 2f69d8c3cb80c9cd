//! Makes a line from an event.

use std::borrow::Cow;

use intercom_protocol::observe::{Event, EventKind, Received};
use intercom_protocol::{ApiError, Attempt, BodyKind, Expect, Failure, Reply, Stop};

use crate::recording::{
    Body, Broken, End, Exchange, Line, Nanos, Outcome, Request, Response, Roll, Terms, Times, Why,
    header, shape,
};
use crate::safe::{self, Secrets};

/// What lines depend on, besides the events.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    run: Cow<'static, str>,
    pub(super) secrets: Secrets,
    pub(super) bodies: bool,
}

/// A longer body is not read for its shape.
const READ: usize = 256 * 1024;

impl Writer {
    pub(crate) fn new(run: impl Into<Cow<'static, str>>) -> Self {
        Self {
            run: run.into(),
            secrets: Secrets::default(),
            bodies: false,
        }
    }

    /// Returns the line of an event, if it has one. The state of a call is not needed: an event has all that its decision used.
    pub(crate) fn line(&self, event: &Event<'_>) -> Option<Line> {
        match event.kind() {
            EventKind::Received(received) => {
                let exchange = self.exchange(event, received)?;
                Some(Line::Exchange(Box::new(exchange)))
            }
            EventKind::Stopped(stop) if !is_of_attempt(event) => {
                Some(self.end(event, Why::Stopped(stop.reason()), Some(stop)))
            }
            EventKind::Dropped => Some(self.end(event, Why::Dropped, None)),
            EventKind::Done(_) if event.terms().is_none() => {
                Some(self.end(event, Why::Invalid, None))
            }
            _ => None,
        }
    }

    fn exchange(&self, event: &Event<'_>, received: &Received<'_>) -> Option<Exchange> {
        let (moment, terms) = (event.moment(), event.terms()?);
        let failure = received.failure();
        let response = match (received.reply(), failure.and_then(Failure::response)) {
            (Some(reply), _) => Some(self.of_reply(reply, terms.expect())),
            (None, Some(error)) => Some(self.of_error(error)),
            (None, None) => None,
        };
        Some(Exchange {
            request: self.request(event),
            n: event.attempt(),
            terms: Terms::of(terms),
            times: Times {
                began_ns: began(event),
                sent_ns: received.attempt().started().since_origin().into(),
                received_ns: moment.tick().since_origin().into(),
                time: moment.wall(),
                roll: Roll(moment.roll()),
            },
            fault: failure.and_then(Failure::fault).map(Broken::of),
            response,
            outcome: Outcome::of(received),
        })
    }

    fn request(&self, event: &Event<'_>) -> Request {
        let names = |query: &str| {
            let names = query.split('&').filter_map(|pair| pair.split('=').next());
            let mut names: Vec<Cow<'static, str>> = names
                .filter(|name| safe::is_member(name))
                .map(|name| Cow::Owned(name.to_owned()))
                .collect();
            names.dedup();
            names
        };
        Request {
            run: self.run.clone(),
            call: event.call(),
            method: Cow::Borrowed(safe::method(event.method().as_str())),
            // The route of an event has only words of known routes.
            route: Cow::Owned(event.route().to_owned()),
            query: event.query().map(names).unwrap_or_default(),
            server: Cow::Borrowed(safe::server(event.host())),
            size: event.request_size() as u64,
        }
    }

    fn end(&self, event: &Event<'_>, why: Why, stop: Option<&Stop>) -> Line {
        let moment = event.moment();
        Line::End(Box::new(End {
            request: self.request(event),
            attempts: event.latest_attempt().map_or(0, Attempt::number),
            why,
            retry_after_ns: stop.and_then(Stop::retry_after).map(Nanos::from),
            by_gate: event.is_stopped_by_gate(),
            in_flight: event.is_in_flight(),
            terms: event.terms().map(Terms::of),
            began_ns: began(event),
            ended_ns: moment.tick().since_origin().into(),
            time: moment.wall(),
        }))
    }

    fn of_error(&self, error: &ApiError) -> Response {
        let mut response = Response::of(error, &self.secrets);
        response.body.text = self.text(error.body().bytes());
        response
    }

    fn of_reply(&self, reply: &Reply, expect: Expect) -> Response {
        let headers = reply.headers().iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.as_bytes()));
        let status = reply.status();
        let body = reply.body();
        if !status.is_success() {
            // The success of a DELETE whose resource is gone: its body is an error list.
            return self.of_error(&ApiError::from_parts(status.as_u16(), headers, body));
        }
        let shape = (body.len() <= READ).then(|| shape(body)).flatten();
        Response {
            status: status.as_u16(),
            request_id: reply.request_id().map(|id| {
                let id = safe::request_id(id, &self.secrets);
                Cow::Owned(id.unwrap_or(safe::HIDDEN).to_owned())
            }),
            headers: headers
                .filter_map(|(name, value)| header(name, value, &self.secrets))
                .collect(),
            errors: Vec::new(),
            error_list: false,
            body: Body {
                kind: match &shape {
                    _ if body.trim_ascii().is_empty() => BodyKind::Empty,
                    // Any other body would have been a failure.
                    Some(_) => BodyKind::Json,
                    None if expect == Expect::Json => BodyKind::Json,
                    None => BodyKind::Raw,
                },
                len: body.len() as u64,
                html: false,
                shape,
                text: self.text(body),
            },
        }
    }

    fn text(&self, body: &[u8]) -> Option<String> {
        self.bodies.then(|| safe::masked(body, &self.secrets))
    }
}

/// Whether a stop belongs to the latest attempt, whose line already has it.
fn is_of_attempt(event: &Event<'_>) -> bool {
    event
        .latest_attempt()
        .is_some_and(|attempt| attempt.wait().is_none())
}

fn began(event: &Event<'_>) -> Nanos {
    event
        .moment()
        .tick()
        .since_origin()
        .saturating_sub(event.elapsed())
        .into()
}
