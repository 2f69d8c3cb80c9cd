//! The few answers whose request says more than they do.

use super::{Action, Category, Class, Resend, Response};
use crate::{ErrorCode, ErrorItem, RequestLine};

/// What a response of this class means to this request; never bolder.
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
        // The OpenAPI description has no other path that is patched.
        ("PATCH", (Some("data_connectors"), Some(_), None), _) => return class,
        (_, _, 404) if is_missing && is_plain(response) => Action::FixMethod,
        _ => return class,
    };
    Class::new(class.category(), Resend::Never, action)
}

/// Whether the answer says that something was not found, but not what.
fn is_plain(response: &Response<'_>) -> bool {
    let plain = |item: &ErrorItem| matches!(item.code(), None | Some(ErrorCode::NotFound));
    response.items.iter().all(plain)
}
