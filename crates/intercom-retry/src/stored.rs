//! The history of a call as a record that can be stored and read again (feature `serde`).

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

use intercom_errors::{ErrorCode, FaultKind, Phase, Version};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::attempt::Attempt;
use crate::history::History;
use crate::moment::Tick;
use crate::wait::Wait;

#[derive(Serialize, Deserialize)]
struct HistoryRecord<'h> {
    v: Version,
    attempts: Cow<'h, [Attempt]>,
}

#[derive(Serialize, Deserialize)]
struct AttemptRecord<'a> {
    number: u32,
    started: Tick,
    took: Duration,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Cow<'a, ErrorCode>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<FaultRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wait: Option<Wait>,
}

#[derive(Serialize, Deserialize)]
struct FaultRecord {
    phase: Phase,
    kind: FaultKind,
}

impl Serialize for History {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let record = HistoryRecord {
            v: Version,
            attempts: Cow::Borrowed(self),
        };
        record.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for History {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let record = HistoryRecord::deserialize(deserializer)?;
        let mut history = Self::default();
        Vec::from(record.attempts)
            .into_iter()
            .for_each(|attempt| history.push(attempt));
        Ok(history)
    }
}

/// [`started`](Attempt::started) is written as it is, on the clock of the program that made the attempt.
impl Serialize for Attempt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let record = AttemptRecord {
            number: self.number,
            started: self.started,
            took: self.took,
            status: self.status,
            code: self.code.as_ref().map(Cow::Borrowed),
            request_id: self.request_id().map(Cow::from),
            fault: self.fault.map(|(phase, kind)| FaultRecord { phase, kind }),
            wait: self.wait,
        };
        record.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Attempt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let record = AttemptRecord::deserialize(deserializer)?;
        Ok(Self {
            number: record.number,
            started: record.started,
            took: record.took,
            status: record.status,
            code: record.code.map(Cow::into_owned),
            request_id: record.request_id.map(Box::from),
            fault: record.fault.map(|fault| (fault.phase, fault.kind)),
            wait: record.wait,
        })
    }
}
