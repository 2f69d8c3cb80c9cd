//! The gate that paces threads: nobody waits for ever, whatever becomes of the others.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use intercom_blocking::PacerSettings;
use intercom_blocking::gate::{Gate, PacedGate};
use intercom_blocking::protocol::gate::{Admission, Answer, Ask, WaitObserver};
use intercom_blocking::protocol::{Moment, RateLimit, Tick};

/// Numbers that only look random, the same in every run.
struct Dice(u32);

impl Dice {
    fn below(&mut self, sides: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 % sides
    }
}

/// An answer that leaves plenty.
fn told() -> Answer {
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
        // Its time was up.
        return;
    };
    match dice.below(3) {
        0 => drop(permit),
        1 => permit.never_sent(now),
        _ => {
            permit.sent();
            thread::yield_now();
            permit.answered(&told(), now);
        }
    }
}

/// A lost wake-up makes this test hang, for nobody but the head of the queue looks by himself.
#[test]
fn threads_that_come_and_go_and_give_up_leave_nobody_behind() {
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

/// Clients that share a gate have clocks of their own, and no two need to have started together.
#[test]
fn a_gate_keeps_its_own_time_whatever_the_clock_of_the_call_says() {
    let gate = PacedGate::new(PacerSettings::default());
    let now = Moment::new(Tick::new(Duration::from_secs(3600)));
    let Admission::Go(permit) = gate.admit(Ask::new(now, now.tick(), 1)) else {
        unreachable!("the first call goes to look");
    };
    let limit = RateLimit::from_headers([
        ("X-RateLimit-Limit", b"167".as_slice()),
        ("X-RateLimit-Remaining", b"166"),
        ("X-RateLimit-Reset", b"1711100010"),
        ("Date", b"Fri, 22 Mar 2024 09:33:21 GMT"),
    ]);
    permit.answered(&Answer::new(limit, 200), now);
    let turns_at = gate.gauge().turns_at().unwrap();
    assert!(
        turns_at.since_origin() < Duration::from_secs(60),
        "{turns_at:?}"
    );
}

/// Passes on the waits of which it hears, and looks at the gate meanwhile.
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

/// Under a lock, the listener's look at the gate would hang.
#[test]
fn a_thread_that_has_to_wait_hears_of_it_before_it_waits_and_outside_of_the_lock() {
    let gate = PacedGate::new(PacerSettings::default());
    let now = Moment::new(Tick::default());
    let ask = Ask::new(now, now.tick(), 1);
    let Admission::Go(first) = gate.admit(ask.clone()) else {
        unreachable!("the first call goes to look");
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
    first.answered(&told(), now);
    assert!(matches!(second.join().unwrap(), Admission::Go(_)));
}
