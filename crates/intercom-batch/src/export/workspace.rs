//! The workspace of the access token.

use intercom_protocol::{ApiRequest, Caller, Error};
use serde::Deserialize;

/// What `/me` says about the workspace.
#[derive(Deserialize)]
struct Me {
    #[serde(default)]
    app: App,
}

#[derive(Default, Deserialize)]
struct App {
    id_code: Option<String>,
}

/// Reads the id of the workspace from `/me`; `None` if it is not there.
pub(super) async fn workspace<C: Caller>(caller: &C) -> Result<Option<String>, Error> {
    let me: Me = caller.call(ApiRequest::get("/me")).await?.json()?;
    Ok(me.app.id_code)
}
