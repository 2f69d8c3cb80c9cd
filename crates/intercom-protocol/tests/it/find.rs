//! Reading one contact by its id.

use http::StatusCode;
use intercom_protocol::flows::{Outcome, Resolved, find, find_by_external_id};
use intercom_protocol::{Error, ErrorKind, ready};
use serde_json::json;

use crate::scripted::{Exchange, ScriptedCaller, answer, answer_with, json_answer, refusal};

fn contact(id: &str) -> Exchange {
    json_answer(200, &json!({ "type": "contact", "id": id }))
}

fn merged_into(id: &str) -> Exchange {
    let link = format!("</contacts/{id}>; rel=\"canonical\"");
    let body = r#"{"type":"error.list","errors":[{"code":"contact_merged","message":"This contact has been merged. See the 'Link' header for the canonical contact."}]}"#;
    answer_with(410, &[("link", &link)], body)
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
fn a_contact_is_found_by_an_id_of_ones_own_and_its_merge_followed() {
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
fn a_merged_contact_is_followed_over_three_hops() {
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
fn a_fourth_hop_is_an_error() {
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
fn a_contact_merged_into_itself_is_an_error_at_once() {
    let caller = ScriptedCaller::new([merged_into("a")]);
    assert_eq!(
        found(&caller, "a").unwrap_err().status(),
        Some(StatusCode::GONE)
    );
    assert_eq!(caller.sent().len(), 1);
}

#[test]
fn two_contacts_merged_into_each_other_end_in_an_error() {
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
fn a_link_that_is_no_contact_is_not_followed() {
    let elsewhere = answer_with(
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
fn an_answer_that_is_no_contact_says_that_the_call_was_done() {
    let caller = ScriptedCaller::new([answer(200, r#"{"id":7}"#)]);
    let error = found(&caller, "a").unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Decode, Some(StatusCode::OK))
    );
    assert!(!error.may_have_been_applied(), "reading changes nothing");
}
