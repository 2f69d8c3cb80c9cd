//! The catalog: the meaning of each error code. One entry per code.

use alloc::boxed::Box;

use super::{Action, Category, Resend};
use crate::names;

names! {
    /// The source of a code.
    #[non_exhaustive]
    pub enum Provenance {
        Documented = "documented", "Listed on Intercom's page of error codes.";
        Observed = "observed", "Seen in published responses, for example in bug reports.";
        Sdk = "sdk", "Handled by one of Intercom's own SDKs.";
        Specified = "specified", "Used in an example of Intercom's OpenAPI description.";
    }
}

/// The meaning of one error code, regardless of status and message.
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
    /// Returns the code.
    #[must_use]
    pub const fn code(&self) -> &ErrorCode {
        &self.code
    }

    /// Returns the statuses that the code occurs with, according to its sources. Empty if no source gives a status.
    #[must_use]
    pub const fn statuses(&self) -> &'static [u16] {
        self.statuses
    }

    /// Returns the category of the code.
    #[must_use]
    pub const fn category(&self) -> Category {
        self.category
    }

    /// Returns whether the same request can be sent again. The status can make this stricter.
    #[must_use]
    pub const fn resend(&self) -> Resend {
        self.resend
    }

    /// Returns what to do next. The message can change this.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// Returns the meaning, in one line.
    #[must_use]
    pub const fn meaning(&self) -> &'static str {
        self.meaning
    }

    /// Returns the usual causes, the most frequent first.
    #[must_use]
    pub const fn causes(&self) -> &'static [&'static str] {
        self.causes
    }

    /// Returns the steps that fix the error.
    #[must_use]
    pub const fn fixes(&self) -> &'static [&'static str] {
        self.fixes
    }

    /// Returns the source of the code.
    #[must_use]
    pub const fn provenance(&self) -> Provenance {
        self.provenance
    }

    /// Returns the entry of a code, or `None` if the code is unknown.
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

/// Declares the codes and their entries from one list. A test checks that the list is sorted by code.
macro_rules! catalog {
    ($($code:ident = $spelt:literal: [$($status:literal),*] $category:ident $resend:ident $action:ident $provenance:ident
        $meaning:literal
        causes [$($cause:literal),+]
        fixes [$($fix:literal),+];)+) => {
        /// An error code: a known one, or any other text.
        ///
        /// Intercom adds and renames codes without a new API version. Match on [`Category`] or on
        /// [`as_str`](Self::as_str) instead of `Unknown`, because a minor version of this crate can add a variant for a
        /// code that was unknown before.
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
            /// Any other code, as received.
            Unknown(Box<str>),
        }

        impl ErrorCode {
            /// Returns the known code with this name, which is in lower case.
            pub(crate) fn known(text: &str) -> Option<Self> {
                match text {
                    $($spelt => Some(Self::$code),)+
                    _ => None,
                }
            }

            /// Returns the index of the code in the catalog.
            fn position(&self) -> Option<usize> {
                enum Position { $($code),+ }
                match self {
                    $(Self::$code => Some(Position::$code as usize),)+
                    Self::Unknown(_) => None,
                }
            }

            /// Returns a known code in lower case, and an unknown one as received.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$code => $spelt,)+
                    Self::Unknown(text) => text,
                }
            }
        }

        /// The entries of all known codes, sorted by code.
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
        causes ["The app or its admin lacks a permission. The item's `data.required_permissions` usually names it."]
        fixes ["Find the permission with `required_scope()` or in the item's `data`, and grant it: to an app under OAuth scopes in the Developer Hub, to an admin under Settings > Teammates."];
    AdminNotFound = "admin_not_found": [404] NotFound Never VerifyId Documented
        "The admin does not exist."
        causes ["The admin id belongs to another workspace, or the teammate was removed."]
        fixes ["GET /admins lists the admins of the workspace and their ids."];
    AlreadyLinkedToTracker = "already_linked_to_tracker": [400] Conflict Never FixInput Specified
        "The conversation is already linked to a tracker ticket."
        causes ["A conversation can be linked to only one tracker ticket, and this one already is."]
        fixes ["GET /tickets/{id} shows the linked conversations of a ticket. Unlink the conversation from its ticket first, or keep that link."];
    ApiPlanRestricted = "api_plan_restricted": [403, 402] Plan Never UpgradePlan Documented
        "The API or feature is not part of the workspace's plan."
        causes ["The plan does not include the feature that this endpoint belongs to, or the workspace's trial has ended."]
        fixes ["Settings > Billing shows the plan. Upgrade it, or ask Intercom's support to enable the feature."];
    ArticleNotFound = "article_not_found": [404] NotFound Never VerifyId Specified
        "The article does not exist."
        causes ["The article was deleted, or the id belongs to an internal article or a collection."]
        fixes ["Find the id with GET /articles or GET /articles/search."];
    AssigneeNotFound = "assignee_not_found": [404] NotFound Never VerifyId Specified
        "The admin or team to assign to does not exist."
        causes ["assignee_id is not the id of an admin or team of this workspace, or `type` says admin although it is a team."]
        fixes ["Take the id from GET /admins or GET /teams, and send the matching `type`."];
    AwayStatusReasonMandatory = "away_status_reason_mandatory": [400] Validation Never FixInput Specified
        "The workspace requires a reason for being away."
        causes ["PUT /admins/{id}/away was sent without away_status_reason_id."]
        fixes ["GET /away_status_reasons lists the reasons. Send the id of a reason that is not deleted."];
    BadRequest = "bad_request": [400] Validation Never FixInput Documented
        "The request is not valid."
        causes ["A parameter is missing, or has a value that the endpoint cannot use. The message names it.", "The contact to unarchive was merged or permanently deleted."]
        fixes ["Read the message, which names the parameter. Compare the request with the API reference of the endpoint."];
    ClientError = "client_error": [400] Validation Never FixInput Documented
        "The request is not valid."
        causes ["The request usually has a starting_after that does not come from a page of this list."]
        fixes ["Start the list again without starting_after, and take each cursor from pages.next."];
    CompanyNotFound = "company_not_found": [404] NotFound Never VerifyId Specified
        "The company does not exist."
        causes ["The request has your own company_id instead of Intercom's id, or the other way round.", "The company was deleted."]
        fixes ["GET /companies?company_id=... finds a company by your own id. Paths need Intercom's id."];
    Conflict = "conflict": [409, 400] Conflict Never SearchBeforeCreate Documented
        "The request conflicts with existing data."
        causes ["A contact with this external_id or e-mail already exists. It may be archived.", "Two programs created the same thing at the same time, or the search has not indexed it yet."]
        fixes ["For a contact, the message names the id of the existing one. Read it, unarchive it if necessary, and update it instead.", "Or use find_or_create, which finds the existing contact."];
    ContactCompanyLimitExceeded = "contact_company_limit_exceeded": [400] Validation Never FixInput Specified
        "The contact belongs to 1,000 companies, which is the maximum."
        causes ["POST /contacts/{id}/companies was sent for a contact with 1,000 companies. Before February 2026, Intercom silently ignored such a request."]
        fixes ["Detach companies that you no longer need with DELETE /contacts/{id}/companies/{company_id}, then attach the new one."];
    ContactMerged = "contact_merged": [410] Merged Never FollowMerge Specified
        "The contact was merged into another one."
        causes ["A teammate or a program merged duplicates. Until May 2026, the response was a 404."]
        fixes ["Read the contact that the Link header names (`merged_into()`), and replace the old id with its id."];
    ContentHasProcedureDependencies = "content_has_procedure_dependencies": [422] Conflict Never FixInput Specified
        "A procedure uses this content, so it cannot be changed this way."
        causes ["The content to delete or unpublish is part of a procedure of Fin."]
        fixes ["Remove the content from the procedures that use it first."];
    ContentSnippetNotFound = "content_snippet_not_found": [404] NotFound Never VerifyId Specified
        "The content snippet does not exist."
        causes ["The snippet was deleted, or the id belongs to other content."]
        fixes ["GET /content_snippets lists the ids."];
    ConversationAttributeNotFound = "conversation_attribute_not_found": [404] NotFound Never VerifyId Documented
        "The conversation attribute or list option does not exist."
        causes ["The attribute was archived, or the request has its name instead of its id."]
        fixes ["GET /data_attributes?model=conversation lists the attributes."];
    ConversationIdLimitExceeded = "conversation_id_limit_exceeded": [400] Validation Never FixInput Specified
        "The search of calls has more than 20 conversation ids."
        causes ["POST /calls/search accepts 1 to 20 conversation_ids."]
        fixes ["Use several searches with at most 20 ids each."];
    ConversationNotFound = "conversation_not_found": [404] NotFound Never VerifyId Specified
        "The conversation does not exist."
        causes ["The conversation was deleted, or the id belongs to a message or part."]
        fixes ["Find the conversation with POST /conversations/search. The response to a sent message contains its conversation_id."];
    ConversationPartOrMessageNotFound = "conversation_part_or_message_not_found": [404] NotFound Never VerifyId Specified
        "The part or message does not exist in the conversation."
        causes ["The part belongs to another conversation, or was redacted."]
        fixes ["GET /conversations/{id} lists the parts and their ids."];
    CustomDataLimitReached = "custom_data_limit_reached": [] Validation Never FixInput Sdk
        "The workspace has the maximum number of custom attributes."
        causes ["A workspace can have 250 custom attributes for people and 100 for companies."]
        fixes ["Archive attributes that you no longer use: GET /data_attributes lists them, PUT /data_attributes/{id} archives one."];
    DataConnectorInUse = "data_connector_in_use": [409] Conflict Never FixInput Specified
        "Other resources use this data connector."
        causes ["A workflow or Fin uses the connector that the request would delete or set to draft."]
        fixes ["Remove the connector from the workflows that use it first."];
    DataConnectorNotFound = "data_connector_not_found": [404] NotFound Never VerifyId Specified
        "The data connector does not exist."
        causes ["The connector was deleted, or belongs to another workspace."]
        fixes ["GET /data_connectors lists the ids."];
    DataInvalid = "data_invalid": [422, 404] Validation Never FixInput Documented
        "The data in the request is not valid."
        causes ["A value does not fit its field.", "With status 404, the path names an unknown integration or object type.", "Segments or workflows depend on the data attribute to archive."]
        fixes ["Read field and message of each item. With status 404, check the type or integration in the path.", "Remove the attribute from the segments and workflows that use it, then archive it with PUT /data_attributes/{id}."];
    ExecutionResultNotFound = "execution_result_not_found": [404] NotFound Never VerifyId Specified
        "The execution of a data connector does not exist."
        causes ["The execution is too old and is no longer stored, or the id is wrong."]
        fixes ["GET /data_connectors/{id}/execution_results lists the recent executions."];
    FieldNotFound = "field_not_found": [404, 422] Validation Never FixInput Specified
        "A field or attribute in the request does not exist, or a required one is missing."
        causes ["PUT /data_attributes/{id} was sent with an unknown id (404).", "A bulk request has no `contacts`, or contacts without ids (422)."]
        fixes ["GET /data_attributes lists the attributes. Compare the body of a bulk request with the API reference."];
    Forbidden = "forbidden": [403] Permission Never AddScope Documented
        "The request is not allowed."
        causes ["The token lacks an OAuth scope. The message may name it.", "The resource belongs to another workspace.", "A bulk job is closed, if the message says so."]
        fixes ["Developer Hub > your app > Authentication > OAuth scopes: add the scope, reinstall the app, and use the new token.", "GET /me shows which app and workspace the token belongs to."];
    IdentityVerificationSecretNotFound = "identity_verification_secret_not_found": [404] NotFound Never VerifyId Specified
        "The identity verification secret does not exist."
        causes ["The secret was deleted, or the id belongs to another workspace."]
        fixes ["GET /secure_mode_secrets lists the secrets and their ids."];
    ImportJobIdRequired = "import_job_id_required": [422] Validation Never FixInput Specified
        "Later parts of an upload need the import_job_id of the first part."
        causes ["Part two or a later part of a catalog upload has no import_job_id."]
        fixes ["Store the import_job_id from the response to part one, and send it with every other part."];
    ImportSourceNotFound = "import_source_not_found": [404] NotFound Never VerifyId Specified
        "The content import source does not exist."
        causes ["The source was deleted, or the id belongs to a page."]
        fixes ["GET /ai/content_import_sources lists the ids."];
    IntercomVersionInvalid = "intercom_version_invalid": [400] Validation Never FixApiVersion Specified
        "The API version is unknown or does not have this endpoint."
        causes ["The Intercom-Version header is not a version, or is older than the endpoint.", "The request has no such header, and the version in the app's settings is too old."]
        fixes ["Send a newer Intercom-Version, like 2.14 (`api_version`), or raise the app's version in the Developer Hub."];
    InternalArticleNotFound = "internal_article_not_found": [404] NotFound Never VerifyId Specified
        "The internal article does not exist."
        causes ["The article was deleted, or is a public article."]
        fixes ["GET /internal_articles lists the ids. Public articles are under /articles."];
    InternalError = "internal_error": [503] Server IfReplayable RetryAndCheckStatus Specified
        "Something failed inside Intercom."
        causes ["Intercom could not store the catalog."]
        fixes ["Send the same part again with the same part_number, which is idempotent."];
    InvalidCatalogFormat = "invalid_catalog_format": [422] Validation Never FixInput Specified
        "The catalog file does not have the documented format."
        causes ["The file is not in JSON Lines format, or lacks required columns."]
        fixes ["Compare the file with the format in the API reference of the ecommerce catalog."];
    InvalidDocument = "invalid_document": [] Validation Never FixInput Sdk
        "A custom attribute is not valid."
        causes ["The value of a custom attribute is a list or an object, or its name contains a dot or a dollar sign."]
        fixes ["Send only strings, numbers and booleans, under names of at most 190 characters."];
    InvalidField = "invalid_field": [400] Validation Never FixInput Specified
        "A field is not valid here."
        causes ["This object does not have the field, or the search does not support it."]
        fixes ["Compare the field's name with the API reference of the endpoint."];
    InvalidMerge = "invalid_merge": [400] Validation Never FixInput Specified
        "These contacts cannot be merged."
        causes ["The contacts have neither the same e-mail nor the same phone number.", "The roles do not match: a lead can be merged into a user."]
        fixes ["Swap from and into, or send skip_duplicate_validation=true if both contacts are the same person."];
    InvalidParameter = "invalid_parameter": [422, 400] Validation Never FixInput Specified
        "A parameter is not valid. Since July 2026, Intercom sends parameter_invalid instead."
        causes ["An item of a bulk request has an invalid value (422).", "PUT /conversations/{id} has the same attribute twice (400)."]
        fixes ["Read message and field of each item. Send each attribute only once."];
    InvalidPartNumber = "invalid_part_number": [422] Validation Never FixInput Specified
        "The parts of an upload are out of order."
        causes ["A part was skipped, or sent twice with different numbers."]
        fixes ["Send the part that the message expects."];
    InvalidSortOrder = "invalid_sort_order": [400] Validation Never FixInput Specified
        "The sort order is neither ascending nor descending."
        causes ["sort.order is missing, or is spelled asc or desc."]
        fixes ["Send \"order\": \"ascending\" or \"descending\"."];
    InvalidTicketType = "invalid_ticket_type": [400] Validation Never FixInput Specified
        "The operation does not support this ticket type."
        causes ["Conversations can only be linked to tracker tickets."]
        fixes ["GET /ticket_types shows the category of each type."];
    JiraIntegrationNotConfigured = "jira_integration_not_configured": [422] Validation Never FixInput Specified
        "The workspace has no Jira integration."
        causes ["The Jira app is not installed, or not connected to a site."]
        fixes ["Install the Jira app from Intercom's App Store, and connect it."];
    JiraIssueNotFound = "jira_issue_not_found": [404] NotFound Never VerifyId Specified
        "The Jira issue does not exist."
        causes ["The issue key is mistyped, or the connected Jira user does not have access to the issue."]
        fixes ["Check that the connected user can open the issue in Jira."];
    JiraLinkAlreadyExists = "jira_link_already_exists": [409] Conflict Never SearchBeforeCreate Specified
        "A Jira issue is already linked to this ticket."
        causes ["A ticket can be linked to only one issue."]
        fixes ["Remove the existing link first, or keep it."];
    JobClosed = "job_closed": [403] Conflict Never FixInput Documented
        "The bulk job does not accept more tasks."
        causes ["A job is closed for updates some minutes after its start."]
        fixes ["Send the request without job.id, which starts a new job."];
    JobNotFound = "job_not_found": [404] NotFound Never VerifyId Specified
        "The job does not exist."
        causes ["The job id is wrong or belongs to another workspace."]
        fixes ["Store the id from the response to the first request."];
    LinkedConversationLimitExceeded = "linked_conversation_limit_exceeded": [400] Validation Never FixInput Specified
        "The ticket has 2,500 linked conversations, which is the maximum."
        causes ["The maximum number of conversations is already linked to this tracker ticket."]
        fixes ["Link further conversations to a second tracker ticket."];
    MediaTypeNotAcceptable = "media_type_not_acceptable": [406] Validation Never FixAcceptHeader Observed
        "The Accept header does not accept JSON."
        causes ["The request has no Accept header, or one without application/json."]
        fixes ["Send Accept: application/json, or Accept: application/octet-stream for downloads."];
    MergeFailed = "merge_failed": [422] Validation Never FixInput Specified
        "These conversations cannot be merged."
        causes ["Both ids are the same, one of them does not exist, or the second conversation is already merged."]
        fixes ["Read both with GET /conversations/{id} to see which cause it is. If the second one is already merged, there is nothing to do."];
    MissingAuthorization = "missing_authorization": [401] Authentication Never RegenerateToken Documented
        "The request has no token."
        causes ["The Authorization header is missing or empty, or was lost in a redirect."]
        fixes ["Send Authorization: Bearer TOKEN. Check that the environment variable with the token is set where the program runs."];
    MissingField = "missing_field": [422] Validation Never FixInput Specified
        "A required field is missing. Since July 2026, Intercom sends field_not_found instead."
        causes ["A bulk request has no list of items."]
        fixes ["Compare the body with the API reference of the endpoint."];
    MissingParameter = "missing_parameter": [] Validation Never FixInput Documented
        "A required parameter is missing."
        causes ["The body or the query lacks a parameter that the endpoint requires."]
        fixes ["Send the parameter that the message names."];
    NotFound = "not_found": [404] NotFound Never VerifyId Documented
        "The resource does not exist."
        causes ["The id is wrong, belongs to another workspace, or belongs to something that was deleted.", "The request has a user_id instead of a contact id, or the other way round.", "The path does not support the method. The response to that is a 404, too.", "A contact that was just created cannot receive messages yet: for some seconds, the response to POST /messages is a 404."]
        fixes ["Check with GET that the resource exists before you use it.", "GET /contacts/find_by_external_id/{external_id} finds a contact by your own id.", "After you create a contact, wait some seconds before the first message."];
    NotRestorable = "not_restorable": [] Conflict Never UseAnother Documented
        "This user was blocked and cannot be created again."
        causes ["A teammate blocked the user. Intercom refuses contacts with the same e-mail or id."]
        fixes ["Unblock the user in the inbox, or skip this user."];
    ParameterInvalid = "parameter_invalid": [422, 400, 404] Validation Never FixInput Documented
        "A parameter has an invalid value."
        causes ["The value has the wrong format or type, like an e-mail address without a host.", "A required field is missing.", "A custom attribute does not exist, or its name is longer than 190 characters.", "The body is not valid JSON (400)."]
        fixes ["Read every item of the error list: field and message say what to change.", "POST /data_attributes creates an attribute. GET /data_attributes lists the existing ones."];
    ParameterMismatch = "parameter_mismatch": [400] Validation Never FixInput Specified
        "Two parameters cannot be used together."
        causes ["One value excludes another one, for example a reply as a user to a back-office ticket."]
        fixes ["Read the message, which names the parameters. Reply as an admin, or use a customer ticket."];
    ParameterMissing = "parameter_missing": [] Validation Never FixInput Documented
        "A required parameter is missing."
        causes ["The body or the query lacks a parameter that the endpoint requires."]
        fixes ["Send the parameter that the message names."];
    ParameterNotAllowed = "parameter_not_allowed": [400] Validation Never FixInput Specified
        "A parameter is not allowed here."
        causes ["The parameter belongs to another variant of the operation."]
        fixes ["Remove the parameter that the message names."];
    ParameterNotFound = "parameter_not_found": [400, 422] Validation Never FixInput Documented
        "A required parameter is missing. Despite the name, this does not mean that a resource was not found."
        causes ["The body or the query lacks a parameter that the endpoint requires.", "The parameter is at the wrong level of the body."]
        fixes ["Send the parameter that the message names. The message often says where it belongs, too."];
    PayloadTooLarge = "payload_too_large": [422] Validation Never FixInput Specified
        "The file is larger than 99 MB."
        causes ["A catalog file is larger than one part can be."]
        fixes ["Split the file, and upload it in parts."];
    RateLimitExceeded = "rate_limit_exceeded": [429] RateLimit Safe BackOff Documented
        "The quota of this window is used up."
        causes ["The app exceeded its limit for ten seconds: 10,000 requests a minute are 1,667 in ten seconds.", "The private apps of the workspace together used up the 25,000 requests a minute that they share.", "Too many exports are running, if the message is about pending jobs."]
        fixes ["Wait for X-RateLimit-Reset minus the Date of the response. Without it, wait longer with each attempt. Then send the same request again.", "Spread your requests over the window.", "If the message is about pending jobs, wait until one of them ends."];
    RegionMismatch = "region_mismatch": [403] Permission Never FixRegion Observed
        "The workspace is hosted in another region."
        causes ["The base URL belongs to another region than the workspace. The message names both."]
        fixes ["Use the base URL of the workspace's region: https://api.intercom.io (US), https://api.eu.intercom.io (Europe) or https://api.au.intercom.io (Australia)."];
    RequestTimeout = "request_timeout": [408] Timeout IfReplayable RetryAndCheckStatus Documented
        "The request timed out at the server."
        causes ["The request asks for too much at once, or Intercom is slow at the moment."]
        fixes ["Send a read again, or ask for smaller pages. Before you send a write again, check whether it was applied."];
    ResourceConflict = "resource_conflict": [409] Conflict Never SearchBeforeCreate Documented
        "The resource already exists."
        causes ["Something with the same name, URL or key already exists, for example a redirect of the help center."]
        fixes ["Find the existing one in the list, and update it instead."];
    RetryAfter = "retry_after": [429] Overload Safe BackOff Documented
        "Wait for a while before you send the request again."
        causes ["The server is overloaded. The response may have no Retry-After header."]
        fixes ["Send the same request again, with growing waits."];
    ScrollExists = "scroll_exists": [400] ConcurrencyLimit Safe WaitForJob Observed
        "A scroll over the companies is already open. Each app can have only one."
        causes ["An earlier scroll was not read to its end.", "Two programs use a scroll with the same token."]
        fixes ["Read the open scroll to its end, or wait 60 seconds without using it.", "Let only one program at a time use a scroll."];
    ServerError = "server_error": [500, 502, 503, 504] Server IfReplayable RetryAndCheckStatus Documented
        "Something failed inside Intercom."
        causes ["Intercom has a problem, usually only for a short time."]
        fixes ["Send reads and idempotent writes again, with growing waits.", "Check the status page. If the error persists, send Intercom's support the request id."];
    ServiceUnavailable = "service_unavailable": [503] Overload Safe BackOff Documented
        "The service temporarily refuses requests. The request was probably not processed; no source confirms this."
        causes ["Intercom, or the part of it behind this endpoint, is overloaded or in maintenance."]
        fixes ["Send the same request again, with growing waits.", "Check the status page."];
    SyncInProgress = "sync_in_progress": [409] ConcurrencyLimit Never WaitForJob Specified
        "A catalog upload is already in progress."
        causes ["The previous upload has not ended, or a multipart upload was started and not finished."]
        fixes ["Wait until the upload ends. Continue a multipart upload with its import_job_id."];
    TagHasDependentObjects = "tag_has_dependent_objects": [400] Conflict Never FixInput Specified
        "Segments or other objects use this tag, so it cannot be deleted."
        causes ["Segments filter by the tag. The message lists them."]
        fixes ["Remove the tag from those segments first."];
    TagNotFound = "tag_not_found": [404] NotFound Never VerifyId Specified
        "The tag does not exist."
        causes ["The tag was deleted, or the request has its name instead of its id."]
        fixes ["GET /tags lists the ids. POST /tags with a name finds a tag or creates it."];
    TeamNotFound = "team_not_found": [404] NotFound Never VerifyId Documented
        "The team does not exist."
        causes ["The team was deleted, or the id belongs to an admin."]
        fixes ["GET /teams lists the ids."];
    TeamUnavailable = "team_unavailable": [] Validation Never FixInput Documented
        "Nothing can be assigned to this team any more."
        causes ["The team is deprecated."]
        fixes ["Assign to another team. GET /teams lists them."];
    TicketNotFound = "ticket_not_found": [404] NotFound Never VerifyId Specified
        "The ticket does not exist."
        causes ["The request has the number that people see (ticket_id) instead of the id.", "The ticket was deleted."]
        fixes ["POST /tickets/search finds a ticket by its ticket_id."];
    TicketStateIdInvalid = "ticket_state_id_invalid": [400] Validation Never FixInput Specified
        "The ticket state is not valid for the ticket type."
        causes ["The state is archived, or does not belong to this ticket type."]
        fixes ["GET /ticket_states lists the states and their types."];
    TokenBlocked = "token_blocked": [401] Authentication Never ContactSupport Documented
        "The token or its app is blocked."
        causes ["Intercom blocked the app."]
        fixes ["Ask Intercom's support for the reason. A new token of the same app does not help."];
    TokenExpired = "token_expired": [401] Authentication Never RegenerateToken Documented
        "The token has expired."
        causes ["The token was valid only for a limited time."]
        fixes ["Run the OAuth flow again, or copy a new token from the Developer Hub."];
    TokenNotFound = "token_not_found": [401] Authentication Never RegenerateToken Documented
        "The token does not exist."
        causes ["The token is mistyped or truncated, or belongs to another region."]
        fixes ["Copy the whole token again, and check that the base URL belongs to the workspace's region."];
    TokenRevoked = "token_revoked": [401] Authentication Never RegenerateToken Documented
        "The token was revoked."
        causes ["A teammate uninstalled the app or regenerated its token."]
        fixes ["Reinstall the app, or deploy the new token to every program that uses it."];
    TokenSuspended = "token_suspended": [401] Authentication Never RegenerateToken Sdk
        "The token belongs to an app that was deleted."
        causes ["The app behind the token no longer exists."]
        fixes ["Create an app in the Developer Hub, and use its token."];
    TokenUnauthorized = "token_unauthorized": [401] Permission Never AddScope Documented
        "The token is valid, but not for this resource. Despite the 401, a permission is missing."
        causes ["The app lacks the scope, or the admin lacks the permission for this resource."]
        fixes ["Add the scope in the Developer Hub and reinstall the app. A new token alone does not help."];
    TooManyRequests = "too_many_requests": [429] Overload Safe BackOff Documented
        "This resource receives too many requests. The app's quota is not the cause."
        causes ["This or other programs send many requests for the same object at the same time."]
        fixes ["Send the same request again, with growing waits. Send fewer requests for one object at the same time."];
    TypeMismatch = "type_mismatch": [422] Validation Never FixInput Documented
        "A JSON value has the wrong type for its field."
        causes ["A value is a string instead of a number, list or object, or the other way round."]
        fixes ["Read field and message, and compare the type with the API reference."];
    Unauthorized = "unauthorized": [401] Authentication Never RegenerateToken Documented
        "The token was not accepted."
        causes ["The token is expired, revoked or mistyped.", "The token was regenerated in the Developer Hub, but the program still has the old one.", "The token belongs to another app or region."]
        fixes ["Call GET /me with the token. If the token works, the response is an object of type admin.", "Developer Hub > your app > Authentication: copy or regenerate the token, and deploy it to every program that uses it.", "Check that the base URL belongs to the workspace's region."];
    UniqueUserConstraint = "unique_user_constraint": [409] Conflict Never SearchBeforeCreate Sdk
        "The user already exists."
        causes ["A user with this e-mail or id already exists (API 1.x)."]
        fixes ["Find the user, and update it instead."];
    UnprocessableEntity = "unprocessable_entity": [422] Validation Never FixInput Documented
        "The data is well-formed, but not valid."
        causes ["The combination of values breaks a rule of the endpoint."]
        fixes ["Read every item of the error list. Its message names the rule."];
    Unsupported = "unsupported": [] Validation Never FixInput Documented
        "The operation is not supported."
        causes ["The endpoint or option does not exist in this API version, or not for this object."]
        fixes ["Look up the operation in the API reference of the version that you use."];
    UploadSessionNotFinalizable = "upload_session_not_finalizable": [409] Conflict Never FixInput Specified
        "The upload cannot be finished in its current state."
        causes ["Parts are missing, or the upload is already finished."]
        fixes ["Send the missing parts to POST /ecommerce/connectors/{id}/catalog with the same import_job_id, or start a new upload with part one."];
    UploadSessionNotFound = "upload_session_not_found": [404] NotFound Never VerifyId Specified
        "The upload does not exist."
        causes ["The upload has ended or expired, or the import_job_id is wrong."]
        fixes ["Start a new upload with part one."];
    ValidationError = "validation_error": [422] Validation Never FixInput Specified
        "The data breaks a rule of the endpoint."
        causes ["A value is out of range, or breaks a rule that the message names."]
        fixes ["Read message and field of each item."];
    WhatsappMessageNotFound = "whatsapp_message_not_found": [404] NotFound Never VerifyId Specified
        "The WhatsApp message does not exist."
        causes ["The message id is wrong, or belongs to another workspace."]
        fixes ["Store the id from the response to sending the message."];
}

#[cfg(test)]
mod tests {
    use super::{CATALOG, Entry, ErrorCode};

    #[test]
    fn every_code_has_exactly_one_entry_in_order() {
        assert!(CATALOG.is_sorted_by(|one, next| one.code().as_str() < next.code().as_str()));
    }

    #[test]
    fn every_entry_can_be_looked_up_and_has_a_meaning() {
        for entry in CATALOG {
            let text = entry.code().as_str();
            assert_eq!(ErrorCode::from(text), *entry.code());
            assert_eq!(ErrorCode::from(text.to_uppercase().as_str()), *entry.code());
            assert_eq!(Entry::of(entry.code()).unwrap().code(), entry.code());
            assert!(entry.meaning().ends_with('.'), "{text}");
        }
    }
}
