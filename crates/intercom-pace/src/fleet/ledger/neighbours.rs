//! Clients outside the fleet, as far as the members' windows show them.
//!
//! What others got of a window is what all clients used, less what the fleet used. A window counts only if the ledger knew all
//! members in it: the holds of members that it does not know look like a neighbour's.

use crate::fleet::ClosedWindow;

/// How many windows are judged, and how many are kept: members report a window after it has closed.
const JUDGED: usize = 3;
const KEPT: usize = 4;

/// The latest windows, newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct History {
    windows: [Past; KEPT],
}

/// A window that has closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Past {
    /// The end of the window; 0 for none.
    pub(super) window: i64,
    /// The slots that members held when it closed, and how many of them they have reported as unused.
    pub(super) holds: i64,
    pub(super) unused: i64,
    /// The most that a member saw used.
    pub(super) used: i64,
    /// Whether the ledger knew all members.
    pub(super) whole: bool,
}

impl Past {
    /// What clients outside the fleet got.
    fn others(&self) -> i64 {
        (self.used - (self.holds - self.unused)).max(0)
    }

    /// What they may want. If the window was used up, they may have been refused, and want more than they got.
    fn wanted(&self, quota: i64) -> i64 {
        match self.others() {
            0 => 0,
            // Members that do not know how the server counts tell one less.
            others if self.used < quota - 1 => others,
            others => (others + others / 4 + quota / 64).min(quota / 2),
        }
    }
}

impl History {
    pub(super) fn push(&mut self, past: Past) {
        self.windows.rotate_right(1);
        let [first, ..] = &mut self.windows;
        *first = past;
    }

    /// Adds a member's account of a window.
    pub(super) fn report(&mut self, closed: &ClosedWindow) {
        let same = |past: &&mut Past| past.window == closed.window;
        if let Some(past) = self.windows.iter_mut().find(same) {
            past.unused += closed.unused;
            past.used = past.used.max(closed.used);
        }
    }

    /// How many slots of a window to leave to clients outside the fleet.
    pub(super) fn ghost(&self, quota: i64) -> i64 {
        let wanted = self.judged().map(|past| past.wanted(quota));
        wanted.max().unwrap_or(0).min(quota)
    }

    /// Whether such a client takes little, in most windows. It is starved if the fleet spends the quota quickly.
    pub(super) fn gentle(&self, quota: i64) -> bool {
        let ghost = self.ghost(quota);
        let met = self.judged().filter(|past| past.others() > 0).count();
        ghost > 0 && ghost <= quota / 8 && met >= 2
    }

    fn judged(&self) -> impl Iterator<Item = &Past> {
        self.windows.iter().filter(|past| past.whole).take(JUDGED)
    }
}
