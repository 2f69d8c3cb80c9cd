//! Recordings and bundles.
