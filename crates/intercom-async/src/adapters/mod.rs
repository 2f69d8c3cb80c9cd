//! Ready-made transports and timers, each behind a feature.

#[cfg(feature = "tokio")]
mod tokio;

#[cfg(feature = "tokio")]
pub use tokio::TokioTimer;
