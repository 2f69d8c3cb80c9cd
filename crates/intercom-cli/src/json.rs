//! Reformats JSON without parsing its values: numbers keep their digits, and members keep their order.

use std::borrow::Cow;

use serde_json::value::RawValue;

/// Removes the white space between tokens. The text must be JSON.
pub(crate) fn compact(text: &str) -> String {
    lay_out(text, None)
}

/// Puts each member on its own line. The text must be JSON.
pub(crate) fn pretty(text: &str) -> String {
    lay_out(text, Some(2))
}

/// The bytes as a JSON value to embed in a document; `None` if they are not JSON.
pub(crate) fn value(bytes: &[u8]) -> Option<Box<RawValue>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).ok()?;
    serde_json::from_str::<&RawValue>(text.trim()).ok()?;
    RawValue::from_string(compact(text)).ok()
}

/// The bytes as a JSON value. Non-JSON becomes a string; `None` if there are no bytes.
pub(crate) fn value_or_text(bytes: &[u8]) -> Option<Box<RawValue>> {
    if bytes.trim_ascii().is_empty() {
        return None;
    }
    value(bytes).or_else(|| serde_json::value::to_raw_value(&String::from_utf8_lossy(bytes)).ok())
}

/// The error and its column. Leaves out the line number, which the caller adds.
pub(crate) fn broken(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((what, _)) => format!("{what} at column {}", error.column()),
        None => text,
    }
}

fn lay_out(text: &str, indent: Option<usize>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0_usize;
    let mut chars = text.trim().chars().peekable();
    let line = |out: &mut String, depth: usize| {
        if let Some(width) = indent {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', depth * width));
        }
    };
    while let Some(char) = chars.next() {
        match char {
            '"' => {
                out.push(char);
                copy_string(&mut chars, &mut out);
            }
            '{' | '[' => {
                out.push(char);
                while chars.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                if let Some(close) = chars.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(close);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(char);
            }
            ',' => {
                out.push(char);
                line(&mut out, depth);
            }
            ':' if indent.is_some() => out.push_str(": "),
            char if char.is_ascii_whitespace() => {}
            char => out.push(char),
        }
    }
    out
}

/// Replaces each string, number, boolean and null in JSON; everything between them stays the same.
///
/// Also accepts a piece of JSON that is cut between two of them.
pub(crate) fn with_scalars<'t>(
    text: &'t str,
    replaced: impl Fn(&'t str) -> Cow<'t, str>,
) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) =
        rest.find(|char: char| char.is_ascii_alphanumeric() || "\"-".contains(char))
    {
        let (between, from) = rest.split_at(at);
        let (scalar, behind) = from.split_at(length_of_scalar(from));
        out.push_str(between);
        out.push_str(&replaced(scalar));
        rest = behind;
    }
    out.push_str(rest);
    out
}

fn length_of_scalar(text: &str) -> usize {
    let Some(string) = text.strip_prefix('"') else {
        let end = text.find(|char: char| char.is_ascii_whitespace() || ",:]}".contains(char));
        return end.unwrap_or(text.len());
    };
    let mut escaped = false;
    let quote = string.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    quote.map_or(text.len(), |quote| quote + 2)
}

/// Copies up to the closing quote, inclusive.
fn copy_string(chars: &mut impl Iterator<Item = char>, out: &mut String) {
    while let Some(char) = chars.next() {
        out.push(char);
        match char {
            '\\' => out.extend(chars.next()),
            '"' => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::{compact, pretty, value, value_or_text, with_scalars};

    const TEXT: &str =
        " {\"b\" : [1.10, {} , [ ]],\n \"a\":\"x: \\\", {y\" , \"n\": 12345678901234567890123 } ";

    #[test]
    fn only_white_space_changes() {
        assert_eq!(
            compact(TEXT),
            r#"{"b":[1.10,{},[]],"a":"x: \", {y","n":12345678901234567890123}"#
        );
        insta::assert_snapshot!(pretty(TEXT), @r#"
        {
          "b": [
            1.10,
            {},
            []
          ],
          "a": "x: \", {y",
          "n": 12345678901234567890123
        }
        "#);
    }

    #[test]
    fn only_scalars_are_replaced() {
        let marked = with_scalars(TEXT, |scalar| Cow::Owned(format!("<{scalar}>")));
        assert_eq!(
            marked,
            " {<\"b\"> : [<1.10>, {} , [ ]],\n <\"a\">:<\"x: \\\", {y\"> , <\"n\">: <12345678901234567890123> } "
        );
        for (text, marked) in [
            (r#""\\""#, r#"<"\\">"#),
            (
                r#"[-1e5,true,null,"\\\"é"]"#,
                r#"[<-1e5>,<true>,<null>,<"\\\"é">]"#,
            ),
            ("\u{feff}7", "\u{feff}<7>"),
            (" ", " "),
        ] {
            let found = with_scalars(text, |scalar| Cow::Owned(format!("<{scalar}>")));
            assert_eq!(found, marked);
        }
    }

    #[test]
    fn non_json_becomes_a_string_and_no_bytes_become_none() {
        assert!(value(b"<html>").is_none());
        assert_eq!(value_or_text(b"<html>").unwrap().get(), "\"<html>\"");
        assert_eq!(value_or_text(b"\xff").unwrap().get(), "\"\u{fffd}\"");
        assert!(value_or_text(b" \n").is_none());
        assert_eq!(value_or_text(b"\xef\xbb\xbf[1]").unwrap().get(), "[1]");
    }
}
