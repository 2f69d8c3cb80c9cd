//! What a call and a gate say to each other, and the queue that gates are made of.
//!
//! A call hands its [`Ask`] to a gate and receives an [`Admission`]; a [`Permit`] reports back how the attempt ended. Each
//! client crate has the trait `Gate` for its own kind of waiting.

pub use intercom_pace::{
    Admission, Answer, Ask, Gauge, Permit, Queued, Refusal, Seen, Settle, SharedQueue, WaitObserver,
};
