//! Paged lists, by cursor and by number.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::request::Request;
use crate::response::{Outcome, Refusal, Response};
use crate::settings::PageFaults;

/// The maximum size of a page. Requests for larger pages get this size.
const MAX_PER_PAGE: usize = 150;

/// How long a search takes that is too slow: longer than any client waits.
const TOO_SLOW: Duration = Duration::from_secs(3_600);

/// The page that a request asks for, by cursor.
#[derive(Debug)]
pub(super) struct PageRequest {
    per_page: usize,
    after: Option<Key>,
}

/// What a list is sorted by: a value, and the order of creation where values are equal.
pub(super) type Key = (u64, u64);

/// The rows of a list: some that are generated, then those that are stored, in the order of their keys.
#[derive(Debug)]
pub(super) struct Rows<T> {
    generated: u64,
    stored: Vec<(Key, T)>,
    descending: bool,
}

impl<T> Rows<T> {
    /// Rows in the order of creation.
    pub(super) fn new(generated: u64, stored: impl Iterator<Item = (u64, T)>) -> Self {
        Self {
            generated,
            stored: stored
                .map(|(key, row)| ((0, key.saturating_add(generated)), row))
                .collect(),
            descending: false,
        }
    }

    /// Sorts the rows by a value.
    pub(super) fn sorted_by(mut self, value: impl Fn(&T) -> u64, descending: bool) -> Self {
        for (key, row) in &mut self.stored {
            key.0 = value(row);
        }
        self.stored.sort_by_key(|(key, _)| *key);
        if descending {
            self.stored.reverse();
        }
        self.descending = descending;
        self
    }

    fn len(&self) -> usize {
        usize::try_from(self.generated)
            .unwrap_or(usize::MAX)
            .saturating_add(self.stored.len())
    }

    /// Returns the number of rows up to this key.
    fn up_to(&self, after: Key) -> usize {
        if after.0 == 0 && after.1 < self.generated {
            return usize::try_from(after.1 + 1).unwrap_or(usize::MAX);
        }
        let is_before = |key: Key| match self.descending {
            true => key >= after,
            false => key <= after,
        };
        self.len() - self.stored.len() + self.stored.partition_point(|(key, _)| is_before(*key))
    }

    fn stored_at(&self, index: usize) -> Option<&(Key, T)> {
        self.stored
            .get(index - (self.len() - self.stored.len()).min(index))
    }

    fn is_generated(&self, index: usize) -> bool {
        (index as u64) < self.generated
    }

    fn key(&self, index: usize) -> Option<Key> {
        if self.is_generated(index) {
            return Some((0, index as u64));
        }
        self.stored_at(index).map(|(key, _)| *key)
    }
}

/// How a page is written.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) kind: &'static str,
    /// The name of the list.
    pub(super) list: &'static str,
    pub(super) end: End,
    pub(super) is_search: bool,
}

/// How the last page of a list represents `next`. Intercom uses both forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Absent,
    Null,
}

impl PageRequest {
    /// Reads `?per_page=&starting_after=`.
    pub(super) fn from_query(request: &Request, default: usize) -> Result<Self, Refusal> {
        let per_page = request.parameter("per_page").map(Value::String);
        let after = request.parameter("starting_after").map(Value::String);
        Self::new(per_page.as_ref(), after.as_ref(), default)
    }

    /// Reads the `pagination` of a search.
    pub(super) fn from_body(body: &Map<String, Value>, default: usize) -> Result<Self, Refusal> {
        let pagination = body.get("pagination").and_then(Value::as_object);
        let field = |name: &str| {
            pagination
                .and_then(|fields| fields.get(name))
                .filter(|value| !value.is_null())
        };
        Self::new(field("per_page"), field("starting_after"), default)
    }

    fn new(
        per_page: Option<&Value>,
        after: Option<&Value>,
        default: usize,
    ) -> Result<Self, Refusal> {
        let per_page = match per_page {
            Some(value) => number(value)
                .ok_or_else(|| bad_page("per_page"))?
                .min(MAX_PER_PAGE),
            None => default,
        };
        let after = match after {
            Some(value) => Some(value.as_str().and_then(position).ok_or_else(bad_cursor)?),
            None => None,
        };
        Ok(Self { per_page, after })
    }

    /// Responds with the page of these rows.
    pub(super) fn respond<T>(
        &self,
        rows: &Rows<T>,
        form: &Form,
        faults: &PageFaults,
        generated: impl Fn(u64) -> String,
        render: impl Fn(&T) -> Value,
    ) -> Outcome {
        let total = rows.len();
        let start = self.after.map_or(0, |after| rows.up_to(after));
        let end = start.saturating_add(self.per_page).min(total);
        let item = |index| match rows.is_generated(index) {
            true => Some(generated(index as u64)),
            false => Some(Response::text(&render(&rows.stored_at(index)?.1))),
        };
        let items: Vec<String> = (start..end).filter_map(item).collect();
        let next = (end < total && end > start)
            .then(|| rows.key(end - 1))
            .flatten();
        let mut pages = json!({
            "type": "pages",
            "page": start / self.per_page + 1,
            "per_page": self.per_page,
            "total_pages": total.div_ceil(self.per_page),
        });
        if let Some(fields) = pages.as_object_mut() {
            match next {
                Some(next) => {
                    let next = json!({ "per_page": self.per_page, "starting_after": cursor(next) });
                    fields.insert("next".to_owned(), next);
                }
                None if form.end == End::Null => {
                    fields.insert("next".to_owned(), Value::Null);
                }
                None => {}
            }
        }
        let envelope = json!({ "type": form.kind, "total_count": total, "pages": pages });
        let mut response = list(&envelope, form.list, &items, faults)?;
        let is_over = |limit: Option<usize>, count| limit.is_some_and(|limit| count > limit);
        let is_slow = is_over(faults.slow_above, total) || is_over(faults.slow_behind, start);
        if form.is_search && is_slow {
            response.delay = TOO_SLOW;
        }
        Ok(response)
    }
}

/// Responds with a page, or fails as set.
pub(super) fn list(envelope: &Value, name: &str, items: &[String], faults: &PageFaults) -> Outcome {
    if faults.is_unreadable(items) {
        return Err(Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            "Server Error",
        ));
    }
    let mut response = Response::list(envelope, name, items);
    let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
    response.delay = faults.item_delay.saturating_mul(count);
    Ok(response)
}

/// A list with page numbers.
pub(super) struct Numbered<'n> {
    /// The number of items.
    pub(super) total: usize,
    /// The size of a page, if the request does not set it.
    pub(super) default: usize,
    pub(super) item: &'n dyn Fn(usize) -> Option<String>,
}

/// Responds with a page by its number, with a link to the next one.
pub(super) fn numbered(request: &Request, numbered: &Numbered<'_>, faults: &PageFaults) -> Outcome {
    let (page, per_page) = place(request, numbered.default)?;
    let total_pages = numbered.total.div_ceil(per_page);
    let host = request.header("host").unwrap_or("localhost");
    let next = (page < total_pages).then(|| {
        format!(
            "http://{host}{}?page={}&per_page={per_page}",
            request.path,
            page + 1
        )
    });
    let start = (page - 1).saturating_mul(per_page);
    let end = start.saturating_add(per_page).min(numbered.total);
    let items: Vec<String> = (start..end).filter_map(numbered.item).collect();
    let envelope = json!({
        "type": "list",
        "pages": { "type": "pages", "page": page, "per_page": per_page, "total_pages": total_pages, "next": next },
        "total_count": numbered.total,
    });
    list(&envelope, "data", &items, faults)
}

/// Reads `?page=&per_page=`.
pub(super) fn place(request: &Request, default: usize) -> Result<(usize, usize), Refusal> {
    let field = |name: &str, default: usize| match request.parameter(name) {
        Some(text) => number(&Value::String(text)).ok_or_else(|| bad_page(name)),
        None => Ok(default),
    };
    Ok((
        field("page", 1)?,
        field("per_page", default)?.min(MAX_PER_PAGE),
    ))
}

/// Parses a positive number, written as a number or as a string.
fn number(value: &Value) -> Option<usize> {
    let number = value
        .as_u64()
        .or_else(|| value.as_str()?.parse().ok())
        .filter(|&number| number > 0)?;
    usize::try_from(number).ok()
}

/// Real cursors are Base64. A cursor with `+`, `/` and `=` shows whether a client encodes them.
fn cursor((value, key): Key) -> String {
    format!("Wz+{value:x}/{key:x}/==")
}

fn position(cursor: &str) -> Option<Key> {
    let (value, key) = cursor
        .strip_prefix("Wz+")?
        .strip_suffix("/==")?
        .split_once('/')?;
    let number = |text| u64::from_str_radix(text, 16).ok();
    Some((number(value)?, number(key)?))
}

fn bad_page(name: &str) -> Refusal {
    Refusal::bad_request(
        "parameter_invalid",
        format!("{name} must be a positive number"),
    )
}

fn bad_cursor() -> Refusal {
    Refusal::bad_request(
        "client_error",
        "Invalid starting_after param. Please try again using a starting_after value from a paginated response",
    )
}

impl PageFaults {
    fn is_unreadable(&self, items: &[String]) -> bool {
        let has_id = |item: &String| {
            self.unreadable
                .iter()
                .any(|id| item.contains(&format!("\"id\":\"{id}\"")))
        };
        self.fail_above.is_some_and(|most| items.len() > most) || items.iter().any(has_id)
    }
}

impl Default for PageFaults {
    fn default() -> Self {
        Self {
            fail_above: None,
            unreadable: std::collections::BTreeSet::new(),
            ignores_order: false,
            slow_above: None,
            slow_behind: None,
            item_delay: Duration::ZERO,
        }
    }
}
