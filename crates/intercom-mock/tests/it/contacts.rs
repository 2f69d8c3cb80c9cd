//! Contacts: unique, archived, merged.

use intercom_mock::MockServer;
use serde_json::{Value, json};

use crate::client::{ask, get, post};

fn create(server: &MockServer, contact: &Value) -> String {
    let answer = post(server, "/contacts", contact);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.id()
}

#[test]
fn a_contact_is_created_read_changed_and_deleted() {
    let server = MockServer::start().unwrap();
    let id = create(
        &server,
        &json!({ "email": "ada@example.com", "custom_attributes": { "plan": "pro", "seats": 3 } }),
    );
    assert!(id.len() == 24 && id.chars().all(|c| c.is_ascii_hexdigit()));

    let path = format!("/contacts/{id}");
    let read = get(&server, &path).json();
    assert_eq!(
        (&read["role"], &read["email"]),
        (&json!("user"), &json!("ada@example.com"))
    );

    let change =
        json!({ "name": "Ada", "external_id": "u-1", "custom_attributes": { "plan": "free" } });
    let changed = ask(&server, "PUT", &path).json(&change).answer().json();
    assert_eq!(
        (&changed["name"], &changed["external_id"], &changed["email"]),
        (&json!("Ada"), &json!("u-1"), &json!("ada@example.com"))
    );
    assert_eq!(
        changed["custom_attributes"],
        json!({ "plan": "free", "seats": 3 }),
        "attributes are added to"
    );
    assert_eq!(get(&server, "/contacts/find_by_external_id/u-1").id(), id);

    let deleted = ask(&server, "DELETE", &path).answer().json();
    assert_eq!(
        deleted,
        json!({ "type": "contact", "id": id, "external_id": "u-1", "deleted": true })
    );
    assert_eq!(get(&server, &path).error(), "404 not_found User Not Found");
    assert_eq!(
        ask(&server, "DELETE", &path).answer().error(),
        "404 not_found User Not Found"
    );
    assert!(server.contacts().is_empty());
}

#[test]
fn a_contact_has_every_field_that_the_official_clients_read() {
    let server = MockServer::start().unwrap();
    let contact = post(&server, "/contacts", &json!({ "email": "a@b" })).json();
    for field in [
        "type",
        "id",
        "workspace_id",
        "external_id",
        "role",
        "email",
        "phone",
        "name",
        "created_at",
        "updated_at",
        "custom_attributes",
        "location",
        "social_profiles",
    ] {
        assert!(contact.get(field).is_some(), "no {field} in {contact}");
    }
    for list in ["tags", "notes", "companies"] {
        assert_eq!(
            (&contact[list]["type"], &contact[list]["total_count"]),
            (&json!("list"), &json!(0))
        );
    }
}

#[test]
fn a_second_user_with_the_same_identity_is_told_the_id_of_the_first() {
    let server = MockServer::start().unwrap();
    let id = create(
        &server,
        &json!({ "email": "ada@example.com", "external_id": "u-1" }),
    );
    let taken =
        format!("409 conflict A contact matching those details already exists with id={id}");
    for double in [
        json!({ "email": "ADA@example.com" }),
        json!({ "external_id": "u-1" }),
        json!({ "role": "user", "email": "ada@example.com" }),
    ] {
        assert_eq!(
            post(&server, "/contacts", &double).error(),
            taken,
            "{double}"
        );
    }
    let other = create(&server, &json!({ "email": "bob@example.com" }));
    let change = ask(&server, "PUT", &format!("/contacts/{other}"))
        .json(&json!({ "email": "ada@example.com" }));
    assert_eq!(change.answer().error(), taken);

    server.archive_contact(&id);
    let archived = format!(
        "409 conflict An archived contact matching those details already exists with id={id}"
    );
    assert_eq!(
        post(&server, "/contacts", &json!({ "email": "ada@example.com" })).error(),
        archived
    );
}

#[test]
fn an_identity_is_free_again_after_deleting_or_changing() {
    let server = MockServer::start().unwrap();
    let id = create(&server, &json!({ "email": "ada@example.com" }));
    ask(&server, "PUT", &format!("/contacts/{id}"))
        .json(&json!({ "email": "ada@example.org" }))
        .answer();
    let second = create(&server, &json!({ "email": "ada@example.com" }));
    ask(&server, "DELETE", &format!("/contacts/{second}")).answer();
    create(&server, &json!({ "email": "ada@example.com" }));
}

#[test]
fn leads_may_share_an_address() {
    let server = MockServer::start().unwrap();
    let lead = json!({ "role": "lead", "email": "ada@example.com" });
    assert_ne!(create(&server, &lead), create(&server, &lead));
    create(&server, &json!({ "email": "ada@example.com" }));
    assert_eq!(server.contacts().len(), 3);
    create(&server, &json!({ "role": "lead" }));
}

#[test]
fn what_cannot_be_a_contact_is_refused() {
    let server = MockServer::start().unwrap();
    let long = "n".repeat(191);
    let cases = [
        (
            json!({ "name": "nobody" }),
            "400 parameter_not_found email, external_id or role must be specified".to_owned(),
        ),
        (
            json!({ "role": "user", "name": "nobody" }),
            "400 parameter_invalid email or external_id must be specified for a user".to_owned(),
        ),
        (
            json!({ "email": "ada" }),
            "422 parameter_invalid email is not a valid email address".to_owned(),
        ),
        (
            json!({ "email": 7 }),
            "422 parameter_invalid email must be a string".to_owned(),
        ),
        (
            json!({ "role": "king" }),
            "422 parameter_invalid role must be either user or lead".to_owned(),
        ),
        (
            json!({ "email": "a@b", "custom_attributes": { (long): 1 } }),
            "422 parameter_invalid Custom attribute name exceeds 190 characters".to_owned(),
        ),
        (
            json!({ "email": "a@b", "custom_attributes": { "x": [1] } }),
            "422 parameter_invalid Custom attribute 'x' must be a string, a number or a boolean"
                .to_owned(),
        ),
    ];
    for (body, refusal) in cases {
        assert_eq!(post(&server, "/contacts", &body).error(), refusal, "{body}");
    }
    assert!(server.contacts().is_empty());
}

#[test]
fn only_what_changes_a_contacts_state_counts_as_a_change() {
    let server = MockServer::start().unwrap();
    let id = create(&server, &json!({ "email": "ada@example.com" }));
    let (archive, unarchive) = (
        format!("/contacts/{id}/archive"),
        format!("/contacts/{id}/unarchive"),
    );
    for (path, archived, changes) in [
        (&unarchive, false, 0),
        (&archive, true, 1),
        (&archive, true, 1),
        (&unarchive, false, 2),
        (&unarchive, false, 2),
    ] {
        let answer = post(&server, path, &json!({}));
        assert_eq!(
            (answer.status, &answer.json()["archived"]),
            (200, &json!(archived))
        );
        assert_eq!(server.contact_state_changes(&id), changes);
    }
}

#[test]
fn a_contact_may_be_beyond_restoring() {
    let server = MockServer::start().unwrap();
    let id = server.add_contact(json!({ "email": "ada@example.com", "archived": true }));
    assert!(server.set_unrestorable(&id, "User has been merged and is not restorable."));
    let refused = post(&server, &format!("/contacts/{id}/unarchive"), &json!({}));
    assert_eq!(
        refused.error(),
        "400 bad_request User has been merged and is not restorable."
    );
    assert_eq!(server.contact_state_changes(&id), 0);
    assert_eq!(
        get(&server, &format!("/contacts/{id}")).json()["archived"],
        true
    );
}

#[test]
fn a_merged_contact_points_to_what_it_has_become() {
    let server = MockServer::start().unwrap();
    let ids: Vec<String> = (0..3)
        .map(|n| server.add_contact(json!({ "external_id": format!("u-{n}") })))
        .collect();
    for (from, into) in [(0, 1), (1, 2)] {
        let merged = post(
            &server,
            "/contacts/merge",
            &json!({ "from": ids[from], "into": ids[into] }),
        );
        assert_eq!(merged.id(), ids[into]);
    }
    for path in [
        format!("/contacts/{}", ids[0]),
        "/contacts/find_by_external_id/u-0".to_owned(),
    ] {
        let gone = get(&server, &path);
        assert_eq!(
            gone.error(),
            "410 contact_merged This contact has been merged. See the 'Link' header for the canonical contact."
        );
        assert_eq!(
            gone.header("link"),
            Some(format!("</contacts/{}>; rel=\"canonical\"", ids[2]).as_str()),
            "through two merges"
        );
    }
    assert_eq!(server.contacts().len(), 1);
    let again = post(
        &server,
        "/contacts/merge",
        &json!({ "from": ids[0], "into": ids[2] }),
    );
    assert_eq!(again.status, 404);
    let itself = post(
        &server,
        "/contacts/merge",
        &json!({ "from": ids[2], "into": ids[2] }),
    );
    assert_eq!(itself.status, 400);
}

#[test]
fn a_tag_is_made_once_and_attached_once() {
    let server = MockServer::start().unwrap();
    let contact = server.add_contact(json!({ "email": "ada@example.com" }));
    let tag = post(&server, "/tags", &json!({ "name": "vip" })).id();
    assert_eq!(post(&server, "/tags", &json!({ "name": "vip" })).id(), tag);
    assert_eq!(server.tags().len(), 1);
    for _ in 0..2 {
        assert_eq!(
            post(
                &server,
                &format!("/contacts/{contact}/tags"),
                &json!({ "id": tag })
            )
            .id(),
            tag
        );
    }
    assert_eq!(server.contacts()[0]["tags"]["total_count"], 1);
    let unknown = post(
        &server,
        &format!("/contacts/{contact}/tags"),
        &json!({ "id": "0" }),
    );
    assert_eq!(unknown.error(), "404 tag_not_found Tag not found");
}
