//! Raw responses: the output of `curl -i` and `curl -v`, and responses in a log.

use super::Evidence;
use crate::commands::explain::notation::Pattern;

/// The first line of a response, with the mark of `curl -v`.
static HEAD: Pattern = Pattern::new(r"(?m)^(< |\s*)HTTP/[\d.]+ ([1-5]\d\d)\b");
/// What `curl -v` prints between the lines of the response: the request, remarks, byte counts, the progress meter. If
/// the body does not end in a line break, a remark is on its last line.
static NOISE: Pattern = Pattern::new(
    r"(?m)^(?:[*>](?: .*)?|[{}] \[.* bytes data\]|.*--:--:--.*)\r?(?:\n|\z)|\* Connection #.*",
);
static MARK: Pattern = Pattern::new("(?m)^< ?");
static BLANK: Pattern = Pattern::new(r"\r?\n\r?\n");

/// The last response in a text, because those of proxies, `100 Continue` and redirects come first.
pub(super) fn last(text: &str) -> Option<Evidence> {
    let head = HEAD.captures_iter(text).last()?;
    let (earlier, from) = text.split_at_checked(head.get(0)?.start())?;
    let unmarked = || NOISE.replace_all(from, "").into_owned();
    let response = match &head[1] {
        "< " => MARK.replace_all(&unmarked(), "").into_owned(),
        _ => from.trim_start().to_owned(),
    };
    let (head_lines, body) = match BLANK.find(&response) {
        Some(blank) => (response.get(..blank.start())?, response.get(blank.end()..)?),
        None => (response.as_str(), ""),
    };
    let headers = head_lines
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.trim().to_owned(), value.trim().into()));
    Some(Evidence {
        status: head[2].parse().ok(),
        headers: headers.collect(),
        body: body.into(),
        earlier: earlier.to_owned(),
        ..Evidence::default()
    })
}
