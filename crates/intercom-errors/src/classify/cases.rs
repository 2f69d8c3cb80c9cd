//! Known cases: responses whose request, status or sender shows more about the cause than the code and the action do.

use super::requests::{is_one_of, is_path};
use super::statuses::{Statuses, statuses};
use super::{Action, Class, Fix, Response};
use crate::RequestLine;

/// A known case of an error. The causes and fixes of the case say more than those of the error's code and action.
///
/// [`ApiError::known_case`](crate::ApiError::known_case) finds it.
#[derive(Debug, PartialEq, Eq)]
pub struct KnownCase {
    name: &'static str,
    causes: &'static [&'static str],
    fixes: &'static [Fix],
}

impl KnownCase {
    /// Returns the name in snake case, like `event_without_contact`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the usual causes, the most frequent first.
    #[must_use]
    pub const fn causes(&self) -> &'static [&'static str] {
        self.causes
    }

    /// Returns the steps that fix the error.
    #[must_use]
    pub const fn fixes(&self) -> &'static [Fix] {
        self.fixes
    }
}

/// A response, usually with its request, that is a known case.
#[derive(Debug)]
#[non_exhaustive]
pub struct CaseRule {
    /// The methods. An empty list stands for all.
    pub methods: &'static [&'static str],
    /// The path, as in a [`RequestRule`](super::rules::RequestRule); `None` for all requests, even an unknown one.
    pub path: Option<&'static str>,
    /// The statuses.
    pub statuses: Statuses,
    /// The action of the response.
    pub action: Action,
    /// Whether the response must not have any error item.
    pub bare: bool,
    /// The case.
    pub case: KnownCase,
}

/// A captcha or challenge of a web application firewall.
pub(super) static CHALLENGE: KnownCase = KnownCase {
    name: "firewall_challenge",
    causes: &[
        "A web application firewall in front of the API asks for a captcha or a browser check, which a program cannot pass. It did not let the request through.",
        "Many requests came from this address in a short time. The firewall usually stops asking after some minutes.",
    ],
    fixes: &[Fix::WaitOutFirewall, Fix::SpreadRequests, Fix::AskToAllow],
};

/// A block page of a filter.
pub(super) static BLOCK_PAGE: KnownCase = KnownCase {
    name: "block_page",
    causes: &[
        "A firewall, proxy or filter between this machine and Intercom sent its own page. The API did not see the request.",
        "The host of the base URL is not Intercom's API.",
    ],
    fixes: &[Fix::ReadPage, Fix::AllowHost, Fix::CheckRegionUrl],
};

/// A proxy that requires a login.
pub(super) static PROXY_LOGIN: KnownCase = KnownCase {
    name: "proxy_login",
    causes: &[
        "The proxy between this machine and Intercom requires a user name and a password. The API did not see the request.",
    ],
    fixes: &[Fix::LogInToProxy, Fix::AllowHost],
};

/// The rules, in order. The first one that matches wins.
pub static CASES: &[CaseRule] = &[
    // intercom-php#60, intercom-node#145
    CaseRule {
        methods: &["POST"],
        path: Some("/events"),
        statuses: statuses!(404),
        action: Action::WaitForIndex,
        bare: false,
        case: KnownCase {
            name: "event_without_contact",
            causes: &[
                "The contact that the event names does not exist. Events do not create contacts.",
                "The contact was created only seconds ago.",
            ],
            fixes: &[Fix::CreateContactFirst, Fix::ResendLater],
        },
    },
    // Without the add-on, the response is a 404 without a body.
    CaseRule {
        methods: &[],
        path: Some("/news/*"),
        statuses: statuses!(404),
        action: Action::VerifyId,
        bare: true,
        case: KnownCase {
            name: "path_outside_plan",
            causes: &[
                "The workspace's plan does not include News. The response is then a 404 without an error list.",
                "The id is mistyped, or belongs to another workspace.",
            ],
            fixes: &[Fix::ComparePlans, Fix::CheckPathAndMethod],
        },
    },
    // airbyte#38626
    CaseRule {
        methods: &["GET"],
        path: Some("/admins/activity_logs"),
        statuses: statuses!(500),
        action: Action::RetryAndCheckStatus,
        bare: false,
        case: KnownCase {
            name: "activity_logs_too_long",
            causes: &[
                "The time between created_at_after and created_at_before is too long. The same request then always fails.",
                "Something failed at Intercom, usually only for a short time.",
            ],
            fixes: &[Fix::ShortenSpan, Fix::ReportRequestId],
        },
    },
    // intercom-node#344
    CaseRule {
        methods: &["POST"],
        path: Some("/{resource}/search"),
        statuses: statuses!(500),
        action: Action::RetryAndCheckStatus,
        bare: false,
        case: KnownCase {
            name: "search_operator",
            causes: &[
                "The query has an operator that the field does not support. The same request then always fails.",
                "Something failed at Intercom, usually only for a short time.",
            ],
            fixes: &[Fix::CheckOperators, Fix::RetryLonger, Fix::ReportRequestId],
        },
    },
    // intercom-ruby#95
    CaseRule {
        methods: &["POST"],
        path: Some("/companies"),
        statuses: statuses!(500),
        action: Action::RetryAndCheckStatus,
        bare: false,
        case: KnownCase {
            name: "company_without_id",
            causes: &[
                "The company has no company_id. The same request then always fails.",
                "Something failed at Intercom, usually only for a short time.",
            ],
            fixes: &[Fix::SendCompanyId, Fix::RetryLonger, Fix::ReportRequestId],
        },
    },
    CaseRule {
        methods: &[],
        path: None,
        statuses: statuses!(410),
        action: Action::VerifyId,
        bare: false,
        case: KnownCase {
            name: "gone",
            causes: &[
                "The contact was merged into another one, which the response's Link header names.",
                "The resource was deleted.",
            ],
            fixes: &[Fix::FollowLink, Fix::FindByExternalId],
        },
    },
];

/// Returns the known case that a response is, with its request if it is known.
pub(super) fn of(
    class: Class,
    response: &Response<'_>,
    request: Option<&RequestLine<'_>>,
) -> Option<&'static KnownCase> {
    let matches = |rule: &&CaseRule| {
        rule.statuses.contains(response.status)
            && rule.action == class.action()
            && (!rule.bare || response.items.is_empty())
            && rule.path.is_none_or(|path| {
                request.is_some_and(|request| {
                    is_one_of(rule.methods, request) && is_path(path, request.path())
                })
            })
    };
    CASES.iter().find(matches).map(|rule| &rule.case)
}
