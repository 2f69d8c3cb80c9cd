//! What to do next, with its causes and the steps that fix it.

use super::{Fix, Slot};
use crate::names;

/// Adds the usual causes and the fixes to the list of names.
macro_rules! actions {
    ($($variant:ident = $name:literal, $meaning:literal,
        causes: [$($cause:literal),+ $(,)?],
        fixes: [$($fix:ident),+];)+) => {
        names! {
            /// What a person or a program does next.
            ///
            /// ```
            /// use intercom_errors::{Action, Fix};
            ///
            /// assert_eq!(Action::AddScope.as_str(), "add_scope");
            /// assert_eq!(Action::AddScope.fixes()[0], Fix::GrantScope);
            /// ```
            #[non_exhaustive]
            pub enum Action, doc("In short: ", ".") {
                $($variant = $name, $meaning;)+
            }
        }

        impl Action {
            /// Why one meets it: the usual causes, the most frequent first.
            #[must_use]
            pub const fn causes(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($cause),+],)+ }
            }

            /// What fixes it, step by step; [`ApiError::fixes`](crate::ApiError::fixes) fills in what a response names.
            #[must_use]
            pub const fn fixes(self) -> &'static [Fix] {
                match self { $(Self::$variant => &[$(Fix::$fix),+],)+ }
            }
        }
    };
}

actions! {
    AddScope = "add_scope", "add the missing permission",
        causes: [
            "The app lacks the OAuth scope this endpoint needs.",
            "The resource belongs to another workspace than the token.",
            "The admin behind the token may not do this.",
        ],
        fixes: [GrantScope, CheckWorkspace, GrantAdminPermission];
    AskForLess = "ask_for_less", "ask for less at a time, or allow a larger response",
        causes: [
            "The page or export is larger than the program takes at once.",
            "A proxy or firewall between this machine and Intercom sent a download instead.",
        ],
        fixes: [AskForSmallerPages, RaiseSizeLimit];
    BackOff = "back_off", "wait, then send it again",
        causes: [
            "The app's requests of this ten-second window are spent: a limit of 10,000 a minute is 1,667 in ten seconds.",
            "All private apps of a workspace share its 25,000 a minute, which no header shows.",
            "Several processes share one token.",
        ],
        fixes: [WaitThenResend, SpreadRequests, RequestHigherLimit];
    CheckConnection = "check_connection", "check host, network and certificates",
        causes: [
            "The host name is wrong or cannot be resolved here.",
            "A firewall or proxy stands between this machine and Intercom.",
            "The server's certificate is not trusted by this machine.",
        ],
        fixes: [CheckRegionUrl, TryCurl];
    ContactSupport = "contact_support", "check the base URL, then contact Intercom's support",
        causes: [
            "The response is not one that the API documents.",
            "A proxy or firewall between this machine and Intercom sent the response.",
        ],
        fixes: [CheckBaseUrl, SendRequestId];
    ContinueSession = "continue_session", "continue the open session",
        causes: ["Fin already has a session in this conversation; there can be one at a time."],
        fixes: [ReplyToSession];
    CreateAttribute = "create_attribute", "create the custom attribute first",
        causes: [
            "The custom attribute that the message names does not exist in this workspace, or is archived.",
            "Its name is misspelt, or its label is given instead of its name.",
        ],
        fixes: [ListAttributes, CreateAttribute];
    FixAcceptHeader = "fix_accept_header", "send Accept: application/json",
        causes: ["The Accept header is missing, or accepts nothing that this endpoint can send."],
        fixes: [AcceptJson];
    FixApiVersion = "fix_api_version", "send an Intercom-Version that has this endpoint",
        causes: ["The version in the Intercom-Version header, or in the app's settings without one, is unknown or too old for this endpoint."],
        fixes: [SendVersion, RaiseAppVersion];
    FixInput = "fix_input", "correct the input",
        causes: [
            "A value has the wrong format or type, like an e-mail without a host.",
            "A required field is missing.",
            "A custom attribute does not exist yet, or its name is longer than 190 characters.",
        ],
        fixes: [ReadErrorItems, CheckInput];
    FixJson = "fix_json", "send a body that is JSON",
        causes: [
            "The body is not JSON: truncated, with unescaped quotes, encoded as a form, or encoded twice.",
            "The Content-Type header is missing, or is not application/json.",
        ],
        fixes: [SendJson, CountBytes];
    FixMethod = "fix_method", "use a method that this path supports",
        causes: ["The path does not support the method; Intercom responds with 404."],
        fixes: [CompareEndpoint];
    FollowMerge = "follow_merge", "follow the merge to the other contact",
        causes: ["The contact was merged into another one, and its id is no longer in use."],
        fixes: [ReadMerged];
    LookUpById = "look_up_by_id", "look it up by its id: several match",
        causes: ["Several users have the same e-mail address, so it does not identify one."],
        fixes: [IdentifyById, SearchByEmail];
    NothingToDo = "nothing_to_do", "treat it as done: it is already as requested",
        causes: ["The same was requested before, and done: an earlier attempt succeeded, or another program was faster."],
        fixes: [Continue, ReadResource];
    RegenerateToken = "regenerate_token", "get a working access token",
        causes: [
            "The access token is expired, revoked or mistyped.",
            "The token was regenerated in the Developer Hub, but the program still has the old one.",
            "The token belongs to another app or region.",
        ],
        fixes: [CallMe, RenewToken, CheckRegion];
    RestartPagination = "restart_pagination", "read the list again from the first page",
        causes: ["The starting_after cursor does not come from an earlier page, or has expired."],
        fixes: [RestartPagination];
    RestartScroll = "restart_scroll", "start the scroll again from the beginning",
        causes: [
            "The server lost its place in a scroll and cannot continue from there.",
            "The scroll has ended: it was read to its end, or was idle for a minute.",
        ],
        fixes: [RestartScroll];
    RetryAndCheckStatus = "retry_and_check_status", "try again, and check the status page if it persists",
        causes: [
            "Something failed on Intercom's side, usually for a moment.",
            "A proxy or load balancer in between gave up waiting.",
        ],
        fixes: [RetryLonger, CheckStatusPage, ReportRequestId];
    SearchBeforeCreate = "search_before_create", "look for the existing one first",
        causes: [
            "Something with the same e-mail, external id, name or URL already exists.",
            "Two programs created it at the same time.",
        ],
        fixes: [SearchFirst, UseFindOrCreate];
    UnarchiveExisting = "unarchive_existing", "unarchive the existing contact",
        causes: ["An archived contact has the same e-mail or external id."],
        fixes: [Unarchive, UseOtherIdentity];
    UpgradePlan = "upgrade_plan", "upgrade the workspace's plan",
        causes: ["The workspace's plan does not include this endpoint or feature."],
        fixes: [ComparePlans];
    UseAnother = "use_another", "use another contact: this one cannot be restored",
        causes: ["The contact was merged into another one, is about to be deleted for good, or was blocked."],
        fixes: [ReadContact, CreateAnother, UnblockUser];
    UseExisting = "use_existing", "use the existing contact",
        causes: [
            "A contact with the same e-mail or external id exists.",
            "Two programs created it at the same time, or the search has not indexed it yet.",
        ],
        fixes: [ReadExisting, UseFindOrCreate];
    UseScroll = "use_scroll", "read the list with the scroll",
        causes: ["Pages of companies end at 10,000 companies; the rest cannot be reached by page."],
        fixes: [ScrollCompanies];
    VerifyId = "verify_id", "check the id",
        causes: [
            "The id is mistyped, or belongs to another workspace.",
            "The resource was deleted.",
            "A user id is given where a contact id is expected, or the other way round.",
        ],
        fixes: [ReadFirst, FindByExternalId, CheckPathAndMethod];
    WaitForIndex = "wait_for_index", "wait a few seconds if the contact is new, otherwise check its id",
        causes: [
            "A contact that was just created cannot be messaged yet: for some seconds the response is 404.",
            "The id is wrong, or belongs to another workspace; the response is the same.",
        ],
        fixes: [ResendLater, CheckContactExists];
    WaitForJob = "wait_for_job", "wait until the running job, upload or scroll has ended",
        causes: [
            "As many jobs, uploads or scrolls are running as are allowed at a time.",
            "A scroll was left open; it ends after a minute without a request.",
        ],
        fixes: [PollJob, FinishScroll];
}

impl Action {
    /// The slot whose value completes the meaning, as in "use the existing contact 5f1a".
    pub(crate) const fn slot(self) -> Option<Slot> {
        match self {
            Self::AddScope => Some(Slot::Scope),
            Self::FollowMerge | Self::UnarchiveExisting | Self::UseExisting => {
                Some(Slot::ContactId)
            }
            _ => None,
        }
    }
}
