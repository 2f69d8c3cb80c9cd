//! Parses the headers. All of them are optional, and any of them can be invalid.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::{body, date, number};
use crate::classify::rules::WAF_HEADER;
use crate::rate_limit::until;
use crate::{BodyKind, RateLimit, RetryAfter, UnixTime};

/// The values of a response's headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Headers {
    pub(crate) request_id: Option<Box<str>>,
    pub(crate) limits: Limits,
    /// The longest delay and the latest time of `Retry-After`. Only a clock can tell which of them is later.
    pub(crate) longest_delay: Option<Duration>,
    pub(crate) latest_time: Option<UnixTime>,
    pub(crate) merged_into: Option<Box<str>>,
    pub(crate) location: Option<Box<str>>,
    pub(crate) content_encoding: Option<Box<str>>,
    pub(crate) waf_action: Option<Box<str>>,
    /// Whether the `Content-Type` is that of HTML.
    pub(crate) is_html: bool,
}

impl Headers {
    /// Parses the headers, in any order and in any case.
    ///
    /// If a header is repeated, the first valid value counts; of several waits, the longest.
    pub(crate) fn read<'h>(headers: impl IntoIterator<Item = (&'h str, &'h [u8])>) -> Self {
        let mut read = Self::default();
        for (name, value) in headers {
            read.take(name, value);
        }
        read.limits.check_resets();
        read
    }

    fn take(&mut self, name: &str, value: &[u8]) {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        match name.len() {
            4 if is("link") => keep(&mut self.merged_into, || canonical_contact(text(value)?)),
            8 if is("location") => keep(&mut self.location, || text(value).map(Into::into)),
            11 if is("retry-after") => self.take_retry_after(value),
            12 if is("content-type") => self.is_html |= is_html(value),
            12 if is("x-request-id") => keep(&mut self.request_id, || text(value).map(Into::into)),
            16 if is("content-encoding") => {
                keep(&mut self.content_encoding, || text(value).map(Into::into));
            }
            17 if is(WAF_HEADER) => keep(&mut self.waf_action, || text(value).map(Into::into)),
            _ => self.limits.take(name, value),
        }
    }

    /// Returns headers that are parsed to an equal value, except for the request id.
    pub(crate) fn known(&self) -> Vec<(&'static str, String)> {
        let text = |value: &Option<Box<str>>| value.as_deref().map(String::from);
        let count = |value: Option<u32>| value.map(|count| count.to_string());
        let limit = &self.limits.rate_limit;
        let resets: Vec<String> = self
            .limits
            .resets()
            .map(|reset| reset.as_secs().to_string())
            .collect();
        let link = self.merged_into.as_deref();
        let link = link.map(|id| alloc::format!("</contacts/{id}>; rel=\"canonical\""));
        let delay = self.longest_delay.map(|delay| delay.as_secs().to_string());
        [
            ("date", limit.date.map(date::written)),
            ("x-ratelimit-limit", count(limit.limit)),
            ("x-ratelimit-remaining", count(limit.remaining)),
            (
                "x-ratelimit-reset",
                (!resets.is_empty()).then(|| resets.join(", ")),
            ),
            ("retry-after", delay),
            ("retry-after", self.latest_time.map(date::written)),
            ("content-type", self.is_html.then(|| "text/html".into())),
            ("content-encoding", text(&self.content_encoding)),
            ("link", link),
            ("location", text(&self.location)),
            (WAF_HEADER, text(&self.waf_action)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }

    /// Returns `true` if a body of this kind is HTML, as its first bytes or the `Content-Type` show.
    pub(crate) fn is_html(&self, kind: BodyKind, body: &[u8]) -> bool {
        match kind {
            BodyKind::Raw => self.is_html || body::is_html(body),
            BodyKind::Encoded => self.is_html,
            _ => false,
        }
    }

    /// Returns the kind of a body from the kind of its bytes and the `Content-Encoding`.
    pub(crate) fn body_kind(&self, bytes: BodyKind) -> BodyKind {
        match self.content_encoding.as_deref() {
            Some(encoding) if bytes == BodyKind::Raw && encoding != "identity" => BodyKind::Encoded,
            _ => bytes,
        }
    }

    fn take_retry_after(&mut self, list: &[u8]) {
        let mut rest = Some(list);
        while let Some(list) = rest {
            let (first, behind) = split(list);
            // An HTTP date contains a comma itself.
            let pair = behind.map_or(0, |behind| first.len() + 1 + split(behind).0.len());
            for element in [Some(first), list.get(..pair)].into_iter().flatten() {
                match RetryAfter::parse(element) {
                    Some(RetryAfter::At(time)) => raise(&mut self.latest_time, time),
                    Some(RetryAfter::Delay(delay)) => raise(&mut self.longest_delay, delay),
                    None => {}
                }
            }
            rest = behind;
        }
    }

    /// Returns the longest delay or the latest time, whichever is later. Without a clock, the delay takes precedence.
    pub(crate) fn retry_after(&self, now: Option<UnixTime>) -> Option<RetryAfter> {
        let time = self.latest_time.map(RetryAfter::At);
        let delay = self.longest_delay.map(RetryAfter::Delay);
        let both = [time, delay].into_iter().flatten();
        both.max_by_key(|after| after.from(now))
    }
}

/// The rate limit, and other candidates for its reset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) rate_limit: RateLimit,
    /// Earlier resets. Only a response without a `Date` has them.
    pub(crate) others: Vec<UnixTime>,
}

impl Limits {
    fn take(&mut self, name: &str, value: &[u8]) {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let limit = &mut self.rate_limit;
        match name.len() {
            4 if is("date") => keep(&mut limit.date, || date::parse(value)),
            17 if is("x-ratelimit-limit") => keep(&mut limit.limit, || count(value)),
            17 if is("x-ratelimit-reset") => self.take_resets(value),
            21 if is("x-ratelimit-remaining") => keep(&mut limit.remaining, || count(value)),
            _ => {}
        }
    }

    fn take_resets(&mut self, list: &[u8]) {
        let resets = list.split(|&byte| byte == b',').filter_map(number::seconds);
        for reset in resets.filter_map(UnixTime::from_secs) {
            let other = self.rate_limit.reset.map(|latest| latest.min(reset));
            self.others.extend(other);
            raise(&mut self.rate_limit.reset, reset);
        }
    }

    fn resets(&self) -> impl Iterator<Item = UnixTime> {
        let others = self.others.iter().copied();
        self.rate_limit.reset.into_iter().chain(others)
    }

    /// Keeps the latest valid reset, if the response has a `Date` to check it.
    fn check_resets(&mut self) {
        if let Some(date) = self.rate_limit.date {
            let times = self.resets().filter(|reset| until(*reset, date).is_some());
            self.rate_limit.reset = times.max();
            self.others.clear();
        }
    }

    /// Returns the time until the latest valid reset. Without a `Date`, measures it from this machine's clock.
    pub(crate) fn wait(&self, wall: Option<UnixTime>) -> Option<Duration> {
        self.rate_limit.wait().or_else(|| {
            let wall = wall?;
            self.resets().filter_map(|reset| until(reset, wall)).max()
        })
    }
}

impl RateLimit {
    /// Parses the headers. Names can be in any case. Invalid values are ignored, and the latest of several resets
    /// counts.
    #[must_use]
    pub fn from_headers<'h, H>(headers: H) -> Self
    where
        H: IntoIterator<Item = (&'h str, &'h [u8])>,
    {
        let mut limits = Limits::default();
        for (name, value) in headers {
            limits.take(name, value);
        }
        limits.check_resets();
        limits.rate_limit
    }

    /// Parses the headers of an [`http::Response`].
    #[cfg(feature = "http")]
    #[must_use]
    pub fn from_header_map(headers: &http::HeaderMap) -> Self {
        Self::from_headers(
            headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_bytes())),
        )
    }
}

/// Splits a list at its first comma.
fn split(list: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut parts = list.splitn(2, |&byte| byte == b',');
    (parts.next().unwrap_or_default(), parts.next())
}

/// Keeps the greater value.
fn raise<T: Ord>(place: &mut Option<T>, value: T) {
    *place = place.take().max(Some(value));
}

/// Sets the value unless there already is one.
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

fn is_html(content_type: &[u8]) -> bool {
    let kind = content_type.split(|&byte| byte == b';').next();
    let kind = kind.unwrap_or_default().trim_ascii();
    [&b"text/html"[..], b"application/xhtml+xml"]
        .iter()
        .any(|html| html.eq_ignore_ascii_case(kind))
}

fn count(value: &[u8]) -> Option<u32> {
    let text = core::str::from_utf8(value.trim_ascii()).ok()?;
    // Other services are known to send a negative count at the end of a window. It means that nothing is left.
    if text.starts_with('-') {
        text.parse::<i64>().ok().map(|_| 0)
    } else {
        text.parse().ok()
    }
}

/// Returns the id of the contact in `Link: </contacts/{id}>; rel="canonical"`, whose URL can be relative or absolute.
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
    use alloc::vec::Vec;

    use super::{Headers, canonical_contact};
    use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn known_headers_are_parsed_to_the_same_value(
            date in proptest::option::of("(Fri, 22 Mar 2024 09:3[0-9]:20 GMT|x)"),
            after in proptest::collection::vec("([0-9]{1,22}(\\.[0-9])?|Fri, 22 Mar 2024 09:34:13 GMT)(, 7)?", 0..3),
            resets in proptest::collection::vec("17111000[0-9]{2}(, 1711100003\\.2)?", 0..3),
            words in proptest::collection::vec(("(link|location|content-type|content-encoding|x-amzn-waf-action|x-ratelimit-limit)",
                "(text/html|captcha|gzip|-?[0-9]{1,11}|</contacts/a1>; rel=canonical|/x)"), 0..6),
        ) {
            let mut sent: Vec<(&str, &[u8])> = Vec::new();
            sent.extend(date.iter().map(|value| ("date", value.as_bytes())));
            sent.extend(after.iter().map(|value| ("retry-after", value.as_bytes())));
            sent.extend(resets.iter().map(|value| ("x-ratelimit-reset", value.as_bytes())));
            sent.extend(words.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
            let read = Headers::read(sent);
            let known = read.known();
            let again = known.iter().map(|(name, value)| (*name, value.as_bytes()));
            let mut again = Headers::read(again);
            let mut read = read;
            again.limits.others.sort();
            read.limits.others.sort();
            prop_assert_eq!(again, read);
        }
    }

    #[test]
    fn names_match_in_any_case_and_the_first_valid_value_counts() {
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
                read.limits.rate_limit.limit,
                read.limits.rate_limit.remaining,
                read.limits.rate_limit.reset
            ),
            (Some(167), Some(0), None)
        );
        assert_eq!(read.request_id, None);
    }

    #[test]
    fn only_a_canonical_link_to_a_contact_is_used() {
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
