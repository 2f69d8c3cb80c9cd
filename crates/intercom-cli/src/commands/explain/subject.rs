//! The thing to explain: a code, a status, or a response from a file or stdin.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::path::Path;

use intercom_protocol::ErrorCode;
use serde_json::json;

use super::evidence::Evidence;
use super::nearest;
use super::vocabulary::Word;
use crate::error::Failure;
use crate::redact::Redactor;
use crate::words::quoted;

/// The size limit of a response, in bytes.
const MAX_BYTES: u64 = 64 << 20;
/// How many tokens are hidden. Each costs a pass over the text, and the last ones suffice because the last response is
/// the one that is explained.
const MAX_TOKENS: usize = 8;

/// The thing to explain.
#[derive(Debug)]
pub(crate) enum Subject {
    Response(Vec<u8>),
    Code(ErrorCode),
    Status(u16),
}

impl Subject {
    /// Interprets the argument.
    ///
    /// Digits and reason phrases are a status. `-` or no argument means stdin. The name of an existing file means its
    /// content. Text that looks like a response is one. Anything else is a code.
    pub(crate) fn resolve(argument: Option<&str>) -> Result<Self, Failure> {
        let Some(argument) = argument else {
            if io::stdin().is_terminal() {
                return Err(Failure::usage(
                    "nothing to explain: pass a code like not_found, a status like 429, a response or a file, or - to paste a response; --all lists the codes",
                ));
            }
            return read_all(io::stdin(), "stdin").map(Self::Response);
        };
        if !argument.is_empty() && argument.bytes().all(|byte| byte.is_ascii_digit()) {
            return status(argument).map(Self::Status);
        }
        if argument == "-" {
            return read_all(io::stdin(), "stdin").map(Self::Response);
        }
        if Path::new(argument).exists() && !Path::new(argument).is_dir() {
            let file = File::open(argument).map_err(|error| unreadable(argument, &error))?;
            return read_all(file, argument).map(Self::Response);
        }
        if is_text(argument) {
            return Ok(Self::Response(argument.as_bytes().to_vec()));
        }
        if argument.contains(['/', '.', '\\']) || argument.trim().is_empty() {
            return Err(no_such(argument));
        }
        let code: ErrorCode = argument.trim().into();
        Ok(Self::Code(
            match (&code, nearest::same_spelling(argument)) {
                (ErrorCode::Unknown(_), Some(entry)) => entry.code().clone(),
                _ => code,
            },
        ))
    }

    /// The code, if it is unknown.
    pub(crate) fn unknown_code(&self) -> Option<&str> {
        match self {
            Self::Code(ErrorCode::Unknown(code)) => Some(code),
            _ => None,
        }
    }

    /// The response itself, or a minimal one with this code or status.
    ///
    /// If a status is given, text without a status line is the body.
    pub(crate) fn into_evidence(self, status: Option<u16>) -> Evidence {
        match self {
            Self::Response(bytes) => Evidence::read(&without_tokens(&bytes), status.is_some()),
            Self::Code(code) => {
                let list = json!({ "type": "error.list", "errors": [{ "code": code.as_str() }] });
                Evidence::of(None, list.to_string().into_bytes())
            }
            Self::Status(status) => Evidence::of(Some(status), Vec::new()),
        }
    }
}

/// The failure for text that contains no error of Intercom.
pub(super) fn no_error(found: &Evidence) -> Failure {
    if let Some(why) = &found.foreign {
        return Failure::usage(format!("this is not an error of Intercom: {why}"));
    }
    let begin = found.body.trim_ascii_start();
    Failure::usage(match begin.first() {
        Some(b'<') => "this is a page of HTML or XML without a status; add --status N",
        Some(b'H') if begin.starts_with(b"HTTP/") => {
            "the first line is not a status line like HTTP/1.1 429 Too Many Requests"
        }
        _ => "no status and no known code in this text; add --status N",
    })
}

fn no_such(argument: &str) -> Failure {
    let shown = quoted(argument);
    Failure::usage(format!(
        "{shown} is neither an existing file nor an error code"
    ))
}

/// Whether an argument is a text, not a name: a code, a category or an action, which can be written with spaces.
fn is_text(argument: &str) -> bool {
    let text = argument.trim();
    let is_outside_names = |char: char| !char.is_ascii_alphanumeric() && !"_-/.\\ ".contains(char);
    let is_name = || Word::of(text).is_some() || nearest::nearest(text).is_some();
    let found = || {
        let found = Evidence::read(argument.as_bytes(), false);
        found.status.is_some() || found.fault.is_some()
    };
    match text.contains(char::is_whitespace) {
        true => text.contains(is_outside_names) || found() || !is_name(),
        false => text.contains(is_outside_names) || (!is_name() && found()),
    }
}

/// The text without the tokens of its requests, which `curl -v` shows. A response can echo them, so they are hidden
/// everywhere.
fn without_tokens(text: &[u8]) -> Cow<'_, [u8]> {
    let lines = text.rsplit(|&byte| byte == b'\n');
    let mut seen = BTreeSet::new();
    let tokens = lines.filter_map(token).filter(|token| seen.insert(*token));
    let tokens = tokens.take(MAX_TOKENS);
    tokens.fold(Cow::Borrowed(text), |text, token| {
        Cow::Owned(Redactor::new(token).bytes(&text).into_owned())
    })
}

/// The token in a line like `> Authorization: Bearer ...` or `* [HTTP/2] [1] [authorization: Bearer ...]`.
fn token(line: &[u8]) -> Option<&str> {
    let name = b"authorization:";
    let at = line
        .windows(name.len())
        .position(|part| part.eq_ignore_ascii_case(name))?;
    let value = line.get(at + name.len()..)?;
    let value = std::str::from_utf8(value).ok()?.trim();
    let (scheme, token) = value.split_once(char::is_whitespace)?;
    let is_sent = line.starts_with(b"> ") || line.starts_with(b"* ");
    let is_token = is_sent && ["bearer", "basic"].contains(&scheme.to_ascii_lowercase().as_str());
    is_token.then(|| token.trim().trim_end_matches(']'))
}

/// Opens a file of lines, or stdin.
pub(crate) fn open(name: &str) -> Result<Box<dyn Read>, Failure> {
    if name == "-" {
        return Ok(Box::new(io::stdin()));
    }
    let file = File::open(name).map_err(|error| unreadable(name, &error))?;
    Ok(Box::new(file))
}

pub(crate) fn unreadable(name: &str, error: &io::Error) -> Failure {
    Failure::usage(format!("{name} cannot be read: {error}"))
}

fn read_all(source: impl Read, name: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    source
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(name, &error))?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len > MAX_BYTES) {
        return Err(Failure::usage(format!(
            "{name} is too long to be one response"
        )));
    }
    Ok(bytes)
}

fn status(digits: &str) -> Result<u16, Failure> {
    let status = digits
        .parse()
        .ok()
        .filter(|status| (100..=599).contains(status));
    status.ok_or_else(|| Failure::usage(format!("{digits} is not an HTTP status (100 to 599)")))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::without_tokens;

    #[test]
    fn the_last_of_many_tokens_are_hidden_in_linear_time() {
        let mut text = String::new();
        for n in 0..1 << 12 {
            writeln!(text, "> Authorization: Bearer token-number-{n:08}").unwrap();
        }
        let hidden = without_tokens(text.as_bytes());
        let hidden = String::from_utf8_lossy(&hidden);
        for n in (1 << 12) - 8..1 << 12 {
            assert!(!hidden.contains(&format!("token-number-{n:08}")), "{n}");
        }
    }
}
