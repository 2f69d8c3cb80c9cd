//! The explanation of an error, which every command prints with `--json`.

use std::time::Duration;

use intercom_errors::{Action, CATALOG, Category, Entry, FilledFix, RequestLine, RequestPath};
use intercom_protocol::{
    ApiError, ApiRequest, Class, Error, ErrorItem, ErrorKind, Fault, FaultKind, Hint, RateLimit,
    Replay, Resend, UnixTime, replay_of, replay_row,
};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{clock, error, json};

/// An error, and what is known about its request.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) error: ApiError,
    /// Whether the headers are unknown: the input was only a status, a code or a body.
    pub(crate) headless: bool,
    /// Why no response arrived. If set, `error` is empty.
    pub(crate) fault: Option<Fault>,
    /// `None` for a code that no source shows with a status.
    pub(crate) status: Option<u16>,
    /// The time of the response.
    pub(crate) wall: Option<UnixTime>,
    pub(crate) request: Option<Request>,
    /// Whether an earlier attempt may have been applied, whatever happened to this one.
    pub(crate) maybe_applied: bool,
}

impl Case {
    /// Classifies the response or fault.
    pub(crate) fn class(&self) -> Class {
        let fault = self.fault.as_ref();
        let class = fault.map_or_else(|| self.error.class(), Fault::class);
        let resend = match self.maybe_applied {
            true => class.resend().min(Resend::IfReplayable),
            false => class.resend(),
        };
        Class::new(class.category(), resend, class.action())
    }

    /// When the server said to come back.
    pub(crate) fn hint(&self) -> Option<Hint> {
        self.error.hint(self.wall)
    }
}

/// The request that failed, as far as it matters for a retry.
#[derive(Debug)]
pub(crate) struct Request {
    method: http::Method,
    path: String,
    query: String,
    replay: Replay,
    /// The member that makes a body safe to retry, if the body is unknown.
    key: Option<&'static str>,
}

impl Request {
    /// The path may have a query or be a whole URL.
    pub(crate) fn new(method: &http::Method, path: Option<&str>) -> Self {
        let target = path.unwrap_or_default();
        let (_, query) = target.split_once('?').unwrap_or_default();
        let path = RequestPath::of_target(target);
        let key = replay_row(method, path.as_str()).and_then(|row| row.key);
        Self {
            method: method.clone(),
            path: path.as_str().to_owned(),
            query: query.to_owned(),
            replay: match key {
                Some(_) => Replay::No,
                None => replay_of(method, path.as_str()),
            },
            key,
        }
    }

    /// Parses the response to this request.
    pub(crate) fn error<'h>(
        request: Option<&Self>,
        status: u16,
        headers: impl Iterator<Item = (&'h str, &'h [u8])>,
        body: &[u8],
    ) -> ApiError {
        match request {
            Some(Self {
                method,
                path,
                query,
                ..
            }) => {
                let line = RequestLine::new(method.as_str(), path).with_query(query);
                ApiError::from_parts_to(&line, status, headers, body)
            }
            None => ApiError::from_parts(status, headers, body),
        }
    }

    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
            .trim_end()
            .to_owned()
    }

    pub(crate) const fn replay(&self) -> Replay {
        self.replay
    }

    pub(crate) const fn key(&self) -> Option<&'static str> {
        self.key
    }

    /// Whether the path is needed to decide about a retry.
    pub(crate) fn lacks_path(&self) -> bool {
        self.path.is_empty() && self.replay == Replay::No
    }
}

impl From<&ApiRequest> for Request {
    fn from(request: &ApiRequest) -> Self {
        Self {
            method: request.method().clone(),
            path: request.path().to_owned(),
            query: String::new(),
            replay: request.replay(),
            key: None,
        }
    }
}

/// The JSON document.
#[derive(Debug, Serialize)]
pub(crate) struct Explanation {
    status: Option<u16>,
    code: Option<String>,
    message: Option<String>,
    request_id: Option<String>,
    category: Option<&'static str>,
    resend: Option<&'static str>,
    action: Option<&'static str>,
    errors: Vec<Item>,
    existing_contact: Option<Existing>,
    merged_into: Option<String>,
    rate_limit: Option<Limits>,
    wait_ms: Option<u64>,
    body: &'static str,
    answered_by: Option<&'static str>,
    #[serde(flatten)]
    advice: Option<Advice>,
}

#[derive(Debug, Serialize)]
struct Item {
    code: Option<String>,
    message: Option<String>,
    field: Option<String>,
    data: Option<Box<RawValue>>,
}

#[derive(Debug, Serialize)]
struct Existing {
    id: String,
    archived: bool,
}

/// The quota in a document.
#[derive(Debug, Serialize)]
pub(crate) struct Limits {
    limit: Option<u32>,
    remaining: Option<u32>,
    reset_at: Option<u64>,
}

/// The part in words; left out by `explain --lines`, which prints many explanations.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Advice {
    pub(crate) meaning: Option<&'static str>,
    pub(crate) causes: &'static [&'static str],
    pub(crate) fixes: Vec<String>,
    replay: Option<&'static str>,
}

impl Explanation {
    /// The full explanation.
    pub(crate) fn of(case: &Case) -> Self {
        Self {
            advice: Some(Advice::of(case)),
            ..Self::short(case)
        }
    }

    /// The explanation without advice.
    pub(crate) fn short(case: &Case) -> Self {
        let api = &case.error;
        let class = case.class();
        let hint = case.hint();
        Self {
            status: case.status,
            code: api.code().map(ToString::to_string),
            message: match &case.fault {
                Some(fault) => Some(fault.to_string()),
                None => owned(api.message()),
            },
            request_id: owned(api.request_id()),
            errors: api.errors().iter().map(Item::of).collect(),
            existing_contact: api.existing_contact().map(|contact| Existing {
                id: contact.id().to_owned(),
                archived: contact.is_archived(),
            }),
            merged_into: owned(api.merged_into()),
            rate_limit: Limits::of(api.rate_limit()),
            wait_ms: hint.map(|hint| millis(hint.wait())),
            body: api.body().kind().as_str(),
            answered_by: case.fault.is_none().then(|| api.answered_by().as_str()),
            ..Self::classed(Some(class))
        }
    }

    /// Explains the error of a call or flow. For a flow, the request is unknown.
    pub(crate) fn of_error(error: &Error, request: Option<Request>) -> Self {
        match (error.kind(), error.api()) {
            (ErrorKind::Api | ErrorKind::MaybeApplied, Some(api)) => Self::of(&Case {
                status: Some(api.status()),
                error: api.clone(),
                headless: false,
                fault: None,
                wall: clock::wall(),
                request,
                maybe_applied: false,
            }),
            (ErrorKind::Invalid, _) => Self {
                message: owned(error.message()),
                code: error.code().map(ToString::to_string),
                errors: error.errors().iter().map(Item::of).collect(),
                ..Self::input(request.as_ref())
            },
            _ => Self {
                status: error.status().map(|status| status.as_u16()),
                code: error.code().map(ToString::to_string),
                message: Some(error::describe(error)),
                request_id: owned(error.request_id()),
                errors: error.errors().iter().map(Item::of).collect(),
                rate_limit: error.rate_limit().and_then(Limits::of),
                ..Self::without_response(error.class(), request.as_ref())
            },
        }
    }

    /// Explains a request whose outcome is unknown.
    pub(crate) fn of_unknown(message: &str, request: Option<&Request>) -> Self {
        let fault = Fault::outcome_unknown(FaultKind::Other);
        Self {
            message: Some(message.to_owned()),
            ..Self::without_response(Some(fault.class()), request)
        }
    }

    /// Explains a line that is not a request. Codes and items come from Intercom, so this explanation has none.
    pub(crate) fn of_invalid(why: &str) -> Self {
        Self {
            message: Some(format!("invalid line: {why}")),
            ..Self::input(None)
        }
    }

    /// Input that was rejected before anything was sent.
    fn input(request: Option<&Request>) -> Self {
        Self {
            category: Some("validation"),
            resend: Some("never"),
            action: Some("fix_input"),
            ..Self::without_response(None, request)
        }
    }

    /// A failure without a response, of which only the class is known.
    fn without_response(class: Option<Class>, request: Option<&Request>) -> Self {
        Self {
            advice: Some(Advice::new(class, None, None, request)),
            ..Self::classed(class)
        }
    }

    fn classed(class: Option<Class>) -> Self {
        Self {
            status: None,
            code: None,
            message: None,
            request_id: None,
            category: class.map(|class| class.category().as_str()),
            resend: class.map(|class| class.resend().as_str()),
            action: class.map(|class| class.action().as_str()),
            errors: Vec::new(),
            existing_contact: None,
            merged_into: None,
            rate_limit: None,
            wait_ms: None,
            body: "empty",
            answered_by: None,
            advice: None,
        }
    }

    /// The key that `explain --lines` counts by.
    pub(crate) fn key(&self) -> [String; 4] {
        let word = |word: Option<&'static str>| word.unwrap_or("-").to_owned();
        [
            word(self.category),
            self.code.clone().unwrap_or_else(|| "-".to_owned()),
            word(self.resend),
            word(self.action),
        ]
    }
}

impl Item {
    fn of(item: &ErrorItem) -> Self {
        Self {
            code: item.code().map(ToString::to_string),
            message: owned(item.message()),
            field: owned(item.field()),
            data: item
                .data()
                .and_then(|data| json::value_or_text(data.as_bytes())),
        }
    }
}

impl Limits {
    pub(crate) fn of(limit: RateLimit) -> Option<Self> {
        (!limit.is_empty()).then(|| Self {
            limit: limit.limit(),
            remaining: limit.remaining(),
            reset_at: limit.reset().map(UnixTime::as_secs),
        })
    }
}

impl Advice {
    pub(crate) fn of(case: &Case) -> Self {
        let error = case.fault.is_none().then_some(&case.error);
        Self::new(
            Some(case.class()),
            error,
            case.status,
            case.request.as_ref(),
        )
    }

    /// Advice for the code, or for category and action if message, status or request changed the class.
    fn new(
        class: Option<Class>,
        error: Option<&ApiError>,
        status: Option<u16>,
        request: Option<&Request>,
    ) -> Self {
        let replay = request.map(|request| request.replay.as_str());
        let Some(class) = class else {
            return Self {
                replay,
                ..Self::default()
            };
        };
        let entry = error.and_then(ApiError::code).and_then(Entry::of);
        let entry = entry.filter(|entry| entry.category() == class.category());
        let fitting = entry.filter(|entry| entry.action() == class.action());
        let is_known = error.is_some_and(|error| error.known_case().is_some());
        let of_code = || fitting.or_else(|| nearest(class, status));
        let (causes, fixes) = match ((!is_known).then(of_code).flatten(), error) {
            (Some(entry), _) => (entry.causes(), owned_all(entry.fixes())),
            (None, Some(error)) => (error.causes(), sentences(error.fixes())),
            (None, None) => {
                let fixes = class.action().fixes().iter();
                (
                    class.action().causes(),
                    sentences(fixes.map(|fix| fix.step())),
                )
            }
        };
        Self {
            meaning: Some(entry.map_or_else(|| class.category().meaning(), Entry::meaning)),
            causes,
            fixes,
            replay,
        }
    }
}

/// The entry to advise from if the action's advice is about a different category: one with this class, preferably with
/// this status.
fn nearest(class: Class, status: Option<u16>) -> Option<&'static Entry> {
    let about = match class.action() {
        Action::BackOff => Category::RateLimit,
        Action::FixInput => Category::Validation,
        _ => return None,
    };
    let alike =
        |entry: &&Entry| entry.category() == class.category() && entry.action() == class.action();
    let has_status =
        |entry: &&Entry| status.is_some_and(|status| entry.statuses().contains(&status));
    let entries = || {
        CATALOG
            .iter()
            .filter(alike)
            .filter(|_| about != class.category())
    };
    entries().find(has_status).or_else(|| entries().next())
}

/// The wait in milliseconds, rounded up.
pub(crate) fn millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

fn sentences<'f>(steps: impl Iterator<Item = FilledFix<'f>>) -> Vec<String> {
    steps.map(|step| step.to_string()).collect()
}

fn owned_all(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|&line| line.to_owned()).collect()
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}
