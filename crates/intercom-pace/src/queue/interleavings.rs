//! Every order in which threads and tasks can meet at a queue, with `cargo xtask interleavings`.
//!
//! No wait ends by itself here, so a wake-up that is lost is a deadlock, which loom reports.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed test panics, in its helpers too"
)]

use core::future::poll_fn;
use core::ops::ControlFlow;
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::task::{Wake, Waker};

use intercom_retry::{Moment, Tick};
use loom::future::block_on;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread::{self, Thread};

use super::SharedQueue;
use crate::pacer::{Admit, Admitter, Gauge, Pacer, PacerSettings};
use crate::seam::{Admission, Ask, Permit, Seen};

/// Lets so many requests go at once.
struct Doors {
    free: u32,
    given: u64,
}

impl Admitter for Doors {
    fn admit(&mut self, _: &Moment) -> Admit {
        if self.free == 0 {
            return Admit::Wait(Duration::MAX);
        }
        self.free -= 1;
        self.given += 1;
        Admit::Go(self.given)
    }

    fn settle(&mut self, _: u64, _: Seen<'_>, _: &Moment) {
        self.free += 1;
    }

    fn gauge(&self, now: &Moment) -> Gauge {
        Pacer::new(PacerSettings::default()).gauge(now)
    }
}

type Queue = Arc<SharedQueue<Doors>>;

fn queue(free: u32) -> Queue {
    let doors = Doors { free, given: 0 };
    Arc::new(SharedQueue::before(doors, now))
}

/// Time stands still.
fn now() -> Moment {
    Moment::new(Tick::default())
}

fn ask() -> Ask {
    Ask::new(now(), now().tick(), 1)
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits as the gate of threads does.
fn on_thread(queue: &Queue) -> Permit {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let queued = queue.enter(ask());
    loop {
        match queued.ask() {
            ControlFlow::Break(Admission::Go(permit)) => return permit,
            ControlFlow::Break(other) => panic!("{other:?}"),
            ControlFlow::Continue(_) if !queued.was_woken(&waker) => thread::park(),
            ControlFlow::Continue(_) => {}
        }
    }
}

/// Waits as the gate of tasks does.
async fn on_task(queue: &Queue) -> Permit {
    let queued = queue.enter(ask());
    loop {
        match queued.ask() {
            ControlFlow::Break(Admission::Go(permit)) => return permit,
            ControlFlow::Break(other) => panic!("{other:?}"),
            ControlFlow::Continue(_) => {
                poll_fn(|context| match queued.was_woken(context.waker()) {
                    true => Poll::Ready(()),
                    false => Poll::Pending,
                })
                .await;
            }
        }
    }
}

/// Asks once, and leaves without an admission: a call that is dropped.
fn given_up(queue: &Queue) {
    let queued = queue.enter(ask());
    let _ = queued.ask();
    let _ = queued.was_woken(Waker::noop());
}

/// Runs this in every order with at most three preemptions.
fn in_every_order(run: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(run);
}

/// Runs this on threads of their own, and one more on this one.
fn together<const N: usize>(queue: &Queue, others: [fn(&Queue); N], own: fn(&Queue)) {
    let threads = others.map(|other| {
        let queue = Arc::clone(queue);
        thread::spawn(move || other(&queue))
    });
    own(queue);
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(queue.waiting(), 0);
}

fn thread_calls(queue: &Queue) {
    drop(on_thread(queue));
}

fn task_calls(queue: &Queue) {
    drop(block_on(on_task(queue)));
}

#[test]
fn threads_all_go_one_after_another() {
    in_every_order(|| together(&queue(1), [thread_calls, thread_calls], thread_calls));
}

#[test]
fn threads_and_tasks_wake_each_other() {
    in_every_order(|| together(&queue(1), [task_calls, thread_calls], task_calls));
}

#[test]
fn dropped_call_passes_its_wake_up_on() {
    in_every_order(|| together(&queue(1), [given_up, thread_calls], task_calls));
}

#[test]
fn no_more_go_than_may() {
    in_every_order(|| {
        let inside = loom::sync::Arc::new(AtomicU32::new(0));
        let queue = queue(1);
        let enter = |queue: &Queue, inside: &AtomicU32| {
            let permit = on_thread(queue);
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
            inside.fetch_sub(1, Ordering::SeqCst);
            drop(permit);
        };
        let (other, counter) = (Arc::clone(&queue), loom::sync::Arc::clone(&inside));
        let thread = thread::spawn(move || enter(&other, &counter));
        enter(&queue, &inside);
        thread.join().unwrap();
    });
}

#[test]
fn wake_ups_without_a_reason_do_no_harm() {
    in_every_order(|| {
        let queue = queue(1);
        let other = Arc::clone(&queue);
        let waits = thread::spawn(move || thread_calls(&other));
        let sleeper = waits.thread().clone();
        let shakes = thread::spawn(move || sleeper.unpark());
        thread_calls(&queue);
        shakes.join().unwrap();
        waits.join().unwrap();
    });
}

#[test]
fn driver_that_opens_a_door_wakes_the_head() {
    in_every_order(|| {
        let opens = |queue: &Queue| queue.drive(|doors, _, _| doors.free += 1);
        together(&queue(0), [thread_calls, task_calls], opens);
    });
}
