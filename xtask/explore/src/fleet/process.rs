//! A process of the fleet: its member, and the permits of its calls.

use std::time::Duration;

use intercom_errors::UnixTime;
use intercom_pace::fleet::Member;
use intercom_pace::{Admit, Admitter, PacerSettings};
use intercom_retry::Moment;

use crate::quota::{Arrived, WINDOW};
use crate::search::Broken;

/// A process.
#[derive(Clone, Debug)]
pub(super) struct Process {
    pub(super) id: u64,
    pub(super) member: Member,
    /// The permits that are not settled, oldest first, with what the server made of their requests.
    pub(super) out: Vec<(u64, Arrived)>,
    /// The `seq` of the latest request, if its reply is awaited.
    pub(super) pending: Option<i64>,
    /// The end of the window of the latest admission.
    window: Option<UnixTime>,
    /// How many requests of that window were admitted, without those that were never sent.
    pub(super) taken: u32,
}

impl Process {
    pub(super) fn new(id: u64) -> Self {
        let settings = PacerSettings::new().with_window(Duration::from_millis(WINDOW));
        Self {
            id,
            member: Member::new(settings, id),
            out: Vec::new(),
            pending: None,
            window: None,
            taken: 0,
        }
    }

    /// Asks for a call. Returns the permit, if there is one.
    pub(super) fn ask(&mut self, now: &Moment) -> Option<u64> {
        match self.member.admit(now) {
            Admit::Go(permit) => Some(permit),
            Admit::Wait(_) => None,
        }
    }

    /// Counts an admission, and checks that it fits into the lease.
    pub(super) fn admitted(&mut self, name: char, now: &Moment) -> Result<(), Broken> {
        let gauge = self.member.gauge(now);
        if self.window != gauge.window_end() {
            (self.window, self.taken) = (gauge.window_end(), 0);
        }
        self.taken += 1;
        let Some((hold, _)) = self.member.lease() else {
            return Ok(());
        };
        let taken = self.taken.max(gauge.accepted() + gauge.in_flight());
        if taken > hold {
            let why = format!("{name} has taken {taken} slots and holds {hold}");
            return Err(Broken::new("no request without a slot of the lease", why));
        }
        Ok(())
    }

    /// Checks that the member counts the requests that are in flight.
    pub(super) fn check(&self, name: char, now: &Moment) -> Result<(), Broken> {
        let gauge = self.member.gauge(now);
        let (in_flight, out) = (gauge.in_flight(), self.out.len());
        if (in_flight as usize) < out {
            let why = format!("{name} counts {in_flight} requests in flight, and there are {out}");
            return Err(Broken::new("a member counts its requests", why));
        }
        Ok(())
    }
}
