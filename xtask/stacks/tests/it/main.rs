//! The examples and the loops, against the mock and against connections that break.

mod alerts;
mod conformance;
mod loops;
mod phases;
mod programs;
mod retries;
