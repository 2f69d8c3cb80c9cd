//! Shows the metrics of calls as text for Prometheus.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run --manifest-path xtask/stacks/Cargo.toml --example prometheus
//! ```
//!
//! A program serves the text on a port of its own: with `PrometheusBuilder::install`, or from a handler of its web framework.

use intercom_async::ClientBuilder;
use intercom_async::observe::MetricsObserver;
use metrics_exporter_prometheus::PrometheusBuilder;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let prometheus = PrometheusBuilder::new().install_recorder()?;
    MetricsObserver::describe();

    let client = ClientBuilder::from_env()?
        .observer(MetricsObserver::new())
        .build()?;
    client.me().await?;
    for id in 0..50 {
        let contact = client.get("/contacts").segment(&format!("none-{id}"));
        assert!(contact.await.is_err_and(|error| error.is_not_found()));
    }
    print!("{}", prometheus.render());
    Ok(())
}
