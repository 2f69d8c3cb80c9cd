//! Stage 2: an [`ApiError`] gets its [`Class`]: by its code first, then its message, then its status.

mod action;
mod catalog;
mod class;
mod hint;
mod predicates;
mod request;

pub use action::Action;
pub use catalog::{CATALOG, Entry, ErrorCode, Provenance};
pub use class::{Category, Class, Resend};
pub(crate) use hint::hint;
pub use hint::{Hint, HintCause};
pub use predicates::{OptionalExt, SaysNotFound};

use crate::parse::message;
use crate::{BodyKind, ErrorItem, RequestLine};

/// What of a response says what it means.
pub(crate) struct Response<'e> {
    pub(crate) status: u16,
    pub(crate) items: &'e [ErrorItem],
    pub(crate) body: BodyKind,
    /// Whether a `Link` names the contact this one was merged into.
    pub(crate) links_to_contact: bool,
}

impl Response<'_> {
    /// What the response means, to this request if there is one.
    pub(crate) fn class(&self, request: Option<&RequestLine<'_>>) -> Class {
        let class = self.class_of_any();
        request.map_or(class, |request| request::narrowed(class, self, request))
    }

    /// What the response means, whatever the request.
    ///
    /// Each item has its say, by its message where that tells more than its code; where none says anything known, the
    /// status speaks. The first that says something decides category and action, the most careful of all decides
    /// [`Resend`], and no more than the answer as a whole admits. That all is done already takes all items to say.
    fn class_of_any(&self) -> Class {
        let items = self.items.iter();
        let opinions = items.map(|item| by_item(self.status, item));
        let mut open = opinions.clone().flatten().filter(|class| !is_done(*class));
        let class = open
            .next()
            .or_else(|| {
                let first = opinions.clone().next()??;
                opinions
                    .clone()
                    .all(|opinion| opinion == Some(first))
                    .then_some(first)
            })
            .unwrap_or_else(|| self.by_status());
        let admitted = class.resend().min(self.admitted());
        let resend = match admitted {
            // Nobody can be more careful.
            Resend::Never => admitted,
            _ => opinions
                .flatten()
                .map(Class::resend)
                .fold(admitted, Resend::min),
        };
        Class::new(class.category(), resend, class.action())
    }

    /// What the status alone means; unknown codes fall back to it.
    fn by_status(&self) -> Class {
        use {Action as A, Category as C, Resend as R};
        let (category, resend, action) = match self.status {
            200..=299 => (C::Unreadable, R::IfReplayable, A::ContactSupport),
            400 | 413..=415 | 422 | 431 => (C::Validation, R::Never, A::FixInput),
            401 => (C::Authentication, R::Never, A::RegenerateToken),
            402 => (C::Plan, R::Never, A::UpgradePlan),
            // 405 means that this type of admin may not do it; an unsupported method answers 404.
            403 | 405 => (C::Permission, R::Never, A::AddScope),
            404 => (C::NotFound, R::Never, A::VerifyId),
            406 => (C::Validation, R::Never, A::FixAcceptHeader),
            408 | 504 => (C::Timeout, R::IfReplayable, A::RetryAndCheckStatus),
            409 => (C::Conflict, R::Never, A::SearchBeforeCreate),
            410 if self.links_to_contact => (C::Merged, R::Never, A::FollowMerge),
            410 => (C::NotFound, R::Never, A::VerifyId),
            429 => (C::RateLimit, R::Safe, A::BackOff),
            500..=599 => (C::Server, R::IfReplayable, A::RetryAndCheckStatus),
            _ => (C::Unknown, R::Never, A::ContactSupport),
        };
        let class = Class::new(category, resend, action);
        detailed(class, message::existing_contact_of(self.items))
    }

    /// The most that an answer admits, whatever its codes say. Refused before anything was done are a 429, a 503 that says
    /// so in an error list, an open scroll, and the one conflict that says so; nothing else.
    fn admitted(&self) -> Resend {
        let every =
            |says: fn(&ErrorItem) -> bool| !self.items.is_empty() && self.items.iter().all(says);
        let refused = match self.status {
            429 => true,
            503 => self.body == BodyKind::ErrorList && every(is_unavailable),
            400 => every(is_scroll),
            409 => self.items.len() == 1 && every(says_busy_team),
            _ => false,
        };
        match self.status {
            _ if refused => Resend::Safe,
            200..=299 | 408 | 500..=599 => Resend::IfReplayable,
            _ => Resend::Never,
        }
    }
}

fn is_done(class: Class) -> bool {
    class.action() == Action::NothingToDo
}

fn by_item(status: u16, item: &ErrorItem) -> Option<Class> {
    let by_message = item
        .message()
        .and_then(|text| by_message(status, item.code(), text));
    by_message.or_else(|| by_code(status, item, Entry::of(item.code()?)?))
}

/// Answers whose code says less than their message, or the wrong thing.
#[rustfmt::skip]
fn by_message(status: u16, code: Option<&ErrorCode>, text: &str) -> Option<Class> {
    use {Action as A, Category as C, Resend as R};
    let (category, resend, action) = match status {
        400 | 409 | 422 if message::is_not_restorable(text) => (C::Conflict, R::Never, A::UseAnother),
        400 | 409 | 422 if message::is_as_wanted(text) => (C::Conflict, R::Never, A::NothingToDo),
        400 | 409 if message::several_match(text) => (C::Conflict, R::Never, A::LookUpById),
        400 | 422 if message::lacks_attribute(text) => (C::Validation, R::Never, A::CreateAttribute),
        400 if message::body_is_no_json(text) => (C::Validation, R::Never, A::FixJson),
        400 if message::cursor_is_invalid(text) => (C::Validation, R::Never, A::RestartPagination),
        400 if message::pages_have_ended(text) => (C::Validation, R::Never, A::UseScroll),
        400 if message::scroll_exists(text) => (C::ConcurrencyLimit, R::Safe, A::WaitForJob),
        400 if message::session_exists(text) => (C::Conflict, R::Never, A::ContinueSession),
        403 if message::job_is_closed(text) => (C::Conflict, R::Never, A::FixInput),
        404 if message::scroll_has_ended(text) => (C::NotFound, R::Never, A::RestartScroll),
        409 if is_busy_team(code, text) => (C::Conflict, R::Safe, A::BackOff),
        409 if message::team_is_partly_changed(text) => (C::Conflict, R::Never, A::VerifyId),
        409 if message::is_no_draft(text) => (C::Conflict, R::Never, A::FixInput),
        409 if message::upload_goes_on(text) => (C::ConcurrencyLimit, R::Never, A::FixInput),
        429 if message::is_job_quota(text) => (C::ConcurrencyLimit, R::Never, A::WaitForJob),
        500..=599 if message::restarts_scroll(text) => (C::Server, R::Never, A::RestartScroll),
        _ => return None,
    };
    Some(Class::new(category, resend, action))
}

fn by_code(status: u16, item: &ErrorItem, entry: &Entry) -> Option<Class> {
    let class = match (item.code()?, status) {
        // With 422 it is a field that the request lacks, with 404 an attribute that does not exist.
        (ErrorCode::FieldNotFound, 404) => {
            Class::new(Category::NotFound, Resend::Never, Action::VerifyId)
        }
        _ => Class::new(entry.category(), entry.resend(), entry.action()),
    };
    Some(detailed(
        class,
        item.message().and_then(message::existing_contact),
    ))
}

/// A conflict that names the contact in the way, and whether that is archived.
const fn detailed(class: Class, existing: Option<(&str, bool)>) -> Class {
    let action = match (class.category(), existing) {
        (Category::Conflict, Some((_, true))) => Action::UnarchiveExisting,
        (Category::Conflict, Some((_, false))) => Action::UseExisting,
        _ => class.action(),
    };
    Class::new(class.category(), class.resend(), action)
}

fn is_unavailable(item: &ErrorItem) -> bool {
    item.code() == Some(&ErrorCode::ServiceUnavailable)
}

fn is_scroll(item: &ErrorItem) -> bool {
    item.code() == Some(&ErrorCode::ScrollExists)
        || item.message().is_some_and(message::scroll_exists)
}

fn says_busy_team(item: &ErrorItem) -> bool {
    item.message()
        .is_some_and(|text| is_busy_team(item.code(), text))
}

fn is_busy_team(code: Option<&ErrorCode>, text: &str) -> bool {
    code == Some(&ErrorCode::Conflict) && message::team_was_busy(text)
}
