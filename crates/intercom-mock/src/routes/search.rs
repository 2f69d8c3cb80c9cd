//! The query language of contact search.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::response::Refusal;

/// The maximum number of filters in a group, as documented.
const GROUP_LIMIT: usize = 15;

/// The maximum depth of nested groups, as documented.
const DEPTH_LIMIT: usize = 2;

/// A query: a comparison or a group of queries.
#[derive(Debug)]
pub(super) enum Query {
    All(Vec<Query>),
    Any(Vec<Query>),
    Test {
        field: String,
        operator: Operator,
        value: Value,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Contains,
    EndsWith,
    Equals,
    Greater,
    In,
    Less,
    NotContains,
    NotEquals,
    NotIn,
    StartsWith,
}

impl Query {
    pub(super) fn parse(query: &Value) -> Result<Self, Refusal> {
        Self::parse_at(query, 0)
    }

    fn parse_at(query: &Value, depth: usize) -> Result<Self, Refusal> {
        let operator = query
            .get("operator")
            .and_then(Value::as_str)
            .ok_or_else(|| invalid("operator"))?;
        let value = query.get("value").ok_or_else(|| invalid("value"))?;
        if let "AND" | "OR" = operator {
            let members = value
                .as_array()
                .filter(|members| members.len() <= GROUP_LIMIT && depth < DEPTH_LIMIT);
            let members = members.ok_or_else(|| invalid("value"))?.iter();
            let members = members
                .map(|member| Self::parse_at(member, depth + 1))
                .collect::<Result<_, _>>()?;
            return Ok(if operator == "AND" {
                Self::All(members)
            } else {
                Self::Any(members)
            });
        }
        let field = query
            .get("field")
            .and_then(Value::as_str)
            .ok_or_else(|| invalid("field"))?;
        let operator = Operator::parse(operator).ok_or_else(|| invalid("operator"))?;
        if matches!(operator, Operator::In | Operator::NotIn) && !value.is_array() {
            return Err(invalid("value"));
        }
        Ok(Self::Test {
            field: field.to_owned(),
            operator,
            value: value.clone(),
        })
    }

    /// Whether an object with these fields matches. A query for an unsupported field matches nothing.
    ///
    /// In a time zone, given in seconds east of UTC, times are compared by calendar day; without one, exactly.
    pub(super) fn matches(
        &self,
        field_of: &dyn Fn(&str) -> Option<Value>,
        zone: Option<i64>,
    ) -> bool {
        match self {
            Self::All(members) => members.iter().all(|member| member.matches(field_of, zone)),
            Self::Any(members) => members.iter().any(|member| member.matches(field_of, zone)),
            Self::Test {
                field,
                operator,
                value,
            } => field_of(field).is_some_and(|actual| match zone {
                Some(zone) if is_date(field) => {
                    operator.holds(&day(&actual, zone), &day(value, zone))
                }
                _ => operator.holds(&actual, value),
            }),
        }
    }

    /// Refuses the operators that dates of contacts do not support.
    pub(super) fn check_dates(&self) -> Result<(), Refusal> {
        match self {
            Self::All(members) | Self::Any(members) => {
                members.iter().try_for_each(Self::check_dates)
            }
            Self::Test {
                field, operator, ..
            } => match operator {
                Operator::In | Operator::NotEquals | Operator::NotIn if is_date(field) => {
                    Err(invalid("operator"))
                }
                _ => Ok(()),
            },
        }
    }
}

/// The order of a search.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) field: String,
    pub(super) descending: bool,
}

impl Order {
    /// Reads the member `sort` of a search.
    pub(super) fn parse(body: &Map<String, Value>) -> Result<Option<Self>, Refusal> {
        let Some(sort) = body.get("sort").filter(|sort| !sort.is_null()) else {
            return Ok(None);
        };
        let text = |name: &str| sort.get(name).and_then(Value::as_str);
        let invalid = || Refusal::bad_request("invalid_sort_order", "sort order is invalid");
        Ok(Some(Self {
            field: text("field").ok_or_else(invalid)?.to_owned(),
            descending: match text("order") {
                Some("ascending") => false,
                Some("descending") | None => true,
                Some(_) => return Err(invalid()),
            },
        }))
    }
}

/// Whether a field of a contact is a time.
fn is_date(field: &str) -> bool {
    field.ends_with("_at")
}

/// The number of the day in a time zone.
fn day(time: &Value, zone: i64) -> Value {
    let seconds = number(time).map(|seconds| seconds as i64);
    seconds.map_or(Value::Null, |at| {
        at.saturating_add(zone).div_euclid(86_400).into()
    })
}

impl Operator {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "~" => Self::Contains,
            "$" => Self::EndsWith,
            "=" => Self::Equals,
            ">" => Self::Greater,
            "IN" => Self::In,
            "<" => Self::Less,
            "!~" => Self::NotContains,
            "!=" => Self::NotEquals,
            "NIN" => Self::NotIn,
            "^" => Self::StartsWith,
            _ => return None,
        })
    }

    fn holds(self, actual: &Value, wanted: &Value) -> bool {
        let compare_strings = |test: fn(&str, &str) -> bool| test(&folded(actual), &folded(wanted));
        match self {
            Self::Contains => {
                !actual.is_null() && compare_strings(|text, part| text.contains(part))
            }
            Self::EndsWith => {
                !actual.is_null() && compare_strings(|text, part| text.ends_with(part))
            }
            Self::Equals => same(actual, wanted),
            Self::Greater => compare(actual, wanted) == Some(Ordering::Greater),
            Self::In => among(actual, wanted),
            Self::Less => compare(actual, wanted) == Some(Ordering::Less),
            Self::NotContains => !compare_strings(|text, part| text.contains(part)),
            Self::NotEquals => !same(actual, wanted),
            Self::NotIn => !among(actual, wanted),
            Self::StartsWith => {
                !actual.is_null() && compare_strings(|text, part| text.starts_with(part))
            }
        }
    }
}

fn among(actual: &Value, wanted: &Value) -> bool {
    wanted
        .as_array()
        .is_some_and(|all| all.iter().any(|one| same(actual, one)))
}

/// Compares without regard to case. A number equals the same number written as a string.
fn same(actual: &Value, wanted: &Value) -> bool {
    match (actual, wanted) {
        // The common case runs for every contact, so it copies nothing.
        (Value::String(one), Value::String(other)) => {
            one.eq_ignore_ascii_case(other)
                || (!other.is_ascii() && folded(actual) == folded(wanted))
        }
        _ => actual.is_null() == wanted.is_null() && folded(actual) == folded(wanted),
    }
}

fn compare(actual: &Value, wanted: &Value) -> Option<Ordering> {
    number(actual)?.partial_cmp(&number(wanted)?)
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn folded(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.to_lowercase(),
        other => other.to_string(),
    }
}

fn invalid(name: &str) -> Refusal {
    Refusal::bad_request("parameter_invalid", format!("query {name} is invalid"))
}
