//! Error lists in a tree, as the body that Intercom sent.

use intercom_errors::Entry;
use intercom_protocol::ErrorCode;
use serde_json::{Map, Value, json};

use super::context::{NULLS, is_named, normal};
use super::messages;
use crate::commands::explain::notation::{Kind, Node, Tree};

/// How deep a body is rendered. Deeper values become text.
const DEEPEST: usize = 16;
/// How many keys are tried, from the last one.
const MOST_TRIED: usize = 200;
/// Members of error bodies of other services.
#[rustfmt::skip]
const FOREIGN: &[&str] = &[
    "documentationurl", "docurl", "domain", "extensions", "faultcode", "locations", "moreinfo", "param",
    "reason", "requestlogurl",
];

/// Names of the code of a single error.
const CODES: &[&str] = &["code", "errorcode", "errorkey"];
/// Names of its message. The first ones belong to the error even if the log line has a message of its own.
#[rustfmt::skip]
const MESSAGES: &[&str] = &[
    "errormessage", "errormsg", "errmessage", "errmsg", "errordetail", "errordescription", "detail", "details",
    "description", "message", "msg", "error", "err", "exception",
];

/// An error body in a tree.
#[derive(Debug)]
pub(super) struct List {
    /// The group that contains the error list, or the error itself.
    pub(super) group: usize,
    /// The value that is the list, or the code of a single error.
    pub(super) errors: usize,
    /// The error list as JSON.
    pub(super) body: Vec<u8>,
    /// Whether it is a list or has a message of Intercom. Other single errors need a sign of HTTP around them.
    pub(super) is_sure: bool,
    /// Whether it has the type of Intercom's lists.
    pub(super) is_typed: bool,
}

/// The last error body in the tree.
pub(super) fn last(tree: &Tree) -> Option<List> {
    let keyed = tree
        .nodes()
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, node)| node.key.is_some());
    let mut named = keyed.filter_map(|(index, node)| {
        let key = node.key.as_deref();
        let is_list = is_named(key, &["errors"]);
        (is_list || is_named(key, CODES)).then_some((index, is_list))
    });
    let mut last = named
        .by_ref()
        .take(MOST_TRIED)
        .find_map(|(index, is_list)| match is_list {
            true => list(tree, index),
            false => single(tree, index),
        })?;
    // The code of an item comes after the key of its list.
    for index in tree.path(last.group) {
        let key = tree.node(index).and_then(|node| node.key.as_deref());
        if key.is_some_and(|key| normal(key) == "errors") {
            last = list(tree, index).unwrap_or(last);
        }
    }
    Some(last)
}

/// Says that a tree has a member that errors of other services have, if it has no error list.
pub(super) fn foreign(tree: &Tree) -> Option<String> {
    let keys = || tree.nodes().iter().filter_map(|node| node.key.as_deref());
    let found = keys().find(|key| FOREIGN.contains(&normal(key).as_str()))?;
    let is_list = keys().any(|key| key == "errors");
    (!is_list).then(|| format!("Intercom's have no member {found:?}"))
}

fn list(tree: &Tree, index: usize) -> Option<List> {
    let errors = value(tree, index, 0);
    let items = errors.as_array().map(Vec::as_slice).unwrap_or_default();
    let codes = items
        .iter()
        .filter_map(|item| item.get("code").or(item.get("type"))?.as_str());
    let is_known = codes
        .map(ErrorCode::from)
        .any(|code| Entry::of(&code).is_some());
    let group = tree.node(index)?.parent;
    let kind = member(tree, group, index, &["type"]).map(|kind| text(tree, kind));
    let is_typed = kind.as_ref().and_then(Value::as_str) == Some("error.list");
    let is_empty = items.is_empty() && !errors.is_object();
    if is_empty || !(is_typed || is_known) {
        return None;
    }
    let body = json!({ "type": is_typed.then_some("error.list"), "errors": errors });
    Some(List {
        group,
        errors: index,
        body: body.to_string().into_bytes(),
        is_sure: true,
        is_typed,
    })
}

/// An error without a list around it.
fn single(tree: &Tree, index: usize) -> Option<List> {
    let code = ErrorCode::from(text(tree, index).as_str()?);
    let entry = Entry::of(&code)?;
    let group = tree.node(index)?.parent;
    let is_foreign = |(_, node): (usize, &Node)| {
        let key = node.key.as_deref();
        key.is_some_and(|key| FOREIGN.contains(&normal(key).as_str()))
    };
    if tree.children(group).any(is_foreign) {
        return None;
    }
    let member = |names: &[&str]| member(tree, group, index, names);
    let code = entry.code().as_str();
    let texts = MESSAGES
        .iter()
        .filter_map(|name| match text(tree, member(&[name])?) {
            Value::String(text) => Some(text),
            _ => None,
        });
    let texts: Vec<String> = texts.collect();
    let status = entry.statuses().first().copied().unwrap_or_default();
    let matters = |text: &&String| messages::matters((status, code), text);
    let item = json!({
        "code": code,
        "message": texts.iter().find(matters).or(texts.first()),
        "field": member(&["field"]).map(|index| text(tree, index)),
        "data": member(&["data"]).map(|index| value(tree, index, 0)),
    });
    let body = json!({ "errors": [item] });
    Some(List {
        group,
        errors: index,
        body: body.to_string().into_bytes(),
        is_sure: texts.iter().any(|text| matters(&text)),
        is_typed: false,
    })
}

/// The member of a group with one of the names that is nearest to another member.
fn member(tree: &Tree, group: usize, near: usize, names: &[&str]) -> Option<usize> {
    let members = tree.children(group);
    let named = members.filter(|(_, node)| is_named(node.key.as_deref(), names));
    named
        .map(|(index, _)| index)
        .min_by_key(|index| index.abs_diff(near))
}

/// The items in the elements of an XML document.
fn elements(tree: &Tree, index: usize, depth: usize) -> Option<Value> {
    let is_element = |node: &Node| {
        matches!(
            node.key.as_deref(),
            Some("error" | "item" | "element" | "entry")
        )
    };
    let children = || tree.children(index);
    let is_list = children().next().is_some() && children().all(|(_, node)| is_element(node));
    let values = children().map(|(index, _)| value(tree, index, depth + 1));
    is_list.then(|| Value::Array(values.collect()))
}

/// The value of a node.
fn value(tree: &Tree, index: usize, depth: usize) -> Value {
    let Some(node) = tree.node(index).filter(|_| depth < DEEPEST) else {
        return Value::Null;
    };
    match node.kind {
        Kind::Quoted => Value::from(node.text.as_str()),
        // The lines of YAML and the elements of XML.
        Kind::Bare if node.text.is_empty() || node.text.starts_with('<') => {
            let members = || object(tree, index, depth).map(numbered);
            let value = elements(tree, index, depth).or_else(members);
            value.unwrap_or_else(|| array(tree, index, node, depth))
        }
        Kind::Bare => match inner(tree, index, node) {
            Some(group) => value(tree, group, depth + 1),
            None => literal(&node.text),
        },
        Kind::Group | Kind::List => match object(tree, index, depth) {
            Some(members) => numbered(members),
            None => array(tree, index, node, depth),
        },
    }
}

/// The members of a group. The known ones have the names of JSON.
fn object(tree: &Tree, group: usize, depth: usize) -> Option<Map<String, Value>> {
    let mut members = Map::new();
    for (index, node) in tree.children(group) {
        if let Some(key) = &node.key {
            let name = match normal(key).as_str() {
                known @ ("code" | "message" | "field" | "data" | "type" | "errors" | "error") => {
                    known.to_owned()
                }
                "requestid" => "request_id".to_owned(),
                "errorcode" | "errorkey" if depth > 0 => "code".to_owned(),
                _ => key.clone(),
            };
            let is_text = matches!(name.as_str(), "code" | "message" | "field" | "type");
            members.entry(name).or_insert_with(|| match is_text {
                true => text(tree, index),
                false => value(tree, index, depth + 1),
            });
        }
    }
    (!members.is_empty()).then_some(members)
}

/// An array, if the members have numbers for names.
fn numbered(members: Map<String, Value>) -> Value {
    let is_array = members
        .keys()
        .all(|key| key.bytes().all(|byte| byte.is_ascii_digit()));
    match is_array {
        true => Value::Array(members.into_iter().map(|(_, value)| value).collect()),
        false => Value::Object(members),
    }
}

fn array(tree: &Tree, index: usize, node: &Node, depth: usize) -> Value {
    let is_list = node.kind == Kind::List;
    let mut children = tree.children(index);
    let Some((first, child)) = children.next() else {
        let items = node.text.split(',').map(|text| literal(text.trim()));
        return match is_list {
            true => items.filter(|value| !value.is_null()).collect(),
            false => literal(&node.text),
        };
    };
    let rest: Vec<Value> = children
        .map(|(index, _)| value(tree, index, depth + 1))
        .collect();
    let first = value(tree, first, depth + 1);
    // `Some("x")`, `("x")`, `<<"x">>`.
    let is_wrapped = node.kind == Kind::Group && child.kind == Kind::Quoted && rest.is_empty();
    match is_wrapped {
        true => first,
        false => std::iter::once(first).chain(rest).collect(),
    }
}

/// The group that is the whole value, like that of `Some(5)`, `Array (..)` or `map[string]interface {}{..}`.
fn inner(tree: &Tree, index: usize, node: &Node) -> Option<usize> {
    let groups = tree
        .children(index)
        .filter(|(_, child)| matches!(child.kind, Kind::Group | Kind::List));
    let (last, _) = groups.last()?;
    let begin = node.text.find(['(', '[', '{', '<'])?;
    let name = node.text.get(..begin)?;
    let is_name = |char: char| char.is_alphanumeric() || "_.:#&*%$@\\ \n".contains(char);
    let is_whole = node.text.ends_with([')', ']', '}', '>']) && name.chars().all(is_name);
    let has_members = tree.children(last).next().is_some() && name.split_whitespace().count() <= 2;
    (is_whole && has_members).then_some(last)
}

/// The text of a value. What looks like a group in it is a part of the text.
fn text(tree: &Tree, index: usize) -> Value {
    match tree.node(index) {
        Some(node) if node.kind == Kind::Quoted => Value::from(node.text.as_str()),
        Some(node) => literal(&node.text),
        None => Value::Null,
    }
}

/// The value of text without quotes.
fn literal(text: &str) -> Value {
    let is_atom = |text: &&str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte))
    };
    let text = text.strip_prefix(':').filter(is_atom).unwrap_or(text);
    match text {
        text if NULLS.contains(&text) => Value::Null,
        "true" | "True" => Value::Bool(true),
        "false" | "False" => Value::Bool(false),
        text => match serde_json::from_str(text) {
            Ok(number @ Value::Number(_)) => number,
            _ => Value::from(text),
        },
    }
}
