//! Shares: slots that a member has in every window, up to a last one.

use super::visit::Visit;
use crate::fleet::Part;

/// A share lasts for about as many windows as it takes to use so many slots.
const LASTING: i64 = 20;

/// The first shares are counted up to this number.
const ROTATION: i64 = 60;

impl Visit<'_> {
    /// How many slots of a window can be shares.
    pub(super) fn room(&self) -> i64 {
        let spared = self.reserve(0).max(self.kept());
        self.account.quota() - self.account.ghost() - spared
    }

    /// Renews the member's share.
    ///
    /// A share that was promised for the next window is not lowered: the member might not receive the reply, and use it. So the
    /// share is lowered by the renewal in its last window only.
    pub(super) fn renew(&mut self) {
        let (window, length) = (self.account.window, self.account.length);
        let (promised, until) = self.promised();
        let fresh = self.fresh_share();
        let share = fresh.max(promised);
        self.me.until = if share == 0 {
            window
        } else if promised > 0 {
            until
        } else {
            window + self.lasts(fresh) * length
        };
        self.me.share = share;
    }

    /// The share that the member has in the next window, and its end.
    fn promised(&self) -> (i64, i64) {
        if self.ask.bye || self.ask.claim == 0 || self.claim_until() <= self.account.window {
            return (0, 0);
        }
        (self.ask.claim, self.claim_until())
    }

    /// The share that the member would get if it had none.
    fn fresh_share(&self) -> i64 {
        let mut share = self.account.level.target(&self.me);
        if !self.account.parts.has(Part::Credit) {
            // The first members to ask get the slots that do not divide evenly.
            share = self.account.level.most(&self.me);
        }
        if self.account.renews_only() && !self.ask.fallback {
            // Every member keeps what it has. One that has gone without a lease has nothing to keep.
            share = if self.me.is_hungry() {
                self.me.share
            } else {
                share.min(self.me.share)
            };
        }
        share.min(self.room() - self.others.shares).max(0)
    }

    /// For how many windows to grant a share. If all of a fleet's first shares lasted equally long, all would be renewed
    /// together.
    fn lasts(&mut self, share: i64) -> i64 {
        let keep_max = self.ask.keep_max;
        // Where slots are scarce, they change hands sooner.
        let most = keep_max.min(1 + keep_max * self.account.level.height / 1000);
        let longest = ((LASTING + share - 1) / share).clamp(1, most);
        if self.me.share > 0 || !self.account.parts.has(Part::StaggeredRenewal) {
            return longest;
        }
        let rotation = self.account.rotation;
        if longest > 1 {
            self.account.rotation = (rotation + 1) % ROTATION;
        }
        1 + rotation % longest
    }
}
