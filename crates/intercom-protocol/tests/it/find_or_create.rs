//! Every outcome of `find_or_create`.

use std::time::Duration;

use intercom_protocol::flows::{OnArchived, Outcome, Resolved, find_or_create};
use intercom_protocol::{
    Error, ErrorKind, Fault, FaultKind, NewContact, StopReason, Tick, WithDeadline, ready,
};
use serde_json::{Value, json};

use crate::scripted::{Exchange, ScriptedCaller, json_response, refusal, response_with};

const ID: &str = "5f1e7e3a5f1e7e3a5f1e7e3a";

fn ada() -> NewContact {
    NewContact::user().email("Ada@Example.org")
}

fn contact(id: &str) -> Value {
    json!({ "type": "contact", "id": id, "role": "user", "email": "ada@example.org", "external_id": null })
}

fn hits(contacts: &[Value]) -> Exchange {
    json_response(
        200,
        &json!({ "type": "list", "data": contacts, "total_count": contacts.len(), "pages": { "next": null } }),
    )
}

fn conflict(archived: bool) -> Exchange {
    let kind = if archived { "An archived" } else { "A" };
    refusal(
        409,
        "conflict",
        &format!("{kind} contact matching those details already exists with id={ID}"),
    )
}

fn run(caller: &ScriptedCaller, wanted: &NewContact) -> Result<Resolved, Error> {
    run_with(caller, wanted, OnArchived::default())
}

fn run_with(
    caller: &ScriptedCaller,
    wanted: &NewContact,
    archived: OnArchived,
) -> Result<Resolved, Error> {
    ready(find_or_create(caller, wanted, archived)).unwrap()
}

fn verdict(result: &Result<Resolved, Error>) -> String {
    match result {
        Ok(resolved) => format!(
            "{} {}",
            resolved.outcome().as_str(),
            resolved.contact().id()
        ),
        Err(error) => format!("{} {:?}", error.kind().as_str(), error.status()),
    }
}

#[test]
fn an_indexed_contact_is_found_by_role_and_email() {
    let caller = ScriptedCaller::new([hits(&[contact(ID)])]);
    assert_eq!(verdict(&run(&caller, &ada())), format!("found {ID}"));
    assert_eq!(caller.sent(), ["POST /contacts/search"]);
    let body: Value = serde_json::from_slice(caller.requests()[0].body()).unwrap();
    let equals = |field, value| json!({ "field": field, "operator": "=", "value": value });
    assert_eq!(
        body,
        json!({ "query": { "operator": "AND", "value": [equals("role", "user"), equals("email", "Ada@Example.org")] } })
    );
}

#[test]
fn the_search_includes_the_external_id() {
    let caller = ScriptedCaller::new([hits(&[contact(ID)])]);
    run(&caller, &ada().external_id("42")).unwrap();
    let body: Value = serde_json::from_slice(caller.requests()[0].body()).unwrap();
    let either = &body["query"]["value"][1];
    assert_eq!(either["operator"], "OR");
    assert_eq!(either["value"][0]["value"], "42");
    assert_eq!(either["value"][1]["value"], "Ada@Example.org");
}

#[test]
fn a_contact_that_is_not_found_is_created() {
    let caller = ScriptedCaller::new([hits(&[]), json_response(200, &contact(ID))]);
    assert_eq!(verdict(&run(&caller, &ada())), format!("created {ID}"));
    assert_eq!(caller.sent(), ["POST /contacts/search", "POST /contacts"]);
}

#[test]
fn a_contact_named_by_a_conflict_is_returned() {
    let caller =
        ScriptedCaller::new([hits(&[]), conflict(false), json_response(200, &contact(ID))]);
    assert_eq!(verdict(&run(&caller, &ada())), format!("existing {ID}"));
    assert_eq!(caller.sent()[2], format!("GET /contacts/{ID}"));
}

#[test]
fn creating_a_user_is_retried_after_a_lost_response_and_resolved_by_the_conflict() {
    let caller = ScriptedCaller::new([
        hits(&[]),
        Err(Fault::outcome_unknown(FaultKind::Closed)),
        conflict(false),
        json_response(200, &contact(ID)),
    ]);
    assert_eq!(verdict(&run(&caller, &ada())), format!("existing {ID}"));
}

#[test]
fn a_conflict_without_an_id_on_a_retry_is_maybe_applied() {
    for second in [
        refusal(409, "conflict", "something else"),
        refusal(409, "unique_user_constraint", "User already exists."),
    ] {
        let lost = Err(Fault::outcome_unknown(FaultKind::Closed));
        let caller = ScriptedCaller::new([hits(&[]), lost, second]);
        let error = run(&caller, &ada()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MaybeApplied);
        assert!(error.is_conflict() && error.may_have_been_applied());
    }
}

#[test]
fn an_archived_contact_is_refused_even_after_a_lost_response() {
    let lost = Err(Fault::outcome_unknown(FaultKind::Closed));
    let caller = ScriptedCaller::new([hits(&[]), lost, conflict(true)]);
    let error = run_with(&caller, &ada(), OnArchived::Refuse).unwrap_err();
    assert!(error.is_conflict());
    assert!(
        error
            .api()
            .unwrap()
            .existing_contact()
            .unwrap()
            .is_archived()
    );
}

#[test]
fn creating_a_lead_is_not_retried_after_a_lost_response() {
    let caller = ScriptedCaller::new([hits(&[]), Err(Fault::outcome_unknown(FaultKind::Closed))]);
    let error = run(&caller, &NewContact::lead().email("a@b.c")).unwrap_err();
    assert_eq!(
        error.stop().map(|stop| stop.reason()),
        Some(StopReason::NotReplayable)
    );
    assert!(error.may_have_been_applied());
}

#[test]
fn a_lead_without_an_identity_is_created_without_a_search() {
    let caller = ScriptedCaller::new([json_response(200, &json!({ "id": ID, "role": "lead" }))]);
    assert_eq!(
        verdict(&run(&caller, &NewContact::lead().name("Ada"))),
        format!("created {ID}")
    );
    assert_eq!(caller.sent(), ["POST /contacts"]);
}

#[test]
fn an_archived_contact_is_unarchived_and_read() {
    let stub = json_response(200, &json!({ "id": ID, "archived": false }));
    let caller = ScriptedCaller::new([
        hits(&[]),
        conflict(true),
        stub,
        json_response(200, &contact(ID)),
    ]);
    assert_eq!(verdict(&run(&caller, &ada())), format!("unarchived {ID}"));
    assert_eq!(caller.sent()[2], format!("POST /contacts/{ID}/unarchive"));
    assert_eq!(caller.sent()[3], format!("GET /contacts/{ID}"));
}

#[test]
fn an_archived_contact_is_returned_on_request() {
    let mut archived = contact(ID);
    archived["archived"] = json!(true);
    let caller = ScriptedCaller::new([hits(&[]), conflict(true), json_response(200, &archived)]);
    let resolved = run_with(&caller, &ada(), OnArchived::Return).unwrap();
    assert!(resolved.contact().is_archived());
    assert_eq!(resolved.outcome(), Outcome::Existing);
}

#[test]
fn an_archived_contact_is_refused_on_request() {
    let caller = ScriptedCaller::new([hits(&[]), conflict(true)]);
    let error = run_with(&caller, &ada(), OnArchived::Refuse).unwrap_err();
    assert!(error.is_conflict());
    assert!(
        error
            .api()
            .unwrap()
            .existing_contact()
            .unwrap()
            .is_archived()
    );
}

#[test]
fn an_archived_contact_found_by_the_search_is_treated_like_one_named_by_a_conflict() {
    let mut archived = contact(ID);
    archived["archived"] = json!(true);
    let caller = || {
        let stub = json_response(200, &json!({ "id": ID, "archived": false }));
        ScriptedCaller::new([
            hits(std::slice::from_ref(&archived)),
            stub,
            json_response(200, &contact(ID)),
        ])
    };
    assert_eq!(verdict(&run(&caller(), &ada())), format!("unarchived {ID}"));

    let resolved = run_with(&caller(), &ada(), OnArchived::Return).unwrap();
    assert!(resolved.contact().is_archived() && resolved.outcome() == Outcome::Found);

    let error = run_with(&caller(), &ada(), OnArchived::Refuse).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert!(!error.may_have_been_applied());
    insta::assert_snapshot!(error, @"POST /contacts/search: the contact 5f1e7e3a5f1e7e3a5f1e7e3a exists, but it is archived; unarchive it, or accept it as it is");
}

#[test]
fn a_mismatch_after_unarchiving_may_have_been_applied() {
    let mut other = contact(ID);
    other["external_id"] = json!("41");
    let stub = json_response(200, &json!({ "id": ID, "archived": false }));
    let caller = ScriptedCaller::new([hits(&[]), conflict(true), stub, json_response(200, &other)]);
    let error = run(&caller, &ada().external_id("42")).unwrap_err();
    assert!(error.may_have_been_applied());
    insta::assert_snapshot!(error, @"GET /contacts/{id}: the contact 5f1e7e3a5f1e7e3a5f1e7e3a exists, but its external_id does not match; it has already been unarchived");
}

#[test]
fn a_lead_does_not_match_a_user() {
    let mut lead = contact(ID);
    lead["role"] = json!("lead");
    let caller = ScriptedCaller::new([hits(&[]), conflict(false), json_response(200, &lead)]);
    let error = run(&caller, &ada()).unwrap_err();
    insta::assert_snapshot!(error, @"GET /contacts/{id}: the contact 5f1e7e3a5f1e7e3a5f1e7e3a exists, but its role does not match");
}

#[test]
fn an_error_about_a_contact_names_the_request_that_returned_it() {
    let other = json!({ "id": ID, "role": "user", "external_id": "41", "archived": false });
    let read = |contact: &Value| json_response(200, contact);
    let gone = || refusal(404, "not_found", "User Not Found");
    let mut archived = contact(ID);
    archived["archived"] = json!(true);
    let search = "POST /contacts/search";
    let get = "GET /contacts/{id}";
    let unarchive = "POST /contacts/{id}/unarchive";
    let stub = || read(&json!({ "id": ID }));
    let (found, missed) = (hits(std::slice::from_ref(&other)), || hits(&[]));
    let several = hits(&[contact("a"), contact("b")]);
    let cases = [
        (search, vec![found]),
        (search, vec![several]),
        (search, vec![hits(&[archived])]),
        (get, vec![missed(), conflict(false), read(&other)]),
        (get, vec![missed(), conflict(true), stub(), read(&other)]),
        (get, vec![missed(), conflict(true), gone(), read(&other)]),
        (
            unarchive,
            vec![missed(), conflict(true), read(&other), gone()],
        ),
    ];
    let each = Duration::from_secs(2);
    for (request, exchanges) in cases {
        let policy = match exchanges.len() {
            4 => OnArchived::Unarchive,
            _ => OnArchived::Refuse,
        };
        let caller = ScriptedCaller::new(exchanges).each_takes(each);
        let error = run_with(&caller, &ada().external_id("42"), policy).unwrap_err();
        let line = error.to_string();
        assert!(line.starts_with(&format!("{request}: ")), "{line}");
        assert_eq!(error.attempts().len(), 1, "{line}");
        assert_eq!(error.elapsed(), each, "{line}");
    }
}

/// The verdict if unarchiving fails with `failure` and reading the contact returns `read`.
fn unarchive_failing(failure: Exchange, read: Exchange) -> String {
    let caller = ScriptedCaller::new([hits(&[]), conflict(true), failure, read]);
    let verdict = verdict(&run(&caller, &ada()));
    assert_eq!(caller.sent().len(), 4, "one more read");
    verdict
}

#[test]
fn the_contact_is_read_after_unarchiving_fails() {
    let busy = || refusal(409, "conflict", "another request was faster");
    let with = |archived: bool| {
        let mut contact = contact(ID);
        contact["archived"] = json!(archived);
        json_response(200, &contact)
    };
    assert_eq!(
        unarchive_failing(busy(), with(false)),
        format!("existing {ID}")
    );
    assert_eq!(
        unarchive_failing(busy(), json_response(200, &contact(ID))),
        format!("existing {ID}")
    );
    assert_eq!(unarchive_failing(busy(), with(true)), "api Some(409)");
    assert_eq!(
        unarchive_failing(busy(), refusal(404, "not_found", "User Not Found")),
        "api Some(409)"
    );
}

#[test]
fn a_contact_that_is_not_restorable_is_not_reported_as_restored() {
    let gone = || {
        refusal(
            400,
            "bad_request",
            "User has been merged and is not restorable.",
        )
    };
    // The contact that is read does not say whether it is archived.
    assert_eq!(
        unarchive_failing(gone(), json_response(200, &contact(ID))),
        "api Some(400)"
    );
}

#[test]
fn a_merge_is_followed_if_the_contact_cannot_be_restored() {
    let gone = refusal(
        400,
        "bad_request",
        "User has been merged and is not restorable.",
    );
    let merged = response_with(
        410,
        &[("link", "</contacts/cafe>; rel=\"canonical\"")],
        r#"{"type":"error.list","errors":[{"code":"contact_merged"}]}"#,
    );
    let caller = ScriptedCaller::new([
        hits(&[]),
        conflict(true),
        gone,
        merged,
        json_response(200, &contact("cafe")),
    ]);
    assert_eq!(verdict(&run(&caller, &ada())), "merged cafe");
}

#[test]
fn a_failed_read_after_unarchiving_may_have_been_applied() {
    let stub = json_response(200, &json!({ "id": ID, "archived": false }));
    let caller =
        ScriptedCaller::new([hits(&[]), conflict(true), stub]).each_takes(Duration::from_secs(2));
    let until = WithDeadline::new(&caller, Some(Tick::new(Duration::from_secs(6))));
    let error = ready(find_or_create(&until, &ada(), OnArchived::default()))
        .unwrap()
        .unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert!(error.may_have_been_applied());
}

#[test]
fn several_hits_without_the_exact_external_id_are_ambiguous() {
    let caller = ScriptedCaller::new([hits(&[contact("a"), contact("b")])]);
    let error = run(&caller, &ada()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert_eq!(error.candidates(), ["a", "b"]);
}

#[test]
fn the_exact_external_id_decides_between_several_hits() {
    let mut other = contact("b");
    other["email"] = json!(null);
    other["external_id"] = json!("42");
    let caller = ScriptedCaller::new([hits(&[contact("a"), other])]);
    let wanted = ada().external_id("42");
    assert_eq!(verdict(&run(&caller, &wanted)), "found b");
}

#[test]
fn a_contact_with_a_different_email_or_external_id_is_a_mismatch() {
    let mut other = contact(ID);
    other["external_id"] = json!("43");
    for wanted in ["42", "43 "] {
        let caller = ScriptedCaller::new([hits(&[other.clone()])]);
        let error = run(&caller, &ada().external_id(wanted)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mismatch, "{wanted:?}");
    }
    let mut other = contact(ID);
    other["email"] = json!("eve@example.org");
    let caller = ScriptedCaller::new([hits(&[]), conflict(false), json_response(200, &other)]);
    let error = run(&caller, &ada()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    insta::assert_snapshot!(error, @"GET /contacts/{id}: the contact 5f1e7e3a5f1e7e3a5f1e7e3a exists, but its email does not match");
}

#[test]
fn external_ids_are_case_sensitive() {
    let mut other = contact(ID);
    other["external_id"] = json!("abc");
    let caller = ScriptedCaller::new([hits(&[other])]);
    let error = run(&caller, &ada().external_id("ABC")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
}

#[test]
fn a_conflict_without_an_id_is_reported() {
    let caller = ScriptedCaller::new([hits(&[]), refusal(409, "conflict", "something else")]);
    assert_eq!(verdict(&run(&caller, &ada())), "api Some(409)");
    assert_eq!(caller.sent().len(), 2);
}

#[test]
fn the_conflict_is_reported_if_the_contact_was_deleted_in_the_meantime() {
    let caller = ScriptedCaller::new([
        hits(&[]),
        conflict(false),
        refusal(404, "not_found", "User Not Found"),
    ]);
    assert_eq!(verdict(&run(&caller, &ada())), "api Some(409)");
}

#[test]
fn a_contact_that_exceeds_a_limit_is_refused_before_anything_is_sent() {
    for wanted in [
        NewContact::user(),
        NewContact::user().email("ada"),
        ada().attribute("a.b", 1),
    ] {
        let caller = ScriptedCaller::new([]);
        assert_eq!(
            run(&caller, &wanted).unwrap_err().kind(),
            ErrorKind::Invalid
        );
        assert!(caller.sent().is_empty());
    }
}

#[test]
fn a_deadline_limits_the_whole_flow_and_not_each_of_its_calls() {
    let caller =
        ScriptedCaller::new([hits(&[]), conflict(false), json_response(200, &contact(ID))])
            .each_takes(Duration::from_secs(2));
    let bound = Tick::new(Duration::from_secs(5));
    let until = WithDeadline::new(&caller, Some(bound));
    let error = ready(find_or_create(&until, &ada(), OnArchived::default()))
        .unwrap()
        .unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(caller.sent().len(), 3, "the third call had one second left");
    assert_eq!(caller.now().tick(), bound);
    assert_eq!(caller.unused(), 1);
}

#[test]
fn an_unknown_place_of_the_next_page_does_not_matter_to_a_flow_that_reads_one_page() {
    let list =
        json!({ "type": "list", "data": [contact(ID)], "pages": { "next": { "page": 2.5 } } });
    let caller = ScriptedCaller::new([json_response(200, &list)]);
    assert_eq!(verdict(&run(&caller, &ada())), format!("found {ID}"));
}
