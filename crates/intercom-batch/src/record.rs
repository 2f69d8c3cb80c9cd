//! One line of the results.

use intercom_protocol::{ApiError, Attempt, Error, ErrorKind, Replay, Reply, http};
use serde::Serialize;
use serde_json::value::RawValue;

use super::ledger::Ending;
use crate::clean;
use crate::error::describe;
use crate::explanation::{Explanation, Request, millis};
use crate::json;
use crate::redact::Redactor;

/// What became of a line; `api --json` calls the same things the same.
#[derive(Debug, Serialize)]
pub(crate) struct Record {
    line: u64,
    id: Option<Box<RawValue>>,
    ok: bool,
    /// Whether the request failed and may have been carried out.
    unknown: bool,
    /// Why the line is no request.
    invalid: Option<String>,
    status: Option<u16>,
    body: Option<Box<RawValue>>,
    error: Option<Explanation>,
    /// How often this run sent it.
    attempts: usize,
    /// Whether an earlier run had sent it as well.
    resent: bool,
    stop: Option<&'static str>,
    retry_at: Option<u64>,
}

/// Whose record it is.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) line: u64,
    pub(crate) id: Option<Box<RawValue>>,
    pub(crate) request: Request,
    /// Whether an earlier run sent it, and did not learn what became of it.
    pub(crate) resent: bool,
}

impl Record {
    fn new(line: u64, id: Option<Box<RawValue>>) -> Self {
        Self {
            line,
            id,
            ok: false,
            unknown: false,
            invalid: None,
            status: None,
            body: None,
            error: None,
            attempts: 0,
            resent: false,
            stop: None,
            retry_at: None,
        }
    }

    /// A line that was sent.
    pub(crate) fn of(subject: Subject, outcome: &Result<Reply, Error>) -> Self {
        let record = Self {
            resent: subject.resent,
            ..Self::new(subject.line, subject.id)
        };
        let request = subject.request;
        match outcome {
            Ok(reply) => Self {
                ok: true,
                status: Some(reply.status().as_u16()),
                body: json::value_or_text(reply.body()),
                attempts: reply.attempts().len(),
                ..record
            },
            Err(error) if error.kind() == ErrorKind::Invalid => {
                Self::invalid(subject.line, record.id, describe(error))
            }
            Err(error) => Self {
                // The earlier run's request did what was wanted, if it is Intercom that says so.
                ok: subject.resent
                    && request.method() == http::Method::DELETE
                    && error.api().is_some_and(ApiError::is_gone),
                // What refuses the repeat says nothing of the earlier run's request.
                unknown: error.may_have_been_applied()
                    || (subject.resent && request.replay() != Replay::Read),
                status: error.status(),
                body: error.body().and_then(json::value_or_text),
                error: Some(Explanation::of_error(error, Some(request))),
                attempts: error.attempts().len(),
                stop: error.stop().map(|stop| stop.reason().as_str()),
                retry_at: error.retry_at().map(|at| millis(at).div_ceil(1000)),
                ..record
            }
            .settled(),
        }
    }

    /// A line that is no request.
    pub(crate) fn invalid(line: u64, id: Option<Box<RawValue>>, why: String) -> Self {
        Self {
            error: Some(Explanation::of_invalid(&why)),
            invalid: Some(why),
            ..Self::new(line, id)
        }
    }

    /// A write that an earlier run sent, and of which nobody knows what became.
    pub(crate) fn unknown(line: u64, id: Option<Box<RawValue>>, request: &Request) -> Self {
        const WHY: &str = "an earlier run sent it and ended before the answer was written down; \
            check whether it was carried out before sending it again";
        Self {
            unknown: true,
            error: Some(Explanation::of_unknown(WHY, request)),
            ..Self::new(line, id)
        }
    }

    /// What is done is neither unknown nor an error.
    fn settled(self) -> Self {
        if self.ok {
            return Self {
                unknown: false,
                error: None,
                stop: None,
                retry_at: None,
                ..self
            };
        }
        self
    }

    pub(crate) fn ending(&self) -> Ending {
        match (self.ok, self.unknown, &self.invalid) {
            (true, _, _) => Ending::Ok,
            (_, true, _) => Ending::Unknown,
            (_, _, Some(_)) => Ending::Invalid,
            _ => Ending::of_failure(self.error.as_ref().and_then(Explanation::action)),
        }
    }

    /// The record on a line of its own, without the token.
    pub(crate) fn to_line(&self, redactor: &Redactor) -> serde_json::Result<String> {
        let record = serde_json::to_string(self)?;
        // The next run reads the line's number, even if the token is a number that is in it.
        let (line, rest) = record.split_at(record.find(',').unwrap_or_default());
        Ok(format!("{line}{}\n", clean::json(&redactor.json(rest))))
    }
}

/// How many of the attempts the rate limit turned away.
pub(crate) fn rate_limited(attempts: &[Attempt]) -> u64 {
    attempts
        .iter()
        .filter(|attempt| attempt.status() == Some(429))
        .count() as u64
}

#[cfg(test)]
mod tests {
    use super::Record;
    use crate::redact::Redactor;

    #[test]
    fn the_number_of_a_line_stays_whatever_the_token_is() {
        let record = Record::invalid(12_345_678, None, "not 12345678".to_owned());
        let line = record.to_line(&Redactor::new("12345678")).unwrap();
        assert!(line.starts_with(r#"{"line":12345678,"id":null,"#), "{line}");
        assert!(line.contains(r#""invalid":"not [redacted]""#), "{line}");
        assert!(line.ends_with("}\n"), "{line}");
    }
}
