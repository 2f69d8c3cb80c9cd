//! The admin that the token belongs to, who is the only one.

use serde_json::{Value, json};

use super::Exchange;
use crate::response::{Outcome, Response};
use crate::store::{ADMIN, WORKSPACE};

pub(super) fn show(_: &mut Exchange<'_>) -> Outcome {
    Ok(Response::ok(&admin()))
}

pub(super) fn admins(_: &mut Exchange<'_>) -> Outcome {
    let mut admin = admin();
    if let Some(members) = admin.as_object_mut() {
        // Only `/me` has the workspace.
        members.remove("app");
    }
    Ok(Response::ok(
        &json!({ "type": "admin.list", "admins": [admin] }),
    ))
}

fn admin() -> Value {
    json!({
        "type": "admin",
        "id": ADMIN,
        "name": "Ciaran Lee",
        "email": "admin@example.com",
        "job_title": "Philosopher",
        "away_mode_enabled": false,
        "away_mode_reassign": false,
        "has_inbox_seat": true,
        "team_ids": [],
        "email_verified": true,
        "avatar": { "type": "avatar", "image_url": "https://static.intercomassets.example/avatars/1.png" },
        "app": {
            "type": "app",
            "id_code": WORKSPACE,
            "name": "Mock workspace",
            "created_at": 1_577_836_800,
            "secure": false,
            "identity_verification": false,
            "timezone": "Etc/UTC",
            "region": "US",
        },
    })
}
