//! An error in a text that is nothing else: a log, a program's complaint, a message that was copied.

use intercom_errors::Entry;
use intercom_protocol::ApiError;
use serde::de::IgnoredAny;
use serde_json::{Deserializer, json};

use super::pasted::Pasted;
use super::{logged, message, telling, unanswered};

/// As many braces are tried as beginnings of JSON, for a text may hold many that begin none.
const TRIED: usize = 64;

/// What the text tells of an answer, or of why none came; the surest sign counts.
pub(super) fn find(text: &str) -> Option<Pasted> {
    if let Some(status) = telling::reason(text) {
        return Some(Pasted {
            status: Some(status),
            ..Pasted::default()
        });
    }
    let found = embedded(text)
        .or_else(|| told(text))
        .or_else(|| broken(text))
        .or_else(|| message::find(text))?;
    Some(Pasted {
        request: found.request.or_else(|| telling::request(text)),
        open: unanswered::is_open(text),
        ..found
    })
}

/// An error as a JSON body somewhere in the text; the last of several counts, as it does of heads.
fn embedded(text: &str) -> Option<Pasted> {
    let (mut rest, mut tried, mut found) = (text, 0, None);
    while let Some(at) = rest.find('{').filter(|_| tried < TRIED) {
        let from = rest.get(at..)?;
        let mut values = Deserializer::from_str(from).into_iter::<IgnoredAny>();
        let whole = values.next().is_some_and(|value| value.is_ok());
        let (value, after) = from.split_at_checked(if whole { values.byte_offset() } else { 1 })?;
        if !whole {
            tried += 1;
        } else if ApiError::from_parts(0, [], value.as_bytes())
            .code()
            .is_some()
        {
            found = Some((value, text.len() - from.len()));
        }
        rest = after;
    }
    let (body, at) = found?;
    let before = text.get(..at)?.lines().last().unwrap_or_default();
    Some(Pasted {
        status: telling::status(before).map(|(status, _)| status),
        ..Pasted::bare(body.as_bytes().to_vec())
    })
}

/// A status in a telling place with the code beside it, or else a code alone.
fn told(text: &str) -> Option<Pasted> {
    let statuses = || {
        let lines = text.lines().rev();
        lines.filter_map(|line| Some((line, telling::status(line)?)))
    };
    let failed = statuses().find(|(_, (status, _))| *status >= 400);
    if let Some((line, (status, from))) = failed.or_else(|| statuses().next()) {
        return Some(answer(text, line, status, from));
    }
    let line = text
        .lines()
        .rev()
        .find(|line| telling::code(line).is_some())?;
    let entry = telling::code(line)?;
    Some(Pasted {
        headers: logged::headers(line),
        ..coded(line, entry)
    })
}

fn answer(text: &str, line: &str, status: u16, from: &str) -> Pasted {
    let usual = |entry: &&Entry| entry.statuses().contains(&status);
    let pasted = match logged::read(from) {
        // What follows the status may name code and message.
        Some(pasted) if !pasted.body.is_empty() => pasted,
        _ => match telling::code(line).or_else(|| telling::code(text).filter(usual)) {
            Some(entry) => coded(line, entry),
            None => message::find(line)
                .filter(|found| found.status == Some(status))
                .unwrap_or_default(),
        },
    };
    let html = Some(text.trim()).filter(|text| text.starts_with('<') && pasted.body.is_empty());
    Pasted {
        status: Some(status),
        headers: logged::headers(line),
        body: html.map_or(pasted.body, |html| html.as_bytes().to_vec()),
        ..Pasted::default()
    }
}

/// The barest answer with this code, and the line's message if it tells more.
fn coded(line: &str, entry: &Entry) -> Pasted {
    let code = entry.code().as_str();
    let message = message::readable(line)
        .find(|(_, known, _)| *known == code)
        .map(|(_, _, message)| message);
    Pasted::bare(list(code, message))
}

fn broken(text: &str) -> Option<Pasted> {
    let broken = unanswered::words(text)?;
    Some(Pasted {
        broken: Some(broken),
        ..Pasted::default()
    })
}

/// An error list of one item.
pub(super) fn list(code: &str, message: Option<&str>) -> Vec<u8> {
    let item = json!({ "code": code, "message": message });
    let list = json!({ "type": "error.list", "errors": [item] });
    list.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{embedded, find};

    #[test]
    fn json_is_found_within_a_text_and_its_status_before_it() {
        let body = r#"{"errors":[{"code":"conflict"}]}"#;
        let text = format!("{{x}} ERROR api: status=409 {{\"a\":1}} {body} end");
        let found = embedded(&text).unwrap();
        assert_eq!((found.status, found.body), (Some(409), body.into()));
        assert_eq!(embedded("{ {\"a\":{}} {\"code\":"), None);
    }

    #[test]
    fn a_long_text_is_read_in_passing() {
        for part in ["{\"", "404 ", "code=", "\": ", "GET ", "a: "] {
            assert_eq!(find(&part.repeat(1 << 15)), None, "{part}");
        }
    }
}
