//! Which recorded requests can be sent again.

use core::fmt;
use std::collections::HashMap;

use intercom_protocol::ApiRequest;
use intercom_protocol::http::Method;
use serde::Serialize;

use crate::recording::{Exchange, Recorded, Recording, Request, calls};
use crate::text::fit;

/// How wide a request and a reason are together.
const WIDEST: usize = 68;

/// A recorded request that can be sent again, and how it ended then.
#[derive(Clone, Debug)]
pub struct Sendable {
    request: ApiRequest,
    route: String,
    calls: usize,
    status: Option<u16>,
    code: Option<String>,
}

/// A recorded request that is not sent again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Skipped {
    method: String,
    route: String,
    calls: usize,
    reason: &'static str,
}

/// Returns the requests of a recording that can be sent again, each once, and those that cannot, with the reason.
///
/// A recording has no ids, query values and bodies. So only a GET of a route without an id and without a query can be sent. With
/// `writes`, a write without an id is sent too, with an empty object as its body: only do that with a mock.
///
/// ```
/// use intercom_debug::{Recorder, Recording, requests};
///
/// # fn main() -> Result<(), intercom_debug::RecordingError> {
/// let recorder = Recorder::builder().in_memory(100);
/// // Make calls with this observer.
/// let recording = Recording::read(recorder.text().as_bytes())?;
/// let (sendable, skipped) = requests(&recording, false);
/// assert!(sendable.is_empty() && skipped.is_empty());
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn requests(recording: &Recording, writes: bool) -> (Vec<Sendable>, Vec<Skipped>) {
    let (mut sendable, mut skipped) = (Vec::<Sendable>::new(), Vec::<Skipped>::new());
    let mut places = HashMap::new();
    for call in &calls(recording) {
        match Sendable::of(call, writes) {
            Ok(mut new) => {
                let key = (new.request.method().to_string(), new.route.clone(), "");
                let place = *places.entry(key).or_insert(sendable.len());
                match sendable.get_mut(place) {
                    Some(known) => {
                        new.calls += known.calls;
                        *known = new;
                    }
                    None => sendable.push(new),
                }
            }
            Err(new) => {
                let key = (new.method.clone(), new.route.clone(), new.reason);
                let place = *places.entry(key).or_insert(skipped.len());
                match skipped.get_mut(place) {
                    Some(known) => known.calls += 1,
                    None => skipped.push(new),
                }
            }
        }
    }
    (sendable, skipped)
}

impl Sendable {
    fn of(call: &Recorded<'_>, writes: bool) -> Result<Self, Skipped> {
        let skip = |reason| {
            let text = |get: fn(&Request) -> &str| call.request().map(get).unwrap_or_default();
            Skipped {
                method: text(|request| &request.method).to_owned(),
                route: text(|request| &request.route).to_owned(),
                calls: 1,
                reason,
            }
        };
        let last = call
            .exchanges
            .last()
            .ok_or_else(|| skip("it was not sent"))?;
        let request = request(last, writes).map_err(skip)?;
        let response = last.response.as_ref();
        let codes = response.map(|response| response.errors.as_slice());
        let mut codes = codes.unwrap_or_default().iter();
        Ok(Self {
            request,
            route: last.request.route.to_string(),
            calls: 1,
            status: response.map(|response| response.status),
            code: codes
                .find_map(|item| item.code.as_deref())
                .map(str::to_owned),
        })
    }

    /// Returns the request.
    #[must_use]
    pub fn request(&self) -> ApiRequest {
        self.request.clone()
    }

    /// Returns how many recorded calls had this request.
    #[must_use]
    pub const fn calls(&self) -> usize {
        self.calls
    }

    /// Returns the status that the last attempt of the last of these calls got then.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        self.status
    }

    /// Returns the error code that the last attempt of the last of these calls got then.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }
}

/// Writes the request and the reason in at most 70 columns. A long route is cut.
impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request = format!("{} {}", self.method, self.route);
        let request = fit(&request, WIDEST.saturating_sub(self.reason.len()));
        write!(f, "{}: {}", request.trim_end(), self.reason)
    }
}

fn request(exchange: &Exchange, writes: bool) -> Result<ApiRequest, &'static str> {
    let Request {
        method,
        route,
        query,
        ..
    } = &exchange.request;
    // The method decides. The terms of a file from elsewhere can say anything.
    if !matches!(&**method, "GET" | "HEAD") && !writes {
        return Err("it is not a GET; --writes sends it to a mock");
    }
    if route.contains("{id}") || route.contains("...") {
        return Err("the id in its path was not recorded");
    }
    if !query.is_empty() {
        return Err("the values of its query were not recorded");
    }
    let built = Method::from_bytes(method.as_bytes()).map(|method| ApiRequest::new(method, route));
    match (&**method, built) {
        (_, Err(_)) | ("OTHER", _) => Err("its method was not recorded"),
        ("GET" | "HEAD" | "DELETE", Ok(built)) => Ok(built),
        (_, Ok(built)) => Ok(built.json_bytes(&b"{}"[..])),
    }
}
