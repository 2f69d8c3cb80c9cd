//! The state of a fleet, as the ledger shows it.

use ::redis::Commands as _;
use intercom_fleet::{FleetSettings, FleetStatus};
use intercom_protocol::Config;

use crate::callers::{Caller, api};
use crate::redis::Redis;

#[test]
fn members_and_their_leases_are_shown_until_they_have_left() {
    let Some(redis) = Redis::start() else { return };
    let api = api();
    let connection = Config::new(api.token())
        .base_url(api.base_url())
        .build()
        .unwrap();
    let status = || FleetStatus::read(&redis.url(), &FleetSettings::new(), &connection).unwrap();
    assert_eq!(status(), None);

    let callers = Caller::both(&api, &redis.url());
    for (caller, events) in &callers {
        caller.call_until(|| events.has_joined());
    }
    let fleet = status().unwrap();
    assert_eq!(
        (fleet.limit, fleet.quota, fleet.window_length.as_secs()),
        (40, 40, 2)
    );
    let held: u64 = fleet.members.iter().map(|member| member.hold).sum();
    assert!((1..=40).contains(&held) && held == fleet.held, "{fleet:?}");
    let shared: u64 = fleet.members.iter().map(|member| member.share).sum();
    assert!(shared <= 40 && shared == fleet.held_next, "{fleet:?}");
    assert!(fleet.held + fleet.free <= 40, "{fleet:?}");
    let [one, other] = &fleet.members[..] else {
        panic!("two members: {fleet:?}");
    };
    assert!(
        one.id < other.id && !one.has_left && !other.has_left,
        "{fleet:?}"
    );

    for (caller, _) in callers {
        caller.end();
    }
    let fleet = status().unwrap();
    assert!(
        fleet
            .members
            .iter()
            .all(|member| member.has_left && member.share == 0),
        "{fleet:?}"
    );
    assert_eq!(fleet.held_next, 0);
}

#[test]
fn a_status_that_cannot_be_read_says_why() {
    let Some(redis) = Redis::start_with(&["--requirepass", "secret"]) else {
        return;
    };
    let connection = Config::new("dG9rOjEyMw==").build().unwrap();
    let read = |url: &str, settings: &FleetSettings, connection| {
        let error = FleetStatus::read(url, settings, connection).unwrap_err();
        error.to_string()
    };
    let (usual, name) = (FleetSettings::new(), FleetSettings::new().with_name("app"));
    assert!(read(&redis.url(), &usual, &connection).contains("the user, the password"));
    assert!(read("redis://", &usual, &connection).contains("names no host"));
    let anonymous = Config::anonymous().build().unwrap();
    assert!(read(&redis.url(), &usual, &anonymous).contains("with_name"));

    let url = redis.url_of(":secret");
    assert_eq!(FleetStatus::read(&url, &name, &anonymous).unwrap(), None);
    let mut client = ::redis::Client::open(&*url)
        .unwrap()
        .get_connection()
        .unwrap();
    // The key that `of_name` makes for this name at Intercom's usual host.
    let key = "intercom-fleet:1:{c11e69a23f158e4bc8b6a8973bccd8f6}:q";
    let _: () = client.hset(key, "_", "junk").unwrap();
    assert!(read(&url, &name, &anonymous).contains("this version cannot read"));
    let _: () = client.set(key, "junk").unwrap();
    assert!(read(&url, &name, &anonymous).contains("another type"));
}
