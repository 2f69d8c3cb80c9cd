//! The table: what each code means. One entry a code.

use super::{Action, Category, Resend};
use crate::ErrorCode;

/// Where a code is known from.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Provenance {
    /// Listed on Intercom's page of error codes.
    Documented,
    /// Seen in answers that were published, such as in bug reports.
    Observed,
    /// Handled by one of Intercom's own SDKs.
    Sdk,
    /// Given in an example of Intercom's OpenAPI description.
    Specified,
}

impl Provenance {
    /// The provenance in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Observed => "observed",
            Self::Sdk => "sdk",
            Self::Specified => "specified",
        }
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
        let position = CATALOG
            .binary_search_by(|entry| entry.code.as_str().cmp(code.as_str()))
            .ok()?;
        CATALOG.get(position)
    }
}

macro_rules! catalog {
    ($($code:ident: [$($status:literal),*] $category:ident $resend:ident $action:ident $provenance:ident $meaning:literal;)+) => {
        /// What is known of each code, sorted by its spelling.
        pub const CATALOG: &[Entry] = &[$(Entry {
            code: ErrorCode::$code,
            statuses: &[$($status),*],
            category: Category::$category,
            resend: Resend::$resend,
            action: Action::$action,
            meaning: $meaning,
            provenance: Provenance::$provenance,
        },)+];
    };
}

catalog! {
    ActionForbidden: [403] Permission Never AddScope Documented "The action is not allowed; data.required_permissions may say what it needs.";
    AdminNotFound: [404] NotFound Never VerifyId Documented "There is no such admin.";
    AlreadyLinkedToTracker: [400] Conflict Never VerifyId Specified "The conversation is linked to a tracker ticket already.";
    ApiPlanRestricted: [403, 402] Plan Never UpgradePlan Documented "The API or feature is not part of the plan or workspace.";
    ArticleNotFound: [404] NotFound Never VerifyId Specified "There is no such article.";
    AssigneeNotFound: [404] NotFound Never VerifyId Specified "There is no such admin or team to assign to.";
    AwayStatusReasonMandatory: [400] Validation Never FixInput Specified "The workspace demands a reason for being away.";
    BadRequest: [400] Validation Never FixInput Documented "The request cannot be processed as it is.";
    ClientError: [400] Validation Never FixInput Documented "Some error in the request.";
    CompanyNotFound: [404] NotFound Never VerifyId Specified "There is no such company.";
    Conflict: [409, 400] Conflict Never SearchBeforeCreate Documented "Existing data clashes with the request.";
    ContactCompanyLimitExceeded: [400] Validation Never FixInput Specified "The contact belongs to 1,000 companies, which is the most.";
    ContactMerged: [410] Merged Never FollowMerge Specified "The contact was merged into another one.";
    ContentHasProcedureDependencies: [422] Conflict Never FixInput Specified "A procedure uses this content; it cannot be changed so.";
    ContentSnippetNotFound: [404] NotFound Never VerifyId Specified "There is no such snippet.";
    ConversationAttributeNotFound: [404] NotFound Never VerifyId Documented "There is no such conversation attribute or list option.";
    ConversationIdLimitExceeded: [400] Validation Never FixInput Specified "More than 20 conversation ids in one search of calls.";
    ConversationNotFound: [404] NotFound Never VerifyId Specified "There is no such conversation.";
    ConversationPartOrMessageNotFound: [404] NotFound Never VerifyId Specified "There is no such part or message in the conversation.";
    CustomDataLimitReached: [] Validation Never FixInput Sdk "The workspace has as many custom attributes as it may have.";
    DataConnectorInUse: [409] Conflict Never FixInput Specified "Other resources use this data connector.";
    DataConnectorNotFound: [404] NotFound Never VerifyId Specified "There is no such data connector.";
    DataInvalid: [422, 404] Validation Never FixInput Documented "The data in the request is not valid.";
    ExecutionResultNotFound: [404] NotFound Never VerifyId Specified "There is no such execution of a data connector.";
    FieldNotFound: [404, 422] Validation Never FixInput Specified "A field or attribute that the request names does not exist, or a required one is missing.";
    Forbidden: [403] Permission Never AddScope Documented "The request is not allowed.";
    IdentityVerificationSecretNotFound: [404] NotFound Never VerifyId Specified "There is no such identity verification secret.";
    ImportJobIdRequired: [422] Validation Never FixInput Specified "Later parts of an upload need the import_job_id of the first.";
    ImportSourceNotFound: [404] NotFound Never VerifyId Specified "There is no such import source.";
    IntercomVersionInvalid: [400] Validation Never FixApiVersion Specified "The API version is unknown or does not have this endpoint.";
    InternalArticleNotFound: [404] NotFound Never VerifyId Specified "There is no such internal article.";
    InternalError: [503] Server IfReplayable RetryAndCheckStatus Specified "Something failed inside Intercom.";
    InvalidCatalogFormat: [422] Validation Never FixInput Specified "The catalog file has not the documented format.";
    InvalidDocument: [] Validation Never FixInput Sdk "A custom attribute is not valid.";
    InvalidField: [400] Validation Never FixInput Specified "A field is not valid here.";
    InvalidMerge: [400] Validation Never FixInput Specified "These contacts cannot be merged without skip_duplicate_validation.";
    InvalidParameter: [422] Validation Never FixInput Specified "A parameter is not valid; since July 2026 this is parameter_invalid.";
    InvalidPartNumber: [422] Validation Never FixInput Specified "The parts of an upload came out of order.";
    InvalidSortOrder: [400] Validation Never FixInput Specified "The sort order is neither ascending nor descending.";
    InvalidTicketType: [400] Validation Never FixInput Specified "The ticket type does not fit the operation.";
    JiraIntegrationNotConfigured: [422] Validation Never FixInput Specified "The workspace has no Jira integration.";
    JiraIssueNotFound: [404] NotFound Never VerifyId Specified "There is no such Jira issue.";
    JiraLinkAlreadyExists: [409] Conflict Never VerifyId Specified "A Jira issue is linked to this ticket already.";
    JobClosed: [403] Conflict Never FixInput Documented "The bulk job takes no more tasks; send the request without job.id to begin a new one.";
    JobNotFound: [404] NotFound Never VerifyId Specified "There is no such job.";
    LinkedConversationLimitExceeded: [400] Validation Never FixInput Specified "The ticket has 2,500 linked conversations, which is the most.";
    MediaTypeNotAcceptable: [406] Validation Never FixAcceptHeader Observed "The Accept header does not admit JSON.";
    MergeFailed: [422] Validation Never FixInput Specified "These conversations cannot be merged, or are merged already.";
    MissingAuthorization: [401] Authentication Never RegenerateToken Documented "The request carries no token.";
    MissingField: [422] Validation Never FixInput Specified "A required field is missing; since July 2026 this is field_not_found.";
    MissingParameter: [] Validation Never FixInput Documented "A required parameter is missing.";
    NotFound: [404] NotFound Never VerifyId Documented "The resource does not exist.";
    NotRestorable: [] Conflict Never SearchBeforeCreate Documented "The user was blocked and cannot be created again.";
    ParameterInvalid: [400, 422, 404] Validation Never FixInput Documented "A parameter has a value that is not valid.";
    ParameterMismatch: [400] Validation Never FixInput Specified "Two parameters do not fit each other.";
    ParameterMissing: [] Validation Never FixInput Documented "A required parameter is missing.";
    ParameterNotAllowed: [400] Validation Never FixInput Specified "A parameter is not allowed here.";
    ParameterNotFound: [400, 422] Validation Never FixInput Documented "A required parameter is missing; nothing was looked for.";
    PayloadTooLarge: [422] Validation Never FixInput Specified "The file is larger than 99 MB.";
    RateLimitExceeded: [429] RateLimit Safe BackOff Documented "The app's quota of this window is spent.";
    RequestTimeout: [408] Timeout IfReplayable RetryAndCheckStatus Documented "The server ran out of time while it worked on the request.";
    ResourceConflict: [409] Conflict Never SearchBeforeCreate Documented "The resource exists already.";
    RetryAfter: [429] Overload Safe BackOff Documented "Wait for a while before sending the request again.";
    ScrollExists: [400] ConcurrencyLimit Safe WaitForJob Observed "A scroll is open already; there can be one for each app.";
    ServerError: [500, 502, 503, 504] Server IfReplayable RetryAndCheckStatus Documented "Something failed inside Intercom.";
    ServiceUnavailable: [503] Overload Safe BackOff Documented "The service refuses requests for a while. That nothing was done is inferred from its meaning.";
    SyncInProgress: [409] ConcurrencyLimit Never WaitForJob Specified "A catalog upload is under way already.";
    TagHasDependentObjects: [400] Conflict Never FixInput Specified "Segments or other objects use this tag; it cannot be deleted.";
    TagNotFound: [404] NotFound Never VerifyId Specified "There is no such tag.";
    TeamNotFound: [404] NotFound Never VerifyId Documented "There is no such team.";
    TeamUnavailable: [] Validation Never FixInput Documented "Nothing can be assigned to this team any more.";
    TicketNotFound: [404] NotFound Never VerifyId Specified "There is no such ticket.";
    TicketStateIdInvalid: [400] Validation Never FixInput Specified "The ticket state does not fit the ticket type.";
    TokenBlocked: [401] Authentication Never RegenerateToken Documented "The token or its app is blocked.";
    TokenExpired: [401] Authentication Never RegenerateToken Documented "The token is expired.";
    TokenNotFound: [401] Authentication Never RegenerateToken Documented "There is no such token.";
    TokenRevoked: [401] Authentication Never RegenerateToken Documented "The token was revoked.";
    TokenSuspended: [401] Authentication Never RegenerateToken Sdk "The token belongs to an app that was deleted.";
    TokenUnauthorized: [401] Permission Never AddScope Documented "The token is good, but may not use this resource: a question of permission despite the 401.";
    TooManyRequests: [429] Overload Safe BackOff Documented "This resource gets too many requests; the app's quota plays no part.";
    TypeMismatch: [422] Validation Never FixInput Documented "A JSON value has the wrong type for its field.";
    Unauthorized: [401] Authentication Never RegenerateToken Documented "The token was not accepted.";
    UniqueUserConstraint: [409] Conflict Never SearchBeforeCreate Sdk "The user exists already.";
    UnprocessableEntity: [422] Validation Never FixInput Documented "The data is well-formed, but not valid.";
    Unsupported: [] Validation Never FixInput Documented "The operation is not supported.";
    UploadSessionNotFinalizable: [409] Conflict Never VerifyId Specified "The upload cannot be finished in its present state.";
    UploadSessionNotFound: [404] NotFound Never VerifyId Specified "There is no such upload.";
    ValidationError: [422] Validation Never FixInput Specified "The data breaks a rule of the endpoint.";
    WhatsappMessageNotFound: [404] NotFound Never VerifyId Specified "There is no such WhatsApp message.";
}

#[cfg(test)]
mod tests {
    use super::{CATALOG, Entry};
    use crate::ErrorCode;

    #[test]
    fn every_known_code_has_exactly_one_entry_in_order() {
        let listed: std::vec::Vec<&str> =
            CATALOG.iter().map(|entry| entry.code().as_str()).collect();
        let known: std::vec::Vec<&str> = ErrorCode::KNOWN.iter().map(|(text, _)| *text).collect();
        assert_eq!(listed, known);
    }

    #[test]
    fn every_entry_can_be_looked_up_and_says_what_it_means() {
        for (_, code) in ErrorCode::KNOWN {
            let entry = Entry::of(code).unwrap();
            assert!(entry.meaning().ends_with('.'), "{code}");
        }
    }
}
