//! The retry budget, which limits the retries of all calls of a program during an outage.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, Ordering};

/// The cost of one retry, in units of the bucket. A success without a retry puts one unit back.
const COST: u32 = 10;

/// A token bucket that the calls of a client share. Retries take from it, and successes put back.
///
/// Each call can retry a few times, but a thousand calls that do so during an outage prolong it. When the budget is
/// used up, further calls stop with [`StopReason::BudgetExhausted`](crate::StopReason::BudgetExhausted) after their
/// first attempt. Ten calls that succeed at their first attempt pay for one retry.
///
/// - The cost of a retry is reserved when it is decided, and spent when it is sent. A retry that is never sent gives it
///   back.
/// - A success puts back what its own call has spent, but at least a tenth of a retry. A permanent refusal, like a 404,
///   does the same, because it shows that the server works.
/// - Retries after a rate limit are free, because those requests were refused before anything was done, and the wait
///   paces them.
///
/// Clones share one bucket. It does not use locks.
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
    /// Returns a budget for 50 retries.
    fn default() -> Self {
        Self::new(50)
    }
}

impl RetryBudget {
    /// Creates a full bucket for this many retries.
    pub fn new(retries: u32) -> Self {
        let capacity = retries.saturating_mul(COST);
        Self(Arc::new(Bucket {
            units: AtomicU32::new(capacity),
            capacity,
        }))
    }

    /// Returns how many retries are left at the moment.
    pub fn retries_left(&self) -> u32 {
        self.0.units.load(Ordering::Relaxed) / COST
    }

    /// Takes the cost of a retry, if enough is left.
    pub(crate) fn debit(&self) -> Option<Debit> {
        let units = &self.0.units;
        let take = |units: u32| units.checked_sub(COST);
        units
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .is_ok()
            .then(|| Debit(Some(self.clone())))
    }

    /// Puts back what a successful call has spent on this many retries.
    pub(crate) fn refund(&self, retries: u32) {
        self.put(retries.saturating_mul(COST).max(1));
    }

    fn put(&self, back: u32) {
        let Bucket { units, capacity } = &*self.0;
        let add = |units: u32| Some(units.saturating_add(back).min(*capacity));
        // `add` always returns a value, so this never fails.
        let _ = units.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }
}

/// The cost of a retry that was not sent yet. Dropping it gives the cost back.
#[derive(Debug)]
#[must_use = "dropping a debit gives its cost back"]
pub(crate) struct Debit(Option<RetryBudget>);

impl Debit {
    /// Spends the cost, because the retry is sent.
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

    /// A step of one call.
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

    /// Runs every interleaving of the scripts. Each script keeps its own order.
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

    /// Each step is one atomic change, so the orders of the steps cover all interleavings.
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
                // A call that succeeds without a retry puts one unit back.
                assert!(left <= 20 && (20..=21).contains(&all), "{order:?}: {all}");
            }
            runs += 1;
        });
        assert_eq!(runs, 11_550);
    }

    #[test]
    fn threads_that_drop_their_debits_leave_the_budget_full() {
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
    fn the_smallest_and_the_largest_budget_do_not_overflow() {
        assert!(RetryBudget::new(0).debit().is_none());
        let most = RetryBudget::new(u32::MAX);
        most.refund(u32::MAX);
        assert!(most.debit().is_some());
    }
}
