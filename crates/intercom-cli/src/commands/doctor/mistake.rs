//! A base URL that cannot be that of Intercom's API.

use std::error::Error as _;

use intercom_protocol::http::StatusCode;
use intercom_protocol::{Error, Fix};

use crate::client::Settings;

/// What is wrong with the base URL.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mistake {
    /// The server has no `/me`, and its 404 does not look like Intercom's.
    NotIntercom,
    /// The server speaks HTTP without TLS.
    NoTls,
}

impl Mistake {
    pub(super) fn of(error: &Error, settings: &Settings) -> Option<Self> {
        if error.status() == Some(StatusCode::NOT_FOUND) && error.errors().is_empty() {
            return Some(Self::NotIntercom);
        }
        let is_tls = settings.base_url.starts_with("https:");
        let causes = std::iter::successors(error.source(), |&cause| cause.source());
        // Both clients' TLS reports an HTTP response as this.
        let mut causes = causes.map(ToString::to_string);
        (is_tls && causes.any(|cause| cause.contains("InvalidContentType"))).then_some(Self::NoTls)
    }

    pub(super) const fn meaning(self) -> &'static str {
        match self {
            Self::NotIntercom => "this base URL is not Intercom's API: GET /me returns 404",
            Self::NoTls => "the server does not use TLS; use http:// for a mock",
        }
    }

    pub(super) fn advice(self) -> String {
        match self {
            Self::NotIntercom => Fix::CheckRegionUrl.step().to_string(),
            Self::NoTls => {
                "Check the host and port of the base URL. Only a mock server on this machine may use plain http.".to_owned()
            }
        }
    }
}
