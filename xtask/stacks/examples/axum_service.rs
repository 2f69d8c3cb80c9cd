//! A web service on axum that reads contacts, and turns each error into the right response.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run --manifest-path xtask/stacks/Cargo.toml --example axum_service -- 127.0.0.1:3000
//! curl -i http://127.0.0.1:3000/customers/none
//! ```
//!
//! With a real token, unset `INTERCOM_BASE_URL`.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use intercom_async::{Category, Client, ClientBuilder, Error};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A visitor waits for each call, so a call ends early. Its error then says when to come back.
    let builder = ClientBuilder::from_env()?.total_timeout(Duration::from_secs(5));
    let service = Router::new()
        .route("/customers/{id}", get(customer))
        // Clones of a client share its connections and its place in the rate limit.
        .with_state(builder.build()?);

    let address = std::env::args().nth(1);
    let address = address.unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, service).await?;
    Ok(())
}

async fn customer(
    State(client): State<Client>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failed> {
    let contact: Value = client.get("/contacts").segment(&id).await?.json()?;
    Ok(Json(
        json!({ "name": contact["name"], "email": contact["email"] }),
    ))
}

/// A call that failed, as a response to the visitor.
struct Failed(Error);

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let Self(error) = self;
        // For the operator: the request, the error and what to do. It contains no personal data and no token.
        eprintln!("{error}");
        let (status, text) = described(error.category());
        let mut response = (status, Json(json!({ "error": text }))).into_response();
        if let Some(wait) = error
            .retry_after()
            .filter(|_| status == StatusCode::SERVICE_UNAVAILABLE)
        {
            // Whole seconds, rounded up: a visitor must not come back too early.
            let seconds = wait.as_millis().div_ceil(1000);
            let seconds = u64::try_from(seconds).unwrap_or(u64::MAX).max(1);
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// What the visitor learns. Our token, our plan and our bugs are not the visitor's fault, so these are a 500 or a 502.
fn described(category: Option<Category>) -> (StatusCode, &'static str) {
    use Category::{Connection, NotFound, Overload, RateLimit, Server, Timeout, Validation};
    match category {
        Some(NotFound) => (StatusCode::NOT_FOUND, "there is no such customer"),
        Some(Validation) => (StatusCode::UNPROCESSABLE_ENTITY, "this is not valid"),
        Some(RateLimit | Overload) => (StatusCode::SERVICE_UNAVAILABLE, "come back later"),
        Some(Timeout) => (StatusCode::GATEWAY_TIMEOUT, "Intercom takes too long"),
        Some(Connection | Server) => (StatusCode::BAD_GATEWAY, "Intercom does not work at present"),
        _ => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "this service has a problem",
        ),
    }
}
