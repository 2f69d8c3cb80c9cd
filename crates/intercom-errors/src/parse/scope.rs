//! Finds the scope that a token lacks.

use alloc::borrow::Cow;
use alloc::boxed::Box;

use super::json::Json;
use super::message;
use crate::ErrorItem;

/// Returns the scope that the message names, or the first of `data.required_permissions`, which is a string or a list.
pub(crate) fn required_scope(items: &[ErrorItem]) -> Option<Box<str>> {
    items.iter().find_map(|item| {
        let named = item.message().and_then(message::required_scope);
        named
            .map(Into::into)
            .or_else(|| item.data().and_then(in_data))
    })
}

fn in_data(data: &str) -> Option<Box<str>> {
    let mut json = Json::new(data)?;
    let mut required = None;
    if json.peek() == Some(b'{') {
        json.members(|key, json| match key {
            "required_permissions" if required.is_none() => required = Some(first_string(json)),
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
    use super::in_data;

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
