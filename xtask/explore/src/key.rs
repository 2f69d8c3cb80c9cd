//! The key of a state: a hash of 128 bits. Two of a hundred million states have the same key with a probability of 10^-23.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Everything that makes up a state, in one row of bytes.
pub(crate) struct Key(Vec<u8>);

/// More bytes than most states have.
const ROOM: usize = 8192;

impl Key {
    pub(crate) fn new() -> Self {
        Self(Vec::with_capacity(ROOM))
    }

    pub(crate) fn add(&mut self, part: impl Hash) {
        part.hash(self);
    }

    /// Adds what `Debug` shows. It is complete where it is derived. Numbers that differ by less than a millionth count as equal.
    pub(crate) fn add_debug(&mut self, part: &dyn fmt::Debug) {
        // Writing to memory does not fail.
        let _ = fmt::Write::write_fmt(self, format_args!("{part:.6?};"));
    }

    pub(crate) fn finish(&self) -> u128 {
        let half = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            hasher.write_u8(salt);
            hasher.write(&self.0);
            u128::from(hasher.finish())
        };
        half(1) << 64 | half(2)
    }
}

impl Hasher for Key {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        Self::finish(self) as u64
    }
}

impl fmt::Write for Key {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
