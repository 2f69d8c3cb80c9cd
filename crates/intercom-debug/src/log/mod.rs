//! Log lines and environment files that are safe to send to support.
//!
//! ```text
//! bytes ──text──▶ lines ──about──▶ lines about Intercom ──redact──▶ lines of allowed tokens
//! ```
//!
//! A line is cut into tokens, and only a whole token passes: a time, a route, a status, an error code, a request id after its
//! name, a number after a known name or with a unit, or words of `words.txt`. Everything else becomes `...`. A person's name or a
//! secret has no chance to pass, whatever its encoding, because no encoding of it is a list of such words.

mod about;
mod around;
mod env;
mod number;
mod private;
mod prose;
mod redact;
#[cfg(test)]
mod samples;
mod text;
mod time;
mod token;
mod url;
mod word;

pub(crate) use env::{Variable, variables};
pub(crate) use redact::redact;
pub(crate) use text::Text;
pub(crate) use url::redacted_url;

use crate::safe::HIDDEN;

/// How many lines after a line about Intercom can belong to it.
const LONGEST_ENTRY: usize = 40;

/// The redacted lines of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lines {
    /// How many lines were read.
    pub(crate) read: usize,
    /// The lines about Intercom.
    pub(crate) kept: Vec<String>,
}

/// Keeps the lines about Intercom, and the indented lines that continue them, like a printed object.
pub(crate) fn lines(text: &str) -> Lines {
    let mut found = Lines {
        read: 0,
        kept: Vec::new(),
    };
    let mut continued = 0;
    for line in text.split(['\n', '\r']).filter(|line| !line.is_empty()) {
        found.read += 1;
        if about::speaks_of_intercom(line) {
            continued = LONGEST_ENTRY;
        } else if continued > 0 && about::continues(line) {
            continued -= 1;
        } else {
            continued = 0;
            continue;
        }
        let line = redact(line);
        let is_hidden = line.trim() == HIDDEN;
        let follows_hidden = found.kept.last().is_some_and(|last| last.trim() == HIDDEN);
        if !(is_hidden && follows_hidden) {
            found.kept.push(line);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn lines_about_something_else_are_left_out() {
        let found = lines(
            "Started GET \"/\" for 10.0.0.1\nGET https://api.intercom.io/me\n\nSidekiq is done\n",
        );
        assert_eq!(found.read, 3);
        assert_eq!(found.kept, ["GET https://api.intercom.io/me"]);
    }

    #[test]
    fn an_object_printed_on_several_lines_is_kept_as_a_whole() {
        let printed = "IntercomError: BadRequestError {\n  statusCode: 409,\n  email: 'ada@example.org',\n}\nServer started\n";
        assert_eq!(
            lines(printed).kept,
            [
                "IntercomError: BadRequestError {",
                " statusCode: 409,",
                " email: '...',",
                "}",
            ]
        );
    }
}
