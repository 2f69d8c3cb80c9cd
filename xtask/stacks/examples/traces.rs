//! Exports the spans of calls with OpenTelemetry, through `tracing-opentelemetry`.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run --manifest-path xtask/stacks/Cargo.toml --example traces
//! ```
//!
//! This example prints the spans. A program gives the provider an exporter of `opentelemetry-otlp` instead.

use std::collections::HashMap;

use intercom_async::observe::TracingObserver;
use intercom_async::{ClientBuilder, NewContact};
use opentelemetry::trace::{SpanId, TracerProvider};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing_subscriber::layer::SubscriberExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let bridge = tracing_opentelemetry::layer().with_tracer(provider.tracer("my-program"));
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(bridge))?;

    let client = ClientBuilder::from_env()?
        .observer(TracingObserver::new())
        .build()?;
    // The span of the program's own work. Every call in it becomes its child.
    let span = tracing::info_span!("sign up");
    let ada = NewContact::user().email("ada@example.org");
    let sign_up = client.contacts().find_or_create(&ada);
    tracing::Instrument::instrument(sign_up, span).await?;

    print(&exporter.get_finished_spans()?);
    Ok(())
}

/// Prints the spans as a tree, in the order in which they began.
fn print(spans: &[SpanData]) {
    let mut children: HashMap<SpanId, Vec<&SpanData>> = HashMap::new();
    for span in spans {
        children.entry(span.parent_span_id).or_default().push(span);
    }
    for siblings in children.values_mut() {
        siblings.sort_by_key(|span| span.start_time);
    }
    print_below(SpanId::INVALID, 0, &children);
}

fn print_below(parent: SpanId, depth: usize, children: &HashMap<SpanId, Vec<&SpanData>>) {
    for span in children.get(&parent).into_iter().flatten() {
        println!("{:indent$}{}", "", span.name, indent = 2 * depth);
        for attribute in &span.attributes {
            // The bridge adds the place in the source, the thread and the time that the span was busy.
            let key = attribute.key.as_str();
            if ["http.", "url.", "server.", "error.", "intercom."]
                .iter()
                .any(|own| key.starts_with(own))
            {
                println!(
                    "{:indent$}{key} = {}",
                    "",
                    attribute.value,
                    indent = 2 * depth + 4
                );
            }
        }
        print_below(span.span_context.span_id(), depth + 1, children);
    }
}
