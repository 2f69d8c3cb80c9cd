//! The engine of `intercom batch`.
