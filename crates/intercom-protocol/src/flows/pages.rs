//! Paginated lists, in every form that Intercom uses.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::walk::IdKey;
use crate::{ApiRequest, Error, Reply};

/// One page of a list.
#[derive(Clone)]
pub struct Page {
    reply: Reply,
    /// The part of the body that is the list, and the number of its items.
    list: Bytes,
    len: usize,
    total: Option<u64>,
    shape: Shape,
    /// The place of the next page, or why it is unknown: an error of the walk, and not of a flow that reads one page.
    next: Result<Option<Next>, &'static str>,
}

/// Which members the body of a page has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The name of the list; `None` if it is null or absent.
    pub(crate) list: Option<String>,
    pub(crate) has_pages: bool,
    /// Whether anything shows that the body is a page: an item, or a member that only pages have.
    pub(crate) is_page: bool,
}

/// How many items of a page have been read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cursor {
    /// The number of items read.
    index: usize,
    /// Where the list continues: at the comma or the bracket before the next item.
    end: usize,
}

/// Where the next page is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Next {
    /// After this cursor.
    Cursor(String),
    /// The page with this number.
    Number(u64),
    /// With this query.
    Query(String),
    /// The next page of this scroll.
    Scroll(String),
}

impl Shape {
    /// What is known of a page that another one named.
    pub(crate) const fn of_a_page_in_the_middle() -> Self {
        Self {
            list: None,
            has_pages: true,
            is_page: true,
        }
    }
}

impl Page {
    /// Reads the list in a response.
    ///
    /// It is `data`, or a list under another name (`conversations`, `tickets`, ...), which can be nested in `data`, as in a
    /// search of articles. An empty body is an empty page.
    pub(crate) fn new(reply: Reply) -> Result<Self, Error> {
        let body: Option<Fields<'_>> = reply.parse()?;
        let is_empty = body.is_none();
        let fields = body.unwrap_or_default();
        let within = || serde_json::from_str(fields.get("data")?.get()).ok();
        let list = list_of(&fields).or_else(|| list_of(&within()?));
        let name = list.as_ref().map(|(name, _)| name.clone());
        let list = match list {
            Some((_, list)) => reply.part_of_body(list.get()),
            None if is_empty || omits_its_list(&fields) => Bytes::new(),
            None => return Err(lost(&reply, ".", "the response has no list")),
        };
        let len = serde_json::from_slice::<Vec<IgnoredAny>>(&list).map_or(0, |items| items.len());
        let value =
            |name: &str| -> Option<Value> { serde_json::from_str(fields.get(name)?.get()).ok() };
        let pages = value("pages");
        let next = pages.as_ref().and_then(|pages| pages.get("next"));
        let next = next.map_or(Ok(None), read_next);
        // A scroll ends with an empty page.
        let scroll = value("scroll_param").filter(|_| len > 0);
        let scroll = scroll.as_ref().and_then(Value::as_str).map(str::to_owned);
        let total = value("total_count").as_ref().and_then(Value::as_u64);
        let shape = Shape {
            is_page: len > 0 || fields.contains_key("data") || has_signs_of_a_page(&fields),
            list: name,
            has_pages: fields.contains_key("pages"),
        };
        Ok(Self {
            total,
            shape,
            next: next.map(|next| next.or_else(|| scroll.map(Next::Scroll))),
            list,
            len,
            reply,
        })
    }

    /// Decodes the items into your type.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `decode` if an item does not match the type. It names the place.
    pub fn items<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        let mut cursor = Cursor::default();
        core::iter::from_fn(|| self.item(&mut cursor)).collect()
    }

    /// Reads the item at the cursor and moves the cursor on; `None` after the last one.
    pub(crate) fn item<'p, T: Deserialize<'p>>(
        &'p self,
        cursor: &mut Cursor,
    ) -> Option<Result<T, Error>> {
        if self.is_read(*cursor) {
            return None;
        }
        // Skips the bracket or the comma before the item.
        let json = self.list.get(cursor.end + 1..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_slice(json).into_iter();
        let item = values.next()?.or_else(|_| {
            // Reads the item again, to name the place.
            let mut json = serde_json::Deserializer::from_slice(json);
            serde_path_to_error::deserialize(&mut json).map_err(|error| {
                let path = format!("[{}]{}", cursor.index, suffix(error.path()));
                self.reply.undecodable(path, error.into_inner())
            })
        });
        cursor.index += 1;
        cursor.end += 1 + values.byte_offset();
        let rest = self.list.get(cursor.end..).unwrap_or_default();
        cursor.end += rest.len() - rest.trim_ascii_start().len();
        Some(item)
    }

    /// Whether the cursor is behind the last item.
    pub(crate) const fn is_read(&self, cursor: Cursor) -> bool {
        cursor.index == self.len
    }

    /// Returns the place of the next page; `None` after the last one.
    pub(crate) fn next(&self) -> Result<Option<&Next>, Error> {
        let next = self.next.as_ref().map(Option::as_ref);
        next.map_err(|why| lost(&self.reply, NEXT, why))
    }

    pub(crate) const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Returns a key of the ids on this page, in their order; `None` if there are none.
    pub(crate) fn content(&self) -> Option<IdKey> {
        let mut cursor = Cursor::default();
        let items = core::iter::from_fn(|| self.item::<&RawValue>(&mut cursor)?.ok());
        let keys: Vec<_> = items.map(|item| IdKey::of_item(item.get())).collect();
        (!keys.is_empty()).then(|| IdKey::of_all(&keys))
    }

    /// The error of a success whose body is not a page of the list.
    pub(crate) fn foreign(&self, why: &str) -> Error {
        lost(&self.reply, ".", why)
    }

    /// The error of a page whose next page was read before.
    pub(crate) fn repeated(&self) -> Error {
        lost(&self.reply, NEXT, "the next page has already been read")
    }

    /// Returns the number of items on this page.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns whether this page has no items.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the number of items on all pages together, if the response contains it.
    #[must_use]
    pub const fn total_count(&self) -> Option<u64> {
        self.total
    }

    /// Returns the response that contained the page.
    #[must_use]
    pub const fn reply(&self) -> &Reply {
        &self.reply
    }
}

/// The path of the place of the next page.
const NEXT: &str = "pages.next";

/// The members of an object, unread.
type Fields<'j> = BTreeMap<String, &'j RawValue>;

/// Returns the list of a page. A list under another name than `data` counts only if the object has no `id`. A page never has an
/// `id`, but a single admin has one, and its `team_ids` are not the list of a page.
fn list_of<'j>(fields: &Fields<'j>) -> Option<(String, &'j RawValue)> {
    let is_list = |json: &RawValue| json.get().starts_with('[');
    let named = |(name, json): (&String, &&'j RawValue)| (name.clone(), *json);
    let data = fields.get_key_value("data");
    let data = data.map(named).filter(|(_, json)| is_list(json));
    let other = || fields.iter().find(|(_, json)| is_list(json)).map(named);
    data.or_else(|| other().filter(|_| !fields.contains_key("id")))
}

/// Whether an object is a page of a list, although the list itself is null or absent, as at the end of a scroll.
fn omits_its_list(fields: &Fields<'_>) -> bool {
    if let Some(data) = fields.get("data") {
        return data.get() == "null";
    }
    has_signs_of_a_page(fields) && !fields.contains_key("id")
}

/// Whether an object has a type or a member that only pages have.
fn has_signs_of_a_page(fields: &Fields<'_>) -> bool {
    let kind: Option<&str> = fields
        .get("type")
        .and_then(|json| serde_json::from_str(json.get()).ok());
    let is_typed = kind.is_some_and(|kind| kind == "list" || kind.ends_with(".list"));
    let mut signs = ["pages", "scroll_param", "total_count"].iter();
    is_typed || signs.any(|sign| fields.contains_key(*sign))
}

/// The place within an item, written so that it can follow the item's index.
fn suffix(path: &serde_path_to_error::Path) -> String {
    match path.to_string().as_str() {
        "." => String::new(),
        path if path.starts_with('[') => path.to_owned(),
        path => format!(".{path}"),
    }
}

/// Shows only the number of items, because items contain personal data.
impl core::fmt::Debug for Page {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Page")
            .field("len", &self.len)
            .field("reply", &self.reply)
            .finish_non_exhaustive()
    }
}

/// Reads `pages.next`: null, a URL of which only the query counts, or an object with a cursor or a page number.
fn read_next(next: &Value) -> Result<Option<Next>, &'static str> {
    const UNKNOWN: &str = "the place of the next page is in an unknown form";
    if is_blank(next) {
        return Ok(None);
    }
    if let Some(url) = next.as_str() {
        let query = url.split_once('?').map(|(_, query)| query.to_owned());
        let query = query.ok_or("the link to the next page has no query")?;
        return Ok(Some(Next::Query(query)));
    }
    let members = next.as_object().ok_or(UNKNOWN)?;
    let member = |name| members.get(name).filter(|value| !is_blank(value));
    match (member("starting_after"), member("page")) {
        (Some(Value::String(cursor)), _) => Ok(Some(Next::Cursor(cursor.clone()))),
        (Some(Value::Number(cursor)), _) => Ok(Some(Next::Cursor(cursor.to_string()))),
        (None, Some(page)) => Ok(Some(Next::Number(number(page).ok_or(UNKNOWN)?))),
        (None, None) if members.iter().all(names_no_page) => Ok(None),
        _ => Err(UNKNOWN),
    }
}

/// Whether the value stands for an absent one.
fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

fn number(page: &Value) -> Option<u64> {
    page.as_u64().or_else(|| page.as_str()?.parse().ok())
}

fn names_no_page((name, value): (&String, &Value)) -> bool {
    is_blank(value) || matches!(name.as_str(), "per_page" | "type")
}

/// Returns the request for the page at this place of the same list.
pub(crate) fn advance(request: ApiRequest, next: &Next) -> ApiRequest {
    match next {
        Next::Query(query) => request.with_raw_query(query),
        Next::Number(page) => with_parameter(request, "page", &(*page).into()),
        Next::Scroll(scroll) => with_parameter(request, "scroll_param", &scroll.as_str().into()),
        Next::Cursor(cursor) => with_pagination(request, "starting_after", &cursor.as_str().into()),
    }
}

/// Sets a member of the pagination: in the body of a search, otherwise in the query.
pub(crate) fn with_pagination(request: ApiRequest, name: &str, value: &Value) -> ApiRequest {
    match search_body(&request, name, value) {
        Some(body) => request.json(&body),
        None => with_parameter(request, name, value),
    }
}

fn with_parameter(request: ApiRequest, name: &str, value: &Value) -> ApiRequest {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    request.without_query(name).query(name, text)
}

/// A search carries its pagination in the body.
fn search_body(request: &ApiRequest, name: &str, value: &Value) -> Option<Value> {
    let mut body: Value = serde_json::from_slice(request.body()?).ok()?;
    let pagination = body
        .as_object_mut()?
        .entry("pagination")
        .or_insert(Value::Null);
    if !pagination.is_object() {
        *pagination = Value::Object(Map::new());
    }
    pagination
        .as_object_mut()?
        .insert(name.to_owned(), value.clone());
    Some(body)
}

fn lost(reply: &Reply, path: &str, why: &str) -> Error {
    reply.undecodable(path.to_owned(), serde::de::Error::custom(why))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::{Next, Page, advance, lost};
    use crate::{ApiRequest, Error, Reply};

    fn page(body: &serde_json::Value) -> Page {
        Page::new(Reply::new(http::Response::new(Bytes::from(
            body.to_string(),
        ))))
        .unwrap()
    }

    fn read(next: &serde_json::Value) -> Result<Option<Next>, Error> {
        let body = json!({ "data": [1], "pages": { "next": next } }).to_string();
        let reply = Reply::new(http::Response::new(Bytes::from(body)));
        let page = Page::new(reply)?;
        page.next
            .clone()
            .map_err(|why| lost(&page.reply, super::NEXT, why))
    }

    #[test]
    fn every_form_of_next_is_read() {
        let cursor = |cursor: &str| Some(Next::Cursor(cursor.to_owned()));
        for (value, wanted) in [
            (json!(null), None),
            (json!(""), None),
            (json!({}), None),
            (
                json!("https://x/y?page=2"),
                Some(Next::Query("page=2".into())),
            ),
            (
                json!({ "starting_after": "abc", "per_page": 5 }),
                cursor("abc"),
            ),
            (json!({ "starting_after": "abc", "page": 2 }), cursor("abc")),
            (json!({ "starting_after": 7 }), cursor("7")),
            (
                json!({ "starting_after": null, "page": 2 }),
                Some(Next::Number(2)),
            ),
            (
                json!({ "starting_after": "", "page": 2 }),
                Some(Next::Number(2)),
            ),
            (json!({ "page": "2" }), Some(Next::Number(2))),
            (json!({ "starting_after": "", "per_page": 5 }), None),
            (json!({ "starting_after": null, "page": null }), None),
        ] {
            assert_eq!(read(&value).unwrap(), wanted, "{value}");
        }
    }

    #[test]
    fn an_unknown_form_of_next_is_an_error() {
        for value in [
            json!({ "page": 2.0 }),
            json!({ "page": "two" }),
            json!({ "page": -2 }),
            json!({ "starting_after": ["abc"] }),
            json!({ "starting_after": false, "page": 2 }),
            json!({ "cursor": "abc", "per_page": 5 }),
            json!(2),
            json!([{ "page": 2 }]),
        ] {
            match read(&value) {
                Ok(next) => panic!("{value} is {next:?}"),
                Err(error) => assert!(error.to_string().contains("at pages.next"), "{error}"),
            }
        }
    }

    #[test]
    fn items_are_in_data_or_in_another_list() {
        assert_eq!(
            page(&json!({"type": "list", "data": [1, 2], "pages": null}))
                .items::<u8>()
                .unwrap(),
            [1, 2]
        );
        assert_eq!(
            page(&json!({"conversations": [3], "pages": {}}))
                .items::<u8>()
                .unwrap(),
            [3]
        );
        let articles = json!({"type": "list", "data": {"articles": [4, 5], "highlights": [6]}, "total_count": 2});
        assert_eq!(page(&articles).items::<u8>().unwrap(), [4, 5]);
    }

    #[test]
    fn a_cursor_is_sent_in_the_query_of_a_list_and_the_body_of_a_search() {
        let listed = advance(
            ApiRequest::get("/contacts?starting_after=a&per_page=2"),
            &Next::Cursor("b".into()),
        );
        assert_eq!(
            listed.path_and_query(),
            "/contacts?per_page=2&starting_after=b"
        );
        for body in [
            json!({ "query": {} }),
            json!({ "query": {}, "pagination": null }),
            json!({ "query": {}, "pagination": 5 }),
            json!({ "query": {}, "pagination": { "starting_after": "a" } }),
        ] {
            let searched = advance(
                ApiRequest::post("/contacts/search").json(&body),
                &Next::Cursor("b".into()),
            );
            assert_eq!(searched.path_and_query(), "/contacts/search", "{body}");
            assert_eq!(
                searched.body().unwrap(),
                r#"{"pagination":{"starting_after":"b"},"query":{}}"#
            );
        }
    }
}
