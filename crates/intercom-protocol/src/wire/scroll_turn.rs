//! One scroll at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a walk of this connection reads a scroll. Clones share it.
#[derive(Clone, Default)]
pub(super) struct ScrollSlot(Arc<AtomicBool>);

/// The right to read a scroll, until it is dropped.
pub(crate) struct ScrollTurn(ScrollSlot);

impl ScrollSlot {
    pub(super) fn take(&self) -> Option<ScrollTurn> {
        let was_taken = self.0.swap(true, Ordering::AcqRel);
        (!was_taken).then(|| ScrollTurn(self.clone()))
    }
}

impl Drop for ScrollTurn {
    fn drop(&mut self) {
        self.0.0.store(false, Ordering::Release);
    }
}
