//! The few answers whose request says more than they do.

use super::{Action, Category, Class, Resend, classify};
use crate::{ApiError, ErrorCode, ErrorItem, RequestPath};

/// What the answer means for this request. Never bolder than what it means for any: it adds what to do, and takes away
/// that sending again could help.
#[rustfmt::skip]
pub(crate) fn classify_for(error: &ApiError, method: &str, target: &str) -> Class {
    let class = classify(error);
    let is_missing = class.category() == Category::NotFound && class.action() == Action::VerifyId;
    let exists = class.category() == Category::Conflict && class.action() == Action::SearchBeforeCreate;
    let path = RequestPath::of_target(target);
    let mut segments = path.segments();
    let path = (segments.next(), segments.next(), segments.next());
    let action = match (method, path, error.status()) {
        ("GET", (Some("companies"), Some("scroll"), None), 408 | 500..=599) => Action::RestartScroll,
        ("POST", (Some("messages"), None, _), 404) if is_missing && is_plain(error) => Action::WaitForIndex,
        ("POST", (Some("fin_voice"), Some("register"), None), 409) if exists => Action::NothingToDo,
        ("DELETE", _, 409) if exists => Action::FixInput,
        ("GET" | "HEAD" | "POST" | "PUT" | "DELETE", ..) => return class,
        // The OpenAPI description has no other path that is patched.
        ("PATCH", (Some("data_connectors"), Some(_), None), _) => return class,
        (_, _, 404) if is_missing && is_plain(error) => Action::FixMethod,
        _ => return class,
    };
    Class::new(class.category(), Resend::Never, action)
}

/// Whether the answer says that something was not found, but not what.
fn is_plain(error: &ApiError) -> bool {
    let plain = |item: &ErrorItem| matches!(item.code(), None | Some(ErrorCode::NotFound));
    error.errors().iter().all(plain)
}
