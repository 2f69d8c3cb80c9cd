//! The few messages worth reading, because the code alone says the wrong thing.

use crate::ErrorItem;

/// The contact a conflict names: `A contact matching those details already exists with id=...`.
///
/// The second value says whether it is archived.
pub(crate) fn existing_contact(message: &str) -> Option<(&str, bool)> {
    let message = message.trim();
    let (rest, archived) = match message.strip_prefix("A contact") {
        Some(rest) => (rest, false),
        None => (message.strip_prefix("An archived contact")?, true),
    };
    let id = rest.strip_prefix(" matching those details already exists with id=")?;
    let plain = !id.is_empty()
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    plain.then_some((id, archived))
}

/// The contact that the first conflict among the items names.
pub(crate) fn existing_contact_of(items: &[ErrorItem]) -> Option<(&str, bool)> {
    items
        .iter()
        .filter_map(ErrorItem::message)
        .find_map(existing_contact)
}

/// `Exceeded rate limit of 5 pending reporting dataset export jobs`: a quota of jobs, not a window.
///
/// Read generously, for taking a quota of jobs for a window would send the request again in vain.
pub(crate) fn is_job_quota(message: &str) -> bool {
    let rest = message
        .strip_prefix("Exceeded rate limit of ")
        .unwrap_or_default();
    let (count, what) = rest.split_once(' ').unwrap_or_default();
    is_number(count) && what.starts_with("pending ") && what.contains(" job")
}

/// `Request failed due to an internal network error. Please restart the scroll operation.`
pub(crate) fn restarts_scroll(message: &str) -> bool {
    message.contains("restart the scroll")
}

/// `scroll parameter not found`: the scroll has ended, after its last page or a minute of silence.
pub(crate) fn scroll_has_ended(message: &str) -> bool {
    message == "scroll parameter not found"
}

/// `job job_v2_1 is closed for new task updates`, which comes as `forbidden`.
pub(crate) fn job_is_closed(message: &str) -> bool {
    message.starts_with("job ") && message.ends_with(" is closed for new task updates")
}

/// `scroll already exists for this workspace`
pub(crate) fn scroll_exists(message: &str) -> bool {
    message.starts_with("scroll already exists")
}

/// The team was not changed: the same request can simply be sent again.
pub(crate) fn team_was_busy(message: &str) -> bool {
    message == "The members of this team are being changed by another request. Try again."
}

/// The team was changed in part: read it first.
pub(crate) fn team_is_partly_changed(message: &str) -> bool {
    message.contains("kept being changed by other requests, so this one is partly applied")
}

/// `Invalid starting_after param. Please try again using a starting_after value from a paginated response`
pub(crate) fn cursor_is_invalid(message: &str) -> bool {
    message.starts_with("Invalid starting_after param")
}

/// What was asked for is so already: merged conversations, an answered request for input, a ticket's state.
pub(crate) fn is_as_wanted(message: &str) -> bool {
    matches!(
        message.trim_end_matches('.'),
        "Secondary conversation has already been merged"
            | "This HITL request has already been fulfilled"
            | "Cannot transition ticket to the same state"
    )
}

/// `User has been merged and is not restorable.`, or one that is to be deleted for good.
pub(crate) fn is_not_restorable(message: &str) -> bool {
    message
        .trim_end_matches('.')
        .ends_with(" is not restorable")
}

/// `Multiple existing users match this email address ada@example.org - must be more specific using user_id`
pub(crate) fn several_match(message: &str) -> bool {
    message.starts_with("Multiple existing users match this email address")
}

/// `Custom attribute 'plan' does not exist`
pub(crate) fn lacks_attribute(message: &str) -> bool {
    let rest = message.strip_prefix("Custom attribute '");
    rest.is_some_and(|rest| rest.trim_end_matches('.').ends_with("' does not exist"))
}

/// `Request body is not JSON`, `Request body is not valid JSON`; the documents name no exact words.
pub(crate) fn body_is_no_json(message: &str) -> bool {
    let rest = message.strip_prefix("Request body is not ");
    rest.is_some_and(|rest| rest.starts_with("JSON") || rest.starts_with("valid JSON"))
}

/// `page limit reached, please use scroll API`: beyond 10,000 companies there are no pages.
pub(crate) fn pages_have_ended(message: &str) -> bool {
    message.starts_with("page limit reached")
}

/// `Fin session already exists for this conversation. Please use /reply to continue the conversation.`
pub(crate) fn session_exists(message: &str) -> bool {
    message.starts_with("Fin session already exists")
}

/// `A multipart upload is already in progress. Use import_job_id to continue.`: nothing to wait for.
pub(crate) fn upload_goes_on(message: &str) -> bool {
    message.starts_with("A multipart upload is already in progress")
}

/// `Data connector must be in draft state to be deleted`
pub(crate) fn is_no_draft(message: &str) -> bool {
    message.starts_with("Data connector must be in draft state")
}

/// `You do not have the required scope (read_macros) to access this resource`
pub(crate) fn required_scope(message: &str) -> Option<&str> {
    let (_, rest) = message
        .match_indices('(')
        .map(|(at, _)| message.split_at(at))
        .find(|(before, _)| before.ends_with("required scope "))?;
    let (scope, _) = rest.strip_prefix('(')?.split_once(')')?;
    let plain = scope
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'-'));
    (!scope.is_empty() && plain).then_some(scope)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{existing_contact, is_job_quota, required_scope};

    #[test]
    fn a_conflict_names_the_contact_and_whether_it_is_archived() {
        let plain =
            "A contact matching those details already exists with id=5ba682d23d7cf92bef87bfd4";
        assert_eq!(
            existing_contact(plain),
            Some(("5ba682d23d7cf92bef87bfd4", false))
        );
        let archived = "An archived contact matching those details already exists with id=5ba6";
        assert_eq!(existing_contact(archived), Some(("5ba6", true)));
        for other in [
            "A redirect with that URL already exists",
            "id=1",
            "A contact matching those details already exists with id=",
            "A contact matching those details already exists with id=a/b",
            "Name is 'A contact matching those details already exists with id=5f1a",
            "A contact matching those details already exists with id=5f1a or so",
        ] {
            assert_eq!(existing_contact(other), None, "{other}");
        }
    }

    #[test]
    fn a_job_quota_is_told_from_a_window() {
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

    #[test]
    fn a_missing_scope_is_named() {
        let message = "You do not have the required scope (read_macros) to access this resource";
        assert_eq!(required_scope(message), Some("read_macros"));
        assert_eq!(required_scope("required scope (a b)"), None);
        assert_eq!(required_scope("required scope ()"), None);
    }
}
