//! The one scroll over companies that a workspace can have open.

use std::time::Duration;

use crate::clock::Now;

/// How long a scroll can be idle before it expires.
const IDLE: Duration = Duration::from_secs(60);

/// The one scroll over companies that a workspace can have open.
#[derive(Debug, Default)]
pub(crate) struct Scroll {
    opened: u64,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    id: String,
    position: u64,
    used: Duration,
}

/// The position of a scroll before a page is read.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) id: String,
    pub(crate) position: u64,
}

impl Scroll {
    /// Opens a scroll. Returns `None` if another one is open.
    pub(crate) fn begin(&mut self, now: Now) -> Option<Place> {
        self.expire(now);
        if self.open.is_some() {
            return None;
        }
        self.opened += 1;
        let id = format!("25b649f7-4d33-4ef6-88f5-{:012x}", self.opened);
        self.open = Some(Open {
            id: id.clone(),
            position: 0,
            used: now.unix,
        });
        Some(Place { id, position: 0 })
    }

    /// Returns the position of this scroll, or `None` if it is not the open one.
    pub(crate) fn resume(&mut self, id: &str, now: Now) -> Option<Place> {
        self.expire(now);
        let open = self.open.as_ref().filter(|open| open.id == id)?;
        Some(Place {
            id: open.id.clone(),
            position: open.position,
        })
    }

    /// Advances the open scroll to this position. An empty page has none, and closes it.
    pub(crate) fn advance(&mut self, next: Option<u64>, now: Now) {
        match (&mut self.open, next) {
            (Some(open), Some(next)) => {
                open.position = next;
                open.used = now.unix;
            }
            (open, _) => *open = None,
        }
    }

    fn expire(&mut self, now: Now) {
        if self
            .open
            .as_ref()
            .is_some_and(|open| now.unix.saturating_sub(open.used) > IDLE)
        {
            self.open = None;
        }
    }
}
