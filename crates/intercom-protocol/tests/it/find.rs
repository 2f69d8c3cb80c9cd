//! Reading a contact by its id.

use http::StatusCode;
use intercom_protocol::client::{Blocking, Pages};
use intercom_protocol::flows::{Outcome, Resolved, find, find_by_external_id};
use intercom_protocol::{ApiRequest, Caller, Contact, Error, ErrorKind, ready};
use serde_json::json;

use crate::scripted::{Exchange, ScriptedCaller, json_response, refusal, response, response_with};

fn contact(id: &str) -> Exchange {
    json_response(200, &json!({ "type": "contact", "id": id }))
}

fn merged_into(id: &str) -> Exchange {
    let link = format!("</contacts/{id}>; rel=\"canonical\"");
    let body = r#"{"type":"error.list","errors":[{"code":"contact_merged","message":"This contact has been merged. See the 'Link' header for the canonical contact."}]}"#;
    response_with(410, &[("link", &link)], body)
}

fn found(caller: &ScriptedCaller, id: &str) -> Result<Option<Resolved>, Error> {
    ready(find(caller, id)).unwrap()
}

#[test]
fn a_contact_is_read_and_found() {
    let caller = ScriptedCaller::new([contact("a/b")]);
    let resolved = found(&caller, "a/b").unwrap().unwrap();
    assert_eq!(resolved.contact().id(), "a/b");
    assert_eq!(resolved.outcome(), Outcome::Found);
    assert_eq!(caller.sent(), ["GET /contacts/a%2Fb"]);
}

#[test]
fn a_contact_is_found_by_its_external_id_and_its_merge_is_followed() {
    let caller = ScriptedCaller::new([merged_into("cafe"), contact("cafe")]);
    let resolved = ready(find_by_external_id(&caller, "7/a")).unwrap();
    assert_eq!(resolved.unwrap().unwrap().outcome(), Outcome::Merged);
    assert_eq!(
        caller.sent(),
        [
            "GET /contacts/find_by_external_id/7%2Fa",
            "GET /contacts/cafe"
        ]
    );
}

#[test]
fn a_contact_that_does_not_exist_is_none() {
    let caller = ScriptedCaller::new([refusal(404, "not_found", "User Not Found")]);
    assert!(found(&caller, "a").unwrap().is_none());
}

#[test]
fn a_404_about_the_input_is_an_error() {
    let caller = ScriptedCaller::new([refusal(404, "parameter_invalid", "bad id")]);
    assert!(found(&caller, "a").unwrap_err().is_validation());
}

#[test]
fn three_merges_are_followed() {
    let caller = ScriptedCaller::new([
        merged_into("b"),
        merged_into("c"),
        merged_into("d"),
        contact("d"),
    ]);
    let resolved = found(&caller, "a").unwrap().unwrap();
    assert_eq!(resolved.contact().id(), "d");
    assert_eq!(resolved.outcome(), Outcome::Merged);
    assert_eq!(caller.sent().len(), 4);
}

#[test]
fn a_fourth_merge_is_an_error() {
    let caller = ScriptedCaller::new([
        merged_into("b"),
        merged_into("c"),
        merged_into("d"),
        merged_into("e"),
    ]);
    let error = found(&caller, "a").unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::GONE));
    assert_eq!(caller.sent().len(), 4);
}

#[test]
fn a_contact_merged_into_itself_is_an_error_after_one_request() {
    let caller = ScriptedCaller::new([merged_into("a")]);
    assert_eq!(
        found(&caller, "a").unwrap_err().status(),
        Some(StatusCode::GONE)
    );
    assert_eq!(caller.sent().len(), 1);
}

#[test]
fn two_contacts_merged_into_each_other_are_an_error() {
    let caller = ScriptedCaller::new([
        merged_into("b"),
        merged_into("a"),
        merged_into("b"),
        merged_into("a"),
    ]);
    assert_eq!(
        found(&caller, "a").unwrap_err().status(),
        Some(StatusCode::GONE)
    );
}

#[test]
fn a_link_to_another_host_is_not_followed() {
    let elsewhere = response_with(
        410,
        &[(
            "link",
            "<https://evil.example/contacts/b>; rel=\"canonical\"",
        )],
        r#"{"type":"error.list","errors":[{"code":"contact_merged"}]}"#,
    );
    let caller = ScriptedCaller::new([elsewhere, contact("b")]);
    let _ = found(&caller, "a");
    for request in caller.requests() {
        assert_eq!(request.uri().host(), Some("api.intercom.io"));
    }
}

#[test]
fn an_empty_id_is_refused_before_anything_is_sent() {
    let caller = ScriptedCaller::new([]);
    assert_eq!(found(&caller, "").unwrap_err().kind(), ErrorKind::Invalid);
}

#[test]
fn a_response_that_is_not_a_contact_is_a_decode_error() {
    let caller = ScriptedCaller::new([response(200, r#"{"id":7}"#)]);
    let error = found(&caller, "a").unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Decode, Some(StatusCode::OK))
    );
    assert!(!error.may_have_been_applied(), "reading changes nothing");
}

#[test]
fn a_contact_that_cannot_be_decoded_names_the_field() {
    #[derive(Debug, serde::Deserialize)]
    struct Wrapped {
        #[expect(dead_code, reason = "only the attempt to read it matters")]
        contact: Contact,
    }
    let broken = json!({ "type": "contact", "tags": {}, "id": "5f1", "email": 7 });
    let caller = |body| ScriptedCaller::new([json_response(200, &body)]);
    let place = |error: Error| {
        assert_eq!(error.kind(), ErrorKind::Decode);
        let line = error.to_string();
        let (_, place) = line.split_once("the requested type at ").unwrap();
        place.split(';').next().unwrap().to_owned()
    };

    let of_call = |body| place(found(&caller(body), "5f1").unwrap_err());
    assert_eq!(of_call(broken.clone()), "email");
    assert_eq!(of_call(json!({ "id": 7 })), "id");
    assert_eq!(of_call(json!({ "email": null })), "the top level");
    assert_eq!(of_call(json!([])), "the top level");

    let list = caller(json!({ "data": [{ "id": "5f0" }, broken] }));
    let mut items =
        Pages::<_, Blocking>::new(&list, ApiRequest::get("/contacts"), None).items::<Contact>();
    items.next().unwrap().unwrap();
    assert_eq!(place(items.next().unwrap().unwrap_err()), "[1].email");

    let nested = caller(json!({ "contact": broken }));
    let reply = ready(nested.call(ApiRequest::get("/x"))).unwrap().unwrap();
    let error = reply.json::<Wrapped>().unwrap_err();
    assert_eq!(place(error), "contact.email");
}

#[test]
fn a_contact_keeps_every_member_as_it_was_sent() {
    let sent = r#"{"z":1.50,"id":"5f1","a":{"b" :[ 1e2,"\u00e9" ]},"n\"":null,"a":12345678901234567890123}"#;
    let contact: Contact = serde_json::from_str(sent).unwrap();
    assert_eq!(contact.as_json(), sent);
    let read: Contact = serde_json::from_str(&sent.replacen(',', " ,\n", 2)).unwrap();
    assert_eq!(read.id(), "5f1");
    let value: serde_json::Value = serde_json::from_str(sent).unwrap();
    let read: Contact = serde_json::from_value(value).unwrap();
    assert_eq!(read.id(), "5f1");
}
