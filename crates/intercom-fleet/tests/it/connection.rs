//! Servers that are not a good Redis: the calls go on, and each trouble is one clear event.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use intercom_fleet::Trouble;

use crate::callers::{Caller, api};

/// Listens on loopback for as long as the test runs, and treats each connection in this way.
fn server(treat: impl Fn(TcpStream) + Send + Sync + Clone + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let treat = treat.clone();
            thread::spawn(move || treat(stream.unwrap()));
        }
    });
    address
}

/// A server that replies to whatever comes with these bytes.
fn replies(bytes: Vec<u8>) -> SocketAddr {
    server(move |mut stream| {
        let mut request = [0; 65536];
        while stream.read(&mut request).is_ok_and(|length| length > 0) {
            if stream.write_all(&bytes).is_err() {
                return;
            }
        }
    })
}

/// Makes calls through both gates with Redis at this address, and returns the troubles of each.
fn troubles(address: SocketAddr) -> [Vec<Trouble>; 2] {
    let mock = api();
    Caller::both(&mock, &format!("redis://{address}")).map(|(caller, events)| {
        caller.call_until(|| !events.troubles().is_empty());
        for _ in 0..3 {
            caller.call();
        }
        caller.end();
        events.troubles()
    })
}

/// Asserts that both gates report this one trouble.
#[track_caller]
fn assert_trouble(address: SocketAddr, trouble: Trouble) {
    assert_eq!(troubles(address), [[trouble], [trouble]]);
}

#[test]
fn a_redis_that_is_not_there_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert_trouble(address, Trouble::Unreachable);
}

#[test]
fn a_redis_that_accepts_and_never_replies_has_timed_out() {
    assert_trouble(
        server(|mut stream| drop(stream.read_to_end(&mut Vec::new()))),
        Trouble::TimedOut,
    );
}

#[test]
fn a_redis_that_closes_the_connection_is_unreachable() {
    assert_trouble(server(drop), Trouble::Unreachable);
}

#[test]
fn half_a_line_has_timed_out() {
    assert_trouble(replies(b"*18\r\n:1\r\n:2".to_vec()), Trouble::TimedOut);
}

/// Otherwise a late reply would be read as that to the next request.
#[test]
fn after_a_time_out_the_next_request_goes_on_a_new_connection() {
    let api = api();
    let connections = Arc::new(AtomicUsize::new(0));
    let requests = Arc::new(AtomicUsize::new(0));
    let (opened, read) = (Arc::clone(&connections), Arc::clone(&requests));
    let address = server(move |mut stream| {
        opened.fetch_add(1, Ordering::Relaxed);
        let mut request = [0; 65536];
        while stream.read(&mut request).is_ok_and(|length| length > 0) {
            read.fetch_add(1, Ordering::Relaxed);
        }
    });
    for (caller, _) in Caller::both(&api, &format!("redis://{address}")) {
        let seen = requests.load(Ordering::Relaxed);
        caller.call_until(|| requests.load(Ordering::Relaxed) >= seen + 3);
        caller.end();
    }
    let requests = requests.load(Ordering::Relaxed);
    assert!(
        connections.load(Ordering::Relaxed) >= requests,
        "{requests}"
    );
}

#[test]
fn nothing_is_sent_but_the_script_so_that_no_other_right_is_needed() {
    let api = api();
    let sent = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&sent);
    let address = server(move |mut stream| {
        let mut request = [0; 65536];
        let length = stream.read(&mut request).unwrap();
        sink.lock().unwrap().push(request[..length].to_vec());
    });
    for (caller, events) in Caller::both(&api, &format!("redis://{address}")) {
        caller.call_until(|| !events.troubles().is_empty());
        caller.end();
    }
    let sent = sent.lock().unwrap();
    assert!(sent.len() >= 2);
    for request in &*sent {
        let request = String::from_utf8_lossy(request);
        let words: Vec<_> = request.split("\r\n").collect();
        assert_eq!(words[2], "EVALSHA", "{request}");
    }
}

#[test]
fn replies_of_other_programs_are_unreadable() {
    for reply in [
        &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
        b"\0\0\0\0",
        b"+PONG\r\n",
        b"$-1\r\n",
        b"*0\r\n",
        b"*-1\r\n",
        b"*2\r\n:1\r\n$1\r\na\r\n",
        b"*2\r\n:1\r\n:99999999999999999999\r\n",
        b"*1\r\n*1\r\n*1\r\n:1\r\n",
    ] {
        let text = String::from_utf8_lossy(reply);
        assert_eq!(
            troubles(replies(reply.to_vec())),
            [[Trouble::Unreadable], [Trouble::Unreadable]],
            "{text}"
        );
    }
}

#[test]
fn random_integers_are_unreadable() {
    let mut random = 88_172_645_463_325_252_u64;
    for count in [1, 17, 18, 19, 1000] {
        let mut reply = format!("*{count}\r\n");
        for _ in 0..count {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            reply += &format!(":{}\r\n", random as i64);
        }
        assert_trouble(replies(reply.into_bytes()), Trouble::Unreadable);
    }
}

#[test]
fn ten_megabytes_are_unreadable() {
    let mut reply = format!("${}\r\n", 10 << 20).into_bytes();
    reply.resize(reply.len() + (10 << 20), b'x');
    reply.extend_from_slice(b"\r\n");
    let seen = troubles(replies(reply));
    // A slow machine may not read them in time.
    for seen in seen {
        assert!(
            matches!(seen[..], [Trouble::Unreadable | Trouble::TimedOut]),
            "{seen:?}"
        );
    }
}

#[test]
fn errors_of_redis_say_what_to_do() {
    for (reply, trouble) in [
        ("-NOAUTH Authentication required.", Trouble::Denied),
        (
            "-LOADING Redis is loading the dataset in memory",
            Trouble::NotReady,
        ),
        (
            "-READONLY You can't write against a read only replica.",
            Trouble::ReadOnly,
        ),
        ("-MOVED 3999 127.0.0.1:6381", Trouble::Cluster),
        ("-ERR unknown command 'EVALSHA'", Trouble::Rejected),
    ] {
        assert_eq!(
            troubles(replies(format!("{reply}\r\n").into_bytes())),
            [[trouble], [trouble]],
            "{reply}"
        );
    }
}
