//! What the workspace holds.

pub(crate) mod contact;
pub(crate) mod contacts;
pub(crate) mod scroll;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use contacts::Contacts;
use scroll::Scroll;

use crate::id::Ids;

pub(crate) const WORKSPACE: &str = "tx2p130c";
pub(crate) const ADMIN: &str = "991267001";

/// Everything the workspace holds.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) ids: Ids,
    pub(crate) contacts: Contacts,
    pub(crate) conversations: Shelf,
    pub(crate) articles: Shelf,
    pub(crate) companies: Shelf,
    pub(crate) tags: Shelf,
    pub(crate) messages: Shelf,
    pub(crate) events: Vec<Value>,
    pub(crate) scroll: Scroll,
}

/// Objects of a kind without rules of their own, in the order of their making.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    next: u64,
    objects: BTreeMap<u64, Value>,
}

impl Shelf {
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

/// An embedded list as objects carry it: at most ten of its members, and how many there are.
pub(crate) fn embedded(url: &str, members: &[Value]) -> Value {
    let shown: Vec<&Value> = members.iter().take(10).collect();
    json!({ "type": "list", "data": shown, "url": url, "total_count": members.len(), "has_more": members.len() > 10 })
}

/// Writes the fields of one object over those of another.
pub(crate) fn overlay(target: &mut Value, fields: &Map<String, Value>) {
    if let Some(target) = target.as_object_mut() {
        target.extend(
            fields
                .iter()
                .map(|(key, value)| (key.clone(), value.clone())),
        );
    }
}
