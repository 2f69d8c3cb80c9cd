//! The middleware decides like our client.

use intercom_mock::{Method, MockServer, Scripted};
use intercom_retry::GaveUp;
use reqwest::StatusCode;
use reqwest_middleware::Error;
use xtask_stacks::policy;

#[expect(dead_code, reason = "the tests do not run the program")]
#[path = "../../examples/reqwest_middleware.rs"]
mod middleware;

/// Sends one request. Returns the status, or how the call ended.
async fn send(method: &Method, base: &str, token: &str) -> Result<StatusCode, String> {
    let client = middleware::client(policy()).unwrap();
    let request = client.request(method.clone(), format!("{base}/me"));
    match request.bearer_auth(token).send().await {
        Ok(response) => Ok(response.status()),
        Err(Error::Middleware(error)) => {
            let gave_up = error.downcast_ref::<GaveUp>().unwrap();
            Err(gave_up.stop().reason().to_string())
        }
        Err(error) => panic!("{error}"),
    }
}

async fn assert_sent(method: Method, scripted: Scripted, requests: usize, end: Result<u16, &str>) {
    let mock = MockServer::start().unwrap();
    mock.script(method.clone(), "/me", [scripted]);
    let result = send(&method, mock.base_url(), &mock.token()).await;
    let end = end.map(|status| StatusCode::from_u16(status).unwrap());
    assert_eq!(result, end.map_err(str::to_owned), "{method}");
    assert_eq!(mock.request_count(), requests, "{method}");
}

#[tokio::test]
async fn the_middleware_retries_what_may_be_sent_again() {
    let failed = || Scripted::error(500, "server_error", "Oops");
    assert_sent(Method::GET, failed(), 2, Ok(200)).await;
    assert_sent(Method::POST, failed(), 1, Err("not_replayable")).await;
    assert_sent(Method::GET, Scripted::close_before(), 2, Ok(200)).await;
    assert_sent(
        Method::POST,
        Scripted::close_before(),
        1,
        Err("not_replayable"),
    )
    .await;
    let missing = Scripted::error(404, "not_found", "User Not Found");
    assert_sent(Method::GET, missing, 1, Err("not_retryable")).await;
}
