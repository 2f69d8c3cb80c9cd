//! The table of messages that say more than their code, or correct it.

use alloc::string::String;

use super::statuses::{Statuses, statuses};
use super::{Action, Category, Class, ErrorCode, Resend, existing};
use crate::ErrorItem;

/// What a message means in a response with one of these statuses.
#[derive(Debug)]
#[non_exhaustive]
pub struct MessageRule {
    /// The statuses that the rule applies to.
    pub statuses: Statuses,
    /// The only code that the rule applies to. `None` stands for all codes.
    pub code: Option<ErrorCode>,
    /// The text of the message. A `*` matches any text. A full stop at the end of a message is optional. A missing message is
    /// like an empty one.
    pub pattern: &'static str,
    /// What the message means.
    pub class: Class,
}

macro_rules! messages {
    ($($($first:literal $(..= $last:literal)?)|+, $($code:ident)? $pattern:literal
        => $category:ident $resend:ident $action:ident;)+) => {
        /// The rules, in order. The first one that matches wins.
        pub const MESSAGES: &[MessageRule] = &[$(MessageRule {
            statuses: statuses!($($first $(..= $last)?)|+),
            code: messages!(@code $($code)?),
            pattern: $pattern,
            class: Class::new(Category::$category, Resend::$resend, Action::$action),
        },)+];
    };
    (@code $code:ident) => { Some(ErrorCode::$code) };
    (@code) => { None };
}

messages! {
    400 | 409 | 422, "* is not restorable" => Conflict Never UseAnother;
    400 | 409 | 422, "Secondary conversation has already been merged" => Conflict Never NothingToDo;
    400 | 409 | 422, "This HITL request has already been fulfilled" => Conflict Never NothingToDo;
    400 | 409 | 422, "Cannot transition ticket to the same state" => Conflict Never NothingToDo;
    400 | 409 | 422, "*already assigned to another*" => Conflict Never FixInput;
    400 | 409 | 422, "* is already assigned*" => Conflict Never NothingToDo;
    400 | 409, "Multiple existing users match*" => Conflict Never LookUpById;
    400 | 409, "Multiple existing contacts match*" => Conflict Never LookUpById;
    400 | 422, "Custom attribute '*' does not exist" => Validation Never CreateAttribute;
    // The documentation does not give the exact words.
    400, "Request body is not JSON*" => Validation Never FixJson;
    400, "Request body is not valid JSON*" => Validation Never FixJson;
    400, "Invalid starting_after param*" => Validation Never RestartPagination;
    // Pages end at 10,000 companies.
    400, "page limit reached*" => Validation Never UseScroll;
    400, "scroll already exists*" => ConcurrencyLimit Safe WaitForJob;
    400, "Fin session already exists*" => Conflict Never ContinueSession;
    401, "Not authorized to access resource" => Permission Never AddScope;
    403, "job * is closed for new task updates" => Conflict Never FixInput;
    404, "scroll parameter not found" => NotFound Never RestartScroll;
    // With 422, the request lacks a field. With 404, an attribute does not exist.
    404, FieldNotFound "*" => NotFound Never VerifyId;
    // The team was not changed, so the same request can be sent again.
    409, Conflict "The members of this team are being changed by another request. Try again." => Conflict Safe BackOff;
    409, "*kept being changed by other requests, so this one is partly applied*" => Conflict Never VerifyId;
    409, "Data connector must be in draft state*" => Conflict Never FixInput;
    // The upload belongs to the caller, so waiting does not help.
    409, "A multipart upload is already in progress*" => ConcurrencyLimit Never FixInput;
    // The pattern is broad on purpose: a quota of jobs that looks like a rate limit would be retried in vain.
    429, "Exceeded rate limit of * pending * job*" => ConcurrencyLimit Never WaitForJob;
    500..=599, "*restart the scroll*" => Server Never RestartScroll;
}

/// Returns the class of an item whose message is in the table.
pub(super) fn class(status: u16, item: &ErrorItem) -> Option<Class> {
    rule(status, item).map(|row| row.class)
}

/// Returns the first row that matches the message of an item.
fn rule(status: u16, item: &ErrorItem) -> Option<&'static MessageRule> {
    let message = item.message().unwrap_or_default();
    let matches = |row: &&MessageRule| {
        is_similar(row.pattern, message)
            && row.statuses.contains(status)
            && (row.code.is_none() || row.code.as_ref() == item.code())
            && is_match(row.pattern, message)
    };
    MESSAGES.iter().find(matches)
}

impl ErrorItem {
    /// Returns the message in the words of the tables of known messages, with `...` in place of each part that varies. `None` for
    /// any other message.
    ///
    /// The returned text contains no personal data, and means the same as the message in a response with this status. It suits
    /// recordings and logs.
    ///
    /// ```
    /// use intercom_errors::ErrorItem;
    ///
    /// let item = ErrorItem::new("parameter_invalid", "Custom attribute 'ada@example.org' does not exist");
    /// assert_eq!(item.known_message(400).as_deref(), Some("Custom attribute '...' does not exist"));
    /// assert_eq!(item.known_message(404), None);
    /// ```
    #[must_use]
    pub fn known_message(&self, status: u16) -> Option<String> {
        match rule(status, self) {
            Some(row) => Some(row.pattern.replace('*', "...")),
            None => existing::masked(self),
        }
    }
}

/// Returns `false` if the first letters differ, which excludes most messages that do not match.
fn is_similar(pattern: &str, message: &str) -> bool {
    match pattern.as_bytes().first() {
        Some(b'*') => true,
        first => first == message.as_bytes().first(),
    }
}

fn is_match(pattern: &str, message: &str) -> bool {
    let message = match pattern.ends_with('.') {
        true => message,
        false => message.trim_end_matches('.'),
    };
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| message.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    let Some(mut rest) = rest.strip_suffix(last) else {
        return false;
    };
    parts.all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::{MESSAGES, is_match, rule};
    use crate::ErrorItem;

    #[test]
    fn a_message_in_the_words_of_the_table_matches_the_same_row() {
        for row in MESSAGES {
            for status in (200..600).filter(|status| row.statuses.contains(*status)) {
                let item = |message: String| ErrorItem {
                    code: row.code.clone(),
                    message: Some(message.into()),
                    ..ErrorItem::default()
                };
                let said = item(row.pattern.replace('*', "ada@example.org"));
                let known = said.known_message(status).unwrap();
                assert!(!known.contains("ada"), "{known}");
                let pattern = |item: &ErrorItem| rule(status, item).map(|row| row.pattern);
                assert_eq!(pattern(&item(known)), pattern(&said), "{}", row.pattern);
            }
        }
        let other = ErrorItem::from_message("ada@example.org is not a known address");
        assert_eq!(other.known_message(400), None);
    }

    #[test]
    fn a_star_matches_any_text_and_a_final_full_stop_is_optional() {
        for (pattern, message, expected) in [
            ("a", "a", true),
            ("a", "a.", true),
            ("a", "ab", false),
            ("a.", "a", false),
            ("a.", "a..", false),
            ("a*", "a", true),
            ("a*", "abc", true),
            ("a*", "ba", false),
            ("*a", "ba.", true),
            ("*a", "ab", false),
            ("*a*", "bab", true),
            ("*a*", "b", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a * b * c*", "a 1 b 2 c 3", true),
            ("a * b * c*", "a 1 c 2 b 3", false),
        ] {
            assert_eq!(is_match(pattern, message), expected, "{pattern} {message}");
        }
    }

    #[test]
    fn a_quota_of_jobs_differs_from_a_rate_limit() {
        let is_job_quota = |message| {
            MESSAGES
                .iter()
                .any(|row| row.statuses.contains(429) && is_match(row.pattern, message))
        };
        assert!(is_job_quota(
            "Exceeded rate limit of 5 pending reporting dataset export jobs"
        ));
        assert!(is_job_quota(
            "Exceeded rate limit of 1 pending message data export jobs"
        ));
        assert!(is_job_quota(
            "Exceeded rate limit of 1 pending export job. Try later."
        ));
        assert!(!is_job_quota("Exceeded rate limit of 83 in 10_seconds"));
        assert!(!is_job_quota("Rate limit exceeded"));
    }
}
