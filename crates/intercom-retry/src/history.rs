//! The history of a call.

use alloc::vec::Vec;
use core::ops::Deref;

use crate::attempt::Attempt;

/// The finished attempts of a call, oldest first. It dereferences to a slice of [`Attempt`].
///
/// A single attempt, which most calls have, needs no allocation.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The attempt, if there is only one.
    only: Option<Attempt>,
    /// All attempts, if there are several.
    all: Vec<Attempt>,
}

impl History {
    pub(crate) fn push(&mut self, attempt: Attempt) {
        match self.only.take() {
            None if self.all.is_empty() => self.only = Some(attempt),
            first => self.all.extend(first.into_iter().chain([attempt])),
        }
    }
}

impl Deref for History {
    type Target = [Attempt];

    fn deref(&self) -> &[Attempt] {
        match &self.only {
            Some(only) => core::slice::from_ref(only),
            None => &self.all,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::History;
    use crate::attempt::Attempt;
    use crate::moment::Tick;

    #[test]
    fn attempts_stay_in_order_and_a_single_one_needs_no_allocation() {
        let mut history = History::default();
        for number in 1..=3 {
            let times = (Tick::default(), Tick::default());
            history.push(Attempt::succeeded(number, times, 200, None));
            let numbers: Vec<_> = history.iter().map(Attempt::number).collect();
            assert_eq!(numbers, (1..=number).collect::<Vec<_>>());
            assert_eq!(history.all.capacity() == 0, number == 1);
        }
    }
}
