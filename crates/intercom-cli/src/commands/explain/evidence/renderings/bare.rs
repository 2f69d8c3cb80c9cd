//! Notations without quotes. What looks like a key in a message ends it.

use std::fmt::Write as _;

use super::{Bare, Data, each, pairs};
use Data::{List, Map, Null, Number, Text};

/// The notations without quotes, and whether a message can be read back.
///
/// Given up in all: white space around a message, a message that does not begin with a letter, one that looks like a
/// constant or begins like a string with a prefix (`b'..'`), brackets, tags, and line breaks. Given up in each: what
/// looks like the next key: `, word=`, `, word ->`, or in Go ` word:`. `print_r` gives up only line breaks and
/// `] =>`.
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
    ("Go", go, |text| {
        is_balanced(text) && !has_key_after(text, &[' ', '\n', '\t'], ':')
    }),
    ("Go, structs", go_struct, |text| {
        is_balanced(text) && !has_key_after(text, &[' ', '\n', '\t'], ':')
    }),
    ("PHP, print_r", print_r, |text| {
        !text.contains('\n') && !text.contains("] =>")
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

fn go(data: &Data) -> String {
    match data {
        List(items) => format!("[{}]", each(items, " ", go)),
        Map(members) => format!(
            "map[{}]",
            pairs(members, " ", |key, value| format!("{key}:{}", go(value)))
        ),
        Null => "<nil>".to_owned(),
        other => java(other),
    }
}

fn go_struct(data: &Data) -> String {
    match data {
        List(items) => format!("[{}]", each(items, " ", go_struct)),
        Map(members) => format!(
            "&{{{}}}",
            pairs(members, " ", |key, value| {
                let name: String = key
                    .split('_')
                    .map(|part| part[..1].to_uppercase() + &part[1..])
                    .collect();
                format!("{name}:{}", go_struct(value))
            })
        ),
        other => go(other),
    }
}

fn print_r(data: &Data) -> String {
    fn lines(data: &Data, indent: usize) -> String {
        let pad = " ".repeat(indent);
        let group = |members: Vec<(String, &Data)>| {
            let mut out = format!("Array\n{pad}(\n");
            for (key, value) in members {
                writeln!(out, "{pad}    [{key}] => {}", lines(value, indent + 8)).unwrap();
            }
            out + &pad + ")\n"
        };
        match data {
            List(items) => group(
                (0..)
                    .map(|index: usize| index.to_string())
                    .zip(items)
                    .collect(),
            ),
            Map(members) => group(
                members
                    .iter()
                    .map(|(key, value)| ((*key).to_owned(), value))
                    .collect(),
            ),
            Null => String::new(),
            other => java(other),
        }
    }
    lines(data, 0)
}
