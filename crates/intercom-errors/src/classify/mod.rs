//! Stage 2: the [`Class`] of a response, from its messages, its codes, its status and its request.

mod action;
mod cases;
mod catalog;
mod class;
mod existing;
mod fix;
mod hint;
mod messages;
mod origin;
mod predicates;
mod requests;
mod status;
mod statuses;

pub use action::Action;
pub use cases::KnownCase;
pub use catalog::{CATALOG, Entry, ErrorCode, Provenance};
pub use class::{Category, Class, Resend};
pub(crate) use existing::existing_contact;
pub use fix::{FilledFix, Fix, Slot};
pub use hint::{Hint, HintCause};
pub use origin::AnsweredBy;
pub use predicates::{IsNotFound, OptionalExt};

/// The tables of rules, from which `docs/errors/catalog.json` is written. The crate's version does not cover these tables,
/// because programs read the file.
pub mod rules {
    pub use super::DONE;
    pub use super::cases::{CASES, CaseRule};
    pub use super::existing::{EXISTING, ExistingRule};
    pub use super::hint::SCROLL_IDLE;
    pub use super::messages::{MESSAGES, MessageRule};
    pub use super::origin::{EVIDENCE, Evidence, Sign, WAF_HEADER, WAF_WAIT};
    pub use super::requests::{Meaning, REQUESTS, RequestRule};
    pub use super::status::{
        CEILINGS, CLIENT_CODES, Ceiling, ClientCodes, Needs, STATUSES, StatusRule, UNKNOWN,
    };
    pub use super::statuses::Statuses;
    pub use crate::parse::LIMITS;
    pub use crate::parse::scope::{BEFORE_SCOPE, REQUIRED};
}

use self::existing::with_existing_contact;
use self::status::Needs;
use crate::parse::headers::Headers;
use crate::{BodyKind, ErrorItem, RequestLine};

/// The parts of a response that determine its class.
pub(crate) struct Response<'e> {
    pub(crate) status: u16,
    pub(crate) items: &'e [ErrorItem],
    /// Whether the body is, or encloses, an error list.
    pub(crate) has_error_list: bool,
    /// The headers, the kind and the bytes of the body, to see whether it is HTML.
    pub(crate) body: (&'e Headers, BodyKind, &'e [u8]),
    pub(crate) has_request_id: bool,
    /// What a web application firewall says that it did.
    pub(crate) waf_action: Option<&'e str>,
    /// Whether a `Link` names the contact that this one was merged into.
    pub(crate) links_to_contact: bool,
}

/// What a response means, and who sent it.
#[derive(Clone, Copy)]
pub(crate) struct Verdict {
    pub(crate) class: Class,
    pub(crate) answered_by: AnsweredBy,
    pub(crate) case: Option<&'static KnownCase>,
}

/// Classifies a response, with its request if it is known. Only the constructor of an error calls this.
///
/// The response of an intermediary says nothing about the request, so only its sender counts.
pub(crate) fn classify(response: &Response<'_>, request: Option<&RequestLine<'_>>) -> Verdict {
    let evidence = origin::evidence(response);
    let answered_by = evidence.map_or(AnsweredBy::Unknown, |evidence| evidence.answered_by);
    if let Some((class, case)) = evidence.and_then(|evidence| evidence.means) {
        let case = Some(case);
        return Verdict {
            class,
            answered_by,
            case,
        };
    }
    let class = response.class();
    let class = request.map_or(class, |request| {
        requests::narrowed(class, response, request)
    });
    let case = cases::of(class, response, request);
    Verdict {
        class,
        answered_by,
        case,
    }
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
        let resends = classes.flatten().map(Class::resend);
        let resend = resends.fold(limit, Resend::min);
        Class::new(class.category(), resend, class.action())
    }

    /// Returns the class of the status alone.
    fn by_status(&self) -> Class {
        let class = status::class(self.status, self.links_to_contact);
        with_existing_contact(class, self.items)
    }

    /// Returns the least careful [`Resend`] that the response allows, whatever its codes are.
    fn most_resend(&self) -> Resend {
        let ceiling = status::CEILINGS.iter().find(|ceiling| {
            ceiling.statuses.contains(self.status)
                && ceiling.needs.iter().all(|needs| self.has(*needs))
        });
        ceiling.map_or(Resend::Never, |ceiling| ceiling.most)
    }

    pub(crate) fn is_html(&self) -> bool {
        let (headers, kind, bytes) = self.body;
        headers.is_html(kind, bytes)
    }

    fn has(&self, needs: Needs) -> bool {
        match needs {
            Needs::ErrorList => self.has_error_list,
            Needs::OneItem => self.items.len() == 1,
            Needs::Refusals => {
                !self.items.is_empty() && self.items.iter().all(|item| refuses(self.status, item))
            }
        }
    }
}

/// The action for an error item which says that the request asked for what was already the case. A response has this action only
/// if all of its items say so.
pub const DONE: Action = Action::NothingToDo;

fn is_done(class: Class) -> bool {
    class.action() == DONE
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
    let class = Class::new(entry.category(), entry.resend(), entry.action());
    let counts = !status::contradicts(entry.statuses(), status);
    counts.then(|| with_existing_contact(class, core::slice::from_ref(item)))
}
