//! Responses of what stands between a client and the API.

use super::Scripted;

const CAPTCHA: &str = "<!DOCTYPE html><html><head><title>Human Verification</title></head><body><h1>JavaScript is disabled</h1>\
    In order to continue, you need to verify that you are not a robot by solving a CAPTCHA puzzle.</body></html>";

const BLOCK_PAGE: &str = "<!DOCTYPE html><html><head><title>Access denied</title></head><body>\
    Your organization has blocked access to this site.</body></html>";

/// These responses have no `X-Request-Id` and no quota, because the API never sees the request.
impl Scripted {
    /// Creates the response of a web application firewall that demands a captcha: a 405 with a page.
    ///
    /// ```
    /// use intercom_mock::{Method, MockServer, Scripted};
    ///
    /// let server = MockServer::start()?;
    /// server.script(Method::GET, "*", [Scripted::captcha(), Scripted::challenge()]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn captcha() -> Self {
        Self::page(405, CAPTCHA).header("x-amzn-waf-action", "captcha")
    }

    /// Creates the response of a web application firewall that sends a challenge to the browser: an empty 202.
    #[must_use]
    pub fn challenge() -> Self {
        Self::status(202)
            .header("x-amzn-waf-action", "challenge")
            .without_header("x-request-id")
    }

    /// Creates the 403 page of a filter in a network.
    #[must_use]
    pub fn block_page() -> Self {
        Self::page(403, BLOCK_PAGE)
    }

    /// Creates the 407 of a proxy that requires a user name and a password.
    #[must_use]
    pub fn proxy_login() -> Self {
        Self::status(407)
            .header("proxy-authenticate", "Basic realm=\"proxy\"")
            .header("via", "1.1 proxy")
            .without_header("x-request-id")
    }

    fn page(status: u16, page: &'static str) -> Self {
        Self::status(status)
            .body(page)
            .header("content-type", "text/html; charset=UTF-8")
            .without_header("x-request-id")
    }
}
