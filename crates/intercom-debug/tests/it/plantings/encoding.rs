//! Twenty spellings of a text, as logs and files have them.

use std::fmt::Write as _;

pub(super) type Encoding = fn(&str) -> String;

/// A text in UTF-16 is another one: one of the logs is.
pub(super) const ENCODINGS: &[Encoding] = &[
    plain,
    upper,
    percent,
    percent_twice,
    plus_for_space,
    json,
    json_escapes,
    json_twice,
    base64,
    base64_url,
    base64_twice,
    base64_wrapped,
    hex,
    hex_upper_spaced,
    hex_escapes,
    octal_escapes,
    html_named,
    html_decimal,
    html_hex,
    quoted_printable,
    wrapped,
    split,
    spaced,
    base32,
];

pub(super) fn plain(text: &str) -> String {
    text.to_owned()
}

fn upper(text: &str) -> String {
    text.to_uppercase()
}

fn percent(text: &str) -> String {
    each(text, |byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    })
}

fn percent_twice(text: &str) -> String {
    percent(&each(text, |byte| format!("%{byte:02x}")))
}

fn plus_for_space(text: &str) -> String {
    percent(text).replace("%20", "+") + "&"
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn json_escapes(text: &str) -> String {
    text.encode_utf16()
        .fold(String::new(), |all, unit| all + &format!("\\u{unit:04x}"))
}

fn json_twice(text: &str) -> String {
    json(&json(text))
}

pub(super) fn base64(text: &str) -> String {
    base64_of(text.as_bytes(), b"+/", true)
}

fn base64_url(text: &str) -> String {
    base64_of(format!("{text}\n").as_bytes(), b"-_", false)
}

fn base64_twice(text: &str) -> String {
    base64(&base64(text))
}

/// As in a mail: a line break after 76 characters, in the middle of the value.
fn base64_wrapped(text: &str) -> String {
    wrap(&base64(&format!("{}{text}", "-".repeat(51))))
}

fn base64_of(bytes: &[u8], last: &[u8; 2], pads: bool) -> String {
    const DIGITS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().enumerate().fold(0_u32, |bits, (at, byte)| {
            bits | u32::from(*byte) << (16 - 8 * at)
        });
        for at in 0..=group.len() {
            let digit = (bits >> (18 - 6 * at) & 63) as usize;
            text.push(char::from(
                *DIGITS.get(digit).unwrap_or_else(|| &last[digit - 62]),
            ));
        }
        if pads {
            text.extend(std::iter::repeat_n('=', 3 - group.len()));
        }
    }
    text
}

fn base32(text: &str) -> String {
    let mut bits = text
        .bytes()
        .flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1));
    let mut all = String::new();
    while let Some(first) = bits.next() {
        let rest = (1..5).map(|_| bits.next().unwrap_or(0));
        let digit = rest.fold(first, |digit, bit| digit << 1 | bit);
        all.push(char::from(
            b"abcdefghijklmnopqrstuvwxyz234567"[usize::from(digit)],
        ));
    }
    all
}

fn hex(text: &str) -> String {
    each(text, |byte| format!("{byte:02x}"))
}

fn hex_upper_spaced(text: &str) -> String {
    each(text, |byte| format!("{byte:02X} "))
}

fn hex_escapes(text: &str) -> String {
    each(text, |byte| format!("\\x{byte:02x}"))
}

fn octal_escapes(text: &str) -> String {
    each(text, |byte| format!("\\{byte:03o}"))
}

fn html_named(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    text.replace('"', "&quot;")
        .replace('\'', "&#39;")
        .replace('@', "&commat;")
        + "&nbsp;"
}

fn html_decimal(text: &str) -> String {
    text.chars().fold(String::new(), |all, char| {
        all + &format!("&#{};", u32::from(char))
    })
}

fn html_hex(text: &str) -> String {
    text.chars().fold(String::new(), |all, char| {
        all + &format!("&#x{:x};", u32::from(char))
    })
}

fn quoted_printable(text: &str) -> String {
    each(text, |byte| match byte {
        b' '..=b'<' | b'>'..=b'~' => char::from(byte).to_string(),
        _ => format!("={byte:02X}"),
    }) + "=20"
}

/// A line break after 76 characters, in the middle of the value.
fn wrapped(text: &str) -> String {
    let half = text.chars().count() / 2;
    wrap(&format!("{} {text}", "-".repeat(75 - half)))
}

fn wrap(text: &str) -> String {
    let mut all = String::new();
    for (at, char) in text.chars().enumerate() {
        if at > 0 && at % 76 == 0 {
            all.push_str("\n ");
        }
        all.push(char);
    }
    all
}

fn split(text: &str) -> String {
    let middle = text
        .char_indices()
        .nth(text.chars().count() / 2)
        .map_or(0, |(at, _)| at);
    let (start, end) = text.split_at(middle);
    format!("{start}\n  {end}")
}

/// One space between all characters.
fn spaced(text: &str) -> String {
    text.chars()
        .fold(String::new(), |all, char| all + &char.to_string() + " ")
}

fn each(text: &str, encode: impl Fn(u8) -> String) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        let _ = write!(all, "{}", encode(byte));
        all
    })
}
