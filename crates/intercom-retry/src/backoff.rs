//! Computes the back-off from the number of the failed attempt and a random number.

use core::time::Duration;

/// An exponential back-off with a cap and jitter. No input makes it overflow or panic.
///
/// The policy's builder ensures that `multiplier` is finite and at least 1, and that `jitter` is between 0 and 1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Backoff {
    pub(crate) base: Duration,
    pub(crate) cap: Duration,
    pub(crate) multiplier: f64,
    pub(crate) jitter: f64,
}

impl Backoff {
    /// Returns the longest delay after a failed `attempt`, counted from 1. The cap applies before jitter. 0 counts as 1.
    pub(crate) fn ceiling(&self, attempt: u32) -> Duration {
        if self.base.is_zero() {
            return Duration::ZERO;
        }
        let factor = power(self.multiplier, attempt.saturating_sub(1));
        Duration::try_from_secs_f64(self.base.as_secs_f64() * factor)
            .unwrap_or(Duration::MAX)
            // A float is less precise than a huge `Duration`, and may be rounded below the base.
            .max(self.base)
            .min(self.cap)
    }

    /// Returns a delay in `[ceiling * (1 - jitter), ceiling]`. Jitter only shortens, so the cap also holds after it.
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

/// Returns a part of `width` in proportion to the lower half of `roll`.
pub(crate) fn spread(width: Duration, roll: u64) -> Duration {
    portion(width, roll & ROLL_ONE, ROLL_ONE)
}

/// The jitter 1.0 as a fixed-point number.
const JITTER_ONE: u64 = 1 << 32;

/// The largest value of a half of a roll.
const ROLL_ONE: u64 = u32::MAX as u64;

/// Returns `whole * part / of`.
///
/// `part` is at most `of`, and both are at most 2^32. The product does not overflow: 94 bits of nanoseconds times 32
/// bits.
fn portion(whole: Duration, part: u64, of: u64) -> Duration {
    const NANOS: u128 = 1_000_000_000;
    let nanos = whole.as_nanos() * u128::from(part) / u128::from(of);
    // This covers all durations below centuries. Dividing 64 bits takes a tenth of the time.
    if let Ok(nanos) = u64::try_from(nanos) {
        return Duration::from_nanos(nanos);
    }
    let seconds = u64::try_from(nanos / NANOS).unwrap_or(u64::MAX);
    Duration::new(seconds, (nanos % NANOS) as u32)
}

/// Returns `factor` to the power of `exponent`. The result may be infinite. `powi` needs the standard library.
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
                // The builder accepts only finite values of at least 1.
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
    fn the_ceiling_doubles_up_to_the_cap() {
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
    fn a_base_above_the_cap_waits_for_the_cap() {
        let backoff = Backoff {
            base: Duration::MAX,
            ..default()
        };
        assert_eq!(backoff.delay(1, u64::MAX), Duration::from_secs(30));
    }

    #[test]
    fn a_zero_base_never_waits_even_if_the_factor_is_infinite() {
        let backoff = Backoff {
            base: Duration::ZERO,
            multiplier: f64::MAX,
            ..default()
        };
        assert_eq!(backoff.delay(u32::MAX, u64::MAX), Duration::ZERO);
    }

    #[test]
    fn a_base_with_more_digits_than_a_float_is_not_rounded_down() {
        let base = Duration::new(1 << 53, 1);
        let backoff = Backoff {
            base,
            cap: Duration::MAX,
            ..default()
        };
        assert_eq!(backoff.ceiling(1), base);
    }

    #[test]
    fn the_largest_values_do_not_overflow() {
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
    fn a_part_of_a_time_longer_than_centuries_is_exact() {
        assert_eq!(portion(Duration::MAX, 1, 3), Duration::MAX / 3);
    }

    #[test]
    fn jitter_uses_the_upper_half_of_the_roll_and_spread_the_lower() {
        let (upper, lower) = (0xFFFF_FFFF_0000_0000, 0x0000_0000_FFFF_FFFF);
        let second = Duration::from_secs(1);
        assert_eq!(default().delay(1, upper), second);
        assert_eq!(default().delay(1, lower), second / 2);
        assert_eq!(spread(second, upper), Duration::ZERO);
        assert_eq!(spread(second, lower), second);
    }

    /// Counts the delays of `rolls` evenly spaced rolls in ten equal parts of their range.
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
        fn the_delay_stays_between_its_bounds(backoff in any_backoff(), attempt: u32, roll: u64) {
            let (ceiling, delay) = (backoff.ceiling(attempt), backoff.delay(attempt, roll));
            prop_assert!(ceiling <= backoff.cap);
            prop_assert!(delay <= ceiling);
            prop_assert!(backoff.delay(attempt, 0) <= delay);
        }

        #[test]
        fn the_ceiling_never_falls_from_one_attempt_to_the_next(backoff in any_backoff(), attempt in 0..u32::MAX) {
            prop_assert!(backoff.ceiling(attempt) <= backoff.ceiling(attempt + 1));
        }

        #[test]
        fn a_larger_roll_never_gives_a_shorter_delay(backoff in any_backoff(), attempt: u32, a: u64, b: u64) {
            prop_assert!(backoff.delay(attempt, a.min(b)) <= backoff.delay(attempt, a.max(b)));
        }

        #[test]
        fn the_spread_never_exceeds_its_width(width: Duration, roll: u64) {
            prop_assert!(spread(width, roll) <= width);
        }
    }
}
