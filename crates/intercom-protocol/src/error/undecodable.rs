//! A response that does not match the requested type.

use bytes::Bytes;
use http::StatusCode;

/// A response, or a part of one, that does not match the requested type.
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Undecodable {
    /// The status of the response; `None` if only a part of a response was decoded.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none", with = "status")
    )]
    pub(crate) status: Option<StatusCode>,
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub(crate) request_id: Option<String>,
    #[cfg_attr(feature = "serde", serde(with = "body"))]
    pub(crate) body: Bytes,
    pub(crate) path: String,
    /// `None` in an error that was read from a record.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) source: Option<serde_json::Error>,
}

/// A status as a number.
#[cfg(feature = "serde")]
mod status {
    use http::StatusCode;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        status: &Option<StatusCode>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        status.map(|status| status.as_u16()).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<StatusCode>, D::Error> {
        let status = Option::<u16>::deserialize(deserializer)?.map(StatusCode::from_u16);
        status.transpose().map_err(D::Error::custom)
    }
}

/// The first 64 KiB of the body.
#[cfg(feature = "serde")]
mod body {
    use bytes::Bytes;
    use intercom_errors::StoredBytes;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// As many bytes as an error response keeps.
    const KEPT: usize = 64 * 1024;

    pub(crate) fn serialize<S: Serializer>(body: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        let kept = body.get(..KEPT).unwrap_or(body);
        StoredBytes(kept.into()).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Bytes, D::Error> {
        let StoredBytes(bytes) = StoredBytes::deserialize(deserializer)?;
        Ok(bytes.into_owned().into())
    }
}
