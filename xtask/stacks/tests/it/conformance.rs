//! The blocking transports pass the kit for drivers and transports, as far as their libraries allow.

use intercom_blocking::protocol::{ApiRequest, Config, Error, Reply, conformance};
use intercom_blocking::{ClientBuilder, transport::Transport};

use crate::phases::{AttohttpcTransport, CurlTransport};

fn call(
    transport: impl Transport + 'static,
    config: Config,
    request: ApiRequest,
) -> Result<Reply, Error> {
    let builder = ClientBuilder::from(config);
    builder.build_with(transport)?.execute(request)
}

#[test]
fn the_transports_pass_the_kit() {
    let curl = conformance::run(|config, request| call(CurlTransport, config, request));
    assert!(curl.is_ok(), "curl: {curl}");
    // attohttpc reads one head only.
    let attohttpc = conformance::run(|config, request| call(AttohttpcTransport, config, request));
    let failed: Vec<_> = attohttpc.failures().map(|(case, _)| case.name).collect();
    assert_eq!(failed, ["interim responses are skipped"], "{attohttpc}");
}
