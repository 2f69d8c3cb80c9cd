//! The queue that threads or tasks share.

use core::ops::ControlFlow;
use core::time::Duration;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

use intercom_pace::fleet::Member;
use intercom_pace::{Admission, Ask, PacerSettings, Permit, Queued, SharedQueue};
use intercom_retry::{Moment, Tick};

/// Counts how often it was woken.
#[derive(Default)]
struct Counted(AtomicUsize);

impl Wake for Counted {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn queue() -> Arc<SharedQueue> {
    let clock = || Moment::new(Tick::default());
    Arc::new(SharedQueue::new(PacerSettings::default(), clock))
}

fn enter(queue: &Arc<SharedQueue>) -> Queued<'_> {
    let now = Moment::new(Tick::default());
    queue.enter(Ask::new(now, now.tick(), 1))
}

/// Admits the first call of all as a probe. All others wait for its response.
fn probe(queue: &Arc<SharedQueue>) -> Permit {
    match enter(queue).ask() {
        ControlFlow::Break(Admission::Go(permit)) => permit,
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn wake_between_asking_and_resting_is_not_lost() {
    let queue = queue();
    let permit = probe(&queue);
    let queued = enter(&queue);
    assert!(matches!(queued.ask(), ControlFlow::Continue(Some(_))));
    permit.never_sent(Moment::new(Tick::default()));
    assert!(queued.was_woken(Waker::noop()));
    assert!(matches!(queued.ask(), ControlFlow::Break(Admission::Go(_))));
}

#[test]
fn settled_permit_wakes_only_the_head() {
    let queue = queue();
    let permit = probe(&queue);
    let counts = [Arc::new(Counted::default()), Arc::default()];
    let places = [enter(&queue), enter(&queue)];
    for (queued, count) in places.iter().zip(&counts) {
        assert!(queued.ask().is_continue());
        assert!(!queued.was_woken(&Waker::from(Arc::clone(count))));
    }
    permit.never_sent(Moment::new(Tick::new(Duration::ZERO)));
    assert_eq!(counts.map(|count| count.0.load(Ordering::Relaxed)), [1, 0]);
}

#[test]
fn dropped_place_wakes_the_next() {
    let queue = queue();
    let _permit = probe(&queue);
    let [first, second] = [enter(&queue), enter(&queue)];
    assert!(!second.was_woken(Waker::noop()));
    assert_eq!(queue.waiting(), 2);
    assert!(first.is_head() && !second.is_head());
    drop(first);
    assert!(second.is_head() && second.was_woken(Waker::noop()));
    assert_eq!(queue.waiting(), 1);
}

#[test]
fn waker_is_let_go_when_its_call_asks_or_leaves() {
    let queue = queue();
    let _permit = probe(&queue);
    let count = Arc::new(Counted::default());
    let queued = enter(&queue);
    assert!(!queued.was_woken(&Waker::from(Arc::clone(&count))));
    assert_eq!(Arc::strong_count(&count), 2);
    assert!(queued.ask().is_continue());
    assert_eq!(Arc::strong_count(&count), 1);
}

#[test]
fn bell_rings_when_a_member_wants_its_driver() {
    let clock = || Moment::new(Tick::default());
    let rings = Arc::new(AtomicUsize::new(0));
    let bell = Arc::clone(&rings);
    let queue = SharedQueue::before(Member::new(PacerSettings::default(), 7), clock);
    let queue = Arc::new(queue.with_bell(move || {
        bell.fetch_add(1, Ordering::Relaxed);
    }));
    let queued = queue.enter(Ask::new(clock(), clock().tick(), 1));
    assert_eq!(rings.load(Ordering::Relaxed), 0);
    assert!(queued.ask().is_continue());
    assert_ne!(rings.load(Ordering::Relaxed), 0);
    assert!(format!("{queue:?}").contains("waiting: 1"));
}
