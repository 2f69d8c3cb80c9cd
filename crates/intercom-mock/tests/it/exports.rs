//! The export of message data: a job, and a compressed table.

use std::time::Duration;

use intercom_mock::MockServer;
use serde_json::{Value, json};

use crate::client::{Response, get, post, request};

fn start(server: &MockServer) -> Response {
    let period = json!({ "created_at_after": 1_700_000_000, "created_at_before": 1_700_086_399 });
    post(server, "/export/content/data", &period)
}

fn status(server: &MockServer, id: &str) -> Value {
    get(server, &format!("/export/content/data/{id}")).json()["status"].clone()
}

fn download(server: &MockServer, id: &str, accept: &str) -> Response {
    let path = format!("/download/content/data/{id}");
    request(server, "GET", &path)
        .header("accept", accept)
        .send()
}

#[test]
fn a_job_takes_its_time_and_its_data_is_a_compressed_table() {
    let builder = MockServer::builder().exported_messages(3);
    let server = builder
        .export_time(Duration::from_secs(3_600))
        .start()
        .unwrap();
    let job = start(&server).json();
    let id = job["job_identifier"].as_str().unwrap();
    assert_eq!(
        (&job["status"], &job["download_url"]),
        (&json!("pending"), &json!(""))
    );
    assert_eq!(
        download(&server, id, "application/octet-stream").status,
        404
    );
    server.advance_clock(Duration::from_secs(2_000));
    assert_eq!(status(&server, id), "in_progress");
    server.advance_clock(Duration::from_secs(2_000));
    assert_eq!(status(&server, id), "completed");
    assert_eq!(download(&server, id, "application/json").status, 406);
    let data = download(&server, id, "application/octet-stream");
    assert_eq!((data.status, &data.body[..2]), (200, &[0x1f, 0x8b][..]));
    server.advance_clock(Duration::from_secs(50 * 3_600));
    assert_eq!(
        get(&server, &format!("/export/content/data/{id}")).status,
        404
    );
}

#[test]
fn one_job_is_active_at_a_time() {
    let builder = MockServer::builder().export_time(Duration::from_secs(3_600));
    let server = builder.start().unwrap();
    start(&server);
    let refused = start(&server);
    assert_eq!(refused.status, 429);
    let message = "Exceeded rate limit of 1 pending message data export jobs";
    assert_eq!(refused.json()["errors"][0]["message"], message);
    server.advance_clock(Duration::from_secs(3_601));
    server.set_export_ending("failed");
    server.set_export_time(Duration::ZERO);
    let job = start(&server).json();
    assert_eq!(
        (&job["status"], server.export_count()),
        (&json!("failed"), 2)
    );
}
