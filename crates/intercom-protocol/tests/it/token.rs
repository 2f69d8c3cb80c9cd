//! Access tokens that are replaced while the client runs.

use std::error::Error as _;
use std::time::Duration;

use intercom_protocol::{
    ApiRequest, Call, Caller, Config, Error, ErrorKind, Reply, RetryPolicy, Step, StopReason,
    WaitCause, ready,
};

use crate::scripted::{Exchange, ScriptedCaller, config, moment, refusal, response, response_with};

fn expired() -> Exchange {
    refusal(401, "token_expired", "Access Token Expired")
}

fn ok() -> Exchange {
    response(200, "{}")
}

fn call(caller: &ScriptedCaller) -> Result<Reply, Error> {
    ready(caller.call(ApiRequest::post("/messages").json_bytes("{}"))).unwrap()
}

fn tokens(caller: &ScriptedCaller) -> Vec<String> {
    let value = |request: &http::Request<bytes::Bytes>| {
        let value = request.headers().get("authorization")?;
        Some(value.to_str().unwrap().to_owned())
    };
    caller.requests().iter().filter_map(value).collect()
}

const OLD: &str = "Bearer tok:planted-secret";

#[test]
fn a_call_without_a_token_asks_for_one_before_it_sends() {
    let caller = ScriptedCaller::new([ok(), ok()]).providing(Config::anonymous(), [Ok("new")]);
    call(&caller).unwrap();
    call(&caller).unwrap();
    assert_eq!(tokens(&caller), ["Bearer new"; 2], "the token is kept");
}

#[test]
fn a_refused_token_is_replaced_once_and_the_write_is_repeated() {
    let caller = ScriptedCaller::new([expired(), ok(), ok()]).providing(config(), [Ok("new")]);
    let reply = call(&caller).unwrap();
    assert_eq!(reply.attempts().len(), 2);
    let wait = reply.attempts()[0].wait().unwrap();
    assert_eq!(
        (wait.duration(), wait.cause()),
        (Duration::ZERO, WaitCause::NewToken)
    );
    call(&caller).unwrap();
    assert_eq!(tokens(&caller), [OLD, "Bearer new", "Bearer new"]);
}

#[test]
fn the_repeated_attempt_is_none_of_the_policy() {
    let one = config().policy(RetryPolicy::none());
    let caller = ScriptedCaller::new([expired(), ok()]).providing(one, [Ok("new")]);
    call(&caller).unwrap();

    let two = RetryPolicy::builder().max_attempts(2).build().unwrap();
    let busy = || response_with(429, &[("retry-after", "1")], "");
    let caller = ScriptedCaller::new([busy(), expired(), busy()])
        .providing(config().policy(two), [Ok("new")]);
    let error = call(&caller).unwrap_err();
    assert_eq!(error.attempts().len(), 3);
    assert_eq!(
        error.stop().unwrap().reason(),
        StopReason::AttemptsExhausted
    );
}

#[test]
fn a_second_401_ends_the_call() {
    let caller =
        ScriptedCaller::new([expired(), expired()]).providing(config(), [Ok("new"), Ok("newer")]);
    let error = call(&caller).unwrap_err();
    assert!(error.is_unauthorized());
    assert_eq!(error.stop().unwrap().reason(), StopReason::NotRetryable);
    assert_eq!(caller.unused_tokens(), 1);
}

#[test]
fn the_refused_token_is_not_sent_again() {
    let token = "tok:planted-secret";
    let caller = ScriptedCaller::new([expired()]).providing(config(), [Ok(token)]);
    let error = call(&caller).unwrap_err();
    assert!(error.is_unauthorized());
    assert_eq!(error.stop().unwrap().reason(), StopReason::NoToken);
}

#[test]
fn only_the_api_can_refuse_a_token() {
    for response in [
        response(401, ""),
        response_with(401, &[("content-type", "text/html")], "<html>proxy</html>"),
        response_with(407, &[("x-request-id", "req-1")], ""),
        refusal(403, "action_forbidden", "no"),
        // A scope is missing, which a new token of the same app does not change.
        refusal(
            401,
            "token_unauthorized",
            "Not authorized to access resource",
        ),
    ] {
        let shown = format!("{response:?}");
        let caller = ScriptedCaller::new([response]).providing(config(), [Ok("new")]);
        call(&caller).unwrap_err();
        assert_eq!(caller.unused_tokens(), 1, "{shown}");
    }
}

#[test]
fn a_provider_that_fails_ends_the_call_and_is_the_source() {
    let caller = ScriptedCaller::new([]).providing(Config::anonymous(), [Err("vault is sealed")]);
    let error = call(&caller).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotStarted);
    assert!(!error.may_have_been_applied());
    assert_eq!(error.source().unwrap().to_string(), "vault is sealed");

    let caller = ScriptedCaller::new([expired()]).providing(config(), [Err("vault is sealed")]);
    let error = call(&caller).unwrap_err();
    assert!(error.is_unauthorized());
    assert_eq!(error.source().unwrap().to_string(), "vault is sealed");
}

#[test]
fn a_token_that_no_header_can_carry_is_refused_and_not_shown() {
    let caller = ScriptedCaller::new([]).providing(Config::anonymous(), [Ok("sec\nret")]);
    let error = call(&caller).unwrap_err();
    let shown = format!("{error} {error:?} {}", error.source().unwrap());
    assert!(
        shown.contains("access token") && !shown.contains("sec"),
        "{shown}"
    );
}

#[test]
fn a_call_that_waits_uses_the_token_that_another_call_received() {
    let connection = config().renewable_token().build().unwrap();
    let now = moment(Duration::ZERO);
    let [mut one, mut other] =
        [(); 2].map(|()| Call::new(&connection, ApiRequest::get("/me"), now));
    let go = |call: &mut Call| {
        let Step::Admit(ask) = call.next(now) else {
            panic!("the call does not ask the gate");
        };
        call.admitted(ask.free(), now);
        let Step::Send(outgoing) = call.next(now) else {
            panic!("the call does not send");
        };
        outgoing.request().headers()["authorization"].clone()
    };
    for call in [&mut one, &mut other] {
        assert_eq!(go(call), OLD);
        call.received(expired(), now);
    }
    let Step::Authorize(ask) = one.next(now) else {
        panic!("the call does not ask for a token");
    };
    assert!(ask.was_refused());
    one.authorized(Ok("new".to_owned()), now);
    assert_eq!(go(&mut one), "Bearer new");
    assert_eq!(go(&mut other), "Bearer new");

    let mut waits = Call::new(&connection, ApiRequest::get("/me"), now);
    let Step::Admit(ask) = waits.next(now) else {
        panic!("the call does not ask the gate");
    };
    one.received(expired(), now);
    drop(one);
    let mut third = Call::new(&connection, ApiRequest::get("/me"), now);
    go(&mut third);
    third.received(expired(), now);
    waits.authorized(Ok("ignored, because it was not asked for".to_owned()), now);
    third.authorized(Ok("newest".to_owned()), now);
    waits.admitted(ask.free(), now);
    let Step::Send(outgoing) = waits.next(now) else {
        panic!("the call does not send");
    };
    assert_eq!(
        outgoing.request().headers()["authorization"],
        "Bearer newest"
    );
}

#[test]
fn a_deadline_ends_a_call_that_waits_for_a_token() {
    let connection = Config::anonymous()
        .total_timeout(Duration::from_secs(5))
        .renewable_token()
        .build()
        .unwrap();
    let request = ApiRequest::get("/me");
    let mut call = Call::new(&connection, request, moment(Duration::ZERO));
    let Step::Authorize(ask) = call.next(moment(Duration::from_secs(2))) else {
        panic!("the call does not ask for a token");
    };
    assert_eq!(ask.time_left(), Some(Duration::from_secs(3)));
    let Step::Done(Err(error)) = call.next(moment(Duration::from_secs(5))) else {
        panic!("the call does not end");
    };
    assert_eq!(error.stop().unwrap().reason(), StopReason::DeadlineExceeded);
}

#[test]
fn a_provider_that_is_slow_does_not_bring_back_an_old_token() {
    let connection = config().renewable_token().build().unwrap();
    let now = moment(Duration::ZERO);
    let [mut slow, mut quick] = [(); 2].map(|()| {
        let mut call = Call::new(&connection, ApiRequest::get("/me"), now);
        let Step::Admit(ask) = call.next(now) else {
            unreachable!("a new call asks the gate");
        };
        call.admitted(ask.free(), now);
        assert!(matches!(call.next(now), Step::Send(_)));
        call.received(expired(), now);
        assert!(matches!(call.next(now), Step::Authorize(_)));
        call
    });
    quick.authorized(Ok("new".to_owned()), now);
    // The slow provider was asked before the token was replaced, and returns what it knew then.
    for stale in [Ok("stale".to_owned()), Err("timed out".into())] {
        slow.authorized(stale, now);
    }
    let Step::Admit(ask) = slow.next(now) else {
        unreachable!("the newer token is used");
    };
    slow.admitted(ask.free(), now);
    let Step::Send(outgoing) = slow.next(now) else {
        unreachable!("it was admitted");
    };
    assert_eq!(outgoing.request().headers()["authorization"], "Bearer new");
}

#[test]
fn question_says_whether_a_token_was_refused_and_how_much_time_is_left() {
    let second = Duration::from_secs(1);
    let asked = |config: Config| {
        let connection = config.renewable_token().build().unwrap();
        let request = ApiRequest::get("/me").deadline(9 * second);
        let mut call = Call::new(&connection, request, moment(Duration::ZERO));
        loop {
            match call.next(moment(second)) {
                Step::Authorize(ask) => break (ask.was_refused(), ask.time_left()),
                Step::Admit(ask) => call.admitted(ask.free(), moment(second)),
                Step::Send(_) => call.received(expired(), moment(second)),
                other => panic!("expected a question, got {other:?}"),
            }
        }
    };
    assert_eq!(asked(config()), (true, Some(8 * second)));
    assert_eq!(asked(Config::anonymous()), (false, Some(8 * second)));
}
