//! Why a path cannot be sent.

use intercom_errors::RequestPath;

/// Why a path that was given as a whole cannot be sent although it is a path.
pub(crate) fn ambiguity(path: &str, normal: &RequestPath<'_>) -> Option<String> {
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
pub(crate) fn problem(path: &str) -> Option<String> {
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
