//! The status page, in the format of version 2 of the Statuspage API.

use http::StatusCode;
use serde_json::{Value, json};

use crate::response::Response;
use crate::settings::Service;

/// Returns the status page's response to a path, or `None` if the path does not belong to it.
///
/// The page is served at the root and under `/status`, so a test can use either as its base URL.
pub(crate) fn respond(service: &Service, path: &str) -> Option<Response> {
    let document = match path.strip_prefix("/status").unwrap_or(path) {
        "/api/v2/status.json" => json!({ "page": page(), "status": status(service) }),
        "/api/v2/summary.json" => summary(service),
        _ => return None,
    };
    Some(if service.page_down {
        Response::edge(StatusCode::SERVICE_UNAVAILABLE)
    } else {
        Response::ok(&document)
    })
}

fn page() -> Value {
    json!({
        "id": "1m1j8k4rtldg",
        "name": "Intercom",
        "url": "https://www.intercomstatus.com",
        "time_zone": "Etc/UTC",
        "updated_at": UPDATED,
    })
}

const UPDATED: &str = "2026-11-02T09:30:00.000Z";

fn status(service: &Service) -> Value {
    json!({ "indicator": service.indicator, "description": service.description })
}

fn summary(service: &Service) -> Value {
    let (component, incidents) = match service.indicator.as_str() {
        "none" => ("operational", vec![]),
        "minor" => ("degraded_performance", vec![incident(service)]),
        "major" => ("partial_outage", vec![incident(service)]),
        _ => ("major_outage", vec![incident(service)]),
    };
    json!({
        "page": page(),
        "components": [{
            "id": "cvqlzp5fdr1h", "name": "REST API", "status": component, "description": null,
            "group": false, "group_id": null, "position": 1, "only_show_if_degraded": false, "showcase": true,
            "start_date": null, "page_id": "1m1j8k4rtldg", "created_at": UPDATED, "updated_at": UPDATED,
        }],
        "incidents": incidents,
        "scheduled_maintenances": [],
        "status": status(service),
    })
}

fn incident(service: &Service) -> Value {
    json!({
        "id": "p31zjtct2jer", "name": service.description, "status": "investigating", "impact": service.indicator,
        "created_at": UPDATED, "updated_at": UPDATED, "page_id": "1m1j8k4rtldg",
        "components": [{ "id": "cvqlzp5fdr1h", "name": "REST API" }],
        "incident_updates": [{
            "id": "jdy3tw5mt5r5", "incident_id": "p31zjtct2jer", "status": "investigating",
            "body": "We are looking into it.", "created_at": UPDATED, "display_at": UPDATED, "updated_at": UPDATED,
        }],
    })
}
