//! A download: a call whose body goes to a sink, on whatever host the API keeps the file.

use core::future::{pending, poll_fn};
use core::pin::pin;
use core::task::Poll;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use intercom_retry::{Stop, StopReason, Tick};

use super::redirect::follow;
use crate::wire::download::{Download, Receiver};
use crate::wire::sink::{Sink, Slot};
use crate::{ApiRequest, Caller, Error, Reply};

/// A download that has ended well: its last response, how many bytes the sink has, how often it was continued, and the sink.
pub(crate) struct Done<S> {
    pub(crate) reply: Reply,
    pub(crate) written: u64,
    pub(crate) resumed: u32,
    pub(crate) sink: Option<S>,
}

/// Downloads the body of the response to `request`.
pub(crate) async fn download<C: Caller, S: Sink + 'static>(
    caller: &C,
    request: ApiRequest,
    sink: S,
) -> Result<Done<S>, Error> {
    let download = Arc::new(Mutex::new(Download::new(Slot(Some(sink)))));
    let total_timeout = caller.connection().and_then(|it| it.total_timeout());
    // All calls share one deadline.
    let deadline = caller.now().and_then(|now| {
        let own = request.deadline_from(now);
        own.or_else(|| Some(now.after(total_timeout?)))
    });
    let request = match deadline {
        Some(tick) => request.deadline_at(tick),
        None => request,
    };
    let request = request.received_by(Receiver::new(download.clone()));
    let target = request.target.clone();
    let result = run(caller, request, deadline, &download).await;
    let reply = result.map_err(|error| error.with_target(target))?;

    let mut download = lock(&download);
    Ok(Done {
        reply,
        written: download.written(),
        resumed: download.resumed(),
        sink: download.take_sink(),
    })
}

async fn run<C: Caller, S: Sink + 'static>(
    caller: &C,
    request: ApiRequest,
    deadline: Option<Tick>,
    download: &Mutex<Download<Slot<S>>>,
) -> Result<Reply, Error> {
    let reply = caller.call(request.clone()).await?;
    let reply = follow(caller, caller.connection(), &request, reply).await?;
    if !reply.status().is_success() && !lock(download).ended() {
        let why = "a response with this status contains no file";
        return Err(reply.undecodable("status".to_owned(), serde::de::Error::custom(why)));
    }
    let failed = match flush(caller, deadline, download).await {
        Some(Ok(())) => return Ok(reply),
        Some(Err(error)) => reply.complete(Error::writer(error)),
        None => reply
            .complete(Error::writer(io::ErrorKind::TimedOut.into()))
            .stopped(Stop::new(StopReason::DeadlineExceeded)),
    };
    Err(failed)
}

/// Writes what the sink has not taken yet, and flushes it. Returns `None` if the deadline ended that.
async fn flush<C: Caller, S: Sink>(
    caller: &C,
    deadline: Option<Tick>,
    download: &Mutex<Download<Slot<S>>>,
) -> Option<io::Result<()>> {
    // A sink that blocks is ready at once, so its caller is never asked to sleep.
    let mut end = pin!(async {
        match deadline {
            Some(deadline) => caller.sleep_until(deadline).await,
            None => pending().await,
        }
    });
    poll_fn(|context| match lock(download).poll_flushed(context) {
        Poll::Ready(flushed) => Poll::Ready(Some(flushed)),
        Poll::Pending => end.as_mut().poll(context).map(|()| None),
    })
    .await
}

fn lock<T>(download: &Mutex<T>) -> MutexGuard<'_, T> {
    download.lock().unwrap_or_else(PoisonError::into_inner)
}
