//! The calls of a recording.

use std::collections::HashMap;

use super::{End, Exchange, Recording, Request};

/// The lines of one call.
pub(crate) struct Recorded<'r> {
    pub(crate) exchanges: Vec<&'r Exchange>,
    pub(crate) end: Option<&'r End>,
}

impl<'r> Recorded<'r> {
    /// Returns the request, as its first line has it.
    pub(crate) fn request(&self) -> Option<&'r Request> {
        let first = self.exchanges.first().map(|exchange| &exchange.request);
        first.or(self.end.map(|end| &end.request))
    }
}

/// Returns the calls in the order of their first lines.
pub(crate) fn calls(recording: &Recording) -> Vec<Recorded<'_>> {
    let mut calls = Calls::default();
    for exchange in &recording.exchanges {
        if let Some(call) = calls.of(&exchange.request) {
            call.exchanges.push(exchange);
        }
    }
    for end in &recording.ends {
        if let Some(call) = calls.of(&end.request) {
            call.end = Some(end);
        }
    }
    for call in &mut calls.list {
        call.exchanges.sort_by_key(|exchange| exchange.n);
    }
    calls.list
}

#[derive(Default)]
struct Calls<'r> {
    list: Vec<Recorded<'r>>,
    /// The place of each call in the list, by its run and number.
    places: HashMap<(&'r str, u64), usize>,
}

impl<'r> Calls<'r> {
    fn of(&mut self, request: &'r Request) -> Option<&mut Recorded<'r>> {
        let next = self.list.len();
        let id = (request.run.as_ref(), request.call);
        let place = *self.places.entry(id).or_insert(next);
        if place == next {
            self.list.push(Recorded {
                exchanges: Vec::new(),
                end: None,
            });
        }
        self.list.get_mut(place)
    }
}
