//! The contacts that the mock server lists.

use intercom_mock::MockServer;
use serde_json::{Value, json};

/// Adds as many contacts as a page holds, each with about as many fields as one of a workspace in use.
pub(super) fn add_page_to(mock: &MockServer) {
    let list =
        |data: Value| json!({ "type": "list", "data": data, "total_count": 2, "has_more": false });
    for number in 0..50 {
        mock.add_contact(json!({
            "type": "contact",
            "role": "user",
            "external_id": format!("user-{number}"),
            "email": format!("ada{number}@example.org"),
            "phone": "+353871234567",
            "name": "Ada \"the first\" Lovelace",
            "avatar": "https://static.intercomassets.example/avatars/7/square_128/ada.jpg?1711100000",
            "owner_id": 991_267_499,
            "signed_up_at": 1_577_836_800,
            "last_seen_at": 1_711_090_000,
            "last_contacted_at": 1_711_080_000,
            "last_email_opened_at": null,
            "language_override": null,
            "browser": "chrome",
            "browser_version": "122.0.6261.128",
            "browser_language": "en",
            "os": "OS X 10.15.7",
            "referrer": "https://www.example.org/blog/analytical-engines?utm_source=newsletter",
            "utm_campaign": "spring",
            "location": {
                "type": "location", "country": "Ireland", "region": "Leinster", "city": "Baile \u{c1}tha Cliath",
                "country_code": "IRL", "continent_code": "EU",
            },
            "custom_attributes": {
                "plan": "enterprise", "seats": 42, "monthly_spend": 155.5, "is_admin": true, "trial_ends_at": null,
                "last_import_result": "no error", "team": "Difference and analytical engines",
                "onboarding_step": "invited colleagues", "paid_invoices": 17,
            },
            "social_profiles": list(json!([
                { "type": "social_profile", "name": "Twitter", "url": "https://twitter.example/ada" },
                { "type": "social_profile", "name": "LinkedIn", "url": "https://linkedin.example/in/ada" },
            ])),
            "tags": list(json!([
                { "type": "tag", "id": "7522907", "url": "/tags/7522907" },
                { "type": "tag", "id": "7522908", "url": "/tags/7522908" },
            ])),
        }));
    }
}
