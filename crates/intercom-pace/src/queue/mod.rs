//! The queue in front of a pacer.

mod turnstile;

pub use self::turnstile::{Place, Turn, Turnstile};
