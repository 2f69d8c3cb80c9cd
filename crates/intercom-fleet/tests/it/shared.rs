//! Gates with a real Redis: they join, and every trouble is one clear event.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::thread;

use ::redis::{Commands as _, Connection, cmd};
use intercom_fleet::Trouble;
use intercom_mock::MockServer;

use crate::callers::{Caller, api, api_for};
use crate::redis::Redis;

fn keys(connection: &mut Connection) -> Vec<String> {
    connection.keys("*").unwrap()
}

/// Makes a client of each kind join the fleet. Each leaves again.
#[track_caller]
fn assert_joins(url: &str) {
    let mock = api();
    for (caller, events) in Caller::both(&mock, url) {
        caller.call_until(|| events.has_joined());
        caller.end();
        assert_eq!(events.troubles(), []);
    }
}

/// Makes calls through both gates, which must report this one trouble.
#[track_caller]
fn assert_trouble(mock: &MockServer, url: &str, trouble: Trouble) {
    for (caller, events) in Caller::both(mock, url) {
        caller.call_until(|| !events.troubles().is_empty());
        for _ in 0..3 {
            caller.call();
        }
        caller.end();
        assert_eq!(events.troubles(), [trouble]);
    }
}

#[test]
fn both_gates_join_one_fleet_whose_key_expires() {
    let Some(server) = Redis::start() else {
        return;
    };
    let mock = api();
    let callers = Caller::both(&mock, &server.url());
    for (caller, events) in &callers {
        caller.call_until(|| events.has_joined());
    }
    let mut connection = server.connect();
    let keys = keys(&mut connection);
    let [key] = &keys[..] else {
        panic!("one quota has one key: {keys:?}");
    };
    assert!(
        key.starts_with("intercom-fleet:1:{") && key.ends_with("}:q"),
        "{key}"
    );
    let fields: usize = connection.hlen(key).unwrap();
    assert_eq!(fields, 3, "the account and two members");
    let left: i64 = connection.pttl(key).unwrap();
    assert!(left > 0, "{left}");
    for (caller, _) in callers {
        caller.end();
    }
}

#[test]
fn the_password_has_to_be_right() {
    let Some(server) = Redis::start_with(&["--requirepass", "secret"]) else {
        return;
    };
    let mock = api();
    assert_trouble(&mock, &server.url(), Trouble::Denied);
    assert_trouble(&mock, &server.url_of(":wrong"), Trouble::Denied);
    assert_trouble(&mock, &server.url_of("stranger:secret"), Trouble::Denied);
    assert_joins(&server.url_of(":secret"));
    // Another database than the first.
    assert_joins(&(server.url_of(":secret") + "3"));
}

/// The rights that docs/FLEET.md recommends.
fn rights() -> Vec<&'static str> {
    let line = include_str!("../../../../docs/FLEET.md")
        .lines()
        .find(|line| line.starts_with("ACL SETUSER fleet "));
    line.unwrap().split(' ').skip(3).collect()
}

#[test]
fn the_rights_in_the_documentation_are_enough_and_fewer_are_refused() {
    let Some(server) = Redis::start() else {
        return;
    };
    let mut connection = server.connect();
    let mut set = |user: &str, rights: &[&str]| -> () {
        cmd("ACL")
            .arg("SETUSER")
            .arg(user)
            .arg(rights)
            .exec(&mut connection)
            .unwrap();
    };
    set("fleet", &rights());
    set(
        "other",
        &[&rights()[..], &["resetkeys", "~other:*"]].concat(),
    );
    set("lacking", &[&rights()[..], &["-hset"]].concat());
    set("default", &["off"]);
    let url = |user: &str| server.url_of(&format!("{user}:password"));
    assert_joins(&url("fleet"));
    let mock = api();
    assert_trouble(&mock, &url("other"), Trouble::Denied);
    assert_trouble(&mock, &url("lacking"), Trouble::Denied);
}

/// The key of the mock's quota, which a client has just made.
fn key_of(mock: &MockServer, server: &Redis) -> String {
    let (caller, events) = Caller::both(mock, &server.url())
        .into_iter()
        .next()
        .unwrap();
    caller.call_until(|| events.has_joined());
    caller.end();
    keys(&mut server.connect()).pop().unwrap()
}

#[test]
fn data_that_cannot_be_read_is_left_alone() {
    let Some(server) = Redis::start() else {
        return;
    };
    let mock = api();
    let key = key_of(&mock, &server);
    let mut connection = server.connect();
    let _: () = connection.hset(&key, "_", "of another version").unwrap();
    assert_trouble(&mock, &server.url(), Trouble::OtherVersion);
    let account: String = connection.hget(&key, "_").unwrap();
    assert_eq!(account, "of another version");

    let _: () = connection.set(&key, "a string").unwrap();
    assert_trouble(&mock, &server.url(), Trouble::WrongType);
    let value: String = connection.get(&key).unwrap();
    assert_eq!(value, "a string");
}

#[test]
fn a_full_redis_is_out_of_memory_until_it_has_room_again() {
    let Some(server) = Redis::start_with(&["--maxmemory-policy", "noeviction"]) else {
        return;
    };
    let mut connection = server.connect();
    let mut limit = |bytes: &str| {
        cmd("CONFIG")
            .arg("SET")
            .arg("maxmemory")
            .arg(bytes)
            .exec(&mut connection)
            .unwrap()
    };
    limit("1");
    let mock = api();
    assert_trouble(&mock, &server.url(), Trouble::OutOfMemory);
    let callers = Caller::both(&mock, &server.url());
    for (caller, events) in &callers {
        caller.call_until(|| !events.troubles().is_empty());
    }
    limit("0");
    for (caller, events) in callers {
        caller.call_until(|| events.has_recovered() && events.has_joined());
        caller.end();
    }
}

#[test]
fn a_redis_that_is_killed_and_started_again_is_joined_again() {
    let Some(mut server) = Redis::start() else {
        return;
    };
    let mock = api();
    for (caller, events) in Caller::both(&mock, &server.url()) {
        caller.call_until(|| events.has_joined());
        server.kill();
        caller.call_until(|| !events.troubles().is_empty());
        server.restart();
        caller.call_until(|| events.has_recovered());
        caller.end();
        assert_eq!(events.troubles(), [Trouble::Unreachable]);
    }
}

#[test]
fn a_redis_that_forgets_the_script_gets_it_again() {
    let Some(server) = Redis::start() else {
        return;
    };
    let mock = api();
    let mut connection = server.connect();
    for (caller, events) in Caller::both(&mock, &server.url()) {
        caller.call_until(|| events.has_joined());
        cmd("SCRIPT").arg("FLUSH").exec(&mut connection).unwrap();
        let seen = events.all().len();
        caller.call_until(|| events.all().len() > seen + 3);
        caller.end();
        assert_eq!(events.troubles(), []);
    }
}

#[test]
fn a_redis_that_is_stopped_times_out_and_recovers() {
    let Some(server) = Redis::start() else {
        return;
    };
    let mock = api();
    for (caller, events) in Caller::both(&mock, &server.url()) {
        caller.call_until(|| events.has_joined());
        server.signal("STOP");
        caller.call_until(|| !events.troubles().is_empty());
        server.signal("CONT");
        caller.call_until(|| events.has_recovered());
        caller.end();
        assert_eq!(events.troubles(), [Trouble::TimedOut]);
    }
}

#[test]
fn redis_sees_no_token_path_or_id() {
    const TOKEN: &str = "dG9rOnNlY3JldA==";
    let Some(server) = Redis::start() else {
        return;
    };
    let mut monitor = TcpStream::connect(server.address()).unwrap();
    monitor.write_all(b"MONITOR\r\n").unwrap();
    let mut lines = BufReader::new(monitor).lines().map(Result::unwrap);
    assert_eq!(lines.next().as_deref(), Some("+OK"));
    let watcher = thread::spawn(move || {
        lines
            .take_while(|line| !line.contains("the end"))
            .collect::<Vec<_>>()
    });

    let mock = api_for(TOKEN);
    for (caller, events) in Caller::both(&mock, &server.url()) {
        caller.call_until(|| events.has_joined());
        caller.end();
    }
    cmd("ECHO")
        .arg("the end")
        .exec(&mut server.connect())
        .unwrap();
    let lines = watcher.join().unwrap();
    let host = mock.base_url().replace("http://", "");
    assert!(
        lines.iter().any(|line| line.contains("\"EVALSHA\"")),
        "{lines:?}"
    );
    for line in lines {
        for secret in [
            TOKEN,
            &TOKEN[..10],
            &host,
            "/me",
            &std::process::id().to_string(),
        ] {
            assert!(!line.contains(secret), "{secret}: {line}");
        }
    }
}
