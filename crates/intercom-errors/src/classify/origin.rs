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
        Unknown = "unknown", "The response does not show who sent it.";
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
    /// The values of [`WAF_HEADER`] that are a sign. An empty list stands for all.
    pub values: &'static [&'static str],
    /// Who sent the response.
    pub answered_by: AnsweredBy,
    /// What the response of an intermediary means, and the case that explains it.
    pub means: Option<(Class, &'static KnownCase)>,
}

names! {
    /// A sign of who sent a response.
    #[non_exhaustive]
    pub enum Sign {
        FirewallHeader = "firewall_header", "The header of the firewall has one of the values, in any case, or any value if none is listed.";
        Html = "html", "The body is HTML, as its first bytes or the Content-Type show.";
        OfTheApi = "of_the_api", "The body is, or encloses, an error list, or there is a request id.";
        Status = "status", "The status alone is the sign.";
    }
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
        sign: Sign::FirewallHeader,
        values: &["captcha", "challenge"],
        answered_by: AnsweredBy::Intermediary,
        means: Some((
            Class::new(Category::Blocked, Resend::Safe, Action::BackOff),
            &cases::CHALLENGE,
        )),
    },
    Evidence {
        statuses: Statuses::ANY,
        sign: Sign::FirewallHeader,
        values: &[],
        answered_by: AnsweredBy::Intermediary,
        means: Some((BLOCKED, &cases::BLOCK_PAGE)),
    },
    Evidence {
        statuses: Statuses::ANY,
        sign: Sign::OfTheApi,
        values: &[],
        answered_by: AnsweredBy::Api,
        means: None,
    },
    Evidence {
        statuses: statuses!(407),
        sign: Sign::Status,
        values: &[],
        answered_by: AnsweredBy::Intermediary,
        means: Some((BLOCKED, &cases::PROXY_LOGIN)),
    },
    // The API's own 401 and 403 are always error lists.
    Evidence {
        statuses: statuses!(400 | 401 | 403 | 405),
        sign: Sign::Html,
        values: &[],
        answered_by: AnsweredBy::Intermediary,
        means: Some((BLOCKED, &cases::BLOCK_PAGE)),
    },
];

/// Returns the first evidence that the response has.
pub(super) fn evidence(response: &Response<'_>) -> Option<&'static Evidence> {
    EVIDENCE
        .iter()
        .find(|evidence| evidence.statuses.contains(response.status) && evidence.is_in(response))
}

impl Evidence {
    fn is_in(&self, response: &Response<'_>) -> bool {
        match self.sign {
            Sign::FirewallHeader => response.waf_action.is_some_and(|action| {
                let is_action = |value: &&str| value.eq_ignore_ascii_case(action);
                self.values.is_empty() || self.values.iter().any(is_action)
            }),
            Sign::Html => response.is_html(),
            Sign::OfTheApi => response.has_request_id || response.has_error_list,
            Sign::Status => true,
        }
    }
}
