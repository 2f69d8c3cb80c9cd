//! The queue in front of a pacer.

#[cfg(all(test, loom))]
mod interleavings;
#[cfg(feature = "std")]
mod shared;
mod turnstile;

#[cfg(feature = "std")]
pub use self::shared::{Queued, SharedQueue};
pub use self::turnstile::{Place, Turn, Turnstile};
