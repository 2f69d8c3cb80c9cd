//! The part of `docs/errors/catalog.json` that describes how its tables are used: the order of the steps, patterns, headers, shapes
//! of bodies and waits.

use intercom_errors::rules::{BEFORE_SCOPE, LIMITS, REQUIRED, SCROLL_IDLE, WAF_HEADER, WAF_WAIT};
use intercom_errors::{ApiError, HintCause};
use serde_json::{Map, Value, json};

/// The steps of a classifier, in order: the step, the table that it reads, and what it does.
const ORDER: &[[&str; 3]] = &[
    [
        "parse",
        "body",
        "Read the items of the body, each with a code and a message, and the request id. `shapes` shows the known bodies. Anything else has no items.",
    ],
    [
        "sender",
        "evidence",
        "Find the first row whose statuses and sign match. It names the sender. If no row matches, the sender is unknown. If the row has a category, it gives the class and the case: skip the remaining steps.",
    ],
    [
        "message",
        "messages",
        "For each item, find the first row whose statuses, code and pattern match. A row without a code matches any code, and a missing message is like an empty one. The row gives the item's class.",
    ],
    [
        "code",
        "codes",
        "If no row of `messages` matches an item, its code gives its class. The item has no class if the code is unknown, or if `client_codes` says to ignore the code with this status. If the category and the message of the item match a row of `existing_contacts`, that row gives the action.",
    ],
    [
        "response",
        "done",
        "The first item with a class whose action is not `done` gives the class of the response. If there is no such item, but all items have the same class, the response has that class. Otherwise the next step gives it.",
    ],
    [
        "status",
        "statuses",
        "The first row whose statuses match gives the class. Rows with `links_to_contact` need the canonical link to a contact. If the category and the message of an item match a row of `existing_contacts`, the first such item gives the action.",
    ],
    [
        "resend",
        "ceilings",
        "Find the first row whose statuses match and whose needs are all met. The resend is the most careful one of the class, the row's `most`, and the resends of all items that have a class. `resends` is ordered from the most to the least careful.",
    ],
    [
        "request",
        "requests",
        "If the request is known, find the first row that the request and the response match. If the row has an action, the action replaces that of the class, and the resend becomes never.",
    ],
    [
        "case",
        "cases",
        "The first row that the request and the response match is the known case. If the request is unknown, only rows without a path can match. The action is that of the final class. `known_cases` has the causes and the steps.",
    ],
    [
        "replay",
        "replay",
        "Only the resend if_replayable needs this step. The first row whose method and path match says whether the request may be applied twice. A HEAD is like a GET. If that row has a key, the body must contain the member with this name, as a number or a string that is not blank; otherwise the replay is `no`. If no row matches, `replay_methods` gives the replay, which is `no` for a method that is not listed there. A path with a dot segment, an encoded slash or a backslash is ambiguous: for such a path, use only the rows with the replay `no`, and `replay_methods` if none of them matches.",
    ],
];

/// The id of a contact, as a regular expression.
const ID: &str = "[A-Za-z0-9_-]+";

/// Bodies of each known shape, and where they occur. What they contain is computed when the file is written.
const SHAPES: &[[&str; 2]] = &[
    [
        r#"{"type":"error.list","request_id":"r","errors":[{"code":"c","message":"A message","field":"f"}]}"#,
        "Documented. A body with a list in `errors` is an error list without the type, too.",
    ],
    [
        r#"{"type":"error.list","errors":[{"type":"c","message":"A message"}]}"#,
        "Before API 2: an item without a usable code has its type as the code.",
    ],
    [
        r#"{"errors":["a_code","A message",null,7]}"#,
        "Strings as items: a code if it matches the code pattern, otherwise a message. Other values are left out.",
    ],
    [
        r#"{"errors":[{"code":4001,"message":true}]}"#,
        "Numbers and booleans count as text, numbers as they are written. Empty strings are like missing members. A code or a request id is missing, too, if it is blank, `true` or `false`.",
    ],
    [
        r#"{"errors":[{"code":"NOT_FOUND"}]}"#,
        "A code that is in the table if its ASCII letters are in lower case becomes the code of the table.",
    ],
    [
        r#"{"type":"error","message":"A message"}"#,
        "The object itself is an item.",
    ],
    [
        r#"{"error_key":"k","code":"c","message":"A message"}"#,
        "The object itself is an item; `error_key` wins over `code`. `type` is not its code.",
    ],
    [
        r#"{"errors":[{"code":"c"}],"message":"Outer"}"#,
        "The object itself is the last item if it has a code or a message.",
    ],
    [
        r#"{"errors":{"name":"A message","user":{"plan":["One","Two",{"code":"c"}]}}}"#,
        "Messages by field, also nested up to `field_depth`. A string is always a message here; an object in a list is an item.",
    ],
    [
        r#"{"errors":{"code":"c","message":"A message"}}"#,
        "One item: an object in `errors` that has a message and a code that matches the code pattern. Any other object there has messages by field.",
    ],
    [
        r#"{"error":{"message":"A message"}}"#,
        "One item: an object in `error` that has a code or a message. Any other object there has messages by field.",
    ],
    [
        r#"{"error":"a_code","errors":[{"code":"c"}]}"#,
        "`error` and `errors` can be a list, an object or a string. Their items are joined in the order of the members.",
    ],
    [r#"["a_code",{"code":"c"}]"#, "A list of items."],
    [
        r#"{"error":{"code":"ERR","payload":{"type":"error.list","errors":[{"code":"c"}]}}}"#,
        "An object of the type `error.list` inside any other member, up to `enclosed_depth`. The items of all innermost lists, and the first request id outside of items, replace those of the outer shapes, except outer items whose code is in `codes`, which come last. They are not kept if the outermost object is itself of the type `error.list`. Without any such item, the outer shapes count. An object is searched only if it has an object in any member, a list in another member than `errors`, or an item of the type `error.list`.",
    ],
    [
        r#"[{"type":"error.list","message":"A message"}]"#,
        "`error.list` is never a code.",
    ],
];

pub(super) fn algorithm() -> Value {
    let limits = LIMITS
        .iter()
        .map(|&(name, limit)| (name.to_owned(), limit.into()));
    json!({
        "order": ORDER.iter().map(|[step, table, text]| json!({"step": step, "table": table, "text": text})).collect::<Vec<_>>(),
        "patterns": {
            "message": "`*` stands for any text, also none. The whole message must match. Full stops at its end are left out first, unless the pattern ends with one. Upper and lower case differ.",
            "expressions": "`canonical_link`, `html_page` and `html_type` are regular expressions for the start of the text. They ignore case, and their dot matches line ends too.",
            "captures": "A name in braces in `existing_contacts` and `scope` stands for text that matches its regular expression here. White space around such a message is left out first; full stops stay.",
            "id": ID,
            "scope": "[A-Za-z0-9_.:-]+",
            "code": "[a-z][a-z0-9_]*",
            "canonical_link": format!(r#"\s*<([^/>]*://[^/>]*)?/contacts/{ID}>.*;\s*rel\s*=\s*"*([^";]*\s)?canonical(\s[^";]*)?"*\s*(;.*)?$"#),
            "html_page": "<(.*<)?(html|!doctype html)",
            "html_type": r"\s*(text/html|application/xhtml\+xml)\s*(;.*)?$",
            "path": "Segments are compared one by one, without empty ones. A segment in braces stands for any segment, and a final `*` for any number of them. First leave out scheme, host, query and fragment, decode percent-encodings, replace `\\` by `/`, and resolve `.` and `..`.",
            "methods": "Methods are in upper case. An empty list stands for all.",
            "parameter": "The name of a parameter that the query must have, as it is written before `=`; null for none.",
        },
        "headers": headers(),
        "body": {
            "text": "Leave out a byte order mark and then ASCII white space around the body. Invalid UTF-8 and lone surrogates become U+FFFD. A body without any text is `empty`, one that is not JSON is `raw`, or `encoded` if it has a content encoding. Of a repeated member the first usable value counts, and repeated lists are joined.",
            "limits": limits.collect::<Map<_, _>>(),
            "html": "Only a raw or encoded body can be HTML: if a Content-Type matches the pattern `html_type`, or if the body is raw and its first `html_bytes` bytes match the pattern `html_page`. A byte order mark and then white space before them do not count.",
        },
        "shapes": SHAPES.iter().map(shape).collect::<Vec<_>>(),
        "scope": {"pattern": format!("*{BEFORE_SCOPE}({{scope}})*"), "data": REQUIRED},
        "waits": [
            wait(HintCause::RetryAfter, None, "Any class."),
            wait(HintCause::RateLimitReset, None, "The category rate_limit with a status below 500. A reset more than 24 hours ahead is ignored."),
            wait(HintCause::ScrollIdle, Some(SCROLL_IDLE.as_secs()), "The status 400 with an item that refuses the request, as in the need `refusals`."),
            wait(HintCause::Firewall, Some(WAF_WAIT.as_secs()), "The category blocked."),
        ],
    })
}

fn headers() -> Value {
    json!({
        "text": "Names are in any case. Of a repeated header the first value counts that is not blank.",
        "request_id": "x-request-id",
        "firewall": WAF_HEADER,
        "content_type": "content-type",
        "content_encoding": "content-encoding",
        "link": "link",
        "canonical_link": "A response has the canonical link to a contact, `</contacts/{id}>; rel=\"canonical\"`, if an element of a Link header, which is a list separated by commas, matches the pattern `canonical_link`.",
    })
}

fn wait(cause: HintCause, seconds: Option<u64>, when: &str) -> Value {
    json!({"cause": cause.as_str(), "meaning": cause.meaning(), "seconds": seconds, "when": when})
}

/// A body of a known shape, and what it contains.
fn shape([example, text]: &[&str; 2]) -> Value {
    let error = ApiError::from_parts(400, [], example.as_bytes());
    let items = error.errors().iter().map(|item| {
        json!({"code": item.code().map(|code| code.as_str()), "message": item.message(), "field": item.field()})
    });
    json!({
        "example": example,
        "text": text,
        "body": error.body().kind().as_str(),
        "items": items.collect::<Vec<_>>(),
    })
}
