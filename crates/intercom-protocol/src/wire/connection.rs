//! The host that requests are sent to, and the headers that all of them carry.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT,
};
use http::uri::{self, PathAndQuery, Uri};
use http::{Method, Request};
use intercom_errors::{ErrorItem, RequestPath};

use super::body::{Body, JSON};
use super::config::{Config, Settings};
use super::expect::Expect;
use super::request::{ApiRequest, unfit};
use super::scroll_turn::{ScrollSlot, ScrollTurn};
use super::token::Tokens;
use super::url;
use super::version::{VERSION, api_version};
use crate::Error;
use crate::target::Target;

/// How the value of the header with the access token begins.
const SCHEME: &str = "Bearer ";

/// The longest path with query that the `http` crate accepts, in bytes.
const LONGEST_TARGET: usize = 65_534;

/// A checked [`Config`], shared by all calls of a client; cloning it is cheap.
///
/// The token is stored as a header value that is marked as sensitive. No `Debug` or `Display` shows it.
///
/// ```
/// use intercom_protocol::Config;
///
/// let connection = Config::new("dG9rOjEyMw==").api_version("2.14").build()?;
/// assert!(!format!("{connection:?}").contains("dG9r"));
/// # Ok::<(), intercom_protocol::Error>(())
/// ```
#[derive(Clone)]
pub struct Connection(Arc<Data>);

struct Data {
    host: Host,
    status_page: Host,
    /// `Some` if the access token can be replaced.
    tokens: Option<Tokens>,
    settings: Settings,
    scroll: ScrollSlot,
}

/// A host, and the headers of all requests to it.
#[derive(Clone)]
struct Host {
    base: String,
    /// The base without its path.
    origin: Uri,
    /// The path of the base, without a slash at the end.
    base_path: String,
    headers: HeaderMap,
}

impl Config {
    /// Checks the settings. Nothing is sent.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `configuration` that names the setting and says how to fix it. It never contains the token.
    pub fn build(self) -> Result<Connection, Error> {
        self.settings.check()?;
        Connection::new(self)
    }
}

impl Connection {
    fn new(config: Config) -> Result<Self, Error> {
        let agent = header("user_agent", &config.user_agent)?;
        let mut headers = HeaderMap::new();
        let token = config.token.as_deref().map(authorization).transpose()?;
        let (tokens, token) = match config.renewable_token {
            true => (Some(Tokens::new(token)), None),
            false => (None, token),
        };
        headers.extend(token.map(|token| (AUTHORIZATION, token)));
        headers.insert(USER_AGENT, agent.clone());
        if let Some(version) = &config.api_version {
            headers.insert(VERSION, api_version(version)?);
        }
        headers.insert(ACCEPT, HeaderValue::from_static(Expect::Json.accept()));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        let base = match &config.base_url {
            None => config.region.unwrap_or_default().base_url().to_owned(),
            Some(url) => {
                url::base("base_url", url).map_err(|why| Error::configuration("base_url", why))?
            }
        };
        if let Some(region) = config.region {
            region.check(&base, ["region", "base_url"])?;
        }
        let status_url = url::checked("status_url", &config.status_url)
            .map_err(|why| Error::configuration("status_url", why))?;
        Ok(Self(Arc::new(Data {
            host: Host::new(base, headers).map_err(|why| Error::configuration("base_url", why))?,
            status_page: Host::without_token(status_url, agent)
                .map_err(|why| Error::configuration("status_url", why))?,
            tokens,
            settings: config.settings,
            scroll: ScrollSlot::default(),
        })))
    }

    /// Returns the base URL that requests are sent to, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.0.host.base
    }

    /// Returns the host and the port of the base URL.
    pub(crate) fn server(&self) -> (&str, Option<u16>) {
        let origin = &self.0.host.origin;
        (origin.host().unwrap_or_default(), origin.port_u16())
    }

    /// Returns the version of the API that requests ask for, unless they have a header of their own.
    pub(crate) fn api_version(&self) -> Option<&str> {
        self.0.host.headers.get(VERSION)?.to_str().ok()
    }

    /// Returns whether requests carry an access token.
    #[must_use]
    pub fn has_token(&self) -> bool {
        self.tokens().is_some() || self.0.host.headers.contains_key(AUTHORIZATION)
    }

    /// Passes the access token to a function, for example to one that makes a hash of it. Returns `None` if requests carry no
    /// token, or if the client can replace it while it runs.
    ///
    /// A gate that shares one quota among processes needs it, because the quota belongs to the app that the token is from.
    ///
    /// ```
    /// use intercom_protocol::Config;
    ///
    /// let connection = Config::new("dG9rOjEyMw==").build()?;
    /// assert_eq!(connection.with_fixed_token(str::len), Some(12));
    /// assert_eq!(Config::anonymous().build()?.with_fixed_token(str::len), None);
    /// # Ok::<(), intercom_protocol::Error>(())
    /// ```
    pub fn with_fixed_token<R>(&self, function: impl FnOnce(&str) -> R) -> Option<R> {
        let value = self.0.host.headers.get(AUTHORIZATION)?;
        let token = value.to_str().ok()?.strip_prefix(SCHEME)?;
        Some(function(token))
    }

    pub(crate) fn tokens(&self) -> Option<&Tokens> {
        self.0.tokens.as_ref()
    }

    /// Returns the time limit of one attempt.
    #[must_use]
    pub fn attempt_timeout(&self) -> Duration {
        self.settings().attempt_timeout
    }

    /// Returns the time limit of connecting, which is a part of an attempt.
    #[must_use]
    pub fn connect_timeout(&self) -> Duration {
        self.settings().connect_timeout.min(self.attempt_timeout())
    }

    /// Returns the time limit of a whole call or flow, if there is one.
    #[must_use]
    pub fn total_timeout(&self) -> Option<Duration> {
        self.settings().total_timeout
    }

    /// Returns a connection to the status page, which is another host and never receives the token.
    #[must_use]
    pub fn status_page(&self) -> Self {
        self.to(self.0.status_page.clone())
    }

    /// Returns the connection and the target that follow a redirect to another host, or why it cannot be followed. The other host
    /// never receives the token.
    ///
    /// `from` is the scheme and the host that the request was sent to, if they are not those of the base URL.
    pub(crate) fn redirected(
        &self,
        from: Option<String>,
        location: &str,
    ) -> Result<(Self, Target), String> {
        let from = from.as_deref().unwrap_or(self.base_url());
        let location = location.split('#').next().unwrap_or_default();
        let same_host = location.starts_with('/') && !location.starts_with("//");
        let origin = url::origin(if same_host { from } else { location });
        let rest = match location.get(origin.len()..) {
            _ if same_host => location,
            rest => rest.unwrap_or_default(),
        };
        // The path stays as it is, because it can be signed: it may even contain an encoded slash.
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        if let Some(problem) = url::dots(&RequestPath::new(path)) {
            return Err(problem.to_owned());
        }
        let target = Target {
            method: Method::GET,
            path: if path.is_empty() { "/" } else { path }.to_owned(),
            query: query.to_owned(),
        };
        let agent = self.0.status_page.headers.get(USER_AGENT).cloned();
        let base = url::checked_location(origin, from)?;
        Ok((self.to(Host::without_token(base, agent)?), target))
    }

    /// Returns a connection to another host, which receives neither the token nor the headers of the program.
    fn to(&self, host: Host) -> Self {
        Self(Arc::new(Data {
            host,
            status_page: self.0.status_page.clone(),
            tokens: None,
            settings: Settings {
                attempt_headers: None,
                ..self.0.settings.clone()
            },
            scroll: ScrollSlot::default(),
        }))
    }

    /// Returns the right to read a scroll, or `None` if another walk has it.
    pub(crate) fn scroll_turn(&self) -> Option<ScrollTurn> {
        self.0.scroll.take()
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Returns the HTTP request that carries out `request`, with an absolute URI, all headers and the body.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `invalid` if the request was built from invalid values.
    pub fn http_request(&self, request: &ApiRequest) -> Result<Request<bytes::Bytes>, Error> {
        let invalid = |items| Error::invalid(items).with_target(request.target.clone());
        if let Some(complete) = &request.complete {
            request.check().map_err(invalid)?;
            let why =
                "the URL is not valid with this path and query; encode special characters as %XX";
            let http = complete.request(request);
            return http.ok_or_else(|| invalid(vec![unfit("path", why)]));
        }
        let uri = self.uri(request).map_err(invalid)?;
        let mut http = Request::new(request.body().cloned().unwrap_or_default());
        *http.method_mut() = request.method().clone();
        *http.uri_mut() = uri;
        let headers = http.headers_mut();
        headers.clone_from(&self.0.host.headers);
        let token = self.tokens().and_then(|tokens| tokens.current().value);
        headers.extend(token.map(|token| (AUTHORIZATION, token)));
        let accept = request.expect().accept();
        if headers.get(ACCEPT).is_none_or(|value| value != accept) {
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
        }
        if request.receiver().is_some() {
            // Ranges count the bytes of the encoded body, and a file may be compressed already.
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        let writes = [Method::POST, Method::PUT, Method::PATCH].contains(request.method());
        let of_body = request.body.as_ref().map(Body::content_type);
        if let Some(content_type) = of_body.or_else(|| writes.then_some(JSON)) {
            headers.insert(CONTENT_TYPE, content_type);
        }
        for (name, value) in request.headers() {
            headers.insert(name.clone(), value.clone());
        }
        Ok(http)
    }

    /// Returns the URI of a request. The host is parsed once and shared by all requests.
    fn uri(&self, request: &ApiRequest) -> Result<Uri, Vec<ErrorItem>> {
        let host = &self.0.host;
        let target = request.appended_to(&host.base_path);
        // This check comes first, because the other checks would report an invalid character.
        if target.len() > LONGEST_TARGET {
            let message = format!(
                "the path and the query are {} bytes long; they may be at most {LONGEST_TARGET} bytes",
                target.len()
            );
            return Err(vec![unfit("path", message)]);
        }
        request.check()?;
        let mut parts = uri::Parts::from(host.origin.clone());
        parts.path_and_query = PathAndQuery::try_from(target).ok();
        // The path has already been checked. The message leaves out the query, because it can contain personal data.
        let uri = parts
            .path_and_query
            .is_some()
            .then(|| Uri::from_parts(parts));
        uri.and_then(Result::ok).ok_or_else(|| {
            let why = "the query contains a character that is not allowed in a query, like a space; encode it as %XX";
            vec![unfit("query", why)]
        })
    }
}

impl Host {
    fn new(base: String, headers: HeaderMap) -> Result<Self, String> {
        let origin = url::origin(&base);
        Ok(Self {
            base_path: base.get(origin.len()..).unwrap_or_default().to_owned(),
            origin: origin
                .parse()
                .map_err(|_| url::not_a_url("the base URL", &base))?,
            base,
            headers,
        })
    }

    fn without_token(base: String, agent: impl Into<Option<HeaderValue>>) -> Result<Self, String> {
        let headers = agent.into().map(|agent| (USER_AGENT, agent));
        Self::new(base, headers.into_iter().collect())
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("base_url", &self.0.host.base)
            .field("token", &format_args!("redacted"))
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}

/// What is wrong with a token, after its name; the token is never shown.
pub(super) fn token_problem(token: &str) -> Option<&'static str> {
    if token.is_empty() {
        Some("is empty; copy it from the Developer Hub")
    } else if token.contains(|c: char| c.is_whitespace() || c.is_control() || !c.is_ascii()) {
        Some(
            "contains a space, a line break or another invalid character; copy it again from the Developer Hub, as one line",
        )
    } else {
        None
    }
}

pub(crate) fn authorization(token: &str) -> Result<HeaderValue, Error> {
    if let Some(why) = token_problem(token) {
        let why = format!("the access token {why}");
        return Err(Error::configuration("token", why));
    }
    let mut value = header("token", &format!("{SCHEME}{token}"))?;
    value.set_sensitive(true);
    Ok(value)
}

pub(super) fn header(field: &'static str, text: &str) -> Result<HeaderValue, Error> {
    if text.trim().is_empty() {
        return Err(Error::configuration(field, format!("{field} is empty")));
    }
    HeaderValue::from_str(text).map_err(|_| {
        Error::configuration(
            field,
            format!(
                "{field} contains a line break or another character that a header cannot contain"
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use crate::{ApiRequest, Config, Region};

    fn refused(url: &str) -> String {
        Config::new("secret-token")
            .base_url(url)
            .build()
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn http_is_accepted_only_for_loopback() {
        for url in [
            "http://127.0.0.1:80",
            "http://localhost:1/",
            "http://[::1]:9",
            "https://api.intercom.io",
        ] {
            assert!(Config::new("t").base_url(url).build().is_ok(), "{url}");
        }
        insta::assert_snapshot!(refused("http://api.intercom.io"), @r#"invalid configuration: base_url "http://api.intercom.io" would send data unencrypted; use https (http is allowed only on loopback, like http://127.0.0.1:8080)"#);
    }

    #[test]
    fn the_error_of_an_invalid_url_says_what_is_wrong() {
        insta::assert_snapshot!(refused("api.intercom.io"), @"invalid configuration: base_url is missing https://; use a URL like https://api.intercom.io");
        insta::assert_snapshot!(refused("ftp://x"), @r#"invalid configuration: base_url "ftp://x" uses neither https nor http"#);
        insta::assert_snapshot!(refused("https://u:p@x"), @"invalid configuration: base_url contains a user name or password; remove them, because the token is sent in a header");
        insta::assert_snapshot!(refused("u:p@x"), @"invalid configuration: base_url contains a user name or password; remove them, because the token is sent in a header");
        insta::assert_snapshot!(refused("https://x:70000"), @r#"invalid configuration: base_url "https://x:70000" has an invalid port"#);
        insta::assert_snapshot!(refused("https://x/#a"), @"invalid configuration: base_url has a fragment, which is never sent; remove the # and everything after it");
        insta::assert_snapshot!(refused("https://x/?a=b"), @"invalid configuration: base_url has a query; remove the ? and everything after it");
    }

    #[test]
    fn a_base_url_may_have_a_path_but_not_a_version() {
        let allowed = |url| Config::new("t").base_url(url).build().is_ok();
        for url in [
            "https://x.example/intercom",
            "https://x.example/intercom/v2",
            "https://x.example/v2/intercom",
            "https://x.example/version2",
            "https://x.example/v",
        ] {
            assert!(allowed(url), "{url}");
        }
        for url in [
            "https://api.intercom.io/v2",
            "https://api.intercom.io/V2.14/",
            "https://api.intercom.io/2.14",
            "https://api.intercom.io/2",
            "https://api.intercom.io//2.14",
        ] {
            assert!(!allowed(url), "{url}");
        }
        insta::assert_snapshot!(refused("https://api.intercom.io/v2/"), @"invalid configuration: base_url ends in the API version /v2; remove it, and set api_version instead, to a value like 2.14");
        let page = Config::new("t").status_url("https://status.example/v2");
        assert!(page.build().is_ok());
    }

    #[test]
    fn a_region_with_the_url_of_another_host_is_refused() {
        let both = Config::new("t")
            .base_url("http://127.0.0.1:1")
            .region(Region::Eu);
        insta::assert_snapshot!(both.build().unwrap_err(), @"invalid configuration: region and base_url name different hosts; set only one of them");
    }

    #[test]
    fn the_error_of_a_path_that_is_too_long_names_the_length() {
        let connection = Config::new("t").build().unwrap();
        let sent = |request| connection.http_request(&request).map(drop);
        let long = "\u{e9}".repeat(40_000);
        let cases = [
            ApiRequest::get("/contacts").segment(&long),
            ApiRequest::get("/contacts").query("a", &long),
            ApiRequest::get(&format!("/{long}")),
        ];
        for request in cases {
            let error = sent(request).unwrap_err();
            assert_eq!(error.errors()[0].field(), Some("path"));
            let shown = error.to_string();
            assert!(shown.contains("at most 65534 bytes"), "{}", &shown[..100]);
        }
        let most = "x".repeat(65_533);
        sent(ApiRequest::get(&format!("/{most}"))).unwrap();
        sent(ApiRequest::get(&format!("/{most}x"))).unwrap_err();
    }

    #[test]
    fn the_error_of_a_bad_token_does_not_show_the_token() {
        for token in ["sec\nret", "sec ret", "secret\u{e9}", "secret\0"] {
            let error = Config::new(token).build().unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(
                shown.contains("token") && !shown.contains("sec\n") && !shown.contains("secret"),
                "{shown}"
            );
        }
    }
}
