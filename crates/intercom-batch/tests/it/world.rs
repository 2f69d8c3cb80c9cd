//! A transport and virtual clocks, so that tests do not wait.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use intercom_async::Client;
use intercom_batch::intercom_async::async_trait;
use intercom_batch::intercom_async::transport::{Timer, Transport, transport_fn};
use intercom_batch::intercom_protocol::bytes::Bytes;
use intercom_batch::intercom_protocol::{Fault, FaultKind, Moment, RetryPolicy, Tick, http};
use intercom_mock::MockServer;
use tokio::sync::watch;

/// A transport that returns these responses in order.
pub(crate) fn responses(all: &[(u16, &'static str)]) -> impl Transport + 'static {
    let left = Mutex::new(VecDeque::from(all.to_vec()));
    transport_fn(move |_| {
        let (status, body) = left.lock().unwrap().pop_front().unwrap();
        let response = http::Response::builder().status(status);
        let response = response.body(Bytes::from_static(body.as_bytes())).unwrap();
        async { Ok(response) }
    })
}

/// A clock that jumps ahead on each sleep.
#[derive(Clone, Debug, Default)]
pub(crate) struct JumpingClock(Arc<Mutex<Duration>>);

impl JumpingClock {
    pub(crate) fn slept(&self) -> Duration {
        *self.0.lock().unwrap()
    }
}

#[async_trait]
impl Timer for JumpingClock {
    fn now(&self) -> Moment {
        Moment::new(Tick::new(self.slept()))
    }

    async fn sleep(&self, duration: Duration) {
        *self.0.lock().unwrap() += duration;
    }
}

/// A clock that the test advances.
#[derive(Clone, Debug)]
pub(crate) struct HandClock(Arc<watch::Sender<Duration>>);

impl HandClock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Duration::ZERO)))
    }

    pub(crate) fn advance(&self, duration: Duration) {
        self.0.send_modify(|now| *now += duration);
    }
}

#[async_trait]
impl Timer for HandClock {
    fn now(&self) -> Moment {
        Moment::new(Tick::new(*self.0.borrow()))
    }

    async fn sleep(&self, duration: Duration) {
        let mut now = self.0.subscribe();
        let until = *now.borrow() + duration;
        let _ = now.wait_for(|now| *now >= until).await;
    }
}

/// A clock that moves that of a mock ahead on each sleep. It can stop like a process that is killed while it sleeps.
#[derive(Clone, Debug)]
pub(crate) struct MockClock {
    mock: Arc<MockServer>,
    began: Duration,
    /// How many sleeps are left before it stops.
    left: Arc<AtomicUsize>,
}

impl MockClock {
    pub(crate) fn new(mock: Arc<MockServer>) -> Self {
        Self {
            began: mock.server_time(),
            mock,
            left: Arc::new(AtomicUsize::new(usize::MAX)),
        }
    }

    pub(crate) fn slept(&self) -> Duration {
        self.mock.server_time() - self.began
    }

    /// Stops in the sleep after so many.
    pub(crate) fn stop_after(&self, sleeps: usize) {
        self.left.store(sleeps, Ordering::Relaxed);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.left.load(Ordering::Relaxed) == 0
    }

    pub(crate) fn go_on(&self) {
        self.stop_after(usize::MAX);
    }
}

#[async_trait]
impl Timer for MockClock {
    fn now(&self) -> Moment {
        Moment::new(Tick::new(self.slept()))
    }

    async fn sleep(&self, duration: Duration) {
        if self.is_stopped() {
            std::future::pending::<()>().await;
        }
        self.left.fetch_sub(1, Ordering::Relaxed);
        self.mock.advance_clock(duration);
    }
}

/// A client of a mock without a socket, which does not retry.
pub(crate) fn offline(mock: &Arc<MockServer>, clock: MockClock) -> Client {
    let builder = Client::builder(mock.token()).policy(RetryPolicy::none());
    let mock = mock.clone();
    let transport = transport_fn(move |outgoing| {
        let exchanged = mock.exchange(outgoing.into_request());
        let lost = || Fault::outcome_unknown(FaultKind::Closed);
        let response = exchanged.response.ok_or_else(lost);
        async { response }
    });
    builder
        .without_pacing()
        .build_with(transport, clock)
        .unwrap()
}
