//! Error lists in a tree, as the body that Intercom sent.

use intercom_errors::Entry;
use serde_json::{Map, Value, json};

use super::facts::is_named;
use super::line;
use crate::commands::explain::notation::{Kind, Node, Pattern, Tree};

/// How deep a body is rendered. Deeper values become `null`.
const DEEPEST: usize = 16;
/// How many keys are tried, from the last one.
const MOST_TRIED: usize = 200;
/// Names of an error list, and of the code of a single error.
static ERRORS: Pattern = Pattern::new(r"(?i)(?:^|\.)errors$");
static CODE: Pattern = Pattern::new(r"(?i)(?:^|\.)(?:(?:error[_-]?)?code|error[_-]?key)$");
/// Names of its message. The first ones belong to the error even if the log line has a message of its own.
static MESSAGES: [Pattern; 2] = [
    Pattern::new(
        r"(?i)err(?:or)?[._-]?(?:message|msg|detail|description)$|(?:^|\.)(?:details?|description)$",
    ),
    Pattern::new(r"(?i)(?:^|\.)(?:message|msg|error|err|exception)$"),
];
static TYPE: Pattern = Pattern::new(r"(?i)(?:^|\.)type$");
static FIELD: Pattern = Pattern::new(r"(?i)(?:^|\.)field$");
static DATA: Pattern = Pattern::new(r"(?i)(?:^|\.)data$");
/// Members of error bodies of other services.
static FOREIGN: Pattern = Pattern::new(
    "(?i)^(?:documentation_?url|doc_?url|domain|extensions|fault_?code|locations|more_?info|param|reason|request_?log_?url)$",
);
/// Names of the items of a list.
static ITEM: Pattern = Pattern::new("^(?:error|item|element|entry|[0-9]+)$");
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
    let is_list = |index| tree.node(index).is_some_and(|node| is_named(node, &ERRORS));
    let keys = tree.nodes().iter().enumerate().rev();
    let keys = keys.filter(|(index, node)| is_named(node, &CODE) || is_list(*index));
    let read = |index| {
        if is_list(index) {
            list(tree, index)
        } else {
            single(tree, index)
        }
    };
    let last = keys.take(MOST_TRIED).find_map(|(index, _)| read(index))?;
    // The code of an item comes after the key of its list.
    let outer = tree
        .path(last.group)
        .filter(|index| is_list(*index))
        .find_map(|index| list(tree, index));
    Some(outer.unwrap_or(last))
}

/// Says that a tree without an error list has a member that errors of other services have.
pub(super) fn foreign(tree: &Tree) -> Option<String> {
    let is_list = tree.nodes().iter().any(|node| is_named(node, &ERRORS));
    let found = tree.nodes().iter().find(|node| is_named(node, &FOREIGN))?;
    (!is_list).then(|| {
        format!(
            "Intercom's have no member {:?}",
            found.key.as_deref().unwrap_or_default()
        )
    })
}

fn list(tree: &Tree, index: usize) -> Option<List> {
    let errors = value(tree, index, 0);
    let items = errors.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut codes = items
        .iter()
        .filter_map(|item| item.get("code").or(item.get("type"))?.as_str());
    let is_known = codes.any(|code| Entry::of(&code.into()).is_some());
    let group = tree.node(index)?.parent;
    let kind = member(tree, group, index, &TYPE).map(|kind| text(tree, kind));
    let kind = kind.filter(|kind| kind == "error.list");
    let is_list = kind.is_some() && (errors.is_object() || !items.is_empty());
    let body = json!({ "type": kind, "errors": errors });
    (is_list || is_known).then_some(List {
        group,
        errors: index,
        body,
        is_sure: true,
    })
}

/// An error without a list around it.
fn single(tree: &Tree, index: usize) -> Option<List> {
    let entry = Entry::of(&text(tree, index).as_str()?.into())?;
    let group = tree.node(index)?.parent;
    let member = |name: &Pattern| member(tree, group, index, name);
    let texts = MESSAGES
        .iter()
        .filter_map(|name| text(tree, member(name)?).as_str().map(str::to_owned));
    let texts: Vec<String> = texts.collect();
    let pair = (
        entry.statuses().first().copied().unwrap_or_default(),
        entry.code().as_str(),
    );
    let matters = texts.iter().find(|text| line::matters(pair, text));
    let item = json!({
        "code": pair.1,
        "message": matters.or(texts.first()),
        "field": member(&FIELD).map(|index| text(tree, index)),
        "data": member(&DATA).map(|index| value(tree, index, 0)),
    });
    let (body, is_sure) = (json!({ "errors": [item] }), matters.is_some());
    member(&FOREIGN).is_none().then_some(List {
        group,
        errors: index,
        body,
        is_sure,
    })
}

/// The member of a group with this name that is nearest to another member.
fn member(tree: &Tree, group: usize, near: usize, name: &Pattern) -> Option<usize> {
    let named = tree
        .children(group)
        .filter(|(_, node)| is_named(node, name));
    named
        .map(|(index, _)| index)
        .min_by_key(|index| index.abs_diff(near))
}

/// The value of a node.
fn value(tree: &Tree, index: usize, depth: usize) -> Value {
    let Some(node) = tree.node(index).filter(|_| depth < DEEPEST) else {
        return Value::Null;
    };
    let is_leaf = !node.text.is_empty() || tree.children(index).next().is_none();
    if is_leaf && node.kind == Kind::List {
        let items = node.text.split(',').map(|text| literal(text.trim()));
        return items.filter(|item| !item.is_null()).collect();
    }
    if is_leaf {
        return text(tree, index);
    }
    let is_member = |node: &Node| node.key.is_some() && !is_named(node, &ITEM);
    if !tree.children(index).any(|(_, node)| is_member(node)) {
        return tree
            .children(index)
            .map(|(index, _)| value(tree, index, depth + 1))
            .collect();
    }
    let mut members = Map::new();
    for (index, node) in tree.children(index) {
        let (name, is_text) = name(node);
        members.entry(name).or_insert_with(|| match is_text {
            true => text(tree, index),
            false => value(tree, index, depth + 1),
        });
    }
    Value::Object(members)
}

/// The key of a member, as Intercom writes it, and whether its value is a text.
fn name(node: &Node) -> (&str, bool) {
    let key = node.key.as_deref().unwrap_or_default();
    match key.to_ascii_lowercase().as_str() {
        "code" | "errorcode" | "error_code" | "errorkey" => ("code", true),
        "message" => ("message", true),
        "field" => ("field", true),
        "type" => ("type", true),
        "requestid" => ("request_id", false),
        "data" => ("data", false),
        _ => (key, false),
    }
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
