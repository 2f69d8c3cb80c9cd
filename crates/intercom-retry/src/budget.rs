//! The retry budget: what keeps the calls of a program from retrying an outage to the ground.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, Ordering};

/// What one retry costs, in the bucket's units; a success without a retry puts one unit in.
const COST: u32 = 10;

/// A token bucket that the calls of a client share: retries take from it, successes put back.
///
/// Each call alone may retry a few times; a thousand calls in an outage would make that a storm. Once the budget is spent
/// further calls stop with [`StopReason::BudgetExhausted`](crate::StopReason::BudgetExhausted) after their first
/// attempt, until successes fill it again: ten first-time successes for a retry.
///
/// - A granted retry takes its cost; dropped before it is sent, it gives the cost back; once sent, it is spent.
/// - A success puts back what its own call had spent, at least a tenth of a retry; so does an answer that refuses for
///   good, such as a 404, for the server works.
/// - Retries after a rate limit cost nothing: they were refused before anything was done, and the wait paces them.
///
/// Clones share one bucket; no lock is held, ever.
///
/// ```
/// use intercom_retry::RetryBudget;
///
/// let budget = RetryBudget::new(20);
/// assert_eq!(budget.retries_left(), 20);
/// ```
#[derive(Clone, Debug)]
pub struct RetryBudget(Arc<Bucket>);

#[derive(Debug)]
struct Bucket {
    units: AtomicU32,
    capacity: u32,
}

impl Default for RetryBudget {
    /// 50 retries.
    fn default() -> Self {
        Self::new(50)
    }
}

impl RetryBudget {
    /// A full bucket for this many retries.
    pub fn new(retries: u32) -> Self {
        let capacity = retries.saturating_mul(COST);
        Self(Arc::new(Bucket {
            units: AtomicU32::new(capacity),
            capacity,
        }))
    }

    /// How many retries it admits at this moment.
    pub fn retries_left(&self) -> u32 {
        self.0.units.load(Ordering::Relaxed) / COST
    }

    /// Takes the cost of a retry, if there is that much.
    pub(crate) fn debit(&self) -> Option<Debit> {
        let units = &self.0.units;
        let take = |units: u32| units.checked_sub(COST);
        units
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .is_ok()
            .then(|| Debit(Some(self.clone())))
    }

    /// Puts back what a call that succeeded had spent on this many retries.
    pub(crate) fn refund(&self, retries: u32) {
        self.put(retries.saturating_mul(COST).max(1));
    }

    fn put(&self, back: u32) {
        let Bucket { units, capacity } = &*self.0;
        let add = |units: u32| Some(units.saturating_add(back).min(*capacity));
        // It always gives a value, so it never fails.
        let _ = units.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }
}

/// The cost of a retry that was granted and not sent yet; dropping it gives the cost back.
#[derive(Debug)]
#[must_use = "a debit that is dropped is given back"]
pub(crate) struct Debit(Option<RetryBudget>);

impl Debit {
    /// The retry goes on the wire: its cost is spent.
    pub(crate) fn spend(mut self) {
        self.0 = None;
    }
}

impl Drop for Debit {
    fn drop(&mut self) {
        if let Some(budget) = self.0.take() {
            budget.put(COST);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::{Debit, RetryBudget};

    /// What one call does with the budget, a step at a time.
    #[derive(Clone, Copy, Debug)]
    enum Act {
        Grant,
        Send,
        Drop,
        Succeed,
    }

    #[derive(Default)]
    struct Call {
        debit: Option<Debit>,
        spent: u32,
    }

    impl Call {
        fn act(&mut self, act: Act, budget: &RetryBudget) {
            match act {
                Act::Grant => self.debit = budget.debit(),
                Act::Drop => self.debit = None,
                Act::Send => {
                    if let Some(debit) = self.debit.take() {
                        debit.spend();
                        self.spent += 1;
                    }
                }
                Act::Succeed => {
                    budget.refund(self.spent);
                    self.spent = 0;
                }
            }
        }
    }

    /// Every order in which the steps of all scripts can happen; each script keeps its own order.
    fn interleavings(scripts: &[&[Act]], taken: &mut Vec<usize>, run: &mut dyn FnMut(&[usize])) {
        let mut ended = true;
        for (call, script) in scripts.iter().enumerate() {
            if taken.iter().filter(|&&step| step == call).count() < script.len() {
                ended = false;
                taken.push(call);
                interleavings(scripts, taken, run);
                taken.pop();
            }
        }
        if ended {
            run(taken);
        }
    }

    /// Every step is one atomic change, so orders of steps are all the interleavings there are.
    #[test]
    fn units_are_conserved_in_every_interleaving() {
        let scripts: &[&[Act]] = &[
            &[Act::Grant, Act::Send, Act::Grant, Act::Drop],
            &[Act::Grant, Act::Send, Act::Succeed],
            &[Act::Grant, Act::Drop, Act::Grant, Act::Send],
        ];
        let mut runs = 0;
        interleavings(scripts, &mut Vec::new(), &mut |order| {
            let budget = RetryBudget::new(2);
            let mut calls: Vec<Call> = scripts.iter().map(|_| Call::default()).collect();
            let mut steps = std::vec![0; scripts.len()];
            for &call in order {
                calls[call].act(scripts[call][steps[call]], &budget);
                steps[call] += 1;
                let held = calls.iter().filter(|call| call.debit.is_some()).count() as u32;
                let spent: u32 = calls.iter().map(|call| call.spent).sum();
                let left = budget.0.units.load(super::Ordering::Relaxed);
                let all = left + (held + spent) * super::COST;
                // The one call that may succeed without a retry puts one unit in.
                assert!(left <= 20 && (20..=21).contains(&all), "{order:?}: {all}");
            }
            runs += 1;
        });
        assert_eq!(runs, 11_550);
    }

    #[test]
    fn threads_leave_the_budget_as_full_as_they_found_it() {
        let budget = RetryBudget::new(8);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        let debit = budget.debit();
                        assert!(budget.retries_left() <= 8);
                        drop(debit);
                    }
                });
            }
        });
        assert_eq!(budget.retries_left(), 8);
    }

    #[test]
    fn an_empty_budget_fills_by_a_tenth_of_a_retry_with_each_success() {
        let budget = RetryBudget::new(1);
        budget.debit().unwrap().spend();
        assert!(budget.debit().is_none());
        for _ in 0..10 {
            budget.refund(0);
        }
        assert_eq!(budget.retries_left(), 1);
        budget.refund(u32::MAX);
        assert_eq!(budget.retries_left(), 1);
    }

    #[test]
    fn a_budget_of_nothing_or_of_everything_does_not_overflow() {
        assert!(RetryBudget::new(0).debit().is_none());
        let most = RetryBudget::new(u32::MAX);
        most.refund(u32::MAX);
        assert!(most.debit().is_some());
    }
}
