//! Parses the examples in all versions of Intercom's OpenAPI description.

use intercom_errors::{ApiError, BodyKind, Category, Resend};
use serde_json::Value;

#[test]
fn every_published_example_is_parsed_and_never_safe_to_resend() {
    let Some(lines) = crate::read_beside("corpus/openapi_errors.jsonl") else {
        return;
    };
    let rows: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(rows.len() > 50);
    for row in &rows {
        check(row);
    }
}

#[track_caller]
fn check(row: &Value) {
    let status = u16::try_from(row["status"].as_u64().unwrap()).unwrap();
    let (body, text) = (&row["body"], row["body"].to_string());
    let error = ApiError::from_parts(status, [], text.as_bytes());
    assert_eq!(error.status(), status);
    assert_eq!(error.request_id(), body["request_id"].as_str(), "{text}");
    assert!(
        matches!(error.body().kind(), BodyKind::ErrorList | BodyKind::Known),
        "{text}"
    );

    let code = &body["errors"][0]["code"];
    let code = code.as_str().or(body["error_key"].as_str());
    assert_eq!(error.code().map(|code| code.as_str()), code, "{text}");
    let message = body["errors"][0]["message"]
        .as_str()
        .or(body["message"].as_str());
    let by_field = body["errors"]
        .as_object()
        .and_then(|fields| fields.values().next());
    assert_eq!(
        error.message(),
        message.or(by_field.and_then(Value::as_str)),
        "{text}"
    );

    let class = error.class();
    assert_eq!(class.resend(), Resend::Never, "{text}");
    let expected = match (status, code) {
        (401, _) => Category::Authentication,
        (403, _) => Category::Plan,
        (404, Some("data_invalid")) => Category::Validation,
        (404, _) => Category::NotFound,
        (429, _) => Category::ConcurrencyLimit,
        (400, Some("tag_has_dependent_objects")) => Category::Conflict,
        _ => Category::Validation,
    };
    assert_eq!(class.category(), expected, "{status} {text}");
}
