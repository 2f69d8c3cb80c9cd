//! The bodies of the requests and responses that pass the layer.

use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt, Either, Full, Limited};

use crate::driver::BoxError;
use crate::transport::MarkedBody;

/// The longest body that is buffered, in bytes.
const LONGEST: usize = 16 * 1024 * 1024;

/// The body of a request to the inner service: buffered on the left, as it came on the right.
pub type RequestBody<B> = Either<MarkedBody, B>;

/// The body of a response: buffered on the left, as it came from the inner service on the right.
pub type ResponseBody<B> = Either<Full<Bytes>, B>;

/// Returns whether a body is short enough to be buffered.
pub(super) fn is_short(body: &impl Body) -> bool {
    body.size_hint()
        .upper()
        .is_some_and(|most| most <= LONGEST as u64)
}

/// Reads a short body. One that is longer than its hint is an error: a part of it cannot be sent.
pub(super) async fn read<B>(body: B) -> Result<Bytes, BoxError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    let whole = Limited::new(body, LONGEST).collect().await?;
    // Trailers are not sent.
    Ok(whole.to_bytes())
}
