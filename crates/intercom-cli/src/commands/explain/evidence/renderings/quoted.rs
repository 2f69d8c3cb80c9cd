//! Notations with quotes.

use std::fmt::Write as _;

use super::{Data, Render, each, pairs};
use Data::{List, Map, Null, Number, Text};

/// Whether a message can be read back from a notation with quotes. In SQL, a backslash could also be an escape of Python. In
/// XML, white space around a message belongs to the layout.
pub(super) fn is_clear(name: &str, message: &str) -> bool {
    match name {
        "JSON in SQL" => !message.contains('\\'),
        "XML" => message.trim() == message,
        _ => true,
    }
}

/// The notations with quotes.
pub(super) const QUOTED: &[(&str, Render)] = &[
    ("JSON", json),
    ("JSON, pretty", json_pretty),
    ("JSON in a string, without its quotes", escaped),
    ("JSON in a table", csv),
    ("JSON in a URL", url_encoded),
    ("JSON in HTML", html),
    ("JSON in SQL", sql),
    ("Python", python),
    ("Python, objects", python_object),
    ("Python, bytes", bytes),
    ("Ruby", ruby),
    ("Ruby, symbols", ruby_symbols),
    ("Ruby, objects", ruby_object),
    ("Elixir", elixir),
    ("Erlang", erlang),
    ("Node", node),
    ("Rust", rust),
    ("Go, source", go_source),
    ("PHP, var_export", php_export),
    ("PHP, var_dump", php_dump),
    ("Perl", perl),
    ("Lua", lua),
    ("Clojure", edn),
    ("Swift", swift),
    ("GraphQL", graphql),
    ("YAML", yaml),
    ("XML", xml),
];

/// A string in double quotes, with the escapes of JSON.
fn json_text(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// A string in single quotes, with backslashes.
fn single(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

pub(super) fn json(data: &Data) -> String {
    match data {
        List(items) => format!("[{}]", each(items, ",", json)),
        Map(members) => format!(
            "{{{}}}",
            pairs(members, ",", |key, value| format!(
                "\"{key}\":{}",
                json(value)
            ))
        ),
        Null => "null".to_owned(),
        Number(number) => number.to_string(),
        Text(text) => json_text(text),
    }
}

fn json_pretty(data: &Data) -> String {
    let value: serde_json::Value = serde_json::from_str(&json(data)).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

fn python(data: &Data) -> String {
    match data {
        List(items) => format!("[{}]", each(items, ", ", python)),
        Map(members) => format!(
            "{{{}}}",
            pairs(members, ", ", |key, value| format!(
                "'{key}': {}",
                python(value)
            ))
        ),
        Null => "None".to_owned(),
        Number(number) => number.to_string(),
        Text(text) if text.contains('\'') && !text.contains('"') => {
            format!("\"{}\"", text.replace('\\', "\\\\"))
        }
        Text(text) => single(text),
    }
}

/// `Error(code='x', message='y')`.
fn python_object(data: &Data) -> String {
    match data {
        List(items) => format!("[{}]", each(items, ", ", python_object)),
        Map(members) => format!(
            "Error({})",
            pairs(members, ", ", |key, value| format!(
                "{key}={}",
                python_object(value)
            ))
        ),
        other => python(other),
    }
}

fn ruby(data: &Data) -> String {
    match data {
        List(items) => format!("[{}]", each(items, ", ", ruby)),
        Map(members) => format!(
            "{{{}}}",
            pairs(members, ", ", |key, value| format!(
                "\"{key}\"=>{}",
                ruby(value)
            ))
        ),
        Null => "nil".to_owned(),
        other => json(other),
    }
}

fn ruby_symbols(data: &Data) -> String {
    match data {
        List(items) => format!("[{}]", each(items, ", ", ruby_symbols)),
        Map(members) => format!(
            "{{{}}}",
            pairs(members, ", ", |key, value| format!(
                ":{key}=>{}",
                ruby_symbols(value)
            ))
        ),
        Null => "nil".to_owned(),
        other => json(other),
    }
}

fn ruby_object(data: &Data) -> String {
    match data {
        List(items) => format!("[{}]", each(items, ", ", ruby_object)),
        Map(members) => format!(
            "#<Intercom::Error:0x00007f {}>",
            pairs(members, ", ", |key, value| format!(
                "@{key}={}",
                ruby_object(value)
            ))
        ),
        Null => "nil".to_owned(),
        other => json(other),
    }
}

fn elixir(data: &Data) -> String {
    match data {
        List(items) => format!("[{}]", each(items, ", ", elixir)),
        Map(members) => format!(
            "%{{{}}}",
            pairs(members, ", ", |key, value| format!(
                "{key}: {}",
                elixir(value)
            ))
        ),
        Null => "nil".to_owned(),
        other => json(other),
    }
}

fn erlang(data: &Data) -> String {
    match data {
        List(items) => format!("[{}]", each(items, ",", erlang)),
        Map(members) => format!(
            "#{{{}}}",
            pairs(members, ",", |key, value| format!(
                "<<\"{key}\">> => {}",
                erlang(value)
            ))
        ),
        Null => "null".to_owned(),
        Number(number) => number.to_string(),
        Text(text) => format!("<<{}/utf8>>", json_text(text)),
    }
}

/// Node breaks long lines, and prints long strings in parts.
fn node(data: &Data) -> String {
    match data {
        List(items) => format!("[\n  {}\n]", each(items, ",\n  ", node)),
        Map(members) => format!(
            "{{\n  {}\n}}",
            pairs(members, ",\n  ", |key, value| format!(
                "{key}: {}",
                node(value)
            ))
        ),
        Text(text) if text.len() > 40 => {
            let half = text.char_indices().nth(20).map_or(text.len(), |(at, _)| at);
            let (a, b) = text.split_at(half);
            format!(
                "{} +\n    {}",
                single(a).replace('\n', "\\n"),
                single(b).replace('\n', "\\n")
            )
        }
        Text(text) => single(text).replace('\n', "\\n"),
        other => json(other),
    }
}

fn rust(data: &Data) -> String {
    match data {
        List(items) => format!("[{}]", each(items, ", ", rust)),
        Map(members) => format!(
            "Error {{ {} }}",
            pairs(members, ", ", |key, value| format!(
                "{key}: {}",
                rust(value)
            ))
        ),
        Null => "None".to_owned(),
        Number(number) => number.to_string(),
        Text(text) => format!("Some({text:?})"),
    }
}

/// Go's `%#v`.
fn go_source(data: &Data) -> String {
    match data {
        List(items) => format!("[]interface {{}}{{{}}}", each(items, ", ", go_source)),
        Map(members) => format!(
            "map[string]interface {{}}{{{}}}",
            pairs(members, ", ", |key, value| format!(
                "\"{key}\":{}",
                go_source(value)
            ))
        ),
        Null => "interface {}(nil)".to_owned(),
        other => json(other),
    }
}

fn php_export(data: &Data) -> String {
    match data {
        List(items) => {
            let mut out = "array (\n".to_owned();
            for (index, item) in items.iter().enumerate() {
                write!(out, "  {index} => \n  {},\n", php_export(item)).unwrap();
            }
            out + ")"
        }
        Map(members) => format!(
            "array (\n  {},\n)",
            pairs(members, ",\n  ", |key, value| format!(
                "'{key}' => {}",
                php_export(value)
            ))
        ),
        Null => "NULL".to_owned(),
        Number(number) => number.to_string(),
        Text(text) => single(text),
    }
}

fn php_dump(data: &Data) -> String {
    match data {
        List(items) => {
            let mut out = format!("array({}) {{\n", items.len());
            for (index, item) in items.iter().enumerate() {
                write!(out, "  [{index}]=>\n  {}\n", php_dump(item)).unwrap();
            }
            out + "}"
        }
        Map(members) => format!(
            "array({}) {{\n  {}\n}}",
            members.len(),
            pairs(members, "\n  ", |key, value| format!(
                "[\"{key}\"]=>\n  {}",
                php_dump(value)
            ))
        ),
        Null => "NULL".to_owned(),
        Number(number) => format!("int({number})"),
        Text(text) => format!("string({}) \"{text}\"", text.len()),
    }
}

fn perl(data: &Data) -> String {
    match data {
        List(items) => format!("[\n  {}\n]", each(items, ",\n  ", perl)),
        Map(members) => format!(
            "{{\n  {}\n}}",
            pairs(members, ",\n  ", |key, value| format!(
                "'{key}' => {}",
                perl(value)
            ))
        ),
        Null => "undef".to_owned(),
        Number(number) => number.to_string(),
        Text(text) => single(text),
    }
}

fn lua(data: &Data) -> String {
    match data {
        List(items) => format!("{{ {} }}", each(items, ", ", lua)),
        Map(members) => format!(
            "{{ {} }}",
            pairs(members, ", ", |key, value| format!(
                "[\"{key}\"] = {}",
                lua(value)
            ))
        ),
        Null => "nil".to_owned(),
        other => json(other),
    }
}

fn edn(data: &Data) -> String {
    match data {
        List(items) => format!("[{}]", each(items, " ", edn)),
        Map(members) => format!(
            "{{{}}}",
            pairs(members, ", ", |key, value| format!(":{key} {}", edn(value)))
        ),
        Null => "nil".to_owned(),
        other => json(other),
    }
}

fn swift(data: &Data) -> String {
    match data {
        List(items) => format!("[{}]", each(items, ", ", swift)),
        Map(members) => format!(
            "[{}]",
            pairs(members, ", ", |key, value| format!(
                "\"{key}\": {}",
                swift(value)
            ))
        ),
        Null => "nil".to_owned(),
        other => json(other),
    }
}

/// GraphQL and the text format of protocol buffers have no commas.
fn graphql(data: &Data) -> String {
    match data {
        List(items) => format!("[{}]", each(items, " ", graphql)),
        Map(members) => format!(
            "{{ {} }}",
            pairs(members, " ", |key, value| format!(
                "{key}: {}",
                graphql(value)
            ))
        ),
        other => json(other),
    }
}

fn yaml(data: &Data) -> String {
    fn lines(data: &Data, indent: usize, out: &mut String) {
        let pad = " ".repeat(indent);
        match data {
            Map(members) => {
                for (key, value) in members {
                    match value {
                        List(items) if !items.is_empty() => {
                            writeln!(out, "{pad}{key}:").unwrap();
                            for item in items {
                                let mut inner = String::new();
                                lines(item, indent + 2, &mut inner);
                                writeln!(out, "{pad}- {}", inner.trim()).unwrap();
                            }
                        }
                        Map(_) => {
                            writeln!(out, "{pad}{key}:").unwrap();
                            lines(value, indent + 2, out);
                        }
                        other => writeln!(out, "{pad}{key}: {}", json(other)).unwrap(),
                    }
                }
            }
            other => write!(out, "{}", json(other)).unwrap(),
        }
    }
    let mut out = "\n".to_owned();
    lines(data, 0, &mut out);
    out
}

fn xml(data: &Data) -> String {
    match data {
        List(items) => each(items, "", |item| format!("<error>{}</error>", xml(item))),
        Map(members) => pairs(members, "", |key, value| {
            format!("<{key}>{}</{key}>", xml(value))
        }),
        Null => String::new(),
        Number(number) => number.to_string(),
        Text(text) => text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;"),
    }
}

fn csv(data: &Data) -> String {
    format!("17,\"{}\",x", json(data).replace('"', "\"\""))
}

fn sql(data: &Data) -> String {
    format!("('{}')", json(data).replace('\'', "''"))
}

fn url_encoded(data: &Data) -> String {
    let mut out = String::new();
    for byte in json(data).bytes() {
        match byte.is_ascii_alphanumeric() {
            true => out.push(char::from(byte)),
            false => write!(out, "%{byte:02X}").unwrap(),
        }
    }
    out
}

fn html(data: &Data) -> String {
    let json = json(data).replace('&', "&amp;").replace('"', "&quot;");
    json.replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&#39;")
}

fn escaped(data: &Data) -> String {
    let quoted = json_text(&json(data));
    quoted[1..quoted.len() - 1].to_owned()
}

fn bytes(data: &Data) -> String {
    let json = json(data);
    let escaped = json.bytes().fold("b'".to_owned(), |mut out, byte| {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\'' => out.push_str("\\'"),
            0x20..=0x7e => out.push(char::from(byte)),
            _ => write!(out, "\\x{byte:02x}").unwrap(),
        }
        out
    });
    escaped + "'"
}
