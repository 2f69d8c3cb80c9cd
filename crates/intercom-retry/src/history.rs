//! The history of a call.

use alloc::vec::Vec;
use core::ops::Deref;

use crate::attempt::Attempt;

/// The attempts of a call that have ended, oldest first; a slice of [`Attempt`] to read.
///
/// Most calls have one attempt, which is kept without an allocation.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The only one there is.
    only: Option<Attempt>,
    /// All of them, where there are several.
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
    fn attempts_stay_in_order_and_the_only_one_needs_no_list() {
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
