//! The conformance kit, for every driver and transport of the two clients.

use std::sync::Arc;
use std::thread;

use http_body_util::Full;
use intercom_async::protocol::conformance;
use intercom_async::protocol::{ApiRequest, Config, Error, Reply};
use intercom_async::tower::Called;
use intercom_async::transport::{
    self, HyperTransport, Reqwest012Transport, ReqwestTransport, TokioTimer, Transport,
};
use intercom_blocking::transport::{Transport as _, TransportSettings, UreqTransport};
use tokio::runtime::Builder;
use tower::{Layer, ServiceExt};

use crate::tower::plain_client;
use crate::transports::{reqwest_0_12_builder, reqwest_builder};

type Driver = fn(Config, ApiRequest) -> Result<Reply, Error>;

fn on(
    transport: impl Transport + 'static,
    config: Config,
    request: ApiRequest,
) -> Result<Reply, Error> {
    let builder = intercom_async::ClientBuilder::from(config);
    let client = builder.build_with(transport, TokioTimer::default())?;
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(client.execute(request))
}

const ON_UREQ: Driver = |config, request| {
    let builder = intercom_blocking::ClientBuilder::from(config);
    builder.build()?.execute(request)
};

const ON_CLOSURE: Driver = |config, request| {
    let ureq = UreqTransport::new(&TransportSettings::default())?;
    let transport = intercom_blocking::transport::transport_fn(move |outgoing| ureq.send(outgoing));
    let builder = intercom_blocking::ClientBuilder::from(config);
    builder.build_with(transport)?.execute(request)
};

const ON_HYPER: Driver = |config, request| on(HyperTransport::new(), config, request);

const ON_REQWEST: Driver = |config, request| {
    let transport = ReqwestTransport::build(reqwest_builder(None)).unwrap();
    on(transport, config, request)
};

const ON_REQWEST_0_12: Driver = |config, request| {
    let transport = Reqwest012Transport::build(reqwest_0_12_builder(None)).unwrap();
    on(transport, config, request)
};

const ON_ASYNC_CLOSURE: Driver = |config, request| {
    let hyper = Arc::new(HyperTransport::new());
    let transport = transport::transport_fn(move |outgoing| {
        let hyper = Arc::clone(&hyper);
        async move { hyper.send(outgoing).await }
    });
    on(transport, config, request)
};

const ON_TOWER: Driver = |config, request| {
    let complete = config.clone().build()?.http_request(&request)?;
    let layer = intercom_async::ClientBuilder::from(config);
    let service = layer
        .build_layer(TokioTimer::default())?
        .layer(plain_client());
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    match runtime.block_on(service.oneshot(complete.map(Full::new))) {
        Ok(mut response) => {
            let called = response.extensions_mut().remove::<Called>().unwrap();
            called.into_result().unwrap()
        }
        Err(error) => Err(*error.downcast().unwrap()),
    }
};

#[test]
fn every_driver_passes_the_kit() {
    let drivers = [
        ("ureq", ON_UREQ),
        ("a closure", ON_CLOSURE),
        ("hyper", ON_HYPER),
        ("reqwest", ON_REQWEST),
        ("reqwest 0.12", ON_REQWEST_0_12),
        ("an async closure", ON_ASYNC_CLOSURE),
        ("tower over hyper", ON_TOWER),
    ];
    let run = |(name, driver)| (name, thread::spawn(move || conformance::run(driver)));
    let failed: Vec<_> = drivers
        .map(run)
        .into_iter()
        .map(|(name, report)| (name, report.join().unwrap()))
        .filter(|(_, report)| !report.is_ok())
        .map(|(name, report)| format!("{name}: {report}"))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
