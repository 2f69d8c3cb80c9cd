//! Documented limits, checked before anything is sent. A violation has the form of a 422.

use intercom_errors::ErrorItem;

use super::{AttributeValue, NewContact, Role};

/// From the API 1.x page on creating users. No later description states a different limit.
const ATTRIBUTE_NAME: usize = 190;
/// From the same page.
const ATTRIBUTE_TEXT: usize = 255;

/// Returns what is wrong with a contact that is about to be created.
pub(super) fn problems(contact: &NewContact) -> Vec<ErrorItem> {
    let mut problems = Vec::new();
    if contact.email.is_none() && contact.external_id.is_none() && contact.role == Role::User {
        problems.push(missing("email", "a user needs an email or an external_id"));
    }
    if let Some(email) = contact.email.as_deref().filter(|email| !is_email(email)) {
        let shown = if email.trim().is_empty() {
            "the email is empty"
        } else {
            "the email is not of the form name@host"
        };
        problems.push(invalid("email", shown));
    }
    if contact
        .external_id
        .as_deref()
        .is_some_and(|id| id.trim().is_empty())
    {
        problems.push(invalid(
            "external_id",
            "the external_id is empty; omit it or set one",
        ));
    }
    for (name, value) in &contact.custom_attributes {
        problems.extend(attribute(name, value));
    }
    problems
}

fn attribute(name: &str, value: &AttributeValue) -> Option<ErrorItem> {
    let field = format!(
        "custom_attributes.{}",
        name.chars().take(ATTRIBUTE_NAME).collect::<String>()
    );
    if name.is_empty() {
        return Some(invalid(
            "custom_attributes",
            "a custom attribute has no name",
        ));
    }
    if name.chars().count() > ATTRIBUTE_NAME {
        return Some(invalid(
            &field,
            format!("the name of a custom attribute is longer than {ATTRIBUTE_NAME} characters"),
        ));
    }
    if name.contains(['.', '$']) {
        return Some(invalid(
            &field,
            "the name of a custom attribute contains a dot or a dollar sign; use an underscore",
        ));
    }
    match value {
        AttributeValue::Text(text) if text.chars().count() > ATTRIBUTE_TEXT => Some(invalid(
            &field,
            format!("the text of a custom attribute is longer than {ATTRIBUTE_TEXT} characters"),
        )),
        AttributeValue::Number(number) if !number.is_finite() => Some(invalid(
            &field,
            "a custom attribute is infinite or not a number, which JSON cannot represent",
        )),
        _ => None,
    }
}

/// Whether the address has the form `x@y`. The server checks the rest.
fn is_email(email: &str) -> bool {
    let parts = email.split_once('@');
    parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && !email.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn invalid(field: &str, message: impl Into<String>) -> ErrorItem {
    let message: String = message.into();
    ErrorItem::new("parameter_invalid", message).with_field(field)
}

fn missing(field: &str, message: &str) -> ErrorItem {
    ErrorItem::new("parameter_not_found", message).with_field(field)
}

#[cfg(test)]
mod tests {
    use super::is_email;
    use crate::NewContact;

    fn check_error(contact: NewContact) -> String {
        contact.check().unwrap_err().to_string()
    }

    #[test]
    fn any_email_of_the_form_x_at_y_is_accepted() {
        for good in ["a@b", "a+b@c.d", "\"a\"@b", "ü@ö"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "a", "a@", "@b", "a@b@c", "a b@c", "a@b\n"] {
            assert!(!is_email(bad), "{bad:?}");
        }
    }

    #[test]
    fn each_problem_of_a_contact_names_its_field() {
        insta::assert_snapshot!(check_error(NewContact::user()), @"invalid request: a user needs an email or an external_id");
        insta::assert_snapshot!(check_error(NewContact::user().email("x")), @"invalid request: the email is not of the form name@host");
        insta::assert_snapshot!(check_error(NewContact::user().external_id(" ")), @"invalid request: the external_id is empty; omit it or set one");
        insta::assert_snapshot!(check_error(NewContact::lead().attribute("a.b", 1)), @"invalid request: the name of a custom attribute contains a dot or a dollar sign; use an underscore");
        insta::assert_snapshot!(check_error(NewContact::lead().attribute("n", f64::NAN)), @"invalid request: a custom attribute is infinite or not a number, which JSON cannot represent");
        insta::assert_snapshot!(check_error(NewContact::lead().attribute("t", "x".repeat(256))), @"invalid request: the text of a custom attribute is longer than 255 characters");
    }

    #[test]
    fn an_attribute_name_may_have_up_to_190_characters() {
        assert!(
            NewContact::lead()
                .attribute("é".repeat(190), true)
                .check()
                .is_ok()
        );
        assert!(
            NewContact::lead()
                .attribute("é".repeat(191), true)
                .check()
                .is_err()
        );
    }
}
