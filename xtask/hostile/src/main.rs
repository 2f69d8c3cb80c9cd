//! `cargo xtask hostile`: carries out the whole matrix, or the cells whose name contains the argument.
//!
//! `cargo xtask soak`: carries it out again and again, and looks at what the process holds.

use std::env;
use std::process::ExitCode;

use xtask_hostile::{Cell, TRANSPORTS, run, soak};

fn main() -> ExitCode {
    let wanted = env::args().nth(1).unwrap_or_default();
    if wanted == "soak" {
        return soak_now();
    }
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

fn soak_now() -> ExitCode {
    match soak() {
        Ok(report) => {
            print!("{report}");
            ExitCode::from(u8::from(report.is_bad()))
        }
        Err(error) => {
            eprintln!("soak: {error:#}");
            ExitCode::from(2)
        }
    }
}
