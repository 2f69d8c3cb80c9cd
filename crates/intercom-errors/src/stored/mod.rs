//! Errors as records that can be stored and read again, with serde (feature `serde`).
//!
//! `docs/STORED_ERRORS.md` describes the format. The types of this folder define it, so the types of the rest of the crate
//! can change without changing it. A change that an older reader cannot ignore needs a new [`Version`].

mod names;

#[cfg(feature = "serde")]
mod api_error;
#[cfg(feature = "serde")]
mod bytes;
#[cfg(feature = "serde")]
mod class;
#[cfg(feature = "serde")]
mod fault;
#[cfg(feature = "serde")]
mod item;
#[cfg(feature = "serde")]
mod rate_limit;
#[cfg(feature = "serde")]
mod time;
#[cfg(feature = "serde")]
mod version;

#[cfg(feature = "serde")]
pub(crate) use api_error::Origin;
#[cfg(feature = "serde")]
pub use {bytes::StoredBytes, class::StoredClass, version::Version};

#[cfg(feature = "serde")]
#[doc(hidden)]
pub use names::read_name;
