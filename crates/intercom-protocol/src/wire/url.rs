//! The checks of URLs and paths.

use http::uri::{Scheme, Uri};
use intercom_errors::RequestPath;

/// Accepts `https` anywhere and `http` on loopback. Returns the URL without a slash at the end, or what is wrong with it.
pub(super) fn checked(setting: &str, url: &str) -> Result<String, String> {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?', '#']).next();
    if authority.is_some_and(|authority| authority.contains('@')) {
        return Err(format!(
            "{setting} contains a user name or password; remove them, because the token is sent in a header"
        ));
    }
    // Without a scheme it can be anything, like a token in the wrong variable, so it is not repeated.
    if !url.contains("://") {
        return Err(format!(
            "{setting} is missing https://; use a URL like https://api.intercom.io"
        ));
    }
    if url.contains('#') {
        return Err(format!(
            "{setting} has a fragment, which is never sent; remove the # and everything after it"
        ));
    }
    let uri: Uri = url.parse().map_err(|_| not_a_url(setting, url))?;
    let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
        return Err(format!("{setting} {url:?} is missing a host"));
    };
    if uri.query().is_some() {
        return Err(format!(
            "{setting} has a query; remove the ? and everything after it"
        ));
    }
    // `http` ignores anything after the host that is not a port.
    if authority.port().is_none() && authority.as_str() != authority.host() {
        return Err(format!("{setting} {url:?} has an invalid port"));
    }
    if *scheme == Scheme::HTTPS || (*scheme == Scheme::HTTP && is_loopback(authority.host())) {
        return Ok(url.trim_end_matches('/').to_owned());
    }
    if *scheme == Scheme::HTTP {
        return Err(format!(
            "{setting} {url:?} would send data unencrypted; use https (http is allowed only on loopback, like http://127.0.0.1:8080)"
        ));
    }
    Err(format!("{setting} {url:?} uses neither https nor http"))
}

/// Accepts the scheme and the host of a redirect from `from`: `https` anywhere, and `http` from loopback to loopback. What is
/// wrong with them does not repeat them, because the server chose them.
pub(super) fn checked_location(origin: &str, from: &str) -> Result<String, String> {
    let setting = "the location";
    let base = checked(setting, origin)
        .map_err(|why| why.replace(&format!("{setting} {origin:?}"), setting))?;
    let is_plain = |url: &str| {
        let uri = url.parse::<Uri>().ok();
        uri.is_some_and(|uri| {
            uri.scheme() == Some(&Scheme::HTTP) && uri.host().is_some_and(is_loopback)
        })
    };
    // `http` accepts more characters than a host can have. They can be a part of the query that was meant to follow.
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    if !base
        .split("://")
        .skip(1)
        .all(|host| host.bytes().all(is_host))
    {
        return Err(format!("{setting} has an invalid host"));
    }
    if is_plain(&base) && !is_plain(from) {
        return Err(format!(
            "{setting} is http on loopback; this is followed only if the base URL is one too"
        ));
    }
    Ok(base)
}

/// Accepts a base URL. Its path can only be that of a proxy, so an API version there is refused.
pub(super) fn base(setting: &str, url: &str) -> Result<String, String> {
    let base = checked(setting, url)?;
    let path = base.get(origin(&base).len()..).unwrap_or_default();
    let segment = path.trim_start_matches('/');
    let number = segment.strip_prefix(['v', 'V']).unwrap_or(segment);
    let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
    if is_digits(major) && is_digits(minor) {
        return Err(format!(
            "{setting} ends in the API version {path}; remove it, and set api_version instead, to a value like 2.14"
        ));
    }
    Ok(base)
}

pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn not_a_url(setting: &str, url: &str) -> String {
    format!("{setting} {url:?} is not a URL; use one like https://api.intercom.io")
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

/// Returns the URL up to the start of its path.
pub(super) fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + "://".len());
    let path = url.get(host..).and_then(|rest| rest.find(['/', '?', '#']));
    path.and_then(|at| url.get(..host + at)).unwrap_or(url)
}

/// Returns why a path that the caller wrote as a whole cannot be sent, although it is a valid path.
pub(super) fn ambiguity(normal: &RequestPath<'_>) -> Option<&'static str> {
    let other = "the path contains an encoded slash or a backslash, which servers interpret differently; use segment() to add an id that contains one";
    let is_ambiguous = normal.is_ambiguous();
    is_ambiguous.then(|| dots(normal).unwrap_or(other))
}

/// Returns what is wrong with a path that contains a segment of dots, even an encoded one.
pub(super) fn dots(normal: &RequestPath<'_>) -> Option<&'static str> {
    let is_dots = |segment| matches!(segment, "." | "..");
    let problem = "the path contains a . or .. segment; write the path without it";
    let contains = normal.as_str().split('/').any(is_dots);
    contains.then_some(problem)
}

/// Returns why this path cannot be sent. The text does not contain the path, which can contain personal data.
pub(super) fn path_problem(path: &str) -> Option<&'static str> {
    if path.contains("://") {
        Some(
            "the path is a full URL; pass only the path, like /contacts, and set the host as the base URL",
        )
    } else if !path.starts_with('/') {
        Some("the path must begin with a slash, like /contacts")
    } else if path.contains('#')
        || !(is_plain(path) || path.parse::<http::uri::PathAndQuery>().is_ok())
    {
        Some("the path contains a character that is not allowed in a path; encode it as %XX")
    } else {
        None
    }
}

/// Whether the path consists of plain characters, which need no parser. Nearly all paths do.
fn is_plain(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%".contains(&byte);
    path.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_ends_where_the_path_begins() {
        for (url, expected) in [
            ("https://x/y", "https://x"),
            ("https://x:1?y", "https://x:1"),
            ("http://x", "http://x"),
            ("x/y", "x"),
        ] {
            assert_eq!(origin(url), expected);
        }
    }

    #[test]
    fn redirect_to_loopback_is_followed_over_https_or_from_loopback() {
        let from = ["https://api.intercom.io", "http://127.0.0.1:1"];
        let followed = |to| from.map(|from| checked_location(to, from).is_ok());
        assert_eq!(followed("https://127.0.0.1:2"), [true, true]);
        assert_eq!(followed("http://127.0.0.1:2"), [false, true]);
        assert_eq!(followed("http://files.example"), [false, false]);
    }
}
