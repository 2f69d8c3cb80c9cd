//! The gate that paces threads: no thread waits forever, whatever happens to the others.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use intercom_blocking::PacerSettings;
use intercom_blocking::gate::{Gate, PacedGate};
use intercom_blocking::protocol::gate::{Admission, Answer, Ask, WaitObserver};
use intercom_blocking::protocol::{Moment, RateLimit, Tick};

/// Pseudo-random numbers, the same in every run.
struct Dice(u32);

impl Dice {
    fn below(&mut self, sides: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 % sides
    }
}

/// A response that leaves plenty of quota.
fn plenty() -> Answer {
    let limit = RateLimit::from_headers([
        ("X-RateLimit-Limit", b"4000000".as_slice()),
        ("X-RateLimit-Remaining", b"3900000"),
    ]);
    Answer::new(limit, 200)
}

fn visit(gate: &PacedGate, dice: &mut Dice) {
    let now = Moment::new(Tick::default());
    let mut ask = Ask::new(now, now.tick(), 1 + dice.below(2));
    if dice.below(3) == 0 {
        ask = ask.with_give_up_at(Tick::new(Duration::from_micros(dice.below(3000).into())));
    }
    let Admission::Go(mut permit) = gate.admit(ask) else {
        // It gave up.
        return;
    };
    match dice.below(3) {
        0 => drop(permit),
        1 => permit.never_sent(now),
        _ => {
            permit.sent();
            thread::yield_now();
            permit.responded(&plenty(), now);
        }
    }
}

/// A lost wake-up makes this test hang, because only the head of the queue checks the gate by itself.
#[test]
fn no_thread_is_left_waiting_when_others_go_or_give_up() {
    let gate = PacedGate::new(PacerSettings::default());
    thread::scope(|scope| {
        for seed in 1..=32 {
            let gate = gate.clone();
            scope.spawn(move || {
                let mut dice = Dice(seed);
                for _ in 0..100 {
                    visit(&gate, &mut dice);
                }
            });
        }
    });
    assert_eq!(gate.gauge().in_flight(), 0);
}

/// Clients that share a gate have separate clocks, which may have started at different times.
#[test]
fn a_gate_uses_its_own_clock_and_not_the_calls() {
    let gate = PacedGate::new(PacerSettings::default());
    let now = Moment::new(Tick::new(Duration::from_secs(3600)));
    let Admission::Go(permit) = gate.admit(Ask::new(now, now.tick(), 1)) else {
        unreachable!("the first call goes at once");
    };
    let limit = RateLimit::from_headers([
        ("X-RateLimit-Limit", b"167".as_slice()),
        ("X-RateLimit-Remaining", b"166"),
        ("X-RateLimit-Reset", b"1711100010"),
        ("Date", b"Fri, 22 Mar 2024 09:33:21 GMT"),
    ]);
    permit.responded(&Answer::new(limit, 200), now);
    let turns_at = gate.gauge().turns_at().unwrap();
    assert!(
        turns_at.since_origin() < Duration::from_secs(60),
        "{turns_at:?}"
    );
}

/// Passes on each wait that it observes, and reads the gate's gauge meanwhile.
struct Listener {
    gate: PacedGate,
    heard: Mutex<Sender<Duration>>,
}

impl WaitObserver for Listener {
    fn waiting(&self, _: &Ask, wait: Duration) {
        assert_eq!(self.gate.gauge().in_flight(), 1);
        self.heard.lock().unwrap().send(wait).unwrap();
    }
}

/// If the gate held its lock, the listener would hang when it reads the gauge.
#[test]
fn a_wait_is_announced_before_it_begins_and_outside_the_lock() {
    let gate = PacedGate::new(PacerSettings::default());
    let now = Moment::new(Tick::default());
    let ask = Ask::new(now, now.tick(), 1);
    let Admission::Go(first) = gate.admit(ask.clone()) else {
        unreachable!("the first call goes at once");
    };
    let (heard, waits) = channel();
    let listener = Listener {
        gate: gate.clone(),
        heard: Mutex::new(heard),
    };
    let ask = ask.with_wait_observer(Arc::new(listener));
    let second = thread::spawn(move || gate.admit(ask));
    let wait = waits.recv_timeout(Duration::from_secs(60)).unwrap();
    assert!(wait >= Duration::from_millis(1), "{wait:?}");
    first.responded(&plenty(), now);
    assert!(matches!(second.join().unwrap(), Admission::Go(_)));
}
