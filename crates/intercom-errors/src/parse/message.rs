//! Finds the contact or the scope that a message names.

use crate::ErrorItem;

/// Returns the contact that the message of a conflict names, and whether it is archived.
///
/// The message is `A contact matching those details already exists with id=...`.
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

/// Returns the contact of the first message that names one.
pub(crate) fn existing_contact_of(items: &[ErrorItem]) -> Option<(&str, bool)> {
    items
        .iter()
        .filter_map(ErrorItem::message)
        .find_map(existing_contact)
}

/// Returns the scope in a message like `You do not have the required scope (read_macros) to access this resource`.
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

#[cfg(test)]
mod tests {
    use super::{existing_contact, required_scope};

    #[test]
    fn an_existing_contact_is_found_with_its_state() {
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
    fn a_missing_scope_is_found() {
        let message = "You do not have the required scope (read_macros) to access this resource";
        assert_eq!(required_scope(message), Some("read_macros"));
        assert_eq!(required_scope("required scope (a b)"), None);
        assert_eq!(required_scope("required scope ()"), None);
    }
}
