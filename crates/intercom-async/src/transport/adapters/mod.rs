//! Ready-made transports and timers, each behind a feature.

#[cfg(feature = "_adapter")]
pub(super) mod connect_limit;
#[cfg(feature = "_adapter")]
mod fault;

#[cfg(feature = "async-io")]
mod async_io;
#[cfg(feature = "hyper")]
mod hyper;
#[cfg(any(feature = "hyper", feature = "tower"))]
mod interim;
#[cfg(feature = "hyper")]
mod lookup;
#[cfg(any(feature = "reqwest", feature = "reqwest-0-12"))]
mod reqwest;
#[cfg(feature = "tokio")]
mod tokio;
#[cfg(any(feature = "async-io", feature = "tokio"))]
mod wall;

/// How many header lines a response may have. ureq accepts as many, so the clients behave alike.
#[cfg(any(feature = "hyper", feature = "reqwest"))]
const HEADER_LINES: usize = 128;

#[cfg(feature = "async-io")]
pub use self::async_io::AsyncIoTimer;
#[cfg(feature = "_adapter")]
pub use self::connect_limit::ConnectLimit;
#[cfg(feature = "hyper")]
pub use self::hyper::HyperTransport;
#[cfg(feature = "tower")]
pub(crate) use self::interim::Interim;
#[cfg(feature = "reqwest-0-12")]
pub use self::reqwest::Reqwest012Transport;
#[cfg(feature = "reqwest")]
pub use self::reqwest::ReqwestTransport;
#[cfg(feature = "tokio")]
pub use self::tokio::TokioTimer;
