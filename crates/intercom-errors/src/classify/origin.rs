//! Who sent a response: the API, or something between the client and the API.

use core::time::Duration;

use super::cases::{self, KnownCase};
use super::statuses::{Statuses, statuses};
use super::{Action, Category, Class, Resend, Response};
use crate::names;

names! {
    /// Who sent a response: the API, or a firewall or proxy in front of it.
    ///
    /// ```
    /// use intercom_errors::{AnsweredBy, ApiError, Category};
    ///
    /// let page = ApiError::from_parts(403, [("Content-Type", &b"text/html"[..])], b"<html>Access denied</html>");
    /// assert_eq!(page.answered_by(), AnsweredBy::Intermediary);
    /// assert_eq!(page.class().category(), Category::Blocked);
    /// ```
    #[non_exhaustive]
    pub enum AnsweredBy {
        Api = "api", "The API: the response has an error list or a request id.";
        Intermediary = "intermediary", "A firewall or proxy. The API never saw the request.";
        Unknown = "unknown", "The response does not show it.";
    }
}

/// Evidence of who sent a response, and what the response then means.
#[derive(Debug)]
#[non_exhaustive]
pub struct Evidence {
    /// The statuses.
    pub statuses: Statuses,
    /// What the response must have.
    pub sign: Sign,
    /// Who sent the response.
    pub answered_by: AnsweredBy,
    /// What the response of an intermediary means, and the case that explains it.
    pub means: Option<(Class, &'static KnownCase)>,
}

/// A sign of who sent a response.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Sign {
    /// The status alone.
    Status,
    /// A body of HTML, as its first bytes or the `Content-Type` show.
    Html,
    /// An error list or a request id.
    OfTheApi,
    /// The header [`WAF_HEADER`], with one of these values or, if there are none, with any.
    Waf(&'static [&'static str]),
}

/// The header of AWS's web application firewall.
pub const WAF_HEADER: &str = "x-amzn-waf-action";

/// How long to wait after a firewall's captcha or challenge.
pub const WAF_WAIT: Duration = Duration::from_secs(30);

const BLOCKED: Class = Class::new(Category::Blocked, Resend::Never, Action::CheckConnection);

/// The evidence, in order. The first one that matches wins. Without any, the sender is unknown.
pub const EVIDENCE: &[Evidence] = &[
    Evidence {
        statuses: Statuses::ANY,
        sign: Sign::Waf(&["captcha", "challenge"]),
        answered_by: AnsweredBy::Intermediary,
        means: Some((
            Class::new(Category::Blocked, Resend::Safe, Action::BackOff),
            &cases::CHALLENGE,
        )),
    },
    Evidence {
        statuses: Statuses::ANY,
        sign: Sign::Waf(&[]),
        answered_by: AnsweredBy::Intermediary,
        means: Some((BLOCKED, &cases::BLOCK_PAGE)),
    },
    Evidence {
        statuses: Statuses::ANY,
        sign: Sign::OfTheApi,
        answered_by: AnsweredBy::Api,
        means: None,
    },
    Evidence {
        statuses: statuses!(407),
        sign: Sign::Status,
        answered_by: AnsweredBy::Intermediary,
        means: Some((BLOCKED, &cases::PROXY_LOGIN)),
    },
    // The API's own 401 and 403 are always error lists.
    Evidence {
        statuses: statuses!(400 | 401 | 403 | 405),
        sign: Sign::Html,
        answered_by: AnsweredBy::Intermediary,
        means: Some((BLOCKED, &cases::BLOCK_PAGE)),
    },
];

/// Returns the first evidence that the response has.
pub(super) fn evidence(response: &Response<'_>) -> Option<&'static Evidence> {
    EVIDENCE.iter().find(|evidence| {
        evidence.statuses.contains(response.status) && has_sign(evidence.sign, response)
    })
}

fn has_sign(sign: Sign, response: &Response<'_>) -> bool {
    match sign {
        Sign::Status => true,
        Sign::Html => response.is_html(),
        Sign::OfTheApi => response.has_request_id || response.has_error_list,
        Sign::Waf(values) => response.waf_action.is_some_and(|action| {
            let is_action = |value: &&str| value.eq_ignore_ascii_case(action);
            values.is_empty() || values.iter().any(is_action)
        }),
    }
}
