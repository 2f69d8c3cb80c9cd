//! A transport and virtual clocks, so that tests do not wait.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use intercom_batch::intercom_async::async_trait;
use intercom_batch::intercom_async::transport::{Timer, Transport, transport_fn};
use intercom_batch::intercom_protocol::bytes::Bytes;
use intercom_batch::intercom_protocol::{Moment, Tick, http};
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
