//! A transport on `fetch`.
//!
//! `fetch` never says whether a request was sent. Its errors have no fixed codes, and a browser hides the reason on purpose. So
//! an error of `fetch` always means "outcome unknown" here, and a POST is not sent again. Only a request that `fetch` refuses to
//! accept, like one with an invalid URL, was certainly not sent.
//!
//! `fetch` limits neither the time nor the connecting: the whole exchange ends after its time-out, and the connect time-out has
//! no effect. A response is decompressed by `fetch`.

use std::error::Error;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use http_body::{Body, Frame};
use intercom_async::async_trait;
use intercom_async::bytes::Bytes;
use intercom_async::http::header::{HeaderMap, HeaderName, HeaderValue};
use intercom_async::http::{Request, Response};
use intercom_async::transport::{Exchange, ExchangeError, MarkedBody, Outgoing, Transport};
use intercom_async::{Fault, FaultKind};
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{JsError, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, AbortSignal, Headers, ReadableStreamDefaultReader, RequestCredentials,
    RequestInit, RequestRedirect,
};

use crate::timer::JsTimer;

/// Sends requests with `fetch`. It cannot leave its thread, because it contains a value of JavaScript.
#[derive(Clone, Debug)]
pub(crate) struct FetchTransport {
    fetch: Function,
}

impl FetchTransport {
    /// Takes the global `fetch`, which Node, workers and pages have.
    pub(crate) fn new() -> Result<Self, JsError> {
        let fetch = Reflect::get(&js_sys::global(), &JsValue::from("fetch"));
        let fetch = fetch.and_then(JsCast::dyn_into);
        let fetch = fetch.map_err(|_| JsError::new("no fetch: use Node 18 or later"))?;
        Ok(Self { fetch })
    }
}

#[async_trait(?Send)]
impl Transport for FetchTransport {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> {
        let (exchange, request) = Exchange::begin(outgoing);
        let abort = Abort(AbortController::new().map_err(|_| unsupported())?);
        let sending = send(&self.fetch, request, abort.0.signal());
        exchange
            .run_with(&JsTimer, sending, |error| {
                ExchangeError::new(FaultKind::Closed, error)
            })
            .await
    }
}

fn unsupported() -> Fault {
    Fault::not_sent(FaultKind::Other).with_source("this JavaScript has no AbortController")
}

/// Closes the connection when the exchange is dropped, also after a time-out. Nothing happens if it has ended.
struct Abort(AbortController);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn send(
    fetch: &Function,
    request: Request<MarkedBody>,
    signal: AbortSignal,
) -> Result<Response<Pieces>, ExchangeError> {
    let (head, body) = request.into_parts();
    // `fetch` checks the URL, the method and the headers here, and sends nothing. Its message would name ids in the path.
    let refused = |_| {
        ExchangeError::new(
            FaultKind::BadUri,
            "fetch does not accept the URL, the method or a header",
        )
        .known_unsent(true)
    };
    let init = RequestInit::new();
    init.set_method(head.method.as_str());
    init.set_headers(&headers(&head.headers).map_err(refused)?.into());
    init.set_credentials(RequestCredentials::Omit);
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(&signal));
    let url = head.uri.to_string();
    let request = web_sys::Request::new_with_str_and_init(&url, &init).map_err(refused)?;

    // From here on, the body counts as sent.
    let with_body = RequestInit::new();
    if let Some(bytes) = read(body).await {
        with_body.set_body(&Uint8Array::from(&*bytes));
    }
    let response = match fetch.call2(&JsValue::UNDEFINED, &request, &with_body) {
        Ok(promise) => JsFuture::from(Promise::resolve(&promise)).await,
        Err(error) => Err(error),
    };
    let response = response.map_err(|error| failure(FaultKind::Other, &error))?;
    let response = response
        .dyn_into()
        .map_err(|error| failure(FaultKind::Protocol, &error))?;
    received(&response).map_err(|error| failure(FaultKind::Protocol, &error))
}

fn failure(kind: FaultKind, error: &JsValue) -> ExchangeError {
    ExchangeError::new(kind, JsFailure::of(error))
}

/// Reads the body of a request, which is whole.
async fn read(body: MarkedBody) -> Option<Bytes> {
    let mut body = pin!(body);
    let frame = poll_fn(|context| body.as_mut().poll_frame(context)).await?;
    frame.ok()?.into_data().ok()
}

/// A header's bytes are code points in JavaScript.
fn headers(map: &HeaderMap) -> Result<Headers, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in map {
        let value: String = value.as_bytes().iter().copied().map(char::from).collect();
        headers.append(name.as_str(), &value)?;
    }
    Ok(headers)
}

/// The head of a response, and its body as a stream.
fn received(response: &web_sys::Response) -> Result<Response<Pieces>, JsValue> {
    // A browser hides a redirect behind the status 0, which is not a status.
    let invalid = |error: intercom_async::http::Error| JsValue::from(error.to_string());
    let status = Response::builder().status(response.status());
    let mut head = status.body(()).map_err(invalid)?;
    for entry in response.headers().entries() {
        let entry: Array = entry?.into();
        let text = |index| entry.get(index).as_string().unwrap_or_default();
        let name = HeaderName::from_bytes(text(0).as_bytes());
        let value: Vec<u8> = text(1).chars().map(|char| char as u8).collect();
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(&value)) {
            head.headers_mut().append(name, value);
        }
    }
    let reader = response
        .body()
        .map(|body| body.get_reader().unchecked_into());
    Ok(head.map(|()| Pieces { reader, next: None }))
}

/// The body of a response, piece by piece.
struct Pieces {
    reader: Option<ReadableStreamDefaultReader>,
    next: Option<JsFuture>,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = JsFailure;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, JsFailure>>> {
        let Self { reader, next } = &mut *self;
        let Some(reader) = reader else {
            return Poll::Ready(None);
        };
        let piece = next.get_or_insert_with(|| JsFuture::from(reader.read()));
        let piece = ready!(Pin::new(piece).poll(context));
        *next = None;
        let value = piece.and_then(|piece| Reflect::get(&piece, &JsValue::from("value")));
        // The value is undefined at the end.
        Poll::Ready(match value {
            Ok(value) => value
                .dyn_ref()
                .map(|bytes: &Uint8Array| Ok(Frame::data(Bytes::from(bytes.to_vec())))),
            Err(error) => Some(Err(JsFailure::of(&error))),
        })
    }
}

/// The messages of an error of JavaScript and of its causes.
#[derive(Debug)]
struct JsFailure(String);

impl JsFailure {
    fn of(error: &JsValue) -> Self {
        let member = |name: &str| Reflect::get(error, &JsValue::from(name)).ok();
        let message = member("message").and_then(|message| message.as_string());
        let message = message.unwrap_or_else(|| "an error without a message".to_owned());
        match member("cause").filter(JsValue::is_object) {
            Some(cause) => Self(format!("{message}: {}", Self::of(&cause).0)),
            None => Self(message),
        }
    }
}

impl fmt::Display for JsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for JsFailure {}
