//! Raw responses: the output of `curl -i` and `curl -v`, and responses in a log.

use super::Evidence;

/// The last response in a text. The last of several heads counts, because those of proxies, `100 Continue` and redirects
/// come first. Lines may end in CRLF or LF.
pub(super) fn last(text: &[u8]) -> Option<Evidence> {
    if text
        .split(|&byte| byte == b'\n')
        .any(|line| line.starts_with(b"< HTTP/"))
    {
        let heads = b"\n< HTTP/";
        let last = text.windows(heads.len()).rposition(|part| part == heads);
        let earlier = last.and_then(|at| text.get(..at)).unwrap_or_default();
        return Some(Evidence {
            earlier: String::from_utf8_lossy(earlier).into_owned(),
            ..read(&without_marks(text))?
        });
    }
    let start = start(text);
    if start.starts_with(b"HTTP/") {
        return read(start);
    }
    // A response in a log ends the text.
    let heads = text
        .windows(6)
        .enumerate()
        .filter(|(_, part)| *part == b"\nHTTP/");
    let mut heads: Vec<usize> = heads.map(|(at, _)| at).collect();
    heads.reverse();
    heads.into_iter().take(MOST_HEADS).find_map(|at| {
        let (before, from) = text.split_at_checked(at)?;
        Some(Evidence {
            earlier: String::from_utf8_lossy(before).into_owned(),
            ..read(start_of(from))?
        })
    })
}

/// How many lines that look like a head are tried.
const MOST_HEADS: usize = 100;

fn start_of(text: &[u8]) -> &[u8] {
    text.trim_ascii_start()
}

/// The text without a leading byte order mark and white space.
pub(super) fn start(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(text)
        .trim_ascii_start()
}

fn read(text: &[u8]) -> Option<Evidence> {
    let mut found = Evidence::default();
    let mut rest = text;
    while rest.starts_with(b"HTTP/") {
        let (line, mut after) = next_line(rest);
        found.status = Some(status(line)?);
        found.headers.clear();
        loop {
            let (line, next) = next_line(after);
            after = next;
            match header(line) {
                Some(header) => found.headers.push(header),
                None if line.is_empty() => break,
                None => {}
            }
        }
        rest = after;
    }
    found.body = rest.to_vec();
    Some(found)
}

/// Converts the output of `curl -v` to that of `curl -i`: the lines of the response without their marks.
fn without_marks(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let lines = text.split_inclusive(|&byte| byte == b'\n');
    for line in lines.skip_while(|line| !line.starts_with(b"< HTTP/")) {
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

/// The first line, without its line break, and the rest. At the end of the text, both are empty.
fn next_line(text: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = text.splitn(2, |&byte| byte == b'\n');
    let line = parts.next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    (line, parts.next().unwrap_or_default())
}

/// The status in a line like `HTTP/1.1 429 Too Many Requests` or `HTTP/2 429`.
fn status(line: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(line).ok()?;
    let number = line.split_ascii_whitespace().nth(1)?.parse().ok();
    number.filter(|status| (100..=599).contains(status))
}

fn header(line: &[u8]) -> Option<(String, Vec<u8>)> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let (name, value) = line.split_at_checked(colon)?;
    let value = value.strip_prefix(b":")?.trim_ascii();
    let name = std::str::from_utf8(name).ok()?.trim();
    Some((name.to_owned(), value.to_vec()))
}
