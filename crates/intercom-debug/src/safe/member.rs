//! The names of members and query parameters in the published schema of the API.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use super::HIDDEN;

/// One name on each line, in order.
const NAMES: &str = include_str!("members.txt");

static MEMBERS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| NAMES.lines().collect());

/// The member whose own members a workspace defines itself. Their names can be anything.
const CUSTOM: &str = "custom_attributes";

/// The most parts of a path that are kept.
const DEEPEST: usize = 8;

/// Whether the published schema has a member or a query parameter of this name.
pub(crate) fn is_member(name: &str) -> bool {
    MEMBERS.contains(name)
}

/// Stands for a part of a path that is not in the schema.
const OTHER: &str = "*";

/// Returns the path of a field that an error names, like `user.email`, with `*` for each part that is not in the schema. The name of a
/// custom attribute is such a part. `...` stands for a path without any known name.
pub(crate) fn field(path: &str) -> Cow<'static, str> {
    let mut kept: Vec<&'static str> = Vec::new();
    for part in path.split(['.', '[']).take(DEEPEST) {
        match MEMBERS.get(part.trim_end_matches(']')) {
            Some(&CUSTOM) => {
                kept.extend([CUSTOM, OTHER]);
                break;
            }
            Some(name) => kept.push(name),
            None if kept.last() == Some(&OTHER) => {}
            None => kept.push(OTHER),
        }
    }
    match kept.as_slice() {
        [OTHER] => Cow::Borrowed(HIDDEN),
        [only] => Cow::Borrowed(only),
        kept => Cow::Owned(kept.join(".")),
    }
}

#[cfg(test)]
mod tests {
    use super::{MEMBERS, NAMES, field, is_member};

    #[test]
    fn the_list_is_sorted_and_has_only_names() {
        assert!(NAMES.lines().is_sorted());
        assert_eq!(NAMES.lines().count(), MEMBERS.len());
        for name in NAMES.lines() {
            let is_part =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            assert!(name.bytes().all(is_part) && name.len() <= 64, "{name}");
            assert!(is_member(name));
        }
    }

    #[test]
    fn a_field_keeps_only_names_of_the_schema() {
        for (path, kept) in [
            ("email", "email"),
            ("user.email", "user.email"),
            ("tags[0].id", "tags.*.id"),
            ("ada@example.org", "..."),
            ("Ada Lovelace", "..."),
            ("custom_attributes.ada", "custom_attributes.*"),
            ("custom_attributes", "custom_attributes.*"),
            ("a.b.c.email", "*.email"),
            ("", "..."),
            ("...", "..."),
        ] {
            assert_eq!(field(path), kept, "{path}");
            assert_eq!(field(kept), kept, "{path}");
        }
    }
}
