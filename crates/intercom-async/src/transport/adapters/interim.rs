//! A limit on the interim (1xx) responses to one request.

use core::future::poll_fn;
use core::pin::{Pin, pin};
use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::{Context, Poll, Waker};
use std::sync::Arc;

use ::hyper::ext::on_informational;
use http::Request;
use intercom_protocol::FaultKind;
use tokio::sync::Notify;
use tokio::task::coop;

use crate::transport::ExchangeError;

/// How many interim responses a request may get.
///
/// Real servers send a 103 once or twice, and a 102 every few seconds.
const LIMIT: usize = 100;

/// Counts the interim responses to one request.
#[derive(Debug, Default)]
pub(crate) struct Interim {
    seen: AtomicUsize,
    exceeded: Notify,
}

impl Interim {
    /// Counts the interim responses that hyper reads for this request.
    pub(crate) fn counting<B>(request: &mut Request<B>) -> Arc<Self> {
        let interim = Arc::new(Self::default());
        let counter = Arc::clone(&interim);
        on_informational(request, move |_| counter.count());
        interim
    }

    /// Polls the sending of the request, and fails as soon as there are too many interim responses.
    ///
    /// hyper closes the connection once `sending` is dropped.
    pub(crate) async fn bound<T>(
        &self,
        mut sending: Pin<&mut impl Future<Output = Result<T, ExchangeError>>>,
    ) -> Result<T, ExchangeError> {
        let mut exceeded = pin!(self.exceeded.notified());
        poll_fn(|context| {
            let polled = sending.as_mut().poll(context);
            // Checked second: when the response arrives, all interim responses before it have been counted.
            match exceeded.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(Err(too_many())),
                Poll::Pending => polled,
            }
        })
        .await
    }

    fn count(&self) {
        if self.seen.fetch_add(1, Ordering::Relaxed) == LIMIT {
            self.exceeded.notify_one();
        }
        // hyper keeps parsing while there is something to read. tokio's budget makes it yield, but only after 128 reads,
        // each of which may contain thousands of interim responses. Charging the budget for each of them makes it yield
        // after one read.
        if let Poll::Ready(unit) = coop::poll_proceed(&mut Context::from_waker(Waker::noop())) {
            unit.made_progress();
        }
    }
}

fn too_many() -> ExchangeError {
    let source = format!("more than {LIMIT} interim responses");
    ExchangeError::new(FaultKind::Protocol, source)
}

#[cfg(test)]
mod tests {
    use core::task::ready;
    use std::io;

    use ::hyper::client::conn::http1;
    use ::hyper::rt::{Read, ReadBufCursor, Write};
    use bytes::Bytes;

    use super::*;
    use crate::transport::MarkedBody;

    /// A connection that sends endless interim responses to the first request.
    ///
    /// It always has something to read and uses up tokio's budget, as a socket does.
    struct Flood {
        read: Arc<AtomicUsize>,
        reader: Option<Waker>,
        is_asked: bool,
    }

    impl Read for Flood {
        fn poll_read(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            mut buffer: ReadBufCursor<'_>,
        ) -> Poll<io::Result<()>> {
            const INTERIM: &[u8] = b"HTTP/1.1 103 Early Hints\r\n\r\n";
            if !self.is_asked {
                self.reader = Some(context.waker().clone());
                return Poll::Pending;
            }
            ready!(coop::poll_proceed(context)).made_progress();
            let read = self.read.load(Ordering::Relaxed);
            let start = read % INTERIM.len();
            let bytes = INTERIM.iter().cycle().skip(start).take(buffer.remaining());
            let bytes: Vec<u8> = bytes.copied().collect();
            buffer.put_slice(&bytes);
            self.read.store(read + bytes.len(), Ordering::Relaxed);
            Poll::Ready(Ok(()))
        }
    }

    impl Write for Flood {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.is_asked = true;
            if let Some(reader) = self.reader.take() {
                reader.wake();
            }
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn a_connection_flooded_with_interim_responses_yields_and_closes() {
        let read = Arc::new(AtomicUsize::new(0));
        let flood = Flood {
            read: Arc::clone(&read),
            reader: None,
            is_asked: false,
        };
        let (mut sender, connection) = http1::handshake(flood).await.unwrap();
        let connection = tokio::spawn(connection);
        let mut request = Request::get("/me")
            .body(MarkedBody::new(Bytes::new()).0)
            .unwrap();
        let interim = Interim::counting(&mut request);

        let mut sending = Box::pin(async { Ok(sender.send_request(request).await) });
        let failure = interim.bound(sending.as_mut()).await.unwrap_err();
        drop(sending);

        assert_eq!(failure.kind, FaultKind::Protocol);
        let _ = connection.await.unwrap();
        // A connection that did not yield would read 128 times in a row, up to 400 KiB at once.
        let read = read.load(Ordering::Relaxed);
        assert!(read <= 64 * 1024, "{read}");
    }
}
