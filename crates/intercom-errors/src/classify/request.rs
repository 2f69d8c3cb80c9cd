//! The responses whose meaning depends on the request.

use super::{Action, Category, Class, Resend, Response};
use crate::{ErrorCode, ErrorItem, RequestLine};

/// Returns the class of a response to this request. It is at least as careful as the class of the response alone.
#[rustfmt::skip]
pub(super) fn narrowed(class: Class, response: &Response<'_>, request: &RequestLine<'_>) -> Class {
    let is_missing = class.category() == Category::NotFound && class.action() == Action::VerifyId;
    let exists = class.category() == Category::Conflict && class.action() == Action::SearchBeforeCreate;
    let mut segments = request.path().segments();
    let path = (segments.next(), segments.next(), segments.next());
    let action = match (request.method(), path, response.status) {
        ("GET", (Some("companies"), Some("scroll"), None), 408 | 500..=599) => Action::RestartScroll,
        ("POST", (Some("messages"), None, _), 404) if is_missing && is_plain(response) => Action::WaitForIndex,
        ("POST", (Some("fin_voice"), Some("register"), None), 409) if exists => Action::NothingToDo,
        ("DELETE", _, 409) if exists => Action::FixInput,
        ("GET" | "HEAD" | "POST" | "PUT" | "DELETE", ..) => return class,
        // The OpenAPI description has no other path with PATCH.
        ("PATCH", (Some("data_connectors"), Some(_), None), _) => return class,
        (_, _, 404) if is_missing && is_plain(response) => Action::FixMethod,
        _ => return class,
    };
    Class::new(class.category(), Resend::Never, action)
}

/// Returns `true` if the response does not say what was not found.
fn is_plain(response: &Response<'_>) -> bool {
    let plain = |item: &ErrorItem| matches!(item.code(), None | Some(ErrorCode::NotFound));
    response.items.iter().all(plain)
}
