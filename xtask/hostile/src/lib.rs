//! Every transport on hostile networks, over real sockets.
//!
//! A cell of the matrix is one call over one transport to a server of its own. In one exchange the server does something wrong: a
//! fault, in a phase. All other exchanges succeed. The server counts what it has read, and a judge checks what no client may do,
//! whatever happens:
//!
//! - A write that must not be applied twice is sent at most once, unless the server refused it.
//! - An error never denies a write that was applied.
//! - A good response is returned, and a response that is cut off, or belongs to another request, is not.
//! - Every call ends, and no call panics.
//! - No error shows the token or has a control character.
//! - The next call of the same client succeeds.
//!
//! [`soak()`] carries out cells for a long time, and checks that the process holds no more at the end than at the beginning.
//!
//! In scope: the transports of both clients, as programs use them.
//! Out of scope: Intercom's API, which `intercom-mock` simulates.

mod cell;
mod fault;
mod faults;
mod judge;
mod matrix;
mod soak;
mod transports;

pub use cell::Cell;
pub use matrix::{Report, run};
pub use soak::{Soaked, soak};
pub use transports::{Call, TRANSPORTS, Transport};
