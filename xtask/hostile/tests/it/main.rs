//! A tenth of the matrix; `cargo xtask hostile` carries out all of it.

use xtask_hostile::{Cell, TRANSPORTS, run};

/// Spreads the cells that are chosen over all faults, phases, requests and transports.
fn is_chosen(number: usize) -> bool {
    (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32 <= u64::from(u32::MAX / 10)
}

#[test]
fn no_transport_is_wrong_in_a_tenth_of_the_matrix() {
    let all = Cell::all(&TRANSPORTS).into_iter().enumerate();
    let chosen = all.filter(|(number, _)| is_chosen(*number));
    let cells: Vec<_> = chosen.map(|(_, cell)| cell).collect();
    let report = run(&cells);
    assert_eq!(report.wrong(), 0, "\n{report}");
}
