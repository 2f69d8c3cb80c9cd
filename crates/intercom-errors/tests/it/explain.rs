//! Runs the vectors in `vectors/explain.json`, which SDKs in any language can use.

use std::collections::BTreeSet;

use intercom_errors::{ApiError, ErrorItem, KnownCase, RateLimit, RequestLine, Resend, UnixTime};
use serde_json::{Map, Value, json};

#[test]
fn every_row_is_explained_as_expected() {
    let rows: Vec<Value> =
        serde_json::from_str(include_str!("../../vectors/explain.json")).unwrap();
    assert!(rows.len() >= 250, "{}", rows.len());
    let wrong: Vec<String> = rows
        .iter()
        .map(|row| (row, explained(row)))
        .filter(|(row, found)| row["expect"] != *found)
        .map(|(row, found)| {
            format!(
                "{}\n  expected {}\n  found    {found}",
                row["name"], row["expect"]
            )
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_row_has_a_unique_name_and_only_known_members() {
    let rows: Vec<Map<String, Value>> =
        serde_json::from_str(include_str!("../../vectors/explain.json")).unwrap();
    let mut names = BTreeSet::new();
    for row in &rows {
        assert!(
            names.insert(row["name"].as_str().unwrap()),
            "{}",
            row["name"]
        );
        for key in row.keys() {
            let known = [
                "name", "status", "method", "path", "now", "needs", "headers", "body", "raw",
                "hex", "expect",
            ];
            assert!(known.contains(&key.as_str()), "{key}");
        }
    }
}

/// The words of `needs`, as the folder's README documents them.
const NEEDS: [&str; 7] = [
    "byte_order_mark",
    "deep_nesting",
    "form_feeds",
    "invalid_utf8",
    "large_numbers",
    "lone_surrogates",
    "repeated_members",
];

#[test]
fn rows_need_only_what_the_readme_documents() {
    let rows: Vec<Value> =
        serde_json::from_str(include_str!("../../vectors/explain.json")).unwrap();
    let needs = rows.iter().filter_map(|row| row["needs"].as_array());
    let used: BTreeSet<&str> = needs.flatten().map(|word| word.as_str().unwrap()).collect();
    assert_eq!(used, BTreeSet::from(NEEDS));
    for word in NEEDS {
        let readme = include_str!("../../vectors/README.md");
        assert!(readme.contains(&format!("\n- `{word}`: ")), "{word}");
    }
}

/// The rows that other parsers cannot read are found, so that classifiers run all others.
#[test]
fn rows_beyond_a_plain_parser_say_so() {
    let rows: Vec<Value> =
        serde_json::from_str(include_str!("../../vectors/explain.json")).unwrap();
    for row in rows.iter().filter(|row| row.get("needs").is_none()) {
        let bytes = body(row);
        let is_utf8 = std::str::from_utf8(&bytes).is_ok();
        assert!(is_utf8, "{} needs invalid_utf8", row["name"]);
        let is_json = serde_json::from_slice::<Value>(&bytes).is_ok();
        assert_eq!(
            is_json,
            matches!(
                row["expect"]["body"].as_str(),
                Some("error_list" | "known" | "json")
            ),
            "{}",
            row["name"]
        );
    }
}

/// Every action, category and kind of body occurs, except those of faults.
#[test]
fn the_rows_cover_every_verdict() {
    let file = include_str!("../../vectors/explain.json");
    let actions = intercom_errors::Action::ALL
        .iter()
        .map(|action| action.as_str());
    let categories = intercom_errors::Category::ALL
        .iter()
        .map(|category| category.as_str());
    let kinds = ["error_list", "known", "json", "raw", "empty"];
    for word in actions.chain(categories).chain(kinds) {
        let of_faults = matches!(word, "ask_for_less" | "connection");
        assert_eq!(
            file.contains(&format!(": \"{word}\"")),
            !of_faults,
            "{word}"
        );
    }
}

/// Returns the error of every row.
pub(crate) fn errors() -> Vec<ApiError> {
    let rows: Vec<Value> =
        serde_json::from_str(include_str!("../../vectors/explain.json")).unwrap();
    rows.iter().map(error_of).collect()
}

fn error_of(row: &Value) -> ApiError {
    let status = u16::try_from(row["status"].as_u64().unwrap()).unwrap();
    let headers = headers(&row["headers"]);
    let headers = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()));
    let body = body(row);
    match (row["method"].as_str(), row["path"].as_str()) {
        (Some(method), Some(path)) => {
            ApiError::from_parts_to(&RequestLine::new(method, path), status, headers, &body)
        }
        _ => ApiError::from_parts(status, headers, &body),
    }
}

fn explained(row: &Value) -> Value {
    let error = error_of(row);
    let class = error.class();
    let hint = error.hint(row["now"].as_u64().and_then(UnixTime::from_secs));
    let hint = hint.filter(|_| class.resend() != Resend::Never);
    without_nulls(json!({
        "category": class.category().as_str(),
        "resend": class.resend().as_str(),
        "action": class.action().as_str(),
        "body": error.body().kind().as_str(),
        "answered_by": error.answered_by().as_str(),
        "known_case": error.known_case().map(KnownCase::name),
        "code": error.code().map(|code| code.as_str()),
        "message": error.message(),
        "errors": Some(error.errors().iter().map(item).collect::<Vec<_>>()).filter(|items| !items.is_empty()),
        "request_id": error.request_id(),
        "existing_contact": error.existing_contact().map(|contact| json!({"id": contact.id(), "archived": contact.is_archived()})),
        "merged_into": error.merged_into(),
        "required_scope": error.required_scope(),
        "rate_limit": limits(error.rate_limit()),
        "wait_ms": hint.map(|hint| u64::try_from(hint.wait().as_millis()).unwrap()),
    }))
}

fn item(item: &ErrorItem) -> Value {
    without_nulls(json!({
        "code": item.code().map(|code| code.as_str()),
        "message": item.message(),
        "field": item.field(),
        "data": item.data().map(|data| serde_json::from_str::<Value>(data).unwrap()),
    }))
}

fn limits(limit: RateLimit) -> Option<Value> {
    let values = without_nulls(
        json!({"limit": limit.limit(), "remaining": limit.remaining(), "reset_at": limit.reset().map(UnixTime::as_secs)}),
    );
    (!limit.is_empty()).then_some(values)
}

/// Removes members that are null.
fn without_nulls(mut value: Value) -> Value {
    value
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    value
}

/// Reads the headers. A value is a string, or a list of strings if the header is repeated.
fn headers(headers: &Value) -> Vec<(String, String)> {
    let Value::Object(headers) = headers else {
        return Vec::new();
    };
    let values = |value: &Value| match value {
        Value::Array(values) => values.clone(),
        one => vec![one.clone()],
    };
    headers
        .iter()
        .flat_map(|(name, value)| {
            values(value)
                .into_iter()
                .map(|value| (name.clone(), value.as_str().unwrap().to_owned()))
        })
        .collect()
}

/// Reads the body: `body` is JSON, `raw` a string, and `hex` bytes. Without any of them, there is no body.
fn body(row: &Value) -> Vec<u8> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    match (row.get("body"), row["raw"].as_str(), row["hex"].as_str()) {
        (Some(body), None, None) => body.to_string().into_bytes(),
        (None, Some(raw), None) => raw.as_bytes().to_vec(),
        (None, None, Some(hex)) => hex.as_bytes().chunks(2).map(byte).collect(),
        (None, None, None) => Vec::new(),
        _ => panic!("more than one body: {row}"),
    }
}
