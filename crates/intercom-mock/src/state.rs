//! The whole server without its sockets: a request goes in, and what to send comes out.

use std::collections::VecDeque;
use std::time::{Duration, UNIX_EPOCH};

use http::header::{CONTENT_ENCODING, DATE};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::answer::{Answer, REQUEST_ID, Refusal, VERSION};
use crate::body::{Gzip, Part, insert_at};
use crate::clock::{Clock, Now};
use crate::gate;
use crate::rate_limit::{LIMIT, Meter, REMAINING, RESET};
use crate::record::Recorded;
use crate::request::Request;
use crate::routes;
use crate::script::{Content, Ending, Scripted, Scripts};
use crate::settings::Settings;
use crate::status_page;
use crate::store::Store;

/// What one padding part repeats.
const BLANKS: &[u8] = &[b' '; 64 << 10];

/// The whole server without its sockets.
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

/// What to send, and after how long.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) delay: Duration,
    /// `None` closes the connection.
    pub(crate) message: Option<Message>,
}

/// An answer as it goes out.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) parts: VecDeque<Part>,
    /// The length announced in the head; `None` sends chunks.
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

    /// Answers one request and records it.
    pub(crate) fn answer(&mut self, request: Request) -> Reply {
        let now = self.clock.now();
        let request_id = self.store.ids.request();
        let reply = match self.scripts.take(&request.method, &request.path) {
            Some(scripted) => self.play(scripted, &request, now, &request_id),
            None => Reply {
                delay: Duration::ZERO,
                message: Some(Message::whole(self.normal(&request, now, &request_id))),
            },
        };
        if !self.settings.keeps_requests {
            return reply;
        }
        self.records.push(Recorded {
            method: request.method,
            path: request.path,
            query: request.query,
            headers: request.headers,
            body: request.body,
            at: now.at,
            server_time: now.unix,
            status: reply
                .message
                .as_ref()
                .map(|message| message.status.as_u16()),
            request_id,
        });
        reply
    }

    /// The answer without a script, complete with its headers.
    fn normal(&mut self, request: &Request, now: Now, request_id: &str) -> Answer {
        let mut answer =
            if let Some(page) = status_page::answer(&self.settings.service, &request.path) {
                page
            } else if self.settings.api_down {
                Answer::edge(StatusCode::SERVICE_UNAVAILABLE)
            } else if request.too_long {
                Answer::edge(StatusCode::PAYLOAD_TOO_LARGE)
            } else {
                self.api(request, now, request_id)
            };
        sign(&mut answer.headers, now, request_id);
        answer
    }

    fn api(&mut self, request: &Request, now: Now, request_id: &str) -> Answer {
        if !gate::is_authorised(request, &self.settings.token) {
            let mut answer = Refusal::new(
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "Access Token Invalid",
            )
            .answer(request_id);
            answer.headers.insert(VERSION, gate::version(request));
            return answer;
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
            None => gate::admit(request)
                .and_then(|()| routes::answer(&mut self.store, &self.settings, now, request)),
        };
        let mut answer = outcome.unwrap_or_else(|refusal| refusal.answer(request_id));
        reading.write(&mut answer.headers);
        answer.headers.insert(VERSION, gate::version(request));
        answer
    }

    fn play(&mut self, scripted: Scripted, request: &Request, now: Now, request_id: &str) -> Reply {
        let worked = scripted.work.then(|| self.normal(request, now, request_id));
        if scripted.ending == Ending::Silence {
            return Reply {
                delay: scripted.delay,
                message: None,
            };
        }
        let mut answer = match &scripted.content {
            Content::Normal => worked.unwrap_or_else(|| Answer::empty(StatusCode::OK)),
            Content::Fixed(status, body) => Answer {
                status: *status,
                headers: HeaderMap::new(),
                body: body.clone(),
            },
            Content::Refused(refusal) => refusal.answer(request_id),
        };
        sign(&mut answer.headers, now, request_id);
        if let Some(limit) = scripted.rate_limit {
            let whole = limit.reset_in.as_secs() + u64::from(limit.reset_in.subsec_nanos() > 0);
            answer.headers.insert(LIMIT, HeaderValue::from(limit.limit));
            answer
                .headers
                .insert(REMAINING, HeaderValue::from(limit.remaining));
            answer.headers.insert(
                RESET,
                HeaderValue::from(now.seconds().saturating_add(whole)),
            );
        }
        for name in scripted.headers.keys().chain(&scripted.left_out) {
            answer.headers.remove(name);
        }
        answer.headers.extend(scripted.headers.clone());
        Reply {
            delay: scripted.delay,
            message: Some(Message::faulty(answer, &scripted)),
        }
    }
}

/// Adds what every answer carries: the server's time and the request's id.
fn sign(headers: &mut HeaderMap, now: Now, request_id: &str) {
    // The formatter ends with the year 9999 and panics beyond it.
    let date = httpdate::fmt_http_date(
        UNIX_EPOCH + Duration::from_secs(now.seconds().min(253_402_300_799)),
    );
    for (name, value) in [(DATE, date.as_str()), (REQUEST_ID, request_id)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}

impl Message {
    fn whole(answer: Answer) -> Self {
        let announced = Some(answer.body.len() as u64);
        Self {
            status: answer.status,
            headers: answer.headers,
            parts: VecDeque::from([Part::Send(answer.body)]),
            announced,
        }
    }

    fn faulty(answer: Answer, scripted: &Scripted) -> Self {
        let blanks = scripted.padded_to.saturating_sub(answer.body.len() as u64);
        let Answer {
            status,
            mut headers,
            body,
        } = answer;
        let mut parts = if scripted.gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            Gzip::new(&body, blanks).into_parts()
        } else {
            let size = BLANKS.len() as u64;
            let rest = usize::try_from(blanks % size)
                .ok()
                .and_then(|rest| BLANKS.get(..rest))
                .unwrap_or_default();
            let blanks = Part::Repeat(BLANKS.into(), blanks / size);
            VecDeque::from([Part::Send(body), blanks, Part::Send(rest.into())])
        };
        let length: u64 = parts.iter().map(Part::length).sum();
        if !scripted.body_delay.is_zero() {
            parts = insert_at(parts, length / 2, Part::Pause(scripted.body_delay));
        }
        match scripted.ending {
            Ending::Half => parts = insert_at(parts, length / 2, Part::Break),
            Ending::After(bytes) => parts = insert_at(parts, bytes, Part::Break),
            Ending::Silence | Ending::Whole => {}
        }
        // A body that is to be cut although it is empty has to announce something that does not come.
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
