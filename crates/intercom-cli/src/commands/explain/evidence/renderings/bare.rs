//! Notations without quotes. What looks like a key in a message ends it.

use super::{Bare, Data, each, pairs};
use Data::{List, Map, Null, Number, Text};

/// The notations without quotes, and whether a message can be read back.
///
/// Given up in all: white space around a message, a message that does not begin with a letter, one that looks like a
/// constant or begins like a string with a prefix (`b'..'`), brackets, tags, and line breaks. Given up in each: what
/// looks like the next key: `, word=`, `, word ->`.
///
/// Three notations are not read at all. Go prints `map[code:conflict message:A contact]` without commas or quotes, PHP's
/// `print_r` has no quotes, and in tables the key is at the head of a column.
pub(super) const UNQUOTED: &[Bare] = &[
    ("Java", java, |text| {
        is_balanced(text) && !has_key_after(text, &[','], '=')
    }),
    ("Kotlin", kotlin, |text| {
        is_balanced(text) && !has_key_after(text, &[','], '=')
    }),
    ("C#", csharp, |text| {
        is_balanced(text) && !has_key_after(text, &[','], '=')
    }),
    ("Scala", scala, |text| {
        is_balanced(text) && !has_key_after(text, &[','], '-')
    }),
];

/// Whether the message has no brackets, quotes or tags, or those of a scope.
fn is_balanced(text: &str) -> bool {
    let inner = text.replace("(read_macros)", "");
    !inner.contains(['(', ')', '[', ']', '{', '}', '<', '>'])
}

/// Whether a separator and a mark stand in the message, with a word between them.
fn has_key_after(text: &str, separators: &[char], mark: char) -> bool {
    text.split(separators)
        .skip(1)
        .any(|part| part.contains(mark))
        || text.contains('\n')
}

pub(super) fn can_be_bare(text: &str) -> bool {
    text.trim() == text
        && !text.ends_with([',', ';'])
        && text.starts_with(|char: char| char.is_alphabetic())
        && text.parse::<f64>().is_err()
        && !text
            .get(1..2)
            .is_some_and(|second| ["'", "\""].contains(&second))
        && !["null", "nil", "true", "false", "none", "undefined", "undef"]
            .contains(&text.to_ascii_lowercase().as_str())
}

fn java(data: &Data) -> String {
    match data {
        List(items) => format!("[{}]", each(items, ", ", java)),
        Map(members) => format!(
            "{{{}}}",
            pairs(members, ", ", |key, value| format!("{key}={}", java(value)))
        ),
        Null => "null".to_owned(),
        Number(number) => number.to_string(),
        Text(text) => text.clone(),
    }
}

fn kotlin(data: &Data) -> String {
    match data {
        List(items) => format!("[{}]", each(items, ", ", kotlin)),
        Map(members) => format!(
            "ApiError({})",
            pairs(members, ", ", |key, value| format!(
                "{key}={}",
                kotlin(value)
            ))
        ),
        other => java(other),
    }
}

fn scala(data: &Data) -> String {
    match data {
        List(items) => format!("List({})", each(items, ", ", scala)),
        Map(members) => format!(
            "Map({})",
            pairs(members, ", ", |key, value| format!(
                "{key} -> {}",
                scala(value)
            ))
        ),
        other => java(other),
    }
}

fn csharp(data: &Data) -> String {
    match data {
        List(items) => format!("[{}]", each(items, ", ", csharp)),
        Map(members) => format!(
            "{{ {} }}",
            pairs(members, ", ", |key, value| format!(
                "{key} = {}",
                csharp(value)
            ))
        ),
        other => java(other),
    }
}
