//! Stage 1: parses status, headers and bytes into an [`ApiError`](crate::ApiError). This cannot fail.

pub(crate) mod body;
pub(crate) mod content;
pub(crate) mod date;
mod enclosed;
pub(crate) mod headers;
mod json;
mod members;
pub(crate) mod number;
pub(crate) mod scope;

/// The limits of parsing, by the names in `docs/errors/catalog.json`.
pub const LIMITS: &[(&str, usize)] = &[
    ("enclosed_depth", enclosed::DEPTH),
    ("field_characters", members::NAME),
    ("field_depth", members::DEPTH),
    ("html_bytes", body::HEAD),
    ("items", json::MANY),
];
