//! Errors are stored as JSON and read again.

use std::time::Duration;

use insta::assert_snapshot;
use intercom_errors::{
    Action, ApiError, BodyKind, Category, Class, ErrorItem, Fault, FaultKind, RateLimit,
    RequestLine, Resend, UnixTime,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::explain;
use crate::properties::{body, header, parts, status};

/// Stores a value, reads it again, and checks that it is stored in the same way.
fn restored<T: Serialize + DeserializeOwned>(value: &T) -> T {
    let json = serde_json::to_string(value).unwrap();
    let read: T = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), json);
    // An object of serde_json has its members in alphabetical order, like some databases.
    let sorted: Value = serde_json::from_str(&json).unwrap();
    let read_sorted: T = serde_json::from_value(sorted).unwrap();
    assert_eq!(serde_json::to_string(&read_sorted).unwrap(), json);
    read
}

/// Everything that an error says.
fn told(error: &ApiError) -> impl PartialEq + std::fmt::Debug + use<'_> {
    let wall = UnixTime::from_secs(1_711_100_053);
    let texts = [
        format!("{error}"),
        format!("{error:#}"),
        format!("{error:?}"),
    ];
    let verdict = (error.class(), error.answered_by(), error.known_case());
    let waits = (error.hint(None), error.hint(wall), error.retry_after());
    let headers = (
        error.rate_limit(),
        error.location(),
        error.content_encoding(),
    );
    let named = (
        error.existing_contact(),
        error.merged_into(),
        error.required_scope(),
    );
    let parsed = (error.errors(), error.request_id(), error.body());
    (texts, verdict, waits, headers, named, parsed)
}

fn assert_survives(error: &ApiError) {
    let read = restored(error);
    assert_eq!(told(&read), told(error));
    assert_eq!(*read.stored_class().unwrap(), error.class());
    assert_eq!(error.stored_class(), None);
}

fn request() -> impl Strategy<Value = (String, String)> {
    let path = prop_oneof![
        any::<String>(),
        Just("/companies/scroll?scroll_param=a%20b&x".to_owned()),
        Just("/companies/%73croll".to_owned()),
        Just("/contacts/../messages".to_owned()),
        Just("/messages".to_owned()),
    ];
    let method = prop_oneof![
        Just("POST".to_owned()),
        Just("GET".to_owned()),
        any::<String>()
    ];
    (method, path)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_response_is_read_as_it_was_stored(
        status in status(),
        headers in vec(header(), 0..6),
        body in body(),
        request in option::of(request()),
        more in 0..3_u64,
    ) {
        let error = match &request {
            Some((method, path)) => {
                let line = RequestLine::new(method, path);
                ApiError::from_parts_to(&line, status, parts(&headers), &body)
            }
            None => ApiError::from_parts(status, parts(&headers), &body),
        };
        let length = u64::try_from(body.len()).unwrap() + more;
        assert_survives(&error.with_body_len(length));
    }
}

#[test]
fn the_errors_of_all_vectors_are_read_as_they_were_stored() {
    let errors = explain::errors();
    assert!(errors.len() >= 250);
    errors.iter().for_each(assert_survives);
}

#[test]
fn a_body_that_was_cut_keeps_its_code() {
    let padding = "é".repeat(64 * 1024);
    let body = json!({"type": "error.list", "padding": padding,
        "errors": [{"code": "rate_limit_exceeded", "message": "slow down"}]});
    let error = ApiError::from_parts(429, [], body.to_string().as_bytes());
    let read = restored(&error);
    assert_eq!(read.code().unwrap(), "rate_limit_exceeded");
    assert_eq!(read.message(), Some("slow down"));
    assert_eq!(read.body().kind(), BodyKind::ErrorList);
    assert_eq!(
        (read.body().bytes().len(), read.body().is_truncated()),
        (64 * 1024, true)
    );
    assert_survives(&error);
}

#[test]
fn a_record_has_the_documented_form() {
    let body = br#"{"type":"error.list","request_id":"req_1","errors":[{"code":"rate_limit_exceeded","message":"Too fast"}]}"#;
    let headers = [
        ("Date", &b"Fri, 22 Mar 2024 09:34:13 GMT"[..]),
        ("X-RateLimit-Limit", b"167"),
        ("X-RateLimit-Remaining", b"0"),
        ("X-RateLimit-Reset", b"1711100060"),
    ];
    let request = RequestLine::new("GET", "/contacts?email=ada@example.org&page=2");
    let error = ApiError::from_parts_to(&request, 429, headers, body);
    assert_snapshot!(serde_json::to_string_pretty(&error).unwrap(), @r#"
    {
      "v": 1,
      "status": 429,
      "class": {
        "category": "rate_limit",
        "resend": "safe",
        "action": "back_off"
      },
      "request": {
        "method": "GET",
        "path": "/contacts",
        "parameters": "email&page"
      },
      "request_id": "req_1",
      "errors": [
        {
          "code": "rate_limit_exceeded",
          "message": "Too fast"
        }
      ],
      "error_list": true,
      "headers": {
        "rate_limit": {
          "limit": 167,
          "remaining": 0,
          "reset": "2024-03-22T09:34:20Z",
          "date": "2024-03-22T09:34:13Z"
        }
      },
      "body": {
        "kind": "error_list",
        "len": 105,
        "bytes": {
          "text": "{\"type\":\"error.list\",\"request_id\":\"req_1\",\"errors\":[{\"code\":\"rate_limit_exceeded\",\"message\":\"Too fast\"}]}"
        }
      }
    }
    "#);
}

#[test]
fn every_header_has_a_member() {
    let headers = [
        ("Retry-After", &b"7, Fri, 22 Mar 2024 09:34:13 GMT"[..]),
        ("X-RateLimit-Reset", b"1711100060, 1711100070"),
        ("Link", b"</contacts/5f1a>; rel=\"canonical\""),
        ("Location", b"https://example.org/login"),
        ("Content-Encoding", b"br"),
        ("Content-Type", b"text/html"),
        ("X-Amzn-Waf-Action", b"captcha"),
    ];
    let error = ApiError::from_parts(405, headers, b"\xff\xfe");
    assert_snapshot!(serde_json::to_string_pretty(&error).unwrap(), @r#"
    {
      "v": 1,
      "status": 405,
      "class": {
        "category": "blocked",
        "resend": "safe",
        "action": "back_off"
      },
      "html": true,
      "headers": {
        "rate_limit": {
          "reset": "2024-03-22T09:34:30Z"
        },
        "other_resets": [
          "2024-03-22T09:34:20Z"
        ],
        "retry_after": {
          "secs": 7,
          "nanos": 0
        },
        "retry_after_time": "2024-03-22T09:34:13Z",
        "merged_into": "5f1a",
        "location": "https://example.org/login",
        "content_encoding": "br",
        "waf_action": "captcha"
      },
      "body": {
        "kind": "encoded",
        "len": 2,
        "bytes": {
          "base64": "//4="
        }
      }
    }
    "#);
    assert_survives(&error);
}

#[test]
fn a_fault_is_stored_without_its_source() {
    let response = ApiError::from_parts(502, [], b"<htm");
    let fault = Fault::cut(FaultKind::Closed, response).with_source("reset by s3cr3t.example");
    let json = serde_json::to_string(&fault).unwrap();
    assert_snapshot!(json, @r#"{"v":1,"phase":"cut","kind":"closed","class":{"category":"server","resend":"if_replayable","action":"retry_and_check_status"},"response":{"v":1,"status":502,"class":{"category":"server","resend":"if_replayable","action":"retry_and_check_status"},"body":{"kind":"raw","len":4,"bytes":{"text":"<htm"}}}}"#);
    for fault in [
        fault,
        Fault::not_sent(FaultKind::Dns),
        Fault::outcome_unknown(FaultKind::Timeout),
    ] {
        let read = restored(&fault);
        assert_eq!(format!("{read} {read:?}"), format!("{fault} {fault:?}"));
        assert_eq!(read.class(), fault.class());
        assert_eq!(*read.stored_class().unwrap(), fault.class());
        assert!(std::error::Error::source(&read).is_none());
    }
}

#[test]
fn members_of_later_versions_are_ignored() {
    let error = ApiError::from_parts(404, [], b"");
    let mut record = serde_json::to_value(&error).unwrap();
    record["brand_new"] = json!({"a": [1]});
    record["body"]["brand_new"] = json!(true);
    let read: ApiError = serde_json::from_value(record).unwrap();
    assert_eq!(told(&read), told(&error));
}

#[test]
fn the_body_can_be_removed_from_a_record() {
    let body = br#"{"type":"error.list","errors":[{"code":"not_found"}]}"#;
    let error = ApiError::from_parts(404, [], body);
    let mut record = serde_json::to_value(&error).unwrap();
    record["body"].as_object_mut().unwrap().remove("bytes");
    let read: ApiError = serde_json::from_value(record).unwrap();
    assert_eq!(
        (read.class(), read.to_string(), read.errors()),
        (error.class(), error.to_string(), error.errors())
    );
    assert!(read.body().bytes().is_empty() && read.body().is_truncated());
}

#[test]
fn a_record_of_another_version_is_refused() {
    for (record, problem) in [
        (
            r#"{"v":2,"status":"404"}"#,
            "the record has version 2; this version of the crate reads version 1 at line 1 column 6",
        ),
        (r#"{"status":404}"#, "missing field `v` at line 1 column 14"),
    ] {
        let error = serde_json::from_str::<ApiError>(record).unwrap_err();
        assert_eq!(error.to_string(), problem);
        assert!(serde_json::from_str::<Fault>(record).is_err());
    }
}

#[test]
fn a_class_that_changed_is_kept_beside_the_new_one() {
    let mut record = serde_json::to_value(ApiError::from_parts(429, [], b"")).unwrap();
    record["class"] = json!({"category": "brand_new", "resend": "never", "action": "back_off"});
    let read: ApiError = serde_json::from_value(record.clone()).unwrap();
    let class = Class::new(Category::RateLimit, Resend::Safe, Action::BackOff);
    assert_eq!(read.class(), class);
    let stored = read.stored_class().unwrap();
    assert!(*stored != class);
    assert_eq!(
        (stored.category(), stored.resend(), stored.action()),
        ("brand_new", "never", "back_off")
    );
    assert_eq!(serde_json::to_value(&read).unwrap(), record);
}

#[test]
fn parts_are_stored_on_their_own() {
    let limit = RateLimit::default()
        .with_limit(167)
        .with_reset(UnixTime::from_duration(Duration::from_millis(
            1_711_100_060_500,
        )));
    assert_eq!(restored(&limit), limit);
    assert_snapshot!(serde_json::to_string(&limit).unwrap(), @r#"{"limit":167,"reset":"2024-03-22T09:34:20.5Z"}"#);
    let class = ApiError::from_parts(429, [], b"").class();
    assert_eq!(restored(&class), class);
    assert_snapshot!(serde_json::to_string(&class).unwrap(), @r#"{"category":"rate_limit","resend":"safe","action":"back_off"}"#);
    let item = ErrorItem::new("parameter_invalid", "empty").with_field("email");
    assert_eq!(restored(&item), item);
    assert_snapshot!(serde_json::to_string(&item).unwrap(), @r#"{"code":"parameter_invalid","message":"empty","field":"email"}"#);
    let far = r#"{"reset":"2034-03-22T09:34:20Z","date":"2024-03-22T09:34:20Z"}"#;
    assert_eq!(
        serde_json::from_str::<RateLimit>(far).unwrap().reset(),
        None
    );
}

#[test]
fn a_time_of_day_has_its_usual_limits() {
    let read = |time: &str| {
        let text = format!("\"1970-01-01T{time}Z\"");
        let time: Option<UnixTime> = serde_json::from_str(&text).ok();
        time.map(UnixTime::since_epoch)
    };
    assert_eq!(read("23:59:59"), Some(Duration::from_secs(86_399)));
    assert_eq!(read("00:00:00.000000001"), Some(Duration::from_nanos(1)));
    for wrong in [
        "24:00:00",
        "00:60:00",
        "00:00:60",
        "0:00:00",
        "00:00",
        "00:00:00.",
        "00:00:00.1234567890",
    ] {
        assert_eq!(read(wrong), None, "{wrong}");
    }
}
