//! The tower layer, over a client of hyper-util.

use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use intercom_async::bytes::Bytes;
use intercom_async::gate::{Admission, Ask, Gate};
use intercom_async::http::{Method, Request, Response};
use intercom_async::protocol::{Config, Failure, Phase};
use intercom_async::tower::{CallLayer, CallOptions, Called, RequestBody};
use intercom_async::transport::{AsyncIoTimer, ConnectLimit, Outgoing, TokioTimer, Transport};
use intercom_async::{ApiRequest, ClientBuilder, Error, Fault, RetryPolicy, async_trait};
use intercom_mock::{MockServer, Scripted};
use tower::{Layer, Service, ServiceExt};

use crate::scenarios::clock::VirtualClock;
use crate::transports::on_ring;

type Plain<B> = Client<ConnectLimit<HttpsConnector<HttpConnector>>, RequestBody<B>>;

/// A client of hyper-util, as a program would make it, with a connect time-out for each request.
pub(crate) fn plain_client<B>() -> Plain<B>
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    let https = HttpsConnectorBuilder::new()
        .with_tls_config(on_ring(None))
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    Client::builder(TokioExecutor::new()).build(ConnectLimit::new(https))
}

/// Carries out single exchanges through the layer.
pub(crate) struct OnTower(Plain<Full<Bytes>>);

impl Default for OnTower {
    fn default() -> Self {
        Self(plain_client())
    }
}

#[async_trait]
impl Transport for OnTower {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> {
        let mut builder = ClientBuilder::from(Config::anonymous())
            .policy(RetryPolicy::none())
            .without_pacing();
        if let Some(limit) = outgoing.timeout() {
            builder = builder.attempt_timeout(limit);
        }
        builder = builder.connect_timeout(outgoing.connect_timeout().unwrap_or(Duration::MAX));
        let layer = builder.build_layer(TokioTimer::default()).unwrap();
        let request = outgoing.into_request().map(Full::new);
        match layer.layer(self.0.clone()).oneshot(request).await {
            Ok(response) => {
                let (head, body) = response.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                Ok(Response::from_parts(head, body))
            }
            Err(error) => {
                let failure = error.downcast::<Error>().unwrap().into_failure();
                let Some(Failure::Fault(fault)) = failure else {
                    unreachable!("an error response is a response: {failure:?}");
                };
                Err(fault)
            }
        }
    }
}

fn layer() -> CallLayer {
    let builder = ClientBuilder::from(Config::anonymous());
    builder.build_layer(TokioTimer::default()).unwrap()
}

fn request(method: Method, url: String, body: &'static str) -> Request<Full<Bytes>> {
    let request = Request::builder().method(method).uri(url);
    request.body(Full::from(body)).unwrap()
}

#[tokio::test]
async fn a_response_of_any_status_comes_back_as_the_server_sent_it() {
    let mock = MockServer::start().unwrap();
    let gone = Scripted::error(404, "not_found", "User Not Found").header("x-own", "1");
    mock.script(Method::GET, "/contacts/5f1", [gone]);
    let url = format!("{}/contacts/5f1", mock.base_url());
    let service = layer().layer(plain_client());
    let response = service
        .oneshot(request(Method::GET, url, ""))
        .await
        .unwrap();

    assert_eq!(response.status(), 404);
    assert_eq!(response.headers()["x-own"], "1");
    let called = response.extensions().get::<Called>().unwrap().clone();
    assert!(called.result().unwrap_err().is_not_found());
    assert_eq!(called.attempts().len(), 1);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(body.starts_with(b"{"), "{body:?}");
}

#[tokio::test]
async fn a_body_of_unknown_length_passes_unretried() {
    let mock = MockServer::start().unwrap();
    mock.script(
        Method::PUT,
        "/contacts/1",
        [Scripted::status(500).body("no")],
    );
    let frames = ["{", "}"]
        .map(|piece| Ok::<_, std::io::Error>(hyper::body::Frame::data(Bytes::from(piece))));
    let body = StreamBody::new(futures_util::stream::iter(frames));
    let url = format!("{}/contacts/1", mock.base_url());
    let passed = Request::put(url).body(body).unwrap();
    let response = layer().layer(plain_client()).oneshot(passed).await.unwrap();
    assert_eq!(response.status(), 500);
    assert!(response.extensions().get::<Called>().is_none());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "no");
    assert_eq!(mock.requests()[0].body(), "{}");
}

/// A body that is longer than it says.
struct Lying;

impl http_body::Body for Lying {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b' '; 1 << 20])))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(1)
    }
}

#[tokio::test]
async fn a_body_that_is_longer_than_it_says_is_not_sent() {
    let mock = MockServer::start().unwrap();
    let endless = Request::post(mock.base_url()).body(Lying).unwrap();
    let error = layer().layer(plain_client()).oneshot(endless).await;
    let error = *error.unwrap_err().downcast::<Error>().unwrap();
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "length limit exceeded");
    assert_eq!(mock.request_count(), 0);
}

#[tokio::test]
async fn options_in_the_extensions_change_one_call() {
    let mock = MockServer::start().unwrap();
    mock.script_always(Method::POST, "/messages", Scripted::status(500));
    let layer = ClientBuilder::from(Config::anonymous()).without_pacing();
    let layer = layer.build_layer(VirtualClock::default()).unwrap();
    let service = layer.layer(plain_client());
    let url = || format!("{}/messages", mock.base_url());
    let send = |request| {
        let service = service.clone();
        async move {
            let response = service.oneshot(request).await.unwrap();
            let called = response.extensions().get::<Called>().unwrap();
            called.attempts().len()
        }
    };
    assert_eq!(send(request(Method::POST, url(), "{}")).await, 1);
    let mut twice = request(Method::POST, url(), "{}");
    twice
        .extensions_mut()
        .insert(CallOptions::default().replayable(true));
    assert_eq!(send(twice).await, 4);
}

/// A service that counts how many of its clones are ready and wait to be called.
#[derive(Clone, Default)]
struct Places(Arc<AtomicUsize>);

impl<B> Service<Request<B>> for Places {
    type Response = Response<Full<Bytes>>;
    type Error = io::Error;
    type Future = Ready<Result<Self::Response, io::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        self.0.fetch_sub(1, Ordering::Relaxed);
        ready(Ok(Response::new(Full::from("{}"))))
    }
}

#[async_trait]
impl Gate for Places {
    async fn admit(&self, ask: Ask) -> Admission {
        assert_eq!(self.0.load(Ordering::Relaxed), 0, "a place is held");
        ask.free()
    }
}

#[tokio::test]
async fn a_call_at_the_gate_holds_no_place_in_the_inner_service() {
    let places = Places::default();
    let layer = ClientBuilder::from(Config::anonymous()).gate(places.clone());
    let layer = layer.build_layer(TokioTimer::default()).unwrap();
    let service = layer.layer(places);
    for _ in 0..2 {
        let me = request(Method::GET, "http://127.0.0.1/me".into(), "");
        service.clone().oneshot(me).await.unwrap();
    }
}

/// A body that never ends, or fails.
struct Stalled {
    fails: bool,
}

impl http_body::Body for Stalled {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.fails {
            true => Poll::Ready(Some(Err(io::Error::other("the disk is gone")))),
            false => Poll::Pending,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(10)
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_or_fails_is_an_error_before_anything_is_sent() {
    let send = async |fails| {
        let stalled = Request::post("http://127.0.0.1/messages")
            .extension(CallOptions::default().deadline(Duration::from_secs(5)))
            .body(Stalled { fails });
        let service = layer().layer(Places::default());
        let error = service.oneshot(stalled.unwrap()).await.unwrap_err();
        *error.downcast::<Error>().unwrap()
    };
    let stalled = send(false).await;
    assert_eq!(stalled.fault().unwrap().phase(), Phase::NotSent);
    assert_eq!(
        stalled.to_string(),
        "POST /messages: timed out; nothing was sent: try again, and check the status page if the error persists"
    );
    let failed = send(true).await;
    assert_eq!(failed.fault().unwrap().phase(), Phase::NotSent);
    let source = std::error::Error::source(&failed).unwrap();
    assert_eq!(source.to_string(), "the disk is gone");
}

#[test]
fn a_layer_with_another_timer_needs_no_tokio() {
    let layer = ClientBuilder::from(Config::anonymous());
    let layer = layer.build_layer(AsyncIoTimer::default()).unwrap();
    let me = request(Method::GET, "http://127.0.0.1/me".into(), "");
    let response = async_io::block_on(layer.layer(Places::default()).oneshot(me));
    assert_eq!(response.unwrap().status(), 200);
}

#[tokio::test]
async fn a_long_error_announces_what_it_has() {
    let mock = MockServer::start().unwrap();
    let long = Scripted::status(404).body("x".repeat(2 << 20));
    mock.script(Method::GET, "/me", [long]);
    let me = request(Method::GET, format!("{}/me", mock.base_url()), "");
    let response = layer().layer(plain_client()).oneshot(me).await.unwrap();
    let announced = response.headers()["content-length"].clone();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body.len(), 1 << 20);
    assert_eq!(announced, body.len().to_string());
}

#[tokio::test]
async fn a_service_that_is_not_ready_has_not_seen_the_request() {
    #[derive(Clone)]
    struct NotReady;

    impl<B> Service<Request<B>> for NotReady {
        type Response = Response<Full<Bytes>>;
        type Error = io::Error;
        type Future = Ready<Result<Self::Response, io::Error>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
            Poll::Ready(Err(io::Error::other("closed")))
        }

        fn call(&mut self, _: Request<B>) -> Self::Future {
            unreachable!("the service is not ready")
        }
    }

    let layer = ClientBuilder::from(Config::anonymous()).policy(RetryPolicy::none());
    let layer = layer.build_layer(TokioTimer::default()).unwrap();
    let archive = "http://127.0.0.1/messages".to_owned();
    let error = layer
        .layer(NotReady)
        .oneshot(request(Method::POST, archive, ""))
        .await;
    let error = *error.unwrap_err().downcast::<Error>().unwrap();
    assert_eq!(error.fault().unwrap().phase(), Phase::NotSent);
}

#[tokio::test]
async fn extensions_of_the_inner_response_stay() {
    let inner = tower::service_fn(async |_: Request<RequestBody<Full<Bytes>>>| {
        let mut response = Response::new(Full::<Bytes>::from("{}"));
        response.extensions_mut().insert(7_u8);
        Ok::<_, io::Error>(response)
    });
    let me = request(Method::GET, "http://127.0.0.1/me".into(), "");
    let response = layer().layer(inner).oneshot(me).await.unwrap();
    assert_eq!(response.extensions().get::<u8>(), Some(&7));
    assert!(response.extensions().get::<Called>().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_calls_of_sixteen_tasks_draw_no_429() {
    const TASKS: usize = 16;
    const CALLS: usize = 300;
    let mock = MockServer::builder()
        .rate_limit(50, Duration::from_secs(2))
        .start()
        .unwrap();
    let service = layer().layer(plain_client());
    let mock = Arc::new(mock);
    let tasks = (0..TASKS).map(|task| {
        let (service, mock) = (service.clone(), Arc::clone(&mock));
        tokio::spawn(async move {
            let mut done = 0;
            for _ in (task..CALLS).step_by(TASKS) {
                let mut me = request(Method::GET, format!("{}/me", mock.base_url()), "");
                let token = format!("Bearer {}", mock.token());
                me.headers_mut()
                    .insert("authorization", token.parse().unwrap());
                let response = service.clone().oneshot(me).await.unwrap();
                done += usize::from(response.status() == 200);
            }
            done
        })
    });
    let mut done = 0;
    for task in tasks.collect::<Vec<_>>() {
        done += task.await.unwrap();
    }
    assert_eq!(done, CALLS);
    assert_eq!(mock.request_count(), CALLS, "none was refused or repeated");
}

#[tokio::test]
async fn the_client_is_a_service_too() {
    let mock = MockServer::start().unwrap();
    let mut client = intercom_async::Client::builder(mock.token())
        .base_url(mock.base_url())
        .build()
        .unwrap();
    let client = client.ready().await.unwrap();
    let reply = client.call(ApiRequest::get("/me")).await.unwrap();
    assert_eq!(reply.status(), 200);
}
