//! Host name lookups on threads that nothing waits for.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::{io, thread, vec};

use hyper_util::client::legacy::connect::dns::Name;
use tokio::sync::{Semaphore, oneshot};
use tower_service::Service;

/// How many lookups of one transport may run at once.
///
/// A lookup whose caller has given up still counts until the system ends it.
const AT_ONCE: usize = 64;

type Addresses = vec::IntoIter<SocketAddr>;
type Resolve = dyn Fn(&str) -> io::Result<Addresses> + Send + Sync;

/// The resolver of a connector.
///
/// The system's lookup blocks its thread and cannot be cancelled. On one of tokio's blocking threads, it would keep the runtime
/// from being dropped and the program from ending until the name server responds or the system gives up.
#[derive(Clone)]
pub(super) struct Lookup {
    resolve: Arc<Resolve>,
    free: Arc<Semaphore>,
}

impl Lookup {
    /// Resolves host names as the system does.
    pub(super) fn system() -> Self {
        Self::new(AT_ONCE, |host| (host, 0).to_socket_addrs())
    }

    /// Resolves host names with a function that may block.
    fn new(
        at_once: usize,
        resolve: impl Fn(&str) -> io::Result<Addresses> + Send + Sync + 'static,
    ) -> Self {
        Self {
            resolve: Arc::new(resolve),
            free: Arc::new(Semaphore::new(at_once)),
        }
    }
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup").finish_non_exhaustive()
    }
}

impl Service<Name> for Lookup {
    type Response = Addresses;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Addresses>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (resolve, free) = (Arc::clone(&self.resolve), Arc::clone(&self.free));
        Box::pin(async move {
            let permit = free.acquire_owned().await.map_err(io::Error::other)?;
            let (sender, receiver) = oneshot::channel();
            let lookup = move || {
                let _permit = permit;
                // The caller may have given up.
                let _ = sender.send(resolve(name.as_str()));
            };
            thread::Builder::new()
                .name("intercom-lookup".to_owned())
                .spawn(lookup)?;
            receiver.await.map_err(io::Error::other)?
        })
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;
    use std::sync::Mutex;
    use std::sync::mpsc;

    use bytes::Bytes;
    use intercom_protocol::{Fault, FaultKind, Outgoing, Phase};
    use tokio::runtime::Builder;
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
    use tokio::time::Instant;

    use super::*;
    use crate::Client;
    use crate::transport::{HyperTransport, TokioTimer, Transport as _};

    const LIMIT: Duration = Duration::from_secs(2);

    /// How long a lookup blocks if nothing releases it. A test that waits for one then fails instead of hanging.
    const GUARD: Duration = Duration::from_secs(30);

    /// Makes lookups that block until the sender sends or is dropped, and that report when they begin.
    fn stuck(at_once: usize) -> (Lookup, mpsc::Sender<()>, UnboundedReceiver<()>) {
        let (release, released) = mpsc::channel();
        let released = Mutex::new(released);
        let (sender, begun) = unbounded_channel();
        let lookup = Lookup::new(at_once, move |_| {
            let _ = sender.send(());
            let _ = released.lock().unwrap().recv_timeout(GUARD);
            Err(io::ErrorKind::NotFound.into())
        });
        (lookup, release, begun)
    }

    fn get() -> Outgoing {
        let request = http::Request::get("https://intercom.test/me").body(Bytes::new());
        Outgoing::new(request.unwrap())
    }

    fn phase_and_kind(fault: &Fault) -> (Phase, FaultKind) {
        (fault.phase(), fault.kind())
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_ends_at_its_deadline_while_its_host_is_looked_up() {
        let (lookup, _release, _) = stuck(1);
        let transport = HyperTransport::with_lookup(lookup);
        let client = Client::builder("token")
            .total_timeout(LIMIT)
            .build_with(transport, TokioTimer::default())
            .unwrap();
        let began = Instant::now();
        let error = client.get("/me").send().await.unwrap_err();
        assert_eq!(began.elapsed(), LIMIT);
        assert_eq!(
            phase_and_kind(error.fault().unwrap()),
            (Phase::NotSent, FaultKind::Timeout)
        );
    }

    #[test]
    fn dropping_a_runtime_does_not_wait_for_a_lookup() {
        for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
            let runtime = builder.enable_all().build().unwrap();
            let (lookup, release, mut begun) = stuck(1);
            let transport = HyperTransport::with_lookup(lookup);
            runtime.spawn(async move { transport.send(get()).await });
            runtime.block_on(begun.recv()).unwrap();
            drop(runtime);
            // The lookup's thread alone still holds the receiver.
            let is_under_way = release.send(()).is_ok();
            assert!(is_under_way, "the drop waited for the lookup");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn lookups_beyond_the_bound_wait_within_the_connect_limit() {
        let (lookup, release, mut begun) = stuck(1);
        let free = Arc::clone(&lookup.free);
        let transport = HyperTransport::with_lookup(lookup);
        let timed_out = async || {
            let sent = transport.send(get().with_connect_timeout(LIMIT)).await;
            assert_eq!(
                phase_and_kind(&sent.unwrap_err()),
                (Phase::NotSent, FaultKind::Timeout)
            );
        };
        timed_out().await;
        begun.recv().await.unwrap();
        assert_eq!(free.available_permits(), 0, "the lookup still counts");
        timed_out().await;
        // The first lookup ends although nothing waits for it, and makes room for the third.
        drop(release);
        let fault = transport.send(get()).await.unwrap_err();
        assert_eq!(phase_and_kind(&fault), (Phase::NotSent, FaultKind::Dns));
        begun.recv().await.unwrap();
        assert!(begun.try_recv().is_err(), "the second lookup never began");
    }

    #[tokio::test]
    async fn a_lookup_that_panics_is_a_dns_fault() {
        let lookup = Lookup::new(1, |_| panic!("a lookup that panics"));
        let transport = HyperTransport::with_lookup(lookup);
        for _ in 0..2 {
            let fault = transport.send(get()).await.unwrap_err();
            assert_eq!(phase_and_kind(&fault), (Phase::NotSent, FaultKind::Dns));
        }
    }
}
