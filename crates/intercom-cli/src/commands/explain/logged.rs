//! An error as a log line: `401 Unauthorized`, `HTTP 429`, or an error line of this program.

use intercom_errors::Entry;

use super::pasted::Pasted;
use super::{clues, search};

/// The prefix of this program's error lines.
const PREFIX: &str = "intercom:";

/// The only header that a log line can contain.
pub(super) const REQUEST_ID: &str = "X-Request-Id";

/// Reads a line that begins with a status. A code, a message and a request id may follow.
///
/// ```text
/// intercom: 404 not_found "User Not Found": check the id (request req_abc123)
/// ```
pub(super) fn read(line: &str) -> Option<Pasted> {
    let mut rest = line.trim();
    let status = loop {
        let (word, after) = first_word(rest);
        rest = after;
        match word.parse::<u16>() {
            Ok(status) => break Some(status).filter(|status| (100..=599).contains(status))?,
            Err(_) if is_label(word) => {}
            Err(_) => return None,
        }
    };
    let (word, after) = first_word(rest);
    let code = Some(word).filter(|word| is_code(word));
    let message = code.and_then(|_| quoted(after));
    let body = match code {
        Some(code) => search::list(code, message),
        None => Vec::new(),
    };
    Some(Pasted {
        status: Some(status),
        headers: headers(line),
        body,
        ..Pasted::default()
    })
}

/// Reads text of one line. If there are several lines, reads the last error line of this program.
pub(super) fn find(text: &str) -> Option<Pasted> {
    let text = text.trim();
    if !text.contains('\n') {
        return read(text);
    }
    let mut own = text.lines().rev().filter(|line| line.starts_with(PREFIX));
    own.find_map(read)
}

/// The request id in a line, as a header.
pub(super) fn headers(line: &str) -> Vec<(String, Vec<u8>)> {
    let id = request_id(line).or_else(|| clues::value(line, "request_id"));
    id.map(|id| (REQUEST_ID.to_owned(), id.as_bytes().to_vec()))
        .into_iter()
        .collect()
}

/// The first word without trailing punctuation, and the rest.
fn first_word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word.trim_end_matches([':', ';', ',']), rest.trim_start())
}

/// Whether the word can precede a status.
fn is_label(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    ["intercom", "http", "error", "status", "code"].contains(&word.as_str())
        || word.starts_with("http/")
}

/// Whether the word is a code, not the beginning of a reason phrase like `Unauthorized`.
fn is_code(word: &str) -> bool {
    let snake = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    word.bytes().all(snake) && (word.contains('_') || Entry::of(&word.into()).is_some())
}

/// The quoted text at the beginning, which may itself contain quotes.
fn quoted(text: &str) -> Option<&str> {
    let (quoted, _) = text.strip_prefix('"')?.rsplit_once("\":")?;
    Some(quoted)
}

fn request_id(line: &str) -> Option<&str> {
    let (_, after) = line.rsplit_once("(request ")?;
    let (id, _) = after.split_once(')')?;
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::{find, read};

    #[test]
    fn a_status_is_read_at_the_beginning_or_after_a_label() {
        for line in [
            "429",
            "HTTP 429",
            "http/2 429",
            "HTTP Error 429: Too Many Requests",
            "status: 429, x",
            "429 Too Many Requests",
            "intercom: 429 rate_limit_exceeded; attempt 2 of 4 in 3.0 s",
        ] {
            assert_eq!(read(line).unwrap().status, Some(429), "{line}");
        }
        for line in [
            "",
            "HTTP",
            "42 x",
            "429ms",
            "600",
            "got 429",
            "rate_limit 429",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn a_reason_phrase_is_not_a_code() {
        for line in ["401 Unauthorized", "404 Not Found", "500 banana"] {
            assert!(read(line).unwrap().body.is_empty(), "{line}");
        }
        let body = read("409 conflict \"a \"b\": c\": look").unwrap().body;
        let message = r#"{"code":"conflict","message":"a \"b\": c"}"#;
        assert!(String::from_utf8(body).unwrap().contains(message));
    }

    #[test]
    fn among_several_lines_only_error_lines_of_this_program_are_read() {
        assert_eq!(find("404 x\n500 y"), None);
        let log = "{}\nintercom: 404 not_found: check the id\n";
        assert_eq!(find(log).unwrap().status, Some(404));
    }
}
