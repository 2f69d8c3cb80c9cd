//! The table of requests that change what their responses mean.

use super::statuses::{Statuses, statuses};
use super::{Action, Category, Class, Resend, Response};
use crate::{ErrorCode, ErrorItem, RequestLine, RequestPath};

/// What a response to some requests means. The class is never less careful than that of the response alone.
#[derive(Debug)]
#[non_exhaustive]
pub struct RequestRule {
    /// The methods; empty for all.
    pub methods: &'static [&'static str],
    /// The path, where `{}` stands for one segment and a final `*` for any number.
    pub path: &'static str,
    /// The query parameter that the request must have.
    pub parameter: Option<&'static str>,
    /// The statuses.
    pub statuses: Statuses,
    /// What the response must mean so far.
    pub needs: Meaning,
    /// The new action, with [`Resend::Never`]; `None` leaves the class as it is.
    pub action: Option<Action>,
}

/// The meaning of a response that a [`RequestRule`] needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Meaning {
    /// Any.
    Any,
    /// The action is [`SearchBeforeCreate`](Action::SearchBeforeCreate).
    Exists,
    /// The action is [`VerifyId`](Action::VerifyId), and the response does not say what was not found.
    Missing,
}

impl RequestRule {
    const EVERY: Self = Self {
        methods: &[],
        path: "/*",
        parameter: None,
        statuses: Statuses::ANY,
        needs: Meaning::Any,
        action: None,
    };
}

/// The rules, in order. The first one that matches wins.
pub const REQUESTS: &[RequestRule] = &[
    // The page may be lost, and a scroll cannot go back.
    RequestRule {
        methods: &["GET"],
        path: "/companies/scroll",
        statuses: statuses!(408 | 500..=599),
        action: Some(Action::RestartScroll),
        ..RequestRule::EVERY
    },
    // The response for an expired scroll can be a 404 of plain text.
    RequestRule {
        methods: &["GET"],
        path: "/companies/scroll",
        parameter: Some("scroll_param"),
        statuses: statuses!(404),
        action: Some(Action::RestartScroll),
        ..RequestRule::EVERY
    },
    RequestRule {
        methods: &["POST"],
        path: "/messages",
        statuses: statuses!(404),
        needs: Meaning::Missing,
        action: Some(Action::WaitForIndex),
        ..RequestRule::EVERY
    },
    RequestRule {
        methods: &["POST"],
        path: "/events",
        statuses: statuses!(404),
        needs: Meaning::Missing,
        action: Some(Action::WaitForIndex),
        ..RequestRule::EVERY
    },
    RequestRule {
        methods: &["POST"],
        path: "/fin_voice/register",
        statuses: statuses!(409),
        needs: Meaning::Exists,
        action: Some(Action::NothingToDo),
        ..RequestRule::EVERY
    },
    // A deletion does not create anything.
    RequestRule {
        methods: &["DELETE"],
        statuses: statuses!(409),
        needs: Meaning::Exists,
        action: Some(Action::FixInput),
        ..RequestRule::EVERY
    },
    RequestRule {
        methods: &["DELETE", "GET", "HEAD", "POST", "PUT"],
        ..RequestRule::EVERY
    },
    // The OpenAPI description has no other path with PATCH.
    RequestRule {
        methods: &["PATCH"],
        path: "/data_connectors/{}",
        ..RequestRule::EVERY
    },
    RequestRule {
        statuses: statuses!(404),
        needs: Meaning::Missing,
        action: Some(Action::FixMethod),
        ..RequestRule::EVERY
    },
];

/// Returns the class of a response to this request.
pub(super) fn narrowed(class: Class, response: &Response<'_>, request: &RequestLine<'_>) -> Class {
    let matches = |rule: &&RequestRule| {
        rule.statuses.contains(response.status)
            && is_one_of(rule.methods, request)
            && is_path(rule.path, request.path())
            && rule
                .parameter
                .is_none_or(|name| request.has_parameter(name))
            && has_meaning(rule.needs, class, response)
    };
    match REQUESTS.iter().find(matches).and_then(|rule| rule.action) {
        Some(action) => Class::new(class.category(), Resend::Never, action),
        None => class,
    }
}

fn has_meaning(needs: Meaning, class: Class, response: &Response<'_>) -> bool {
    let is = |category, action| (class.category(), class.action()) == (category, action);
    match needs {
        Meaning::Any => true,
        Meaning::Exists => is(Category::Conflict, Action::SearchBeforeCreate),
        Meaning::Missing => is(Category::NotFound, Action::VerifyId) && is_plain(response),
    }
}

/// Returns `true` if the response does not say what was not found.
fn is_plain(response: &Response<'_>) -> bool {
    let plain = |item: &ErrorItem| matches!(item.code(), None | Some(ErrorCode::NotFound));
    response.items.iter().all(plain)
}

pub(super) fn is_one_of(methods: &[&str], request: &RequestLine<'_>) -> bool {
    methods.is_empty() || methods.contains(&request.method())
}

/// Returns `true` if the path has this pattern.
pub(super) fn is_path(pattern: &str, path: &RequestPath<'_>) -> bool {
    let mut segments = path.segments();
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        match (part, segments.next()) {
            ("*", _) => return true,
            ("{}", Some(_)) => {}
            (part, Some(segment)) if part == segment => {}
            _ => return false,
        }
    }
    segments.next().is_none()
}
