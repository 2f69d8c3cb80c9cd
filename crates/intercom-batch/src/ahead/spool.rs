//! A queue of items: in memory, and in a file what does not fit there.

use std::collections::VecDeque;
use std::fmt;
use std::io;

use intercom_protocol::walk::Checkpoint;
use serde_json::value::RawValue;

use super::ReadAheadLimits;
use super::ring::Ring;

/// An item. The first one of a page has the checkpoint after it.
pub(super) struct Record {
    pub(super) item: Box<RawValue>,
    pub(super) checkpoint: Option<Checkpoint>,
}

/// The queue. Everything in memory is older than what is in the file.
#[derive(Debug)]
pub(super) struct Spool {
    limits: ReadAheadLimits,
    memory: VecDeque<Record>,
    /// How many bytes are in memory.
    used: u64,
    /// `None` until it is needed.
    file: Option<Ring>,
}

impl Spool {
    pub(super) const fn new(limits: ReadAheadLimits) -> Self {
        Self {
            limits,
            memory: VecDeque::new(),
            used: 0,
            file: None,
        }
    }

    /// Adds a record. Returns it if there is no room. An empty queue has room for a record of any length.
    pub(super) fn push(&mut self, record: Record) -> io::Result<Option<Record>> {
        let is_file_empty = self.file.as_ref().is_none_or(Ring::is_empty);
        let fits = self.memory.is_empty() || self.used + record.length() <= self.limits.memory;
        if is_file_empty && fits {
            self.used += record.length();
            self.memory.push_back(record);
            return Ok(None);
        }
        let bytes = record.to_bytes();
        if bytes.len() as u64 > self.limits.file {
            return Ok(Some(record));
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(Ring::create(&self.limits.folder, self.limits.file)?),
        };
        Ok((!file.push(&bytes)?).then_some(record))
    }

    /// Takes the oldest record.
    pub(super) fn pop(&mut self) -> io::Result<Option<Record>> {
        if let Some(record) = self.memory.pop_front() {
            self.used -= record.length();
            return Ok(Some(record));
        }
        let bytes = match &mut self.file {
            Some(file) => file.pop()?,
            None => None,
        };
        bytes.map(|bytes| Record::from_bytes(&bytes)).transpose()
    }

    pub(super) fn len(&self) -> u64 {
        self.memory.len() as u64 + self.file.as_ref().map_or(0, Ring::len)
    }
}

impl Record {
    fn length(&self) -> u64 {
        self.item.get().len() as u64
    }

    /// The checkpoint, if there is one, a line break, and the item.
    fn to_bytes(&self) -> Vec<u8> {
        let mut text = String::new();
        if let Some(checkpoint) = &self.checkpoint {
            text = checkpoint.to_string();
        }
        text.push('\n');
        text.push_str(self.item.get());
        text.into_bytes()
    }

    fn from_bytes(bytes: &[u8]) -> io::Result<Self> {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the file was changed");
        let text = std::str::from_utf8(bytes).map_err(|_| damaged())?;
        let (checkpoint, item) = text.split_once('\n').ok_or_else(damaged)?;
        let checkpoint = (!checkpoint.is_empty()).then(|| checkpoint.parse());
        Ok(Self {
            item: RawValue::from_string(item.to_owned()).map_err(|_| damaged())?,
            checkpoint: checkpoint.transpose().map_err(|_| damaged())?,
        })
    }
}

/// Shows no personal data.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("length", &self.length())
            .finish_non_exhaustive()
    }
}
