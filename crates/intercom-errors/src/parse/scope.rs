//! Finds the scope that a token lacks.

use alloc::borrow::Cow;
use alloc::boxed::Box;

use super::json::Json;
use crate::ErrorItem;

/// The text before the parentheses in a message like `You do not have the required scope (read_macros) to access this resource`.
pub const BEFORE_SCOPE: &str = "required scope ";

/// The member of an item's data that lists scopes.
pub const REQUIRED: &str = "required_permissions";

/// Returns the scope that the message names, or the first of `data.required_permissions`, which is a string or a list.
pub(crate) fn required_scope(items: &[ErrorItem]) -> Option<Box<str>> {
    items.iter().find_map(|item| {
        let named = item.message().and_then(in_message);
        named
            .map(Into::into)
            .or_else(|| item.data().and_then(in_data))
    })
}

fn in_message(message: &str) -> Option<&str> {
    // A search for one byte is much faster than one for the text.
    let (_, behind) = message
        .match_indices('(')
        .map(|(at, _)| message.split_at(at))
        .find(|(before, _)| before.ends_with(BEFORE_SCOPE))?;
    let (scope, _) = behind.strip_prefix('(')?.split_once(')')?;
    let is_part =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'-');
    (!scope.is_empty() && scope.bytes().all(is_part)).then_some(scope)
}

fn in_data(data: &str) -> Option<Box<str>> {
    let mut json = Json::new(data)?;
    let mut required = None;
    if json.peek() == Some(b'{') {
        json.members(|key, json| match key {
            REQUIRED if required.is_none() => required = Some(first_string(json)),
            _ => json.skip(),
        });
    }
    required?.map(Into::into)
}

fn first_string<'j>(json: &mut Json<'j>) -> Option<Cow<'j, str>> {
    let mut first = None;
    match json.peek() {
        Some(b'[') => json.values(|json| first = first.take().or(only_string(json))),
        _ => first = only_string(json),
    }
    first
}

fn only_string<'j>(json: &mut Json<'j>) -> Option<Cow<'j, str>> {
    let is_string = json.peek() == Some(b'"');
    json.text().filter(|_| is_string)
}

#[cfg(test)]
mod tests {
    use super::{in_data, in_message};

    #[test]
    fn a_missing_scope_is_found_in_a_message() {
        let message = "You do not have the required scope (read_macros) to access this resource";
        assert_eq!(in_message(message), Some("read_macros"));
        assert_eq!(in_message("required scope (a b)"), None);
        assert_eq!(in_message("required scope ()"), None);
    }

    #[test]
    fn the_first_required_permission_is_found_in_a_string_or_a_list() {
        for (data, scope) in [
            (
                r#"{"required_permissions":["read_users","write_users"]}"#,
                Some("read_users"),
            ),
            (
                r#"{"required_permissions":"read_users"}"#,
                Some("read_users"),
            ),
            (
                r#"{ "required_permissions" : [ 1, null, "a\"b" ] }"#,
                Some("a\"b"),
            ),
            (
                r#"{"note":"\"required_permissions\":\"fooled\"","other":"x"}"#,
                None,
            ),
            (
                r#"{"required_permissions":null,"hint":"not_a_permission"}"#,
                None,
            ),
            (r#"{"required_permissions":[]}"#, None),
            (r#"{"required_permissions":7}"#, None),
            (r#""required_permissions""#, None),
            ("[", None),
        ] {
            assert_eq!(in_data(data).as_deref(), scope, "{data}");
        }
    }
}
