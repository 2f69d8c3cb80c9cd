//! Searches text for an error: a log, an error message of another program, a copied message of Intercom.

use intercom_errors::Entry;
use intercom_protocol::ApiError;
use serde_json::{Deserializer, Value, json};

use super::pasted::Pasted;
use super::{clues, logged, message, no_response};

/// Finds the response or fault that the text describes. The most reliable evidence wins.
pub(super) fn find(text: &str) -> Option<Pasted> {
    if let Some(status) = clues::reason(text) {
        return Some(Pasted {
            status: Some(status),
            ..Pasted::default()
        });
    }
    let found = embedded(text)
        .map(|(found, after)| later(&found, after).unwrap_or(found))
        .or_else(|| described(text))
        .or_else(|| fault(text))
        .or_else(|| message::find(text))?;
    Some(Pasted {
        request: found.request.or_else(|| clues::request(text)),
        maybe_applied: no_response::maybe_applied(text),
        ..found
    })
}

/// Finds the last JSON body with an error in the text. Also returns the text after it.
///
/// Parsing text that turns out not to be JSON is cheap, because a [`Value`] has a limited depth.
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
        status: clues::status(before).map(|(status, _)| status),
        ..Pasted::bare(body.as_bytes().to_vec())
    };
    Some((pasted, after))
}

/// Finds a different error on a later line than the one already found.
fn later(found: &Pasted, after: &str) -> Option<Pasted> {
    let (_, lines) = after.split_once('\n')?;
    let later = described(lines)?;
    let error = ApiError::from_parts(0, [], &found.body);
    let entry = error.code().and_then(Entry::of);
    let is_usual = |status| entry.is_some_and(|entry| entry.statuses().contains(&status));
    let is_same = |status| found.status == Some(status) || is_usual(status);
    let has_body = !later.body.is_empty();
    let is_different = |status| status >= 400 && (has_body || !is_same(status));
    later.status.is_none_or(is_different).then_some(later)
}

/// Finds a status with its code, or else a code alone.
fn described(text: &str) -> Option<Pasted> {
    let statuses = || {
        let lines = text.lines().rev();
        lines.filter_map(|line| Some((line, clues::status(line)?)))
    };
    let failed = statuses().find(|(_, (status, _))| *status >= 400);
    if let Some((line, (status, from))) = failed.or_else(|| statuses().next()) {
        return Some(response(text, line, status, from));
    }
    let line = text
        .lines()
        .rev()
        .find(|line| clues::code(line).is_some())?;
    let entry = clues::code(line)?;
    Some(Pasted {
        headers: logged::headers(line),
        ..with_code(line, entry)
    })
}

fn response(text: &str, line: &str, status: u16, from: &str) -> Pasted {
    let usual = |entry: &&Entry| entry.statuses().contains(&status);
    let pasted = match logged::read(from) {
        // Code and message can follow the status.
        Some(pasted) if !pasted.body.is_empty() => pasted,
        _ => match clues::code(line).or_else(|| clues::code(text).filter(usual)) {
            Some(entry) => with_code(line, entry),
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

/// A minimal response with this code, and the message in the line if it changes the meaning.
fn with_code(line: &str, entry: &Entry) -> Pasted {
    let code = entry.code().as_str();
    let message = message::messages(line)
        .find(|(_, known, _)| *known == code)
        .map(|(_, _, message)| message);
    Pasted::bare(list(code, message))
}

fn fault(text: &str) -> Option<Pasted> {
    let fault = no_response::fault(text)?;
    Some(Pasted {
        fault: Some(fault),
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
    fn json_is_found_inside_text_with_the_status_before_it() {
        let body = r#"{"errors":[{"code":"conflict"}]}"#;
        let text = format!("{{x}} ERROR api: status=409 {{\"a\":1}} {body} end");
        let (found, _) = embedded(&text).unwrap();
        assert_eq!((found.status, found.body), (Some(409), body.into()));
        assert_eq!(embedded("{ {\"a\":{}} {\"code\":"), None);
    }

    #[test]
    fn the_last_error_is_found_whatever_precedes_it() {
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
    fn long_text_is_read_in_linear_time() {
        for part in ["{\"", "404 ", "code=", "\": ", "GET ", "a: "] {
            assert_eq!(find(&part.repeat(1 << 15)), None, "{part}");
        }
        assert_eq!(find(&"{\"a\":".repeat(1 << 11)), None);
    }
}
