//! The ids of the items that a walk has returned.

use core::fmt;
use std::error::Error as StdError;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::MaybeSend;

/// An id in 16 bytes.
///
/// An id of 24 hexadecimal digits, like that of a contact or company, is stored as its 12 bytes. Any other id is stored as a
/// hash of 128 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdKey([u8; 16]);

impl IdKey {
    /// Returns the key of an id.
    #[must_use]
    pub fn new(id: &str) -> Self {
        let key = packed(id.as_bytes()).unwrap_or_else(|| hash([id.as_bytes()]).to_be_bytes());
        Self(key)
    }

    /// Returns the key that a walk uses for this item: that of its `id`, or of its whole JSON if it has none.
    #[must_use]
    pub fn of_item(json: &str) -> Self {
        let item: ItemId<'_> = serde_json::from_str(json).unwrap_or_default();
        Self::of(item.id.and_then(text).as_deref(), json)
    }

    pub(super) fn of(id: Option<&str>, json: &str) -> Self {
        match id {
            Some(id) => Self::new(id),
            None => Self(hash([json.as_bytes()]).to_be_bytes()),
        }
    }

    /// The key of several ids in their order.
    pub(crate) fn of_all(keys: &[Self]) -> Self {
        Self(hash(keys.iter().map(|key| key.0.as_slice())).to_be_bytes())
    }

    /// Returns the key that [`to_bytes`](Self::to_bytes) returned as bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes of the key. They stay the same in all versions, so they can be stored.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// A shorter mark, for checkpoints.
    #[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
    pub(crate) fn mark(self) -> u64 {
        let hash = hash([self.0.as_slice()]);
        (hash >> 64) as u64 ^ hash as u64
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ItemId<'j> {
    #[serde(borrow)]
    id: Option<&'j RawValue>,
}

/// A string, or a number as a string.
pub(super) fn text(json: &RawValue) -> Option<String> {
    match serde_json::from_str(json.get()).ok()? {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Shows nothing of the id.
impl fmt::Debug for IdKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdKey(..)")
    }
}

/// The 12 bytes that 24 lower-case hexadecimal digits stand for, and four zeros.
fn packed(id: &[u8]) -> Option<[u8; 16]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if id.len() != 24 {
        return None;
    }
    let mut key = [0; 16];
    for (byte, pair) in key.iter_mut().zip(id.chunks_exact(2)) {
        let &[high, low] = pair else { return None };
        *byte = digit(high)? << 4 | digit(low)?;
    }
    Some(key)
}

/// FNV-1a with 128 bits, over these parts and their ends.
pub(super) fn hash<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> u128 {
    const PRIME: u128 = 0x0100_0000_0000_0000_0000_013b;
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    let mut add = |byte: u8| hash = (hash ^ u128::from(byte)).wrapping_mul(PRIME);
    for part in parts {
        part.iter().copied().for_each(&mut add);
        add(0xff);
    }
    hash
}

/// Remembers which items a walk has returned.
///
/// A walk needs it where pages can be read twice: for a scroll, which cannot be continued but only restarted, and for lists
/// with page numbers. If you pass one, a list with cursors uses it too, for items with an id. [`SeenIds`] keeps the ids in memory,
/// and is the default. A program that resumes such a walk after a crash needs a store on disk, or some items are returned again:
/// `SeenInFile` of `intercom-batch` reads the ids from the file of items. A resumed walk checks that a store with ids has that of
/// the item that was returned last.
pub trait Seen: MaybeSend {
    /// Returns whether the id was added before.
    ///
    /// # Errors
    ///
    /// Any error of the store. It ends the walk, with an error of kind [`Store`](super::WalkErrorKind::Store).
    fn contains(&self, key: IdKey) -> Result<bool, Box<dyn StdError + Send + Sync>>;

    /// Adds the id of an item that is about to be returned.
    ///
    /// A store on disk must not outlive the item: if the program crashes before it has stored the item, the id must not be
    /// in the store either. The simplest store reads the ids from the items that were stored.
    ///
    /// # Errors
    ///
    /// Any error of the store. It ends the walk, and the item is not returned.
    fn insert(&mut self, key: IdKey) -> Result<(), Box<dyn StdError + Send + Sync>>;

    /// Returns the number of ids.
    fn len(&self) -> u64;

    /// Returns whether there are no ids.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[rustfmt::skip]
impl<S: Seen + ?Sized> Seen for Box<S> {
    fn contains(&self, key: IdKey) -> Result<bool, Box<dyn StdError + Send + Sync>> { (**self).contains(key) }
    fn insert(&mut self, key: IdKey) -> Result<(), Box<dyn StdError + Send + Sync>> { (**self).insert(key) }
    fn len(&self) -> u64 { (**self).len() }
}

/// The number of keys at which a block is split.
const BLOCK: usize = 512;

/// Ids in memory, in at most 24 bytes for each.
///
/// ```
/// use intercom_protocol::walk::{IdKey, Seen, SeenIds};
///
/// let mut ids = SeenIds::new();
/// ids.insert(IdKey::new("6762f0dd1b69f9f2193bae83"))?;
/// assert!(ids.contains(IdKey::new("6762f0dd1b69f9f2193bae83"))?);
/// assert!(!ids.contains(IdKey::new("6762f0dd1b69f9f2193bae84"))?);
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
// A hash table doubles its size, so that it can be two thirds empty. Sorted blocks grow by an eighth.
#[derive(Clone, Default)]
pub struct SeenIds {
    /// Sorted, and so are the keys of each block. No block is empty.
    blocks: Vec<Vec<IdKey>>,
    len: u64,
}

impl SeenIds {
    /// Creates an empty store.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            blocks: Vec::new(),
            len: 0,
        }
    }

    /// Returns how many bytes of memory the ids take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let keys: usize = self.blocks.iter().map(Vec::capacity).sum();
        keys * size_of::<IdKey>() + self.blocks.capacity() * size_of::<Vec<IdKey>>()
    }

    /// Adds an id. Returns whether it is new.
    pub(super) fn add(&mut self, key: IdKey) -> bool {
        if self.blocks.is_empty() {
            self.blocks.push(Vec::new());
        }
        let index = self.block_of(key);
        let Some(block) = self.blocks.get_mut(index) else {
            return false;
        };
        let Err(place) = block.binary_search(&key) else {
            return false;
        };
        if block.len() == block.capacity() {
            block.reserve_exact((block.len() / 8).max(8));
        }
        block.insert(place, key);
        self.len += 1;
        if block.len() >= BLOCK {
            // Ids that come in order fill blocks: the new block then begins with the last key alone.
            let is_last = place + 1 == block.len();
            let half = if is_last { place } else { BLOCK / 2 };
            let upper = block.split_off(half);
            block.shrink_to_fit();
            self.blocks.insert(index + 1, upper);
        }
        true
    }

    /// The index of the block that has the key, or where it belongs.
    fn block_of(&self, key: IdKey) -> usize {
        let is_before = |block: &Vec<IdKey>| block.first().is_some_and(|first| *first <= key);
        self.blocks.partition_point(is_before).saturating_sub(1)
    }
}

impl Seen for SeenIds {
    fn contains(&self, key: IdKey) -> Result<bool, Box<dyn StdError + Send + Sync>> {
        let block = self.blocks.get(self.block_of(key));
        Ok(block.is_some_and(|block| block.binary_search(&key).is_ok()))
    }

    fn insert(&mut self, key: IdKey) -> Result<(), Box<dyn StdError + Send + Sync>> {
        self.add(key);
        Ok(())
    }

    fn len(&self) -> u64 {
        self.len
    }
}

/// Shows how many ids there are.
impl fmt::Debug for SeenIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeenIds")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{IdKey, Seen, SeenIds, hash};

    /// Numbers in an order without a pattern.
    fn shuffled(count: u64) -> impl Iterator<Item = u64> {
        (0..count).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    #[test]
    fn an_id_takes_at_most_24_bytes_in_any_order() {
        let orders: [Box<dyn Iterator<Item = u64>>; 3] = [
            Box::new(0..100_000),
            Box::new((0..100_000).rev()),
            Box::new(shuffled(100_000)),
        ];
        for (n, order) in orders.into_iter().enumerate() {
            let mut ids = SeenIds::new();
            for number in order {
                ids.insert(IdKey::new(&format!("6762f0dd{number:016x}")))
                    .unwrap();
            }
            assert_eq!(ids.len(), 100_000);
            let each = ids.bytes() as f64 / 100_000.0;
            assert!(each <= 24.0, "{each} bytes in order {n}");
            // In order, blocks are full.
            assert!(n > 0 || ids.blocks.len() < 200, "{}", ids.blocks.len());
        }
    }

    #[test]
    fn an_id_is_found_once_it_was_added_and_not_before() {
        let mut ids = SeenIds::new();
        for number in shuffled(5_000) {
            for id in [format!("6762f0dd{number:016x}"), number.to_string()] {
                let key = IdKey::new(&id);
                assert!(!ids.contains(key).unwrap(), "{id}");
                ids.insert(key).unwrap();
                ids.insert(key).unwrap();
                assert!(ids.contains(key).unwrap(), "{id}");
            }
        }
        assert_eq!(ids.len(), 10_000);
    }

    #[test]
    fn the_hash_is_fnv_1a_and_separates_parts() {
        // The end of a part adds 0xff.
        assert_eq!(hash([]), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_ne!(hash([&b"ab"[..], b"c"]), hash([&b"a"[..], b"bc"]));
        assert_ne!(IdKey::new("1").mark(), IdKey::new("2").mark());
    }

    /// A block grows by an eighth, and by eight ids at first. A list of blocks begins with room for four.
    #[test]
    fn memory_is_counted() {
        let bytes = |count: u64| {
            let mut ids = SeenIds::new();
            (0..count).for_each(|number| assert!(ids.add(IdKey::new(&number.to_string()))));
            ids.bytes()
        };
        let of_blocks = 4 * size_of::<Vec<IdKey>>();
        assert_eq!(
            [0, 1, 100].map(bytes),
            [0, 8 * 16 + of_blocks, 102 * 16 + of_blocks]
        );
    }

    #[test]
    fn key_is_that_of_the_id_and_can_be_stored() {
        let key = IdKey::new("6762f0dd1b69f9f2193bae83");
        let bytes = [
            0x67, 0x62, 0xf0, 0xdd, 0x1b, 0x69, 0xf9, 0xf2, 0x19, 0x3b, 0xae, 0x83, 0, 0, 0, 0,
        ];
        assert_eq!(key.to_bytes(), bytes);
        assert!(IdKey::from_bytes(bytes) == key);
        assert!(IdKey::of_item(r#"{"id":7}"#) == IdKey::new("7"));
        assert!(IdKey::of_item(r#"{"id":"7"}"#) == IdKey::new("7"));
        assert!(IdKey::of_item(r#"{"name":7}"#) != IdKey::of_item(r#"{"name":8}"#));
        assert_eq!(format!("{key:?}"), "IdKey(..)");
        let mut ids = SeenIds::new();
        ids.insert(key).unwrap();
        assert_eq!(format!("{ids:?}"), "SeenIds { len: 1, .. }");
    }
}
