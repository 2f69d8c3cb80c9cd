//! Stage 1: status, headers and bytes become an [`ApiError`](crate::ApiError). It cannot fail.

pub(crate) mod body;
pub(crate) mod date;
pub(crate) mod headers;
mod json;
mod members;
pub(crate) mod message;
pub(crate) mod number;
pub(crate) mod scope;
