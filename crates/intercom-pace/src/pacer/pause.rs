//! The pause after the server, or a firewall in front of it, asked to slow down.

/// The first pause, in seconds. Each further refusal doubles it.
const FIRST: f64 = 1.0;

/// The longest pause, in seconds.
const LONGEST: f64 = 30.0;

/// While it lasts, there is one request for each length of the pause.
#[derive(Clone, Debug, Default)]
pub(super) struct Pause {
    began: f64,
    until: f64,
    /// Zero if there is no pause.
    length: f64,
    /// The latest permit given in the pause.
    probe: Option<u64>,
}

impl Pause {
    /// When the next request may go, if the pause still forbids it.
    pub(super) fn until(&self, now: f64) -> Option<f64> {
        (now < self.until).then_some(self.until)
    }

    /// Records that a request may go. In a pause, the next one waits for its whole length, unless the response ends it.
    pub(super) fn give(&mut self, place: u64, now: f64) {
        self.until = now + self.length;
        self.probe = Some(place);
    }

    /// Takes back a permit: the next request may go in its place.
    pub(super) fn cancel(&mut self, place: u64) {
        if self.probe == Some(place) {
            self.until = self.began;
        }
    }

    /// Records the response to a request that was sent at `sent_at`. Those sent before the pause say nothing about it.
    pub(super) fn observe(&mut self, slow_down: bool, sent_at: f64, now: f64) {
        if sent_at < self.began {
            return;
        }
        if !slow_down {
            *self = Self::default();
            return;
        }
        self.length = (2.0 * self.length).clamp(FIRST, LONGEST);
        self.began = now;
        self.until = now + self.length;
        self.probe = None;
    }
}
