//! Stage 2: a response gets its [`Class`]: by its codes first, then its messages, then its status.

mod action;
mod catalog;
mod class;
mod fix;
mod hint;
mod messages;
mod predicates;
mod request;

pub use action::Action;
pub use catalog::{CATALOG, Entry, ErrorCode, Provenance};
pub use class::{Category, Class, Resend};
pub use fix::{FilledFix, Fix, Slot};
pub use hint::{Hint, HintCause};
pub use predicates::{IsNotFound, OptionalExt};

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

/// What a response means, to this request if it is known. The constructor of an error calls it, and nothing else does.
pub(crate) fn classify(response: &Response<'_>, request: Option<&RequestLine<'_>>) -> Class {
    let class = response.class_of_any();
    request.map_or(class, |request| request::narrowed(class, response, request))
}

impl Response<'_> {
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
            // Nothing is more careful.
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
        let every_item =
            || !self.items.is_empty() && self.items.iter().all(|item| refuses(self.status, item));
        let refused = match self.status {
            429 => true,
            503 => self.body == BodyKind::ErrorList && every_item(),
            400 => every_item(),
            409 => self.items.len() == 1 && every_item(),
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
    messages::class(status, item).or_else(|| by_code(status, item, Entry::of(item.code()?)?))
}

/// Whether an item says, with a status that it is known with, that nothing was done.
fn refuses(status: u16, item: &ErrorItem) -> bool {
    match messages::class(status, item) {
        Some(class) => class.resend() == Resend::Safe,
        None => item.code().and_then(Entry::of).is_some_and(|entry| {
            entry.resend() == Resend::Safe && entry.statuses().contains(&status)
        }),
    }
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
