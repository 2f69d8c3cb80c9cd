//! Scripts in JSON, one answer a line: for programs in any language.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, TRANSFER_ENCODING};
use http::{Method, StatusCode};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{ScriptError, Scripted, Scripts, Turn};

/// What the rate-limit headers of a scripted refusal say, unless they are set: the share of 1,000 a minute in 10 s.
const LIMIT: u32 = 167;

/// The members of a line. An unknown one is refused: a misspelt `times` would be a fault that comes once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    method: Option<String>,
    path: Option<String>,
    #[serde(default)]
    times: Times,
    answer: Option<Start>,
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

/// What happens where it is not an answer of the script's own.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Start {
    Normal,
    CloseBefore,
    CloseDuring,
    CloseAfterWork,
}

enum Times {
    Always,
    So(u64),
}

/// Reads a script; blank lines are passed over.
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
        return Err("not a JSON object; a script is one object a line".to_owned());
    }
    let line: Line = serde_json::from_str(text).map_err(|error| broken(&error))?;
    let (method, path, answer) = (line.method()?, line.path()?, line.scripted()?);
    let turn = match line.times {
        Times::Always => Turn::always(answer),
        Times::So(times) => Turn::times(answer, times),
    };
    scripts.add(method, path, [turn]);
    Ok(())
}

/// What is wrong with a line, and at which column: its number is known.
fn broken(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text
        .rsplit_once(" at line ")
        .map_or(&*text, |(what, _)| what);
    let hint = if error.is_eof() {
        "; the whole object has to stand on this line"
    } else {
        ""
    };
    format!("{what} at column {}{hint}", error.column())
}

impl Line {
    fn method(&self) -> Result<Option<Method>, String> {
        let parsed = self.method.as_ref().map(|name| {
            Method::from_bytes(name.to_ascii_uppercase().as_bytes())
                .map_err(|_| format!("{name:?} is not a method, such as GET or POST"))
        });
        parsed.transpose()
    }

    /// What could never be met is refused.
    fn path(&self) -> Result<&str, String> {
        let path = self.path.as_deref().unwrap_or("*");
        let plain = path.strip_suffix('*').unwrap_or(path);
        if plain.contains('*') {
            return Err(format!(
                "{path:?} has a * before its end; only there one stands for anything"
            ));
        }
        if plain.contains(['?', '#']) {
            return Err(format!(
                "{path:?} has a query; paths are compared without it"
            ));
        }
        if !plain.starts_with('/') && path != "*" {
            return Err(format!(
                "{path:?} is not a path, such as /contacts or /contacts/*"
            ));
        }
        Ok(path)
    }

    fn scripted(&self) -> Result<Scripted, String> {
        let mut answer = match (self.answer, self.status) {
            (Some(start), _) => self.started(start)?,
            (None, Some(status)) => self.said(status)?,
            (None, None) => {
                return Err(
                    "nothing says what happens; give a status, or an answer: normal, \
                            close_before, close_during or close_after_work"
                        .to_owned(),
                );
            }
        };
        if let Some(seconds) = self.reset_in {
            answer = answer.rate_limit_headers(LIMIT, 0, Duration::from_secs(seconds));
        }
        for (name, value) in &self.headers {
            answer = header(answer, name, value)?;
        }
        answer.work |= self.work;
        answer.delay = Duration::from_millis(self.delay_ms.unwrap_or_default());
        answer.body_delay = Duration::from_millis(self.body_delay_ms.unwrap_or_default());
        (answer.gzip, answer.chunked) = (self.gzip, self.chunked);
        answer.padded_to = self.oversized.unwrap_or_default();
        Ok(match self.truncate_after {
            Some(bytes) => answer.truncate_after(bytes),
            None => answer,
        })
    }

    /// The server's answer, or a connection closed.
    fn started(&self, start: Start) -> Result<Scripted, String> {
        let (name, unfit, answer) = match start {
            Start::Normal => ("normal", 5, Scripted::normal()),
            Start::CloseDuring => ("close_during", 6, Scripted::close_during()),
            Start::CloseBefore => ("close_before", 12, Scripted::close_before()),
            Start::CloseAfterWork => ("close_after_work", 12, Scripted::close_after_work()),
        };
        let mut shaping = self.shaping().into_iter().take(unfit);
        match shaping.find(|(_, given)| *given) {
            Some((member, _)) => Err(format!(
                "{member} cannot stand with the answer {name}; give one of them"
            )),
            None => Ok(answer),
        }
    }

    /// What shapes an answer, and whether it is given: first what makes it one of the script's own, then what cuts it,
    /// then the rest.
    fn shaping(&self) -> [(&'static str, bool); 12] {
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

    /// An answer of the script's own.
    fn said(&self, status: u16) -> Result<Scripted, String> {
        if !(200..=999).contains(&status) || StatusCode::from_u16(status).is_err() {
            return Err(format!("the status {status} is not between 200 and 999"));
        }
        match (&self.code, &self.message, &self.body) {
            (None, Some(_), _) => Err("a message needs a code".to_owned()),
            (Some(_), _, Some(_)) => {
                Err("both code and body are given; give one of them".to_owned())
            }
            (Some(code), message, None) => {
                let message = message.as_deref().unwrap_or(code);
                Ok(Scripted::error(status, code, message))
            }
            (None, None, Some(body)) => self.with_body(Scripted::status(status), body.get()),
            (None, None, None) => Ok(Scripted::status(status)),
        }
    }

    /// Text is sent as it is, JSON as it is written.
    fn with_body(&self, answer: Scripted, json: &str) -> Result<Scripted, String> {
        if json.starts_with('"') {
            let text: String = serde_json::from_str(json).map_err(|error| broken(&error))?;
            return Ok(answer.body(text));
        }
        let answer = answer.body(json.to_owned());
        let mut names = self.headers.keys();
        Ok(if names.any(|name| CONTENT_TYPE == **name) {
            answer
        } else {
            answer.header(CONTENT_TYPE.as_str(), "application/json; charset=utf-8")
        })
    }
}

/// `null` leaves a header out, a list sends it several times; numbers may stand without quotes.
fn header(answer: Scripted, name: &str, value: &Value) -> Result<Scripted, String> {
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| format!("{name:?} is not the name of a header"))?;
    if parsed == CONTENT_LENGTH || parsed == TRANSFER_ENCODING {
        return Err(format!(
            "{name} is set by the server; truncate_after and chunked change how the body is sent"
        ));
    }
    match value {
        Value::Null => Ok(answer.without_header(name)),
        Value::Array(values) if values.iter().all(|value| !value.is_array()) => values
            .iter()
            .try_fold(answer, |answer, value| header(answer, name, value)),
        Value::Array(_) | Value::Object(_) => Err(format!(
            "the header {name} is neither text nor a list of texts"
        )),
        Value::String(text) if HeaderValue::from_bytes(text.as_bytes()).is_err() => Err(format!(
            "the header {name} has a character that HTTP does not allow"
        )),
        Value::String(text) => Ok(answer.header(name, text)),
        Value::Number(_) | Value::Bool(_) => Ok(answer.header(name, &value.to_string())),
    }
}

impl Default for Times {
    fn default() -> Self {
        Self::So(1)
    }
}

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimesVisitor)
    }
}

struct TimesVisitor;

impl Visitor<'_> for TimesVisitor {
    type Value = Times;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number from 1, or \"always\", as times")
    }

    fn visit_u64<E: Error>(self, times: u64) -> Result<Times, E> {
        match times {
            0 => Err(E::invalid_value(Unexpected::Unsigned(0), &self)),
            times => Ok(Times::So(times)),
        }
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Times, E> {
        match word {
            "always" => Ok(Times::Always),
            other => Err(E::invalid_value(Unexpected::Str(other), &self)),
        }
    }
}
