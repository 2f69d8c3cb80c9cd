//! The table of messages that name an existing contact.

use alloc::string::String;

use super::{Action, Category, Class};
use crate::ErrorItem;

/// A rule that finds the id of the existing contact at the end of a conflict's message.
#[derive(Debug)]
#[non_exhaustive]
pub struct ExistingRule {
    /// The text before the id.
    pub before: &'static str,
    /// Whether the contact is archived.
    pub archived: bool,
    /// The action of the conflict.
    pub action: Action,
}

/// The messages that name an existing contact. White space around a message is ignored.
pub const EXISTING: &[ExistingRule] = &[
    ExistingRule {
        before: "A contact matching those details already exists with id=",
        archived: false,
        action: Action::UseExisting,
    },
    ExistingRule {
        before: "An archived contact matching those details already exists with id=",
        archived: true,
        action: Action::UnarchiveExisting,
    },
];

/// Returns the id of the contact that the first such message names, and the rule of the message.
pub(crate) fn existing_contact(items: &[ErrorItem]) -> Option<(&str, &'static ExistingRule)> {
    items
        .iter()
        .filter_map(ErrorItem::message)
        .find_map(contact_of)
}

fn contact_of(message: &str) -> Option<(&str, &'static ExistingRule)> {
    let message = message.trim();
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    EXISTING.iter().find_map(|rule| {
        let id = message.strip_prefix(rule.before)?;
        (!id.is_empty() && id.bytes().all(is_part)).then_some((id, rule))
    })
}

/// Returns the text of an item that names an existing contact, with another id.
pub(super) fn masked(item: &ErrorItem) -> Option<String> {
    let (_, rule) = contact_of(item.message()?)?;
    Some([rule.before, "masked"].concat())
}

/// Replaces the action of a conflict whose items name an existing contact.
pub(super) fn with_existing_contact(class: Class, items: &[ErrorItem]) -> Class {
    if class.category() != Category::Conflict {
        return class;
    }
    existing_contact(items).map_or(class, |(_, rule)| {
        Class::new(class.category(), class.resend(), rule.action)
    })
}

#[cfg(test)]
mod tests {
    use super::{EXISTING, contact_of};
    use crate::ErrorItem;

    #[test]
    fn a_masked_message_names_a_contact_too() {
        for rule in EXISTING {
            let item = ErrorItem::from_message([rule.before, "5ba682d2"].concat());
            let masked = item.known_message(409).unwrap();
            let (id, found) = contact_of(&masked).unwrap();
            assert_eq!((id, found.archived), ("masked", rule.archived));
        }
    }

    #[test]
    fn an_existing_contact_is_found_with_its_state() {
        let found = |message| contact_of(message).map(|(id, rule)| (id, rule.archived));
        let plain =
            "A contact matching those details already exists with id=5ba682d23d7cf92bef87bfd4";
        assert_eq!(found(plain), Some(("5ba682d23d7cf92bef87bfd4", false)));
        let archived = "An archived contact matching those details already exists with id=5ba6";
        assert_eq!(found(archived), Some(("5ba6", true)));
        for other in [
            "A redirect with that URL already exists",
            "id=1",
            "A contact matching those details already exists with id=",
            "A contact matching those details already exists with id=a/b",
            "Name is 'A contact matching those details already exists with id=5f1a",
            "A contact matching those details already exists with id=5f1a or so",
        ] {
            assert_eq!(found(other), None, "{other}");
        }
    }
}
