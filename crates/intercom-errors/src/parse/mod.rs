//! Stage 1: parses status, headers and bytes into an [`ApiError`](crate::ApiError). This cannot fail.

pub(crate) mod body;
pub(crate) mod date;
mod enclosed;
pub(crate) mod headers;
mod json;
mod members;
pub(crate) mod message;
pub(crate) mod number;
pub(crate) mod scope;
