//! Where requests go and what every one of them carries: host, token, API version, user agent.

use core::fmt;
use std::sync::Arc;

use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    USER_AGENT,
};
use http::uri::{self, PathAndQuery, Scheme, Uri};
use http::{Method, Request};
use intercom_errors::ErrorItem;

use crate::request::{Target, origin};
use crate::{ApiRequest, Error, Expect};

const VERSION: HeaderName = HeaderName::from_static("intercom-version");
const STATUS_PAGE: &str = "https://www.intercomstatus.com";

/// Where the workspace lives; the token works in its own region.
///
/// The hosts are those of the `servers` list of Intercom's OpenAPI description.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Region {
    /// Australia: `https://api.au.intercom.io`.
    Au,
    /// Europe: `https://api.eu.intercom.io`.
    Eu,
    /// The United States, and the default: `https://api.intercom.io`.
    #[default]
    Us,
}

impl Region {
    /// The base URL of the region's API.
    ///
    /// ```
    /// assert_eq!(intercom_protocol::Region::Eu.base_url(), "https://api.eu.intercom.io");
    /// ```
    #[must_use]
    pub const fn base_url(self) -> &'static str {
        match self {
            Self::Au => "https://api.au.intercom.io",
            Self::Eu => "https://api.eu.intercom.io",
            Self::Us => "https://api.intercom.io",
        }
    }
}

impl core::str::FromStr for Region {
    type Err = Error;

    /// Reads `us`, `eu` or `au`, in any case.
    fn from_str(name: &str) -> Result<Self, Error> {
        match name.to_ascii_lowercase().as_str() {
            "au" => Ok(Self::Au),
            "eu" => Ok(Self::Eu),
            "us" => Ok(Self::Us),
            _ => Err(problem(
                "region",
                format!("the region {name:?} is unknown; use us, eu or au"),
            )),
        }
    }
}

/// A checked set of connection data, shared by all calls of a client; a clone is the same set.
///
/// The token lives in here as a header value that is marked as sensitive; no `Debug` or `Display` shows it.
///
/// ```
/// use intercom_protocol::Connection;
///
/// let connection = Connection::builder("dG9rOjEyMw==").api_version("2.14").build()?;
/// assert!(!format!("{connection:?}").contains("dG9r"));
/// # Ok::<(), intercom_protocol::Error>(())
/// ```
#[derive(Clone)]
pub struct Connection(Arc<Data>);

struct Data {
    base: String,
    /// The base without its path, and the path without a slash at its end.
    origin: Uri,
    base_path: String,
    /// What requests to the API carry, as long as they want JSON.
    headers: HeaderMap,
    status_page: String,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("base_url", &self.0.base)
            .field("token", &format_args!("redacted"))
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// Begins a connection with an access token from the Developer Hub.
    #[must_use]
    pub fn builder(token: impl Into<String>) -> ConnectionBuilder {
        ConnectionBuilder {
            token: token.into(),
            base_url: None,
            region: None,
            api_version: None,
            user_agent: concat!("intercom-rs/", env!("CARGO_PKG_VERSION")).to_owned(),
            status_url: STATUS_PAGE.to_owned(),
        }
    }

    /// The base URL requests are sent to, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.0.base
    }

    /// The HTTP request that carries out `request`: absolute URI, all headers, the body.
    ///
    /// The token goes to the API's own host only.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `invalid` when the request was built from values that cannot be sent.
    pub fn http_request(&self, request: &ApiRequest) -> Result<Request<bytes::Bytes>, Error> {
        let uri = self.uri(request)?;
        let mut http = Request::new(request.body().cloned().unwrap_or_default());
        *http.method_mut() = request.method().clone();
        *http.uri_mut() = uri;
        let headers = http.headers_mut();
        if *request.target() == Target::Api {
            headers.clone_from(&self.0.headers);
        } else if let Some(agent) = self.0.headers.get(USER_AGENT) {
            headers.insert(USER_AGENT, agent.clone());
        }
        let accept = request.expect().accept();
        if headers.get(ACCEPT).is_none_or(|value| value != accept) {
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
        }
        if request.body().is_some()
            || matches!(
                *request.method(),
                Method::POST | Method::PUT | Method::PATCH
            )
        {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in request.headers() {
            headers.insert(name.clone(), value.clone());
        }
        Ok(http)
    }

    fn uri(&self, request: &ApiRequest) -> Result<Uri, Error> {
        request.check()?;
        let uri = match request.target() {
            Target::Api => self.api_uri(request.behind(&self.0.base_path)),
            Target::StatusPage => request.behind(&self.0.status_page).try_into().ok(),
            Target::StatusPageHost => request.behind(origin(&self.0.status_page)).try_into().ok(),
            Target::Elsewhere(origin) => request
                .behind(&check_url("location", origin)?)
                .try_into()
                .ok(),
        };
        // The path was looked at before; a query carries personal data.
        uri.ok_or_else(|| {
            problem(
                "query",
                "it contains a character no query has, such as a space; encode it as %XX",
            )
        })
    }

    /// A URI of the API; its host is shared with all others instead of parsed again.
    fn api_uri(&self, path_and_query: String) -> Option<Uri> {
        let mut parts = uri::Parts::from(self.0.origin.clone());
        parts.path_and_query = Some(PathAndQuery::try_from(path_and_query).ok()?);
        Uri::from_parts(parts).ok()
    }
}

/// Settings of a [`Connection`], checked together by [`build`](Self::build).
#[derive(Clone)]
pub struct ConnectionBuilder {
    token: String,
    base_url: Option<String>,
    region: Option<Region>,
    api_version: Option<String>,
    user_agent: String,
    status_url: String,
}

impl fmt::Debug for ConnectionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionBuilder")
            .field("base_url", &self.base_url)
            .field("region", &self.region)
            .field("api_version", &self.api_version)
            .field("token", &format_args!("redacted"))
            .finish_non_exhaustive()
    }
}

impl ConnectionBuilder {
    /// Sends requests to the region's host.
    #[must_use]
    pub const fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// Sends requests to this URL instead of a region's: `https`, or `http` on loopback for a mock server.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Asks for this API version (`Intercom-Version`), such as `2.14`; without it the version of the app's settings holds.
    #[must_use]
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.api_version = Some(version.into());
        self
    }

    /// Names your program to Intercom.
    #[must_use]
    pub fn user_agent(mut self, agent: impl Into<String>) -> Self {
        self.user_agent = agent.into();
        self
    }

    /// Reads the status page at this URL; the default is Intercom's own, which has moved before.
    #[must_use]
    pub fn status_url(mut self, url: impl Into<String>) -> Self {
        self.status_url = url.into();
        self
    }

    /// Checks all settings.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `invalid` that names the setting and says how to mend it; it never repeats the token.
    pub fn build(self) -> Result<Connection, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization(&self.token)?);
        headers.insert(USER_AGENT, header("user_agent", &self.user_agent)?);
        if let Some(version) = &self.api_version {
            headers.insert(VERSION, header("api_version", version)?);
        }
        headers.insert(ACCEPT, HeaderValue::from_static(Expect::Json.accept()));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        let base = match (&self.base_url, self.region) {
            (None, region) => region.unwrap_or_default().base_url().to_owned(),
            (Some(url), None) => check_url("base_url", url)?,
            // Which of the two was meant for the token is not guessed.
            (Some(_), Some(_)) => {
                return Err(problem(
                    "region",
                    "a region and a base_url are given, and requests go to one host; give one of them",
                ));
            }
        };
        let origin = origin(&base);
        Ok(Connection(Arc::new(Data {
            base_path: base.get(origin.len()..).unwrap_or_default().to_owned(),
            origin: origin.parse().map_err(|_| not_a_url("base_url", &base))?,
            base,
            headers,
            status_page: check_url("status_url", &self.status_url)?,
        })))
    }
}

fn authorization(token: &str) -> Result<HeaderValue, Error> {
    if token.is_empty() {
        return Err(problem(
            "token",
            "the access token is empty; copy it from the Developer Hub",
        ));
    }
    if token.contains(|c: char| c.is_whitespace() || c.is_control() || !c.is_ascii()) {
        return Err(problem(
            "token",
            "the access token contains a space, a line break or another character no token has; copy it again from the Developer Hub, as one line",
        ));
    }
    let mut value = header("token", &format!("Bearer {token}"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn header(field: &'static str, text: &str) -> Result<HeaderValue, Error> {
    if text.trim().is_empty() {
        return Err(problem(field, "the value is empty"));
    }
    HeaderValue::from_str(text).map_err(|_| {
        problem(
            field,
            "the value contains a line break or another character a header cannot carry",
        )
    })
}

/// Admits `https` anywhere and `http` on loopback; gives the URL without a slash at the end.
fn check_url(field: &'static str, url: &str) -> Result<String, Error> {
    let behind_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = behind_scheme.split(['/', '?', '#']).next();
    if authority.is_some_and(|authority| authority.contains('@')) {
        return Err(problem(
            field,
            "the URL carries a user name or password; leave them out, the token is sent as a header",
        ));
    }
    if field != "location" && url.contains('#') {
        return Err(problem(
            field,
            "the URL has a fragment, which is never sent; leave out the # and what follows",
        ));
    }
    let uri: Uri = url.parse().map_err(|_| not_a_url(field, url))?;
    let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
        return Err(problem(field, format!("{url:?} lacks https:// or a host")));
    };
    if field != "location" && uri.query().is_some() {
        return Err(problem(
            field,
            "the URL has a query; give the base URL alone, the token is sent as a header",
        ));
    }
    // What stands behind the host and is no port is left out by the library.
    if authority.port().is_none() && authority.as_str() != authority.host() {
        return Err(problem(field, format!("{url:?} names no port that exists")));
    }
    if *scheme == Scheme::HTTPS || (*scheme == Scheme::HTTP && is_loopback(authority.host())) {
        return Ok(url.trim_end_matches('/').to_owned());
    }
    if *scheme == Scheme::HTTP {
        return Err(problem(
            field,
            format!(
                "{url:?} would send data unencrypted; use https (http is for loopback only, such as http://127.0.0.1:8080)"
            ),
        ));
    }
    Err(problem(field, format!("{url:?} is neither https nor http")))
}

fn not_a_url(field: &'static str, url: &str) -> Error {
    let message = format!("{url:?} is not a URL; it looks like https://api.intercom.io");
    problem(field, message)
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

fn problem(field: &'static str, message: impl Into<String>) -> Error {
    let message: String = message.into();
    Error::invalid(vec![
        ErrorItem::new("parameter_invalid", message).with_field(field),
    ])
}

#[cfg(test)]
mod tests {
    use super::{Connection, Region};

    fn refused(url: &str) -> String {
        Connection::builder("secret-token")
            .base_url(url)
            .build()
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn http_is_for_loopback_only() {
        for url in [
            "http://127.0.0.1:80",
            "http://localhost:1/",
            "http://[::1]:9",
            "https://api.intercom.io",
        ] {
            assert!(
                Connection::builder("t").base_url(url).build().is_ok(),
                "{url}"
            );
        }
        insta::assert_snapshot!(refused("http://api.intercom.io"), @r#"invalid base_url: "http://api.intercom.io" would send data unencrypted; use https (http is for loopback only, such as http://127.0.0.1:8080)"#);
    }

    #[test]
    fn urls_that_are_none_are_explained() {
        insta::assert_snapshot!(refused("api.intercom.io"), @r#"invalid base_url: "api.intercom.io" lacks https:// or a host"#);
        insta::assert_snapshot!(refused("ftp://x"), @r#"invalid base_url: "ftp://x" is neither https nor http"#);
        insta::assert_snapshot!(refused("https://u:p@x"), @"invalid base_url: the URL carries a user name or password; leave them out, the token is sent as a header");
        insta::assert_snapshot!(refused("u:p@x"), @"invalid base_url: the URL carries a user name or password; leave them out, the token is sent as a header");
        insta::assert_snapshot!(refused("https://x:70000"), @r#"invalid base_url: "https://x:70000" names no port that exists"#);
        insta::assert_snapshot!(refused("https://x/#a"), @"invalid base_url: the URL has a fragment, which is never sent; leave out the # and what follows");
        insta::assert_snapshot!(refused("https://x/?a=b"), @"invalid base_url: the URL has a query; give the base URL alone, the token is sent as a header");
    }

    #[test]
    fn a_region_and_another_host_exclude_each_other() {
        let both = Connection::builder("t")
            .base_url("http://127.0.0.1:1")
            .region(Region::Eu);
        insta::assert_snapshot!(both.build().unwrap_err(), @"invalid region: a region and a base_url are given, and requests go to one host; give one of them");
    }

    #[test]
    fn a_bad_token_is_explained_and_never_shown() {
        for token in ["sec\nret", "sec ret", "secret\u{e9}", "secret\0"] {
            let error = Connection::builder(token).build().unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(
                shown.contains("token") && !shown.contains("sec\n") && !shown.contains("secret"),
                "{shown}"
            );
        }
    }
}
