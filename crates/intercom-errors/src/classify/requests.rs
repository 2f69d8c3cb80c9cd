//! The table of requests that change what their responses mean.

use super::statuses::{Statuses, statuses};
use super::{Action, Category, Class, Resend, Response};
use crate::{ErrorCode, ErrorItem, RequestLine, RequestPath};

/// What a response to one of these requests means. The new class is never less careful than the class of the response
/// alone.
#[derive(Debug)]
#[non_exhaustive]
pub struct RequestRule {
    /// The methods. An empty list stands for all.
    pub methods: &'static [&'static str],
    /// The path. A segment in braces, like `{id}`, stands for any segment, and a final `*` for any number of them.
    pub path: &'static str,
    /// The query parameter that the request must have.
    pub parameter: Option<&'static str>,
    /// The statuses.
    pub statuses: Statuses,
    /// What the response must mean according to the earlier tables. `None` stands for any meaning.
    pub needs: Option<Meaning>,
    /// The new action, with [`Resend::Never`]; `None` leaves the class as it is.
    pub action: Option<Action>,
}

/// The meaning that a response must have for a [`RequestRule`] to apply.
#[derive(Debug)]
#[non_exhaustive]
pub struct Meaning {
    /// The category.
    pub category: Category,
    /// The action.
    pub action: Action,
    /// The codes that items may have. Items without a code are allowed too. `None` stands for all codes.
    pub codes: Option<&'static [ErrorCode]>,
}

/// The response usually means "already exists".
const EXISTS: Meaning = Meaning {
    category: Category::Conflict,
    action: Action::SearchBeforeCreate,
    codes: None,
};

/// Something does not exist, and the response does not say what.
const MISSING: Meaning = Meaning {
    category: Category::NotFound,
    action: Action::VerifyId,
    codes: Some(&[ErrorCode::NotFound]),
};

impl RequestRule {
    const EVERY: Self = Self {
        methods: &[],
        path: "/*",
        parameter: None,
        statuses: Statuses::ANY,
        needs: None,
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
        needs: Some(MISSING),
        action: Some(Action::WaitForIndex),
        ..RequestRule::EVERY
    },
    RequestRule {
        methods: &["POST"],
        path: "/events",
        statuses: statuses!(404),
        needs: Some(MISSING),
        action: Some(Action::WaitForIndex),
        ..RequestRule::EVERY
    },
    RequestRule {
        methods: &["POST"],
        path: "/fin_voice/register",
        statuses: statuses!(409),
        needs: Some(EXISTS),
        action: Some(Action::NothingToDo),
        ..RequestRule::EVERY
    },
    // A deletion does not create anything.
    RequestRule {
        methods: &["DELETE"],
        statuses: statuses!(409),
        needs: Some(EXISTS),
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
        path: "/data_connectors/{id}",
        ..RequestRule::EVERY
    },
    RequestRule {
        statuses: statuses!(404),
        needs: Some(MISSING),
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
            && rule
                .needs
                .as_ref()
                .is_none_or(|needs| needs.is_met(class, response))
    };
    match REQUESTS.iter().find(matches).and_then(|rule| rule.action) {
        Some(action) => Class::new(class.category(), Resend::Never, action),
        None => class,
    }
}

impl Meaning {
    fn is_met(&self, class: Class, response: &Response<'_>) -> bool {
        let may_have = |code: &ErrorCode| self.codes.is_none_or(|codes| codes.contains(code));
        class.category() == self.category
            && class.action() == self.action
            && response
                .items
                .iter()
                .filter_map(ErrorItem::code)
                .all(may_have)
    }
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
            (part, Some(_)) if part.starts_with('{') => {}
            (part, Some(segment)) if part == segment => {}
            _ => return false,
        }
    }
    segments.next().is_none()
}
