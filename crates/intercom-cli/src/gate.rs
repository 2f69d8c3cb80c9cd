//! A gate that tells how long it keeps a call waiting, before it waits for long.

use std::time::Duration;

use intercom_async::async_trait;
use intercom_protocol::{Admission, Ask};

/// A pacing gate of either client, and what is done before a wait that is noticed.
///
/// It is asked twice: for a turn that comes soon, and where there is none, for one that comes at all. One call at a time
/// asks, so nobody's place in the queue is lost.
#[derive(Debug)]
pub(crate) struct TellingGate<G> {
    gate: G,
    unnoticed: Duration,
    tell: fn(Duration),
}

impl<G> TellingGate<G> {
    /// Waits up to `unnoticed` are not told.
    pub(crate) const fn new(gate: G, unnoticed: Duration, tell: fn(Duration)) -> Self {
        Self {
            gate,
            unnoticed,
            tell,
        }
    }

    /// The same question, for a turn that comes before anybody notices.
    fn soon(&self, ask: &Ask) -> Ask {
        let at = ask.now().tick().after(self.unnoticed);
        let at = ask.give_up_at().map_or(at, |given| given.min(at));
        Ask::new(*ask.now(), ask.began(), ask.attempt()).with_give_up_at(at)
    }

    /// What came of asking for a turn that comes soon: the answer, or `None` once the wait that is left was told, if it is
    /// long.
    fn settled(&self, ask: &Ask, soon: Admission) -> Option<Admission> {
        let Admission::Wait(permit, wait) = soon else {
            return Some(soon);
        };
        if ask.time_left().is_some_and(|left| left < wait) {
            return Some(Admission::Wait(permit, wait));
        }
        if wait >= self.unnoticed {
            (self.tell)(wait);
        }
        None
    }
}

impl<G: intercom_blocking::Gate> intercom_blocking::Gate for TellingGate<G> {
    fn admit(&self, ask: Ask) -> Admission {
        let soon = self.gate.admit(self.soon(&ask));
        let settled = self.settled(&ask, soon);
        settled.unwrap_or_else(|| self.gate.admit(ask))
    }

    fn paces(&self) -> bool {
        self.gate.paces()
    }
}

#[async_trait]
impl<G: intercom_async::Gate> intercom_async::Gate for TellingGate<G> {
    async fn admit(&self, ask: Ask) -> Admission {
        let soon = self.gate.admit(self.soon(&ask)).await;
        match self.settled(&ask, soon) {
            Some(admission) => admission,
            None => self.gate.admit(ask).await,
        }
    }

    fn paces(&self) -> bool {
        self.gate.paces()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use intercom_blocking::Gate;
    use intercom_protocol::{Admission, Ask, Moment, Permit, Tick};

    use super::TellingGate;

    /// Lets a call go after so long, if it has that much time; here nobody sleeps.
    #[derive(Debug)]
    struct After {
        needs: Duration,
        /// What it says is left of that, where the time is over.
        left: Duration,
    }

    impl Gate for After {
        fn admit(&self, ask: Ask) -> Admission {
            match ask.time_left() {
                Some(left) if left < self.needs => Admission::Wait(Permit::free(), self.left),
                _ => Admission::Go(Permit::free()),
            }
        }
    }

    static TOLD: Mutex<Vec<Duration>> = Mutex::new(Vec::new());

    fn tell(wait: Duration) {
        TOLD.lock().unwrap().push(wait);
    }

    #[test]
    fn a_wait_is_told_before_it_unless_it_is_short_or_too_long() {
        let now = Moment::new(Tick::default());
        let ask = || Ask::new(now, now.tick(), 1);
        let [short, long] = [100, 3_000].map(Duration::from_millis);
        let gate =
            |needs, left| TellingGate::new(After { needs, left }, Duration::from_secs(1), tell);
        for needs in [short, long] {
            assert!(matches!(gate(needs, short).admit(ask()), Admission::Go(_)));
        }
        assert!(TOLD.lock().unwrap().is_empty());
        assert!(matches!(gate(long, long).admit(ask()), Admission::Go(_)));
        assert_eq!(*TOLD.lock().unwrap(), [long]);
        let hasty = ask().with_give_up_at(now.tick().after(Duration::from_secs(2)));
        assert!(matches!(gate(long, long).admit(hasty), Admission::Wait(_, wait) if wait == long));
        assert_eq!(TOLD.lock().unwrap().len(), 1, "nobody waits that long");
    }
}
