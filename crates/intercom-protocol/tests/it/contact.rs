//! Contacts as they are read and written.

use intercom_protocol::client::{Blocking, Contacts};
use intercom_protocol::{Contact, ContactQuery, NewContact, Role};
use serde_json::{Value, json};

use crate::scripted::{ScriptedCaller, json_response};

#[test]
fn contact_has_the_members_that_the_server_sent() {
    let sent = r#"{"id":"5f1","role":"lead","email":"a@b.c","external_id":"7","name":"Ada","archived":true,"more":[1]}"#;
    let contact: Contact = serde_json::from_str(sent).unwrap();
    assert_eq!((contact.id(), contact.role()), ("5f1", Some("lead")));
    assert_eq!(
        (contact.email(), contact.external_id()),
        (Some("a@b.c"), Some("7"))
    );
    assert_eq!((contact.name(), contact.is_archived()), (Some("Ada"), true));
    assert_eq!(contact.as_json(), sent);
    assert_eq!(format!("{contact:?}"), r#"Contact { id: "5f1", .. }"#);
    let other: Contact = serde_json::from_str(r#"{"id":"5f1","name":null}"#).unwrap();
    assert_eq!((other.name(), other.is_archived()), (None, false));
}

#[test]
fn value_that_is_not_a_contact_is_named() {
    let error = serde_json::from_str::<Contact>("7").unwrap_err();
    assert!(error.to_string().contains("expected a contact"), "{error}");
}

#[test]
fn contact_to_create_is_read_from_json_and_written_as_such() {
    let text = r#"{"role":"lead","email":"a@b.c","phone":"1","custom_attributes":{"plan":"pro","gone":null}}"#;
    let read: NewContact = serde_json::from_str(text).unwrap();
    let made = NewContact::lead()
        .email("a@b.c")
        .phone("1")
        .attribute("plan", "pro");
    assert!(read == made);
    let written = json!({ "role": "lead", "email": "a@b.c", "phone": "1", "custom_attributes": { "plan": "pro" } });
    assert_eq!(serde_json::to_value(&made).unwrap(), written);
    let role = |json: &str| serde_json::from_str::<NewContact>(json).map(|it| it.role());
    assert_eq!(role("{}").unwrap(), Role::User);
    assert_eq!(role(r#"{"role":null}"#).unwrap(), Role::User);
    let error = role(r#"{"role":"boss"}"#).unwrap_err().to_string();
    assert!(error.contains("use user or lead"), "{error}");
}

#[test]
fn debug_of_contacts_and_searches_shows_no_values() {
    let made = NewContact::lead().email("planted@x.org");
    assert_eq!(format!("{made:?}"), "NewContact { role: Lead, .. }");
    let query = ContactQuery::new()
        .equals("email", "planted@x.org")
        .per_page(7);
    assert_eq!(
        format!("{query:?}"),
        "ContactQuery { conditions: 1, per_page: Some(7) }"
    );
}

/// A walk asks for large pages, unless the program has set another size.
#[test]
fn walk_over_a_search_has_the_size_of_its_pages() {
    let size = |query: &ContactQuery| {
        let list = json!({ "type": "list", "data": [] });
        let caller = ScriptedCaller::new([json_response(200, &list)]);
        let mut walk = Contacts::<_, Blocking>::new(&caller).walk_search(query);
        assert!(walk.next().is_none());
        let body: Value = serde_json::from_slice(caller.requests()[0].body()).unwrap();
        body["pagination"]["per_page"].as_u64()
    };
    let query = ContactQuery::new().equals("role", "user");
    assert_eq!(size(&query), Some(150));
    assert_eq!(size(&query.per_page(20)), Some(20));
}

#[test]
fn attribute_must_be_a_finite_number() {
    let check = |value: f64| NewContact::lead().attribute("score", value).check().is_ok();
    assert!(check(1.5) && !check(f64::INFINITY) && !check(f64::NAN));
}

#[test]
fn attribute_may_have_a_text_of_255_characters() {
    let check = |length| {
        NewContact::lead()
            .attribute("note", "x".repeat(length))
            .check()
            .is_ok()
    };
    assert!(check(255) && !check(256));
}
