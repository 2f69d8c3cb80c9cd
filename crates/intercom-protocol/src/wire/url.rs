//! The checks of URLs and paths: what cannot be sent, and why.

use http::uri::{Scheme, Uri};
use intercom_errors::RequestPath;

/// Accepts `https` anywhere and `http` on loopback; returns the URL without a slash at the end, or what is wrong with it.
pub(super) fn checked(setting: &str, url: &str) -> Result<String, String> {
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = behind_scheme.split(['/', '?', '#']).next();
    if authority.is_some_and(|authority| authority.contains('@')) {
        return Err(format!(
            "{setting} contains a user name or password; leave them out, the token is sent as a header"
        ));
    }
    if url.contains('#') {
        return Err(format!(
            "{setting} has a fragment, which is never sent; leave out the # and what follows"
        ));
    }
    let uri: Uri = url.parse().map_err(|_| not_a_url(setting, url))?;
    let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
        return Err(format!("{setting} {url:?} lacks https:// or a host"));
    };
    if uri.query().is_some() {
        return Err(format!(
            "{setting} has a query; leave it out, the token is sent as a header"
        ));
    }
    // The library drops what follows the host and is not a port.
    if authority.port().is_none() && authority.as_str() != authority.host() {
        return Err(format!("{setting} {url:?} has an invalid port"));
    }
    if *scheme == Scheme::HTTPS || (*scheme == Scheme::HTTP && is_loopback(authority.host())) {
        return Ok(url.trim_end_matches('/').to_owned());
    }
    if *scheme == Scheme::HTTP {
        return Err(format!(
            "{setting} {url:?} would send data unencrypted; use https (http is for loopback only, like http://127.0.0.1:8080)"
        ));
    }
    Err(format!("{setting} {url:?} is neither https nor http"))
}

/// Accepts a base URL. Its path is that of a proxy, so one that is an API version is refused.
pub(super) fn base(setting: &str, url: &str) -> Result<String, String> {
    let base = checked(setting, url)?;
    let path = base.get(origin(&base).len()..).unwrap_or_default();
    let segment = path.strip_prefix('/').unwrap_or_default();
    let number = segment.strip_prefix(['v', 'V']).unwrap_or(segment);
    let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
    if is_digits(major) && is_digits(minor) {
        return Err(format!(
            "{setting} ends in the API version {path}; leave it out, and set api_version instead, like 2.14"
        ));
    }
    Ok(base)
}

pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

pub(super) fn not_a_url(setting: &str, url: &str) -> String {
    format!("{setting} {url:?} is not a URL; it looks like https://api.intercom.io")
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

/// The URL up to where its path begins.
pub(super) fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + "://".len());
    let path = url.get(host..).and_then(|rest| rest.find(['/', '?', '#']));
    path.and_then(|at| url.get(..host + at)).unwrap_or(url)
}

/// Why a path that was given as a whole cannot be sent although it is a path.
pub(super) fn ambiguity(normal: &RequestPath<'_>) -> Option<&'static str> {
    let is_dots = |segment| matches!(segment, "." | "..");
    if !normal.is_ambiguous() {
        None
    } else if normal.as_str().split('/').any(is_dots) {
        Some("the path contains a segment of dots; write the path out")
    } else {
        Some(
            "the path contains an encoded slash or a backslash, which servers read differently; an id that contains one is added with segment()",
        )
    }
}

/// Why this path cannot be sent. It is not repeated, because it can hold personal data.
pub(super) fn path_problem(path: &str) -> Option<&'static str> {
    if path.contains("://") {
        Some(
            "the path is a whole URL; give the path alone, like /contacts, and the host as base URL",
        )
    } else if !path.starts_with('/') {
        Some("the path does not begin with a slash; a path looks like /contacts")
    } else if path.contains('#')
        || !(is_plain(path) || path.parse::<http::uri::PathAndQuery>().is_ok())
    {
        Some("the path contains a character that is not allowed in it; encode it as %XX")
    } else {
        None
    }
}

/// Whether a path needs no parser to be seen to be one, as nearly all do.
fn is_plain(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%".contains(&byte);
    path.bytes().all(plain)
}
