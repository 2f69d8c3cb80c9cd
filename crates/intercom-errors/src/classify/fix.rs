//! Steps that fix an error: which step, and the values that go into its sentence.

use core::fmt;

use crate::{ApiError, OneLine, names};

/// Longer values are cut.
const LONGEST: usize = 200;

names! {
    /// A value in the sentence of a [`Fix`], written `{base_url}` in its [template](Fix::template).
    #[non_exhaustive]
    pub enum Slot {
        /// The base URL that the client uses; without a value that of the US region.
        BaseUrl = "base_url",
        /// The id of the contact that the response names; without a value `{id}`.
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
    /// What stands in a sentence without a value, and whether a value follows it instead of replacing it.
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

/// One list yields the steps, their names, and their sentences.
macro_rules! fixes {
    ($($variant:ident = $name:literal, $template:literal;)+) => {
        names! {
            /// One step that fixes an error, as data: match on it, or show its sentence with [`step`](Self::step).
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
            /// The sentence, with the name of a [`Slot`] in braces where a value goes.
            ///
            /// Other names in braces, as in `/contacts/{id}`, belong to the sentence.
            #[must_use]
            pub const fn template(self) -> &'static str {
                match self { $(Self::$variant => $template,)+ }
            }
        }
    };
}

fixes! {
    AcceptJson = "accept_json", "Send Accept: application/json; for downloads, send Accept: application/octet-stream.";
    AskForSmallerPages = "ask_for_smaller_pages", "Ask for fewer items per page (per_page, pagination.per_page).";
    CallMe = "call_me", "Call GET /me with the token: if the token works, the response is an object of type admin.";
    CheckBaseUrl = "check_base_url", "Check the base URL and the path: a page of HTML often comes from a proxy or a wrong host.";
    CheckContactExists = "check_contact_exists", "Otherwise, check with GET /contacts/{id} whether the contact exists.";
    CheckInput = "check_input", "Check input before you send it; GET /data_attributes lists the attributes that exist.";
    CheckPathAndMethod = "check_path_and_method", "Check the path and the method: the response to an unsupported method is 404 too.";
    CheckRegion = "check_region", "Check that the base URL is that of the workspace's region (us, eu, au).";
    CheckRegionUrl = "check_region_url", "Check that the base URL is https://api.intercom.io, https://api.eu.intercom.io or https://api.au.intercom.io.";
    CheckStatusPage = "check_status_page", "Check {status_page} for an incident.";
    CheckWorkspace = "check_workspace", "Call GET /me and check that app.id_code is the workspace you mean.";
    CompareEndpoint = "compare_endpoint", "Compare method and path with the endpoint's page of the API reference: updates usually use PUT, not PATCH.";
    ComparePlans = "compare_plans", "Settings > Billing: check which plan includes it, or ask Intercom's support.";
    Continue = "continue", "Continue as after a success.";
    CountBytes = "count_bytes", "Check that the Content-Length counts bytes, not characters.";
    CreateAttribute = "create_attribute", "POST /data_attributes with name, model and data_type creates it; then send the same request.";
    CreateAnother = "create_another", "Create a contact with another e-mail or external id; those of a deleted contact are free after about a week.";
    FindByExternalId = "find_by_external_id", "Look up a contact by your own id with GET /contacts/find_by_external_id/{external_id}.";
    FinishScroll = "finish_scroll", "Read a scroll to its end, or wait 60 seconds before you start another one.";
    GrantAdminPermission = "grant_admin_permission", "Settings > Teammates: give the admin the permission, or use the token of an admin who has it.";
    GrantScope = "grant_scope", "Developer Hub > your app > Authentication > OAuth scopes: add {scope}, then install the app again so that a new token carries it.";
    IdentifyById = "identify_by_id", "Identify the user by user_id or id instead of by e-mail.";
    ListAttributes = "list_attributes", "GET /data_attributes?model=contact lists the attributes with their names.";
    PollJob = "poll_job", "Poll the job until it has ended, then send the request again.";
    RaiseAppVersion = "raise_app_version", "Developer Hub > your app > API version: raise it if requests carry no version of their own.";
    RaiseSizeLimit = "raise_size_limit", "Raise the client's limit for responses if you expect one this large.";
    ReadContact = "read_contact", "GET /contacts/{id}: for a merged contact, the Link header of a 410 names the contact it was merged into.";
    ReadErrorItems = "read_error_items", "Read every item of the error list: code, field and message name what to change.";
    ReadExisting = "read_existing", "Read the contact that the message names with GET /contacts/{contact_id}, and update it with PUT /contacts/{contact_id} if necessary.";
    ReadFirst = "read_first", "Read the resource with GET before you work on it, and handle a 404.";
    ReadMerged = "read_merged", "Read the contact that the Link header names with GET /contacts/{contact_id}, and store its id in place of the old one.";
    ReadResource = "read_resource", "If it matters who did it, read the resource with GET.";
    RenewToken = "renew_token", "Developer Hub > your app > Authentication: copy the access token, or regenerate it, and deploy it to every program that uses it.";
    ReplyToSession = "reply_to_session", "Send your message with /reply to the open session instead of starting another one.";
    ReportRequestId = "report_request_id", "If the error persists, send Intercom's support {request_id}.";
    RequestHigherLimit = "request_higher_limit", "Ask Intercom's support for a higher limit if the quota is always spent.";
    ResendLater = "resend_later", "If the contact was created a moment ago, send the message again after some seconds, a few times at most.";
    RestartPagination = "restart_pagination", "Start without starting_after, and take each cursor from pages.next of the page before.";
    RestartScroll = "restart_scroll", "GET /companies/scroll without scroll_param, and drop what the broken scroll returned, or expect duplicates.";
    RetryLonger = "retry_longer", "Send reads and idempotent writes again, with growing waits; look up other writes before you send them again.";
    ScrollCompanies = "scroll_companies", "Repeat GET /companies/scroll with the scroll_param of the previous response until `data` is empty.";
    SearchByEmail = "search_by_email", "POST /contacts/search with the e-mail lists all of them; merge those that are the same person.";
    SearchFirst = "search_first", "POST /contacts/search before POST /contacts, and handle this response all the same: the search lags by up to minutes.";
    SendJson = "send_json", "Write the body with a JSON library, and send Content-Type: application/json.";
    SendRequestId = "send_request_id", "Send Intercom's support {request_id} and the time.";
    SendVersion = "send_version", "Send Intercom-Version with a version from the changelog, like 2.14.";
    SpreadRequests = "spread_requests", "Spread requests over the window instead of sending them at its start.";
    TryCurl = "try_curl", "Try curl -sI {base_url} from the same machine.";
    Unarchive = "unarchive", "Unarchive the contact that the message names with POST /contacts/{contact_id}/unarchive, then update it with PUT /contacts/{contact_id}.";
    UnblockUser = "unblock_user", "A teammate can unblock a blocked user in the inbox.";
    UseFindOrCreate = "use_find_or_create", "Use find_or_create, which handles this race.";
    UseOtherIdentity = "use_other_identity", "If that is refused, the contact was merged or deleted for good: use another e-mail or external id.";
    WaitThenResend = "wait_then_resend", "Wait until X-RateLimit-Reset or as long as Retry-After says, by the Date of the same response; without either, wait longer with each attempt. Then send the same request.";
}

impl Fix {
    /// This step without values, to show or to fill.
    #[must_use]
    pub const fn step(self) -> FilledFix<'static> {
        FilledFix {
            fix: self,
            values: [None; Slot::ALL.len()],
        }
    }
}

/// A [`Fix`] with the values that are known; `Display` is its sentence.
///
/// A slot without a value shows a default. Values may come from a response, so control characters in them are escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilledFix<'v> {
    fix: Fix,
    values: [Option<&'v str>; Slot::ALL.len()],
}

impl<'v> FilledFix<'v> {
    /// Which step it is.
    #[must_use]
    pub const fn fix(&self) -> Fix {
        self.fix
    }

    /// The value of a slot.
    #[must_use]
    pub fn value(&self, slot: Slot) -> Option<&'v str> {
        *self.values.get(slot as usize)?
    }

    /// Sets the value of a slot; one that the sentence lacks is ignored when it is shown.
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

impl ApiError {
    /// What fixes it, step by step, with the values that the response names: the scope, the contact, the request id.
    ///
    /// The client's own values are added by [`FilledFix::with`].
    ///
    /// ```
    /// use intercom_errors::{ApiError, Fix};
    ///
    /// let body = br#"{"errors":[{"code":"conflict",
    ///     "message":"A contact matching those details already exists with id=5f1a"}]}"#;
    /// let error = ApiError::from_parts(409, [], body);
    /// let first = error.fixes().next().unwrap();
    /// assert_eq!(first.fix(), Fix::ReadExisting);
    /// assert!(first.to_string().contains("GET /contacts/5f1a"));
    /// ```
    pub fn fixes(&self) -> impl Iterator<Item = FilledFix<'_>> {
        let fixes = self.class().action().fixes().iter();
        fixes.map(|&fix| self.step(fix))
    }

    /// A step with the values that the response names.
    #[must_use]
    pub fn step(&self, fix: Fix) -> FilledFix<'_> {
        let slots = Slot::ALL.iter();
        let known = slots.filter_map(|&slot| Some((slot, self.value(slot)?)));
        known.fold(fix.step(), |step, (slot, value)| step.with(slot, value))
    }

    /// What the response says of a slot.
    pub(crate) fn value(&self, slot: Slot) -> Option<&str> {
        match slot {
            Slot::ContactId => match self.existing_contact() {
                Some(contact) => Some(contact.id()),
                None => self.merged_into(),
            },
            Slot::RequestId => self.request_id(),
            Slot::Scope => self.required_scope(),
            Slot::BaseUrl | Slot::StatusPage => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::{Fix, Slot};
    use crate::Action;

    #[test]
    fn every_slot_of_a_template_is_known_or_of_the_sentence() {
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
    fn every_step_fixes_something() {
        let used = |fix| {
            Action::ALL
                .iter()
                .any(|action| action.fixes().contains(fix))
        };
        let unused = Fix::ALL.iter().find(|fix| !used(fix));
        assert_eq!(unused, None);
    }

    #[test]
    fn a_value_of_others_stays_on_its_line() {
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
