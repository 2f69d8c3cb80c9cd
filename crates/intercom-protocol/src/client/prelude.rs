//! What a user of a client names, whatever the HTTP stack; a client crate re-exports all of it from its root.

pub use crate::flows::{
    Contact, ContactQuery, Diagnosis, NewContact, OnArchived, Outcome, Page, Resolved,
};
pub use crate::{
    Action, ApiError, ApiRequest, Category, Error, ErrorKind, OptionalExt, PacerSettings, Pacing,
    Region, Reply, RetryBudget, RetryPolicy, StopReason, http, observe,
};
