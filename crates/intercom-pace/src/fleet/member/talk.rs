//! The talk between a member and the ledger.

use crate::fleet::message::Slack;

/// What was said, and when the member may speak again.
#[derive(Clone, Debug)]
pub(super) struct Talk {
    /// The number of the latest request.
    pub(super) seq: i64,
    /// The latest request, while there is no reply to it.
    pub(super) pending: Option<Pending>,
    /// How many requests in a row had no reply.
    pub(super) fails: u32,
    /// No request before this time.
    pub(super) next_try: f64,
    /// No request for more slots before this time.
    pub(super) next_loan: f64,
    /// When the latest request was sent.
    pub(super) asked_at: f64,
    /// The limit that the ledger has heard of.
    pub(super) told_limit: f64,
}

/// A request without a reply so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub(super) sent_at: f64,
    /// How many more slots it asks for.
    pub(super) want: f64,
    pub(super) is_hungry: bool,
    /// The end of the latest closed window it tells of.
    pub(super) closed: i64,
}

/// What the latest reply said.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    pub(super) slack: Slack,
    pub(super) others_hungry: bool,
    pub(super) members: f64,
    pub(super) free: f64,
}

/// Whether the driver has to look before the time that it knows.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    /// When the driver looks again.
    pub(super) at: f64,
    /// From when slots may be left over that its plan does not return, because calls waited when it last looked.
    pub(super) returns_from: f64,
    /// Since when something has happened that the plan does not know.
    pub(super) stirred: Option<f64>,
}

/// What has happened in this window.
#[derive(Clone, Debug, Default)]
pub(super) struct Here {
    /// Whether the ledger has replied.
    pub(super) heard: bool,
    /// Whether a call was refused since the last reply.
    pub(super) refused: bool,
    pub(super) returned: bool,
    pub(super) returned_late: bool,
    /// The phase at which the ledger gave one slot to see whether any is left.
    pub(super) looked_at: Option<f64>,
}

impl Watch {
    /// Notes that the driver has to look. Returns the time since which it has to.
    pub(super) fn stir(&mut self, at: f64) -> f64 {
        *self.stirred.get_or_insert(at)
    }

    /// Since when the driver should have looked.
    pub(super) fn due(&self, next_try: f64) -> f64 {
        let stirred = self
            .stirred
            .map_or(f64::INFINITY, |since| since.max(next_try));
        stirred.min(self.at)
    }
}

impl Default for Talk {
    fn default() -> Self {
        Self {
            seq: 0,
            pending: None,
            fails: 0,
            next_try: 0.0,
            next_loan: 0.0,
            asked_at: f64::NEG_INFINITY,
            told_limit: 0.0,
        }
    }
}

impl Default for Watch {
    fn default() -> Self {
        Self {
            at: f64::INFINITY,
            returns_from: f64::INFINITY,
            stirred: None,
        }
    }
}
