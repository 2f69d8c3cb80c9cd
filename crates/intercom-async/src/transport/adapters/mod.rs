//! Ready-made transports and timers, each behind a feature.

#[cfg(any(feature = "hyper", feature = "reqwest", feature = "tower"))]
pub(super) mod connect_limit;
#[cfg(any(feature = "hyper", feature = "reqwest", feature = "tower"))]
mod fault;

#[cfg(feature = "hyper")]
mod hyper;
#[cfg(feature = "hyper")]
mod interim;
#[cfg(feature = "hyper")]
mod lookup;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "tokio")]
mod tokio;

#[cfg(feature = "hyper")]
pub use self::hyper::HyperTransport;
#[cfg(feature = "reqwest")]
pub use self::reqwest::ReqwestTransport;
#[cfg(feature = "tokio")]
pub use self::tokio::TokioTimer;
