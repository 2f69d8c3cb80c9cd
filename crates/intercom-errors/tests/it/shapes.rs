//! Tests of every shape of body.

use intercom_errors::{ApiError, Body, ErrorCode, ErrorItem};

use crate::{response, response_with};

/// Returns the kind of the body, then `[code/field: message]` for each item.
fn read(body: &[u8]) -> String {
    let error = ApiError::from_parts(422, [], body);
    let items = error.errors().iter().map(|item| {
        let code = item.code().map_or("-", ErrorCode::as_str);
        let field = item
            .field()
            .map(|field| format!("/{field}"))
            .unwrap_or_default();
        let message = item
            .message()
            .map(|text| format!(": {text}"))
            .unwrap_or_default();
        format!(" [{code}{field}{message}]")
    });
    error.body().kind().as_str().to_owned() + &items.collect::<String>()
}

#[track_caller]
fn check(rows: &[(&str, &str)]) {
    let found = |body: &str| read(body.as_bytes());
    let wrong: Vec<String> = rows
        .iter()
        .filter(|(body, expected)| found(body) != *expected)
        .map(|(body, expected)| {
            format!("{body}\n  expected {expected}\n  found    {}", found(body))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A gateway that names an error of its own is not overruled by the list that it wraps.
#[test]
fn an_item_with_a_known_code_around_a_list_is_kept() {
    check(&[
        (
            r#"{"error":{"code":"server_error"},"cause":{"type":"error.list","errors":[{"code":"service_unavailable"}]}}"#,
            "known [service_unavailable] [server_error]",
        ),
        (
            r#"{"errors":[{"code":"server_error"}],"cause":{"type":"error.list","errors":[{"code":"service_unavailable"}]}}"#,
            "error_list [service_unavailable] [server_error]",
        ),
        (
            r#"[{"code":"server_error","cause":{"type":"error.list","errors":[{"code":"service_unavailable"}]}}]"#,
            "known [service_unavailable] [server_error]",
        ),
        // Only a type without escapes is looked for, which is fast.
        (
            r#"{"error":{"code":"server_error"},"cause":{"type":"error\u002elist","errors":[{"code":"service_unavailable"}]}}"#,
            "known [server_error]",
        ),
    ]);
}

/// `error.list` is an envelope at any depth, and never a code.
#[test]
fn a_deeply_enclosed_error_list_is_found() {
    let list = r#"{"type":"error.list","request_id":"inner","errors":[{"code":"conflict"}]}"#;
    for (before, after) in [
        (r#"{"error":"#, "}"),
        ("[", "]"),
        (r#"{"data":[0,"#, "]}"),
        (r#"{"type":"error.list","errors":["#, "]}"),
    ] {
        for depth in [1, 2, 10, 60] {
            let body = before.repeat(depth) + list + &after.repeat(depth);
            let error = ApiError::from_parts(409, [], body.as_bytes());
            let code = error.code().map(ErrorCode::as_str);
            let is_too_deep = before.starts_with("{\"data") && depth > 31;
            let expected = Some("conflict").filter(|_| !is_too_deep);
            assert_eq!(code, expected, "{before} {depth}");
            assert_eq!(error.request_id(), expected.and(Some("inner")), "{before}");
        }
    }
}

#[test]
fn an_error_list_is_looked_for_sixty_four_levels_deep() {
    let list = r#"{"type":"error.list","errors":["#;
    let code = |depth: usize| {
        let item = r#"{"code":"conflict"}"#;
        let body = list.repeat(depth) + item + &"]}".repeat(depth);
        let error = ApiError::from_parts(409, [], body.as_bytes());
        error.code().map(|code| code.as_str() == "conflict")
    };
    assert_eq!([1, 2, 64].map(code), [Some(true); 3]);
    assert_eq!([65, 100, 5000].map(code), [None; 3]);
}

#[test]
fn a_body_says_whether_it_has_an_error_list() {
    let has = |body: &str| ApiError::from_parts(404, [], body.as_bytes()).has_error_list();
    let list = r#"{"type":"error.list","errors":[{"code":"not_found"}]}"#;
    assert!(has(list));
    assert!(has(&format!(r#"{{"error":{list}}}"#)));
    assert!(has(&format!("[{list}]")));
    assert!(has(&format!("[{list},{{\"code\":\"not_found\"}}]")));
    assert!(!has(r#"{"error":"not_found"}"#));
    // More items than are kept.
    let many = vec![r#"{"code":"not_found"}"#; 1500].join(",");
    assert!(!has(&format!("[{many}]")));
}

#[test]
fn a_page_of_html_is_recognized() {
    assert!(response(502, "<html>Bad Gateway</html>").is_html());
    assert!(response_with(502, &[("content-type", "text/html")], "Bad Gateway").is_html());
    assert!(!response(502, "Bad Gateway").is_html());
    assert!(!response_with(502, &[("content-type", "text/html")], "{}").is_html());
    assert!(!response_with(502, &[("content-type", "text/plain")], "Bad Gateway").is_html());
}

#[test]
fn the_first_field_is_that_of_the_error() {
    let body =
        r#"{"errors":[{"code":"x"},{"code":"y","field":"email"},{"code":"z","field":"name"}]}"#;
    assert_eq!(response(422, body).field(), Some("email"));
    assert_eq!(response(422, "{}").field(), None);
}

#[test]
fn error_lists_are_parsed_in_documented_and_older_forms() {
    check(&[
        (
            r#"{"type":"error.list","errors":[{"code":"not_found","message":"User Not Found"}]}"#,
            "error_list [not_found: User Not Found]",
        ),
        (
            r#"{"errors":[{"field":"email","message":"taken","code":"conflict"}],"type":"error.list"}"#,
            "error_list [conflict/email: taken]",
        ),
        (
            r#"{"type":"error.list","errors":[{"code":"not_found","message":"No such user_id[314159]"},{"code":"not_found","message":"No such email[pi@example.org]"}]}"#,
            "error_list [not_found: No such user_id[314159]] [not_found: No such email[pi@example.org]]",
        ),
        (
            r#"{"type":"error.list","errors":[{"code":"resource_conflict"}]}"#,
            "error_list [resource_conflict]",
        ),
        (
            r#"{"type":"error.list","errors":[{"code":"x","message":null,"field":null,"data":null}]}"#,
            "error_list [x]",
        ),
        (
            r#"{"type":"error.list","errors":[{"type":"rate_limit_exceeded","message":"m"}]}"#,
            "error_list [rate_limit_exceeded: m]",
        ),
        (
            r#"{"type":"error.list","errors":[{"type":"error","code":"not_found"}]}"#,
            "error_list [not_found]",
        ),
        (
            r#"{"type":"error.list","errors":[{"code":"","type":"legacy"}]}"#,
            "error_list [legacy]",
        ),
        (
            r#"{"type":"error.list","errors":[{"message":"Sorry"}]}"#,
            "error_list [-: Sorry]",
        ),
        (r#"{"type":"error.list","errors":[{}]}"#, "error_list [-]"),
        (
            r#"{"error":{"type":"error.list","errors":[{"code":"not_found"},{"code":"x"}]}}"#,
            "known [not_found] [x]",
        ),
        (
            r#"[{"errors":[{"code":"not_found","message":"m"}],"type":"error.list"},{"code":"y"}]"#,
            "known [not_found: m] [y]",
        ),
        (r#"{"error":{"type":"error.list"}}"#, "json"),
        (r#"{"errors":{"type":"error.list"}}"#, "json"),
        (
            r#"{"errors":[{"type":"error.list","errors":[{"code":"x"}]},{"code":"y"}]}"#,
            "error_list [x]",
        ),
        (
            r#"{"type":"error.list","errors":[{"type":"error.list","errors":[{"code":"x"}]},{"code":"y"}]}"#,
            "error_list [x] [y]",
        ),
        (
            r#"{"error":{"message":"failed","code":"ERR","payload":{"type":"error.list","errors":[{"code":"x"}]}}}"#,
            "known [x]",
        ),
        (
            r#"[{"a":{"b":[{"response":{"body":{"errors":[{"code":"x"}],"type":"error.list"}}}]}}]"#,
            "known [x]",
        ),
        (r#"[{"type":"error.list","message":"m"}]"#, "known [-: m]"),
        (
            r#"{"type":"error.list","errors":["not_found","Sorry, no",null,7,[1]]}"#,
            "error_list [not_found] [-: Sorry, no]",
        ),
        (r#"{"type":"error.list","errors":[]}"#, "error_list"),
        (
            r#"{"type":"error.list","errors":null,"message":"m"}"#,
            "error_list [-: m]",
        ),
        (r#"{"type":"error.list"}"#, "error_list"),
        (r#"{"errors":[{"code":"x"}]}"#, "error_list [x]"),
    ]);
}

#[test]
fn undocumented_shapes_are_parsed() {
    check(&[
        (
            r#"{"type":"error","request_id":"r","message":"ruleset_id is required"}"#,
            "known [-: ruleset_id is required]",
        ),
        (r#"{"type":"error"}"#, "known"),
        (
            r#"{"error_key":"sms_failed","message":"SMS was not sent"}"#,
            "known [sms_failed: SMS was not sent]",
        ),
        (r#"{"error_key":"some_error"}"#, "known [some_error]"),
        (
            r#"{"code":422,"error_key":"some_error"}"#,
            "known [some_error]",
        ),
        (
            r#"{"error_key":"some_error","code":null}"#,
            "known [some_error]",
        ),
        (
            r#"{"error_key":null,"code":"fallback"}"#,
            "known [fallback]",
        ),
        (
            r#"{"errors":{"base":"The rating window has closed"}}"#,
            "known [-/base: The rating window has closed]",
        ),
        (
            r#"{"errors":{"rating":["is not an option","is late"]}}"#,
            "known [-/rating: is not an option] [-/rating: is late]",
        ),
        (
            r#"{"errors":{"user":{"attributes":{"plan":"unknown"}},"conversation":{"attributes":{"topic":"too long"}}}}"#,
            "known [-/user.attributes.plan: unknown] [-/conversation.attributes.topic: too long]",
        ),
        (
            r#"{"errors":{"email":[{"code":"taken","message":"is taken"}]}}"#,
            "known [taken/email: is taken]",
        ),
        (
            r#"{"errors":{"type":"is not an option"}}"#,
            "known [-/type: is not an option]",
        ),
        (
            r#"{"errors":{"type":"Is not an option","message":"is too long"}}"#,
            "known [-/type: Is not an option] [-/message: is too long]",
        ),
        (
            r#"{"errors":{"code":"not_found","message":"gone"}}"#,
            "known [not_found: gone]",
        ),
        (r#"{"errors":{}}"#, "json"),
        (
            r#"{"errors":"Something broke"}"#,
            "known [-: Something broke]",
        ),
        (r#"{"error":"not_found"}"#, "known [not_found]"),
        (
            r#"{"error":"Not Found","status":404}"#,
            "known [-: Not Found]",
        ),
        (
            r#"{"error":{"code":"conflict","message":"m","field":"f"}}"#,
            "known [conflict/f: m]",
        ),
        (r#"{"error":{"type":"conflict"}}"#, "known [conflict]"),
        (r#"{"error":{"message":"m"}}"#, "known [-: m]"),
        (r#"{"error":{"email":"taken"}}"#, "known [-/email: taken]"),
        (r#"{"error":[{"code":"x"}]}"#, "known [x]"),
        (r#"{"error":null}"#, "json"),
        (
            r#"{"message":"m","errors":{"email":"taken"}}"#,
            "known [-/email: taken] [-: m]",
        ),
        (
            r#"[{"message":"Sorry, the API service is temporarily unavailable"}]"#,
            "known [-: Sorry, the API service is temporarily unavailable]",
        ),
        (r#"["bad_request"]"#, "known [bad_request]"),
    ]);
}

#[test]
fn other_json_has_no_items() {
    check(&[
        ("null", "json"),
        ("true", "json"),
        ("12", "json"),
        ("1e999", "json"),
        (r#""text""#, "json"),
        ("[]", "json"),
        ("[[],1,null]", "json"),
        ("{}", "json"),
        (r#"{"type":"contact","id":"5f1a","data":[1]}"#, "json"),
    ]);
}

#[test]
fn a_body_that_is_not_json_keeps_its_bytes() {
    check(&[
        ("", "empty"),
        (" \r\n\t", "empty"),
        ("\u{feff}", "empty"),
        ("<html>", "raw"),
        ("Service Unavailable", "raw"),
        (r#"{"type":"error.list","errors":[{"code":"not_fou"#, "raw"),
        (r#"{"type":"error.list"} trailing"#, "raw"),
        ("{'type':'error.list'}", "raw"),
    ]);
    for body in ["", "<html>", r#"{"errors":[{"code":"x"#] {
        assert_eq!(response(500, body).body().bytes(), body.as_bytes());
    }
}

#[test]
fn numbers_and_booleans_are_accepted_as_strings() {
    check(&[
        (
            r#"{"errors":[{"code":4004,"message":17,"field":2.50}]}"#,
            "error_list [4004/2.50: 17]",
        ),
        (
            r#"{"errors":[{"code":true,"message":true,"field":false}]}"#,
            "error_list [-/false: true]",
        ),
        (
            r#"{"errors":[{"code":{"a":1},"message":["x"],"field":{}}]}"#,
            "error_list [-]",
        ),
        (
            r#"{"errors":{"age":7,"email":true,"name":null}}"#,
            "known [-/age: 7] [-/email: true]",
        ),
        (r#"{"errors":[{"message":1e999}]}"#, "error_list [-: 1e999]"),
    ]);
}

#[test]
fn the_first_usable_value_of_a_repeated_member_wins_and_lists_are_joined() {
    check(&[
        (
            r#"{"errors":[{"code":null,"code":"a","code":"b"}]}"#,
            "error_list [a]",
        ),
        (
            r#"{"errors":[{"code":"a"}],"errors":[{"code":"b"}]}"#,
            "error_list [a] [b]",
        ),
        (
            r#"{"type":"x","type":"error.list","message":"m","message":"n"}"#,
            "known [-: m]",
        ),
        (
            r#"{"errors":{"email":"taken","email":"too long"}}"#,
            "known [-/email: taken] [-/email: too long]",
        ),
    ]);
}

#[test]
fn a_byte_order_mark_and_invalid_characters_do_no_harm() {
    check(&[
        ("\u{feff}{\"error\":\"not_found\"}", "known [not_found]"),
        (
            r#"{"errors":[{"code":"conflict","message":"cut \ud83d"}]}"#,
            "error_list [conflict: cut \u{fffd}\u{fffd}\u{fffd}]",
        ),
        (r#"{"\udc00":1,"error":"not_found"}"#, "known [not_found]"),
        (
            r#"{"errors":[{"code":"not\u005ffound"}]}"#,
            "error_list [not_found]",
        ),
    ]);
    let latin = b"{\"errors\":[{\"code\":\"conflict\",\"message\":\"caf\xe9\"}]}";
    assert_eq!(read(latin), "error_list [conflict: caf\u{fffd}]");
    assert_eq!(ApiError::from_parts(409, [], latin).body().bytes(), latin);
    assert_eq!(read(b"\xff\xfe\x00\x01"), "raw");
}

#[test]
fn nesting_can_be_of_any_depth() {
    for depth in [127, 10_000, 200_000] {
        let around = |open: &str, middle: &str, close: &str| {
            open.repeat(depth) + middle + &close.repeat(depth)
        };
        let lists = around("[", "", "]");
        let objects = around(r#"{"a":"#, "1", "}");
        for body in [
            lists.clone(),
            objects.clone(),
            format!(r#"{{"errors":{objects}}}"#),
            format!(r#"{{"error":{lists}}}"#),
            format!(r#"{{"errors":[{lists}]}}"#),
            format!(r#"{{"message":{objects}}}"#),
            around("[", "", ""),
        ] {
            assert!(
                matches!(&*read(body.as_bytes()), "json" | "error_list" | "raw"),
                "{depth}"
            );
        }
        let beside = format!(
            r#"{{"errors":[{{"message":{lists},"data":{objects},"code":"conflict"}}],"x":{lists}}}"#
        );
        let error = response(409, &beside);
        assert_eq!(error.code(), Some(&ErrorCode::Conflict));
        assert_eq!(error.errors()[0].data(), Some(&*objects));
    }
    assert_eq!(
        read(br#"{"errors":{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":"m"}}}}}}}}}"#),
        "known [-/a.b.c.d.e.f.g.h: m]"
    );
    assert_eq!(
        read(br#"{"errors":{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{"i":"m"}}}}}}}}}}"#),
        "json"
    );
}

#[test]
fn a_long_body_is_parsed_whole_and_kept_in_part() {
    let padding = "x".repeat(5 * 1024 * 1024);
    let text = format!(r#"{{"padding":"{padding}","errors":[{{"code":"conflict"}}]}}"#);
    let error = response(409, &text);
    assert_eq!(error.code(), Some(&ErrorCode::Conflict));
    let body: &Body = error.body();
    assert_eq!(
        (body.bytes().len(), body.len(), body.is_truncated()),
        (65_536, text.len() as u64, true)
    );
    assert_eq!(body.bytes(), &text.as_bytes()[..65_536]);

    let exact = "x".repeat(65_536);
    assert!(!response(500, &exact).body().is_truncated());
    assert!(response(500, &(exact + "x")).body().is_truncated());
    let stopped = response(500, "abc").with_body_len(10);
    assert_eq!(
        (stopped.body().len(), stopped.body().is_truncated()),
        (10, true)
    );
    assert_eq!(response(500, "abc").with_body_len(1).body().len(), 3);
    assert!(response(500, "").body().is_empty() && !response(500, " ").body().is_empty());
}

/// A long field name with many messages would be kept once for each message.
#[test]
fn items_and_field_names_are_limited() {
    let many = vec![r#"{"code":"x"}"#; 3000].join(",");
    assert_eq!(
        response(422, &format!(r#"{{"errors":[{many}]}}"#))
            .errors()
            .len(),
        1000
    );
    let repeated = vec![r#""errors":["m"]"#; 3000].join(",");
    assert_eq!(
        response(422, &format!("{{{repeated}}}")).errors().len(),
        1000
    );
    let messages = vec![r#""m""#; 3000].join(",");
    let fields: Vec<_> = (0..999).map(|field| format!(r#""f{field}":"m""#)).collect();
    let fields = fields.join(",");
    for more in [format!(r#""more":[{messages}]"#), fields.clone()] {
        let body = format!(r#"{{"errors":{{{fields},"last":"m",{more}}}}}"#);
        assert_eq!(response(422, &body).errors().len(), 1000);
        let body = format!(r#"{{"errors":{{{fields},{more}}}}}"#);
        assert_eq!(response(422, &body).errors().len(), 1000);
    }
    let name = "n".repeat(100_000);
    for body in [
        format!(r#"{{"errors":{{"{name}":[{messages}]}}}}"#),
        format!(r#"{{"errors":{{"{name}":{{"{name}":[{messages}]}}}}}}"#),
    ] {
        let error = response(422, &body);
        let kept: usize = error
            .errors()
            .iter()
            .filter_map(ErrorItem::field)
            .map(str::len)
            .sum();
        assert!(error.errors().len() == 1000 && kept < 500_000, "{kept}");
    }
}

#[test]
fn the_data_of_an_item_is_kept_as_received() {
    let error = response(
        403,
        r#"{"errors":[{"code":"action_forbidden","data": { "required_permissions" : ["a"] },"data":{}}]}"#,
    );
    assert_eq!(
        error.errors()[0].data(),
        Some(r#"{ "required_permissions" : ["a"] }"#)
    );
}

#[test]
fn the_missing_scope_comes_from_the_message_or_the_data() {
    let scope = |item: &str| {
        response(403, &format!(r#"{{"errors":[{item}]}}"#))
            .required_scope()
            .map(str::to_owned)
    };
    let message = r#"{"code":"forbidden","message":"You do not have the required scope (read_macros) to access this resource"}"#;
    let repeated = r#"{"code":"forbidden","data":{"required_permissions":["a"],"required_permissions":["b"]}}"#;
    assert_eq!(scope(repeated).as_deref(), Some("a"));
    assert_eq!(scope(message).as_deref(), Some("read_macros"));
    assert_eq!(
        scope(r#"{"code":"action_forbidden","data":{"required_permissions":["a.b","c"]}}"#)
            .as_deref(),
        Some("a.b")
    );
    assert_eq!(
        scope(r#"{"code":"action_forbidden","data":{"required_permissions":"write_users"}}"#)
            .as_deref(),
        Some("write_users")
    );
    assert_eq!(
        scope(
            r#"{"code":"action_forbidden","data":{"hint":"say \"required_permissions\" and \"x\""}}"#
        ),
        None
    );
    assert_eq!(
        scope(r#"{"code":"x"}, {"code":"y","data":{"required_permissions":["z"]}}"#).as_deref(),
        Some("z")
    );
    assert_eq!(response(403, "").required_scope(), None);
}

#[test]
fn any_item_can_name_the_existing_contact() {
    let plain = r#"{"errors":[{"message":"x"},{"message":"A contact matching those details already exists with id=5f1a"}]}"#;
    let existing = response(409, plain);
    let existing = existing.existing_contact().unwrap();
    assert_eq!((existing.id(), existing.is_archived()), ("5f1a", false));
    let archived = r#"{"errors":[{"message":"An archived contact matching those details already exists with id=5f1a"}]}"#;
    assert!(
        response(409, archived)
            .existing_contact()
            .unwrap()
            .is_archived()
    );
    assert_eq!(
        response(409, r#"{"error":"id=5f1a"}"#).existing_contact(),
        None
    );
}

#[test]
fn an_invalid_body_does_not_affect_the_headers() {
    let error = response_with(
        502,
        &[("X-Request-Id", "b2i3"), ("X-RateLimit-Remaining", "4")],
        "<html>",
    );
    assert_eq!(
        (
            error.status(),
            error.request_id(),
            error.rate_limit().remaining()
        ),
        (502, Some("b2i3"), Some(4))
    );
    assert!(error.errors().is_empty() && error.code().is_none() && error.message().is_none());
}

#[test]
fn codes_match_in_any_case_and_unknown_ones_are_kept_as_received() {
    let code = |text: &str| {
        response(400, &crate::list(&[(text, "m")]))
            .code()
            .cloned()
            .unwrap()
    };
    assert_eq!(code("INVALID_PARAMETER"), ErrorCode::InvalidParameter);
    assert_eq!(code("INVALID_PARAMETER").as_str(), "invalid_parameter");
    assert_eq!(code("Brand-New Code").as_str(), "Brand-New Code");
    assert_eq!("Not_Found".parse::<ErrorCode>(), Ok(ErrorCode::NotFound));
    assert_eq!(code("not_found"), "not_found");
    assert_eq!(code("brand_new").to_string(), "brand_new");
    assert_eq!(code(" not_found").as_str(), " not_found");
}

#[test]
fn only_a_2xx_without_a_body_or_with_json_of_another_type_than_an_error_is_a_success() {
    let challenge = [("x-amzn-waf-action", &b"challenge"[..])];
    let encoded = [("content-encoding", &b"br"[..])];
    for (status, headers, body, is_success) in [
        (200, None, &br#"{"type":"admin"}"#[..], true),
        (200, None, b"[]", true),
        (204, None, b"", true),
        (200, None, br#"{"message":"Hi","errors":[]}"#, true),
        (200, None, br#"{"type":"error.list","errors":[]}"#, false),
        (200, None, br#"{"type":"error","message":"m"}"#, false),
        (200, None, br#"{"error":{"type":"error.list"}}"#, false),
        (200, None, br#"[{"type":"error.list"}]"#, false),
        (200, None, b"<html>", false),
        (200, None, b"{\"id\":", false),
        (200, Some(encoded), b"\x8b\x01", false),
        (202, Some(challenge), b"", false),
        (302, None, b"", false),
        (404, None, b"{}", false),
    ] {
        let found = ApiError::check(status, headers.into_iter().flatten(), body);
        assert_eq!(found.is_ok(), is_success, "{status} {body:?}");
    }
}
