//! A pasted response: the body alone, the output of `curl -i` or `curl -v`, or a log line.

use intercom_protocol::{ApiError, UnixTime};

use super::no_response::{self, FaultParts};
use super::{clues, lines, logged, search};
use crate::error::Failure;
use crate::words::quoted;

/// The parts of a pasted response.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Pasted {
    pub(crate) status: Option<u16>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    /// The method and path of the request, which only `curl -v` and some logs show.
    pub(crate) request: Option<(http::Method, String)>,
    /// Why there is no response.
    pub(crate) fault: Option<FaultParts>,
    /// Whether the text mentions another attempt that may have been applied.
    pub(crate) maybe_applied: bool,
    /// The time of the response, which only a line of JSON contains.
    pub(crate) now: Option<UnixTime>,
}

/// Whether an argument is a response itself, not a name.
pub(crate) fn is_response(text: &str) -> bool {
    let text = text.trim();
    let begins = ["{", "[", "<", "HTTP/"];
    text.contains('\n')
        || begins.iter().any(|begin| text.starts_with(begin))
        || no_response::is_curl(text)
        || logged::read(text).is_some()
        || (text.contains(is_outside_names) && search::find(text).is_some())
}

/// Whether no code, category or action contains this character.
fn is_outside_names(char: char) -> bool {
    !char.is_ascii_alphanumeric() && !matches!(char, '_' | '-')
}

impl Pasted {
    pub(crate) fn bare(body: Vec<u8>) -> Self {
        Self {
            body,
            ..Self::default()
        }
    }

    /// Reads a body, or the output of `curl -i` or `curl -v`. Lines may end in CRLF or LF.
    ///
    /// The last of several heads counts, because those of proxies, `100 Continue` and redirects come first.
    pub(crate) fn read_response(text: &[u8]) -> Result<Self, Failure> {
        if text.split(|&byte| byte == b'\n').any(is_verbose_status) {
            let pasted = Self::read_plain(&without_marks(text))?;
            let mut lines = text.rsplit(|&byte| byte == b'\n');
            let heads = b"\n< HTTP/";
            let last = text.windows(heads.len()).rposition(|part| part == heads);
            let before = last.and_then(|at| text.get(..at)).unwrap_or_default();
            return Ok(Self {
                request: lines.find_map(request),
                maybe_applied: no_response::maybe_applied(&String::from_utf8_lossy(before)),
                ..pasted
            });
        }
        Self::read_plain(text)
    }

    /// Reads a response, or text that describes a response or a fault.
    pub(crate) fn read(text: &[u8]) -> Result<Self, Failure> {
        let pasted = Self::read_response(text)?;
        let has_status = pasted.status.is_some();
        let headless = std::str::from_utf8(text).ok().filter(|_| !has_status);
        if let Some(line) = headless.and_then(lines::read) {
            return Ok(line);
        }
        let described = headless.and_then(Self::read_headless).or_else(|| {
            let has_code = ApiError::from_parts(0, [], start(text)).code().is_some();
            let text = headless.filter(|_| !has_code)?;
            Self::read_inner(text).or_else(|| search::find(text))
        });
        Ok(described.unwrap_or(pasted))
    }

    fn read_headless(text: &str) -> Option<Self> {
        let request = text
            .as_bytes()
            .rsplit(|&byte| byte == b'\n')
            .find_map(request);
        let status = no_response::status(text);
        let fault = no_response::curl_fault(text, request.is_some()).filter(|_| status.is_none());
        let pasted = if status.is_some() || fault.is_some() {
            Self {
                status,
                request,
                fault,
                ..Self::default()
            }
        } else {
            logged::find(text)?
        };
        Some(Self {
            maybe_applied: no_response::maybe_applied(text),
            ..pasted
        })
    }

    /// Reads the last response that begins on a later line.
    fn read_inner(text: &str) -> Option<Self> {
        let begins = text.rmatch_indices("\nHTTP/");
        let mut parts = begins.filter_map(|(at, _)| text.split_at_checked(at));
        let is_head = |text: &str| status(next_line(start(text.as_bytes())).0).is_ok();
        let (before, response) = parts.find(|(_, text)| is_head(text))?;
        Some(Self {
            request: clues::request(before),
            maybe_applied: no_response::maybe_applied(before),
            ..Self::read_plain(response.as_bytes()).ok()?
        })
    }

    /// Whether there is nothing to explain.
    pub(crate) fn is_nothing(&self) -> bool {
        let has_head = self.status.is_some() || self.fault.is_some() || !self.headers.is_empty();
        !has_head && self.body.trim_ascii().is_empty()
    }

    fn read_plain(text: &[u8]) -> Result<Self, Failure> {
        let mut pasted = Self::default();
        let mut rest = start(text);
        while rest.starts_with(b"HTTP/") {
            let (line, mut after) = next_line(rest);
            pasted.status = Some(status(line)?);
            pasted.headers.clear();
            loop {
                let (line, next) = next_line(after);
                after = next;
                match header(line) {
                    Some(header) => pasted.headers.push(header),
                    None if line.is_empty() => break,
                    None => {}
                }
            }
            rest = after;
        }
        let body = if pasted.status.is_some() { rest } else { text };
        pasted.body = body.to_vec();
        Ok(pasted)
    }
}

/// Whether the line is a status line as `curl -v` prints it.
fn is_verbose_status(line: &[u8]) -> bool {
    line.starts_with(b"< HTTP/")
}

/// Converts the output of `curl -v` to that of `curl -i`: the lines of the response without their marks.
fn without_marks(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let lines = text.split_inclusive(|&byte| byte == b'\n');
    for line in lines.skip_while(|line| !is_verbose_status(line)) {
        match line.trim_ascii_end() {
            b"<" => out.push(b'\n'),
            head if head.starts_with(b"< ") => {
                out.extend_from_slice(head.get(2..).unwrap_or_default());
                out.push(b'\n');
            }
            other if is_noise(other) => {}
            // If the body does not end in a line break, curl's next remark is on its last line.
            _ => out.extend_from_slice(before(line, b"* Connection #")),
        }
    }
    out
}

/// Whether the line does not belong to the response: a line of the request, a remark, a byte count, the progress meter.
fn is_noise(line: &[u8]) -> bool {
    let is_count =
        (line.starts_with(b"{ [") || line.starts_with(b"} [")) && line.ends_with(b" bytes data]");
    let is_meter = line.windows(8).any(|part| part == b"--:--:--");
    matches!(line, b"*" | b">")
        || line.starts_with(b"* ")
        || line.starts_with(b"> ")
        || is_count
        || is_meter
}

fn before<'t>(text: &'t [u8], mark: &[u8]) -> &'t [u8] {
    let at = text.windows(mark.len()).position(|part| part == mark);
    at.and_then(|at| text.get(..at)).unwrap_or(text)
}

/// The method and path in a line like `> GET /me HTTP/2`.
fn request(line: &[u8]) -> Option<(http::Method, String)> {
    let line = std::str::from_utf8(line.strip_prefix(b"> ")?).ok()?;
    let mut words = line.split_ascii_whitespace();
    let (method, path) = (words.next()?, words.next()?);
    let method = http::Method::from_bytes(method.as_bytes()).ok()?;
    let is_request = words.next()?.starts_with("HTTP/");
    is_request.then(|| (method, path.to_owned()))
}

/// The text without a leading byte order mark and white space.
fn start(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(text)
        .trim_ascii_start()
}

/// The first line, without its line break, and the rest. At the end of the text, both are empty.
fn next_line(text: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = text.splitn(2, |&byte| byte == b'\n');
    let line = parts.next().unwrap_or_default();
    (
        line.strip_suffix(b"\r").unwrap_or(line),
        parts.next().unwrap_or_default(),
    )
}

/// The status in a line like `HTTP/1.1 429 Too Many Requests` or `HTTP/2 429`.
fn status(line: &[u8]) -> Result<u16, Failure> {
    let line = String::from_utf8_lossy(line);
    let number = line.split_ascii_whitespace().nth(1);
    number
        .and_then(|number| number.parse().ok())
        .filter(|status| (100..=599).contains(status))
        .ok_or_else(|| {
            Failure::usage(format!(
                "{} is not a status line like HTTP/1.1 429 Too Many Requests",
                quoted(&line)
            ))
        })
}

fn header(line: &[u8]) -> Option<(String, Vec<u8>)> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let (name, value) = line.split_at_checked(colon)?;
    let value = value.strip_prefix(b":")?.trim_ascii();
    let name = std::str::from_utf8(name).ok()?.trim();
    Some((name.to_owned(), value.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::Pasted;

    fn header(name: &str, value: &str) -> (String, Vec<u8>) {
        (name.to_owned(), value.as_bytes().to_vec())
    }

    #[test]
    fn a_response_is_parsed_with_either_line_ending() {
        for end in ["\n", "\r\n"] {
            let text = [
                "HTTP/1.1 429 Too Many Requests",
                "X-RateLimit-Reset: 7",
                "date:x",
                "",
                "{\"a\":1}\n\nb",
            ]
            .join(end);
            let pasted = Pasted::read(text.as_bytes()).unwrap();
            assert_eq!(pasted.status, Some(429));
            assert_eq!(
                pasted.headers,
                [header("X-RateLimit-Reset", "7"), header("date", "x")]
            );
            assert_eq!(pasted.body, b"{\"a\":1}\n\nb");
        }
    }

    #[test]
    fn the_last_of_several_heads_counts() {
        let text = "HTTP/1.1 100 Continue\r\nA: 1\r\n\r\nHTTP/2 404\r\nB: 2\r\n\r\nbody";
        let pasted = Pasted::read(text.as_bytes()).unwrap();
        assert_eq!(
            (pasted.status, pasted.headers),
            (Some(404), vec![header("B", "2")])
        );
    }

    #[test]
    fn many_heads_are_read_in_linear_time() {
        let text = "HTTP/1.1 301\n\n".repeat(1 << 17);
        let pasted = Pasted::read(format!("{text}HTTP/2 404\n\nbody").as_bytes()).unwrap();
        assert_eq!((pasted.status, pasted.body), (Some(404), b"body".into()));
    }

    #[test]
    fn other_lines_of_curl_v_are_ignored() {
        let quiet = "HTTP/1.1 409 Conflict\nB: 2\n\n{\"a\":\n 1}";
        let marked = [
            "  % Total    % Received % Xferd\n\r  0     0 --:--:--     0*   Trying 127.0.0.1:80...\n",
            "* Connected to 127.0.0.1 (127.0.0.1) port 80\n",
            "> POST /contacts?a=1 HTTP/1.1\r\n> Authorization: Bearer x\r\n> \r\n} [15 bytes data]\n",
            "< HTTP/1.1 100 Continue\r\n< \r\n< HTTP/1.1 409 Conflict\r\r\n< B: 2\r\n<\n{ [12 bytes data]\n",
            "\r100   132  100   132 --:--:-- --:--:-- --:--:-- 33000\n",
            "{\"a\":\n 1}",
            "* Connection #0 to host 127.0.0.1 left intact\n",
        ];
        let pasted = Pasted::read(marked.concat().as_bytes()).unwrap();
        let request = Some((http::Method::POST, "/contacts?a=1".to_owned()));
        assert_eq!(
            pasted,
            Pasted {
                request,
                ..Pasted::read(quiet.as_bytes()).unwrap()
            }
        );
    }

    #[test]
    fn text_without_a_status_line_is_the_body() {
        for text in ["", "{}", "<html>", "HTP/1.1 404", "\u{feff}[]"] {
            let pasted = Pasted::read(text.as_bytes()).unwrap();
            assert_eq!(pasted, Pasted::bare(text.into()), "{text}");
        }
    }

    #[test]
    fn a_response_may_begin_on_a_later_line() {
        let text = "sent POST /messages\nHTTP/1.1 429 x\nretry-after: 5\n\n{}";
        let pasted = Pasted::read(text.as_bytes()).unwrap();
        let request = Some((http::Method::POST, "/messages".to_owned()));
        assert_eq!((pasted.status, pasted.request), (Some(429), request));
        assert_eq!(pasted.headers, [header("retry-after", "5")]);
        let several = format!("{text}\nHTTP/1.1 404 x\n\n[]\nHTTP/1.1 is old");
        let last = Pasted::read(several.as_bytes()).unwrap();
        assert_eq!(last.status, Some(404));
        assert!(last.body.starts_with(b"[]"));
        let prose = Pasted::read(b"it said\nHTTP/1.1 is old").unwrap();
        assert_eq!(prose.status, None);
    }

    #[test]
    fn a_head_without_a_body_is_accepted_and_an_invalid_one_rejected() {
        assert_eq!(Pasted::read(b"HTTP/1.1 502").unwrap().status, Some(502));
        assert_eq!(
            Pasted::read(b"HTTP/1.1 502\nA: 1").unwrap().headers.len(),
            1
        );
        for bad in ["HTTP/1.1", "HTTP/1.1 OK", "HTTP/2 42", "HTTP/2 99999999"] {
            assert!(Pasted::read(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
