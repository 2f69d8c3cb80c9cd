//! Bytes in a record: as text if they are UTF-8, otherwise in base64.

use alloc::borrow::Cow;
use alloc::string::String;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes in a record. The other crates use it too.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "it is not part of the documented interface"
)]
pub struct StoredBytes<'b>(pub Cow<'b, [u8]>);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Form<'b> {
    Text(Cow<'b, str>),
    Base64(String),
}

impl Serialize for StoredBytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let form = match core::str::from_utf8(&self.0) {
            Ok(text) => Form::Text(text.into()),
            Err(_) => Form::Base64(STANDARD.encode(&self.0)),
        };
        form.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StoredBytes<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = match Form::deserialize(deserializer)? {
            Form::Text(text) => text.into_owned().into_bytes(),
            Form::Base64(text) => STANDARD.decode(text).map_err(D::Error::custom)?,
        };
        Ok(Self(bytes.into()))
    }
}
