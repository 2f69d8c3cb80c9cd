//! An item of an error list, and an error code.

use alloc::borrow::Cow;
use alloc::boxed::Box;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{ErrorCode, ErrorItem};

#[derive(Serialize, Deserialize)]
struct Record<'i> {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<ErrorCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Cow<'i, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<Cow<'i, str>>,
    /// Raw JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Cow<'i, str>>,
}

impl Serialize for ErrorItem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let record = Record {
            code: self.code().cloned(),
            message: self.message().map(Cow::from),
            field: self.field().map(Cow::from),
            data: self.data().map(Cow::from),
        };
        record.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ErrorItem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let record = Record::deserialize(deserializer)?;
        Ok(Self {
            code: record.code,
            message: record.message.map(Box::from),
            field: record.field.map(Box::from),
            data: record.data.map(Box::from),
        })
    }
}

/// Writes the code as the server spelled it, or in the spelling of the catalog if it is known.
impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer).map(|code| Self::from(&*code))
    }
}
