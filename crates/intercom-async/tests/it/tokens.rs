//! Token providers.

use std::future::pending;
use std::time::Duration;

use intercom_async::{Client, ClientBuilder, StopReason, protocol::Config};
use intercom_mock::MockServer;

#[tokio::test]
async fn a_client_whose_token_was_revoked_goes_on_with_a_new_one() {
    let mock = MockServer::start().unwrap();
    let token = mock.token().to_owned();
    let client = Client::builder("revoked")
        .base_url(mock.base_url())
        .token_provider(move || {
            let token = token.clone();
            async { Ok::<_, std::io::Error>(token) }
        })
        .build()
        .unwrap();
    assert_eq!(client.me().await.unwrap().attempts().len(), 2);
    assert_eq!(client.me().await.unwrap().attempts().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_never_returns_is_given_up_at_the_deadline() {
    let client = ClientBuilder::from(Config::anonymous())
        .token_provider(pending::<Result<String, std::io::Error>>)
        .total_timeout(Duration::from_secs(60))
        .build()
        .unwrap();
    let error = client.me().await.unwrap_err();
    assert_eq!(error.stop().unwrap().reason(), StopReason::DeadlineExceeded);
    assert_eq!(error.elapsed(), Duration::from_secs(60));
}
