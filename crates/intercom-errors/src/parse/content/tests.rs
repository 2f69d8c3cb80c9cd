//! Tests of the check of a body, most of them with generated bodies.

use std::borrow::ToOwned;
use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, vec};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{
    ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use proptest::sample::{Index, select};
use serde::de::IgnoredAny;

use super::Content;

#[test]
fn an_error_is_found_wherever_its_type_is_and_however_it_is_escaped() {
    for body in [
        r#"{"type":"error.list","errors":[]}"#,
        r#" { "type" : "error" } "#,
        r#"{"errors":[],"type":"error.list"}"#,
        r#"{"type":"\u0065rror"}"#,
        r#"{"\u0074ype":"error"}"#,
        r#"{"typ\u0065":"error"}"#,
        r#"{"\u0074\u0079\u0070\u0065":"erro\u0072"}"#,
        r#"{"type":"list","type":"error"}"#,
        "\u{feff}{\"type\":\"error\"}",
        r#"{"error":{"type":"error.list","errors":[]}}"#,
        r#"{"a":{"error":1},"error":{"errors":[],"type":"error.list"}}"#,
        r#"{"\u0065rror":{"type":"error\u002elist"}}"#,
        r#"[{"type":"error.list","errors":[]}]"#,
        r#" [ {"errors":[{}],"type":"error"} ] "#,
    ] {
        assert_eq!(Content::of(body.as_bytes()), Content::Error, "{body}");
    }
}

#[test]
fn a_deeper_error_is_data() {
    for body in [
        r#"{"type":"list","data":[{"type":"error.list"}]}"#,
        r#"{"data":{"type":"error"}}"#,
        r#"{"error":1,"data":{"type":"error"}}"#,
        r#"{"error":[{"type":"error"}]}"#,
        r#"{"error":{"error":{"type":"error"}}}"#,
        r#"{"errors":{"type":"error"}}"#,
        r#"{"type":"event"}"#,
        r#"{"type":["error"]}"#,
        r#"["error"]"#,
        r#"["type","error"]"#,
        r#"[{"type":"error"},{"type":"error"}]"#,
        r#"[1,{"type":"error"}]"#,
        r#"[[{"type":"error"}]]"#,
        r#"[{"error":{"type":"error"}}]"#,
        r#"{"type":null}"#,
        r#"{"type":"job","errors":[{"code":"not_found"}]}"#,
        "1e999",
        " \n",
        "",
    ] {
        assert_eq!(Content::of(body.as_bytes()), Content::Json, "{body}");
    }
}

#[test]
fn anything_but_one_whole_document_is_not_json() {
    for body in [
        "<html>",
        "Bad gateway",
        "tru",
        "\"open",
        "\u{c}{}",
        "[ERROR] no upstream",
        "{error: true}",
        r#"{"type":"list""#,
        r#"{"type":"list"} x"#,
        // Cut off after an inner bracket, or rendered incorrectly.
        r#"{"type":"list","data":[{"type":"tag"}"#,
        r#"{"type":"list","data":[{]}"#,
        "[{]}",
        "[}",
        "{]",
        r#"["\"]"#,
        r#"{"type":"contact"}{"type":"error.list","errors":[]}"#,
        r#"{"type":"error"} x"#,
        "[][]",
        r#"{"a":tru}"#,
        r#"{"a" 1}"#,
        r#"{"a":1 "b":2}"#,
        r#"{"a":1,}"#,
        "[1,]",
        "[,1]",
        "[1 2]",
        "[nan]",
    ] {
        assert_eq!(Content::of(body.as_bytes()), Content::Other, "{body}");
    }
}

#[test]
fn invalid_strings_and_numbers_are_accepted() {
    for body in [
        b"[\"\\x\"]".as_slice(),
        b"[\"\n\"]",
        b"[\"\xff\"]",
        b"[01]",
        b"[1.2.3]",
        b"[-]",
    ] {
        assert_eq!(Content::of(body), Content::Json);
        assert!(serde_json::from_slice::<serde_json::Value>(body).is_err());
    }
}

#[test]
fn a_usual_body_needs_no_allocation_and_a_deep_one_an_eighth_of_its_length() {
    let ordinary = r#"{"type":"list","data":[{"name":"a \"b\"","n":[1,{"x":null}]}]}"#;
    let allocated = allocation_counter::measure(|| {
        assert_eq!(Content::of(ordinary.as_bytes()), Content::Json);
    });
    assert_eq!(allocated.count_total, 0);

    const DEEP: usize = 1 << 20;
    let open = "[".repeat(DEEP);
    let whole = [open.as_str(), &"]".repeat(DEEP)].concat();
    let mixed = [r#"{"":["#.repeat(DEEP), "]}".repeat(DEEP)].concat();
    for (body, content) in [
        (open, Content::Other),
        (whole, Content::Json),
        (mixed, Content::Json),
    ] {
        let allocated = allocation_counter::measure(|| {
            assert_eq!(Content::of(body.as_bytes()), content);
        });
        // While a vector doubles, its old half still exists.
        assert!(allocated.bytes_max <= body.len() as u64 / 8 * 3);
    }
}

/// JSON as a tree that keeps escapes and repeated members.
#[derive(Clone, Debug)]
enum Tree {
    Scalar(&'static str),
    List(Vec<Tree>),
    Object(Vec<(&'static str, Tree)>),
}

const NAMES: [&str; 8] = [
    r#""type""#,
    r#""error""#,
    r#""t\u0079pe""#,
    r#""\u0065rror""#,
    r#""errors""#,
    r#""data""#,
    r#""""#,
    r#""\"]}\\""#,
];

const SCALARS: [&str; 18] = [
    r#""error""#,
    r#""error.list""#,
    r#""error\u002elist""#,
    r#""contact""#,
    r#""Baile Átha Cliath 😀""#,
    r#""\ud83d\ude00\\""#,
    r#""{\"type\":\"error\"}""#,
    r#""]}[{,:""#,
    r#""""#,
    "0",
    "-1.5e+7",
    "1711100000",
    "1e999",
    "true",
    "false",
    "null",
    "[]",
    "{}",
];

fn tree() -> impl Strategy<Value = Tree> {
    let scalar = select(SCALARS.as_slice()).prop_map(Tree::Scalar);
    scalar.prop_recursive(5, 24, 6, |inner| {
        let member = (select(NAMES.as_slice()), inner.clone());
        prop_oneof![
            3 => vec(member, 0..7).prop_map(Tree::Object),
            1 => vec(inner, 0..5).prop_map(Tree::List),
        ]
    })
}

fn space() -> impl Strategy<Value = &'static str> {
    select(["", "", " ", "\r\n\t"].as_slice())
}

impl Tree {
    fn render(&self, space: &str) -> String {
        let text = match self {
            Self::Scalar(text) => (*text).to_owned(),
            Self::List(values) => {
                let values: Vec<_> = values.iter().map(|value| value.render(space)).collect();
                format!("[{space}{}]", values.join(","))
            }
            Self::Object(members) => {
                let member = |(name, value): &(&str, Self)| {
                    format!("{space}{name}{space}:{}", value.render(space))
                };
                let members: Vec<_> = members.iter().map(member).collect();
                format!("{{{}{space}}}", members.join(","))
            }
        };
        format!("{space}{text}{space}")
    }

    /// The expected result: the type counts in the document, in its member `error` and in a single element.
    fn is_error(&self) -> bool {
        let typed = |tree: &Self| tree.members("type").any(Self::is_type_of_error);
        let only = match self {
            Self::List(values) if values.len() == 1 => values.first(),
            _ => None,
        };
        typed(self) || self.members("error").any(typed) || only.is_some_and(typed)
    }

    fn members(&self, named: &'static str) -> impl Iterator<Item = &Self> {
        let members = match self {
            Self::Object(members) => members.as_slice(),
            _ => &[],
        };
        let is_named = move |name: &str| serde_json::from_str::<String>(name).unwrap() == named;
        members
            .iter()
            .filter(move |(name, _)| is_named(name))
            .map(|(_, value)| value)
    }

    fn is_type_of_error(&self) -> bool {
        matches!(self, Self::Scalar(text) if matches!(
            serde_json::from_str::<String>(text).as_deref(),
            Ok("error" | "error.list")
        ))
    }
}

/// One level around an error list, with the values before and after it.
#[derive(Clone, Debug)]
enum Layer {
    Element(Vec<Tree>, Vec<Tree>),
    Member(&'static str, Vec<Tree>, Vec<Tree>),
}

fn layer() -> impl Strategy<Value = Layer> {
    let others = || vec(tree(), 0..2);
    prop_oneof![
        (others(), others()).prop_map(|(before, after)| Layer::Element(before, after)),
        (select(NAMES.as_slice()), others(), others())
            .prop_map(|(name, before, after)| Layer::Member(name, before, after)),
    ]
}

impl Layer {
    fn around(self, tree: Tree) -> Tree {
        let data = |tree| (r#""data""#, tree);
        match self {
            Self::Element(before, after) => {
                Tree::List(before.into_iter().chain([tree]).chain(after).collect())
            }
            Self::Member(name, before, after) => Tree::Object(
                before
                    .into_iter()
                    .map(data)
                    .chain([(name, tree)])
                    .chain(after.into_iter().map(data))
                    .collect(),
            ),
        }
    }

    /// Whether an error list counts as an error if only this level is around it.
    fn keeps_error(&self) -> bool {
        match self {
            Self::Element(before, after) => before.is_empty() && after.is_empty(),
            Self::Member(name, ..) => matches!(*name, r#""error""# | r#""\u0065rror""#),
        }
    }
}

fn error_list() -> impl Strategy<Value = Tree> {
    any::<bool>().prop_map(|type_last| {
        let mut members = vec![
            (r#""type""#, Tree::Scalar(r#""error.list""#)),
            (r#""errors""#, Tree::List(vec![Tree::Scalar("{}")])),
        ];
        if type_last {
            members.reverse();
        }
        Tree::Object(members)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_body_cut_anywhere_is_refused(tree in tree(), space in space()) {
        let body = tree.render(space);
        let content = Content::of(body.as_bytes());
        let expected = if tree.is_error() { Content::Error } else { Content::Json };
        prop_assert_eq!(content, expected, "{}", body);
        let whole = body.trim_ascii();
        // A number can end anywhere, and an empty body is valid.
        let may_end = whole.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        for end in 0..body.trim_ascii_end().len() {
            let cut = &body.as_bytes()[..end];
            if !may_end && !cut.trim_ascii().is_empty() {
                prop_assert_eq!(Content::of(cut), Content::Other, "{} at {}", body, end);
            }
        }
    }

    #[test]
    fn an_error_list_counts_outermost_and_one_level_down(
        list in error_list(), layers in vec(layer(), 0..4), space in space(),
    ) {
        let is_error = match layers.as_slice() {
            [] => true,
            [only] => only.keeps_error(),
            _ => false,
        };
        let around = |inner: Tree, layer: Layer| layer.around(inner);
        let body = layers.into_iter().fold(list, around).render(space);
        let expected = if is_error { Content::Error } else { Content::Json };
        prop_assert_eq!(Content::of(body.as_bytes()), expected, "{}", body);
    }

    #[test]
    fn serde_json_accepts_nothing_else_and_refuses_only_the_inside_of_scalars(
        tree in tree(),
        space in space(),
        changes in vec((any::<Index>(), option::of(select(br#"[]{}:,"\ 0.-+eutrn"#.as_slice()))), 0..4),
    ) {
        let mut body = tree.render(space).into_bytes();
        for (at, byte) in changes {
            if !body.is_empty() {
                let at = at.index(body.len());
                body.splice(at..=at, byte);
            }
        }
        let is_json = Content::of(&body) != Content::Other;
        match serde_json::from_slice::<IgnoredAny>(&body) {
            Ok(_) => prop_assert!(is_json, "{}", body.escape_ascii()),
            Err(error) if is_json && !body.trim_ascii().is_empty() => {
                let why = error.to_string();
                let in_string = why.starts_with("invalid escape")
                    || why.starts_with("control character")
                    // The four digits of a `\\u` reach beyond the string.
                    || (why.starts_with("EOF while parsing a string") && body.windows(2).any(|bytes| bytes == b"\\u"));
                let line = body.split(|byte| *byte == b'\n').nth(error.line() - 1);
                let at = line.and_then(|line| line.get(error.column().max(1) - 1));
                let in_number = why.starts_with("invalid number") || at.is_some_and(|at| b"0123456789+-.eE".contains(at));
                prop_assert!(in_string || in_number, "{}: {why}", body.escape_ascii());
            }
            Err(_) => {}
        }
    }
}
