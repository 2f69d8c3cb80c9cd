//! What to do next about an error, the causes of the error, and the steps that fix it.

use super::{Fix, Slot};
use crate::names;

/// Adds the usual causes and the fixes to the list of names.
macro_rules! actions {
    ($($variant:ident = $name:literal, $meaning:literal,
        causes: [$($cause:literal),+ $(,)?],
        fixes: [$($fix:ident),+];)+) => {
        names! {
            /// What to do next about an error.
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
            /// Returns the usual causes, the most frequent first.
            #[must_use]
            pub const fn causes(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($cause),+],)+ }
            }

            /// Returns the steps that fix the error. [`ApiError::fixes`](crate::ApiError::fixes) fills in values from
            /// the response.
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
            "The app lacks the OAuth scope that this endpoint needs.",
            "The resource belongs to another workspace than the token.",
            "The admin behind the token is not allowed to do this.",
        ],
        fixes: [GrantScope, CheckWorkspace, GrantAdminPermission];
    AskForLess = "ask_for_less", "ask for less at a time, or allow a larger response",
        causes: [
            "The page or export is larger than the program's limit for a response.",
            "A proxy or firewall between this machine and Intercom sent a download instead.",
        ],
        fixes: [AskForSmallerPages, RaiseSizeLimit];
    BackOff = "back_off", "wait, then send it again",
        causes: [
            "The app has used up its requests for this ten-second window: 10,000 requests a minute are 1,667 in ten seconds.",
            "All private apps of a workspace share a limit of 25,000 requests a minute, which no header shows.",
            "Several processes use the same token.",
        ],
        fixes: [WaitThenResend, SpreadRequests, RequestHigherLimit];
    CheckConnection = "check_connection", "check the host, the network and the certificates",
        causes: [
            "The host name is wrong, or this machine cannot resolve it.",
            "A firewall or proxy between this machine and Intercom blocks the connection.",
            "This machine does not trust the server's certificate.",
        ],
        fixes: [CheckRegionUrl, TryCurl];
    ContactSupport = "contact_support", "check the base URL, then contact Intercom's support",
        causes: [
            "The API does not document this response.",
            "A proxy or firewall between this machine and Intercom sent the response.",
        ],
        fixes: [CheckBaseUrl, SendRequestId];
    ContinueSession = "continue_session", "continue the open session",
        causes: ["Fin already has a session in this conversation. There can be only one at a time."],
        fixes: [ReplyToSession];
    CreateAttribute = "create_attribute", "create the custom attribute first",
        causes: [
            "The custom attribute that the message names does not exist in this workspace, or is archived.",
            "Its name is misspelled, or the request has its label instead of its name.",
        ],
        fixes: [ListAttributes, CreateAttribute];
    FixAcceptHeader = "fix_accept_header", "send Accept: application/json",
        causes: ["The Accept header is missing, or accepts nothing that this endpoint can send."],
        fixes: [AcceptJson];
    FixApiVersion = "fix_api_version", "send an Intercom-Version that supports this endpoint",
        causes: ["The API version is unknown or too old for this endpoint. It comes from the Intercom-Version header, or from the app's settings."],
        fixes: [SendVersion, RaiseAppVersion];
    FixInput = "fix_input", "correct the input",
        causes: [
            "A value has the wrong format or type, like an e-mail address without a host.",
            "A required field is missing.",
            "A custom attribute does not exist yet, or its name is longer than 190 characters.",
        ],
        fixes: [ReadErrorItems, CheckInput];
    FixJson = "fix_json", "send valid JSON",
        causes: [
            "The body is not valid JSON: it is truncated, has unescaped quotes, or is form-encoded or encoded twice.",
            "The Content-Type header is missing, or is not application/json.",
        ],
        fixes: [SendJson, CountBytes];
    FixMethod = "fix_method", "use a method that this path supports",
        causes: ["The path does not support the method. Intercom's response to that is a 404."],
        fixes: [CompareEndpoint];
    FixRegion = "fix_region", "use the base URL of the workspace's region",
        causes: ["The base URL belongs to another region than the workspace."],
        fixes: [CheckRegionUrl, CheckWorkspaceRegion];
    FollowMerge = "follow_merge", "follow the merge to the other contact",
        causes: ["The contact was merged into another one, and its id is no longer valid."],
        fixes: [ReadMerged];
    LookUpById = "look_up_by_id", "identify the user by id, because several users match",
        causes: ["Several users have this e-mail address, so it does not identify one of them."],
        fixes: [IdentifyById, SearchByEmail];
    NothingToDo = "nothing_to_do", "treat the request as done, because its effect is already there",
        causes: ["An earlier attempt or another program has already done the same."],
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
            "The server lost its place in the scroll and cannot continue.",
            "The scroll was read to its end, or expired after a minute without a request.",
        ],
        fixes: [RestartScroll];
    RetryAndCheckStatus = "retry_and_check_status", "try again, and check the status page if the error persists",
        causes: [
            "Something failed at Intercom, usually only for a short time.",
            "A proxy or load balancer stopped waiting for the response.",
        ],
        fixes: [RetryLonger, CheckStatusPage, ReportRequestId];
    SearchBeforeCreate = "search_before_create", "the resource may already exist: search for it before you create it",
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
    UseAnother = "use_another", "use another contact, because this one cannot be restored",
        causes: ["The contact was merged into another one, was blocked, or is about to be permanently deleted."],
        fixes: [ReadContact, CreateAnother, UnblockUser];
    UseExisting = "use_existing", "use the existing contact",
        causes: [
            "A contact with the same e-mail or external id exists.",
            "Two programs created it at the same time, or the search has not indexed it yet.",
        ],
        fixes: [ReadExisting, UseFindOrCreate];
    UseScroll = "use_scroll", "use the scroll to read the list",
        causes: ["Pages stop after 10,000 companies. Only the scroll reaches the rest."],
        fixes: [ScrollCompanies];
    VerifyId = "verify_id", "check the id",
        causes: [
            "The id is mistyped, or belongs to another workspace.",
            "The resource was deleted.",
            "The request has a user id instead of a contact id, or the other way round.",
        ],
        fixes: [ReadFirst, FindByExternalId, CheckPathAndMethod];
    WaitForIndex = "wait_for_index", "wait a few seconds if the contact is new, otherwise check its id",
        causes: [
            "A contact that was just created cannot receive messages yet. For some seconds, the response is a 404.",
            "The id is wrong, or belongs to another workspace. The response is then a 404 as well.",
        ],
        fixes: [ResendLater, CheckContactExists];
    WaitForJob = "wait_for_job", "wait until the running job, upload or scroll ends",
        causes: [
            "The maximum number of jobs, uploads or scrolls is already running.",
            "A scroll was left open. It expires after a minute without a request.",
        ],
        fixes: [PollJob, FinishScroll];
}

impl Action {
    /// Returns the slot whose value completes the meaning, as in "use the existing contact 5f1a".
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
