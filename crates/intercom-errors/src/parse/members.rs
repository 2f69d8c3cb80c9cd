//! What each member of an error means, whichever reader found it.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;

use serde_json::value::RawValue;

use super::body::Parsed;
use super::json::{MANY, Pairs};
use super::lenient::by_field;
use crate::{BodyKind, ErrorCode, ErrorItem};

/// The value of a member, to be asked one thing.
pub(super) trait Member<'j>: Sized {
    /// Why it could not be read; nothing at all for the lenient reader.
    type Error;

    /// Its text; a number or a truth as it is spelt, nothing for anything else and for the empty text.
    fn text(self) -> Result<Option<Cow<'j, str>>, Self::Error>;

    /// Its JSON.
    fn json(self) -> Result<&'j RawValue, Self::Error>;

    /// The errors in it, be they one or many.
    fn errors(self) -> Result<Errors<'j>, Self::Error>;

    /// Nothing.
    fn skip(self) -> Result<(), Self::Error>;
}

/// The outermost object, as far as it was read.
#[derive(Default)]
pub(super) struct Envelope {
    kind: Option<Kind>,
    request_id: Option<Box<str>>,
    error_key: Option<ErrorCode>,
    items: Vec<ErrorItem>,
    has_list: bool,
    /// The error that the object itself is, in some shapes.
    single: ErrorItem,
}

/// What the envelope's `type` says.
enum Kind {
    Error,
    ErrorList,
    Other,
}

impl Envelope {
    /// Of a member that is repeated the first that says something holds; lists are joined.
    pub(super) fn take<'j, M: Member<'j>>(&mut self, key: &str, member: M) -> Result<(), M::Error> {
        match key {
            "error" => self.add(member.errors()?.named()),
            "error_key" => fill(&mut self.error_key, member, code)?,
            "errors" => {
                let errors = member.errors()?;
                self.has_list |= matches!(errors, Errors::List(_));
                self.add(errors.listed());
            }
            "request_id" => fill(&mut self.request_id, member, |text| {
                word(text).map(Into::into)
            })?,
            "type" => fill(&mut self.kind, member, |text| Some(kind(&text)))?,
            _ => take(&mut self.single, key, member)?,
        }
        Ok(())
    }

    /// Each list is bounded already, but a member may be repeated.
    fn add(&mut self, items: Vec<ErrorItem>) {
        if self.items.is_empty() {
            self.items = items;
        } else {
            let room = MANY.saturating_sub(self.items.len());
            self.items.extend(items.into_iter().take(room));
        }
    }

    pub(super) fn finish(mut self) -> (BodyKind, Parsed) {
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
        };
        (kind, parsed)
    }
}

/// One item of a list, as far as it was read.
#[derive(Default)]
pub(super) struct Item {
    item: ErrorItem,
    legacy: Option<ErrorCode>,
}

impl Item {
    pub(super) fn take<'j, M: Member<'j>>(&mut self, key: &str, member: M) -> Result<(), M::Error> {
        match key {
            "type" => fill(&mut self.legacy, member, code),
            _ => take(&mut self.item, key, member),
        }
    }

    /// The item that an object is.
    pub(super) fn of(Pairs(pairs): &Pairs<'_>) -> ErrorItem {
        let mut item = Self::default();
        for (key, value) in pairs {
            let Ok(()) = item.take(key, *value);
        }
        item.finish()
    }

    /// Its `type` is its code where it has none.
    pub(super) fn finish(mut self) -> ErrorItem {
        self.item.code = self.item.code.or(self.legacy);
        self.item
    }
}

/// What `errors` or `error` holds.
pub(super) enum Errors<'j> {
    /// Items, of which the first [`MANY`] values were looked at.
    List(Vec<ErrorItem>),
    Object(Pairs<'j>),
    /// A number, a truth, `null`.
    Other,
    Text(Cow<'j, str>),
}

impl Errors<'_> {
    /// The items of `errors`: a list, messages by field, or one item.
    fn listed(self) -> Vec<ErrorItem> {
        self.items(|item| {
            let code = item.code.as_ref();
            code.is_some_and(|code| is_word(code.as_str())) && item.message.is_some()
        })
    }

    /// The items of `error`: one as a rule.
    fn named(self) -> Vec<ErrorItem> {
        self.items(|item| item.code.is_some() || item.message.is_some())
    }

    fn items(self, is_item: impl Fn(&ErrorItem) -> bool) -> Vec<ErrorItem> {
        match self {
            Self::List(items) => items,
            Self::Object(pairs) => match Item::of(&pairs) {
                item if is_item(&item) => alloc::vec![item],
                _ => by_field(&pairs),
            },
            Self::Other => Vec::new(),
            Self::Text(text) => alloc::vec![worded(text)],
        }
    }
}

/// A text that stands for an item: a code if it looks like one, else a message.
pub(super) fn worded(text: Cow<'_, str>) -> ErrorItem {
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

fn take<'j, M: Member<'j>>(item: &mut ErrorItem, key: &str, member: M) -> Result<(), M::Error> {
    match key {
        "code" => fill(&mut item.code, member, code),
        "data" if item.data.is_none() => {
            let data = member.json()?.get();
            item.data = Some(data).filter(|&data| data != "null").map(Into::into);
            Ok(())
        }
        "field" => fill(&mut item.field, member, |text| Some(text.into())),
        "message" => fill(&mut item.message, member, |text| Some(text.into())),
        _ => member.skip(),
    }
}

/// Fills what is still empty.
fn fill<'j, M: Member<'j>, T>(
    place: &mut Option<T>,
    member: M,
    read: impl FnOnce(Cow<'j, str>) -> Option<T>,
) -> Result<(), M::Error> {
    if place.is_some() {
        return member.skip();
    }
    *place = member.text()?.and_then(read);
    Ok(())
}

/// A text that is meant to be a single word: no truth, and not only white space.
fn word(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    Some(text).filter(|text| !matches!(text.trim(), "" | "true" | "false"))
}

fn code(text: Cow<'_, str>) -> Option<ErrorCode> {
    word(text).map(|text| ErrorCode::from(&*text))
}

fn kind(text: &str) -> Kind {
    match text {
        "error" => Kind::Error,
        "error.list" => Kind::ErrorList,
        _ => Kind::Other,
    }
}
