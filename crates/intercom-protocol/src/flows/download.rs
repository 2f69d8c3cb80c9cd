//! A download: a call whose body goes to a sink, on whatever host the API keeps the file.

use core::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};

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
    let result = run(caller, request, &download).await;
    let reply = result.map_err(|error| error.with_target(target))?;

    let mut download = download.lock().unwrap_or_else(PoisonError::into_inner);
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
    download: &Mutex<Download<Slot<S>>>,
) -> Result<Reply, Error> {
    let reply = caller.call(request.clone()).await?;
    let reply = follow(caller, caller.connection(), &request, reply).await?;
    let flushed = poll_fn(|context| {
        let mut download = download.lock().unwrap_or_else(PoisonError::into_inner);
        download.poll_flushed(context)
    });
    match flushed.await {
        Ok(()) => Ok(reply),
        Err(error) => Err(reply.complete(Error::writer(error))),
    }
}
