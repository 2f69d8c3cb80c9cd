//! Random latencies.

use std::f64::consts::TAU;

use fastrand::Rng;

/// A log-normal latency with this median, and this spread of its logarithm.
pub(super) fn log_normal(rng: &mut Rng, (median, spread): (f64, f64)) -> f64 {
    let (a, b) = (1.0 - rng.f64(), rng.f64());
    let normal = (-2.0 * a.ln()).sqrt() * (TAU * b).cos();
    median * (spread * normal).exp()
}
