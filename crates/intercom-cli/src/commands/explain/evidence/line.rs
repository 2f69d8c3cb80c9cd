//! The error that a line names without an error list: an exception, a message of Intercom, a code, or a fault.

use intercom_protocol::{ApiError, FaultKind};

use super::vocabulary::{self as known, SENT, UNSENT};
use super::words::{self, Status};
use super::{Evidence, FaultParts, list_of};
use crate::commands::explain::nearest;
use crate::commands::explain::notation::begin;

/// The length limit of a message, in bytes.
const MAX_BYTES: usize = 600;
/// How many parts of a line are examined. Each costs a parse or two.
const MAX_PARTS: usize = 16;

/// A status, a code and a message.
type Parts<'t> = (Option<u16>, Option<&'t str>, Option<&'t str>);

/// The error in a line with a status, or with a name or a message that stands for one.
pub(super) fn error(
    text: &str,
    line: &str,
    status: Option<Status<'_>>,
    is_signed: bool,
) -> Option<Evidence> {
    let number = status.map(|status| status.number);
    let after = status.map_or("", |status| status.after);
    let next = known::AFTER_STATUS
        .captures(after)
        .map(|found| found.extract::<1>().1[0]);
    let next = next.filter(|code| code.contains('_') || words::code_named(code).is_some());
    let usual = || words::code(text).filter(|code| has_status(code, number));
    let exception = if is_signed { exception(line) } else { None };
    let (of_exception, name, said) = exception.unwrap_or_default();
    let code = || words::code(line).filter(|_| is_signed || status.is_some());
    let code = next.or(if status.is_some() {
        code().or_else(usual).or(name)
    } else {
        name
    });
    let mut messages = messages(line, is_signed || status.is_some());
    let message = messages.find(|(known, of, _)| match (code, number) {
        (Some(code), _) => code == *of,
        (None, number) => number
            .or(of_exception)
            .is_none_or(|number| number == *known),
    });
    let quoted = || {
        known::QUOTED
            .captures(after)
            .map(|found| found.extract::<1>().1[0])
    };
    let code = code
        .or(message.map(|found| found.1))
        .or_else(|| words::code(line).filter(|_| is_signed && of_exception.is_none()));
    let said = message.map(|found| found.2).or(said).or_else(quoted);
    let status = number.or(of_exception).or(message.map(|found| found.0));
    let body = match code.or(said.filter(|_| number.is_none())) {
        Some(_) => list_of(code, said),
        None if text.trim_start().starts_with('<') => text.trim().into(),
        None => Vec::new(),
    };
    (status.is_some() || code.is_some()).then(|| Evidence {
        status,
        body,
        ..Evidence::default()
    })
}

fn has_status(code: &str, status: Option<u16>) -> bool {
    let entry = words::code_named(code);
    entry
        .zip(status)
        .is_some_and(|(entry, status)| entry.statuses().contains(&status))
}

/// The status, code and message of an exception of an SDK. Source code only mentions one.
fn exception(line: &str) -> Option<Parts<'_>> {
    known::CLASS_NAME.captures_iter(line).find_map(|found| {
        let name = found.get(2).filter(|_| found.get(1).is_none())?.as_str();
        let base = name
            .strip_suffix("Error")
            .or(name.strip_suffix("Exception"));
        let row = known::EXCEPTIONS.iter().find(|row| row.0 == name);
        let row = row.map(|row| (Some(row.1), Some(row.2).filter(|code| !code.is_empty())));
        let reason = |name| words::reason_named(name).map(|status| (Some(status), None));
        let entry = |name| {
            let entry = nearest::same_spelling(name)?;
            Some((
                entry.statuses().first().copied(),
                Some(entry.code().as_str()),
            ))
        };
        let named = || {
            entry(name)
                .or(reason(name))
                .or_else(|| reason(base?).or(entry(base?)))
        };
        let is_name = name.chars().filter(char::is_ascii_uppercase).count() > 1;
        let (status, code) = row.or_else(named).filter(|_| is_name)?;
        let said = found.get(3).or(found.get(4));
        Some((
            status,
            code,
            said.map(|said| said.as_str().trim_matches(['\'', '"'])),
        ))
    })
}

/// The parts of a line that are a message of Intercom, with their status and code. In a line about something else, a
/// quoted string is not a message.
pub(super) fn messages(
    line: &str,
    is_signed: bool,
) -> impl Iterator<Item = (u16, &'static str, &str)> {
    let is_outside = |char: char| char.is_whitespace() || "'`,;)".contains(char);
    let marks = if is_signed {
        &known::BEGIN
    } else {
        &known::BEGIN_UNSIGNED
    };
    let parts = marks.find_iter(line).filter_map(move |mark| {
        let part = begin(
            line.get(mark.end()..)?.trim_start_matches(is_outside),
            MAX_BYTES,
        );
        let end = known::END.find(part).map_or(part.len(), |end| end.start());
        let part = part.get(..end)?.trim_end_matches(is_outside);
        part.starts_with(|char: char| char.is_ascii_alphabetic())
            .then_some(part)
    });
    parts.take(MAX_PARTS).filter_map(|message| {
        let known = known::MESSAGES
            .iter()
            .find(|known| message.starts_with(known.0));
        let mut others = known::INTERPRETED.iter().copied();
        let others = || others.find(|pair| matters(*pair, message));
        let (status, code) = known.map(|known| (known.1, known.2)).or_else(others)?;
        Some((status, code, message))
    })
}

/// Whether the message changes the meaning of an error with this status and code.
pub(super) fn matters((status, code): (u16, &str), message: &str) -> bool {
    let read = |message| ApiError::from_parts(status, [], &list_of(Some(code), message));
    let error = read(Some(message));
    let names = || status == 409 && error.existing_contact().is_some();
    let scope = || status == 403 && error.required_scope().is_some();
    error.class() != read(None).class() || names() || scope()
}

/// The words of a line in lower case. Names like `ReadTimeoutError` and `EAI_AGAIN` are several words.
fn normal(line: &str) -> String {
    let line = begin(line, words::LONGEST_LINE).replace('\'', "");
    let words = known::CAMEL
        .replace_all(&line, "$1$3 $2$4")
        .to_ascii_lowercase();
    known::BETWEEN_WORDS.replace_all(&words, " ").into_owned()
}

/// The fault in a line.
pub(super) fn fault(line: &str) -> Option<FaultParts> {
    let normal = normal(Some(line).filter(|line| !words::is_source(line))?);
    let logged = known::BROKE_OFF
        .captures(line)
        .and_then(|found| found[1].parse().ok());
    let logged = logged.map(|kind| (SENT, kind));
    let (phase, kind) = logged
        .or_else(|| curl(line, &normal))
        .or_else(|| phrase(line, &normal))?;
    Some((
        if known::NOT_SENT.is_match(&normal) {
            UNSENT
        } else {
            phase
        },
        kind,
    ))
}

/// The fault with this exit code in curl's manual. After 22, there was a response.
fn curl(line: &str, normal: &str) -> Option<FaultParts> {
    let code: u8 = known::CURL.captures(line)?[1].parse().ok()?;
    Some(match code {
        22 => return None,
        28 if known::EARLY.is_match(normal) => (UNSENT, FaultKind::Timeout),
        28 => (SENT, FaultKind::Timeout),
        3 => (UNSENT, FaultKind::BadUri),
        5 | 6 => (UNSENT, FaultKind::Dns),
        7 => (UNSENT, FaultKind::Connect),
        35 => (UNSENT, FaultKind::Tls),
        51 | 58 | 60 | 77 => (UNSENT, FaultKind::BadCertificate),
        52 | 55 | 56 => (SENT, FaultKind::Closed),
        1 | 16 | 92 => (SENT, FaultKind::Protocol),
        _ => (SENT, FaultKind::Other),
    })
}

/// The fault of the most specific phrase in the line, if the line is about a call.
fn phrase(line: &str, text: &str) -> Option<FaultParts> {
    let mut found = known::FAULTS
        .iter()
        .filter_map(|row| Some((row, row.2.find(text)?)));
    let ((phase, kind, pattern), phrase) = found.next()?;
    let (before, after) = (text.get(..phrase.start())?, text.get(phrase.end()..)?);
    let around = [before, " . ", after].concat();
    let is_about_http = || {
        words::is_signed(&around)
            || known::ADDRESS.is_match(line)
            || words::request(line).is_some()
            || line.contains("(request ")
    };
    let mut classes = known::QUALIFIED.find_iter(line);
    let is_name =
        after.trim().is_empty() && (before.trim().is_empty() || !line.trim().contains(' '));
    // In source code, `Error` can be a part of a path.
    let is_path = line.contains("::") && !line.contains(": ");
    let is_call = is_name
        || (!is_path && known::CONTEXT.is_match(&around))
        || known::CALL.is_match(before)
        || known::MAYBE_APPLIED.is_match(text)
        || classes.any(|class| pattern.is_match(&normal(class.as_str())));
    let is_other = known::OTHER.is_match(&around) || known::PORT.is_match(line);
    let is_weak = known::WEAK.is_match(phrase.as_str());
    (!is_other && ((is_call && !is_weak) || is_about_http())).then_some((*phase, *kind))
}

/// Whether a line describes an attempt that may have been applied.
pub(super) fn maybe_applied(line: &str) -> bool {
    let lost = fault(line).filter(|fault| fault.0 == SENT && fault.1 != FaultKind::Other);
    known::MAYBE_APPLIED.is_match(&normal(line))
        || (lost.is_some() && words::status(line).is_none())
}
