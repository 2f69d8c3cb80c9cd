//! A client on a virtual clock, whose server and gate are scripts.

use std::collections::VecDeque;
use std::time::Duration;

use intercom_debug::{Recorder, Recording};
use intercom_protocol::bytes::Bytes;
use intercom_protocol::gate::{Admission, Permit, Refusal};
use intercom_protocol::http::Response;
use intercom_protocol::{
    ApiRequest, Call, Config, Error, Fault, Moment, Reply, Step, Tick, UnixTime,
};

pub(crate) const TOKEN: &str = "dG9rOjEyMzQ1Njc4OTA=";

pub(crate) type Exchange = Result<Response<Bytes>, Fault>;

/// What the gate says. When the list is used up, it admits every attempt.
pub(crate) enum Gate {
    Go,
    Spread,
    Refuse(Duration),
    TooLate(Duration),
}

#[derive(Default)]
pub(crate) struct Script {
    pub(crate) gate: Vec<Gate>,
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) tokens: Vec<&'static str>,
}

pub(crate) fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Exchange {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    Ok(response.body(Bytes::from(body.to_owned())).unwrap())
}

pub(crate) fn refusal(status: u16, code: &str, message: &str) -> Exchange {
    let body = serde_json::json!({
        "type": "error.list",
        "request_id": "b2i3mhcboc6pcbe33q80",
        "errors": [{ "code": code, "message": message }],
    });
    response(status, &[], &body.to_string())
}

pub(crate) fn memory() -> Recorder {
    Recorder::builder().hide(TOKEN).in_memory(1_000)
}

/// Returns a recorder's recording.
pub(crate) fn recording(recorder: &Recorder) -> Recording {
    Recording::read(recorder.text().as_bytes()).unwrap()
}

/// Carries out a call. Each exchange takes 80 ms.
pub(crate) fn run(
    config: Config,
    recorder: &Recorder,
    request: ApiRequest,
    script: Script,
) -> Result<Reply, Error> {
    let connection = config.observer(recorder.clone()).build().unwrap();
    let (mut gate, mut exchanges) = (script.gate.into_iter(), VecDeque::from(script.exchanges));
    let mut tokens = script.tokens.into_iter();
    let mut now = Duration::from_secs(5);
    let mut call = Call::new(&connection, request, moment(now));
    loop {
        match call.next(moment(now)) {
            Step::Authorize(_) => {
                let token = tokens
                    .next()
                    .map(str::to_owned)
                    .ok_or_else(|| "none".into());
                call.authorized(token, moment(now));
            }
            Step::Admit(_) => {
                let admission = match gate.next() {
                    None | Some(Gate::Go) => Admission::Go(Permit::free()),
                    Some(Gate::Spread) => Admission::Go(Permit::free().spread()),
                    Some(Gate::Refuse(wait)) => {
                        Admission::Refused(Refusal::new().with_retry_after(wait))
                    }
                    Some(Gate::TooLate(wait)) => Admission::TooLate(wait),
                };
                now += Duration::from_millis(3);
                call.admitted(admission, moment(now));
            }
            Step::Send(_) => {
                now += Duration::from_millis(80);
                call.received(exchanges.pop_front().unwrap(), moment(now));
            }
            Step::Sleep(wait) => now += wait,
            Step::Done(result) => return result,
        }
    }
}

fn moment(at: Duration) -> Moment {
    let wall = UnixTime::from_secs(1_711_100_000).unwrap();
    // Different for each moment, and the same in each run.
    let roll = u64::try_from(at.as_nanos())
        .unwrap()
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Moment::new(Tick::new(at))
        .with_wall(wall.checked_add(at).unwrap())
        .with_roll(roll)
}
