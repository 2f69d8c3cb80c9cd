//! Finding a contact by its id, and creating one.

use intercom_retry::Replay;

use super::{Outcome, Resolved};
use crate::{ApiRequest, Caller, Contact, Error, NewContact, Reply, Role};

/// How many merges are followed. Intercom documents the same limit for the merges that it resolves itself.
const HOPS: usize = 3;

/// Reads a contact by its id. Returns `None` if it does not exist.
///
/// For a contact that was merged into another one, Intercom responds with a 410 that links to the other one. The link is
/// followed.
///
/// # Errors
///
/// Any [`Error`] of the calls except "not found".
pub async fn find<C: Caller>(caller: &C, id: &str) -> Result<Option<Resolved>, Error> {
    Ok(read(caller, id).await?.map(|(found, _)| found))
}

/// Like [`find`], with the response that contained the contact.
pub(super) async fn read<C: Caller>(
    caller: &C,
    id: &str,
) -> Result<Option<(Resolved, Reply)>, Error> {
    follow(caller, by_id(id)).await
}

/// Reads a contact by its external id, which your own system assigns. Returns `None` if it does not exist.
///
/// A merge is followed as in [`find`].
///
/// # Errors
///
/// Any [`Error`] of the calls except "not found".
pub async fn find_by_external_id<C: Caller>(
    caller: &C,
    external_id: &str,
) -> Result<Option<Resolved>, Error> {
    let request = ApiRequest::get("/contacts/find_by_external_id").segment(external_id);
    Ok(follow(caller, request).await?.map(|(found, _)| found))
}

/// The request that creates a contact, without its body.
pub(super) fn creation() -> ApiRequest {
    ApiRequest::post("/contacts")
}

fn by_id(id: &str) -> ApiRequest {
    ApiRequest::get("/contacts").segment(id)
}

/// Reads a contact, or the one it was merged into.
async fn follow<C: Caller>(
    caller: &C,
    mut request: ApiRequest,
) -> Result<Option<(Resolved, Reply)>, Error> {
    let mut outcome = Outcome::Found;
    let mut hops = 0..HOPS;
    loop {
        let error = match caller.call(request.clone()).await {
            Ok(reply) => return Ok(Some((Resolved::new(reply.json()?, outcome), reply))),
            Err(error) => error,
        };
        let into = error.api().and_then(|api| api.merged_into()).map(by_id);
        match into {
            _ if error.is_not_found() => return Ok(None),
            Some(into) if into.path() != request.path() && hops.next().is_some() => request = into,
            _ => return Err(error),
        }
        outcome = Outcome::Merged;
    }
}

/// Creates a contact.
///
/// # Errors
///
/// Kind `invalid`, before anything is sent, if the contact exceeds a documented limit; otherwise any [`Error`] of the call. One
/// of these is the conflict with an existing contact. [`existing_contact`](intercom_errors::ApiError::existing_contact) names
/// that contact.
pub async fn create<C: Caller>(caller: &C, contact: &NewContact) -> Result<Contact, Error> {
    contact
        .check()
        .map_err(|error| error.or_request(creation))?;
    // A user's e-mail and external id are unique, so a retry gets a 409 that names the contact. Retrying a lead would create a second one.
    let replay = match contact.role {
        Role::User => Replay::Idempotent,
        Role::Lead => Replay::No,
    };
    caller
        .call(creation().json(contact).with_replay(replay))
        .await?
        .json()
}
