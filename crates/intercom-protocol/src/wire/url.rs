//! The checks of URLs and paths: what cannot be sent, and why.

use http::uri::{Scheme, Uri};
use intercom_errors::{ErrorItem, RequestPath};

use crate::Error;

/// Admits `https` anywhere and `http` on loopback; gives the URL without a slash at the end.
pub(super) fn checked(field: &'static str, url: &str) -> Result<String, Error> {
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = behind_scheme.split(['/', '?', '#']).next();
    if authority.is_some_and(|authority| authority.contains('@')) {
        return Err(problem(
            field,
            "the URL carries a user name or password; leave them out, the token is sent as a header",
        ));
    }
    if field != "location" && url.contains('#') {
        return Err(problem(
            field,
            "the URL has a fragment, which is never sent; leave out the # and what follows",
        ));
    }
    let uri: Uri = url.parse().map_err(|_| not_a_url(field, url))?;
    let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
        return Err(problem(field, format!("{url:?} lacks https:// or a host")));
    };
    if field != "location" && uri.query().is_some() {
        return Err(problem(
            field,
            "the URL has a query; give the base URL alone, the token is sent as a header",
        ));
    }
    // What stands behind the host and is no port is left out by the library.
    if authority.port().is_none() && authority.as_str() != authority.host() {
        return Err(problem(field, format!("{url:?} names no port that exists")));
    }
    if *scheme == Scheme::HTTPS || (*scheme == Scheme::HTTP && is_loopback(authority.host())) {
        return Ok(url.trim_end_matches('/').to_owned());
    }
    if *scheme == Scheme::HTTP {
        return Err(problem(
            field,
            format!(
                "{url:?} would send data unencrypted; use https (http is for loopback only, such as http://127.0.0.1:8080)"
            ),
        ));
    }
    Err(problem(field, format!("{url:?} is neither https nor http")))
}

pub(super) fn not_a_url(field: &'static str, url: &str) -> Error {
    let message = format!("{url:?} is not a URL; it looks like https://api.intercom.io");
    problem(field, message)
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
pub(super) fn ambiguity(path: &str, normal: &RequestPath<'_>) -> Option<String> {
    let is_dots = |segment| matches!(segment, "." | "..");
    let message = if !normal.is_ambiguous() {
        return None;
    } else if normal.as_str().split('/').any(is_dots) {
        format!("{path:?} contains a segment of dots; write the path out")
    } else {
        format!(
            "{path:?} contains an encoded slash or a backslash, which servers read differently; an id that contains one is added with segment()"
        )
    };
    Some(message)
}

/// Why this path cannot be sent.
pub(super) fn path_problem(path: &str) -> Option<String> {
    if path.contains("://") {
        return Some(format!(
            "{path:?} is a whole URL; give the path alone, such as /contacts, and the host as base URL"
        ));
    }
    if !path.starts_with('/') {
        return Some(format!(
            "{path:?} does not begin with a slash; a path looks like /contacts"
        ));
    }
    if path.contains('#') || !(is_plain(path) || path.parse::<http::uri::PathAndQuery>().is_ok()) {
        return Some(format!(
            "{path:?} contains a character no path has; encode it as %XX"
        ));
    }
    None
}

/// Whether a path needs no parser to be seen to be one, as nearly all do.
fn is_plain(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%".contains(&byte);
    path.bytes().all(plain)
}

pub(super) fn problem(field: &'static str, message: impl Into<String>) -> Error {
    let message: String = message.into();
    Error::invalid(vec![
        ErrorItem::new("parameter_invalid", message).with_field(field),
    ])
}
