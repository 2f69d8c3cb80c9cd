//! The document of a diagnosis.

use intercom_protocol::flows::Diagnosis;
use intercom_protocol::{AnsweredBy, Error, ErrorKind, ServiceStatus};
use serde::Serialize;

use crate::error::describe;
use crate::explanation::Limits;

/// The document.
#[derive(Serialize)]
pub(super) struct Report<'d> {
    ok: bool,
    token: &'static str,
    network: Network,
    /// Who sent the response to `/me`.
    answered_by: Option<&'static str>,
    auth: Auth<'d>,
    /// The workspace's region: a name that `--region` accepts, or Intercom's own word for an unknown one.
    region: Option<&'d str>,
    host_fits: Option<bool>,
    rate_limit: Option<Limits>,
    service: Service<'d>,
    clock_offset_ms: Option<i64>,
    advice: Vec<String>,
}

#[derive(Serialize)]
struct Network {
    /// `None` if no request was made.
    ok: Option<bool>,
    /// What failed.
    fault: Option<&'static str>,
}

#[derive(Serialize)]
struct Auth<'d> {
    ok: bool,
    status: Option<u16>,
    code: Option<&'d str>,
    admin: Option<&'d str>,
    /// Why it is not ok: the server's message, if there was a response.
    message: Option<String>,
    request_id: Option<&'d str>,
}

#[derive(Serialize)]
struct Service<'d> {
    ok: Option<bool>,
    indicator: Option<&'d str>,
    description: Option<&'d str>,
}

impl<'d> Report<'d> {
    pub(super) fn of(diagnosis: &'d Diagnosis, advice: Vec<String>) -> Self {
        let auth = diagnosis.auth();
        let service = diagnosis.service().status();
        Self {
            ok: diagnosis.is_ok(),
            token: auth.token().as_str(),
            network: Network {
                ok: diagnosis.is_reachable(),
                fault: diagnosis.fault().map(|fault| fault.kind().as_str()),
            },
            answered_by: diagnosis.answered_by().map(AnsweredBy::as_str),
            auth: Auth {
                ok: auth.is_ok(),
                status: auth.status().map(|status| status.as_u16()),
                code: auth.error().and_then(|error| Some(error.code()?.as_str())),
                admin: auth.admin(),
                message: auth.error().and_then(message),
                request_id: auth.error().and_then(Error::request_id),
            },
            region: diagnosis
                .region()
                .map_or_else(|| auth.region_name(), |region| Some(region.as_str())),
            host_fits: diagnosis.host_fits(),
            rate_limit: diagnosis.rate_limit().and_then(Limits::of),
            service: Service {
                ok: service.map(ServiceStatus::is_ok),
                indicator: service.map(|status| status.indicator().as_str()),
                description: service.and_then(ServiceStatus::description),
            },
            clock_offset_ms: diagnosis.clock_offset_ms(),
            advice,
        }
    }
}

fn message(error: &Error) -> Option<String> {
    match error.kind() {
        ErrorKind::Api => error.message().map(str::to_owned),
        _ => Some(describe(error)),
    }
}
