//! The rate limit of a response.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{RateLimit, UnixTime};

#[derive(Serialize, Deserialize)]
struct Record {
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reset: Option<UnixTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<UnixTime>,
}

impl Serialize for RateLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let record = Record {
            limit: self.limit(),
            remaining: self.remaining(),
            reset: self.reset(),
            date: self.date(),
        };
        record.serialize(serializer)
    }
}

/// Like in headers, a reset more than 24 hours after the date is ignored.
impl<'de> Deserialize<'de> for RateLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let record = Record::deserialize(deserializer)?;
        let limit = Self::default().with_limit(record.limit);
        let limit = limit.with_remaining(record.remaining);
        Ok(limit.with_date(record.date).with_reset(record.reset))
    }
}
