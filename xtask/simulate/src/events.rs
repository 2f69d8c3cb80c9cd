//! Discrete events: nothing happens between two of them, so an hour takes a second to simulate.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// The events to come, earliest first.
#[derive(Debug)]
pub(super) struct Events<W> {
    heap: BinaryHeap<Event<W>>,
    planned: u64,
}

#[derive(Debug)]
struct Event<W> {
    time: f64,
    /// Events of the same time happen in the order in which they were planned.
    number: u64,
    what: W,
}

impl<W> Default for Events<W> {
    fn default() -> Self {
        Self {
            heap: BinaryHeap::new(),
            planned: 0,
        }
    }
}

impl<W> Events<W> {
    pub(super) fn plan(&mut self, time: f64, what: W) {
        self.planned += 1;
        self.heap.push(Event {
            time,
            number: self.planned,
            what,
        });
    }

    /// Takes the next event and its time.
    pub(super) fn pop(&mut self) -> Option<(f64, W)> {
        let event = self.heap.pop()?;
        Some((event.time, event.what))
    }
}

impl<W> PartialEq for Event<W> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<W> Eq for Event<W> {}

impl<W> PartialOrd for Event<W> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<W> Ord for Event<W> {
    /// The earliest event is the greatest, because the heap returns the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        let earliest = other.time.total_cmp(&self.time);
        earliest.then(other.number.cmp(&self.number))
    }
}
