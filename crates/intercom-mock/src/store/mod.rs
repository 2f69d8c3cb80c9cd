//! The contents of the workspace.

pub(crate) mod contact;
pub(crate) mod contacts;
pub(crate) mod exports;
pub(crate) mod generated;
pub(crate) mod scroll;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use contacts::Contacts;
use exports::Exports;
use generated::Generated;
use scroll::Scroll;

use crate::id::Ids;

pub(crate) const WORKSPACE: &str = "tx2p130c";
pub(crate) const ADMIN: &str = "991267001";

/// The contents of the workspace.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) ids: Ids,
    pub(crate) generated: Generated,
    pub(crate) contacts: Contacts,
    pub(crate) conversations: Collection,
    pub(crate) articles: Collection,
    pub(crate) companies: Collection,
    pub(crate) tags: Collection,
    pub(crate) messages: Collection,
    pub(crate) events: Vec<Value>,
    pub(crate) exports: Exports,
    pub(crate) scroll: Scroll,
}

/// Objects of one type without special rules, in order of creation.
#[derive(Debug, Default)]
pub(crate) struct Collection {
    next: u64,
    objects: BTreeMap<u64, Value>,
}

impl Collection {
    pub(crate) fn add(&mut self, object: Value) {
        self.objects.insert(self.next, object);
        self.next += 1;
    }

    pub(crate) fn find(&self, field: &str, value: &str) -> Option<&Value> {
        self.objects
            .values()
            .find(|object| has(object, field, value))
    }

    pub(crate) fn find_mut(&mut self, field: &str, value: &str) -> Option<&mut Value> {
        self.objects
            .values_mut()
            .find(|object| has(object, field, value))
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Value> {
        let key = self
            .objects
            .iter()
            .find(|(_, object)| has(object, "id", id))
            .map(|(&key, _)| key)?;
        self.objects.remove(&key)
    }

    pub(crate) fn len(&self) -> usize {
        self.objects.len()
    }

    pub(crate) fn numbered(&self) -> impl Iterator<Item = (u64, &Value)> {
        self.objects.iter().map(|(&key, object)| (key, object))
    }

    pub(crate) fn all(&self) -> Vec<Value> {
        self.objects.values().cloned().collect()
    }
}

fn has(object: &Value, field: &str, value: &str) -> bool {
    object.get(field).and_then(Value::as_str) == Some(value)
}

/// Returns a list as embedded in other objects: at most ten of its members, and how many there are.
pub(crate) fn embedded(url: &str, members: &[Value]) -> Value {
    let shown: Vec<&Value> = members.iter().take(10).collect();
    json!({ "type": "list", "data": shown, "url": url, "total_count": members.len(), "has_more": members.len() > 10 })
}

/// Overwrites fields of the target.
pub(crate) fn overlay(target: &mut Value, fields: &Map<String, Value>) {
    if let Some(target) = target.as_object_mut() {
        target.extend(
            fields
                .iter()
                .map(|(key, value)| (key.clone(), value.clone())),
        );
    }
}
