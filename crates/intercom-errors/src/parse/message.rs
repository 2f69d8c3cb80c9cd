//! The few messages worth reading, because the code alone says the wrong thing.

/// The contact a conflict names: `A contact matching those details already exists with id=...`.
///
/// The second value says whether it is archived.
pub(crate) fn existing_contact(message: &str) -> Option<(&str, bool)> {
    let archived = message.starts_with("An archived contact");
    let (text, id) = message.rsplit_once("id=")?;
    let plain = !id.is_empty()
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (text.contains("contact matching those details already exists") && plain)
        .then_some((id, archived))
}

/// `Exceeded rate limit of 5 pending reporting dataset export jobs`: a quota of jobs, not a window.
pub(crate) fn is_job_quota(message: &str) -> bool {
    let rest = message
        .strip_prefix("Exceeded rate limit of ")
        .unwrap_or_default();
    let (count, what) = rest.split_once(' ').unwrap_or_default();
    is_number(count)
        && what.starts_with("pending ")
        && (what.ends_with(" jobs") || what.ends_with(" job"))
}

/// `Request failed due to an internal network error. Please restart the scroll operation.`
pub(crate) fn restarts_scroll(message: &str) -> bool {
    message.contains("restart the scroll")
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

/// `You do not have the required scope (read_macros) to access this resource`
pub(crate) fn required_scope(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("required scope (")?;
    let (scope, _) = rest.split_once(')')?;
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
