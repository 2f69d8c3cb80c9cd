//! The settings that are read from environment variables.

use std::ffi::OsString;

use intercom_errors::UnknownName;

use super::config::Config;
use super::connection;
use super::url;
use crate::Error;

const TOKEN: &str = "INTERCOM_ACCESS_TOKEN";
const BASE_URL: &str = "INTERCOM_BASE_URL";
const REGION: &str = "INTERCOM_REGION";

const ACCESS_TOKEN: &str = "an access token from the Developer Hub";

impl Config {
    /// Creates the default settings, changed by these environment variables:
    ///
    /// | variable | setting |
    /// |---|---|
    /// | `INTERCOM_ACCESS_TOKEN` | the access token; it must be set |
    /// | `INTERCOM_BASE_URL` | [`base_url`](Self::base_url) |
    /// | `INTERCOM_REGION` | [`region`](Self::region): `us`, `eu` or `au` |
    ///
    /// The clients' `from_env` reads them from the environment of the process.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `configuration` that names the variable, if the token is not set, a variable is empty or not UTF-8,
    /// the base URL or the region is invalid, or the two name different hosts. It never contains the token.
    ///
    /// ```
    /// use intercom_protocol::Config;
    ///
    /// let config = Config::from_vars(|name| match name {
    ///     "INTERCOM_ACCESS_TOKEN" => Some("dG9rOjEyMw==".into()),
    ///     "INTERCOM_REGION" => Some("eu".into()),
    ///     _ => None,
    /// })?;
    /// assert_eq!(config.build()?.base_url(), "https://api.eu.intercom.io");
    ///
    /// let error = Config::from_vars(|_| None).unwrap_err();
    /// assert_eq!(error.errors()[0].field(), Some("INTERCOM_ACCESS_TOKEN"));
    /// # Ok::<(), intercom_protocol::Error>(())
    /// ```
    pub fn from_vars(mut variable: impl FnMut(&str) -> Option<OsString>) -> Result<Self, Error> {
        let mut read = |name, wanted| text(name, variable(name), wanted);
        let token = read(TOKEN, ACCESS_TOKEN)?;
        let token = token.ok_or_else(|| unusable(TOKEN, "not set", ACCESS_TOKEN))?;
        if let Some(why) = connection::token_problem(&token) {
            return Err(Error::configuration(TOKEN, format!("{TOKEN} {why}")));
        }
        let mut config = Self::new(token);
        config.base_url = read(BASE_URL, "a URL like https://api.intercom.io, or unset it")?;
        if let Some(name) = read(REGION, "us, eu or au, or unset it")? {
            // The value is not repeated, because it can be a token in the wrong variable.
            let unknown =
                |why: UnknownName| Error::configuration(REGION, format!("{REGION}: {why}"));
            config.region = Some(name.parse().map_err(unknown)?);
        }
        if let Some(url) = &config.base_url {
            url::base(BASE_URL, url).map_err(|why| Error::configuration(BASE_URL, why))?;
            if let Some(region) = config.region {
                region.check(url, [REGION, BASE_URL])?;
            }
        }
        Ok(config)
    }
}

fn text(name: &str, value: Option<OsString>, wanted: &str) -> Result<Option<String>, Error> {
    match value.map(OsString::into_string) {
        None => Ok(None),
        Some(Ok(text)) if text.is_empty() => Err(unusable(name, "empty", wanted)),
        Some(Ok(text)) => Ok(Some(text)),
        Some(Err(_)) => Err(unusable(name, "not UTF-8", wanted)),
    }
}

fn unusable(name: &str, what: &str, wanted: &str) -> Error {
    Error::configuration(name, format!("{name} is {what}; set it to {wanted}"))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use crate::{Config, Error};

    const SECRET: &str = "dG9rOnBsYW50ZWQ=";

    /// The settings with a token, this base URL and this region.
    fn config(url: Option<&str>, region: Option<&str>) -> Result<Config, Error> {
        Config::from_vars(|name| {
            let text = match name {
                "INTERCOM_ACCESS_TOKEN" => Some(SECRET),
                "INTERCOM_BASE_URL" => url,
                "INTERCOM_REGION" => region,
                _ => None,
            };
            text.map(OsString::from)
        })
    }

    fn base_url(url: Option<&str>, region: Option<&str>) -> String {
        let connection = config(url, region).unwrap().build().unwrap();
        connection.base_url().to_owned()
    }

    #[test]
    fn a_url_or_a_region_sets_the_base_url() {
        assert_eq!(base_url(None, None), "https://api.intercom.io");
        assert_eq!(base_url(None, Some("EU")), "https://api.eu.intercom.io");
        assert_eq!(
            base_url(Some("http://127.0.0.1:1"), None),
            "http://127.0.0.1:1"
        );
    }

    #[test]
    fn a_url_must_name_the_host_of_the_region() {
        for url in [
            "https://api.au.intercom.io",
            "https://api.au.intercom.io/",
            "https://API.au.intercom.io:443",
        ] {
            assert_eq!(base_url(Some(url), Some("au")), url.trim_end_matches('/'));
        }
        for url in [
            "https://api.intercom.io",
            "https://api.au.intercom.io.example",
            "https://api.au.intercom.io:444",
            "http://127.0.0.1:1",
        ] {
            let error = config(Some(url), Some("au")).unwrap_err();
            assert_eq!(error.errors()[0].field(), Some("INTERCOM_REGION"), "{url}");
            assert!(error.to_string().contains("INTERCOM_BASE_URL"), "{error}");
        }
    }

    #[test]
    fn an_invalid_variable_is_named_and_the_token_is_not_shown() {
        let error = |name: &str, value: OsString| {
            let variable = |requested: &str| match requested {
                _ if requested == name => Some(value.clone()),
                "INTERCOM_ACCESS_TOKEN" => Some(SECRET.into()),
                _ => None,
            };
            let error = Config::from_vars(variable).unwrap_err();
            assert_eq!(error.errors()[0].field(), Some(name));
            assert!(!format!("{error} {error:?} {:?}", error.errors()).contains("dG9r"));
            error.message().unwrap_or_default().to_owned()
        };
        for name in [
            "INTERCOM_ACCESS_TOKEN",
            "INTERCOM_BASE_URL",
            "INTERCOM_REGION",
        ] {
            assert!(error(name, OsString::new()).contains(" is empty; "));
            #[cfg(unix)]
            {
                let mut bytes = SECRET.as_bytes().to_vec();
                bytes.push(0xff);
                let value = std::os::unix::ffi::OsStringExt::from_vec(bytes);
                assert!(error(name, value).contains(" is not UTF-8; "));
            }
        }
        for name in ["INTERCOM_BASE_URL", "INTERCOM_REGION"] {
            assert!(error(name, SECRET.into()).contains(name));
        }
        let broken = format!("{SECRET}\n");
        assert!(error("INTERCOM_ACCESS_TOKEN", broken.into()).contains("a line break"));
    }
}
