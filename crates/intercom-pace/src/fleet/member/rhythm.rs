//! When in a window a member speaks: at random times of its own, so that a fleet does not speak all at once.

/// The phases at which a member renews its lease: between these two.
const RENEW: (f64, f64) = (0.25, 0.5);

/// The phases at which it returns what it will not use while others are hungry.
const GIVE: (f64, f64) = (0.62, 0.7);

/// When it asks again for slots that others have returned, when it returns all that is left, and when it asks for those.
const LATE: f64 = 0.73;
const LAST_RETURN: f64 = 0.86;
const LAST: f64 = 0.94;

/// How much later than these three it speaks, at most.
const JITTER: f64 = 0.04;

/// When a member without a slot asks, if it was hungry in the last window. If it had no slot then either, it asks after the others
/// have renewed their shares: that is when a share becomes free.
const ZERO: (f64, f64) = (0.03, 0.13);
const STARVED: f64 = 0.48;

/// The random phases of a member.
#[derive(Clone, Debug)]
pub(super) struct Rhythm {
    jitter: f64,
    pub(super) renew: f64,
    pub(super) give: f64,
    zero: f64,
    /// From 0 to 1, new in each window.
    pub(super) lot: f64,
    state: u64,
}

impl Rhythm {
    pub(super) fn new(id: u64) -> Self {
        let mut rhythm = Self {
            jitter: 0.0,
            renew: 0.0,
            give: 0.0,
            zero: 0.0,
            lot: 0.0,
            state: id,
        };
        rhythm.jitter = JITTER * rhythm.random();
        rhythm.renew = rhythm.between(RENEW);
        rhythm.give = rhythm.between(GIVE);
        rhythm.zero = rhythm.between(ZERO);
        rhythm.lot = rhythm.random();
        rhythm
    }

    /// Draws what is new in each window.
    pub(super) fn turn(&mut self, roll: f64) {
        self.lot = roll;
    }

    /// Draws what is new with each reply.
    pub(super) fn replied(&mut self) {
        self.zero = self.between(ZERO);
    }

    pub(super) fn zero(&self, is_starved: bool) -> f64 {
        self.zero + if is_starved { STARVED } else { 0.0 }
    }

    pub(super) fn late(&self) -> f64 {
        LATE + self.jitter
    }

    pub(super) fn last_return(&self) -> f64 {
        LAST_RETURN + self.jitter
    }

    pub(super) fn last(&self) -> f64 {
        LAST + self.jitter
    }

    /// A random number between two.
    pub(super) fn between(&mut self, (from, to): (f64, f64)) -> f64 {
        from + (to - from) * self.random()
    }

    /// A random number from 0 to just below 1: the generator SplitMix64.
    fn random(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}
