//! An exchange without a complete response.

use alloc::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{StoredClass, Version};
use crate::{ApiError, Fault, FaultKind, Phase};

#[derive(Serialize, Deserialize)]
struct Record<'f> {
    v: Version,
    phase: Phase,
    kind: FaultKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<StoredClass>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Cow<'f, ApiError>>,
}

/// Leaves out the source, because its text can contain the URL.
impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stored = self.stored_class().cloned();
        let record = Record {
            v: Version,
            phase: self.phase(),
            kind: self.kind(),
            class: Some(stored.unwrap_or_else(|| self.class().into())),
            response: self.response().map(Cow::Borrowed),
        };
        record.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Fault {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let record = Record::deserialize(deserializer)?;
        let response = record.response.map(Cow::into_owned);
        let mut fault = Self::new(record.phase, record.kind, response);
        fault.0.stored_class = record.class;
        Ok(fault)
    }
}
