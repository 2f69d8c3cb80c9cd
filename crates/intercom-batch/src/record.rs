//! One line of the results: how it is written, and what a later run reads from it.

use intercom_protocol::{ApiError, ErrorKind, Replay, UnixTime, http};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::source::Task;
use crate::work::Carried;
use crate::{Ending, Failure, Invalid, Wording};

/// The outcome of a line.
#[derive(Debug, Serialize)]
pub(crate) struct Record {
    line: u64,
    id: Option<Box<RawValue>>,
    ok: bool,
    /// Whether the request failed and may have been applied.
    unknown: bool,
    /// Why the line is not a request.
    invalid: Option<String>,
    /// What was done to the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    /// Which of its fields were updated.
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<Vec<String>>,
    status: Option<u16>,
    body: Option<Box<RawValue>>,
    error: Option<Box<RawValue>>,
    /// How many requests this run sent for it.
    attempts: usize,
    /// Whether an earlier run had sent it, too.
    resent: bool,
    stop: Option<&'static str>,
    retry_at: Option<u64>,
}

/// The line that a record is about.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) line: u64,
    pub(crate) id: Option<Box<RawValue>>,
}

impl Record {
    fn new(subject: Subject) -> Self {
        Self {
            line: subject.line,
            id: subject.id,
            ok: false,
            unknown: false,
            invalid: None,
            outcome: None,
            updated: None,
            status: None,
            body: None,
            error: None,
            attempts: 0,
            resent: false,
            stop: None,
            retry_at: None,
        }
    }

    /// Creates the record of a line whose task was carried out. `resent` means that an earlier run had begun it, with an
    /// unknown outcome.
    pub(crate) fn sent(
        subject: Subject,
        task: &Task,
        resent: bool,
        carried: Carried,
        wording: &dyn Wording,
    ) -> Self {
        let attempts = carried.spent.attempts;
        let error = match carried.outcome {
            Ok(success) => {
                let upserted = success.upserted();
                return Self {
                    ok: true,
                    outcome: upserted.map(|it| it.change().as_str()),
                    updated: upserted.map(|it| it.fields().to_vec()),
                    status: Some(success.status()),
                    body: value_or_text(success.body()),
                    attempts,
                    resent,
                    ..Self::new(subject)
                };
            }
            Err(error) if error.kind() == ErrorKind::Invalid => {
                return Self::invalid(subject, &Invalid::request(error), wording);
            }
            Err(error) => error,
        };
        let record = Self {
            status: error.status().map(|status| status.as_u16()),
            body: error.body().and_then(value_or_text),
            attempts,
            resent,
            ..Self::new(subject)
        };
        let request = task.request();
        // The resource is gone, which is what the earlier run's request was for. Only Intercom's own errors prove it.
        if resent
            && request.is_some_and(|request| request.method() == http::Method::DELETE)
            && error.api().is_some_and(ApiError::is_gone)
        {
            return Self { ok: true, ..record };
        }
        let failure = Failure::Call {
            error: &error,
            request,
        };
        let reads = request.is_some_and(|request| request.replay() == Replay::Read);
        Self {
            // A refusal of this request does not show what happened to the earlier run's request.
            unknown: error.may_have_been_applied() || (resent && !reads),
            error: value_or_text(wording.error(&failure).as_bytes()),
            stop: error.stop().map(|stop| stop.reason().as_str()),
            retry_at: error.retry_at().map(UnixTime::as_secs_rounded_up),
            ..record
        }
    }

    /// Creates the record of a line that is not a valid request.
    pub(crate) fn invalid(subject: Subject, why: &Invalid, wording: &dyn Wording) -> Self {
        let why = wording.invalid(why);
        let error = wording.error(&Failure::Invalid(&why));
        Self {
            error: value_or_text(error.as_bytes()),
            invalid: Some(why),
            ..Self::new(subject)
        }
    }

    /// Creates the record of a write that an earlier run sent without recording the response.
    pub(crate) fn unknown(subject: Subject, task: &Task, wording: &dyn Wording) -> Self {
        let why = "an earlier run sent this request and ended before it recorded the response; \
            check whether the request was applied before sending it again";
        let request = task.request();
        let error = wording.error(&Failure::Unknown { why, request });
        Self {
            unknown: true,
            error: value_or_text(error.as_bytes()),
            ..Self::new(subject)
        }
    }

    /// Returns the record as one line, with the line break.
    pub(crate) fn to_line(&self, wording: &dyn Wording) -> String {
        // This cannot fail: a record contains only numbers, strings and valid JSON.
        let record = serde_json::to_string(self).unwrap_or_default();
        // A later run reads the line's number, so redacting must not change it.
        let (line, rest) = record.split_at(record.find(',').unwrap_or_default());
        format!("{line}{}\n", wording.redact(rest.to_owned()))
    }
}

/// What a later run reads from a record.
#[derive(Deserialize)]
struct StoredRecord {
    line: u64,
    ok: bool,
    #[serde(default)]
    unknown: bool,
    invalid: Option<IgnoredAny>,
    error: Option<StoredError>,
}

#[derive(Default, Deserialize)]
struct StoredError {
    category: Option<String>,
    action: Option<String>,
}

/// Returns the number of a record's line, and how the line ended.
pub(crate) fn read(record: &[u8]) -> Option<(u64, Ending)> {
    let stored: StoredRecord = serde_json::from_slice(record).ok()?;
    let ending = match (stored.ok, stored.unknown, &stored.invalid) {
        (true, _, _) => Ending::Ok,
        (_, true, _) => Ending::Unknown,
        (_, _, Some(_)) => Ending::Invalid,
        _ => {
            let error = stored.error.unwrap_or_default();
            let category = error.category.and_then(|category| category.parse().ok());
            let action = error.action.and_then(|action| action.parse().ok());
            Ending::of_failure(category, action)
        }
    };
    Some((stored.line, ending))
}

/// Returns the bytes as a JSON value on one line: unchanged if they are JSON, `null` if they are blank, else as a
/// string.
fn value_or_text(bytes: &[u8]) -> Option<Box<RawValue>> {
    if bytes.trim_ascii().is_empty() {
        return None;
    }
    value(bytes).or_else(|| to_raw_value(&String::from_utf8_lossy(bytes)).ok())
}

fn value(bytes: &[u8]) -> Option<Box<RawValue>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).ok()?;
    serde_json::from_str::<&RawValue>(text.trim()).ok()?;
    RawValue::from_string(compact(text)).ok()
}

/// Removes the white space between the parts of JSON. Numbers and the order of members stay unchanged.
fn compact(text: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    let is_kept = |char: &char| {
        if in_string {
            in_string = escaped || *char != '"';
            escaped = !escaped && *char == '\\';
            return true;
        }
        in_string = *char == '"';
        !char.is_ascii_whitespace()
    };
    text.chars().filter(is_kept).collect()
}

#[cfg(test)]
mod tests {
    use super::{Record, Subject, read, value_or_text};
    use crate::{Ending, Failure, Invalid, Wording};

    /// Redacts a token that is a number.
    struct Hiding;

    impl Wording for Hiding {
        fn invalid(&self, _: &Invalid) -> String {
            "not 12345678".to_owned()
        }

        fn error(&self, _: &Failure<'_>) -> String {
            "{}".to_owned()
        }

        fn redact(&self, json: String) -> String {
            json.replace("12345678", "[redacted]")
        }
    }

    fn subject(line: u64) -> Subject {
        Subject { line, id: None }
    }

    #[test]
    fn redacting_does_not_change_the_number_of_a_line() {
        let why = Invalid::request(intercom_protocol::Error::invalid(Vec::new()));
        let record = Record::invalid(subject(12_345_678), &why, &Hiding);
        let line = record.to_line(&Hiding);
        assert!(line.starts_with(r#"{"line":12345678,"id":null,"#), "{line}");
        assert!(line.contains(r#""invalid":"not [redacted]""#), "{line}");
        assert!(line.ends_with("}\n"), "{line}");
        assert_eq!(read(line.as_bytes()), Some((12_345_678, Ending::Invalid)));
    }

    #[test]
    fn only_a_failure_caused_by_the_line_is_refused() {
        for (action, ending) in [
            (r#""fix_input""#, Ending::Refused),
            (r#""verify_id""#, Ending::Refused),
            (r#""regenerate_token""#, Ending::Failed),
            (r#""back_off""#, Ending::Failed),
            (r#""of_another_release""#, Ending::Failed),
            ("null", Ending::Failed),
        ] {
            let record = format!(r#"{{"line":1,"ok":false,"error":{{"action":{action}}}}}"#);
            assert_eq!(read(record.as_bytes()), Some((1, ending)), "{action}");
        }
    }

    #[test]
    fn body_loses_only_the_white_space_between_its_parts() {
        let kept = |body: &[u8]| value_or_text(body).map(|value| value.get().to_owned());
        let body = b"\xef\xbb\xbf {\"b\" : [1.10, {} ],\n \"a\":\"x: \\\\\\\", {y\", \"n\": 12345678901234567890123 } ";
        assert_eq!(
            kept(body).unwrap(),
            r#"{"b":[1.10,{}],"a":"x: \\\", {y","n":12345678901234567890123}"#
        );
        assert_eq!(kept(b"<html>").unwrap(), "\"<html>\"");
        assert_eq!(kept(b"\xff").unwrap(), "\"\u{fffd}\"");
        assert_eq!(kept(b" \n"), None);
    }
}
