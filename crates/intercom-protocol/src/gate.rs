//! The types that calls and gates exchange, and the queue that gates are built from.
//!
//! A call passes its [`Ask`] to a gate and receives an [`Admission`]. The [`Permit`] in it reports to the gate how the attempt
//! ended. Each client crate has its own trait `Gate`, because blocking and async clients wait in different ways.

pub use intercom_pace::{
    Admission, Admit, Admitter, Answer, Ask, Gauge, Pacer, Permit, Priority, Queued, Refusal, Seen,
    Settle, SharedQueue, WaitObserver,
};
