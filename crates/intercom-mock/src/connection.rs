//! One connection: reads requests, sends responses, and closes as scripted.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::body::{Flushes, Parts};
use crate::request::Request;
use crate::state::State;

/// Serves one connection until either side closes it.
pub(crate) async fn serve(stream: TcpStream, state: Arc<Mutex<State>>) {
    // Without this, small responses wait for delayed acknowledgements.
    let _ = stream.set_nodelay(true);
    let flushes = Flushes::default();
    let socket = Socket {
        stream: TokioIo::new(stream),
        flushes: flushes.clone(),
    };
    let service = service_fn(|request| respond(request, state.clone(), flushes.clone()));
    // An error means that the client disconnected or that a script closed the connection. Neither needs handling.
    let _ = http1::Builder::new()
        .auto_date_header(false)
        .header_read_timeout(None)
        .serve_connection(socket, service)
        .await;
}

async fn respond(
    request: http::Request<Incoming>,
    state: Arc<Mutex<State>>,
    flushes: Flushes,
) -> io::Result<http::Response<Parts>> {
    let limit = locked(&state, |state| state.settings.body_limit);
    let request = receive(request, limit).await?;
    let delivery = locked(&state, |state| state.respond(request));
    if !delivery.delay.is_zero() {
        tokio::time::sleep(delivery.delay).await;
    }
    // An error makes hyper close the connection without a response.
    let message = delivery
        .message
        .ok_or_else(|| io::Error::other("closed on purpose"))?;
    let mut response = http::Response::new(Parts::new(message.parts, message.announced, flushes));
    *response.status_mut() = message.status;
    *response.headers_mut() = message.headers;
    Ok(response)
}

/// Reads a request to the end.
async fn receive(request: http::Request<Incoming>, limit: usize) -> io::Result<Request> {
    let (head, body) = request.into_parts();
    let (body, too_long) = match Limited::new(body, limit).collect().await {
        Ok(body) => (body.to_bytes(), false),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => (bytes::Bytes::new(), true),
        Err(error) => return Err(io::Error::other(error)),
    };
    Ok(Request {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(str::to_owned),
        headers: head.headers,
        body,
        too_long,
    })
}

pub(crate) fn locked<T>(state: &Mutex<State>, work: impl FnOnce(&mut State) -> T) -> T {
    work(&mut state.lock().unwrap_or_else(PoisonError::into_inner))
}

/// A socket that counts how often hyper has written out all buffered bytes.
#[derive(Debug)]
struct Socket {
    stream: TokioIo<TcpStream>,
    flushes: Arc<AtomicU64>,
}

impl Read for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl Write for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // hyper flushes the socket only when its own buffer is empty.
        self.flushes.fetch_add(1, Ordering::AcqRel);
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }
}
