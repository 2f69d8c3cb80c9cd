//! `cargo xtask hostile`: carries out the whole matrix, or the cells whose name contains the argument.

use std::env;
use std::process::ExitCode;

use xtask_hostile::{Cell, TRANSPORTS, run};

fn main() -> ExitCode {
    let wanted = env::args().nth(1).unwrap_or_default();
    let mut cells = Cell::all(&TRANSPORTS);
    cells.retain(|cell| cell.to_string().contains(&wanted));
    if cells.is_empty() {
        eprintln!("no cell has the name {wanted:?}");
        return ExitCode::from(2);
    }
    let report = run(&cells);
    print!("{report}");
    ExitCode::from(u8::from(report.wrong() > 0))
}
