//! The ledger of a fleet.

mod invariants;
mod memory;
mod neighbours;
mod peers;
mod slots;
mod windows;

use intercom_pace::fleet::{ClosedWindow, LeaseReply, LeaseRequest, Ledger};

use self::peers::{FIRST, LENGTH};

const LIMIT: i64 = 160;

/// The ledger, and a member whose requests are numbered.
struct Desk {
    ledger: Ledger,
    /// The ledger's clock, in microseconds.
    now: i64,
    seq: i64,
    window: i64,
}

impl Desk {
    fn new() -> Self {
        Self {
            ledger: Ledger::new(),
            now: 1_000_000,
            seq: 0,
            window: FIRST,
        }
    }

    /// What a member of this window says, with these changes.
    fn ask(&mut self, id: u64, change: impl FnOnce(&mut LeaseRequest)) -> LeaseReply {
        self.seq += 1;
        self.now += 1000;
        let mut request = LeaseRequest::default();
        // Ids differ in their first digits.
        (request.id, request.seq) = (id << 60, self.seq);
        (request.window, request.length) = (self.window, LENGTH);
        (request.limit, request.limit_window) = (LIMIT, self.window);
        request.keep_max = 3;
        change(&mut request);
        self.ledger.ask(&request, self.now)
    }

    fn turn(&mut self) {
        self.window += LENGTH;
        self.now += 1000 * LENGTH;
    }

    /// The share of a member in the ledger.
    fn share(&self, id: u64) -> i64 {
        let lease = self.ledger.members().find(|lease| lease.id == id << 60);
        lease.map_or(0, |lease| lease.share)
    }
}

/// A member that needs so much, and wants nothing now.
fn needs(need: i64) -> impl FnOnce(&mut LeaseRequest) {
    move |request| request.need = need
}

/// A member that wants so many more slots.
fn wants(hold: i64, want: i64) -> impl FnOnce(&mut LeaseRequest) {
    move |request| {
        (request.hold, request.want, request.need, request.hungry) = (hold, want, 1000, true);
    }
}

/// A window that ended with so much unused of what a member held, and so much used by all.
fn closed(window: i64, unused: i64, used: i64) -> impl FnOnce(&mut LeaseRequest) {
    move |request| request.closed = vec![ClosedWindow::new(window, unused, used)]
}
