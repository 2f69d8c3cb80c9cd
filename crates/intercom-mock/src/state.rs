//! The server without its sockets: takes a request and returns what to send.

use std::collections::VecDeque;
use std::time::{Duration, UNIX_EPOCH};

use http::header::{ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_RANGE, DATE, ETAG, IF_RANGE};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::body::{Gzip, Part, insert_at, skip};
use crate::checks;
use crate::clock::{Clock, Now};
use crate::rate_limit::{LIMIT, Meter, REMAINING, RESET};
use crate::record::Recorded;
use crate::request::Request;
use crate::response::{REQUEST_ID, Refusal, Response, VERSION};
use crate::routes;
use crate::script::{Content, Ending, Scripted, Scripts};
use crate::settings::Settings;
use crate::status_page;
use crate::store::Store;

/// The chunk that padding repeats.
const SPACES: &[u8] = &[b' '; 64 << 10];

/// The server without its sockets.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) store: Store,
    pub(crate) scripts: Scripts,
    pub(crate) records: Vec<Recorded>,
    pub(crate) connections: u64,
    pub(crate) meter: Meter,
}

/// What to send, and after which delay.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) delay: Duration,
    /// `None` closes the connection without a response.
    pub(crate) message: Option<Message>,
}

/// A response as it is sent.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) parts: VecDeque<Part>,
    /// The length announced in the head. `None` sends the body in chunks.
    pub(crate) announced: Option<u64>,
}

impl State {
    pub(crate) fn new(clock: Clock, settings: Settings) -> Self {
        Self {
            clock,
            settings,
            store: Store::default(),
            scripts: Scripts::default(),
            records: Vec::new(),
            connections: 0,
            meter: Meter::default(),
        }
    }

    /// Responds to one request and records it.
    pub(crate) fn respond(&mut self, request: Request) -> Delivery {
        let now = self.clock.now();
        let request_id = self.store.ids.request();
        let delivery = match self.scripts.take(&request.method, &request.path, now.at) {
            Some(scripted) => self.run_script(scripted, &request, now, &request_id),
            None => {
                let response = self.normal(&request, now, &request_id);
                Delivery {
                    delay: response.delay,
                    message: Some(Message::whole(response)),
                }
            }
        };
        if !self.settings.keeps_requests {
            return delivery;
        }
        self.records.push(Recorded {
            method: request.method,
            path: request.path,
            query: request.query,
            headers: request.headers,
            body: request.body,
            at: now.at,
            server_time: now.unix,
            status: delivery
                .message
                .as_ref()
                .map(|message| message.status.as_u16()),
            request_id,
        });
        delivery
    }

    /// Returns the response that the request gets without a script, including all headers.
    fn normal(&mut self, request: &Request, now: Now, request_id: &str) -> Response {
        let mut response =
            if let Some(page) = status_page::respond(&self.settings.service, &request.path) {
                page
            } else if self.settings.api_down {
                Response::edge(StatusCode::SERVICE_UNAVAILABLE)
            } else if request.too_long {
                Response::edge(StatusCode::PAYLOAD_TOO_LARGE)
            } else {
                self.api(request, now, request_id)
            };
        add_common_headers(&mut response.headers, now, request_id);
        response
    }

    fn api(&mut self, request: &Request, now: Now, request_id: &str) -> Response {
        if !checks::is_authorised(request, &self.settings.token) {
            let mut response = Refusal::new(
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "Access Token Invalid",
            )
            .response(request_id);
            response.headers.insert(VERSION, checks::version(request));
            return response;
        }
        let reading = self.meter.count(&self.settings.quota, now);
        let outcome = match reading.exceeded {
            Some(limit) => {
                let message = self.settings.quota.message(limit);
                Err(Refusal::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "rate_limit_exceeded",
                    message,
                ))
            }
            None => checks::check_headers(request)
                .and_then(|()| routes::respond(&mut self.store, &self.settings, now, request)),
        };
        let mut response = outcome.unwrap_or_else(|refusal| refusal.response(request_id));
        reading.write(&mut response.headers);
        response.headers.insert(VERSION, checks::version(request));
        response
    }

    fn run_script(
        &mut self,
        scripted: Scripted,
        request: &Request,
        now: Now,
        request_id: &str,
    ) -> Delivery {
        let normal = scripted.work.then(|| self.normal(request, now, request_id));
        if scripted.ending == Ending::NoResponse {
            return Delivery {
                delay: scripted.delay,
                message: None,
            };
        }
        let mut response = match &scripted.content {
            Content::Normal => normal.unwrap_or_else(|| Response::empty(StatusCode::OK)),
            Content::Fixed(status, body) => Response {
                status: *status,
                headers: HeaderMap::new(),
                body: body.clone(),
                delay: Duration::ZERO,
            },
            Content::Refused(refusal) => refusal.response(request_id),
        };
        add_common_headers(&mut response.headers, now, request_id);
        if let Some(limit) = scripted.rate_limit {
            let seconds = limit.reset_in.as_secs() + u64::from(limit.reset_in.subsec_nanos() > 0);
            response
                .headers
                .insert(LIMIT, HeaderValue::from(limit.limit));
            response
                .headers
                .insert(REMAINING, HeaderValue::from(limit.remaining));
            response.headers.insert(
                RESET,
                HeaderValue::from(now.seconds().saturating_add(seconds)),
            );
        }
        for name in scripted.headers.keys().chain(&scripted.left_out) {
            response.headers.remove(name);
        }
        response.headers.extend(scripted.headers.clone());
        Delivery {
            delay: scripted.delay,
            message: Some(Message::with_faults(response, &scripted, request)),
        }
    }
}

/// Adds the headers of every response: `Date` and the request id.
fn add_common_headers(headers: &mut HeaderMap, now: Now, request_id: &str) {
    // The formatter panics after the year 9999.
    let date = httpdate::fmt_http_date(
        UNIX_EPOCH + Duration::from_secs(now.seconds().min(253_402_300_799)),
    );
    for (name, value) in [(DATE, date.as_str()), (REQUEST_ID, request_id)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}

/// Returns from which byte on the request wants this version of a body; `None` if it wants all of it.
fn wanted_from(request: &Request, etag: &HeaderValue) -> Option<u64> {
    let range = request.header("range")?.strip_prefix("bytes=")?;
    let is_version = request
        .headers
        .get(IF_RANGE)
        .is_none_or(|version| version == etag);
    range.strip_suffix('-')?.parse().ok().filter(|_| is_version)
}

/// Returns the status and the body of the part from this byte on.
fn part_of(
    parts: VecDeque<Part>,
    from: u64,
    total: u64,
    headers: &mut HeaderMap,
) -> (StatusCode, VecDeque<Part>) {
    let (status, range, parts) = if from < total {
        let range = format!("bytes {from}-{}/{total}", total - 1);
        (StatusCode::PARTIAL_CONTENT, range, skip(parts, from))
    } else {
        let range = format!("bytes */{total}");
        (StatusCode::RANGE_NOT_SATISFIABLE, range, VecDeque::new())
    };
    // A script can lie about the range.
    if let (Ok(range), false) = (
        HeaderValue::try_from(range),
        headers.contains_key(CONTENT_RANGE),
    ) {
        headers.insert(CONTENT_RANGE, range);
    }
    (status, parts)
}

impl Message {
    fn whole(response: Response) -> Self {
        let announced = Some(response.body.len() as u64);
        Self {
            status: response.status,
            headers: response.headers,
            parts: VecDeque::from([Part::Send(response.body)]),
            announced,
        }
    }

    fn with_faults(response: Response, scripted: &Scripted, request: &Request) -> Self {
        let spaces = scripted
            .padded_to
            .saturating_sub(response.body.len() as u64);
        let Response {
            mut status,
            mut headers,
            body,
            ..
        } = response;
        let mut parts = if let Some(length) = scripted.file {
            VecDeque::from([Part::File(0, length)])
        } else if scripted.gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            Gzip::new(&body, spaces).into_parts()
        } else {
            let size = SPACES.len() as u64;
            let rest = usize::try_from(spaces % size)
                .ok()
                .and_then(|rest| SPACES.get(..rest))
                .unwrap_or_default();
            let spaces = Part::Repeat(SPACES.into(), spaces / size);
            VecDeque::from([Part::Send(body), spaces, Part::Send(rest.into())])
        };
        if let Some(etag) = &scripted.ranges {
            headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
            headers.insert(ETAG, etag.clone());
            if let Some(from) = wanted_from(request, etag) {
                let total: u64 = parts.iter().map(Part::length).sum();
                (status, parts) = part_of(parts, from, total, &mut headers);
            }
        }
        let length: u64 = parts.iter().map(Part::length).sum();
        if !scripted.body_delay.is_zero() {
            parts = insert_at(parts, length / 2, Part::Pause(scripted.body_delay));
        }
        match scripted.ending {
            Ending::Half => parts = insert_at(parts, length / 2, Part::Break),
            Ending::After(bytes) => parts = insert_at(parts, bytes, Part::Break),
            Ending::NoResponse | Ending::Whole => {}
        }
        // To cut an empty body, announce one byte that is never sent.
        let announced = if scripted.ending == Ending::Half {
            length.max(1)
        } else {
            length
        };
        Self {
            status,
            headers,
            parts,
            announced: (!scripted.chunked).then_some(announced),
        }
    }
}
