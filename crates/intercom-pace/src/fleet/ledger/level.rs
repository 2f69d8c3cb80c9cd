//! Fair shares: the level up to which every need is met, and who gets the slots that do not divide evenly.

use alloc::vec::Vec;

use super::member::Entry;

/// The level if every need is met.
const ALL: i64 = 10_000_000_000;

/// Levelling reads every member, so it is done no more often than this, in microseconds, except when a window opens.
const PAUSE: i64 = 100_000;

/// Levellings are counted up to this number.
const EPOCHS: i64 = 100_000;

/// The latest levelling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Level {
    /// Up to how many thousandths of a slot needs are met.
    pub(super) height: i64,
    /// The height in the last window.
    last_height: i64,
    /// The last place that gets one of the slots that do not divide evenly; -1 if there is none.
    last_place: i64,
    /// The number of this levelling.
    epoch: i64,
    /// How many slots were shared.
    room: i64,
    /// When.
    at: i64,
    /// Whether needs have changed since.
    stale: bool,
}

impl Level {
    /// How many slots of each window a member should have. Its place counts as it was at the levelling, although its credit may
    /// have changed since, because others were compared with that.
    pub(super) fn target(&self, entry: &Entry) -> i64 {
        if 1000 * entry.need <= self.height {
            entry.need
        } else {
            self.height / 1000 + i64::from(entry.extra)
        }
    }

    /// The same, with one of the slots that do not divide evenly.
    pub(super) fn most(&self, entry: &Entry) -> i64 {
        self.target(&Entry {
            extra: true,
            ..*entry
        })
    }

    /// Notes whether the member has one of the slots that do not divide evenly.
    pub(super) fn place(&self, id: u64, entry: &mut Entry) {
        if entry.epoch != self.epoch {
            entry.extra = entry.place(id) <= self.last_place;
            entry.epoch = self.epoch;
        }
    }

    /// What a member was owed of the last window, in thousandths of a slot.
    pub(super) fn owed(&self, need: i64) -> i64 {
        (1000 * need).min(self.last_height)
    }

    /// Begins a new window.
    pub(super) fn turn(&mut self) {
        self.last_height = self.height;
    }

    /// Whether there is less than one slot for each member that wants more.
    pub(super) fn is_scarce(&self) -> bool {
        self.height < 1000
    }

    /// Notes that the need of a member has changed. A need above the level may change freely.
    pub(super) fn need_changed(&mut self, from: i64, to: i64) {
        self.stale |= self.met(from) != self.met(to);
    }

    fn met(&self, need: i64) -> i64 {
        (1000 * need).min(self.height)
    }

    /// Whether to level anew: needs or the room have changed, and the last time is long enough ago.
    pub(super) fn is_due(&self, room: i64, now: i64) -> bool {
        (self.stale || room != self.room) && (now - self.at).abs() >= PAUSE
    }

    /// Shares the room of the windows after this one. Needs below the level are met in full; the others get the level each.
    pub(super) fn share_out(&mut self, room: i64, entries: &[(u64, Entry)], window: i64, now: i64) {
        (self.room, self.at, self.stale) = (room, now, false);
        self.epoch = (self.epoch + 1) % EPOCHS;
        (self.height, self.last_place) = (ALL, -1);
        let needing = entries.iter().filter(|(_, entry)| entry.need > 0);
        let mut above: Vec<&(u64, Entry)> = needing.collect();
        let mut room = room;
        loop {
            let count = i64::try_from(above.len()).unwrap_or(i64::MAX);
            let (before, rest) = (above.len(), room);
            above.retain(|(_, entry)| {
                let is_met = entry.need * count <= rest;
                room -= if is_met { entry.need } else { 0 };
                !is_met
            });
            if above.is_empty() {
                return;
            }
            if above.len() == before {
                self.height = 1000 * room / count;
                let mut first = room % count;
                if self.is_scarce() {
                    // The slots of shares that go on are taken: a member whose turn it is must find one that is free.
                    first -= take_promised(&mut above, window);
                }
                self.last_place = last_place(&above, first);
                return;
            }
        }
    }
}

/// Takes out the members whose share goes on after the window, and returns how many slots they have.
fn take_promised(entries: &mut Vec<&(u64, Entry)>, window: i64) -> i64 {
    let mut slots = 0;
    entries.retain(|(_, entry)| {
        let goes_on = entry.share > 0 && entry.until > window;
        slots += if goes_on { entry.share } else { 0 };
        !goes_on
    });
    slots
}

/// The last place of so many first ones.
fn last_place(entries: &[&(u64, Entry)], first: i64) -> i64 {
    let mut places: Vec<i64> = entries.iter().map(|(id, entry)| entry.place(*id)).collect();
    places.sort_unstable();
    let last = usize::try_from(first - 1).ok();
    last.and_then(|last| places.get(last).copied())
        .unwrap_or(-1)
}
