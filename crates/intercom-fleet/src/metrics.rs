//! Events as metrics of the `metrics` crate.
//!
//! | metric | kind | labels |
//! |---|---|---|
//! | `intercom_fleet_round_trip_seconds` | histogram | |
//! | `intercom_fleet_lease_changes_total` | counter | `change` |
//! | `intercom_fleet_borrowed_slots_total` | counter | |
//! | `intercom_fleet_returned_slots_total` | counter | |
//! | `intercom_fleet_share` | gauge | |
//! | `intercom_fleet_leased` | gauge | |
//! | `intercom_fleet_troubles_total` | counter | `trouble` |
//!
//! - A slot is one request of a window. The share is the slots of each window that this process has without borrowing.
//! - `leased` is 1 while the process paces within a lease, and 0 while it paces without the fleet.
//! - `change` is `joined`, `borrowed`, `renewed`, `returned`, `lost_ledger`, `fell_back` or `rejoined`.
//! - `trouble` is the name of a [`Trouble`](crate::Trouble).
//!
//! ```
//! use intercom_fleet::{FleetSettings, metrics};
//!
//! metrics::describe();
//! let settings = FleetSettings::new().with_observer(metrics::record);
//! ```

use ::metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use intercom_pace::fleet::Change;

use crate::event::FleetEvent;

const ROUND_TRIP: &str = "intercom_fleet_round_trip_seconds";
const CHANGES: &str = "intercom_fleet_lease_changes_total";
const BORROWED: &str = "intercom_fleet_borrowed_slots_total";
const RETURNED: &str = "intercom_fleet_returned_slots_total";
const SHARE: &str = "intercom_fleet_share";
const LEASED: &str = "intercom_fleet_leased";
const TROUBLES: &str = "intercom_fleet_troubles_total";

/// Describes the metrics and their units to the recorder. Call it once, after the recorder is installed.
pub fn describe() {
    describe_histogram!(ROUND_TRIP, Unit::Seconds, "Round trips to the ledger");
    describe_counter!(CHANGES, "Changes of the lease");
    describe_counter!(BORROWED, "Slots borrowed for one window");
    describe_counter!(RETURNED, "Slots returned before the end of their window");
    describe_gauge!(SHARE, "Slots of each window that the process has");
    describe_gauge!(LEASED, "Whether the process paces within a lease");
    describe_counter!(TROUBLES, "Reasons why the ledger could not be used");
}

/// Counts and measures an event with the recorder that is installed.
pub fn record(event: &FleetEvent) {
    match event {
        FleetEvent::Lease(change) => record_change(*change),
        FleetEvent::RoundTrip(time) => histogram!(ROUND_TRIP).record(time.as_secs_f64()),
        FleetEvent::Trouble(trouble) => {
            counter!(TROUBLES, "trouble" => trouble.as_str()).increment(1);
        }
        FleetEvent::Recovered => {}
    }
}

fn record_change(change: Change) {
    let name = match change {
        Change::Joined { .. } => "joined",
        Change::Granted { .. } => "borrowed",
        Change::Renewed { .. } => "renewed",
        Change::Returned { .. } => "returned",
        Change::LostLedger => "lost_ledger",
        Change::FellBack => "fell_back",
        Change::Rejoined { .. } => "rejoined",
        _ => "other",
    };
    counter!(CHANGES, "change" => name).increment(1);
    match change {
        Change::Joined { share, .. }
        | Change::Rejoined { share, .. }
        | Change::Renewed { share } => {
            gauge!(SHARE).set(f64::from(share));
            gauge!(LEASED).set(1.0);
        }
        Change::Granted { slots } => {
            counter!(BORROWED).increment(slots.into());
            // A gate of tasks may go on with its lease in another runtime.
            gauge!(LEASED).set(1.0);
        }
        Change::Returned { slots } => counter!(RETURNED).increment(slots.into()),
        Change::FellBack => gauge!(LEASED).set(0.0),
        _ => {}
    }
}
