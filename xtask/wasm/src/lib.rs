//! An Intercom client for JavaScript: `intercom-async` on `fetch` and `setTimeout`.
//!
//! It is tested in Node, and uses nothing that a worker or a browser lacks. A web page must not contain an access token: in a
//! browser, send to a proxy of your own, which adds it.
//!
//! ```js
//! const intercom = new Intercom(token);
//! const contact = await intercom.findOrCreate("ada@example.org");
//! console.log(contact.outcome, contact.id);
//! ```

#![cfg(target_arch = "wasm32")]

mod fetch;
mod timer;

use intercom_async::{ApiRequest, Client, NewContact};
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

use crate::fetch::FetchTransport;
use crate::timer::JsTimer;

/// A client. Each call waits for the rate limit and retries by itself.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Intercom(Client);

/// A contact, and how it was obtained.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug)]
pub struct Resolved {
    /// The contact's id.
    pub id: String,
    /// `found`, `created` or `existing`.
    pub outcome: String,
}

#[wasm_bindgen]
impl Intercom {
    /// Makes a client. Without a base URL, it sends to Intercom's host in the United States.
    #[wasm_bindgen(constructor)]
    pub fn new(token: String, base_url: Option<String>) -> Result<Self, JsError> {
        let mut builder = Client::builder(token);
        if let Some(base_url) = base_url {
            builder = builder.base_url(base_url);
        }
        Ok(Self(builder.build_with(FetchTransport::new()?, JsTimer)?))
    }

    /// Finds the user with this email address, or creates it.
    #[wasm_bindgen(js_name = findOrCreate)]
    pub async fn find_or_create(&self, email: String) -> Result<Resolved, JsError> {
        let wanted = NewContact::user().email(email);
        let resolved = self.0.contacts().find_or_create(&wanted).await?;
        Ok(Resolved {
            id: resolved.contact().id().to_owned(),
            outcome: resolved.outcome().to_string(),
        })
    }

    /// Calls any endpoint, and returns the JSON of its response.
    pub async fn call(
        &self,
        method: String,
        path: String,
        json: Option<String>,
    ) -> Result<String, JsError> {
        let mut request = ApiRequest::new(method.parse()?, &path);
        if let Some(json) = json {
            request = request.json_bytes(json);
        }
        let reply = self.0.execute(request).await?;
        Ok(String::from_utf8_lossy(reply.body()).into_owned())
    }
}
