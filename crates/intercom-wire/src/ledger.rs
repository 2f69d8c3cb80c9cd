//! What a wire server has received: the only state its threads share.

use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::request::WireRequest;

#[derive(Debug, Default)]
pub(super) struct Ledger {
    connections: AtomicUsize,
    sent: AtomicU64,
    stopped: AtomicBool,
    requests: Mutex<Vec<WireRequest>>,
    open: Mutex<Vec<(usize, TcpStream)>>,
    begun: AtomicUsize,
    progress: Mutex<Progress>,
    progressed: Condvar,
    /// Whether a test waits for the script to settle, or has.
    released: AtomicBool,
}

/// How far a script is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Progress {
    #[default]
    NotStarted,
    Running,
    /// Nothing more happens until the client does something.
    Settled,
}

impl Ledger {
    /// Records a connection and returns its number, from 1. Keeps a handle so that `stop` can shut it down.
    pub(super) fn accepted(&self, stream: &TcpStream) -> usize {
        let number = self.connections.fetch_add(1, Ordering::SeqCst) + 1;
        if let Ok(handle) = stream.try_clone() {
            lock(&self.open).push((number, handle));
        }
        number
    }

    /// Drops the last handle of a connection, which closes it.
    pub(super) fn ended(&self, number: usize) {
        lock(&self.open).retain(|(open, _)| *open != number);
    }

    pub(super) fn read(&self, request: WireRequest) {
        lock(&self.requests).push(request);
    }

    pub(super) fn wrote(&self, bytes: usize) {
        self.sent.fetch_add(bytes as u64, Ordering::SeqCst);
    }

    /// Returns the number of the exchange that begins now, from 0.
    pub(super) fn begin(&self) -> usize {
        self.begun.fetch_add(1, Ordering::SeqCst)
    }

    pub(super) fn progress(&self, to: Progress) {
        *lock(&self.progress) = to;
        self.progressed.notify_all();
    }

    /// Lets `settle` wait for a script that has not started yet.
    pub(super) fn expect_progress(&self) {
        let mut progress = lock(&self.progress);
        if *progress == Progress::NotStarted {
            *progress = Progress::Running;
        }
    }

    /// Waits until a test waits for the script to settle.
    pub(super) fn hold(&self) {
        let is_held = |_: &mut Progress| !self.released.load(Ordering::SeqCst);
        let progress = lock(&self.progress);
        drop(self.progressed.wait_while(progress, is_held));
    }

    fn release(&self) {
        let _progress = lock(&self.progress);
        self.released.store(true, Ordering::SeqCst);
        self.progressed.notify_all();
    }

    /// Waits until a script that has started is settled. Returns whether it started and is.
    pub(super) fn settle(&self, limit: Duration) -> bool {
        self.release();
        let is_running = |progress: &mut Progress| *progress == Progress::Running;
        let progress = lock(&self.progress);
        let waited = self
            .progressed
            .wait_timeout_while(progress, limit, is_running);
        *waited.unwrap_or_else(PoisonError::into_inner).0 == Progress::Settled
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }

    pub(super) fn requests(&self) -> Vec<WireRequest> {
        lock(&self.requests).clone()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// Shuts down every connection, so that no thread waits for its client.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.release();
        for (_, stream) in lock(&self.open).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
