//! Stage 1: status, headers and bytes become an [`ApiError`](crate::ApiError). It cannot fail.

pub(crate) mod body;
pub(crate) mod date;
pub(crate) mod headers;
pub(crate) mod message;
