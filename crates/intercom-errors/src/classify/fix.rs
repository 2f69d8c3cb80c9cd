//! The steps that fix an error, and the values in their sentences.

use core::fmt;

use crate::{OneLine, names};

/// The number of characters after which a value is cut off.
const LONGEST: usize = 200;

names! {
    /// A placeholder for a value in the [template](Fix::template) of a [`Fix`], like `{base_url}`.
    #[non_exhaustive]
    pub enum Slot {
        /// The base URL of the client. The default is the base URL of the US region.
        BaseUrl = "base_url",
        /// The id of the contact that the response names. The default is `{id}`.
        ContactId = "contact_id",
        /// The request id of the response.
        RequestId = "request_id",
        /// The OAuth scope or permission that the token lacks.
        Scope = "scope",
        /// The URL of Intercom's status page.
        StatusPage = "status_page",
    }
}

impl Slot {
    /// Returns the default text, and whether a value is appended to that text instead of replacing it.
    const fn without_value(self) -> (&'static str, bool) {
        match self {
            Self::BaseUrl => ("https://api.intercom.io", false),
            Self::ContactId => ("{id}", false),
            Self::RequestId => ("the request id", true),
            Self::Scope => ("the scope", true),
            Self::StatusPage => ("https://www.intercomstatus.com", false),
        }
    }
}

/// Declares the steps from a list of their names and sentences.
macro_rules! fixes {
    ($($variant:ident = $name:literal, $template:literal;)+) => {
        names! {
            /// A step that fixes an error. Match on it, or show its sentence with [`step`](Self::step).
            ///
            /// ```
            /// use intercom_errors::{Action, Fix, Slot};
            ///
            /// assert!(Action::CheckConnection.fixes().contains(&Fix::TryCurl));
            /// assert_eq!(Fix::TryCurl.template(), "Try curl -sI {base_url} from the same machine.");
            /// let step = Fix::TryCurl.step().with(Slot::BaseUrl, "https://api.eu.intercom.io");
            /// assert_eq!(step.to_string(), "Try curl -sI https://api.eu.intercom.io from the same machine.");
            /// ```
            #[non_exhaustive]
            pub enum Fix {
                $(#[doc = concat!("`` ", $template, " ``")] $variant = $name,)+
            }
        }

        impl Fix {
            /// Returns the sentence, with the name of a [`Slot`] in braces in place of each value.
            ///
            /// Other names in braces, as in `/contacts/{id}`, are part of the sentence.
            #[must_use]
            pub const fn template(self) -> &'static str {
                match self { $(Self::$variant => $template,)+ }
            }
        }
    };
}

fixes! {
    AcceptJson = "accept_json", "Send Accept: application/json, or Accept: application/octet-stream for downloads.";
    AllowHost = "allow_host", "Ask the administrator of the network to allow {base_url}, or connect from another network.";
    AskForSmallerPages = "ask_for_smaller_pages", "Ask for fewer items per page (per_page, pagination.per_page).";
    AskToAllow = "ask_to_allow", "If this happens often, ask Intercom's support to allow your address.";
    CallMe = "call_me", "Call GET /me with the token. If the token works, the response is an object of type admin.";
    CheckBaseUrl = "check_base_url", "Check the base URL and the path. An HTML page often comes from a proxy or a wrong host.";
    CheckContactExists = "check_contact_exists", "Otherwise, check with GET /contacts/{id} that the contact exists.";
    CheckInput = "check_input", "Check input before you send it. GET /data_attributes lists the existing attributes.";
    CheckOperators = "check_operators", "Compare each operator of the query with the field's type in the API reference. Dates only support >, < and =.";
    CheckPathAndMethod = "check_path_and_method", "Check the path and the method. The response to an unsupported method is a 404, too.";
    CheckRegion = "check_region", "Check that the base URL belongs to the workspace's region (us, eu or au).";
    CheckRegionUrl = "check_region_url", "Check that the base URL is https://api.intercom.io, https://api.eu.intercom.io or https://api.au.intercom.io.";
    CheckStatusPage = "check_status_page", "Check {status_page} for an incident.";
    CheckWorkspace = "check_workspace", "Call GET /me, and check that app.id_code is the right workspace.";
    CheckWorkspaceRegion = "check_workspace_region", "Call GET /me with that base URL: app.region names the region of the workspace.";
    CompareEndpoint = "compare_endpoint", "Compare the method and the path with the API reference. Updates usually use PUT, not PATCH.";
    ComparePlans = "compare_plans", "Settings > Billing: check which plan includes the feature, or ask Intercom's support.";
    Continue = "continue", "Continue as if the request had succeeded.";
    CountBytes = "count_bytes", "Check that the Content-Length counts bytes, not characters.";
    CreateAttribute = "create_attribute", "Create the attribute with POST /data_attributes (name, model, data_type), then send the same request again.";
    CreateAnother = "create_another", "Create a contact with another e-mail or external id. Those of a deleted contact become free after about a week.";
    CreateContactFirst = "create_contact_first", "Create the contact with POST /contacts before you send its first event.";
    FindByExternalId = "find_by_external_id", "Look up a contact by your own id with GET /contacts/find_by_external_id/{external_id}.";
    FinishScroll = "finish_scroll", "Read a scroll to its end, or wait 60 seconds before you start another one.";
    FollowLink = "follow_link", "If the response has a Link header, read GET /contacts/{id} with the id it names, and store that id instead of the old one.";
    GrantAdminPermission = "grant_admin_permission", "Settings > Teammates: give the admin the permission, or use the token of an admin who has it.";
    GrantScope = "grant_scope", "Developer Hub > your app > Authentication > OAuth scopes: add {scope}, then reinstall the app to get a new token.";
    IdentifyById = "identify_by_id", "Identify the user by user_id or id instead of e-mail.";
    ListAttributes = "list_attributes", "GET /data_attributes?model=contact lists the attributes and their names.";
    LogInToProxy = "log_in_to_proxy", "Set the user name and password of the proxy in your client, or use a connection without the proxy.";
    PollJob = "poll_job", "Poll the job until it ends, then send the request again.";
    RaiseAppVersion = "raise_app_version", "Developer Hub > your app > API version: raise it if your requests have no Intercom-Version header.";
    RaiseSizeLimit = "raise_size_limit", "Raise the client's limit for responses if you expect a response of this size.";
    ReadContact = "read_contact", "Read the contact with GET /contacts/{id}. If it was merged, the response is a 410 whose Link header names the other contact.";
    ReadErrorItems = "read_error_items", "Read every item of the error list: code, field and message say what to change.";
    ReadExisting = "read_existing", "Use GET /contacts/{contact_id} to read the contact that the message names. Update it with PUT /contacts/{contact_id} if necessary.";
    ReadFirst = "read_first", "Check with GET that the resource exists before you use it, and handle a 404.";
    ReadMerged = "read_merged", "Use GET /contacts/{contact_id} to read the contact that the Link header names, and store its id instead of the old one.";
    ReadPage = "read_page", "Read the page: it often names the product that blocked the request, and why.";
    ReadResource = "read_resource", "If you need to know whether another program did it, read the resource with GET.";
    RenewToken = "renew_token", "Developer Hub > your app > Authentication: copy or regenerate the access token, and deploy it to every program that uses it.";
    ReplyToSession = "reply_to_session", "Send your message with /reply to the open session instead of starting another one.";
    ReportRequestId = "report_request_id", "If the error persists, send Intercom's support {request_id}.";
    RequestHigherLimit = "request_higher_limit", "Ask Intercom's support for a higher limit if your app often reaches this one.";
    ResendLater = "resend_later", "If the contact is new, send the request again after a few seconds, a few times at most.";
    RestartPagination = "restart_pagination", "Start without starting_after, and take each cursor from pages.next of the previous page.";
    RestartScroll = "restart_scroll", "Call GET /companies/scroll without scroll_param. Discard the results of the broken scroll, or expect duplicates.";
    RetryLonger = "retry_longer", "Send reads and idempotent writes again, with growing waits. Before you send any other write again, check whether it was applied.";
    ScrollCompanies = "scroll_companies", "Call GET /companies/scroll with the scroll_param of the previous response until `data` is empty.";
    SearchByEmail = "search_by_email", "POST /contacts/search with the e-mail lists all users that have it. Merge those that are the same person.";
    SearchFirst = "search_first", "Call POST /contacts/search before POST /contacts. Still handle this response, because the search can lag by minutes.";
    SendCompanyId = "send_company_id", "Send a company_id, your own id of the company.";
    SendJson = "send_json", "Create the body with a JSON library, and send Content-Type: application/json.";
    SendRequestId = "send_request_id", "Send Intercom's support {request_id} and the time.";
    SendVersion = "send_version", "Send an Intercom-Version header with a version from the changelog, like 2.14.";
    ShortenSpan = "shorten_span", "Ask for a shorter time, for example one day at a time.";
    SpreadRequests = "spread_requests", "Spread requests over the window instead of sending them at its start.";
    TryCurl = "try_curl", "Try curl -sI {base_url} from the same machine.";
    Unarchive = "unarchive", "Use POST /contacts/{contact_id}/unarchive to unarchive the contact that the message names, then update it with PUT /contacts/{contact_id}.";
    UnblockUser = "unblock_user", "If the user was blocked, ask a teammate to unblock it in the inbox.";
    UseFindOrCreate = "use_find_or_create", "Use find_or_create, which handles this race.";
    UseOtherIdentity = "use_other_identity", "If that fails, the contact was merged or permanently deleted. Use another e-mail or external id.";
    WaitOutFirewall = "wait_out_firewall", "Wait at least 30 seconds, then send the same request again.";
    WaitThenResend = "wait_then_resend", "Wait as long as Retry-After says, or until X-RateLimit-Reset, counted from the Date of the response. Without these headers, wait longer with each attempt. Then send the same request again.";
}

impl Fix {
    /// Returns this step without values.
    #[must_use]
    pub const fn step(self) -> FilledFix<'static> {
        FilledFix {
            fix: self,
            values: [None; Slot::ALL.len()],
        }
    }
}

/// A [`Fix`] with values for its slots. `Display` writes its sentence.
///
/// A slot without a value shows its default. Control characters in values are escaped, because values can come from a
/// response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilledFix<'v> {
    fix: Fix,
    values: [Option<&'v str>; Slot::ALL.len()],
}

impl<'v> FilledFix<'v> {
    /// Returns the step without its values.
    #[must_use]
    pub const fn fix(&self) -> Fix {
        self.fix
    }

    /// Returns the value of a slot.
    #[must_use]
    pub fn value(&self, slot: Slot) -> Option<&'v str> {
        *self.values.get(slot as usize)?
    }

    /// Sets the value of a slot. Slots that the sentence does not contain are ignored.
    #[must_use]
    pub fn with(mut self, slot: Slot, value: &'v str) -> Self {
        if let Some(place) = self.values.get_mut(slot as usize) {
            *place = Some(value);
        }
        self
    }
}

impl fmt::Display for FilledFix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.fix.template();
        while let Some((before, after)) = rest.split_once('{') {
            f.write_str(before)?;
            let slot = after.split_once('}');
            let slot = slot.and_then(|(name, after)| Some((name.parse::<Slot>().ok()?, after)));
            let Some((slot, after)) = slot else {
                f.write_str("{")?;
                rest = after;
                continue;
            };
            match (slot.without_value(), self.value(slot)) {
                ((noun, true), Some(value)) => write!(f, "{noun} {}", OneLine(value, LONGEST))?,
                (_, Some(value)) => write!(f, "{}", OneLine(value, LONGEST))?,
                ((text, _), None) => f.write_str(text)?,
            }
            rest = after;
        }
        f.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;
    use std::vec::Vec;

    use super::{Fix, Slot};
    use crate::Action;
    use crate::classify::cases::{BLOCK_PAGE, CASES, CHALLENGE, KnownCase, PROXY_LOGIN};

    #[test]
    fn names_in_braces_are_slots_or_known_literals() {
        for fix in Fix::ALL {
            let template = fix.template();
            assert!(template.ends_with('.'), "{template}");
            assert!(!fix.step().to_string().contains("_url}"), "{template}");
            for (at, _) in template.match_indices('{') {
                let (name, _) = template[at + 1..].split_once('}').unwrap();
                let is_literal = ["id", "external_id"].contains(&name);
                assert_ne!(name.parse::<Slot>().is_ok(), is_literal, "{template}");
            }
        }
    }

    #[test]
    fn every_step_belongs_to_an_action_or_a_case() {
        let cases = [&CHALLENGE, &BLOCK_PAGE, &PROXY_LOGIN];
        let cases = cases.into_iter().chain(CASES.iter().map(|rule| &rule.case));
        let cases = cases.map(KnownCase::fixes);
        let actions = Action::ALL.iter().map(|action| action.fixes());
        let all: Vec<_> = actions.chain(cases).collect();
        let used = |fix| all.iter().any(|fixes| fixes.contains(fix));
        let unused = Fix::ALL.iter().find(|fix| !used(fix));
        assert_eq!(unused, None);
    }

    #[test]
    fn values_are_escaped_and_cut_off() {
        let step = Fix::GrantScope
            .step()
            .with(Slot::Scope, "a\n\u{1b}[31mb {base_url}");
        let text = step.to_string();
        assert!(
            text.contains("add the scope a\\n\\u{1b}[31mb {base_url}, then"),
            "{text}"
        );
        let url = "x".repeat(300);
        let long = Fix::TryCurl.step().with(Slot::BaseUrl, &url);
        assert!(long.to_string().contains("xxx… from"), "{long}");
        assert_eq!(long.value(Slot::BaseUrl), Some(url.as_str()));
        assert_eq!(long.value(Slot::Scope), None);
    }
}
