//! The error that a line names without an error list: an exception, a message of Intercom, a code, or a fault.

use intercom_protocol::{ApiError, FaultKind, Phase};

use super::vocabulary::{self as known, SENT, UNSENT};
use super::words::{self, Status};
use super::{Evidence, FaultParts, list_of};
use crate::commands::explain::nearest;
use crate::commands::explain::notation::{Pattern, begin, group};

/// The length limit of a message, in bytes.
const MAX_BYTES: usize = 600;
/// How many parts of a line are examined. Each costs a parse or two.
const MAX_PARTS: usize = 16;

/// The status, the code and the message of an error.
type Parts<'t> = (Option<u16>, Option<&'t str>, Option<&'t str>);

/// The error in a line with a status.
pub(super) fn response(text: &str, line: &str, status: Status<'_>) -> Evidence {
    let is_usual = |code: &&str| {
        let entry = words::code_named(code);
        entry.is_some_and(|entry| entry.statuses().contains(&status.number))
    };
    let is_code = |code: &&str| code.contains('_') || words::code_named(code).is_some();
    let next = group(&known::AFTER_STATUS, status.after).filter(is_code);
    let code = next.or_else(|| words::code(line));
    let code = code.or_else(|| words::code(text).filter(is_usual));
    let code = code.or_else(|| exception(line).filter(|_| words::is_signed(line))?.1);
    let is_it = |found: &Parts<'_>| match code {
        Some(_) => found.1 == code,
        None => found.0 == Some(status.number),
    };
    let message = messages(line, &known::BEGIN).find(is_it);
    let (code, said) = message.map_or((code, None), |(_, code, said)| (code, said));
    let said = said.or_else(|| group(&known::QUOTED, status.after));
    let page = Some(text.trim()).filter(|page| page.starts_with('<'));
    let page = page.unwrap_or_default().into();
    let body = code.map_or(page, |_| list_of(code, said));
    Evidence::of(Some(status.number), body)
}

/// The error in a line without a status: an exception of an SDK, a message of Intercom, or a code.
pub(super) fn error(line: &str, is_signed: bool) -> Option<Evidence> {
    let signed = Some(line).filter(|_| is_signed);
    let signed_message = messages(line, &known::BEGIN).filter(|_| is_signed);
    let mut messages = signed_message.chain(messages(line, &known::BEGIN_UNSIGNED));
    let code = || Some((None, Some(words::code(signed?)?), None));
    let found = signed.and_then(exception).or_else(|| messages.next());
    let (status, code, said) = found.or_else(code)?;
    let body = code.or(said).map_or(Vec::new(), |_| list_of(code, said));
    Some(Evidence::of(status, body))
}

/// The status, code and message of an exception of an SDK. Source code only mentions one.
fn exception(line: &str) -> Option<Parts<'_>> {
    known::CLASS_NAME.captures_iter(line).find_map(|found| {
        let name = found.get(2).filter(|_| found.get(1).is_none())?.as_str();
        let base = name.trim_end_matches("Error").trim_end_matches("Exception");
        let row = known::EXCEPTIONS.iter().find(|row| row.0 == name);
        let row = row.map(|row| (Some(row.1), Some(row.2).filter(|code| !code.is_empty())));
        let reason = |name| Some((Some(words::reason_named(name)?), None));
        let entry = |name| {
            let entry = nearest::same_spelling(name)?;
            Some((
                entry.statuses().first().copied(),
                Some(entry.code().as_str()),
            ))
        };
        let of = |name| reason(name).or_else(|| entry(name));
        let named = || of(name).or_else(|| of(base));
        let is_name = name.chars().filter(char::is_ascii_uppercase).count() > 1;
        let (status, code) = row.or_else(named).filter(|_| is_name)?;
        let said = found.get(3).or(found.get(4)).map(|said| said.as_str());
        let said = said.map(|said| said.trim_matches(['\'', '"']));
        Some((status, code, said))
    })
}

/// The parts of a line that are a message of Intercom, with their status and code. In a line about something else, a
/// quoted string is not a message.
pub(super) fn messages<'t>(
    line: &'t str,
    marks: &'static Pattern,
) -> impl Iterator<Item = Parts<'t>> {
    let is_outside = |char: char| char.is_whitespace() || "'`,;)".contains(char);
    let line = begin(line, words::LONGEST_LINE);
    let parts = marks.find_iter(line).filter_map(move |mark| {
        let part = line.get(mark.end()..)?.trim_start_matches(is_outside);
        let part = begin(part, MAX_BYTES);
        let end = known::END.find(part).map_or(part.len(), |end| end.start());
        let part = part.get(..end)?.trim_end_matches(is_outside);
        let is_text = part.starts_with(|char: char| char.is_ascii_alphabetic());
        is_text.then_some(part)
    });
    parts.take(MAX_PARTS).filter_map(|message| {
        let is_it = |&&(begin, status, code): &&(&str, u16, &str)| match begin {
            "" => matters((status, code), message),
            begin => message.starts_with(begin),
        };
        let (_, status, code) = known::MESSAGES.iter().find(is_it)?;
        Some((Some(*status), Some(*code), Some(message)))
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
    let line = known::CURL.replace_all(&line, " curl exit $1 ");
    let words = known::CAMEL.replace_all(&line, "$1$3 $2$4");
    let words = words.to_ascii_lowercase();
    known::BETWEEN_WORDS.replace_all(&words, " ").into_owned()
}

/// The fault in a line.
pub(super) fn fault(line: &str) -> Option<FaultParts> {
    let normal = normal(Some(line).filter(|line| !words::is_source(line))?);
    let logged = || Some((SENT, group(&known::BROKE_OFF, line)?.parse().ok()?));
    let (phase, kind) = logged().or_else(|| phrase(line, &normal))?;
    let is_unsent = known::NOT_SENT.is_match(&normal);
    Some((if is_unsent { UNSENT } else { phase }, kind))
}

/// The fault of the most specific phrase in the line, if the line is about a call.
fn phrase(line: &str, text: &str) -> Option<FaultParts> {
    let find = |row: &'static (Phase, FaultKind, Pattern)| Some((row, row.2.find(text)?));
    let ((phase, kind, pattern), phrase) = known::FAULTS.iter().find_map(find)?;
    let (before, after) = (text.get(..phrase.start())?, text.get(phrase.end()..)?);
    let around = [before, " . ", after].concat();
    let is_in = |pattern: &Pattern| pattern.is_match(&around);
    // In source code, `Error` can be a part of a path.
    let is_path = line.contains("::") && !line.contains(": ");
    let is_word = before.trim().is_empty() || !line.trim().contains(' ');
    let mut classes = known::QUALIFIED.find_iter(line);
    let is_call = (is_word && after.trim().is_empty())
        || (is_in(&known::CONTEXT) && !is_path)
        || known::CALL.is_match(before)
        || phrase.as_str().contains("curl exit")
        || known::MAYBE_APPLIED.is_match(text)
        || classes.any(|class| pattern.is_match(&normal(class.as_str())));
    let is_call = is_call && !known::WEAK.is_match(phrase.as_str());
    let is_request = words::request(line).is_some() || line.contains("(request ");
    let is_http = is_request || words::is_signed(&around) || known::ADDRESS.is_match(line);
    let is_other = is_in(&known::OTHER) || known::PORT.is_match(line);
    ((is_call || is_http) && !is_other).then_some((*phase, *kind))
}

/// Whether a line describes an attempt that may have been applied.
pub(super) fn maybe_applied(line: &str) -> bool {
    let lost = fault(line).filter(|fault| fault.0 == SENT && fault.1 != FaultKind::Other);
    known::MAYBE_APPLIED.is_match(&normal(line))
        || (lost.is_some() && words::status(line).is_none())
}
