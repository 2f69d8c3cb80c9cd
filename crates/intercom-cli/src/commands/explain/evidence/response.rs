//! Raw responses: the output of `curl -i` and `curl -v`, and responses in a log.

use super::{Evidence, vocabulary as known, words};

/// The last response in a text, because those of proxies, `100 Continue` and redirects come first.
pub(super) fn last(text: &str) -> Option<Evidence> {
    let head = known::HEAD.captures_iter(text).last()?;
    let (earlier, from) = text.split_at_checked(head.get(0)?.start())?;
    let unmarked = || known::NOISE.replace_all(from, "").into_owned();
    let response = match &head[1] {
        "< " => known::MARK.replace_all(&unmarked(), "").into_owned(),
        _ => from.trim_start().to_owned(),
    };
    let (head_lines, body) = match known::BLANK.find(&response) {
        Some(blank) => (response.get(..blank.start())?, response.get(blank.end()..)?),
        None => (response.as_str(), ""),
    };
    let lines = head_lines.lines().skip(1);
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.trim().to_owned(), value.trim().into()));
    let mut found = Evidence::of(head[2].parse().ok(), body.into());
    found.headers = headers.collect();
    found.maybe_applied = super::maybe_applied(earlier);
    found.request = super::sent(text).or_else(|| words::request(earlier));
    Some(found)
}
