//! The bodies of the requests and responses that pass the layer.

use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};

use crate::driver::BoxError;
use crate::transport::MarkedBody;

/// The longest body that is buffered, in bytes.
const LONGEST: u64 = 16 * 1024 * 1024;

/// The body of a request to the inner service: buffered, or as it came.
#[derive(Debug)]
pub struct RequestBody<B>(Either<MarkedBody, B>);

/// The body of a response: buffered, or as it came from the inner service.
#[derive(Debug)]
pub struct ResponseBody<B>(Either<Option<Bytes>, B>);

enum Either<W, B> {
    Whole(W),
    /// Boxed, so that it can be polled in place.
    Passed(Pin<Box<B>>),
}

impl<B> RequestBody<B> {
    pub(super) const fn whole(body: MarkedBody) -> Self {
        Self(Either::Whole(body))
    }

    pub(super) fn passed(body: B) -> Self {
        Self(Either::Passed(Box::pin(body)))
    }
}

impl<B> ResponseBody<B> {
    pub(super) fn whole(body: Bytes) -> Self {
        Self(Either::Whole(Some(body).filter(|body| !body.is_empty())))
    }

    pub(super) fn passed(body: B) -> Self {
        Self(Either::Passed(Box::pin(body)))
    }
}

/// Returns whether a body is short enough to be buffered.
pub(super) fn is_short(body: &impl Body) -> bool {
    body.size_hint().upper().is_some_and(|most| most <= LONGEST)
}

/// Reads a short body. One that is longer than its hint is an error: a part of it cannot be sent.
pub(super) async fn read<B>(body: B) -> Result<Bytes, BoxError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let mut body = pin!(body);
    let mut whole = BytesMut::new();
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        // Trailers are not sent.
        if let Ok(data) = frame.map_err(Into::into)?.into_data() {
            if whole.len() as u64 + data.len() as u64 > LONGEST {
                return Err("the body is longer than its size_hint".into());
            }
            if whole.is_empty() && body.is_end_stream() {
                return Ok(data);
            }
            whole.extend_from_slice(&data);
        }
    }
    Ok(whole.freeze())
}

impl<B> Body for RequestBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.0 {
            Either::Whole(body) => poll(Pin::new(body), context),
            Either::Passed(body) => poll(body.as_mut(), context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Either::Whole(body) => body.is_end_stream(),
            Either::Passed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Either::Whole(body) => body.size_hint(),
            Either::Passed(body) => body.size_hint(),
        }
    }
}

fn poll<B>(
    body: Pin<&mut B>,
    context: &mut Context<'_>,
) -> Poll<Option<Result<Frame<B::Data>, BoxError>>>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    body.poll_frame(context)
        .map(|frame| frame.map(|frame| frame.map_err(Into::into)))
}

impl<B: Body<Data = Bytes>> Body for ResponseBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match &mut self.0 {
            Either::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Either::Passed(body) => body.as_mut().poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Either::Whole(bytes) => bytes.is_none(),
            Either::Passed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Either::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Either::Passed(body) => body.size_hint(),
        }
    }
}

/// Shows no content.
impl<W, B> fmt::Debug for Either<W, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Whole(_) => "Whole",
            Self::Passed(_) => "Passed",
        })
    }
}
