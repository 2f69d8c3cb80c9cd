//! A page whose items are being returned.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::place::Place;
use super::seen::{IdKey, text};
use crate::Error;
use crate::flows::{Cursor, Page};

/// A page whose items are being returned, and the place after it.
#[derive(Debug)]
pub(super) struct Loaded {
    page: Page,
    cursor: Cursor,
    pub(super) next: Place,
    /// How many items of the page were new.
    pub(super) fresh: u64,
    /// Whether an item had been returned before the walk was resumed.
    pub(super) overlaps: bool,
}

/// The next item of a page: what a walk has to know about it.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) key: IdKey,
    pub(super) id: String,
    pub(super) created_at: Option<i64>,
    pub(super) workspace: Option<String>,
    /// Behind the item.
    pub(super) after: Cursor,
}

/// The members of an item that a walk reads.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Members<'j> {
    #[serde(borrow)]
    id: Option<&'j RawValue>,
    #[serde(borrow)]
    created_at: Option<&'j RawValue>,
    #[serde(borrow)]
    workspace_id: Option<&'j RawValue>,
    #[serde(borrow)]
    app_id: Option<&'j RawValue>,
}

impl Loaded {
    pub(super) fn new(page: Page, next: Place) -> Self {
        Self {
            page,
            cursor: Cursor::default(),
            next,
            fresh: 0,
            overlaps: false,
        }
    }

    /// Whether all items have been taken.
    pub(super) const fn is_read(&self) -> bool {
        self.page.is_read(self.cursor)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.page.is_empty()
    }

    /// Reads what a walk has to know about the next item.
    pub(super) fn item(&self) -> Option<Result<Item, Error>> {
        let mut after = self.cursor;
        let json: &RawValue = match self.page.item(&mut after)? {
            Ok(json) => json,
            Err(error) => return Some(Err(error)),
        };
        let members: Members<'_> = serde_json::from_str(json.get()).unwrap_or_default();
        let id = members.id.and_then(text);
        Some(Ok(Item {
            key: IdKey::of(id.as_deref(), json.get()),
            id: id.unwrap_or_default(),
            created_at: members.created_at.and_then(|at| at.get().parse().ok()),
            workspace: members.workspace_id.or(members.app_id).and_then(text),
            after,
        }))
    }

    /// Decodes the next item.
    pub(super) fn decode<T: DeserializeOwned>(&self) -> Option<Result<T, Error>> {
        self.page.item(&mut self.cursor.clone())
    }

    /// Moves on behind this item.
    pub(super) const fn take(&mut self, item: &Item) {
        self.cursor = item.after;
    }
}
