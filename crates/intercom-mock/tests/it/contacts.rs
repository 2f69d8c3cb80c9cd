//! Contacts: uniqueness, archiving and merging.

use intercom_mock::MockServer;
use serde_json::{Value, json};

use crate::client::{get, post, request};

fn create(server: &MockServer, contact: &Value) -> String {
    let response = post(server, "/contacts", contact);
    assert_eq!(response.status, 200, "{response:?}");
    response.id()
}

#[test]
fn contact_can_be_created_read_updated_and_deleted() {
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
    let changed = request(&server, "PUT", &path).json(&change).send().json();
    assert_eq!(
        (&changed["name"], &changed["external_id"], &changed["email"]),
        (&json!("Ada"), &json!("u-1"), &json!("ada@example.com"))
    );
    assert_eq!(
        changed["custom_attributes"],
        json!({ "plan": "free", "seats": 3 }),
        "existing attributes are kept"
    );
    assert_eq!(get(&server, "/contacts/find_by_external_id/u-1").id(), id);

    let deleted = request(&server, "DELETE", &path).send().json();
    assert_eq!(
        deleted,
        json!({ "type": "contact", "id": id, "external_id": "u-1", "deleted": true })
    );
    assert_eq!(get(&server, &path).error(), "404 not_found User Not Found");
    assert_eq!(
        request(&server, "DELETE", &path).send().error(),
        "404 not_found User Not Found"
    );
    assert!(server.contacts().is_empty());
}

#[test]
fn contact_has_every_field_that_the_official_clients_read() {
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
fn creating_a_duplicate_user_is_a_409_with_the_existing_id() {
    let server = MockServer::start().unwrap();
    let id = create(
        &server,
        &json!({ "email": "ada@example.com", "external_id": "u-1" }),
    );
    let taken =
        format!("409 conflict A contact matching those details already exists with id={id}");
    for duplicate in [
        json!({ "email": "ADA@example.com" }),
        json!({ "external_id": "u-1" }),
        json!({ "role": "user", "email": "ada@example.com" }),
    ] {
        assert_eq!(
            post(&server, "/contacts", &duplicate).error(),
            taken,
            "{duplicate}"
        );
    }
    let other = create(&server, &json!({ "email": "bob@example.com" }));
    let change = request(&server, "PUT", &format!("/contacts/{other}"))
        .json(&json!({ "email": "ada@example.com" }));
    assert_eq!(change.send().error(), taken);

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
fn email_can_be_reused_after_its_contact_is_updated_or_deleted() {
    let server = MockServer::start().unwrap();
    let id = create(&server, &json!({ "email": "ada@example.com" }));
    request(&server, "PUT", &format!("/contacts/{id}"))
        .json(&json!({ "email": "ada@example.org" }))
        .send();
    let second = create(&server, &json!({ "email": "ada@example.com" }));
    request(&server, "DELETE", &format!("/contacts/{second}")).send();
    create(&server, &json!({ "email": "ada@example.com" }));
}

#[test]
fn leads_can_share_an_email_address() {
    let server = MockServer::start().unwrap();
    let lead = json!({ "role": "lead", "email": "ada@example.com" });
    assert_ne!(create(&server, &lead), create(&server, &lead));
    create(&server, &json!({ "email": "ada@example.com" }));
    assert_eq!(server.contacts().len(), 3);
    create(&server, &json!({ "role": "lead" }));
}

#[test]
fn invalid_contacts_are_rejected() {
    let server = MockServer::start().unwrap();
    let long = "n".repeat(191);
    let cases = [
        (
            json!({ "name": "Ada" }),
            "400 parameter_not_found email, external_id or role must be specified".to_owned(),
        ),
        (
            json!({ "role": "user", "name": "Ada" }),
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
fn archiving_or_unarchiving_again_is_not_a_state_change() {
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
        let response = post(&server, path, &json!({}));
        assert_eq!(
            (response.status, &response.json()["archived"]),
            (200, &json!(archived))
        );
        assert_eq!(server.contact_state_changes(&id), changes);
    }
}

#[test]
fn unrestorable_contact_cannot_be_unarchived() {
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
fn merged_contact_links_to_the_contact_it_was_merged_into() {
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
            "follows two merges"
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
fn creating_or_attaching_a_tag_again_changes_nothing() {
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
