//! Checks the network, the token, the region, the quota, the status of Intercom and the clocks.

use core::fmt;

use http::StatusCode;
use intercom_errors::{AnsweredBy, RateLimit, Slot, names};
use intercom_retry::RetryPolicy;
use serde_json::Value;

use super::Advice;
use super::redirect::follow;
use crate::{ApiRequest, Caller, Connection, Error, Fault, Region, Reply, ServiceStatus};

/// A larger difference between the clocks is reported. `Date` is only precise to a second.
const CLOCK_TOLERANCE_MS: u64 = 5_000;

/// The document of the status page that every page has.
const STATUS: &str = "/api/v2/status.json";

/// The result of a diagnosis.
#[derive(Debug)]
pub struct Diagnosis {
    auth: AuthReport,
    service: ServiceReport,
    clock_offset: Option<i64>,
    /// The connections to the API and the status page. The advice names their URLs.
    connections: Option<[Connection; 2]>,
}

/// Whether the API accepted the token.
#[derive(Debug)]
pub struct AuthReport {
    me: Result<Me, Error>,
    /// Whether the request carried a token.
    had_token: bool,
}

struct Me {
    reply: Reply,
    admin: Option<String>,
    region: Option<String>,
    answered_by: AnsweredBy,
}

names! {
    /// What became of the token.
    #[non_exhaustive]
    pub enum TokenState {
        /// The API accepted it, or accepted the request without one.
        Accepted = "accepted",
        /// The connection has no token, and the API needs one.
        Missing = "missing",
        /// The API refused it: it is not valid, or lacks a permission.
        Refused = "refused",
        /// No response says anything about it, for example because the API could not be reached.
        Unchecked = "unchecked",
    }
}

/// Leaves out the admin, who is a person.
impl fmt::Debug for Me {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Me")
            .field("reply", &self.reply)
            .finish_non_exhaustive()
    }
}

/// What the status page reports.
#[derive(Debug)]
pub struct ServiceReport(Result<ServiceStatus, Error>);

impl AuthReport {
    /// Returns whether the token works.
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        self.me.is_ok()
    }

    /// Returns whether the token is missing, or was accepted, refused or not checked.
    #[must_use]
    pub fn token(&self) -> TokenState {
        match &self.me {
            Ok(_) => TokenState::Accepted,
            Err(_) if !self.had_token => TokenState::Missing,
            Err(error) if error.is_unauthorized() || error.is_forbidden() => TokenState::Refused,
            Err(_) => TokenState::Unchecked,
        }
    }

    /// Returns the HTTP status of the response to `/me`, if there is one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match &self.me {
            Ok(me) => Some(me.reply.status()),
            Err(error) => error.status(),
        }
    }

    /// Returns the e-mail address of the admin that the token belongs to, or the id if there is no address.
    #[must_use]
    pub fn admin(&self) -> Option<&str> {
        self.me.as_ref().ok()?.admin.as_deref()
    }

    /// Returns the region that hosts the workspace, in Intercom's word, like `US` or `Europe`.
    ///
    /// [`Diagnosis::region`] returns the same region as a `Region`, if this crate knows it.
    #[must_use]
    pub fn region_name(&self) -> Option<&str> {
        self.me.as_ref().ok()?.region.as_deref()
    }

    /// Returns why the token does not work, or why it could not be checked.
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        match &self.me {
            Ok(_) => None,
            Err(error) => Some(error),
        }
    }
}

impl ServiceReport {
    /// Returns what the page reports; `None` if it could not be read.
    #[must_use]
    pub fn status(&self) -> Option<&ServiceStatus> {
        self.0.as_ref().ok()
    }

    /// Returns why the page could not be read.
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        match &self.0 {
            Ok(_) => None,
            Err(error) => Some(error),
        }
    }
}

impl Diagnosis {
    /// Creates a diagnosis that could not start for this reason. Nothing was sent to the API or the status page.
    ///
    /// ```
    /// use intercom_protocol::flows::{Diagnosis, diagnose};
    /// use intercom_protocol::{Caller, ready};
    ///
    /// fn diagnose_blocking(caller: &impl Caller) -> Diagnosis {
    ///     ready(diagnose(caller)).unwrap_or_else(Diagnosis::not_started)
    /// }
    /// ```
    #[must_use]
    pub fn not_started(reason: Error) -> Self {
        Self {
            auth: AuthReport {
                me: Err(reason),
                had_token: true,
            },
            service: ServiceReport(Err(Error::not_started("the diagnosis could not start"))),
            clock_offset: None,
            connections: None,
        }
    }

    /// Returns whether calls should work: the token is accepted, and the status page reports no major incident.
    ///
    /// A status page that cannot be read is ignored.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.auth.is_ok() && self.service.status().is_none_or(ServiceStatus::is_ok)
    }

    /// Returns whether the host can be reached: its name was resolved, it accepted a connection with TLS, and it sent a complete
    /// response, of any status, that is not from a firewall or proxy. `None` if no request was made.
    ///
    /// [`fault`](Self::fault) and [`answered_by`](Self::answered_by) say what is in the way.
    #[must_use]
    pub fn is_reachable(&self) -> Option<bool> {
        let blocked = self.answered_by() == Some(AnsweredBy::Intermediary);
        match self.auth.error() {
            Some(error) if error.class().is_none() => None,
            _ => Some(self.fault().is_none() && !blocked),
        }
    }

    /// Returns who sent the response to `/me`; `None` if there is none.
    #[must_use]
    pub fn answered_by(&self) -> Option<AnsweredBy> {
        match &self.auth.me {
            Ok(me) => Some(me.answered_by),
            Err(error) => error.answered_by(),
        }
    }

    /// Returns why the host could not be reached.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.auth.error().and_then(Error::fault)
    }

    /// Returns the region that hosts the workspace, if the API reported one that is known.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        self.auth.region_name().and_then(Region::of_workspace)
    }

    /// Returns whether requests go to the host of the workspace's region. `None` if the region is unknown, or if
    /// requests go to a host that is not Intercom's, like a proxy.
    #[must_use]
    pub fn host_fits(&self) -> Option<bool> {
        Some(self.host()? == self.region()?)
    }

    /// Returns the region of the host that requests go to.
    fn host(&self) -> Option<Region> {
        let [api, _] = self.connections.as_ref()?;
        Region::of_url(api.base_url())
    }

    /// Returns whether the API accepted the token.
    #[must_use]
    pub const fn auth(&self) -> &AuthReport {
        &self.auth
    }

    /// Returns what the status page reports.
    #[must_use]
    pub const fn service(&self) -> &ServiceReport {
        &self.service
    }

    /// Returns how much quota is left, if the API reported it.
    #[must_use]
    pub fn rate_limit(&self) -> Option<RateLimit> {
        let limit = match &self.auth.me {
            Ok(me) => me.reply.rate_limit(),
            Err(error) => error.rate_limit()?,
        };
        (!limit.is_empty()).then_some(limit)
    }

    /// Returns how many milliseconds the server's clock is ahead of this machine's, to within about a second.
    #[must_use]
    pub const fn clock_offset_ms(&self) -> Option<i64> {
        self.clock_offset
    }

    /// Returns what to do next, the most urgent first; empty if all is well.
    ///
    /// The steps name the base URL and the status page of the caller's [`Connection`].
    #[must_use]
    pub fn advice(&self) -> Vec<Advice<'_>> {
        let mut advice = Vec::new();
        match self.auth.error() {
            Some(error) if error.class().is_none() => advice.push(Advice::NotCalled(error)),
            Some(error) => advice.extend(self.auth_advice(error)),
            None => {}
        }
        if let (Some(workspace), Some(false)) = (self.region(), self.host_fits()) {
            advice.push(Advice::OtherRegion(workspace));
        }
        match &self.service.0 {
            Ok(status) if !status.is_ok() => advice.push(Advice::Incident(status)),
            Ok(_) => {}
            Err(error) => advice.push(Advice::StatusPageUnreadable(error)),
        }
        let offset = self.clock_offset;
        let off = offset.filter(|offset| offset.unsigned_abs() > CLOCK_TOLERANCE_MS);
        advice.extend(off.map(Advice::ClockOffset));
        advice
    }

    /// The steps that fix the error. A 401 without a token needs only a token.
    fn auth_advice<'d>(&'d self, error: &'d Error) -> impl Iterator<Item = Advice<'d>> {
        let is_missing = self.auth.token() == TokenState::Missing;
        let fixes = (!is_missing || !error.is_unauthorized()).then(|| error.fixes());
        let fixes = fixes.into_iter().flatten().map(|step| {
            Advice::Fix(match &self.connections {
                Some([api, page]) => step
                    .with(Slot::BaseUrl, api.base_url())
                    .with(Slot::StatusPage, page.base_url()),
                None => step,
            })
        });
        fixes.chain(is_missing.then_some(Advice::NoToken))
    }
}

/// Requests `/me` and the status page once each. It does not retry, because a diagnosis reports the current state.
///
/// It works without an access token too: with [`Config::anonymous`](crate::Config::anonymous), it checks everything but the token and
/// the region.
pub async fn diagnose<C: Caller>(caller: &C) -> Diagnosis {
    let me = caller
        .call(ApiRequest::get("/me").policy(RetryPolicy::none()))
        .await;
    let clock_offset = match &me {
        Ok(reply) => reply.clock_offset_ms(),
        Err(error) => error.clock_offset_ms(),
    };
    let connection = caller.connection();
    let auth = AuthReport {
        me: me.map(Me::of),
        had_token: connection.is_none_or(Connection::has_token),
    };
    Diagnosis {
        auth,
        service: ServiceReport(read_page(caller, STATUS).await),
        clock_offset,
        connections: connection.map(|api| [api.clone(), api.status_page()]),
    }
}

impl Me {
    /// Any successful response to `/me` means that the token was accepted. The members of its body are optional.
    fn of(reply: Reply) -> Self {
        let body: Value = reply.json().unwrap_or_default();
        let text = |path: &str| body.pointer(path)?.as_str().map(str::to_owned);
        let is_of_the_api =
            reply.request_id().is_some() || text("/type").as_deref() == Some("admin");
        Self {
            answered_by: if is_of_the_api {
                AnsweredBy::Api
            } else {
                AnsweredBy::Unknown
            },
            admin: text("/email").or_else(|| text("/id")),
            region: text("/app/region"),
            reply,
        }
    }
}

/// Reads the status page, with its open incidents and the states of its components.
///
/// A page without `summary.json` has neither; then `status.json` is read, which [`diagnose`] reads too. It does not retry.
///
/// # Errors
///
/// Why the page could not be read, as of any call.
///
/// ```
/// use intercom_protocol::flows::service_status;
/// use intercom_protocol::{Caller, Error, ServiceStatus, ready};
///
/// fn open_incidents(caller: &impl Caller) -> Result<usize, Error> {
///     Ok(ready(service_status(caller))??.incidents().len())
/// }
/// ```
pub async fn service_status<C: Caller>(caller: &C) -> Result<ServiceStatus, Error> {
    match read_page(caller, "/api/v2/summary.json").await {
        Err(error) if error.fault().is_none() => read_page(caller, STATUS).await,
        read => read,
    }
}

async fn read_page<C: Caller>(caller: &C, path: &str) -> Result<ServiceStatus, Error> {
    let page = caller.connection().map(Connection::status_page);
    let page = page.ok_or_else(|| Error::not_started("the caller has no status page"))?;
    let request = ApiRequest::get(path).expect_any();
    let request = request.policy(RetryPolicy::none());
    let reply = caller.call_elsewhere(&page, request.clone()).await?;
    let reply = follow(caller, Some(&page), &request, reply).await?;
    ServiceStatus::parse(reply.body()).ok_or_else(|| {
        let source = serde::de::Error::custom("this is not a status page");
        reply.undecodable("status.indicator".to_owned(), source)
    })
}
