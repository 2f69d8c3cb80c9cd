//! Error codes: every one that is known, and any other one as it came.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

/// One list yields the enum, the spelling and the look-up. Sorted by spelling; a test keeps it so.
macro_rules! codes {
    ($($variant:ident = $text:literal,)+) => {
        /// An error code: a known one, or any other one verbatim.
        ///
        /// Intercom adds and renames codes without a new API version, so match on [`Category`](crate::Category) or on
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
            $(
                #[doc = concat!("`", $text, "`.")]
                $variant,
            )+
            /// Any other code, as it came.
            Unknown(Box<str>),
        }

        impl ErrorCode {
            /// All known codes, sorted by their spelling.
            #[cfg(test)]
            pub(crate) const KNOWN: &'static [(&'static str, Self)] = &[$(($text, Self::$variant),)+];

            /// A known code, in lower case.
            fn known(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// Where the code stands among the known ones.
            pub(crate) fn position(&self) -> Option<usize> {
                enum Position { $($variant),+ }
                match self {
                    $(Self::$variant => Some(Position::$variant as usize),)+
                    Self::Unknown(_) => None,
                }
            }

            /// The code as Intercom spells it; of an unknown one as it came.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(text) => text,
                }
            }
        }
    };
}

codes! {
    ActionForbidden = "action_forbidden",
    AdminNotFound = "admin_not_found",
    AlreadyLinkedToTracker = "already_linked_to_tracker",
    ApiPlanRestricted = "api_plan_restricted",
    ArticleNotFound = "article_not_found",
    AssigneeNotFound = "assignee_not_found",
    AwayStatusReasonMandatory = "away_status_reason_mandatory",
    BadRequest = "bad_request",
    ClientError = "client_error",
    CompanyNotFound = "company_not_found",
    Conflict = "conflict",
    ContactCompanyLimitExceeded = "contact_company_limit_exceeded",
    ContactMerged = "contact_merged",
    ContentHasProcedureDependencies = "content_has_procedure_dependencies",
    ContentSnippetNotFound = "content_snippet_not_found",
    ConversationAttributeNotFound = "conversation_attribute_not_found",
    ConversationIdLimitExceeded = "conversation_id_limit_exceeded",
    ConversationNotFound = "conversation_not_found",
    ConversationPartOrMessageNotFound = "conversation_part_or_message_not_found",
    CustomDataLimitReached = "custom_data_limit_reached",
    DataConnectorInUse = "data_connector_in_use",
    DataConnectorNotFound = "data_connector_not_found",
    DataInvalid = "data_invalid",
    ExecutionResultNotFound = "execution_result_not_found",
    FieldNotFound = "field_not_found",
    Forbidden = "forbidden",
    IdentityVerificationSecretNotFound = "identity_verification_secret_not_found",
    ImportJobIdRequired = "import_job_id_required",
    ImportSourceNotFound = "import_source_not_found",
    IntercomVersionInvalid = "intercom_version_invalid",
    InternalArticleNotFound = "internal_article_not_found",
    InternalError = "internal_error",
    InvalidCatalogFormat = "invalid_catalog_format",
    InvalidDocument = "invalid_document",
    InvalidField = "invalid_field",
    InvalidMerge = "invalid_merge",
    InvalidParameter = "invalid_parameter",
    InvalidPartNumber = "invalid_part_number",
    InvalidSortOrder = "invalid_sort_order",
    InvalidTicketType = "invalid_ticket_type",
    JiraIntegrationNotConfigured = "jira_integration_not_configured",
    JiraIssueNotFound = "jira_issue_not_found",
    JiraLinkAlreadyExists = "jira_link_already_exists",
    JobClosed = "job_closed",
    JobNotFound = "job_not_found",
    LinkedConversationLimitExceeded = "linked_conversation_limit_exceeded",
    MediaTypeNotAcceptable = "media_type_not_acceptable",
    MergeFailed = "merge_failed",
    MissingAuthorization = "missing_authorization",
    MissingField = "missing_field",
    MissingParameter = "missing_parameter",
    NotFound = "not_found",
    NotRestorable = "not_restorable",
    ParameterInvalid = "parameter_invalid",
    ParameterMismatch = "parameter_mismatch",
    ParameterMissing = "parameter_missing",
    ParameterNotAllowed = "parameter_not_allowed",
    ParameterNotFound = "parameter_not_found",
    PayloadTooLarge = "payload_too_large",
    RateLimitExceeded = "rate_limit_exceeded",
    RequestTimeout = "request_timeout",
    ResourceConflict = "resource_conflict",
    RetryAfter = "retry_after",
    ScrollExists = "scroll_exists",
    ServerError = "server_error",
    ServiceUnavailable = "service_unavailable",
    SyncInProgress = "sync_in_progress",
    TagHasDependentObjects = "tag_has_dependent_objects",
    TagNotFound = "tag_not_found",
    TeamNotFound = "team_not_found",
    TeamUnavailable = "team_unavailable",
    TicketNotFound = "ticket_not_found",
    TicketStateIdInvalid = "ticket_state_id_invalid",
    TokenBlocked = "token_blocked",
    TokenExpired = "token_expired",
    TokenNotFound = "token_not_found",
    TokenRevoked = "token_revoked",
    TokenSuspended = "token_suspended",
    TokenUnauthorized = "token_unauthorized",
    TooManyRequests = "too_many_requests",
    TypeMismatch = "type_mismatch",
    Unauthorized = "unauthorized",
    UniqueUserConstraint = "unique_user_constraint",
    UnprocessableEntity = "unprocessable_entity",
    Unsupported = "unsupported",
    UploadSessionNotFinalizable = "upload_session_not_finalizable",
    UploadSessionNotFound = "upload_session_not_found",
    ValidationError = "validation_error",
    WhatsappMessageNotFound = "whatsapp_message_not_found",
}

impl From<&str> for ErrorCode {
    fn from(text: &str) -> Self {
        let shouted = || text.bytes().any(|byte| byte.is_ascii_uppercase());
        let known = match Self::known(text) {
            None if shouted() => Self::known(&text.to_ascii_lowercase()),
            known => known,
        };
        known.unwrap_or_else(|| Self::Unknown(text.into()))
    }
}

impl From<String> for ErrorCode {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl AsRef<str> for ErrorCode {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl FromStr for ErrorCode {
    type Err = core::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::from(text))
    }
}

impl PartialEq<str> for ErrorCode {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for ErrorCode {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::{any, proptest};

    use super::ErrorCode;

    #[test]
    fn codes_are_sorted_and_each_is_found() {
        assert!(ErrorCode::KNOWN.is_sorted_by_key(|(text, _)| *text));
        for (text, code) in ErrorCode::KNOWN {
            assert_eq!(ErrorCode::from(*text), *code);
            assert_eq!(ErrorCode::from(text.to_uppercase().as_str()), *code);
            assert_eq!(code.as_str(), *text);
        }
    }

    proptest! {
        #[test]
        fn any_code_keeps_its_spelling(text in any::<std::string::String>()) {
            assert!(ErrorCode::from(text.as_str()).to_string().eq_ignore_ascii_case(&text));
        }
    }
}
