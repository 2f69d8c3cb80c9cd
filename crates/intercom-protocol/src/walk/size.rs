//! How many items a page has.

/// How many good pages are read before the size grows.
const PATIENCE: u32 = 4;

/// How many good pages are read before a size that failed is asked for again. Each time it fails again, twice as many.
const FORGIVENESS: u32 = 64;

/// The size of a page whose size is not known.
pub(super) const UNKNOWN: u32 = 50;

/// The number of items on a page: halved after a failure, and growing slowly while pages can be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageSize {
    /// The size to ask for; `None` asks for none.
    now: Option<u32>,
    /// The size that the walk began with.
    first: Option<u32>,
    /// The smallest size that failed lately.
    failed: Option<u32>,
    /// The largest size that succeeded since the last failure.
    succeeded: Option<u32>,
    good: u32,
    forgiveness: u32,
    /// How often the size failed without a success in between.
    failures: u32,
}

impl PageSize {
    pub(super) const fn new(first: Option<u32>) -> Self {
        Self {
            now: first,
            first,
            failed: None,
            succeeded: None,
            good: 0,
            forgiveness: FORGIVENESS,
            failures: 0,
        }
    }

    /// The size to ask for.
    pub(super) const fn now(&self) -> Option<u32> {
        self.now
    }

    /// How often pages failed without a success in between.
    pub(super) const fn failures(&self) -> u32 {
        self.failures
    }

    /// Goes on with a size from a checkpoint.
    pub(super) fn resume(&mut self, size: Option<u32>) {
        self.now = size.filter(|size| *size > 0).or(self.now);
        self.first = self.first.or(self.now);
    }

    /// Forgets the failures, because other items are read.
    pub(super) fn reset(&mut self) {
        *self = Self::new(self.first);
    }

    /// The server's pages have this size.
    pub(super) fn learn(&mut self, size: u32) {
        self.now = Some(size);
        self.first = Some(size);
    }

    /// A page of this size could be read.
    pub(super) fn succeed(&mut self) {
        self.failures = 0;
        let (Some(now), Some(first)) = (self.now, self.first) else {
            return;
        };
        self.succeeded = self.succeeded.max(Some(now));
        self.good += 1;
        if self.failed.is_some() && self.good >= self.forgiveness {
            self.failed = None;
            self.forgiveness = self.forgiveness.saturating_mul(2);
        }
        if now < first && self.good % PATIENCE == 0 {
            let wanted = now.saturating_add((now / 4).max(1)).min(first);
            // Half-way to a size that failed.
            let half_way = |failed: u32| now + failed.saturating_sub(now) / 2;
            let allowed = self
                .failed
                .map_or(wanted, |failed| wanted.min(half_way(failed)));
            if allowed > now {
                self.now = Some(allowed);
                self.good = 0;
            }
        }
    }

    /// A page of this size could not be read. Returns `false` if it cannot be smaller.
    pub(super) fn fail(&mut self) -> bool {
        let now = self.now.unwrap_or(UNKNOWN);
        self.first = self.first.or(Some(now));
        self.failures += 1;
        self.good = 0;
        if now <= 1 {
            return false;
        }
        // After a step of growth, back to the size before.
        let before = self.succeeded.take().filter(|size| *size < now);
        self.failed = Some(now);
        self.now = before.max(Some(now / 2));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::PageSize;

    /// Reads this many items from a server that refuses pages above `limit`. Returns how many pages failed, and the last size.
    fn read(items: u32, first: u32, limit: u32) -> (u32, u32) {
        let (mut size, mut read, mut failures) = (PageSize::new(Some(first)), 0, 0);
        while read < items {
            let now = size.now().unwrap();
            if now > limit {
                failures += 1;
                assert!(size.fail());
            } else {
                read += now;
                size.succeed();
            }
        }
        (failures, size.now().unwrap())
    }

    #[test]
    fn a_size_that_fails_is_halved_and_grows_back_to_the_largest_that_works() {
        let (failures, size) = read(20_000, 150, 37);
        assert!(failures < 20, "{failures}");
        assert!((30..=37).contains(&size), "{size}");
        assert_eq!(read(20_000, 150, 150), (0, 150));
    }

    #[test]
    fn a_size_never_grows_above_the_first() {
        let mut size = PageSize::new(Some(50));
        assert!(size.fail());
        assert_eq!(size.now(), Some(25));
        for _ in 0..500 {
            size.succeed();
            assert!(size.now() <= Some(50));
        }
        assert_eq!(size.now(), Some(50));
    }

    #[test]
    fn the_last_size_is_one() {
        let mut size = PageSize::new(None);
        let sizes: Vec<_> =
            core::iter::from_fn(|| size.fail().then(|| size.now().unwrap())).collect();
        assert_eq!(sizes, [25, 12, 6, 3, 1]);
        assert_eq!(size.failures(), 6);
    }

    #[test]
    fn size_that_worked_and_fails_is_halved() {
        let mut size = PageSize::new(Some(40));
        size.succeed();
        assert!(size.fail());
        assert_eq!(size.now(), Some(20));
    }

    #[test]
    fn size_of_the_server_replaces_the_one_that_was_asked_for() {
        let mut size = PageSize::new(Some(100));
        size.learn(50);
        assert_eq!(size.now(), Some(50));
        assert!(size.fail());
        size.reset();
        assert_eq!(size.now(), Some(50));
    }

    #[test]
    fn size_of_a_checkpoint_is_used_unless_it_is_zero() {
        let resumed = |size| {
            let mut now = PageSize::new(Some(50));
            now.resume(size);
            now.now()
        };
        assert_eq!(
            [Some(7), Some(0), None].map(resumed),
            [Some(7), Some(50), Some(50)]
        );
    }

    /// Up by a quarter after four good pages, half-way to a size that failed, and back to the size before it.
    #[test]
    fn sizes_approach_the_largest_that_works() {
        let mut size = PageSize::new(Some(150));
        let mut sizes = Vec::new();
        for _ in 0..60 {
            let now = size.now().unwrap();
            if sizes.last() != Some(&now) {
                sizes.push(now);
            }
            if now > 43 {
                assert!(size.fail());
            } else {
                size.succeed();
            }
        }
        assert_eq!(sizes, [150, 75, 37, 46, 37, 41, 43, 44, 43]);
    }
}
