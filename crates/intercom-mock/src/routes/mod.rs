//! The routes of the API.

pub(crate) mod articles;
pub(crate) mod companies;
mod contacts;
pub(crate) mod conversations;
mod draft;
mod exports;
mod me;
mod messages;
mod pages;
mod search;
mod tags;

use http::StatusCode;
use serde_json::{Map, Value};

use crate::clock::Now;
use crate::request::Request;
use crate::response::{Outcome, Refusal};
use crate::settings::Settings;
use crate::store::Store;

pub(crate) use draft::Draft;

/// A request that passed all checks, with everything that a route can read or change.
#[derive(Debug)]
pub(crate) struct Exchange<'a> {
    pub(crate) store: &'a mut Store,
    pub(crate) now: Now,
    request: &'a Request,
    segments: Vec<String>,
    body: Map<String, Value>,
    settings: &'a Settings,
}

type Handler = fn(&mut Exchange<'_>) -> Outcome;

/// A row of the route table: the scope that the token needs, and the handler.
struct Route(&'static str, Handler);

/// Responds to a request that has a valid token and is within the quota.
pub(crate) fn respond(
    store: &mut Store,
    settings: &Settings,
    now: Now,
    request: &Request,
) -> Outcome {
    let segments = request.segments();
    let Some(Route(scope, handler)) = route(request.method.as_str(), &segments) else {
        return Err(Refusal::not_found("The requested resource was not found"));
    };
    if settings.withheld.contains(scope) {
        let message =
            format!("You do not have the required scope ({scope}) to access this resource");
        return Err(Refusal::new(StatusCode::FORBIDDEN, "forbidden", message));
    }
    let body = parse_body(request)?;
    handler(&mut Exchange {
        store,
        now,
        request,
        segments,
        body,
        settings,
    })
}

fn route(method: &str, segments: &[String]) -> Option<Route> {
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    Some(match (method, path.as_slice()) {
        ("GET", ["me"]) => Route("read_admins", me::show),
        ("GET", ["admins"]) => Route("read_admins", me::admins),
        ("GET", ["contacts"]) => Route("read_users", contacts::list),
        ("POST", ["contacts"]) => Route("write_users", contacts::create),
        ("POST", ["contacts", "search"]) => Route("read_users", contacts::search),
        ("POST", ["contacts", "merge"]) => Route("write_users", contacts::merge),
        ("GET", ["contacts", "find_by_external_id", _]) => {
            Route("read_users", contacts::find_by_external_id)
        }
        ("GET", ["contacts", _]) => Route("read_users", contacts::show),
        ("PUT", ["contacts", _]) => Route("write_users", contacts::update),
        ("DELETE", ["contacts", _]) => Route("write_users", contacts::delete),
        ("POST", ["contacts", _, "archive"]) => Route("write_users", contacts::archive),
        ("POST", ["contacts", _, "unarchive"]) => Route("write_users", contacts::unarchive),
        ("GET", ["contacts", _, "tags"]) => Route("read_tags", contacts::tags),
        ("POST", ["contacts", _, "tags"]) => Route("write_tags", contacts::tag),
        ("GET", ["conversations"]) => Route("read_conversations", conversations::list),
        ("POST", ["conversations"]) => Route("write_conversations", conversations::create),
        ("POST", ["conversations", "search"]) => Route("read_conversations", conversations::search),
        ("GET", ["conversations", _]) => Route("read_conversations", conversations::show),
        ("PUT", ["conversations", _]) => Route("write_conversations", conversations::update),
        ("POST", ["conversations", _, "reply" | "parts"]) => {
            Route("write_conversations", conversations::reply)
        }
        ("GET", ["articles"]) => Route("read_articles", articles::list),
        ("POST", ["articles"]) => Route("write_articles", articles::create),
        ("GET", ["articles", _]) => Route("read_articles", articles::show),
        ("PUT", ["articles", _]) => Route("write_articles", articles::update),
        ("DELETE", ["articles", _]) => Route("write_articles", articles::delete),
        ("POST", ["messages"]) => Route("write_conversations", messages::create),
        ("POST", ["events"]) => Route("write_events", messages::event),
        ("POST", ["export", "content", "data"]) => Route("read_conversations", exports::start),
        ("GET", ["export", "content", "data", _]) => Route("read_conversations", exports::show),
        ("GET", ["download", "content", "data", _]) => {
            Route("read_conversations", exports::download)
        }
        ("GET", ["tags"]) => Route("read_tags", tags::list),
        ("POST", ["tags"]) => Route("write_tags", tags::upsert),
        ("GET", ["companies"]) | ("POST", ["companies", "list"]) => {
            Route("read_companies", companies::list)
        }
        ("GET", ["companies", "scroll"]) => Route("read_companies", companies::scroll),
        ("POST", ["companies"]) => Route("write_companies", companies::upsert),
        ("GET", ["companies", _]) => Route("read_companies", companies::show),
        _ => return None,
    })
}

/// Parses the body as a JSON object. A missing body counts as an empty object.
fn parse_body(request: &Request) -> Result<Map<String, Value>, Refusal> {
    if request.body.is_empty() || request.method == http::Method::GET {
        return Ok(Map::new());
    }
    match serde_json::from_slice(&request.body) {
        Ok(Value::Object(body)) => Ok(body),
        Ok(_) => Err(Refusal::bad_request(
            "parameter_invalid",
            "The request body must be a JSON object",
        )),
        Err(_) => Err(Refusal::bad_request(
            "parameter_invalid",
            "The request body is not valid JSON",
        )),
    }
}

impl Exchange<'_> {
    /// Returns the second segment of the path: the id, in all routes that have one.
    fn id(&self) -> &str {
        self.segment(1)
    }

    fn segment(&self, index: usize) -> &str {
        self.segments
            .get(index)
            .map(String::as_str)
            .unwrap_or_default()
    }

    /// Returns a field of the body if it is a non-empty string.
    fn text(&self, field: &str) -> Option<&str> {
        text(&self.body, field)
    }

    fn required(&self, field: &str) -> Result<&str, Refusal> {
        self.text(field)
            .ok_or_else(|| Refusal::missing(format!("{field} not specified")))
    }
}

fn text<'a>(object: &'a Map<String, Value>, field: &str) -> Option<&'a str> {
    object
        .get(field)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}
