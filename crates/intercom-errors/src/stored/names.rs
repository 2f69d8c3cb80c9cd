//! Names in snake case, as the enums of `names!` spell them.

/// Implements `Serialize` and `Deserialize` for an enum of `names!`, if this crate has the feature `serde`.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! stored_name {
    ($name:ident) => {
        /// Writes the name in snake case.
        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        /// Reads the name like [`FromStr`](core::str::FromStr).
        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                $crate::read_name(deserializer)
            }
        }
    };
}

/// Does nothing: this crate does not have the feature `serde`.
#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! stored_name {
    ($name:ident) => {};
}

/// Reads a name.
///
/// # Errors
///
/// Fails for an unknown name, and for anything but a string.
#[cfg(feature = "serde")]
pub fn read_name<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: core::str::FromStr<Err = crate::UnknownName>,
{
    use serde::de::Error as _;

    let name: alloc::borrow::Cow<'_, str> = serde::Deserialize::deserialize(deserializer)?;
    name.parse().map_err(D::Error::custom)
}
