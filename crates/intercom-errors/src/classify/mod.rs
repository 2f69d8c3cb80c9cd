//! Stage 2: the [`Class`] of a response, from its messages, its codes, its status and its request.

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

/// The parts of a response that determine its class.
pub(crate) struct Response<'e> {
    pub(crate) status: u16,
    pub(crate) items: &'e [ErrorItem],
    pub(crate) body: BodyKind,
    /// Whether a `Link` names the contact that this one was merged into.
    pub(crate) links_to_contact: bool,
}

/// Classifies a response, with its request if it is known. Only the constructor of an error calls this.
pub(crate) fn classify(response: &Response<'_>, request: Option<&RequestLine<'_>>) -> Class {
    let class = response.class();
    request.map_or(class, |request| request::narrowed(class, response, request))
}

impl Response<'_> {
    /// Returns the class of the response, without its request.
    ///
    /// Each item is classified by its message or its code. If no item is known, the status decides. The first known
    /// item determines category and action. The most careful item determines [`Resend`], within what the response as a
    /// whole allows. The response means "already done" only if all items say so.
    fn class(&self) -> Class {
        let items = self.items.iter();
        let classes = items.map(|item| by_item(self.status, item));
        let mut open = classes.clone().flatten().filter(|class| !is_done(*class));
        let class = open
            .next()
            .or_else(|| {
                let first = classes.clone().next()??;
                classes
                    .clone()
                    .all(|class| class == Some(first))
                    .then_some(first)
            })
            .unwrap_or_else(|| self.by_status());
        let limit = class.resend().min(self.most_resend());
        let resend = match limit {
            // Nothing is more careful.
            Resend::Never => limit,
            _ => classes
                .flatten()
                .map(Class::resend)
                .fold(limit, Resend::min),
        };
        Class::new(class.category(), resend, class.action())
    }

    /// Returns the class of the status alone.
    fn by_status(&self) -> Class {
        use {Action as A, Category as C, Resend as R};
        let (category, resend, action) = match self.status {
            200..=299 => (C::Unreadable, R::IfReplayable, A::ContactSupport),
            400 | 413..=415 | 422 | 431 => (C::Validation, R::Never, A::FixInput),
            401 => (C::Authentication, R::Never, A::RegenerateToken),
            402 => (C::Plan, R::Never, A::UpgradePlan),
            // A 405 means that this type of admin is not allowed to do it. An unsupported method gets a 404.
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
        with_existing_contact(class, message::existing_contact_of(self.items))
    }

    /// Returns the least careful [`Resend`] that the response allows, whatever its codes are.
    ///
    /// Only these responses refuse a request before anything is done: a 429, a 503 whose error list says so, an open
    /// scroll, and one kind of conflict.
    fn most_resend(&self) -> Resend {
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

/// Returns `true` if an item says that nothing was done, and is known to occur with this status.
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
        // With 422, the request lacks a field. With 404, an attribute does not exist.
        (ErrorCode::FieldNotFound, 404) => {
            Class::new(Category::NotFound, Resend::Never, Action::VerifyId)
        }
        _ => Class::new(entry.category(), entry.resend(), entry.action()),
    };
    Some(with_existing_contact(
        class,
        item.message().and_then(message::existing_contact),
    ))
}

/// Replaces the action of a conflict whose message names the existing contact.
const fn with_existing_contact(class: Class, existing: Option<(&str, bool)>) -> Class {
    let action = match (class.category(), existing) {
        (Category::Conflict, Some((_, true))) => Action::UnarchiveExisting,
        (Category::Conflict, Some((_, false))) => Action::UseExisting,
        _ => class.action(),
    };
    Class::new(class.category(), class.resend(), action)
}
