//! The headers worth reading; all of them optional, all of them possibly garbage.

use alloc::boxed::Box;

use super::date;
use crate::{RateLimit, RetryAfter};

/// What an answer's headers say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Headers {
    pub(crate) request_id: Option<Box<str>>,
    pub(crate) rate_limit: RateLimit,
    pub(crate) retry_after: Option<RetryAfter>,
    pub(crate) merged_into: Option<Box<str>>,
    pub(crate) location: Option<Box<str>>,
}

impl Headers {
    /// Reads the headers in any order and case; of a repeated one the first that can be read holds.
    pub(crate) fn read<'h>(headers: impl IntoIterator<Item = (&'h str, &'h [u8])>) -> Self {
        let mut read = Self::default();
        for (name, value) in headers {
            read.take(name, value);
        }
        read
    }

    fn take(&mut self, name: &str, value: &[u8]) {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        match name.len() {
            4 if is("link") => keep(&mut self.merged_into, || canonical_contact(text(value)?)),
            8 if is("location") => keep(&mut self.location, || text(value).map(Into::into)),
            11 if is("retry-after") => keep(&mut self.retry_after, || RetryAfter::parse(value)),
            12 if is("x-request-id") => keep(&mut self.request_id, || text(value).map(Into::into)),
            _ => take_limit(&mut self.rate_limit, name, value),
        }
    }
}

/// Reads the rate limit's headers alone, by the same rules and without a copy of any.
pub(crate) fn rate_limit<'h>(headers: impl IntoIterator<Item = (&'h str, &'h [u8])>) -> RateLimit {
    let mut limit = RateLimit::default();
    for (name, value) in headers {
        take_limit(&mut limit, name, value);
    }
    limit
}

fn take_limit(limit: &mut RateLimit, name: &str, value: &[u8]) {
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    match name.len() {
        4 if is("date") => keep(&mut limit.date, || date::parse(value)),
        17 if is("x-ratelimit-limit") => keep(&mut limit.limit, || count(value)),
        17 if is("x-ratelimit-reset") => keep(&mut limit.reset, || text(value)?.parse().ok()),
        21 if is("x-ratelimit-remaining") => keep(&mut limit.remaining, || count(value)),
        _ => {}
    }
}

/// Fills what is still empty.
fn keep<T>(place: &mut Option<T>, read: impl FnOnce() -> Option<T>) {
    if place.is_none() {
        *place = read();
    }
}

fn text(value: &[u8]) -> Option<&str> {
    core::str::from_utf8(value)
        .ok()
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

fn count(value: &[u8]) -> Option<u32> {
    let text = text(value)?;
    // A negative count has been seen from other services at the end of a window: nothing is left.
    if text.starts_with('-') {
        text.parse::<i64>().ok().map(|_| 0)
    } else {
        text.parse().ok()
    }
}

/// The contact a `Link: </contacts/{id}>; rel="canonical"` names, relative or absolute; no other link.
fn canonical_contact(link: &str) -> Option<Box<str>> {
    link.split(',').find_map(|link| {
        let (target, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
        let canonical = rest.split(';').any(|part| {
            let (name, value) = part.trim().split_once('=').unwrap_or((part, ""));
            name.trim().eq_ignore_ascii_case("rel")
                && value
                    .trim()
                    .trim_matches('"')
                    .split_ascii_whitespace()
                    .any(|relation| relation.eq_ignore_ascii_case("canonical"))
        });
        let (before, id) = target.rsplit_once("/contacts/")?;
        let plain = !id.is_empty()
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let at_the_root =
            before.is_empty() || (before.contains("://") && before.matches('/').count() == 2);
        (canonical && plain && at_the_root).then(|| id.into())
    })
}

#[cfg(test)]
mod tests {
    use super::{Headers, canonical_contact};

    #[test]
    fn names_are_read_in_any_case_and_the_first_readable_value_holds() {
        let read = Headers::read([
            ("X-RATELIMIT-LIMIT", b"junk".as_slice()),
            ("x-ratelimit-limit", b" 167 "),
            ("X-RateLimit-Limit", b"9"),
            ("X-RateLimit-Remaining", b"-1"),
            ("X-RateLimit-Reset", b"99999999999999999999999"),
            ("x-request-id", b"\xff"),
        ]);
        assert_eq!(
            (
                read.rate_limit.limit,
                read.rate_limit.remaining,
                read.rate_limit.reset
            ),
            (Some(167), Some(0), None)
        );
        assert_eq!(read.request_id, None);
    }

    #[test]
    fn only_a_canonical_link_to_a_contact_is_followed() {
        for (link, id) in [
            ("</contacts/5f1>; rel=\"canonical\"", Some("5f1")),
            (
                "<https://api.intercom.io/contacts/5f1>; rel=canonical",
                Some("5f1"),
            ),
            (
                "</x>; rel=\"next\", </contacts/a_b-c>; rel=\"canonical\"",
                Some("a_b-c"),
            ),
            ("</contacts/5f1>; rel=\"next\"", None),
            ("</contacts/5f1/notes>; rel=\"canonical\"", None),
            ("</contacts/../admins>; rel=\"canonical\"", None),
            ("</admins/contacts/5f1>; rel=\"canonical\"", None),
            ("</contacts/>; rel=\"canonical\"", None),
            ("contacts/5f1", None),
        ] {
            assert_eq!(canonical_contact(link).as_deref(), id, "{link}");
        }
    }
}
