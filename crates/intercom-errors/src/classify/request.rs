//! The few answers whose request says more than they do.

use alloc::vec::Vec;

use super::{Action, Category, Class, Resend, classify};
use crate::{ApiError, ErrorCode, ErrorItem};

/// What the answer means for this request. Never bolder than what it means for any: it adds what to do, and takes away
/// that sending again could help.
#[rustfmt::skip]
pub(crate) fn classify_for(error: &ApiError, method: &str, path: &str) -> Class {
    let class = classify(error);
    let is_missing = class.category() == Category::NotFound && class.action() == Action::VerifyId;
    let exists = class.category() == Category::Conflict && class.action() == Action::SearchBeforeCreate;
    let action = match (method, segments(path).as_slice(), error.status()) {
        ("GET", ["companies", "scroll"], 408 | 500..=599) => Action::RestartScroll,
        ("POST", ["messages"], 404) if is_missing && is_plain(error) => Action::WaitForIndex,
        ("POST", ["fin_voice", "register"], 409) if exists => Action::NothingToDo,
        ("DELETE", _, 409) if exists => Action::FixInput,
        ("GET" | "HEAD" | "POST" | "PUT" | "DELETE", ..) => return class,
        // The OpenAPI description has no other path that is patched.
        ("PATCH", ["data_connectors", _], _) => return class,
        (_, _, 404) if is_missing && is_plain(error) => Action::FixMethod,
        _ => return class,
    };
    Class::new(class.category(), Resend::Never, action)
}

/// The segments of a path, or of a whole URL, without its query.
fn segments(path: &str) -> Vec<&str> {
    let path = match path.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => path,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .collect()
}

/// Whether the answer says that something was not found, but not what.
fn is_plain(error: &ApiError) -> bool {
    let plain = |item: &ErrorItem| matches!(item.code(), None | Some(ErrorCode::NotFound));
    error.errors().iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::segments;

    #[test]
    fn a_path_is_read_with_or_without_host_and_query() {
        for path in [
            "/contacts/5f1",
            "contacts/5f1/",
            "https://api.intercom.io/contacts/5f1?a=/b#c",
            "//contacts//5f1?",
        ] {
            assert_eq!(segments(path), ["contacts", "5f1"], "{path}");
        }
        for path in ["", "/", "https://api.intercom.io", "?x"] {
            assert!(segments(path).is_empty(), "{path}");
        }
    }
}
