//! Finds error lists inside another body, like `{"error":{"type":"error.list",..}}`.

use super::json::{Json, MANY};
use super::members::{ENVELOPE, Parsed, element, fill, is_known, word};

/// How deep an error list can be enclosed. Each level is read again for each level around it.
pub(super) const DEPTH: usize = 64;

/// Finds the innermost error lists of a body, with the first request id. Returns `None` if there is no item.
pub(super) fn enclosed(json: &Json<'_>) -> Option<Parsed> {
    let mut found = Parsed {
        is_enclosed: true,
        ..Parsed::default()
    };
    search(&mut json.clone(), DEPTH, &mut found);
    (!found.items.is_empty()).then_some(found)
}

/// Parses a list that is the whole body. Its elements are items, or enclose error lists.
pub(super) fn outermost_list(json: &mut Json<'_>) -> Parsed {
    let mut parsed = Parsed::default();
    json.values(|json| parsed.is_enclosed |= take(json, DEPTH, true, &mut parsed));
    parsed
}

/// Reads a value, and adds the items of all error lists in it.
fn search(json: &mut Json<'_>, depth: usize, found: &mut Parsed) {
    match json.peek() {
        Some(b'{') if depth > 0 => {
            let is_list = is_error_list(*json);
            json.members(|key, json| match key {
                "errors" if is_list && json.peek() == Some(b'[') => {
                    json.values(|json| {
                        take(json, depth - 1, false, found);
                    });
                }
                "request_id" => fill(&mut found.request_id, json, |id| word(id).map(Into::into)),
                _ => search(json, depth - 1, found),
            });
        }
        Some(b'[') if depth > 0 => json.values(|json| search(json, depth - 1, found)),
        _ => json.skip(),
    }
}

/// Reads an element of a list: an item, an error list, or, if `encloses`, a value that encloses an error list. Returns `true`
/// unless the element is an item. An element that encloses an error list is also kept as an item if its own code is known.
fn take(json: &mut Json<'_>, depth: usize, encloses: bool, found: &mut Parsed) -> bool {
    let known = found.items.len();
    let may_be_list = match json.peek() {
        Some(b'{') => encloses || is_error_list(*json),
        Some(b'[') => encloses,
        _ => false,
    };
    if may_be_list {
        search(&mut json.clone(), depth, found);
    }
    if found.items.len() > known || known >= MANY {
        let own = element(json).filter(|item| encloses && is_known(item));
        let room = MANY.saturating_sub(found.items.len());
        found.items.extend(own.into_iter().take(room));
        return found.items.len() > known;
    }
    if let Some(mut item) = element(json) {
        item.code = item.code.filter(|code| code.as_str() != ENVELOPE);
        found.items.push(item);
    }
    false
}

/// Returns `true` if the next value is an object of the type `error.list`.
fn is_error_list(mut json: Json<'_>) -> bool {
    let mut is_list = false;
    json.members(|key, json| match (key, json.peek()) {
        ("type", Some(b'"')) => is_list |= json.string() == ENVELOPE,
        _ => json.skip(),
    });
    is_list
}
