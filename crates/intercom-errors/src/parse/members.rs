//! Parses the members of an error body.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;

use super::enclosed::enclosed;
use super::json::{Json, MANY};
use crate::{BodyKind, ErrorCode, ErrorItem};

/// How deep messages by field can be nested. The deepest known ones have two levels.
pub(super) const DEPTH: usize = 8;

/// How many characters of a field's name are kept, because each of its messages keeps a copy.
pub(super) const NAME: usize = 200;

/// The type of an error list. It is never a code.
pub(super) const ENVELOPE: &str = "error.list";

/// The content of a body.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Parsed {
    pub(crate) items: Vec<ErrorItem>,
    pub(crate) request_id: Option<Box<str>>,
    /// Whether the items come from an error list that another body encloses.
    pub(crate) is_enclosed: bool,
}

/// The state of parsing the outermost object.
#[derive(Default)]
struct Envelope {
    kind: Option<Kind>,
    request_id: Option<Box<str>>,
    error_key: Option<ErrorCode>,
    items: Vec<ErrorItem>,
    has_list: bool,
    /// Whether a member can enclose an error list.
    may_enclose: bool,
    /// The item that the object itself describes, in some shapes.
    single: ErrorItem,
}

/// The `type` of the envelope.
enum Kind {
    Error,
    ErrorList,
    Other,
}

/// Parses an object that is the whole body.
pub(super) fn envelope(json: &mut Json<'_>) -> (BodyKind, Parsed) {
    let mut envelope = Envelope::default();
    let whole = *json;
    json.members(|key, json| envelope.take(key, json));
    let may_enclose = envelope.may_enclose;
    let is_list = matches!(envelope.kind, Some(Kind::ErrorList));
    with_enclosed(envelope.finish(), is_list, may_enclose, &whole)
}

/// Replaces the items with those of the error lists that the body encloses.
///
/// An item outside these lists is kept if its code is known, because a gateway's own error must not be overruled.
fn with_enclosed(
    (kind, mut parsed): (BodyKind, Parsed),
    is_list: bool,
    may_enclose: bool,
    whole: &Json<'_>,
) -> (BodyKind, Parsed) {
    let may_enclose = may_enclose || parsed.items.iter().any(is_envelope);
    // Searching is slow, and few bodies with other members enclose a list.
    let may_enclose = may_enclose && whole.mentions(ENVELOPE);
    if let Some(mut found) = may_enclose.then(|| enclosed(whole)).flatten() {
        if !is_list {
            let room = MANY.saturating_sub(found.items.len());
            let known = parsed.items.into_iter().filter(is_known);
            found.items.extend(known.take(room));
        }
        let request_id = found.request_id.or(parsed.request_id);
        let kind = match kind {
            BodyKind::Json => BodyKind::Known,
            kind => kind,
        };
        return (
            kind,
            Parsed {
                request_id,
                ..found
            },
        );
    }
    for item in parsed.items.iter_mut().filter(|item| is_envelope(item)) {
        item.code = None;
    }
    (kind, parsed)
}

/// Returns `true` if the code of an item is in the catalog.
pub(super) fn is_known(item: &ErrorItem) -> bool {
    matches!(&item.code, Some(code) if !matches!(code, ErrorCode::Unknown(_)))
}

impl Envelope {
    /// If a member is repeated, the first usable value counts. Lists are joined.
    fn take(&mut self, key: &str, json: &mut Json<'_>) {
        self.may_enclose |= match json.peek() {
            Some(b'{') => true,
            Some(b'[') => key != "errors",
            _ => false,
        };
        match key {
            // Usually one.
            "error" => self.add(items(json, |item| {
                item.code.is_some() || item.message.is_some()
            })),
            "error_key" => fill(&mut self.error_key, json, code),
            // A list, messages by field, or one item.
            "errors" => {
                self.has_list |= json.peek() == Some(b'[');
                self.add(items(json, |item| {
                    let code = item.code.as_ref();
                    code.is_some_and(|code| is_word(code.as_str())) && item.message.is_some()
                }));
            }
            "request_id" => fill(&mut self.request_id, json, |text| {
                word(text).map(Into::into)
            }),
            "type" => fill(&mut self.kind, json, |text| Some(kind(&text))),
            _ => take(&mut self.single, key, json),
        }
    }

    /// Adds items up to the limit. Each list is limited already, but a member can be repeated.
    fn add(&mut self, items: Vec<ErrorItem>) {
        if self.items.is_empty() {
            self.items = items;
        } else {
            let room = MANY.saturating_sub(self.items.len());
            self.items.extend(items.into_iter().take(room));
        }
    }

    fn finish(mut self) -> (BodyKind, Parsed) {
        self.single.code = self.error_key.or(self.single.code);
        if self.single.code.is_some() || self.single.message.is_some() {
            self.items.push(self.single);
        }
        let kind = match self.kind {
            Some(Kind::ErrorList) => BodyKind::ErrorList,
            _ if self.has_list => BodyKind::ErrorList,
            Some(Kind::Error) => BodyKind::Known,
            _ if !self.items.is_empty() => BodyKind::Known,
            _ => BodyKind::Json,
        };
        let parsed = Parsed {
            items: self.items,
            request_id: self.request_id,
            is_enclosed: false,
        };
        (kind, parsed)
    }
}

/// Parses a list of items, which are objects or strings.
fn list(json: &mut Json<'_>) -> Vec<ErrorItem> {
    let mut items = Vec::new();
    let mut values = 0..MANY;
    json.values(|json| match values.next() {
        Some(_) => items.extend(element(json)),
        None => json.skip(),
    });
    items
}

/// Parses an element of a list of items.
pub(super) fn element(json: &mut Json<'_>) -> Option<ErrorItem> {
    match json.peek() {
        Some(b'{') => Some(item(json)),
        Some(b'"') => Some(item_of_text(json.string())),
        _ => {
            json.skip();
            None
        }
    }
}

/// Returns `true` if an object is an error list instead of an item.
fn is_envelope(item: &ErrorItem) -> bool {
    let code = item.code.as_ref();
    code.is_some_and(|code| code.as_str() == ENVELOPE)
}

/// Parses a value with one or more errors. If `is_item` accepts an object, the object is an item. Otherwise, it contains
/// messages by field.
fn items(json: &mut Json<'_>, is_item: impl Fn(&ErrorItem) -> bool) -> Vec<ErrorItem> {
    match json.peek() {
        Some(b'[') => list(json),
        Some(b'{') => {
            let mut again = *json;
            match item(json) {
                item if is_envelope(&item) => Vec::new(),
                item if is_item(&item) => alloc::vec![item],
                _ => {
                    let mut items = Vec::new();
                    flatten(None, &mut again, DEPTH, &mut items);
                    items
                }
            }
        }
        Some(b'"') => alloc::vec![item_of_text(json.string())],
        _ => {
            json.skip();
            Vec::new()
        }
    }
}

/// Parses an object as an item. If it has no code, its `type` is the code.
fn item(json: &mut Json<'_>) -> ErrorItem {
    let (mut item, mut legacy) = (ErrorItem::default(), None);
    json.members(|key, json| match key {
        "type" => fill(&mut legacy, json, code),
        key => take(&mut item, key, json),
    });
    item.code = item.code.or(legacy);
    item
}

/// Parses messages by field. A nested field gets a path, like `user.attributes.plan`.
fn flatten(path: Option<&str>, json: &mut Json<'_>, depth: usize, items: &mut Vec<ErrorItem>) {
    json.members(|key, json| {
        let end = key.char_indices().nth(NAME).map_or(key.len(), |(at, _)| at);
        let name = key.get(..end).unwrap_or_default();
        let field = match path {
            Some(path) => Cow::Owned(alloc::format!("{path}.{name}")),
            None => Cow::Borrowed(name),
        };
        match json.peek() {
            _ if items.len() >= MANY => json.skip(),
            Some(b'{') if depth > 1 => flatten(Some(&field), json, depth - 1, items),
            Some(b'[') => {
                let mut values = items.len()..MANY;
                json.values(|json| match values.next() {
                    Some(_) => items.extend(in_list(&field, json)),
                    None => json.skip(),
                });
            }
            _ => items.extend(at_field(&field, json)),
        }
    });
}

/// Parses one of several messages of a field. An item can name a field of its own.
fn in_list(field: &str, json: &mut Json<'_>) -> Option<ErrorItem> {
    if json.peek() != Some(b'{') {
        return at_field(field, json);
    }
    let mut item = item(json);
    item.field.get_or_insert_with(|| field.into());
    Some(item)
}

fn at_field(field: &str, json: &mut Json<'_>) -> Option<ErrorItem> {
    let message = json.text()?;
    Some(ErrorItem {
        message: Some(message.into()),
        field: Some(field.into()),
        ..ErrorItem::default()
    })
}

/// Creates an item from a string: a code if it looks like one, otherwise a message.
fn item_of_text(text: Cow<'_, str>) -> ErrorItem {
    let mut item = ErrorItem::default();
    if is_word(&text) {
        item.code = Some(ErrorCode::from(&*text));
    } else if !text.is_empty() {
        item.message = Some(text.into());
    }
    item
}

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn take(item: &mut ErrorItem, key: &str, json: &mut Json<'_>) {
    match key {
        "code" => fill(&mut item.code, json, code),
        "data" if item.data.is_none() => {
            let data = Some(json.raw()).filter(|&data| data != "null");
            item.data = data.map(Into::into);
        }
        "field" => fill(&mut item.field, json, |text| Some(text.into())),
        "message" => fill(&mut item.message, json, |text| Some(text.into())),
        _ => json.skip(),
    }
}

/// Sets the value unless there already is one.
pub(super) fn fill<'j, T>(
    place: &mut Option<T>,
    json: &mut Json<'j>,
    read: impl FnOnce(Cow<'j, str>) -> Option<T>,
) {
    match place {
        Some(_) => json.skip(),
        None => *place = json.text().and_then(read),
    }
}

/// Rejects texts that cannot be a code or an id: white space and booleans.
pub(super) fn word(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    Some(text).filter(|text| !matches!(text.trim(), "" | "true" | "false"))
}

fn code(text: Cow<'_, str>) -> Option<ErrorCode> {
    word(text).map(|text| ErrorCode::from(&*text))
}

fn kind(text: &str) -> Kind {
    match text {
        "error" => Kind::Error,
        ENVELOPE => Kind::ErrorList,
        _ => Kind::Other,
    }
}
