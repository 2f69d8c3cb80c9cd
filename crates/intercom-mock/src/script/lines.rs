//! Reads scripts in JSON, with one response on each line.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, TRANSFER_ENCODING};
use http::{Method, StatusCode};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Entry, ScriptError, Scripted, Scripts};

/// The default `X-RateLimit-Limit` of a line with `reset_in`: the share of 1,000 requests a minute in 10 seconds.
const LIMIT: u32 = 167;

/// The members of a line. Unknown ones are errors, because a fault with a misspelt `times` would occur only once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    method: Option<String>,
    path: Option<String>,
    #[serde(default, deserialize_with = "some")]
    times: Option<Times>,
    for_ms: Option<u64>,
    answer: Option<Action>,
    status: Option<u16>,
    code: Option<String>,
    message: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, Value>,
    body: Option<Box<RawValue>>,
    #[serde(default)]
    work: bool,
    reset_in: Option<u64>,
    delay_ms: Option<u64>,
    body_delay_ms: Option<u64>,
    truncate_after: Option<u64>,
    #[serde(default)]
    gzip: bool,
    #[serde(default)]
    chunked: bool,
    oversized: Option<u64>,
}

/// What the server does, unless the line defines the response.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Normal,
    CloseBefore,
    CloseDuring,
    CloseAfterWork,
    Captcha,
    Challenge,
    BlockPage,
    ProxyLogin,
}

#[derive(Clone, Copy)]
enum Times {
    Always,
    Count(u64),
}

/// Parses a script. Skips blank lines.
pub(crate) fn parse(lines: &str) -> Result<Scripts, ScriptError> {
    let mut scripts = Scripts::default();
    let lines = lines.strip_prefix('\u{feff}').unwrap_or(lines);
    for (text, number) in lines.lines().map(str::trim).zip(1..) {
        if !text.is_empty() {
            add(text, &mut scripts).map_err(|reason| ScriptError::new(number, reason))?;
        }
    }
    Ok(scripts)
}

fn add(text: &str, scripts: &mut Scripts) -> Result<(), String> {
    if !text.starts_with('{') {
        return Err("not a JSON object; a script has one object on each line".to_owned());
    }
    let line: Line = serde_json::from_str(text).map_err(|error| reason(&error))?;
    let (method, path, response) = (line.method()?, line.path()?, line.scripted()?);
    let entry = match (line.times, line.for_ms) {
        (Some(_), Some(_)) => {
            return Err("times and for_ms cannot be combined; remove one of them".to_owned());
        }
        (None, Some(millis)) => Entry::lasting(response, Duration::from_millis(millis)),
        (None, None) => Entry::once(response),
        (Some(Times::Always), None) => Entry::always(response),
        (Some(Times::Count(times)), None) => Entry::times(response, times),
    };
    scripts.add(method, path, [entry]);
    Ok(())
}

/// Returns what is wrong with a line and at which column. The caller adds the line number.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text
        .rsplit_once(" at line ")
        .map_or(&*text, |(what, _)| what);
    let hint = if error.is_eof() {
        "; the whole object must be on this line"
    } else {
        ""
    };
    format!("{what} at column {}{hint}", error.column())
}

impl Line {
    fn method(&self) -> Result<Option<Method>, String> {
        let parsed = self.method.as_ref().map(|name| {
            Method::from_bytes(name.to_ascii_uppercase().as_bytes())
                .map_err(|_| format!("invalid method {name:?}; use a method like GET or POST"))
        });
        parsed.transpose()
    }

    /// Fails for a path that no request can match.
    fn path(&self) -> Result<&str, String> {
        let path = self.path.as_deref().unwrap_or("*");
        let plain = path.strip_suffix('*').unwrap_or(path);
        if plain.contains('*') {
            return Err(format!(
                "{path:?} has a * before the end; a * is a wildcard only at the end"
            ));
        }
        if plain.contains(['?', '#']) {
            return Err(format!(
                "{path:?} has a query or a fragment; leave it out, because paths are compared without it"
            ));
        }
        if !plain.starts_with('/') && path != "*" {
            return Err(format!(
                "invalid path {path:?}; use a path like /contacts or /contacts/*"
            ));
        }
        Ok(path)
    }

    fn scripted(&self) -> Result<Scripted, String> {
        let mut response = match (self.answer, self.status) {
            (Some(action), _) => self.with_action(action)?,
            (None, Some(status)) => self.with_status(status)?,
            (None, None) => {
                return Err(
                    "status and answer are missing; set a status, or set answer to normal, close_before, \
                            close_during, close_after_work, captcha, challenge, block_page or proxy_login"
                        .to_owned(),
                );
            }
        };
        if let Some(seconds) = self.reset_in {
            response = response.rate_limit_headers(LIMIT, 0, Duration::from_secs(seconds));
        }
        for (name, value) in &self.headers {
            response = header(response, name, value)?;
        }
        response.work |= self.work;
        response.delay = Duration::from_millis(self.delay_ms.unwrap_or_default());
        response.body_delay = Duration::from_millis(self.body_delay_ms.unwrap_or_default());
        (response.gzip, response.chunked) = (self.gzip, self.chunked);
        response.padded_to = self.oversized.unwrap_or_default();
        Ok(match self.truncate_after {
            Some(bytes) => response.truncate_after(bytes),
            None => response,
        })
    }

    /// Returns a normal response, a closed connection, or the response of a firewall or proxy.
    fn with_action(&self, action: Action) -> Result<Scripted, String> {
        let (name, conflicting, response) = match action {
            Action::Normal => ("normal", 5, Scripted::normal()),
            Action::CloseDuring => ("close_during", 6, Scripted::close_during()),
            Action::CloseBefore => ("close_before", 12, Scripted::close_before()),
            Action::CloseAfterWork => ("close_after_work", 12, Scripted::close_after_work()),
            Action::Captcha => ("captcha", 5, Scripted::captcha()),
            Action::Challenge => ("challenge", 5, Scripted::challenge()),
            Action::BlockPage => ("block_page", 5, Scripted::block_page()),
            Action::ProxyLogin => ("proxy_login", 5, Scripted::proxy_login()),
        };
        let mut members = self.response_members().into_iter().take(conflicting);
        match members.find(|(_, is_set)| *is_set) {
            Some((member, _)) => Err(format!(
                "{member} cannot be combined with answer {name:?}; remove one of them"
            )),
            None => Ok(response),
        }
    }

    /// The members that change a response, and whether each is set. Those that define the response come first, then the one
    /// that truncates it, then the rest.
    fn response_members(&self) -> [(&'static str, bool); 12] {
        [
            ("status", self.status.is_some()),
            ("code", self.code.is_some()),
            ("message", self.message.is_some()),
            ("body", self.body.is_some()),
            ("work", self.work),
            ("truncate_after", self.truncate_after.is_some()),
            ("headers", !self.headers.is_empty()),
            ("reset_in", self.reset_in.is_some()),
            ("body_delay_ms", self.body_delay_ms.is_some()),
            ("gzip", self.gzip),
            ("chunked", self.chunked),
            ("oversized", self.oversized.is_some()),
        ]
    }

    /// Returns a response that the line defines.
    fn with_status(&self, status: u16) -> Result<Scripted, String> {
        if !(200..=999).contains(&status) || StatusCode::from_u16(status).is_err() {
            return Err(format!("status {status} is not between 200 and 999"));
        }
        match (&self.code, &self.message, &self.body) {
            (None, Some(_), _) => Err("message is set without code; set both".to_owned()),
            (Some(_), _, Some(_)) => {
                Err("code and body cannot be combined; remove one of them".to_owned())
            }
            (Some(code), message, None) => {
                let message = message.as_deref().unwrap_or(code);
                Ok(Scripted::error(status, code, message))
            }
            (None, None, Some(body)) => self.with_body(Scripted::status(status), body.get()),
            (None, None, None) => Ok(Scripted::status(status)),
        }
    }

    /// Adds the body: a string as raw text, other JSON exactly as written.
    fn with_body(&self, response: Scripted, json: &str) -> Result<Scripted, String> {
        if json.starts_with('"') {
            let text: String = serde_json::from_str(json).map_err(|error| reason(&error))?;
            return Ok(response.body(text));
        }
        let response = response.body(json.to_owned());
        let mut names = self.headers.keys();
        Ok(if names.any(|name| CONTENT_TYPE == **name) {
            response
        } else {
            response.header(CONTENT_TYPE.as_str(), "application/json; charset=utf-8")
        })
    }
}

/// Adds a header. `null` leaves it out, and a list sends it several times.
fn header(response: Scripted, name: &str, value: &Value) -> Result<Scripted, String> {
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| format!("invalid header name {name:?}"))?;
    if parsed == CONTENT_LENGTH || parsed == TRANSFER_ENCODING {
        return Err(format!(
            "the server sets {name}; use truncate_after or chunked to change how the body is sent"
        ));
    }
    match value {
        Value::Null => Ok(response.without_header(name)),
        Value::Array(values) if values.iter().all(|value| !value.is_array()) => values
            .iter()
            .try_fold(response, |response, value| header(response, name, value)),
        Value::Array(_) | Value::Object(_) => Err(format!(
            "the header {name} must be a string, a number, a boolean, null, or a list of these"
        )),
        Value::String(text) if HeaderValue::from_bytes(text.as_bytes()).is_err() => Err(format!(
            "the value of the header {name} has a character that HTTP does not allow"
        )),
        Value::String(text) => Ok(response.header(name, text)),
        Value::Number(_) | Value::Bool(_) => Ok(response.header(name, &value.to_string())),
    }
}

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimesVisitor)
    }
}

/// Unlike an `Option`, rejects `null`.
fn some<'de, D: Deserializer<'de>>(times: D) -> Result<Option<Times>, D::Error> {
    Times::deserialize(times).map(Some)
}

struct TimesVisitor;

impl Visitor<'_> for TimesVisitor {
    type Value = Times;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a positive number or \"always\" for times")
    }

    fn visit_u64<E: Error>(self, times: u64) -> Result<Times, E> {
        match times {
            0 => Err(E::invalid_value(Unexpected::Unsigned(0), &self)),
            times => Ok(Times::Count(times)),
        }
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Times, E> {
        match word {
            "always" => Ok(Times::Always),
            other => Err(E::invalid_value(Unexpected::Str(other), &self)),
        }
    }
}
