//! One contact however many ask at once, and every way this can end.

use std::time::Duration;

use intercom_protocol::flows::{OnArchived, Outcome, Resolved, find_or_create};
use intercom_protocol::{
    Error, ErrorKind, Fault, FaultKind, NewContact, StopReason, Tick, Until, ready,
};
use serde_json::{Value, json};

use crate::scripted::{Exchange, ScriptedCaller, answer_with, json_answer, refusal};

const ID: &str = "5f1e7e3a5f1e7e3a5f1e7e3a";

fn ada() -> NewContact {
    NewContact::user().email("Ada@Example.org")
}

fn contact(id: &str) -> Value {
    json!({ "type": "contact", "id": id, "role": "user", "email": "ada@example.org", "external_id": null })
}

fn hits(contacts: &[Value]) -> Exchange {
    json_answer(
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
fn a_contact_the_index_knows_is_found_by_role_and_email() {
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
fn an_external_id_is_looked_for_as_well() {
    let caller = ScriptedCaller::new([hits(&[contact(ID)])]);
    run(&caller, &ada().external_id("42")).unwrap();
    let body: Value = serde_json::from_slice(caller.requests()[0].body()).unwrap();
    let either = &body["query"]["value"][1];
    assert_eq!(either["operator"], "OR");
    assert_eq!(either["value"][0]["value"], "42");
    assert_eq!(either["value"][1]["value"], "Ada@Example.org");
}

#[test]
fn a_contact_nobody_knows_is_created() {
    let caller = ScriptedCaller::new([hits(&[]), json_answer(200, &contact(ID))]);
    assert_eq!(verdict(&run(&caller, &ada())), format!("created {ID}"));
    assert_eq!(caller.sent(), ["POST /contacts/search", "POST /contacts"]);
}

#[test]
fn a_conflict_names_the_contact_that_the_index_did_not_know() {
    let caller = ScriptedCaller::new([hits(&[]), conflict(false), json_answer(200, &contact(ID))]);
    assert_eq!(verdict(&run(&caller, &ada())), format!("existing {ID}"));
    assert_eq!(caller.sent()[2], format!("GET /contacts/{ID}"));
}

#[test]
fn a_user_whose_creation_was_not_answered_is_created_again_and_found_by_the_conflict() {
    let caller = ScriptedCaller::new([
        hits(&[]),
        Err(Fault::outcome_unknown(FaultKind::Closed)),
        conflict(false),
        json_answer(200, &contact(ID)),
    ]);
    assert_eq!(verdict(&run(&caller, &ada())), format!("existing {ID}"));
}

#[test]
fn a_repeat_whose_conflict_names_nobody_is_told_as_one_that_may_have_worked() {
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
fn an_archived_contact_that_is_to_be_refused_is_refused_after_a_lost_answer_too() {
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
fn a_lead_whose_creation_was_not_answered_is_not_created_again() {
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
    let caller = ScriptedCaller::new([json_answer(200, &json!({ "id": ID, "role": "lead" }))]);
    assert_eq!(
        verdict(&run(&caller, &NewContact::lead().name("Ada"))),
        format!("created {ID}")
    );
    assert_eq!(caller.sent(), ["POST /contacts"]);
}

#[test]
fn an_archived_contact_is_unarchived_and_read() {
    let stub = json_answer(200, &json!({ "id": ID, "archived": false }));
    let caller = ScriptedCaller::new([
        hits(&[]),
        conflict(true),
        stub,
        json_answer(200, &contact(ID)),
    ]);
    assert_eq!(verdict(&run(&caller, &ada())), format!("unarchived {ID}"));
    assert_eq!(caller.sent()[2], format!("POST /contacts/{ID}/unarchive"));
    assert_eq!(caller.sent()[3], format!("GET /contacts/{ID}"));
}

#[test]
fn an_archived_contact_is_returned_where_that_was_asked_for() {
    let mut archived = contact(ID);
    archived["archived"] = json!(true);
    let caller = ScriptedCaller::new([hits(&[]), conflict(true), json_answer(200, &archived)]);
    let resolved = run_with(&caller, &ada(), OnArchived::Return).unwrap();
    assert!(resolved.contact().is_archived());
    assert_eq!(resolved.outcome(), Outcome::Existing);
}

#[test]
fn an_archived_contact_is_reported_where_that_was_asked_for() {
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
fn an_archived_contact_that_the_index_still_shows_is_treated_as_one_that_a_conflict_names() {
    let mut archived = contact(ID);
    archived["archived"] = json!(true);
    let caller = || {
        let stub = json_answer(200, &json!({ "id": ID, "archived": false }));
        ScriptedCaller::new([
            hits(std::slice::from_ref(&archived)),
            stub,
            json_answer(200, &contact(ID)),
        ])
    };
    assert_eq!(verdict(&run(&caller(), &ada())), format!("unarchived {ID}"));

    let resolved = run_with(&caller(), &ada(), OnArchived::Return).unwrap();
    assert!(resolved.contact().is_archived() && resolved.outcome() == Outcome::Found);

    let error = run_with(&caller(), &ada(), OnArchived::Refuse).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert!(!error.may_have_been_applied());
    insta::assert_snapshot!(error, @"POST /contacts: the contact 5f1e7e3a5f1e7e3a5f1e7e3a exists, but is archived; unarchive it, or ask for it as it is");
}

#[test]
fn a_contact_that_was_unarchived_and_is_another_one_leaves_a_change_behind() {
    let mut other = contact(ID);
    other["external_id"] = json!("41");
    let stub = json_answer(200, &json!({ "id": ID, "archived": false }));
    let caller = ScriptedCaller::new([hits(&[]), conflict(true), stub, json_answer(200, &other)]);
    let error = run(&caller, &ada().external_id("42")).unwrap_err();
    assert!(error.may_have_been_applied());
    insta::assert_snapshot!(error, @"POST /contacts: the contact 5f1e7e3a5f1e7e3a5f1e7e3a exists, but its external_id does not match; it was unarchived before that was known");
}

#[test]
fn a_lead_is_not_taken_for_a_user() {
    let mut lead = contact(ID);
    lead["role"] = json!("lead");
    let caller = ScriptedCaller::new([hits(&[]), conflict(false), json_answer(200, &lead)]);
    let error = run(&caller, &ada()).unwrap_err();
    insta::assert_snapshot!(error, @"POST /contacts: the contact 5f1e7e3a5f1e7e3a5f1e7e3a exists, but its role does not match");
}

/// Unarchiving fails with `failure`, then the contact reads as `read`.
fn unarchive_failing(failure: Exchange, read: Exchange) -> String {
    let caller = ScriptedCaller::new([hits(&[]), conflict(true), failure, read]);
    let verdict = verdict(&run(&caller, &ada()));
    assert_eq!(caller.sent().len(), 4, "one more read");
    verdict
}

#[test]
fn an_unarchiving_that_fails_is_followed_by_one_more_read() {
    let busy = || refusal(409, "conflict", "somebody was faster");
    let with = |archived: bool| {
        let mut contact = contact(ID);
        contact["archived"] = json!(archived);
        json_answer(200, &contact)
    };
    assert_eq!(
        unarchive_failing(busy(), with(false)),
        format!("existing {ID}")
    );
    assert_eq!(
        unarchive_failing(busy(), json_answer(200, &contact(ID))),
        format!("existing {ID}")
    );
    assert_eq!(unarchive_failing(busy(), with(true)), "api Some(409)");
    assert_eq!(
        unarchive_failing(busy(), refusal(404, "not_found", "User Not Found")),
        "api Some(409)"
    );
}

#[test]
fn a_contact_that_is_not_restorable_is_not_taken_for_a_restored_one() {
    let gone = || {
        refusal(
            400,
            "bad_request",
            "User has been merged and is not restorable.",
        )
    };
    // A contact that is read need not say whether it is archived.
    assert_eq!(
        unarchive_failing(gone(), json_answer(200, &contact(ID))),
        "api Some(400)"
    );
}

#[test]
fn a_contact_that_cannot_be_restored_because_it_was_merged_is_the_one_it_was_merged_into() {
    let gone = refusal(
        400,
        "bad_request",
        "User has been merged and is not restorable.",
    );
    let merged = answer_with(
        410,
        &[("link", "</contacts/cafe>; rel=\"canonical\"")],
        r#"{"type":"error.list","errors":[{"code":"contact_merged"}]}"#,
    );
    let caller = ScriptedCaller::new([
        hits(&[]),
        conflict(true),
        gone,
        merged,
        json_answer(200, &contact("cafe")),
    ]);
    assert_eq!(verdict(&run(&caller, &ada())), "merged cafe");
}

#[test]
fn a_contact_that_was_unarchived_and_not_read_any_more_leaves_a_change_behind() {
    let stub = json_answer(200, &json!({ "id": ID, "archived": false }));
    let caller =
        ScriptedCaller::new([hits(&[]), conflict(true), stub]).each_takes(Duration::from_secs(2));
    let until = Until::new(&caller, Some(Tick::new(Duration::from_secs(6))));
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
fn of_several_hits_the_one_with_the_exact_external_id_is_taken() {
    let mut other = contact("b");
    other["email"] = json!(null);
    other["external_id"] = json!("42");
    let caller = ScriptedCaller::new([hits(&[contact("a"), other])]);
    let wanted = ada().external_id("42");
    assert_eq!(verdict(&run(&caller, &wanted)), "found b");
}

#[test]
fn a_contact_with_another_email_or_external_id_is_a_mismatch() {
    let mut other = contact(ID);
    other["external_id"] = json!("43");
    for wanted in ["42", "43 "] {
        let caller = ScriptedCaller::new([hits(&[other.clone()])]);
        let error = run(&caller, &ada().external_id(wanted)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mismatch, "{wanted:?}");
    }
    let mut other = contact(ID);
    other["email"] = json!("eve@example.org");
    let caller = ScriptedCaller::new([hits(&[]), conflict(false), json_answer(200, &other)]);
    let error = run(&caller, &ada()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    insta::assert_snapshot!(error, @"POST /contacts: the contact 5f1e7e3a5f1e7e3a5f1e7e3a exists, but its email does not match");
}

#[test]
fn an_external_id_of_another_case_is_another_external_id() {
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
fn a_contact_deleted_meanwhile_leaves_the_conflict_as_the_answer() {
    let caller = ScriptedCaller::new([
        hits(&[]),
        conflict(false),
        refusal(404, "not_found", "User Not Found"),
    ]);
    assert_eq!(verdict(&run(&caller, &ada())), "api Some(409)");
}

#[test]
fn a_contact_that_breaks_a_limit_is_refused_before_anything_is_sent() {
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
fn a_deadline_bounds_the_whole_recipe_and_not_each_of_its_calls() {
    let caller = ScriptedCaller::new([hits(&[]), conflict(false), json_answer(200, &contact(ID))])
        .each_takes(Duration::from_secs(2));
    let bound = Tick::new(Duration::from_secs(5));
    let until = Until::new(&caller, Some(bound));
    let error = ready(find_or_create(&until, &ada(), OnArchived::default()))
        .unwrap()
        .unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(caller.sent().len(), 3, "the third call had one second left");
    assert_eq!(caller.now().tick(), bound);
    assert_eq!(caller.unused(), 1);
}
