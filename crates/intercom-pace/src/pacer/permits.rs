//! The permits that are out.

use alloc::vec::Vec;

/// A permit as the pacer remembers it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Issued {
    /// The end of the window it was given in, once windows are known.
    pub(super) window: Option<f64>,
    /// When it went on the wire; until somebody says so, when it was given.
    pub(super) sent_at: f64,
    /// Whether it took a token.
    pub(super) token: bool,
}

/// The permits that are out, each under a number that is never used twice.
///
/// Memory grows with the most that were ever out at once, and is used again.
#[derive(Clone, Debug)]
pub(super) struct Permits {
    seats: Vec<Seat>,
    free: Vec<u32>,
}

#[derive(Clone, Debug)]
struct Seat {
    /// Told apart from those who sat here before.
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

    /// The permit under this number, if it is still out.
    pub(super) fn find(&mut self, place: u64) -> Option<&mut Issued> {
        self.seat(place)?.permit.as_mut()
    }

    /// Takes the permit back; the number means nothing from here on.
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
    fn number_of_a_settled_permit_means_nothing_even_when_its_seat_is_taken_again() {
        let mut permits = Permits::with_capacity(1);
        let first = permits.give(ISSUED);
        assert!(permits.take(first).is_some());
        let second = permits.give(ISSUED);
        assert_ne!(first, second);
        assert!(permits.find(first).is_none() && permits.take(first).is_none());
        assert!(permits.take(second).is_some() && permits.take(u64::MAX).is_none());
    }
}
