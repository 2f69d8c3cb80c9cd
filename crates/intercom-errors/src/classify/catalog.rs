//! The table: what each code means. One entry a code.

use alloc::boxed::Box;

use super::{Action, Category, Resend};
use crate::names;

names! {
    /// Where a code is known from.
    #[non_exhaustive]
    pub enum Provenance {
        Documented = "documented", "Listed on Intercom's page of error codes.";
        Observed = "observed", "Seen in answers that were published, such as in bug reports.";
        Sdk = "sdk", "Handled by one of Intercom's own SDKs.";
        Specified = "specified", "Given in an example of Intercom's OpenAPI description.";
    }
}

/// What one code means, before status and message are looked at.
#[derive(Clone, Debug)]
pub struct Entry {
    code: ErrorCode,
    statuses: &'static [u16],
    category: Category,
    resend: Resend,
    action: Action,
    meaning: &'static str,
    causes: &'static [&'static str],
    fixes: &'static [&'static str],
    provenance: Provenance,
}

impl Entry {
    /// The code.
    #[must_use]
    pub const fn code(&self) -> &ErrorCode {
        &self.code
    }

    /// The statuses it was seen with, or is said to come with; empty when no source shows one.
    #[must_use]
    pub const fn statuses(&self) -> &'static [u16] {
        self.statuses
    }

    /// The category it stands for.
    #[must_use]
    pub const fn category(&self) -> Category {
        self.category
    }

    /// What sending again does, if the status agrees.
    #[must_use]
    pub const fn resend(&self) -> Resend {
        self.resend
    }

    /// What to do next, unless the message knows better.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// The meaning, in one line.
    #[must_use]
    pub const fn meaning(&self) -> &'static str {
        self.meaning
    }

    /// Why one meets it, the most frequent cause first.
    #[must_use]
    pub const fn causes(&self) -> &'static [&'static str] {
        self.causes
    }

    /// What mends it, step by step.
    #[must_use]
    pub const fn fixes(&self) -> &'static [&'static str] {
        self.fixes
    }

    /// Where the code is known from.
    #[must_use]
    pub const fn provenance(&self) -> Provenance {
        self.provenance
    }

    /// The entry of a code.
    ///
    /// ```
    /// use intercom_errors::{Entry, ErrorCode};
    ///
    /// assert_eq!(Entry::of(&ErrorCode::ApiPlanRestricted).unwrap().statuses(), [403, 402]);
    /// assert!(Entry::of(&ErrorCode::from("brand_new")).is_none());
    /// ```
    #[must_use]
    pub fn of(code: &ErrorCode) -> Option<&'static Self> {
        CATALOG.get(code.position()?)
    }
}

/// One list yields the codes, their spelling, and what is known of each. Sorted by spelling; a test keeps it so.
macro_rules! catalog {
    ($($code:ident = $spelt:literal: [$($status:literal),*] $category:ident $resend:ident $action:ident $provenance:ident
        $meaning:literal
        causes [$($cause:literal),+]
        fixes [$($fix:literal),+];)+) => {
        /// An error code: a known one, or any other one verbatim.
        ///
        /// Intercom adds and renames codes without a new API version, so match on [`Category`] or on
        /// [`as_str`](Self::as_str) rather than on `Unknown`: a code that becomes a variant is a minor change here.
        ///
        /// ```
        /// use intercom_errors::ErrorCode;
        ///
        /// assert_eq!(ErrorCode::from("not_found"), ErrorCode::NotFound);
        /// assert_eq!(ErrorCode::from("NOT_FOUND"), ErrorCode::NotFound);
        /// assert_eq!(ErrorCode::from("brand_New").as_str(), "brand_New");
        /// ```
        #[non_exhaustive]
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $(#[doc = concat!("`", $spelt, "`: ", $meaning)] $code,)+
            /// Any other code, as it came.
            Unknown(Box<str>),
        }

        impl ErrorCode {
            /// A known code, in lower case.
            pub(crate) fn known(text: &str) -> Option<Self> {
                match text {
                    $($spelt => Some(Self::$code),)+
                    _ => None,
                }
            }

            /// Where the code stands in the catalog.
            fn position(&self) -> Option<usize> {
                enum Position { $($code),+ }
                match self {
                    $(Self::$code => Some(Position::$code as usize),)+
                    Self::Unknown(_) => None,
                }
            }

            /// The code as Intercom spells it; of an unknown one as it came.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$code => $spelt,)+
                    Self::Unknown(text) => text,
                }
            }
        }

        /// What is known of each code, sorted by its spelling.
        pub const CATALOG: &[Entry] = &[$(Entry {
            code: ErrorCode::$code,
            statuses: &[$($status),*],
            category: Category::$category,
            resend: Resend::$resend,
            action: Action::$action,
            meaning: $meaning,
            causes: &[$($cause),+],
            fixes: &[$($fix),+],
            provenance: Provenance::$provenance,
        },)+];
    };
}

catalog! {
    ActionForbidden = "action_forbidden": [403] Permission Never AddScope Documented
        "The action is not allowed for this token."
        causes ["The app or its admin lacks a permission; `data.required_permissions` of the item names it where Intercom says so."]
        fixes ["Read `required_scope()` or the item's `data`, then grant that permission: OAuth scopes in the Developer Hub for apps, Settings > Teammates for admins."];
    AdminNotFound = "admin_not_found": [404] NotFound Never VerifyId Documented
        "There is no such admin."
        causes ["The admin id is of another workspace, or the teammate was removed."]
        fixes ["GET /admins lists the admins of the workspace with their ids."];
    AlreadyLinkedToTracker = "already_linked_to_tracker": [400] Conflict Never FixInput Specified
        "The conversation is linked to a tracker ticket already."
        causes ["A conversation can hang on one tracker ticket; this one does."]
        fixes ["GET /tickets/{id} shows the linked conversations; unlink it there first, or leave it as it is."];
    ApiPlanRestricted = "api_plan_restricted": [403, 402] Plan Never UpgradePlan Documented
        "The API or feature is not part of the workspace's plan."
        causes ["The endpoint belongs to a feature the plan does not include, or the workspace is on a trial that ended."]
        fixes ["Settings > Billing shows the plan; upgrade it, or ask Intercom's support to switch the feature on."];
    ArticleNotFound = "article_not_found": [404] NotFound Never VerifyId Specified
        "There is no such article."
        causes ["The article was deleted, or the id is that of an internal article or a collection."]
        fixes ["GET /articles or GET /articles/search finds the id."];
    AssigneeNotFound = "assignee_not_found": [404] NotFound Never VerifyId Specified
        "There is no such admin or team to assign to."
        causes ["assignee_id names neither an admin nor a team of this workspace, or `type` says admin where it is a team."]
        fixes ["Take the id from GET /admins or GET /teams, and send the type that goes with it."];
    AwayStatusReasonMandatory = "away_status_reason_mandatory": [400] Validation Never FixInput Specified
        "The workspace demands a reason for being away."
        causes ["PUT /admins/{id}/away was sent without away_status_reason_id."]
        fixes ["GET /away_status_reasons lists the reasons; send the id of one that is not deleted."];
    BadRequest = "bad_request": [400] Validation Never FixInput Documented
        "The request cannot be processed as it is."
        causes ["A parameter is missing or has a value the endpoint cannot use; the message names it.", "A contact that was merged or deleted for good cannot be unarchived."]
        fixes ["Read the message: it names the parameter. Compare the request with the endpoint's page of the API reference."];
    ClientError = "client_error": [400] Validation Never FixInput Documented
        "Something in the request is wrong."
        causes ["Usually a starting_after that no page gave."]
        fixes ["Begin the list again without starting_after, and take each cursor from pages.next."];
    CompanyNotFound = "company_not_found": [404] NotFound Never VerifyId Specified
        "There is no such company."
        causes ["Your own company_id stands where Intercom's id is expected, or the other way round.", "The company was deleted."]
        fixes ["GET /companies?company_id=... finds a company by your own id; paths take Intercom's id."];
    Conflict = "conflict": [409, 400] Conflict Never SearchBeforeCreate Documented
        "Existing data clashes with the request."
        causes ["A contact with this external_id or e-mail exists, perhaps archived.", "Two programs created the same thing at once, or the search has not indexed it yet."]
        fixes ["For contacts the message names the existing id: read it, unarchive it if need be, and update it instead.", "Use find_or_create, which does that."];
    ContactCompanyLimitExceeded = "contact_company_limit_exceeded": [400] Validation Never FixInput Specified
        "The contact belongs to 1,000 companies, which is the most."
        causes ["POST /contacts/{id}/companies for a contact that has 1,000 companies; before February 2026 this was dropped silently."]
        fixes ["DELETE /contacts/{id}/companies/{company_id} for those no longer needed, then attach the new one."];
    ContactMerged = "contact_merged": [410] Merged Never FollowMerge Specified
        "The contact was merged into another one."
        causes ["A teammate or program merged duplicates; until May 2026 this was a 404."]
        fixes ["Take the id from the Link header (`merged_into()`), read that contact, and store its id."];
    ContentHasProcedureDependencies = "content_has_procedure_dependencies": [422] Conflict Never FixInput Specified
        "A procedure uses this content, so it cannot be changed this way."
        causes ["The content to be deleted or unpublished is part of a procedure of Fin."]
        fixes ["Take the content out of the procedures that use it first."];
    ContentSnippetNotFound = "content_snippet_not_found": [404] NotFound Never VerifyId Specified
        "There is no such content snippet."
        causes ["The snippet was deleted, or the id is of other content."]
        fixes ["GET /content_snippets lists the ids."];
    ConversationAttributeNotFound = "conversation_attribute_not_found": [404] NotFound Never VerifyId Documented
        "There is no such conversation attribute or list option."
        causes ["The attribute was archived, or its name is given where its id is expected."]
        fixes ["GET /data_attributes?model=conversation lists the attributes."];
    ConversationIdLimitExceeded = "conversation_id_limit_exceeded": [400] Validation Never FixInput Specified
        "More than 20 conversation ids in one search of calls."
        causes ["POST /calls/search takes 1 to 20 conversation_ids."]
        fixes ["Split the ids into searches of at most 20."];
    ConversationNotFound = "conversation_not_found": [404] NotFound Never VerifyId Specified
        "There is no such conversation."
        causes ["The conversation was deleted, or the id is that of a message or part."]
        fixes ["POST /conversations/search finds conversations; a message's answer carries its conversation_id."];
    ConversationPartOrMessageNotFound = "conversation_part_or_message_not_found": [404] NotFound Never VerifyId Specified
        "There is no such part or message in the conversation."
        causes ["The part id belongs to another conversation, or was redacted."]
        fixes ["GET /conversations/{id} lists the parts with their ids."];
    CustomDataLimitReached = "custom_data_limit_reached": [] Validation Never FixInput Sdk
        "The workspace has as many custom attributes as it may have."
        causes ["A workspace holds 250 custom attributes for people and 100 for companies."]
        fixes ["Archive attributes that are no longer used: GET /data_attributes lists them, PUT /data_attributes/{id} archives."];
    DataConnectorInUse = "data_connector_in_use": [409] Conflict Never FixInput Specified
        "Other resources use this data connector."
        causes ["A workflow or Fin calls the connector that is to be deleted or set to draft."]
        fixes ["Take it out of the workflows that use it first."];
    DataConnectorNotFound = "data_connector_not_found": [404] NotFound Never VerifyId Specified
        "There is no such data connector."
        causes ["The connector was deleted, or belongs to another workspace."]
        fixes ["GET /data_connectors lists the ids."];
    DataInvalid = "data_invalid": [422, 404] Validation Never FixInput Documented
        "The data in the request is not valid."
        causes ["A value does not fit its field; as a 404 it says that an integration or object type named in the path is unknown.", "A data attribute that segments or workflows depend on cannot be archived."]
        fixes ["Read field and message of each item; with a 404 check the type or integration in the path.", "Take an attribute out of what depends on it before PUT /data_attributes/{id} archives it."];
    ExecutionResultNotFound = "execution_result_not_found": [404] NotFound Never VerifyId Specified
        "There is no such execution of a data connector."
        causes ["The execution is too old to be kept, or the id is wrong."]
        fixes ["GET /data_connectors/{id}/execution_results lists the recent ones."];
    FieldNotFound = "field_not_found": [404, 422] Validation Never FixInput Specified
        "A field or attribute that the request names does not exist, or a required one is missing."
        causes ["PUT /data_attributes/{id} with an unknown id (404).", "A bulk request without its `contacts` or without ids (422)."]
        fixes ["GET /data_attributes lists the attributes; compare a bulk body with the reference."];
    Forbidden = "forbidden": [403] Permission Never AddScope Documented
        "The request is not allowed."
        causes ["The token lacks an OAuth scope; the message may name it.", "The resource belongs to another workspace.", "A bulk job is closed: the message says so."]
        fixes ["Developer Hub > your app > Authentication > OAuth scopes: add the scope, install the app again, use the new token.", "GET /me shows which app and workspace the token is of."];
    IdentityVerificationSecretNotFound = "identity_verification_secret_not_found": [404] NotFound Never VerifyId Specified
        "There is no such identity verification secret."
        causes ["The secret was deleted, or the id is of another workspace."]
        fixes ["GET /secure_mode_secrets lists the secrets with their ids."];
    ImportJobIdRequired = "import_job_id_required": [422] Validation Never FixInput Specified
        "Later parts of an upload need the import_job_id of the first."
        causes ["Part two or later of a catalog upload came without import_job_id."]
        fixes ["Keep the import_job_id that the answer to part one carries, and send it with every other part."];
    ImportSourceNotFound = "import_source_not_found": [404] NotFound Never VerifyId Specified
        "There is no such content import source."
        causes ["The source was deleted, or the id is that of a page."]
        fixes ["GET /ai/content_import_sources lists the ids."];
    IntercomVersionInvalid = "intercom_version_invalid": [400] Validation Never FixApiVersion Specified
        "The API version is unknown or does not have this endpoint."
        causes ["Intercom-Version names no version, or one that is older than the endpoint.", "Without the header, the version in the app's settings is too old."]
        fixes ["Send a newer Intercom-Version, such as 2.14 (`api_version`), or raise it in the Developer Hub."];
    InternalArticleNotFound = "internal_article_not_found": [404] NotFound Never VerifyId Specified
        "There is no such internal article."
        causes ["The article was deleted, or is a public one."]
        fixes ["GET /internal_articles lists the ids; public ones are under /articles."];
    InternalError = "internal_error": [503] Server IfReplayable RetryAndCheckStatus Specified
        "Something failed inside Intercom."
        causes ["A catalog could not be stored for the moment."]
        fixes ["Send the same part again: parts with the same part_number do not pile up."];
    InvalidCatalogFormat = "invalid_catalog_format": [422] Validation Never FixInput Specified
        "The catalog file has not the documented format."
        causes ["The file is no JSON Lines, or lacks required columns."]
        fixes ["Compare the file with the format in the reference of the ecommerce catalog."];
    InvalidDocument = "invalid_document": [] Validation Never FixInput Sdk
        "A custom attribute is not valid."
        causes ["A custom attribute has a list or an object as value, or a name with a dot or dollar sign."]
        fixes ["Send text, numbers and truths only; names have at most 190 characters."];
    InvalidField = "invalid_field": [400] Validation Never FixInput Specified
        "A field is not valid here."
        causes ["The field does not exist for this object or cannot be searched by."]
        fixes ["Compare the field's name with the endpoint's page of the reference."];
    InvalidMerge = "invalid_merge": [400] Validation Never FixInput Specified
        "These contacts cannot be merged."
        causes ["The contacts share neither e-mail nor phone.", "The roles do not go together: a lead is merged into a user."]
        fixes ["Swap from and into, or send skip_duplicate_validation=true if they are one person all the same."];
    InvalidParameter = "invalid_parameter": [422, 400] Validation Never FixInput Specified
        "A parameter is not valid; since July 2026 Intercom says parameter_invalid."
        causes ["A bulk request has an item with a value that is not valid (422).", "PUT /conversations/{id} names an attribute twice (400)."]
        fixes ["Read message and field of each item; name each attribute once."];
    InvalidPartNumber = "invalid_part_number": [422] Validation Never FixInput Specified
        "The parts of an upload came out of order."
        causes ["A part was skipped or sent twice under a new number."]
        fixes ["Send the part that the message expects."];
    InvalidSortOrder = "invalid_sort_order": [400] Validation Never FixInput Specified
        "The sort order is neither ascending nor descending."
        causes ["sort.order is spelt asc or desc, or is missing."]
        fixes ["Send \"order\": \"ascending\" or \"descending\"."];
    InvalidTicketType = "invalid_ticket_type": [400] Validation Never FixInput Specified
        "The ticket type does not fit the operation."
        causes ["Conversations can be linked to tracker tickets only."]
        fixes ["GET /ticket_types shows the category of each type."];
    JiraIntegrationNotConfigured = "jira_integration_not_configured": [422] Validation Never FixInput Specified
        "The workspace has no Jira integration."
        causes ["The Jira app is not installed, or not connected to a site."]
        fixes ["Install and connect Jira in Intercom's App Store first."];
    JiraIssueNotFound = "jira_issue_not_found": [404] NotFound Never VerifyId Specified
        "There is no such Jira issue."
        causes ["The issue key is mistyped, or the connected Jira user may not see it."]
        fixes ["Open the issue in Jira as the connected user."];
    JiraLinkAlreadyExists = "jira_link_already_exists": [409] Conflict Never SearchBeforeCreate Specified
        "A Jira issue is linked to this ticket already."
        causes ["A ticket can be linked to one issue."]
        fixes ["Remove the link first, or leave it as it is."];
    JobClosed = "job_closed": [403] Conflict Never FixInput Documented
        "The bulk job takes no more tasks."
        causes ["The job was closed for updates some minutes after it began."]
        fixes ["Send the request without job.id: that begins a new job."];
    JobNotFound = "job_not_found": [404] NotFound Never VerifyId Specified
        "There is no such job."
        causes ["The job id is wrong or belongs to another workspace."]
        fixes ["Keep the id that the answer to the first request carries."];
    LinkedConversationLimitExceeded = "linked_conversation_limit_exceeded": [400] Validation Never FixInput Specified
        "The ticket has 2,500 linked conversations, which is the most."
        causes ["A tracker ticket collected as many conversations as it can hold."]
        fixes ["Link further conversations to a second tracker ticket."];
    MediaTypeNotAcceptable = "media_type_not_acceptable": [406] Validation Never FixAcceptHeader Observed
        "The Accept header does not admit JSON."
        causes ["The request has no Accept header, or one without application/json."]
        fixes ["Send Accept: application/json; downloads want application/octet-stream."];
    MergeFailed = "merge_failed": [422] Validation Never FixInput Specified
        "These conversations cannot be merged."
        causes ["Both ids are the same, one does not exist, or the second is merged already, which is what was wanted."]
        fixes ["GET /conversations/{id} of both shows which it is."];
    MissingAuthorization = "missing_authorization": [401] Authentication Never RegenerateToken Documented
        "The request carries no token."
        causes ["The Authorization header is missing, empty or lost on a redirect."]
        fixes ["Send Authorization: Bearer TOKEN; see that the environment variable with the token is set where the program runs."];
    MissingField = "missing_field": [422] Validation Never FixInput Specified
        "A required field is missing; since July 2026 Intercom says field_not_found."
        causes ["A bulk request lacks its list of items."]
        fixes ["Compare the body with the endpoint's page of the reference."];
    MissingParameter = "missing_parameter": [] Validation Never FixInput Documented
        "A required parameter is missing."
        causes ["The body or query lacks a parameter the endpoint cannot do without."]
        fixes ["The message names the parameter; send it."];
    NotFound = "not_found": [404] NotFound Never VerifyId Documented
        "The resource does not exist."
        causes ["The id is wrong, of another workspace, or of something that was deleted.", "A user_id stands where a contact id is expected, or the other way round.", "The endpoint does not know the method: that is a 404 too.", "A contact that was just created cannot be messaged yet: POST /messages answers 404 for some seconds."]
        fixes ["Ask with GET whether it exists before working on it.", "GET /contacts/find_by_external_id/{external_id} finds a contact by your own id.", "After creating a contact wait some seconds before the first message."];
    NotRestorable = "not_restorable": [] Conflict Never UseAnother Documented
        "This user was blocked and cannot be created again."
        causes ["A teammate blocked the user; contacts with its e-mail or id are refused."]
        fixes ["Unblock the user in the inbox, or leave it out."];
    ParameterInvalid = "parameter_invalid": [422, 400, 404] Validation Never FixInput Documented
        "A parameter has a value that is not valid."
        causes ["The value has the wrong format or type, such as an e-mail without a host.", "A required field is missing.", "A custom attribute does not exist, or its name is longer than 190 characters.", "The body is no JSON (400)."]
        fixes ["Read every item of the list: field and message name what to change.", "POST /data_attributes creates an attribute; GET /data_attributes lists those that exist."];
    ParameterMismatch = "parameter_mismatch": [400] Validation Never FixInput Specified
        "Two parameters do not fit each other."
        causes ["A value excludes another one, such as a reply in a user's name to a back-office ticket."]
        fixes ["Read the message: it names what does not go together. Reply as an admin, or use a customer ticket."];
    ParameterMissing = "parameter_missing": [] Validation Never FixInput Documented
        "A required parameter is missing."
        causes ["The body or query lacks a parameter the endpoint cannot do without."]
        fixes ["The message names the parameter; send it."];
    ParameterNotAllowed = "parameter_not_allowed": [400] Validation Never FixInput Specified
        "A parameter is not allowed here."
        causes ["The parameter belongs to another kind of the same operation."]
        fixes ["Leave out the parameter that the message names."];
    ParameterNotFound = "parameter_not_found": [400, 422] Validation Never FixInput Documented
        "A required parameter is missing; nothing was looked for, so this is no \"not found\"."
        causes ["The body or query lacks a parameter the endpoint cannot do without.", "It stands at the wrong level of the body."]
        fixes ["The message names the parameter and often the place where it belongs."];
    PayloadTooLarge = "payload_too_large": [422] Validation Never FixInput Specified
        "The file is larger than 99 MB."
        causes ["A catalog file exceeds the size of one part."]
        fixes ["Split the file and upload it in parts."];
    RateLimitExceeded = "rate_limit_exceeded": [429] RateLimit Safe BackOff Documented
        "The quota of this window is spent."
        causes ["The app sent more than its limit within ten seconds: 10,000 a minute are 1,667 in ten seconds.", "Other private apps of the workspace spent the 25,000 a minute they share.", "As a message about pending jobs: too many exports are under way."]
        fixes ["Wait until X-RateLimit-Reset, by the Date of the same response; without it, wait longer with each attempt. Then send the same request.", "Spread requests over the window.", "For jobs: wait until one has ended."];
    RequestTimeout = "request_timeout": [408] Timeout IfReplayable RetryAndCheckStatus Documented
        "The server ran out of time while it worked on the request."
        causes ["The request asks for much at once, or Intercom is slow at the moment."]
        fixes ["Send reads again; ask for smaller pages. Look up what a write did before sending it again."];
    ResourceConflict = "resource_conflict": [409] Conflict Never SearchBeforeCreate Documented
        "The resource exists already."
        causes ["Something with the same name, URL or key exists, such as a redirect of the help center."]
        fixes ["List the existing ones and update that one instead."];
    RetryAfter = "retry_after": [429] Overload Safe BackOff Documented
        "Wait for a while before sending the request again."
        causes ["The server sheds load; no header need come with it."]
        fixes ["Send the same request again with growing waits."];
    ScrollExists = "scroll_exists": [400] ConcurrencyLimit Safe WaitForJob Observed
        "A scroll over the companies is open already; there can be one for each app."
        causes ["An earlier scroll was not read to its end.", "Two programs scroll with the same token."]
        fixes ["Read the open scroll to its end, or wait 60 seconds without touching it.", "Let one program at a time scroll."];
    ServerError = "server_error": [500, 502, 503, 504] Server IfReplayable RetryAndCheckStatus Documented
        "Something failed inside Intercom."
        causes ["A fault on Intercom's side, usually for a moment."]
        fixes ["Send reads and writes that converge again with growing waits.", "See the status page; if it stays, send Intercom's support the request id."];
    ServiceUnavailable = "service_unavailable": [503] Overload Safe BackOff Documented
        "The service refuses requests for a while; that nothing was done is inferred from this meaning."
        causes ["Intercom, or the part behind this endpoint, is overloaded or in maintenance."]
        fixes ["Send the same request again with growing waits; see the status page."];
    SyncInProgress = "sync_in_progress": [409] ConcurrencyLimit Never WaitForJob Specified
        "A catalog upload is under way already."
        causes ["The last upload has not ended, or a multipart upload was begun and left."]
        fixes ["Wait until it has ended; continue a multipart upload with its import_job_id."];
    TagHasDependentObjects = "tag_has_dependent_objects": [400] Conflict Never FixInput Specified
        "Segments or other objects use this tag, so it cannot be deleted."
        causes ["A segment filters by the tag; the message lists them."]
        fixes ["Take the tag out of those segments first."];
    TagNotFound = "tag_not_found": [404] NotFound Never VerifyId Specified
        "There is no such tag."
        causes ["The tag was deleted, or its name stands where its id is expected."]
        fixes ["GET /tags lists the ids; POST /tags with a name creates or finds one."];
    TeamNotFound = "team_not_found": [404] NotFound Never VerifyId Documented
        "There is no such team."
        causes ["The team was deleted, or the id is that of an admin."]
        fixes ["GET /teams lists the ids."];
    TeamUnavailable = "team_unavailable": [] Validation Never FixInput Documented
        "Nothing can be assigned to this team any more."
        causes ["The team is deprecated."]
        fixes ["Assign to another team of GET /teams."];
    TicketNotFound = "ticket_not_found": [404] NotFound Never VerifyId Specified
        "There is no such ticket."
        causes ["The number people see (ticket_id) stands where the id is expected.", "The ticket was deleted."]
        fixes ["POST /tickets/search finds a ticket by its ticket_id."];
    TicketStateIdInvalid = "ticket_state_id_invalid": [400] Validation Never FixInput Specified
        "The ticket state does not fit the ticket type."
        causes ["The state is archived or not part of this ticket type."]
        fixes ["GET /ticket_states lists the states with their types."];
    TokenBlocked = "token_blocked": [401] Authentication Never ContactSupport Documented
        "The token or its app is blocked."
        causes ["Intercom blocked the app."]
        fixes ["Ask Intercom's support why; a new token of the same app will not help."];
    TokenExpired = "token_expired": [401] Authentication Never RegenerateToken Documented
        "The token is expired."
        causes ["The token had an end, and it has come."]
        fixes ["Run the OAuth flow again, or copy a new token from the Developer Hub."];
    TokenNotFound = "token_not_found": [401] Authentication Never RegenerateToken Documented
        "There is no such token."
        causes ["The token is mistyped, cut off, or of another region."]
        fixes ["Copy the whole token again, and check the region's base URL."];
    TokenRevoked = "token_revoked": [401] Authentication Never RegenerateToken Documented
        "The token was revoked."
        causes ["Somebody uninstalled the app or regenerated its token."]
        fixes ["Install the app again, or deploy the new token everywhere."];
    TokenSuspended = "token_suspended": [401] Authentication Never RegenerateToken Sdk
        "The token belongs to an app that was deleted."
        causes ["The app behind the token no longer exists."]
        fixes ["Create an app in the Developer Hub and use its token."];
    TokenUnauthorized = "token_unauthorized": [401] Permission Never AddScope Documented
        "The token is good, but may not use this resource: a question of permission despite the 401."
        causes ["The app lacks the scope or the admin the permission for this resource."]
        fixes ["Add the scope in the Developer Hub and install the app again; a new token alone does not help."];
    TooManyRequests = "too_many_requests": [429] Overload Safe BackOff Documented
        "This resource gets too many requests; the app's quota plays no part."
        causes ["Many requests for one object at once, from this or other programs."]
        fixes ["Send the same request again with growing waits, and fewer at a time for one object."];
    TypeMismatch = "type_mismatch": [422] Validation Never FixInput Documented
        "A JSON value has the wrong type for its field."
        causes ["A text stands where a number, list or object is expected, or the other way round."]
        fixes ["Read field and message; compare the type with the reference."];
    Unauthorized = "unauthorized": [401] Authentication Never RegenerateToken Documented
        "The token was not accepted."
        causes ["The token is expired, revoked or mistyped.", "It was regenerated in the Developer Hub, but the program has the old one.", "It is of another app or region than is meant."]
        fixes ["GET /me with the token: a good one answers with an object of type admin.", "Developer Hub > your app > Authentication: copy or regenerate the token, and deploy it to every program.", "Check that the base URL is that of the workspace's region."];
    UniqueUserConstraint = "unique_user_constraint": [409] Conflict Never SearchBeforeCreate Sdk
        "The user exists already."
        causes ["A user with this e-mail or id exists (API 1.x)."]
        fixes ["Find the user and update it instead."];
    UnprocessableEntity = "unprocessable_entity": [422] Validation Never FixInput Documented
        "The data is well-formed, but not valid."
        causes ["A rule of the endpoint is broken by the values together."]
        fixes ["Read every item of the list; the message says which rule."];
    Unsupported = "unsupported": [] Validation Never FixInput Documented
        "The operation is not supported."
        causes ["The endpoint or option does not exist in this API version or for this object."]
        fixes ["Look the operation up in the reference of the version you send."];
    UploadSessionNotFinalizable = "upload_session_not_finalizable": [409] Conflict Never FixInput Specified
        "The upload cannot be finished in its present state."
        causes ["Parts are missing, or the upload is finished already."]
        fixes ["Send the parts that are missing to POST /ecommerce/connectors/{id}/catalog with the same import_job_id, or begin a new upload with part one."];
    UploadSessionNotFound = "upload_session_not_found": [404] NotFound Never VerifyId Specified
        "There is no such upload."
        causes ["The upload has ended or expired, or import_job_id is wrong."]
        fixes ["Begin a new upload with part one."];
    ValidationError = "validation_error": [422] Validation Never FixInput Specified
        "The data breaks a rule of the endpoint."
        causes ["A value is out of range or breaks a rule that the message names."]
        fixes ["Read message and field of each item."];
    WhatsappMessageNotFound = "whatsapp_message_not_found": [404] NotFound Never VerifyId Specified
        "There is no such WhatsApp message."
        causes ["The message id is wrong or of another workspace."]
        fixes ["Keep the id that the answer to sending the message carries."];
}

#[cfg(test)]
mod tests {
    use super::{CATALOG, Entry, ErrorCode};

    #[test]
    fn every_code_has_exactly_one_entry_in_order() {
        assert!(CATALOG.is_sorted_by(|one, next| one.code().as_str() < next.code().as_str()));
    }

    #[test]
    fn every_entry_can_be_looked_up_and_says_what_it_means() {
        for entry in CATALOG {
            let text = entry.code().as_str();
            assert_eq!(ErrorCode::from(text), *entry.code());
            assert_eq!(ErrorCode::from(text.to_uppercase().as_str()), *entry.code());
            assert_eq!(Entry::of(entry.code()).unwrap().code(), entry.code());
            assert!(entry.meaning().ends_with('.'), "{text}");
        }
    }
}
