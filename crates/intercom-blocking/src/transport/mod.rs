//! Placeholder until the ureq transport lands.
