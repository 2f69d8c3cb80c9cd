//! Lines in the styles of common loggers, and what is left of them.

use super::redact;

const LINES: &str = r##"
E, [2026-11-02T09:30:00.123456 #4711] ERROR -- : [ActiveJob] [SyncJob] [9f0c3c52-8a4e-4cde-9b47-1f2a3b4c5d6e] Error performing SyncJob (Job ID: 42) from Sidekiq(default) in 812.5ms: Intercom::ResourceNotFound (User Not Found):
I, [2026-11-02T09:30:01.000001 #4711]  INFO -- : Started POST "/webhooks/intercom" for 203.0.113.7 at 2026-11-02 09:30:01 +0000
Completed 500 Internal Server Error in 12ms (ActiveRecord: 3.1ms) Intercom::RateLimitExceeded: Exceeded rate limit of 83 in 10_seconds
2026-11-02 09:30:00,123 ERROR intercom.sync: create contact failed for Ada Lovelace <ada@example.org>: ApiError status_code: 409, body: {'type': 'error.list', 'request_id': '0002mtll0fnt9s5aigpg', 'errors': [{'code': 'conflict', 'message': 'A contact matching those details already exists with id=5da6f18e3d7cf967e4582d05'}]}
WARNING:root:Retrying (Retry(total=2, connect=None, read=None)) after connection broken by 'NewConnectionError: Failed to resolve api.intercom.io' (Name or service not known): /contacts/5f1a/tags
intercom.core.api_error.ApiError: headers: {'date': 'Tue, 10 Jun 2025 09:12:44 GMT', 'x-request-id': '0002mtll0fnt9s5aigpg', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1749546770'}, status_code: 429
{"level":"error","timestamp":"2026-11-02T09:30:00.123Z","message":"Intercom request failed","email":"grace.hopper@example.org","method":"POST","url":"https://api.intercom.io/contacts/search?per_page=50","status":429,"requestId":"0002mtll0fnt9s5aigpg","durationMs":412}
{"message": "Request failed with status code 429", "name": "AxiosError", "config": {"url": "https://api.intercom.io/contacts/search", "method": "post"}, "code": "ERR_BAD_REQUEST", "status": 429}
2026-11-02 09:30:00 error: IntercomError: TooManyRequestsError Status code: 429 Body: "{\"type\":\"error.list\",\"request_id\":\"0002mtll0fnt9s5aigpg\",\"errors\":[{\"code\":\"rate_limit_exceeded\",\"message\":\"Exceeded rate limit\"}]}"
2026-11-02 09:30:00.123 ERROR 4711 --- [nio-8080-exec-3] c.example.intercom.IntercomSync : Intercom call failed with status 429 and body {type=error.list, request_id=0001ab4f5kqk0q6vh2s0, errors=[{code=rate_limit_exceeded, message=Exceeded rate limit of 5 pending reporting dataset export jobs}]}
10.0.0.7 - mark [02/Nov/2026:09:30:00 +0000] "POST /intercom/webhook?user=grant HTTP/1.1" 200 512 "-" "intercom-webhooks/1.0"
2026/11/02 09:30:00 [error] 31#31: *1207 upstream timed out (110: Operation timed out) while reading response header from upstream, client: 203.0.113.7, server: shop.example.org, request: "GET /contacts/5f1a HTTP/1.1", upstream: "https://api.eu.intercom.io/contacts/5f1a"
2026-11-02T09:30:00.123Z pid=4711 tid=ab3 class=IntercomSyncWorker jid=0f3c elapsed=10.213 INFO: fail
2026-11-02T09:30:00.123Z WARN intercom::retry: POST /messages failed with 503 service_unavailable, attempt 2/4, waiting 1.5s before the next attempt
> GET /conversations/215468 HTTP/1.1 Host: api.intercom.io Authorization: Bearer dG9rOmFiYzEyMw== Intercom-Version: 2.14
< HTTP/2 401 Unauthorized x-request-id: 0002mtll0fnt9s5aigpg content-type: application/json; charset=utf-8 x-runtime: 0.034 status: 401 Unauthorized
Nov  2 09:30:00 web1 myapp[4711]: intercom: token for workspace abc123 was refused: 401 token_unauthorized (request id 0002mtll0fnt9s5aigpg)
[2026-11-02 09:30:00] production.ERROR: Client error: `PUT https://api.intercom.io/contacts/5f1a` resulted in a `422 Unprocessable Entity` response: {"type":"error.list","errors":[{"code":"parameter_invalid","field":"phone","message":"+1 (415) 555-0132 is not a valid phone number"}]}
time="2026-11-02T09:30:00Z" level=warning msg="intercom: rate limited, sleeping 7s" remaining=0 limit=166 reset=1762075810 attempt=3
** (Tesla.Error) econnrefused while calling https://api.intercom.io/me with timeout: 5000 ms
Mark Grant told May that the Intercom bill for Will is wrong, call him on 415 555 0132 or write to will@example.org
Traceback: File "/srv/grace/app/sync.py", line 42, in intercom_sync raise IntercomError("read timed out. (read timeout=30)")
"##;

#[test]
fn what_a_line_was_about_can_still_be_read() {
    let shown: Vec<_> = LINES.trim().lines().map(redact).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    E, [2026-11-02T09:30:00.123 ...] ERROR ...] Error performing ... ID: ... Sidekiq(default) in 812.5ms: Intercom::ResourceNotFound (User Not Found):
    I, [2026-11-02T09:30:01.000 ...] INFO ... : Started POST "... 2026-11-02 09:30:01 +0000
    Completed 500 Internal Server Error in 12ms (...: 3.1ms) Intercom::RateLimitExceeded: Exceeded rate limit of 83 in 10_seconds
    2026-11-02 09:30:00,123 ERROR intercom.sync: create contact failed ...>: ApiError status_code: 409, body: {'type': 'error.list', 'request_id': '0002mtll0fnt9s5aigpg', 'errors': [{'code': 'conflict', 'message': 'A contact matching those details already exists with id=...'}]}
    WARNING:...:Retrying (Retry(total=2, connect=None, ...=None)) ... connection broken by 'NewConnectionError: Failed to resolve api.intercom.io' (Name or service not known): /contacts/{id}/tags
    intercom.core.api_error.ApiError: headers: {'...': 'Tue, 10 Jun 2025 09:12:44 GMT', 'x-request-id': '0002mtll0fnt9s5aigpg', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1749546770'}, status_code: 429
    {"level":"error","timestamp":"2026-11-02T09:30:00.123Z","message":"Intercom request failed","email":"...","method":"POST","url":"https://api.intercom.io/contacts/search?...","status":429,"requestId":"0002mtll0fnt9s5aigpg","durationMs":412}
    {"message": "Request failed with status code 429", "name": "AxiosError", "config": {"url": "https://api.intercom.io/contacts/search", "method": "post"}, "code": "...", "status": 429}
    2026-11-02 09:30:00 error: IntercomError: TooManyRequestsError Status code: 429 Body: "{\"type\":\"error.list\",\"request_id\":\"0002mtll0fnt9s5aigpg\",\"errors\":[{\"code\":\"rate_limit_exceeded\",\"message\":\"Exceeded rate limit\"}]}"
    2026-11-02 09:30:00.123 ERROR ... : Intercom call failed with status 429 and body {type=error.list, request_id=0001ab4f5kqk0q6vh2s0, errors=[{code=rate_limit_exceeded, message=Exceeded rate limit of 5 pending reporting dataset export jobs}]}
    ... [02/Nov/2026:09:30:00 +0000] "POST ...?... HTTP/1.1" 200 ..." "intercom-webhooks/1.0"
    2026/11/02 09:30:00 [error] ... upstream timed out (...: Operation timed out) while reading response header from upstream, client: ..., server: ..., request: "GET /contacts/{id} HTTP/1.1", upstream: "https://api.eu.intercom.io/contacts/{id}"
    2026-11-02T09:30:00.123Z ...=IntercomSyncWorker ... elapsed=10.213 INFO: fail
    2026-11-02T09:30:00.123Z WARN intercom::retry: POST /messages failed with 503 service_unavailable, attempt 2/4, waiting 1.5s before the next attempt
    > GET /conversations/{id} HTTP/1.1 ...: api.intercom.io Authorization: ...== Intercom-Version: 2.14
    < HTTP/2 401 Unauthorized x-request-id: 0002mtll0fnt9s5aigpg content-type: application/json; charset=utf-8 x-runtime: 0.034 status: 401 Unauthorized
    Nov  2 09:30:00 ...]: intercom: token for workspace ... was refused: 401 token_unauthorized (request id 0002mtll0fnt9s5aigpg)
    [2026-11-02 09:30:00] production.ERROR: Client error: `PUT https://api.intercom.io/contacts/{id}` resulted in a `422 Unprocessable Entity` response: {"type":"error.list","errors":[{"code":"parameter_invalid","...":"phone","message":"..."}]}
    time="2026-11-02T09:30:00Z" level=warning ...="intercom: rate limited, sleeping 7s" remaining=0 limit=166 reset=... attempt=3
    ...) econnrefused while calling https://api.intercom.io/me with timeout: 5000 ms
    ... Intercom ...
    Traceback: File "... intercom_sync ... IntercomError("read timed out. (... timeout=30)")
    "#);
}

/// Lines of other loggers and libraries.
const OTHERS: &str = r##"
2026-11-02T09:30:00.123Z ERROR intercom::client: GET https://api.intercom.io/conversations/215468 failed with 404 not_found after 3 attempts (request_id=0002mtll0fnt9s5aigpg)
java.net.SocketTimeoutException: Read timed out while calling https://api.intercom.io/contacts/search
[2026-11-02 09:30:00] local.WARNING: Intercom webhook rejected: signature invalid, status=401
2026-11-02 09:30:00,123 WARNING intercom.client: retry after 10 seconds, x-ratelimit-remaining: 0, x-ratelimit-reset: 1762075810
{"time":"2026-11-02T09:30:00Z","level":"ERROR","logger":"intercom.export","msg":"export job failed","job_id":"a1b2","status":503,"user":{"name":"Active Service","email":"ada@example.org"}}
"##;

#[test]
fn lines_of_other_loggers_can_still_be_read() {
    let shown: Vec<_> = OTHERS.trim().lines().map(redact).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    2026-11-02T09:30:00.123Z ERROR intercom::client: GET https://api.intercom.io/conversations/{id} failed with 404 not_found after 3 attempts (request_id=0002mtll0fnt9s5aigpg)
    java.net.SocketTimeoutException: Read timed out while calling https://api.intercom.io/contacts/search
    [2026-11-02 09:30:00] local.WARNING: Intercom webhook rejected: signature invalid, status=401
    2026-11-02 09:30:00,123 WARNING intercom.client: retry after 10 seconds, x-ratelimit-remaining: 0, x-ratelimit-reset: 1762075810
    {"time":"2026-11-02T09:30:00Z","level":"ERROR","logger":"intercom.export","...":"export ... failed","job_id":"...","status":503,"user":{"name":"...","email":"..."}}
    "#);
}
