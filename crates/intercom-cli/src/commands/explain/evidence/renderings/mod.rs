//! Random error lists in the notations of many languages are read back.
//!
//! `PROPTEST_CASES` sets the number of cases.

mod bare;
mod quoted;

use intercom_protocol::ApiError;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::test_runner::TestCaseError;

use super::Evidence;
use crate::commands::explain::usual_status_of;
use bare::{UNQUOTED, can_be_bare};
use quoted::{QUOTED, is_clear};

/// A value, as a program holds it.
#[derive(Clone, Debug)]
enum Data {
    List(Vec<Data>),
    Map(Vec<(&'static str, Data)>),
    Null,
    Number(u16),
    Text(String),
}

use Data::{List, Map, Null, Number, Text};

/// An error list.
#[derive(Clone, Debug)]
struct Sent {
    status: u16,
    request_id: Option<String>,
    items: Vec<(String, String, bool)>,
}

impl Sent {
    /// The list with what a notation gives up cut off its messages, so that no case is skipped.
    fn shortened(mut self, is_clear: impl Fn(&str) -> bool) -> Self {
        for (_, message, _) in &mut self.items {
            while !is_clear(message) {
                if message.pop().is_none() {
                    "has a wrong value".clone_into(message);
                }
            }
        }
        self
    }

    fn data(&self) -> Data {
        let item = |(code, message, has_field): &(String, String, bool)| {
            let mut item = vec![
                ("code", Text(code.clone())),
                ("message", Text(message.clone())),
            ];
            item.push((
                "field",
                if *has_field {
                    Text("email".to_owned())
                } else {
                    Null
                },
            ));
            Map(item)
        };
        let id = self.request_id.clone().map_or(Null, Text);
        Map(vec![
            ("type", Text("error.list".to_owned())),
            ("request_id", id),
            ("errors", List(self.items.iter().map(item).collect())),
        ])
    }
}

fn usual_status(code: &str) -> Option<u16> {
    usual_status_of(&code.into())
}

type Render = fn(&Data) -> String;
/// A notation without quotes, and whether a message can be read back.
type Bare = (&'static str, Render, fn(&str) -> bool);

fn each(items: &[Data], separator: &str, write: impl Fn(&Data) -> String) -> String {
    items.iter().map(write).collect::<Vec<_>>().join(separator)
}

fn pairs(
    members: &[(&str, Data)],
    separator: &str,
    write: impl Fn(&str, &Data) -> String,
) -> String {
    let pairs = members.iter().map(|(key, value)| write(key, value));
    pairs.collect::<Vec<_>>().join(separator)
}

const PARTS: &[&str] = &[
    "a", "Bad", "word", " ", " ", " ", ", ", ": ", "=>", " => ", "= ", "\"", "'", "`", "{", "}",
    "[", "]", "(", ")", "<", ">", "\\", "\n", "ü", "日本", "😀", "404", "status", "code", "error",
    "it's", "\"x\"", "{a: 1}", "</b>", "&amp;", "%20", "+", "#", "@", ";", "|", "-", "--", "//",
    "://", "null", "''", "\"\"", "\\n", ", b ",
];

fn message() -> impl Strategy<Value = (String, String)> {
    let id = "[0-9a-f]{24}";
    let noise = proptest::collection::vec(proptest::sample::select(PARTS), 1..12);
    prop_oneof![
        2 => id.prop_map(|id| ("conflict".to_owned(), format!("A contact matching those details already exists with id={id}"))),
        2 => id.prop_map(|id| ("conflict".to_owned(), format!("An archived contact matching those details already exists with id={id}"))),
        1 => Just(("forbidden".to_owned(), "You do not have the required scope (read_macros) to access this resource".to_owned())),
        1 => (1_u8..99).prop_map(|n| ("rate_limit_exceeded".to_owned(), format!("Exceeded rate limit of {n} pending message data export jobs"))),
        1 => (1_u8..99).prop_map(|n| ("rate_limit_exceeded".to_owned(), format!("Exceeded rate limit of {n} in 10_seconds"))),
        1 => Just(("token_unauthorized".to_owned(), "Not authorized to access resource".to_owned())),
        6 => noise.prop_map(|parts| ("parameter_invalid".to_owned(), parts.concat())),
        1 => any::<String>().prop_map(|text| ("not_found".to_owned(), text.replace(char::is_control, " "))),
    ]
}

fn sent() -> impl Strategy<Value = Sent> {
    let item =
        (message(), any::<bool>()).prop_map(|((code, message), field)| (code, message, field));
    let items = proptest::collection::vec(item, 1..3);
    let id = proptest::option::of(
        "[a-z0-9]{20}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    );
    (items, id).prop_map(|(items, request_id)| {
        let status = usual_status(&items[0].0).unwrap();
        Sent {
            status,
            request_id,
            items,
        }
    })
}

/// What is around an error list in a log.
#[derive(Clone, Copy, Debug)]
enum Around {
    /// A value of another map in the same notation, with the status.
    Map,
    /// The text as a string in a JSON object.
    String,
    /// A line with the status before and noise after.
    Line,
}

const NOISE: &[&str] = &[
    "",
    "ERROR can't sync",
    "2026-03-22T09:34:13Z [worker 5] it's (so) bad:",
    "E, [x] -- :",
    "user said \"no\" {x}",
];

fn in_log(sent: &Sent, render: Render, around: &[Around], noise: &str) -> String {
    let mut data = sent.data();
    let inner = around.iter().take_while(|one| matches!(one, Around::Map));
    for _ in inner.clone() {
        data = Map(vec![
            ("level", Text("error".to_owned())),
            ("status", Number(sent.status)),
            ("body", data),
        ]);
    }
    let mut text = render(&data);
    for one in around.iter().skip(inner.count()) {
        text = match one {
            Around::Map | Around::String => format!(
                "{{\"level\":\"error\",\"n\":[1,2],\"err\":{},\"pid\":5}}",
                serde_json::to_string(&text).unwrap()
            ),
            Around::Line => format!(
                "{noise} status={} body {text} in 5 ms, it's over\n",
                sent.status
            ),
        };
    }
    text
}

fn check(sent: &Sent, name: &str, text: &str) -> Result<(), TestCaseError> {
    let found = Evidence::read(text.as_bytes(), false);
    let expected = ApiError::from_parts(sent.status, [], quoted::json(&sent.data()).as_bytes());
    let headers = found
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_slice()));
    let first = ApiError::from_parts(0, [], &found.body);
    let status = found
        .status
        .or_else(|| usual_status(first.code()?.as_str()));
    let error = ApiError::from_parts(status.unwrap_or(0), headers, &found.body);
    let shown = |error: &ApiError| {
        let items = error.errors().iter();
        let items = items.map(|item| {
            (
                item.code().map(ToString::to_string),
                item.message().unwrap_or_default().to_owned(),
                item.field().map(str::to_owned),
            )
        });
        (
            error.status(),
            items.collect::<Vec<_>>(),
            error.request_id().map(str::to_owned),
            error.class(),
        )
    };
    let (found, expected) = (shown(&error), shown(&expected));
    proptest::prop_assert_eq!(found, expected, "{}: {}", name, text);
    Ok(())
}

fn around() -> impl Strategy<Value = Vec<Around>> {
    let one = prop_oneof![Just(Around::Map), Just(Around::String), Just(Around::Line)];
    proptest::collection::vec(one, 0..=3)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_error_list_in_any_quoted_notation_is_read_back(
        sent in sent(), (name, render) in proptest::sample::select(QUOTED), around in around(), noise in proptest::sample::select(NOISE),
    ) {
        let sent = sent.shortened(|message| is_clear(name, message));
        check(&sent, name, &in_log(&sent, render, &around, noise))?;
    }

    #[test]
    fn an_error_list_without_quotes_is_read_back_unless_it_is_ambiguous(
        sent in sent(), (name, render, is_clear) in proptest::sample::select(UNQUOTED), around in around(), noise in proptest::sample::select(NOISE),
    ) {
        let sent = sent.shortened(|message| can_be_bare(message) && is_clear(message));
        check(&sent, name, &in_log(&sent, render, &around, noise))?;
    }
}
