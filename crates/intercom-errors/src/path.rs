//! The normal form of a request's path, and how a server may read it.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

/// The path of a request in the normal form of RFC 3986, section 6.2.2.
///
/// Percent-encoded letters, digits and `-._~` are decoded. Other percent-encodings have upper-case hexadecimal digits.
/// A `%` that does not start a percent-encoding becomes `%25`. A path that already has this form is borrowed.
///
/// ```
/// use intercom_errors::RequestPath;
///
/// let path = RequestPath::new("/companies/%73croll");
/// assert_eq!(path.as_str(), "/companies/scroll");
/// assert!(path.segments().eq(["companies", "scroll"]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestPath<'p> {
    normal: Cow<'p, str>,
    /// An ambiguous path with all slashes decoded and all dot segments resolved.
    resolved: Option<String>,
}

impl<'p> RequestPath<'p> {
    /// Creates the normal form of a path without a query.
    #[must_use]
    pub fn new(path: &'p str) -> Self {
        if is_plain(path) {
            return Self {
                normal: Cow::Borrowed(path),
                resolved: None,
            };
        }
        let normal = normal(path);
        let resolved = is_ambiguous(&normal).then(|| resolved(&normal));
        Self { normal, resolved }
    }

    /// Creates the normal form of a request target's path. The target is a path with or without a query, or a whole
    /// URL.
    ///
    /// ```
    /// use intercom_errors::RequestPath;
    ///
    /// let path = RequestPath::of_target("https://api.intercom.io/contacts/5f1?a=b");
    /// assert_eq!(path.as_str(), "/contacts/5f1");
    /// ```
    #[must_use]
    pub fn of_target(target: &'p str) -> Self {
        let end = target.find(['?', '#']).unwrap_or(target.len());
        let target = target.get(..end).unwrap_or(target);
        Self::new(match target.split_once("://") {
            Some((scheme, rest)) if !scheme.contains('/') => rest
                .find('/')
                .and_then(|slash| rest.get(slash..))
                .unwrap_or_default(),
            _ => target,
        })
    }

    /// Returns the path in its normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.normal
    }

    /// Returns `true` if servers and proxies may read the path differently.
    ///
    /// Such a path contains a dot segment (`.` or `..`), an encoded slash, or a backslash, encoded or not.
    ///
    /// ```
    /// use intercom_errors::RequestPath;
    ///
    /// assert!(RequestPath::new("/contacts/%2e%2e/admins").is_ambiguous());
    /// assert!(RequestPath::new("/contacts/a%2Fb").is_ambiguous());
    /// assert!(!RequestPath::new("/contacts/a%20b").is_ambiguous());
    /// ```
    #[must_use]
    pub const fn is_ambiguous(&self) -> bool {
        self.resolved.is_some()
    }

    /// Returns the segments of the path, without empty ones.
    ///
    /// If the path is ambiguous, these are the segments that a server sees after it has decoded all slashes and resolved
    /// dot segments.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        segments(self.resolved.as_deref().unwrap_or(&self.normal))
    }
}

impl<'p> From<RequestPath<'p>> for Cow<'p, str> {
    fn from(path: RequestPath<'p>) -> Self {
        path.normal
    }
}

/// Returns `true` for a path without characters that can make it ambiguous or not normal, like most paths.
fn is_plain(path: &str) -> bool {
    path.bytes()
        .all(|byte| !matches!(byte, b'%' | b'\\' | b'.'))
}

fn normal(path: &str) -> Cow<'_, str> {
    let mut encoded = path.split('%').skip(1);
    if encoded.all(|after| octet(after).is_some_and(|octet| octet.is_normal)) {
        return Cow::Borrowed(path);
    }
    let mut parts = path.split('%');
    let mut normal = String::from(parts.next().unwrap_or_default());
    for after in parts {
        let (octet, rest) = match octet(after) {
            Some(octet) => (octet.byte, after.get(2..).unwrap_or_default()),
            None => (b'%', after),
        };
        if is_unreserved(octet) {
            normal.push(octet.into());
        } else {
            // Writing to a string cannot fail.
            let _ = write!(normal, "%{octet:02X}");
        }
        normal.push_str(rest);
    }
    Cow::Owned(normal)
}

/// A percent-encoded byte.
struct Octet {
    byte: u8,
    is_normal: bool,
}

/// Decodes the two hexadecimal digits after a `%`.
fn octet(after: &str) -> Option<Octet> {
    let digits = after
        .get(..2)
        .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    let byte = u8::from_str_radix(digits, 16).ok()?;
    let is_normal = !is_unreserved(byte) && !digits.bytes().any(|digit| digit.is_ascii_lowercase());
    Some(Octet { byte, is_normal })
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn is_ambiguous(normal: &str) -> bool {
    let is_dots = |segment: &str| matches!(segment, "." | "..");
    let has_slash = |segment: &str| {
        segment.contains('\\')
            || (segment.contains('%') && (segment.contains("%2F") || segment.contains("%5C")))
    };
    segments(normal).any(|segment| is_dots(segment) || has_slash(segment))
}

fn resolved(normal: &str) -> String {
    let decoded = normal
        .replace("%2F", "/")
        .replace("%5C", "/")
        .replace('\\', "/");
    let mut kept = Vec::new();
    for segment in segments(&decoded) {
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    kept.join("/")
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

#[cfg(test)]
mod tests {
    use alloc::borrow::Cow;
    use std::vec::Vec;

    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::{RequestPath, normal};

    #[test]
    fn equivalent_paths_have_the_same_normal_form() {
        for (path, spelt) in [
            ("/companies/%73%63%52oll%7e", "/companies/scRoll~"),
            ("/a%2fb%3f", "/a%2Fb%3F"),
            ("/%2e%2E/x", "/../x"),
            ("/%252e", "/%252e"),
            ("/caf%c3%a9/\u{e9}", "/caf%C3%A9/\u{e9}"),
            ("/100%", "/100%25"),
            ("/%\u{e9}/%+f/%f", "/%25\u{e9}/%25+f/%25f"),
            ("/%%32e", "/%252e"),
        ] {
            assert_eq!(RequestPath::new(path).as_str(), spelt, "{path}");
        }
    }

    #[test]
    fn a_path_in_normal_form_is_borrowed() {
        for path in ["/contacts/5f1", "/contacts/a%2Fb%20c", "", "/"] {
            assert!(matches!(normal(path), Cow::Borrowed(_)), "{path}");
        }
    }

    #[test]
    fn a_path_becomes_text() {
        for path in ["/contacts/5f1", "/%63ontacts/5f1"] {
            assert_eq!(Cow::from(RequestPath::new(path)), "/contacts/5f1");
        }
    }

    #[test]
    fn host_and_query_of_a_target_are_ignored() {
        for target in [
            "/contacts/5f1",
            "contacts/5f1/",
            "https://api.intercom.io/contacts/5f1?a=/b#c",
            "//contacts//5f1?",
            "/contacts/5f1?to=https://api.intercom.io/messages",
        ] {
            let path = RequestPath::of_target(target);
            assert!(path.segments().eq(["contacts", "5f1"]), "{target}");
        }
        for target in ["", "/", "https://api.intercom.io", "?x"] {
            assert_eq!(RequestPath::of_target(target).segments().count(), 0);
        }
    }

    #[test]
    fn ambiguous_paths_are_resolved() {
        for path in [
            "/contacts/a%2f..%2f..%2fmessages%3f/tags",
            "/./messages%3F/tags",
            "/x/%2e%2e/messages%3f/tags",
            "/../messages%3f%5ctags",
            "\\messages%3f\\tags",
        ] {
            let path = RequestPath::new(path);
            assert!(path.is_ambiguous(), "{path:?}");
            assert!(path.segments().eq(["messages%3F", "tags"]), "{path:?}");
        }
        for path in [".", "..", "\\"] {
            let path = RequestPath::new(path);
            assert!(path.is_ambiguous(), "{path:?}");
            assert_eq!(path.segments().next(), None, "{path:?}");
        }
        for path in ["/a..b/...", "/a%252Fb", "/.well-known"] {
            assert!(!RequestPath::new(path).is_ambiguous(), "{path}");
        }
    }

    proptest! {
        #[test]
        fn normalization_is_idempotent(path in "([%a-f0-9A-F./\\\\é]|%[0-9a-fA-F]{2}){0,20}") {
            let once = RequestPath::new(&path);
            let twice = RequestPath::new(once.as_str());
            prop_assert_eq!(twice.as_str(), once.as_str());
            let read: Vec<_> = once.segments().collect();
            prop_assert!(!read.iter().any(|segment| matches!(*segment, "" | "." | "..")));
            prop_assert!(!read.iter().any(|segment| segment.contains('\\') || segment.contains("%2F")));
        }
    }
}
