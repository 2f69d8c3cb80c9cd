//! Makes calls without an observer, with metrics, or with spans, to compare what they cost.
//!
//! With `intercom mock --port 8080` in another terminal, the difference of two counts is the cost of 1,000 calls:
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo build --release --manifest-path xtask/stacks/Cargo.toml --example overhead
//! for count in 1000 2000; do
//!     valgrind --tool=callgrind target/release/examples/overhead metrics $count
//! done
//! ```

use intercom_async::ClientBuilder;
use intercom_async::observe::{MetricsObserver, TracingObserver};
use metrics_exporter_prometheus::PrometheusBuilder;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let who = arguments.next().unwrap_or_default();
    let count: u32 = arguments.next().unwrap_or_default().parse()?;
    let builder = ClientBuilder::from_env()?;
    let client = match who.as_str() {
        "metrics" => {
            PrometheusBuilder::new().install_recorder()?;
            builder.observer(MetricsObserver::new()).build()?
        }
        "spans" => {
            // The registry stores spans and their fields for layers; this one has none, so nothing is exported.
            tracing::subscriber::set_global_default(tracing_subscriber::registry())?;
            builder.observer(TracingObserver::new()).build()?
        }
        _ => builder.build()?,
    };
    for _ in 0..count {
        client.me().await?;
    }
    Ok(())
}
