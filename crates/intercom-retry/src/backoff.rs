//! Our own back-off: the number of the failed attempt and a roll give a delay.

use core::time::Duration;

/// An exponential curve with a cap and jitter; no input overflows or panics.
///
/// `multiplier` is finite and at least 1, `jitter` lies in 0 to 1: the policy's builder sees to it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Backoff {
    pub(crate) base: Duration,
    pub(crate) cap: Duration,
    pub(crate) multiplier: f64,
    pub(crate) jitter: f64,
}

impl Backoff {
    /// The longest delay after the failure of `attempt` (from 1; 0 counts as 1): the cap holds before jitter.
    pub(crate) fn ceiling(&self, attempt: u32) -> Duration {
        if self.base.is_zero() {
            return Duration::ZERO;
        }
        let factor = power(self.multiplier, attempt.saturating_sub(1));
        Duration::try_from_secs_f64(self.base.as_secs_f64() * factor)
            .unwrap_or(Duration::MAX)
            // A float is coarser than a huge `Duration` and may round below the base.
            .max(self.base)
            .min(self.cap)
    }

    /// A delay in `[ceiling * (1 - jitter), ceiling]`: jitter only shortens, so the cap holds after it as well.
    pub(crate) fn delay(&self, attempt: u32, roll: u64) -> Duration {
        let ceiling = self.ceiling(attempt);
        let width = portion(
            ceiling,
            (self.jitter * JITTER_ONE as f64) as u64,
            JITTER_ONE,
        );
        ceiling
            .saturating_sub(width)
            .saturating_add(portion(width, roll >> 32, ROLL_ONE))
    }
}

/// A part of `width` by the lower half of `roll`: nothing for 0, all of it for the largest.
pub(crate) fn spread(width: Duration, roll: u64) -> Duration {
    portion(width, roll & ROLL_ONE, ROLL_ONE)
}

/// The jitter 1.0 in fixed point.
const JITTER_ONE: u64 = 1 << 32;

/// The largest half of a roll.
const ROLL_ONE: u64 = u32::MAX as u64;

/// `whole * part / of`, for a `part` of at most `of` and both at most 2^32: 94 bits of nanoseconds and 32 of
/// `part` fit into 128.
fn portion(whole: Duration, part: u64, of: u64) -> Duration {
    const NANOS: u128 = 1_000_000_000;
    let nanos = whole.as_nanos() * u128::from(part) / u128::from(of);
    // Whatever lasts less than centuries: dividing 64 bits costs a tenth.
    if let Ok(nanos) = u64::try_from(nanos) {
        return Duration::from_nanos(nanos);
    }
    let seconds = u64::try_from(nanos / NANOS).unwrap_or(u64::MAX);
    Duration::new(seconds, (nanos % NANOS) as u32)
}

/// `factor` to the power of `exponent` by repeated squaring, for `powi` needs the standard library; may be infinite.
fn power(factor: f64, mut exponent: u32) -> f64 {
    let (mut product, mut square) = (1.0, factor);
    while exponent > 0 {
        if exponent & 1 == 1 {
            product *= square;
        }
        square *= square;
        exponent >>= 1;
    }
    product
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use proptest::prelude::{Strategy, any, prop_assert, proptest};

    fn default() -> Backoff {
        Backoff {
            base: Duration::from_secs(1),
            cap: Duration::from_secs(30),
            multiplier: 2.0,
            jitter: 0.5,
        }
    }

    fn any_backoff() -> impl Strategy<Value = Backoff> {
        let factors = (any::<f64>(), 0.0..=1.0_f64);
        (any::<Duration>(), any::<Duration>(), factors).prop_map(
            |(base, cap, (multiplier, jitter))| Backoff {
                base,
                cap,
                // What the builder lets through: finite and at least 1.
                multiplier: if multiplier.is_finite() {
                    multiplier.abs().max(1.0)
                } else {
                    2.0
                },
                jitter,
            },
        )
    }

    #[test]
    fn ceilings_double_up_to_the_cap() {
        let seconds: Vec<u64> = (1..=7)
            .map(|attempt| default().ceiling(attempt).as_secs())
            .collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30]);
    }

    #[test]
    fn attempt_zero_counts_as_the_first() {
        assert_eq!(default().ceiling(0), default().ceiling(1));
    }

    #[test]
    fn base_above_the_cap_waits_the_cap() {
        let backoff = Backoff {
            base: Duration::MAX,
            ..default()
        };
        assert_eq!(backoff.delay(1, u64::MAX), Duration::from_secs(30));
    }

    #[test]
    fn zero_base_never_waits_even_when_the_factor_is_infinite() {
        let backoff = Backoff {
            base: Duration::ZERO,
            multiplier: f64::MAX,
            ..default()
        };
        assert_eq!(backoff.delay(u32::MAX, u64::MAX), Duration::ZERO);
    }

    #[test]
    fn base_too_fine_for_a_float_is_not_undercut() {
        let base = Duration::new(1 << 53, 1);
        let backoff = Backoff {
            base,
            cap: Duration::MAX,
            ..default()
        };
        assert_eq!(backoff.ceiling(1), base);
    }

    #[test]
    fn largest_values_of_everything_are_exact() {
        let backoff = Backoff {
            base: Duration::MAX,
            cap: Duration::MAX,
            multiplier: f64::MAX,
            jitter: 1.0,
        };
        assert_eq!(backoff.delay(u32::MAX, u64::MAX), Duration::MAX);
        assert_eq!(backoff.delay(u32::MAX, 0), Duration::ZERO);
        assert_eq!(spread(Duration::MAX, u64::MAX), Duration::MAX);
    }

    #[test]
    fn jitter_reads_the_upper_half_of_the_roll_and_spread_the_lower() {
        let (upper, lower) = (0xFFFF_FFFF_0000_0000, 0x0000_0000_FFFF_FFFF);
        let second = Duration::from_secs(1);
        assert_eq!(default().delay(1, upper), second);
        assert_eq!(default().delay(1, lower), second / 2);
        assert_eq!(spread(second, upper), Duration::ZERO);
        assert_eq!(spread(second, lower), second);
    }

    /// Sorts the delays of `rolls` evenly spaced rolls into ten equal bins of their range.
    fn bins(
        rolls: u64,
        low: Duration,
        high: Duration,
        delay: impl Fn(u64) -> Duration,
    ) -> [u64; 10] {
        let step = u64::from(u32::MAX) / (rolls - 1);
        let width = (high - low).as_nanos() + 1;
        let mut bins = [0; 10];
        for half in (0..rolls).map(|n| n * step) {
            let at = (delay(half << 32 | half) - low).as_nanos() * 10 / width;
            bins[usize::try_from(at).unwrap()] += 1;
        }
        bins
    }

    #[test]
    fn jitter_and_spread_are_uniform_over_evenly_spaced_rolls() {
        let second = Duration::from_secs(1);
        let jitter = bins(10_000, second * 2, second * 4, |roll| {
            default().delay(3, roll)
        });
        let spread = bins(10_000, Duration::ZERO, second, |roll| spread(second, roll));
        for count in jitter.into_iter().chain(spread) {
            assert!((999..=1001).contains(&count), "{jitter:?} {spread:?}");
        }
    }

    proptest! {
        #[test]
        fn delay_stays_between_its_bounds(backoff in any_backoff(), attempt: u32, roll: u64) {
            let (ceiling, delay) = (backoff.ceiling(attempt), backoff.delay(attempt, roll));
            prop_assert!(ceiling <= backoff.cap);
            prop_assert!(delay <= ceiling);
            prop_assert!(backoff.delay(attempt, 0) <= delay);
        }

        #[test]
        fn ceiling_never_falls_from_one_attempt_to_the_next(backoff in any_backoff(), attempt in 0..u32::MAX) {
            prop_assert!(backoff.ceiling(attempt) <= backoff.ceiling(attempt + 1));
        }

        #[test]
        fn longer_roll_never_waits_less(backoff in any_backoff(), attempt: u32, a: u64, b: u64) {
            prop_assert!(backoff.delay(attempt, a.min(b)) <= backoff.delay(attempt, a.max(b)));
        }

        #[test]
        fn spread_never_exceeds_its_width(width: Duration, roll: u64) {
            prop_assert!(spread(width, roll) <= width);
        }
    }
}
