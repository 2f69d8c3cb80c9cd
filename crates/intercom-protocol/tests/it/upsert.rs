//! Every outcome of `upsert`.

use intercom_protocol::flows::{Change, OnArchived, Upserted, upsert};
use intercom_protocol::{Error, ErrorKind, Fault, FaultKind, NewContact, ready};
use serde_json::{Value, json};

use crate::scripted::{Exchange, ScriptedCaller, json_response, refusal, response_with};

const ID: &str = "5f1e7e3a5f1e7e3a5f1e7e3a";
const OTHER: &str = "6f1e7e3a5f1e7e3a5f1e7e3a";

/// The wanted contact.
fn ada() -> NewContact {
    NewContact::user()
        .email("Ada@Example.org")
        .external_id("42")
        .name("Ada")
        .attribute("plan", "pro")
        .attribute("seats", 3)
}

/// The contact that is as wanted.
fn same() -> Value {
    json!({
        "type": "contact", "id": ID, "role": "user", "email": "ada@example.org", "external_id": "42", "name": "Ada",
        "phone": "+1 555", "archived": false, "custom_attributes": { "plan": "pro", "seats": 3.0, "since": 1 },
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut contact = same();
    contact
        .as_object_mut()
        .unwrap()
        .insert(name.to_owned(), value);
    contact
}

fn read(contact: &Value) -> Exchange {
    json_response(200, contact)
}

fn hits(contacts: &[Value]) -> Exchange {
    json_response(200, &json!({ "type": "list", "data": contacts }))
}

fn conflict(archived: bool) -> Exchange {
    let kind = if archived { "An archived" } else { "A" };
    let message = format!("{kind} contact matching those details already exists with id={ID}");
    refusal(409, "conflict", &message)
}

fn gone() -> Exchange {
    refusal(404, "not_found", "User Not Found")
}

fn run(caller: &ScriptedCaller) -> Result<Upserted, Error> {
    ready(upsert(caller, &ada(), OnArchived::Unarchive)).unwrap()
}

/// What was done, the updated fields, and the requests after the search.
fn done(exchanges: Vec<Exchange>) -> (Change, Vec<String>, Vec<String>) {
    let caller = ScriptedCaller::new(exchanges);
    let upserted = run(&caller).unwrap();
    assert_eq!(upserted.contact().id(), ID);
    let mut sent = caller.sent();
    assert_eq!(sent.remove(0), "POST /contacts/search");
    let fields = upserted.fields().to_vec();
    (upserted.change(), fields, sent)
}

/// The body of the only PUT, after the search found a contact that now is as given.
fn updated(now: &Value) -> Value {
    let caller = ScriptedCaller::new([hits(&[same()]), read(now), read(&same())]);
    assert_eq!(run(&caller).unwrap().change(), Change::Updated);
    assert_eq!(caller.sent().last(), Some(&format!("PUT /contacts/{ID}")));
    serde_json::from_slice(caller.requests().last().unwrap().body()).unwrap()
}

#[test]
fn contact_that_does_not_exist_is_created() {
    let (change, fields, sent) = done(vec![hits(&[]), read(&same())]);
    assert_eq!((change, fields.len()), (Change::Created, 0));
    assert_eq!(sent, ["POST /contacts"]);
}

#[test]
fn contact_that_is_as_wanted_is_left_alone() {
    let (change, fields, sent) = done(vec![hits(&[same()]), read(&same())]);
    assert_eq!((change, fields.len()), (Change::Unchanged, 0));
    assert_eq!(sent, [format!("GET /contacts/{ID}")]);
}

#[test]
fn outdated_search_index_does_not_decide_what_is_updated() {
    let old = with("name", json!("Old"));
    assert_eq!(done(vec![hits(&[old]), read(&same())]).0, Change::Unchanged);
}

#[test]
fn only_fields_that_differ_are_sent() {
    for (name, value, body) in [
        ("name", json!("Bea"), json!({ "name": "Ada" })),
        ("name", Value::Null, json!({ "name": "Ada" })),
        ("external_id", Value::Null, json!({ "external_id": "42" })),
        // The external id says who it is.
        (
            "email",
            json!("old@example.org"),
            json!({ "email": "Ada@Example.org" }),
        ),
        (
            "custom_attributes",
            json!({ "plan": "free", "seats": 3 }),
            json!({ "custom_attributes": { "plan": "pro" } }),
        ),
        (
            "custom_attributes",
            json!({}),
            json!({ "custom_attributes": { "plan": "pro", "seats": 3 } }),
        ),
        (
            "custom_attributes",
            json!({ "plan": "pro", "seats": "3" }),
            json!({ "custom_attributes": { "seats": 3 } }),
        ),
        (
            "custom_attributes",
            json!({ "plan": "pro", "seats": 3.5 }),
            json!({ "custom_attributes": { "seats": 3 } }),
        ),
    ] {
        assert_eq!(updated(&with(name, value.clone())), body, "{name} {value}");
    }
    let (change, fields, _) = done(vec![
        hits(&[same()]),
        read(&json!({ "id": ID, "external_id": "42" })),
        read(&same()),
    ]);
    let expected = [
        "custom_attributes.plan",
        "custom_attributes.seats",
        "email",
        "name",
    ];
    assert_eq!(
        (change, fields),
        (Change::Updated, expected.map(str::to_owned).to_vec())
    );
}

#[test]
fn contact_of_a_conflict_is_updated() {
    let old = with("name", json!("Old"));
    let exchanges = vec![hits(&[]), conflict(false), read(&old), read(&same())];
    let (change, fields, sent) = done(exchanges);
    assert_eq!((change, fields), (Change::Updated, vec!["name".to_owned()]));
    assert_eq!(sent.last(), Some(&format!("PUT /contacts/{ID}")));
}

#[test]
fn contact_created_by_an_attempt_without_a_response_is_unchanged() {
    let lost = Err(Fault::outcome_unknown(FaultKind::Closed));
    let exchanges = vec![hits(&[]), lost, conflict(false), read(&same())];
    assert_eq!(done(exchanges).0, Change::Unchanged);
}

#[test]
fn archived_contact_is_unarchived_and_updated() {
    let stub = || read(&json!({ "id": ID, "archived": false }));
    let exchanges = vec![hits(&[]), conflict(true), stub(), read(&same())];
    assert_eq!(done(exchanges).0, Change::Unarchived);

    let old = with("name", json!("Old"));
    let exchanges = vec![hits(&[]), conflict(true), stub(), read(&old), read(&same())];
    let (change, fields, _) = done(exchanges);
    assert_eq!(
        (change, fields),
        (Change::Unarchived, vec!["name".to_owned()])
    );

    // It was archived after it was indexed.
    let archived = with("archived", json!(true));
    let exchanges = vec![hits(&[same()]), read(&archived), stub(), read(&same())];
    assert_eq!(done(exchanges).0, Change::Unarchived);
}

#[test]
fn failed_update_of_an_unarchived_contact_may_have_been_applied() {
    let stub = read(&json!({ "id": ID, "archived": false }));
    let old = read(&with("name", json!("Old")));
    let refused = refusal(422, "parameter_invalid", "no");
    let caller = ScriptedCaller::new([hits(&[]), conflict(true), stub, old, refused]);
    let error = run(&caller).unwrap_err();
    assert!(error.may_have_been_applied() && error.status().unwrap() == 422);
}

#[test]
fn contact_that_is_refused_stays_as_it_is() {
    let archived = with("archived", json!(true));
    for (archived, exchanges) in [
        (OnArchived::Refuse, vec![hits(&[]), conflict(true)]),
        (
            OnArchived::Unarchive,
            vec![hits(&[with("external_id", json!("41"))])],
        ),
        (
            OnArchived::Unarchive,
            vec![
                hits(&[]),
                conflict(false),
                read(&with("role", json!("lead"))),
            ],
        ),
        (OnArchived::Refuse, vec![hits(&[same()]), read(&archived)]),
    ] {
        let caller = ScriptedCaller::new(exchanges);
        let error = ready(upsert(&caller, &ada(), archived))
            .unwrap()
            .unwrap_err();
        assert!(
            !caller.sent().iter().any(|sent| sent.starts_with("PUT")),
            "{error}"
        );
        assert!(
            error.is_conflict() || error.kind() == ErrorKind::Mismatch,
            "{error}"
        );
        assert!(!error.may_have_been_applied(), "{error}");
    }
}

#[test]
fn archived_contact_is_updated_as_it_is_on_request() {
    let archived = with("archived", json!(true));
    let old = with("name", json!("Old"));
    let caller = ScriptedCaller::new([hits(&[]), conflict(true), read(&old), read(&archived)]);
    let upserted = ready(upsert(&caller, &ada(), OnArchived::Return))
        .unwrap()
        .unwrap();
    assert_eq!(
        (upserted.change(), upserted.contact().is_archived()),
        (Change::Updated, true)
    );
}

#[test]
fn email_of_another_contact_is_a_conflict() {
    let other = with("email", json!("old@example.org"));
    let message = format!("A contact matching those details already exists with id={OTHER}");
    let refused = refusal(409, "conflict", &message);
    let caller = ScriptedCaller::new([hits(std::slice::from_ref(&other)), read(&other), refused]);
    let error = run(&caller).unwrap_err();
    assert_eq!(error.api().unwrap().existing_contact().unwrap().id(), OTHER);
}

#[test]
fn contact_that_vanishes_meanwhile_is_created_again() {
    // Between the search and the read.
    let exchanges = vec![hits(&[same()]), gone(), read(&same())];
    assert_eq!(done(exchanges).0, Change::Created);
    // Another caller is faster.
    let exchanges = vec![hits(&[same()]), gone(), conflict(false), read(&same())];
    assert_eq!(done(exchanges).0, Change::Unchanged);
    // Between the read and the update.
    let old = || with("name", json!("Old"));
    let exchanges = vec![
        hits(&[old()]),
        read(&old()),
        gone(),
        hits(&[]),
        read(&same()),
    ];
    assert_eq!(done(exchanges).0, Change::Created);
    // It vanishes each time: the second error is the result.
    let round = || [hits(&[old()]), read(&old()), gone()];
    let caller = ScriptedCaller::new(round().into_iter().chain(round()));
    assert!(run(&caller).unwrap_err().is_not_found());
}

#[test]
fn merged_contact_leads_to_the_other_one() {
    let merged = || {
        let body = json!({ "type": "error.list", "errors": [{ "code": "contact_merged", "message": "" }] });
        let link = format!("</contacts/{ID}>; rel=\"canonical\"");
        response_with(410, &[("link", &link)], &body.to_string())
    };
    let old = json!({ "id": OTHER, "role": "user", "email": "ada@example.org" });
    let exchanges = vec![hits(std::slice::from_ref(&old)), merged(), read(&same())];
    assert_eq!(done(exchanges).0, Change::Unchanged);
    // If that one has another external id, it is left alone.
    let else_is = with("external_id", json!("7"));
    let caller = ScriptedCaller::new([hits(&[old]), merged(), read(&else_is)]);
    assert_eq!(run(&caller).unwrap_err().kind(), ErrorKind::Mismatch);
}

#[test]
fn invalid_contact_is_not_sent() {
    let caller = ScriptedCaller::new([]);
    let wanted = NewContact::user().email("ada");
    let error = ready(upsert(&caller, &wanted, OnArchived::Unarchive))
        .unwrap()
        .unwrap_err();
    assert_eq!((error.kind(), caller.sent().len()), (ErrorKind::Invalid, 0));
}

/// The e-mail can be changed only if the external id says who it is.
#[test]
fn contact_with_another_email_and_an_id_that_was_not_asked_for_is_a_mismatch() {
    let other = read(&with("email", json!("other@example.org")));
    let caller = ScriptedCaller::new([hits(&[]), conflict(false), other]);
    let wanted = NewContact::user().email("ada@example.org");
    let error = ready(upsert(&caller, &wanted, OnArchived::Unarchive)).unwrap();
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Mismatch);
}
