//! The cases.

use core::time::Duration;

use intercom_errors::{FaultKind, Phase};
use intercom_retry::StopReason;

use super::acts::{Act, REQUEST_ID, head, response};
use super::check::{Played, REFUSED, TOKEN, config, date, equal, play};
use super::server::Server;
use super::{Case, Driver};
use crate::{ApiRequest, RetryPolicy};

const fn case(
    name: &'static str,
    finds: &'static str,
    check: fn(&Driver) -> Result<(), String>,
) -> Case {
    Case { name, finds, check }
}

/// All cases, in the order of a report.
#[rustfmt::skip]
pub const CASES: &[Case] = &[
    case("a response of any status is a response", "the library turns a 4xx or 5xx into an error of its own", any_status),
    case("a long error page is kept", "the body of an error is dropped or not read", error_page),
    case("a retry sends the same request", "the request is rebuilt for its retry, or sent without its body", same_request),
    case("the request arrives as it was made", "the library adds, changes or repeats headers", headers),
    case("a POST without a body has a length", "the library leaves out `Content-Length: 0`", empty_post),
    case("interim responses are skipped", "a 103 is taken for the response", interim),
    case("gzip is decoded once", "the library decodes the body and keeps the headers, or the other way round", gzip),
    case("a body without a length ends with the connection", "an end of the connection is always an error", until_close),
    case("a write that was sent is never sent again", "an error after the request was sent is reported as not sent, or the library retries by itself", sent_write),
    case("a write that was not sent is sent again", "a connection that could not be made is reported as outcome unknown", refused_write),
    case("a write on a connection that hangs while being made was not sent", "a time-out is always reported as outcome unknown", hanging_connection),
    case("a body shorter than announced is cut", "the end of the connection is taken for the end of the body", short_body),
    case("a chunked body that breaks off is cut", "the part that arrived is taken for the whole body, or the head is dropped", broken_chunks),
    case("silence ends at the time-out", "the time-out of an attempt is not applied, or has another kind", silent_head),
    case("silence within a body ends at the time-out", "the time-out ends with the head, or what arrived is dropped", silent_body),
    case("a body beyond the limit is given up", "the limit of the body is not applied", too_large),
    case("no redirect is followed", "the library follows redirects, and the token reaches another host", redirect),
    case("a wait is slept", "the driver does not sleep, or asks for the next step too early", wait),
    case("a deadline ends the call", "the driver passes the same time to every step", deadline),
    case("the wall clock is right", "the wall clock is passed in another unit or as time since the start", wall_clock),
];

fn me() -> ApiRequest {
    ApiRequest::get("/me")
}

fn write() -> ApiRequest {
    ApiRequest::post("/messages").json_bytes(r#"{"body":"hello"}"#)
}

/// Lets the driver make one attempt.
fn once(driver: &Driver, request: ApiRequest, act: Act) -> Result<Played, String> {
    let config = config()?.policy(RetryPolicy::none());
    play(driver, config, request, [act])
}

fn any_status(driver: &Driver) -> Result<(), String> {
    for (status, code) in [
        (404, "not_found"),
        (401, "unauthorized"),
        (500, "server_error"),
    ] {
        let played = once(driver, me(), Act::error(status, code, &[]))?;
        played.requests(1)?;
        let error = played.error()?;
        equal(
            "status",
            error.status().map(|status| status.as_u16()),
            Some(status),
        )?;
        equal("code", error.code().map(|code| code.as_str()), Some(code))?;
        equal("request id", error.request_id(), Some(REQUEST_ID))?;
    }
    Ok(())
}

fn error_page(driver: &Driver) -> Result<(), String> {
    let page = "<p>a page of a gateway</p>\n".repeat(1000);
    let bytes = response(502, &[], page.as_bytes());
    let played = once(driver, me(), Act::Send(bytes))?;
    let kept = played.error()?.api().map(|api| api.body().bytes().len());
    equal("length of the body", kept, Some(page.len()))
}

fn same_request(driver: &Driver) -> Result<(), String> {
    let request = ApiRequest::put("/contacts/5f1")
        .query("a", "b c")
        .header("x-own", "1")
        .json_bytes(r#"{"name":"Ada"}"#);
    let busy = || Act::error(503, "service_unavailable", &[]);
    let played = play(
        driver,
        config()?,
        request,
        [busy(), Act::close(), Act::ok()],
    )?;
    played.reply()?;
    played.requests(3)?;
    for seen in &played.seen {
        let line = seen.head.lines().next();
        equal(
            "request line",
            line,
            Some("PUT /contacts/5f1?a=b%20c HTTP/1.1"),
        )?;
        equal("header x-own", seen.header("x-own"), vec!["1"])?;
        equal(
            "body",
            seen.body.as_slice(),
            br#"{"name":"Ada"}"#.as_slice(),
        )?;
    }
    let heads = played.seen.iter().map(|seen| seen.head.as_str());
    let mut heads: Vec<_> = heads.collect();
    heads.dedup();
    equal("different heads among the attempts", heads.len(), 1)
}

fn headers(driver: &Driver) -> Result<(), String> {
    let played = once(driver, write(), Act::ok())?;
    played.reply()?;
    let [seen] = played.seen.as_slice() else {
        return Err(format!("{} requests", played.seen.len()));
    };
    let token = format!("Bearer {TOKEN}");
    let expected = [
        ("authorization", token.as_str()),
        ("user-agent", "conformance/1"),
        ("accept", "application/json"),
        ("accept-encoding", "gzip"),
        ("content-type", "application/json"),
        ("content-length", "16"),
    ];
    for (name, value) in expected {
        equal(name, seen.header(name), vec![value])?;
    }
    equal("number of Host headers", seen.header("host").len(), 1)?;
    equal(
        "transfer-encoding",
        seen.header("transfer-encoding"),
        vec![],
    )
}

fn empty_post(driver: &Driver) -> Result<(), String> {
    let request = ApiRequest::post("/contacts/5f1/archive");
    let played = once(driver, request, Act::Send(head(204, &[])))?;
    played.reply()?;
    let lengths: Vec<_> = played
        .seen
        .iter()
        .flat_map(|seen| seen.header("content-length"))
        .collect();
    equal("Content-Length", lengths, vec!["0"])
}

fn interim(driver: &Driver) -> Result<(), String> {
    let mut bytes = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".to_vec();
    bytes.extend(response(201, &[], b"{}"));
    let played = once(driver, me(), Act::SendAndClose(bytes))?;
    equal("status", played.reply()?.status().as_u16(), 201)
}

fn gzip(driver: &Driver) -> Result<(), String> {
    // `{"type":"admin"}`, compressed with gzip.
    const ADMIN: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xabV*\xa9,HU\xb2RJL\xc9\xcd\xccS\xaa\x05\x00+\xfd\xad\x9b\x10\x00\x00\x00";
    let bytes = response(200, &[("Content-Encoding", "gzip")], ADMIN);
    let played = once(driver, me(), Act::Send(bytes))?;
    equal(
        "body",
        played.reply()?.body().as_ref(),
        br#"{"type":"admin"}"#.as_slice(),
    )
}

fn until_close(driver: &Driver) -> Result<(), String> {
    let mut bytes = head(200, &[("Connection", "close")]);
    bytes.extend_from_slice(b"{\"id\":1}");
    let played = once(driver, me(), Act::SendAndClose(bytes))?;
    equal(
        "body",
        played.reply()?.body().as_ref(),
        b"{\"id\":1}".as_slice(),
    )
}

fn sent_write(driver: &Driver) -> Result<(), String> {
    for act in [
        Act::close(),
        Act::SendAndClose(b"HTTP/1.1 2".to_vec()),
        Act::SendAndClose(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()),
    ] {
        let played = play(driver, config()?, write(), [act, Act::ok(), Act::ok()])?;
        played.requests(1)?;
        played.fault(Phase::OutcomeUnknown, &[])?;
        equal(
            "may have been applied",
            played.error()?.may_have_been_applied(),
            true,
        )?;
    }
    Ok(())
}

fn refused_write(driver: &Driver) -> Result<(), String> {
    let config = config()?.base_url(REFUSED);
    let played = Played {
        result: driver(config, write()),
        seen: Vec::new(),
    };
    played.fault(Phase::NotSent, &[])?;
    let error = played.error()?;
    equal("attempts", error.attempts().len(), 3)?;
    equal(
        "may have been applied",
        error.may_have_been_applied(),
        false,
    )
}

/// A server that never responds to the first message of a TLS handshake. A driver without TLS
/// passes too, because it cannot connect.
fn hanging_connection(driver: &Driver) -> Result<(), String> {
    let server = Server::start([]).map_err(|error| error.to_string())?;
    let config = config()?
        .base_url(server.url().replace("http://", "https://"))
        .policy(RetryPolicy::none())
        .attempt_timeout(Duration::from_millis(300));
    let played = Played {
        result: driver(config, write()),
        seen: Vec::new(),
    };
    if played.error()?.kind() == crate::ErrorKind::Configuration {
        return Ok(());
    }
    played.fault(Phase::NotSent, &[])
}

/// Half of a body, with this header about its length.
fn half(status: u16, length: (&str, &str), part: &[u8]) -> Vec<u8> {
    let mut bytes = head(status, &[length]);
    bytes.extend_from_slice(part);
    bytes
}

/// Checks two calls whose response has the status 200 and is cut off: a write, which is not sent again, and a read, which is.
fn is_cut(driver: &Driver, bytes: &[u8]) -> Result<(), String> {
    let cut = || Act::SendAndClose(bytes.to_vec());
    let played = play(driver, config()?, write(), [cut(), Act::ok()])?;
    played.requests(1)?;
    played.fault(Phase::Cut, &[])?;
    let response = played.error()?.api();
    equal("status", response.map(|api| api.status()), Some(200))?;
    equal(
        "request id",
        response.and_then(|api| api.request_id()),
        Some(REQUEST_ID),
    )?;

    let played = play(driver, config()?, me(), [cut(), Act::ok()])?;
    played.reply()?;
    played.requests(2)
}

fn short_body(driver: &Driver) -> Result<(), String> {
    // What arrives is complete JSON, so only the length shows that it is cut.
    is_cut(driver, &half(200, ("Content-Length", "100"), b"{}"))
}

fn broken_chunks(driver: &Driver) -> Result<(), String> {
    is_cut(
        driver,
        &half(200, ("Transfer-Encoding", "chunked"), b"2\r\n{}\r\n5\r\nab"),
    )
}

/// Makes one attempt, with a short time-out.
fn hurried(driver: &Driver, request: ApiRequest, act: Act) -> Result<Played, String> {
    let config = config()?
        .policy(RetryPolicy::none())
        .attempt_timeout(Duration::from_millis(300));
    play(driver, config, request, [act])
}

fn silent_head(driver: &Driver) -> Result<(), String> {
    let played = hurried(driver, write(), Act::hang())?;
    played.fault(Phase::OutcomeUnknown, &[FaultKind::Timeout])?;
    played.requests(1)
}

fn silent_body(driver: &Driver) -> Result<(), String> {
    let bytes = half(200, ("Content-Length", "100"), b"{\"id\":");
    let act = Act::SendAndHang(bytes, super::acts::SILENCE);
    let played = hurried(driver, me(), act)?;
    played.fault(Phase::Cut, &[FaultKind::Timeout])?;
    let kept = played.error()?.api().map(|api| api.body().bytes().len());
    equal("bytes kept of the body", kept, Some(6))
}

fn too_large(driver: &Driver) -> Result<(), String> {
    let body = format!("[{}1]", "1,".repeat(32 * 1024));
    let config = config()?.body_limit(1024);
    let acts = [Act::json(200, &body), Act::ok()];
    let played = play(driver, config, me(), acts)?;
    played.fault(Phase::Cut, &[FaultKind::TooLarge])?;
    played.requests(1)
}

fn redirect(driver: &Driver) -> Result<(), String> {
    let other = Server::start([Act::ok()]).map_err(|error| error.to_string())?;
    let location = format!("{}/me", other.url());
    let moved = response(302, &[("Location", &location)], b"");
    let played = once(driver, me(), Act::Send(moved))?;
    equal("requests at the other host", other.seen().len(), 0)?;
    let status = played.error()?.status();
    equal("status", status.map(|status| status.as_u16()), Some(302))
}

fn wait(driver: &Driver) -> Result<(), String> {
    let limited = Act::error(429, "rate_limit_exceeded", &[("Retry-After", "1")]);
    let played = play(driver, config()?, write(), [limited, Act::ok()])?;
    played.reply()?;
    played.requests(2)?;
    let [first, second] = played.seen.as_slice() else {
        return Err("two requests".to_owned());
    };
    let gap = second.at.duration_since(first.at);
    if gap >= Duration::from_secs(1) {
        return Ok(());
    }
    Err(format!(
        "the retry came after {gap:?}, and the server asked for 1 s"
    ))
}

fn deadline(driver: &Driver) -> Result<(), String> {
    let policy = RetryPolicy::builder()
        .max_attempts(1_000)
        .base(Duration::from_millis(100))
        .cap(Duration::from_millis(100))
        .jitter(0.0)
        .build()
        .map_err(|error| error.to_string())?;
    let config = config()?
        .policy(policy)
        .total_timeout(Duration::from_millis(450));
    let busy = (0..1_000).map(|_| Act::error(500, "server_error", &[]));
    let played = play(driver, config, me(), busy)?;
    let reason = played.error()?.stop().map(|stop| stop.reason());
    equal("reason to stop", reason, Some(StopReason::DeadlineExceeded))
}

fn wall_clock(driver: &Driver) -> Result<(), String> {
    let Some(date) = date() else {
        return Ok(());
    };
    let played = once(
        driver,
        me(),
        Act::Send(response(200, &[("Date", &date)], b"{}")),
    )?;
    match played.reply()?.clock_offset_ms() {
        // A driver may have no wall clock.
        None => Ok(()),
        Some(offset) if offset.abs() < 60_000 => Ok(()),
        Some(offset) => Err(format!(
            "the clock of this machine is {offset} ms away from itself"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = CASES.iter().map(|case| case.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CASES.len());
    }
}
