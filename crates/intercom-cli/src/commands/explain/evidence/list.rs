//! Error lists in a tree, as the body that Intercom sent.

use intercom_errors::Entry;
use intercom_protocol::ApiError;
use serde_json::{Value, json};

use super::facts::is_named;
use super::{line, vocabulary as known};
use crate::commands::explain::notation::{Kind, Node, Pattern, Tree};

/// How deep a body is rendered. Deeper values become `null`.
const DEEPEST: usize = 16;
/// How many keys are tried, from the last one.
const MOST_TRIED: usize = 200;
/// What languages write for no value.
#[rustfmt::skip]
pub(super) const NULLS: &[&str] = &[
    "", "<nil>", "NULL", "None", "Null", "nil", "null", "undef", "undefined", "~",
];

/// An error body in a tree.
#[derive(Debug)]
pub(super) struct List {
    /// The value that is the list, or the code of a single error.
    pub(super) errors: usize,
    /// The error list as JSON.
    pub(super) body: Value,
    /// Whether it is a list or has a message of Intercom. Other single errors need a sign of HTTP around them.
    pub(super) is_sure: bool,
}

/// The last error body in the tree.
pub(super) fn last(tree: &Tree) -> Option<List> {
    let is_list = |index: &usize| {
        let node = tree.node(*index);
        node.is_some_and(|node| is_named(node, &known::ERRORS))
    };
    let read = |index: usize| match is_list(&index) {
        true => Some((index, list(tree, index)?, true)),
        false => single(tree, index).map(|(body, is_sure)| (index, body, is_sure)),
    };
    let keys = tree.nodes.iter().enumerate().rev();
    let keys = keys.filter(|(index, node)| is_named(node, &known::CODE_KEY) || is_list(index));
    let last = keys.take(MOST_TRIED).find_map(|(index, _)| read(index))?;
    // The code of an item comes after the key of its list.
    let mut above = tree.path(last.0).filter(is_list);
    let (errors, body, is_sure) = above.find_map(read).unwrap_or(last);
    Some(List {
        errors,
        body,
        is_sure,
    })
}

/// The list at this key, if it has the type of Intercom's or a known code.
fn list(tree: &Tree, index: usize) -> Option<Value> {
    let kind = member(tree, index, &known::TYPE).map(|kind| text(tree, kind));
    let kind = kind.filter(|kind| kind == "error.list");
    let is_typed = kind.is_some();
    let body = json!({ "type": kind, "errors": value(tree, index, 0) });
    let error = ApiError::from_parts(0, [], body.to_string().as_bytes());
    let is_list = is_typed && !error.errors().is_empty();
    (is_list || error.code().and_then(Entry::of).is_some()).then_some(body)
}

/// An error without a list around it, and whether it has a message of Intercom.
fn single(tree: &Tree, index: usize) -> Option<(Value, bool)> {
    let entry = Entry::of(&text(tree, index).as_str()?.into())?;
    let code = entry.code().as_str();
    let usual = entry.statuses().first().copied().unwrap_or_default();
    let member = |name: &Pattern| member(tree, index, name);
    let names = [&known::ERROR_MESSAGE, &known::MESSAGE].into_iter();
    let texts = names.filter_map(|name| Some(text(tree, member(name)?)));
    let texts: Vec<Value> = texts.filter(Value::is_string).collect();
    let said = |text: &Value| Some(line::matters((usual, code), text.as_str()?));
    let matters = |text: &&Value| said(text) == Some(true);
    let sure = texts.iter().find(matters);
    let item = json!({
        "code": code,
        "message": sure.or(texts.first()),
        "field": member(&known::FIELD).map(|index| text(tree, index)),
        "data": member(&known::DATA).map(|index| value(tree, index, 0)),
    });
    let is_foreign = member(&known::FOREIGN).is_some();
    (!is_foreign).then(|| (json!({ "errors": [item] }), sure.is_some()))
}

/// The nearest member with this name in the group of another member.
fn member(tree: &Tree, near: usize, name: &Pattern) -> Option<usize> {
    let members = tree.children(tree.node(near)?.parent);
    let named = members.filter(|(_, node)| is_named(node, name));
    let nearest = named.min_by_key(|(index, _)| index.abs_diff(near));
    nearest.map(|(index, _)| index)
}

/// The value of a node.
fn value(tree: &Tree, index: usize, depth: usize) -> Value {
    let Some(node) = tree.node(index).filter(|_| depth < DEEPEST) else {
        return Value::Null;
    };
    let is_leaf = |index| tree.children(index).next().is_none();
    if !node.text.is_empty() || is_leaf(index) {
        return text(tree, index);
    }
    let is_member = |node: &Node| node.key.is_some() && !is_named(node, &known::ITEM);
    let is_object = tree.children(index).any(|(_, node)| is_member(node));
    // In Go, `[string]` and `{}` before an item belong to its type.
    let is_group = |node: &Node| node.kind == Kind::Group && node.key.is_none();
    let is_type = |(index, node): &(usize, &Node)| is_group(node) && is_leaf(*index);
    let members = tree.children(index).filter(|member| !is_type(member));
    let members = members.map(|(index, node)| {
        let key = node.key.as_deref().unwrap_or_default();
        let is_code = is_named(node, &known::CODE_KEY);
        let key = if is_code { "code" } else { key };
        (key.to_ascii_lowercase(), value(tree, index, depth + 1))
    });
    match is_object {
        true => Value::Object(members.collect()),
        false => members.map(|(_, value)| value).collect(),
    }
}

/// The text of a value. What looks like a group in it is a part of the text.
fn text(tree: &Tree, index: usize) -> Value {
    let Some(node) = tree.node(index) else {
        return Value::Null;
    };
    let is_part = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let symbol = node.text.strip_prefix(':');
    let symbol = symbol.filter(|name| name.chars().all(is_part));
    match node.text.as_str() {
        text if node.kind == Kind::Quoted => text.into(),
        text if NULLS.contains(&text) => Value::Null,
        text => symbol.unwrap_or(text).into(),
    }
}
