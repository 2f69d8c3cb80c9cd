//! The outstanding permits.

use alloc::vec::Vec;

/// What the pacer remembers about a permit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Issued {
    /// The end of the window it was given in, once windows are known.
    pub(super) window: Option<f64>,
    /// When the request was sent; before that, when the permit was given.
    pub(super) sent_at: f64,
    /// Whether it took a token.
    pub(super) token: bool,
}

/// The outstanding permits, each with a number that is never reused.
///
/// The memory grows with the highest number of permits outstanding at once, and is reused.
#[derive(Clone, Debug)]
pub(super) struct Permits {
    seats: Vec<Seat>,
    free: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Seat {
    /// Distinguishes the permit from earlier ones in the same seat.
    generation: u32,
    permit: Option<Issued>,
}

impl Permits {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self {
            seats: Vec::with_capacity(capacity),
            free: Vec::with_capacity(capacity),
        }
    }

    pub(super) fn give(&mut self, permit: Issued) -> u64 {
        let index = self.free.pop().unwrap_or(self.seats.len() as u32);
        if self.seats.len() == index as usize {
            self.seats.push(Seat {
                generation: 0,
                permit: None,
            });
        }
        let Some(seat) = self.seats.get_mut(index as usize) else {
            return u64::MAX;
        };
        seat.permit = Some(permit);
        u64::from(seat.generation) << 32 | u64::from(index)
    }

    /// The permit with this number, if it is outstanding.
    pub(super) fn find(&mut self, place: u64) -> Option<&mut Issued> {
        self.seat(place)?.permit.as_mut()
    }

    /// Removes the permit. Its number becomes invalid.
    pub(super) fn take(&mut self, place: u64) -> Option<Issued> {
        let seat = self.seat(place)?;
        let permit = seat.permit.take()?;
        seat.generation = seat.generation.wrapping_add(1);
        self.free.push(place as u32);
        Some(permit)
    }

    fn seat(&mut self, place: u64) -> Option<&mut Seat> {
        let seat = self.seats.get_mut(place as u32 as usize)?;
        (u64::from(seat.generation) == place >> 32).then_some(seat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUED: Issued = Issued {
        window: None,
        sent_at: 0.0,
        token: false,
    };

    #[test]
    fn number_of_a_settled_permit_is_not_reused_with_its_seat() {
        let mut permits = Permits::with_capacity(1);
        let first = permits.give(ISSUED);
        assert!(permits.take(first).is_some());
        let second = permits.give(ISSUED);
        assert_ne!(first, second);
        assert!(permits.find(first).is_none() && permits.take(first).is_none());
        assert!(permits.take(second).is_some() && permits.take(u64::MAX).is_none());
    }
}
