//! `docs/errors/catalog.json`: every table that a classifier in another language needs.
//!
//! `catalog.schema.json` describes its members, and `classify.py` shows how to use them. Every row has all members of its
//! table; a value that does not exist is null.

use intercom_errors::rules::{
    CASES, CEILINGS, CLIENT_CODES, Ceiling, DONE, EVIDENCE, EXISTING, MESSAGES, MessageRule, Needs,
    REQUESTS, RequestRule, STATUSES, Sign, StatusRule, Statuses, UNKNOWN,
};
use intercom_errors::{
    Action, AnsweredBy, CATALOG, Category, Class, Entry, Fix, KnownCase, Resend,
};
use intercom_protocol::http::Method;
use intercom_protocol::{REPLAY_TABLE, replay_of};
use serde_json::{Value, json};

use super::algorithm;

/// The version of the file's data, which follows semantic versioning as the schema describes.
const VERSION: &str = "1.0.0";

/// The `$id` of the schema.
const SCHEMA: &str = concat!(
    env!("CARGO_PKG_REPOSITORY"),
    "/raw/main/docs/errors/catalog.schema.json"
);

pub(super) fn catalog() -> Value {
    let mut catalog = json!({
        "$schema": SCHEMA,
        "version": VERSION,
        "actions": list(Action::ALL, |action| json!({
            "action": action.as_str(),
            "meaning": action.meaning(),
            "causes": action.causes(),
            "fixes": list(action.fixes(), fix),
        })),
        "categories": list(Category::ALL, |category| json!({
            "category": category.as_str(),
            "meaning": category.meaning(),
        })),
        "codes": list(CATALOG, code),
        "replay": list(REPLAY_TABLE, |row| json!({
            "method": row.method,
            "path": row.path,
            "replay": row.replay.as_str(),
            "key": row.key,
            "source": row.source,
        })),
    });
    for part in [names(), responses(), requests(), algorithm::algorithm()] {
        merge(&mut catalog, part);
    }
    catalog
}

/// The names that the tables use, with their meanings.
fn names() -> Value {
    json!({
        "needs": list(Needs::ALL, |needs| json!({"needs": needs.as_str(), "meaning": needs.meaning()})),
        // From most to least careful, as they are declared.
        "resends": list(Resend::ALL, |resend| json!({"resend": resend.as_str(), "meaning": resend.meaning()})),
        "senders": list(AnsweredBy::ALL, |sender| json!({"answered_by": sender.as_str(), "meaning": sender.meaning()})),
        "signs": list(Sign::ALL, |sign| json!({"sign": sign.as_str(), "meaning": sign.meaning()})),
    })
}

/// The rules about responses.
fn responses() -> Value {
    let mut ceilings = list(CEILINGS, ceiling);
    ceilings.push(json!({"statuses": null, "needs": [], "most": Resend::Never.as_str()}));
    let mut by_status = list(STATUSES, status);
    let unknown = json!({"statuses": null, "links_to_contact": false});
    by_status.push(with_class(unknown, Some(UNKNOWN)));
    json!({
        "ceilings": ceilings,
        "client_codes": {
            "statuses": statuses(CLIENT_CODES.statuses),
            "ignored_with": statuses(CLIENT_CODES.ignored_with),
        },
        "done": DONE.as_str(),
        "evidence": list(EVIDENCE, |row| {
            let (class, case) = row.means.unzip();
            let row = json!({
                "statuses": statuses(row.statuses),
                "sign": row.sign.as_str(),
                "values": row.values,
                "answered_by": row.answered_by.as_str(),
                "case": case.map(KnownCase::name),
            });
            with_class(row, class)
        }),
        "existing_contacts": list(EXISTING, |row| json!({
            "pattern": format!("{}{{id}}", row.before),
            "archived": row.archived,
            "category": Category::Conflict.as_str(),
            "action": row.action.as_str(),
        })),
        "messages": list(MESSAGES, message),
        "statuses": by_status,
    })
}

/// The rules about requests, and the known cases.
fn requests() -> Value {
    let of_senders = EVIDENCE.iter().filter_map(|row| Some(row.means?.1));
    let mut known: Vec<&KnownCase> = of_senders
        .chain(CASES.iter().map(|row| &row.case))
        .collect();
    known.sort_by_key(|case| case.name());
    known.dedup();
    let methods = [
        Method::DELETE,
        Method::GET,
        Method::HEAD,
        Method::PATCH,
        Method::POST,
        Method::PUT,
    ];
    json!({
        "cases": list(CASES, |row| json!({
            "methods": row.methods,
            "path": row.path,
            "statuses": statuses(row.statuses),
            "action": row.action.as_str(),
            "without_items": row.bare,
            "case": row.case.name(),
        })),
        "known_cases": list(&known, |case| json!({
            "case": case.name(),
            "causes": case.causes(),
            "fixes": list(case.fixes(), fix),
        })),
        "replay_methods": list(&methods, |method| json!({
            "method": method.as_str(),
            "replay": replay_of(method, "/").as_str(),
        })),
        "requests": list(REQUESTS, request),
    })
}

fn code(entry: &Entry) -> Value {
    json!({
        "code": entry.code().as_str(),
        "statuses": entry.statuses(),
        "category": entry.category().as_str(),
        "resend": entry.resend().as_str(),
        "action": entry.action().as_str(),
        "meaning": entry.meaning(),
        "causes": entry.causes(),
        "fixes": entry.fixes(),
        "provenance": entry.provenance().as_str(),
    })
}

fn fix(fix: &Fix) -> Value {
    json!({"fix": fix.as_str(), "template": fix.template()})
}

fn message(row: &MessageRule) -> Value {
    let code = row.code.as_ref().map(|code| code.as_str());
    let row_without_class =
        json!({"statuses": statuses(row.statuses), "code": code, "pattern": row.pattern});
    with_class(row_without_class, Some(row.class))
}

fn status(row: &StatusRule) -> Value {
    let row_without_class =
        json!({"statuses": statuses(row.statuses), "links_to_contact": row.links_to_contact});
    with_class(row_without_class, Some(row.class))
}

fn ceiling(row: &Ceiling) -> Value {
    json!({
        "statuses": statuses(row.statuses),
        "needs": list(row.needs, |needs| needs.as_str().into()),
        "most": row.most.as_str(),
    })
}

fn request(row: &RequestRule) -> Value {
    let needs = row.needs.as_ref().map(|needs| {
        let codes = needs
            .codes
            .map(|codes| list(codes, |code| code.as_str().into()));
        json!({
            "category": needs.category.as_str(),
            "action": needs.action.as_str(),
            "codes": codes,
        })
    });
    json!({
        "methods": row.methods,
        "path": row.path,
        "parameter": row.parameter,
        "statuses": statuses(row.statuses),
        "needs": needs,
        "action": row.action.map(Action::as_str),
    })
}

/// A set of statuses: null for all, or a list of statuses and of pairs of the first and the last status.
fn statuses(set: Statuses) -> Option<Vec<Value>> {
    let Statuses(ranges) = set;
    let range = |&(first, last): &(u16, u16)| match first == last {
        true => first.into(),
        false => json!([first, last]),
    };
    (ranges != [(0, u16::MAX)]).then(|| list(ranges, range))
}

/// Adds the three parts of a class to a row.
fn with_class(mut row: Value, class: Option<Class>) -> Value {
    merge(
        &mut row,
        json!({
            "category": class.map(|class| class.category().as_str()),
            "resend": class.map(|class| class.resend().as_str()),
            "action": class.map(|class| class.action().as_str()),
        }),
    );
    row
}

/// Adds the members of one object to another one.
fn merge(object: &mut Value, other: Value) {
    if let (Value::Object(object), Value::Object(other)) = (object, other) {
        object.extend(other);
    }
}

fn list<T>(rows: &[T], value: impl Fn(&T) -> Value) -> Vec<Value> {
    rows.iter().map(value).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const SCHEMA_TEXT: &str = include_str!("../../../docs/errors/catalog.schema.json");

    fn names(object: &Value) -> BTreeSet<String> {
        let object = object.as_object().into_iter().flatten();
        object.map(|(name, _)| name.clone()).collect()
    }

    /// Fails unless an object has exactly the members that a part of the schema declares and requires.
    fn check(path: &str, object: &Value, part: &Value) {
        let declared = names(&part["properties"]);
        let required = part["required"].as_array().into_iter().flatten();
        let required: BTreeSet<String> = required
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        assert_eq!(names(object), declared, "{path}");
        assert_eq!(required, declared, "{path}: required");
        assert_eq!(part["additionalProperties"], false, "{path}");
    }

    #[test]
    fn the_members_of_every_row_are_those_of_the_schema() {
        let schema: Value = serde_json::from_str(SCHEMA_TEXT).unwrap();
        let catalog = catalog();
        check("catalog", &catalog, &schema);
        assert_eq!(catalog["$schema"], schema["$id"]);
        for (table, rows) in catalog.as_object().unwrap() {
            let part = &schema["properties"][table];
            if part["properties"].is_object() {
                check(table, rows, part);
            }
            let name = part["items"]["$ref"].as_str().unwrap_or_default();
            for row in rows.as_array().into_iter().flatten() {
                check(
                    table,
                    row,
                    &schema["$defs"][name.trim_start_matches("#/$defs/")],
                );
            }
        }
    }

    #[test]
    fn statuses_are_numbers_or_pairs_and_null_means_all() {
        assert_eq!(
            json!(statuses(Statuses(&[(400, 400), (500, 599)]))),
            json!([400, [500, 599]])
        );
        assert_eq!(statuses(Statuses(&[(0, u16::MAX)])), None);
    }
}
