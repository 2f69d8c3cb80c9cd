//! Stage 2: an [`ApiError`] gets its [`Class`]: by its code first, then its message, then its status.

mod action;
mod catalog;
mod class;
mod hint;

pub use action::Action;
pub use catalog::{CATALOG, Entry, Provenance};
pub use class::{Category, Class, Resend};
pub(crate) use hint::hint;
pub use hint::{Hint, HintCause};

use crate::parse::message;
use crate::{ApiError, BodyKind, ErrorCode, ErrorItem};

/// What the answer means.
///
/// Code, message and status each have a say. For category and action the more telling one wins; for [`Resend`] the
/// most careful one.
pub(crate) fn classify(error: &ApiError) -> Class {
    let by_status = by_status(error);
    let spoken = error.message().and_then(|text| by_message(error, text));
    let coded = error
        .errors()
        .iter()
        .filter_map(ErrorItem::code)
        .find_map(Entry::of)
        .map(by_code);
    let class = spoken
        .or_else(|| coded.map(|class| detailed(error, class)))
        .unwrap_or(by_status);
    let resend = class
        .resend()
        .min(admitted_by_status(error))
        .min(admitted_by_codes(error, spoken));
    Class::new(class.category(), resend, class.action())
}

const fn by_code(entry: &Entry) -> Class {
    Class::new(entry.category(), entry.resend(), entry.action())
}

/// Answers whose code says less than their message.
fn by_message(error: &ApiError, text: &str) -> Option<Class> {
    let class = match error.status() {
        429 if message::is_job_quota(text) => Class::new(
            Category::ConcurrencyLimit,
            Resend::Never,
            Action::WaitForJob,
        ),
        500..=599 if message::restarts_scroll(text) => {
            Class::new(Category::Server, Resend::Never, Action::RestartScroll)
        }
        400 if message::scroll_exists(text) => {
            Class::new(Category::ConcurrencyLimit, Resend::Safe, Action::WaitForJob)
        }
        409 if message::team_was_busy(text) => {
            Class::new(Category::Conflict, Resend::Safe, Action::BackOff)
        }
        409 if message::team_is_partly_changed(text) => {
            Class::new(Category::Conflict, Resend::Never, Action::VerifyId)
        }
        400 if message::cursor_is_invalid(text) => Class::new(
            Category::Validation,
            Resend::Never,
            Action::RestartPagination,
        ),
        _ => return None,
    };
    Some(class)
}

/// A conflict that names the contact in the way.
fn detailed(error: &ApiError, class: Class) -> Class {
    let action = match error.existing_contact() {
        Some(contact) if class.category() == Category::Conflict && contact.is_archived() => {
            Action::UnarchiveExisting
        }
        Some(_) if class.category() == Category::Conflict => Action::UseExisting,
        _ => class.action(),
    };
    Class::new(class.category(), class.resend(), action)
}

/// What the status alone means; unknown codes fall back to it.
fn by_status(error: &ApiError) -> Class {
    let class = |category, action| Class::new(category, Resend::Never, action);
    match error.status() {
        200..=299 => Class::new(
            Category::Unreadable,
            Resend::IfReplayable,
            Action::ContactSupport,
        ),
        400 | 413 | 415 | 422 => class(Category::Validation, Action::FixInput),
        401 => class(Category::Authentication, Action::RegenerateToken),
        402 => class(Category::Plan, Action::UpgradePlan),
        403 | 405 => class(Category::Permission, Action::AddScope),
        404 => class(Category::NotFound, Action::VerifyId),
        406 => class(Category::Validation, Action::FixAcceptHeader),
        408 | 504 => Class::new(
            Category::Timeout,
            Resend::IfReplayable,
            Action::RetryAndCheckStatus,
        ),
        409 => detailed(error, class(Category::Conflict, Action::SearchBeforeCreate)),
        410 if error.links_to_contact() => class(Category::Merged, Action::FollowMerge),
        410 => class(Category::NotFound, Action::VerifyId),
        429 => Class::new(Category::RateLimit, Resend::Safe, Action::BackOff),
        500..=599 => Class::new(
            Category::Server,
            Resend::IfReplayable,
            Action::RetryAndCheckStatus,
        ),
        _ => class(Category::Unknown, Action::ContactSupport),
    }
}

/// The most a status admits. Refused before anything was done are a 429, a 503 that says so in an error list, and the
/// two messages that end up here by their status.
fn admitted_by_status(error: &ApiError) -> Resend {
    let says_unavailable = || {
        error.body_kind() == BodyKind::ErrorList
            && error.code() == Some(&ErrorCode::ServiceUnavailable)
    };
    match error.status() {
        429 => Resend::Safe,
        503 if says_unavailable() => Resend::Safe,
        400 if error.code() == Some(&ErrorCode::ScrollExists) => Resend::Safe,
        400 | 409
            if only_message(error).is_some_and(|text| {
                message::scroll_exists(text) || message::team_was_busy(text)
            }) =>
        {
            Resend::Safe
        }
        200..=299 | 408 | 500..=599 => Resend::IfReplayable,
        _ => Resend::Never,
    }
}

/// The most careful opinion of all codes in the list, unless the message has spoken for the only one.
fn admitted_by_codes(error: &ApiError, spoken: Option<Class>) -> Resend {
    if let (Some(class), [_]) = (spoken, error.errors()) {
        return class.resend();
    }
    let codes = error
        .errors()
        .iter()
        .filter_map(ErrorItem::code)
        .filter_map(Entry::of);
    codes.map(Entry::resend).min().unwrap_or(Resend::Safe)
}

fn only_message(error: &ApiError) -> Option<&str> {
    if let [item] = error.errors() {
        item.message()
    } else {
        None
    }
}
