//! An error in a text that is nothing else: a log, a program's complaint, a message that was copied.

use intercom_errors::Entry;
use intercom_protocol::ApiError;
use serde_json::{Deserializer, Value, json};

use super::pasted::Pasted;
use super::{logged, message, telling, unanswered};

/// What the text tells of an answer, or of why none came; the surest sign counts.
pub(super) fn find(text: &str) -> Option<Pasted> {
    if let Some(status) = telling::reason(text) {
        return Some(Pasted {
            status: Some(status),
            ..Pasted::default()
        });
    }
    let found = embedded(text)
        .map(|(found, after)| later(&found, after).unwrap_or(found))
        .or_else(|| told(text))
        .or_else(|| broken(text))
        .or_else(|| message::find(text))?;
    Some(Pasted {
        request: found.request.or_else(|| telling::request(text)),
        open: unanswered::is_open(text),
        ..found
    })
}

/// An error as a JSON body somewhere in the text, and what follows; the last of several counts, as it does of heads.
///
/// Of what is no JSON after all little is read: a [`Value`] is not nested deeply.
fn embedded(text: &str) -> Option<(Pasted, &str)> {
    let (mut rest, mut found) = (text, None);
    while let Some(from) = rest.find('{').and_then(|at| rest.get(at..)) {
        let mut values = Deserializer::from_str(from).into_iter::<Value>();
        let whole = values.next().is_some_and(|value| value.is_ok());
        let (value, after) = from.split_at_checked(if whole { values.byte_offset() } else { 1 })?;
        let is_error = || ApiError::from_parts(0, [], value.as_bytes());
        if whole && is_error().code().is_some() {
            found = Some((value, text.len() - from.len(), after));
        }
        rest = after;
    }
    let (body, at, after) = found?;
    let before = text.get(..at)?.lines().last().unwrap_or_default();
    let pasted = Pasted {
        status: telling::status(before).map(|(status, _)| status),
        ..Pasted::bare(body.as_bytes().to_vec())
    };
    Some((pasted, after))
}

/// The error that is told on a later line than the one that was found, unless it is the same one.
fn later(found: &Pasted, after: &str) -> Option<Pasted> {
    let (_, lines) = after.split_once('\n')?;
    let later = told(lines)?;
    let error = ApiError::from_parts(0, [], &found.body);
    let entry = error.code().and_then(Entry::of);
    let is_usual = |status| entry.is_some_and(|entry| entry.statuses().contains(&status));
    let is_same = |status| found.status == Some(status) || is_usual(status);
    let is_bare = later.body.is_empty();
    let is_other = |status| status >= 400 && !(is_bare && is_same(status));
    later.status.is_none_or(is_other).then_some(later)
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
        let (found, _) = embedded(&text).unwrap();
        assert_eq!((found.status, found.body), (Some(409), body.into()));
        assert_eq!(embedded("{ {\"a\":{}} {\"code\":"), None);
    }

    #[test]
    fn the_last_error_counts_whatever_stands_before_it() {
        let (old, last) = (r#"{"code":"conflict"}"#, r#"{"code":"not_found"}"#);
        let noise = "DEBUG Foo { a: 1 }\n".repeat(70);
        let found = find(&format!("{old}\n{noise}{last}")).unwrap();
        assert_eq!(found.body, last.as_bytes());
        let found = find(&format!("{old}\nERROR 404 not_found\n")).unwrap();
        assert_eq!(found.status, Some(404));
        for same in ["status=409", "answered 200", "took 5 s"] {
            let found = find(&format!("{old}\n{same}\n")).unwrap();
            assert_eq!(found.body, old.as_bytes(), "{same}");
        }
    }

    #[test]
    fn a_long_text_is_read_in_passing() {
        for part in ["{\"", "404 ", "code=", "\": ", "GET ", "a: "] {
            assert_eq!(find(&part.repeat(1 << 15)), None, "{part}");
        }
        assert_eq!(find(&"{\"a\":".repeat(1 << 11)), None);
    }
}
