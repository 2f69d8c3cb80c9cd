//! Paged lists, by cursor and by number.

use serde_json::{Map, Value, json};

use crate::request::Request;
use crate::response::Refusal;

/// The maximum size of a page. Requests for larger pages get this size.
const MAX_PER_PAGE: usize = 150;

/// The page that a request asks for, by cursor.
#[derive(Debug)]
pub(super) struct PageRequest {
    per_page: usize,
    after: Option<u64>,
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

    /// Returns the `pages` object, the items of the page, and the total count.
    pub(super) fn page<T>(
        &self,
        all: Vec<(u64, T)>,
        end: End,
        render: impl Fn(&T) -> Value,
    ) -> (Value, Vec<Value>, usize) {
        let total = all.len();
        let start = self
            .after
            .map_or(0, |after| all.partition_point(|(key, _)| *key <= after));
        let shown: Vec<&(u64, T)> = all.iter().skip(start).take(self.per_page).collect();
        let more = start + shown.len() < total;
        let next = shown.last().filter(|_| more).map(|(key, _)| cursor(*key));
        let mut pages = json!({
            "type": "pages",
            "page": start / self.per_page + 1,
            "per_page": self.per_page,
            "total_pages": total.div_ceil(self.per_page),
        });
        if let Some(fields) = pages.as_object_mut() {
            match next {
                Some(next) => {
                    fields.insert(
                        "next".to_owned(),
                        json!({ "per_page": self.per_page, "starting_after": next }),
                    );
                }
                None if end == End::Null => {
                    fields.insert("next".to_owned(), Value::Null);
                }
                None => {}
            }
        }
        (
            pages,
            shown.into_iter().map(|(_, item)| render(item)).collect(),
            total,
        )
    }
}

/// Returns a page by its number, with a link to the next one.
pub(super) fn numbered(request: &Request, all: &[Value], default: usize) -> Result<Value, Refusal> {
    let field = |name: &str, default: usize| match request.parameter(name) {
        Some(text) => number(&Value::String(text)).ok_or_else(|| bad_page(name)),
        None => Ok(default),
    };
    let (page, per_page) = (
        field("page", 1)?,
        field("per_page", default)?.min(MAX_PER_PAGE),
    );
    let total_pages = all.len().div_ceil(per_page);
    let host = request.header("host").unwrap_or("localhost");
    let next = (page < total_pages).then(|| {
        format!(
            "http://{host}{}?page={}&per_page={per_page}",
            request.path,
            page + 1
        )
    });
    let shown: Vec<&Value> = all
        .iter()
        .skip((page - 1).saturating_mul(per_page))
        .take(per_page)
        .collect();
    Ok(json!({
        "type": "list",
        "pages": { "type": "pages", "page": page, "per_page": per_page, "total_pages": total_pages, "next": next },
        "total_count": all.len(),
        "data": shown,
    }))
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
fn cursor(key: u64) -> String {
    format!("Wz+{key:x}/==")
}

fn position(cursor: &str) -> Option<u64> {
    u64::from_str_radix(cursor.strip_prefix("Wz+")?.strip_suffix("/==")?, 16).ok()
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
