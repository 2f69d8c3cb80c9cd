//! Error lists in a tree, as the body that Intercom sent.

use intercom_errors::Entry;
use intercom_protocol::ErrorCode;
use serde_json::{Map, Value, json};

use super::facts::{is_named, normal};
use super::messages;
use crate::commands::explain::notation::{Kind, Node, Tree};

/// How deep a body is rendered. Deeper values become `null`.
const DEEPEST: usize = 16;
/// How many keys are tried, from the last one.
const MOST_TRIED: usize = 200;
/// Members of error bodies of other services.
#[rustfmt::skip]
const FOREIGN: &[&str] = &[
    "documentationurl", "docurl", "domain", "extensions", "faultcode", "locations", "moreinfo", "param", "reason",
    "requestlogurl",
];
/// Names of the code of a single error.
const CODES: &[&str] = &["code", "errorcode", "errorkey"];
/// Names of its message. The first ones belong to the error even if the log line has a message of its own.
#[rustfmt::skip]
const MESSAGES: &[&str] = &[
    "errormessage", "errormsg", "errmessage", "errmsg", "errordetail", "errordescription", "detail", "details",
    "description", "message", "msg", "error", "err", "exception",
];
/// Names of the items of a list in XML.
const ITEMS: &[&str] = &["error", "item", "element", "entry"];
/// What languages write for no value.
#[rustfmt::skip]
pub(super) const NULLS: &[&str] = &[
    "", "<nil>", "NULL", "None", "Null", "nil", "null", "undef", "undefined", "~",
];

/// An error body in a tree.
#[derive(Debug)]
pub(super) struct List {
    /// The group that contains the error list, or the error itself.
    pub(super) group: usize,
    /// The value that is the list, or the code of a single error.
    pub(super) errors: usize,
    /// The error list as JSON.
    pub(super) body: Value,
    /// Whether it is a list or has a message of Intercom. Other single errors need a sign of HTTP around them.
    pub(super) is_sure: bool,
}

/// The last error body in the tree.
pub(super) fn last(tree: &Tree) -> Option<List> {
    let keys = tree.nodes().iter().enumerate().rev();
    let keys = keys.filter(|(_, node)| is_named(node, CODES) || is_named(node, &["errors"]));
    let last = keys
        .take(MOST_TRIED)
        .find_map(|(index, node)| match is_named(node, CODES) {
            true => single(tree, index),
            false => list(tree, index),
        })?;
    // The code of an item comes after the key of its list.
    let mut above = tree.path(last.group).filter(|index| is_list(tree, *index));
    let outer = above.find_map(|index| list(tree, index));
    Some(outer.unwrap_or(last))
}

fn is_list(tree: &Tree, index: usize) -> bool {
    tree.node(index)
        .is_some_and(|node| is_named(node, &["errors"]))
}

/// Says that a tree has a member that errors of other services have, if it has no error list.
pub(super) fn foreign(tree: &Tree) -> Option<String> {
    let found = tree
        .nodes()
        .iter()
        .find(|node| is_named(node, FOREIGN))?
        .key
        .as_ref()?;
    let is_list = tree
        .nodes()
        .iter()
        .any(|node| node.key.as_deref() == Some("errors"));
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
    let is_typed = kind.is_some_and(|kind| kind == "error.list");
    let is_empty = items.is_empty() && !errors.is_object();
    let body = json!({ "type": is_typed.then_some("error.list"), "errors": errors });
    let list = List {
        group,
        errors: index,
        body,
        is_sure: true,
    };
    (!is_empty && (is_typed || is_known)).then_some(list)
}

/// An error without a list around it.
fn single(tree: &Tree, index: usize) -> Option<List> {
    let entry = Entry::of(&text(tree, index).as_str()?.into())?;
    let group = tree.node(index)?.parent;
    if tree
        .children(group)
        .any(|(_, node)| is_named(node, FOREIGN))
    {
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
    let matters = texts
        .iter()
        .find(|text| messages::matters((status, code), text));
    let item = json!({
        "code": code,
        "message": matters.or(texts.first()),
        "field": member(&["field"]).map(|index| text(tree, index)),
        "data": member(&["data"]).map(|index| value(tree, index, 0)),
    });
    let is_sure = matters.is_some();
    Some(List {
        group,
        errors: index,
        body: json!({ "errors": [item] }),
        is_sure,
    })
}

/// The member of a group with one of the names that is nearest to another member.
fn member(tree: &Tree, group: usize, near: usize, names: &[&str]) -> Option<usize> {
    let named = tree
        .children(group)
        .filter(|(_, node)| is_named(node, names));
    named
        .map(|(index, _)| index)
        .min_by_key(|index| index.abs_diff(near))
}

/// The value of a node.
fn value(tree: &Tree, index: usize, depth: usize) -> Value {
    let Some(node) = tree.node(index).filter(|_| depth < DEEPEST) else {
        return Value::Null;
    };
    let is_item = |key: &str| ITEMS.contains(&key) || key.bytes().all(|byte| byte.is_ascii_digit());
    let mut children = tree.children(index).peekable();
    let is_leaf = !node.text.is_empty() || children.peek().is_none();
    if is_leaf && node.kind == Kind::List {
        let items = node.text.split(',').map(|text| literal(text.trim()));
        return items.filter(|item| !item.is_null()).collect();
    }
    if is_leaf || tree.only(index) != index {
        return text(tree, index);
    }
    let keyed = |(_, node): (usize, &Node)| node.key.as_deref().is_some_and(|key| !is_item(key));
    if tree.children(index).any(keyed) {
        return object(tree, index, depth);
    }
    children
        .map(|(index, _)| value(tree, index, depth + 1))
        .collect()
}

/// The members of a group. The known ones have the names of JSON.
fn object(tree: &Tree, group: usize, depth: usize) -> Value {
    let mut members = Map::new();
    for (index, node) in tree.children(group) {
        let key = node.key.as_deref().unwrap_or_default();
        let name = match normal(key).as_str() {
            "requestid" => "request_id",
            "errorcode" | "errorkey" if depth > 0 => "code",
            name => *["code", "message", "field", "data", "type"]
                .iter()
                .find(|known| **known == name)
                .unwrap_or(&key),
        };
        let is_text = ["code", "message", "field", "type"].contains(&name);
        members.entry(name).or_insert_with(|| match is_text {
            true => text(tree, index),
            false => value(tree, index, depth + 1),
        });
    }
    Value::Object(members)
}

/// The text of a value. What looks like a group in it is a part of the text.
fn text(tree: &Tree, index: usize) -> Value {
    match tree.node(tree.only(index)) {
        Some(node) if node.kind == Kind::Quoted => Value::from(node.text.as_str()),
        Some(node) => literal(&node.text),
        None => Value::Null,
    }
}

/// The value of text without quotes.
fn literal(text: &str) -> Value {
    let is_atom =
        |text: &&str| !text.contains(|char: char| !char.is_ascii_alphanumeric() && char != '_');
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
