//! What the retry budget should contain, counted apart from it.

use intercom_retry::RetryBudget;

use super::plan::BUDGET;
use super::server::Outcome;
use super::slot::Facts;
use crate::search::Broken;

/// The cost of a retry, in units.
const COST: u32 = 10;

/// The units that should be in the budget.
#[derive(Debug)]
pub(super) struct Account {
    units: u32,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            units: BUDGET * COST,
        }
    }
}

impl Account {
    pub(super) fn units(&self) -> u32 {
        self.units
    }

    /// Records that a retry was decided after this outcome.
    pub(super) fn debit(&mut self, facts: &mut Facts, outcome: Outcome) {
        if !outcome.meaning().is_free {
            self.units = self.units.saturating_sub(COST);
            facts.holds_debit = true;
        }
    }

    /// Records that the retry is sent.
    pub(super) fn spend(&mut self, facts: &mut Facts) {
        if std::mem::take(&mut facts.holds_debit) {
            facts.spent += 1;
        }
    }

    /// Records an outcome that shows that the server works.
    pub(super) fn refund(&mut self, facts: &mut Facts, outcome: Outcome) {
        if outcome == Outcome::Ok || outcome.meaning().is_conclusive {
            let spent = std::mem::take(&mut facts.spent);
            self.put(COST.saturating_mul(spent).max(1));
        }
    }

    /// Records that the call is dropped.
    pub(super) fn release(&mut self, facts: &mut Facts) {
        if std::mem::take(&mut facts.holds_debit) {
            self.put(COST);
        }
    }

    fn put(&mut self, units: u32) {
        self.units = (self.units + units).min(BUDGET * COST);
    }

    /// Compares the budget. Only its `Debug` shows tenths of a retry.
    pub(super) fn check(&self, budget: &RetryBudget) -> Result<(), Broken> {
        let shown = format!("{budget:?}");
        let units = shown
            .split_once("units: ")
            .and_then(|(_, rest)| rest.split(',').next()?.parse().ok());
        if units == Some(self.units) {
            return Ok(());
        }
        let why = format!("{} units should be left in {shown}", self.units);
        Err(Broken::new("debits are conserved", why))
    }
}
