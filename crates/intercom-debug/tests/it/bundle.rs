//! Bundles: what is in them when something is wrong, and how they are written.
