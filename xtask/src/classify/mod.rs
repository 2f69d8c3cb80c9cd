//! `cargo xtask classify`: compares `docs/errors/classify.py`, which reads nothing but the catalog, with the library.
//!
//! It runs the vectors and then random responses, which are the same in each run. With python's `jsonschema` it also checks the
//! catalog and the vectors against their schemas.

mod random;

use std::env;

use anyhow::{Context, Result, bail, ensure};
use intercom_errors::{ApiError, KnownCase, RequestLine};
use serde_json::{Value, json};
use xtask::Workspace;

use crate::tool;

const CLASSIFIER: &str = "docs/errors/classify.py";

/// The number of random responses, unless `CLASSIFY_RANDOM` is set.
const MANY: usize = 20_000;
const FEW: usize = 2_000;

/// The most differences that are shown.
const SHOWN: usize = 5;

/// Each document, followed by its schema.
const SCHEMAS: &[&str] = &[
    "docs/errors/catalog.json",
    "docs/errors/catalog.schema.json",
    "crates/intercom-errors/vectors/explain.json",
    "crates/intercom-errors/vectors/explain.schema.json",
];

/// Validates documents with the schemas that follow them. Exits with 3 if python lacks the module.
const VALIDATE: &str = r#"
import importlib.util, json, sys
if importlib.util.find_spec("jsonschema") is None:
    sys.exit(3)
from jsonschema import Draft202012Validator as Validator
wrong = False
for paths in zip(sys.argv[1::2], sys.argv[2::2]):
    document, schema = (json.load(open(path, encoding="utf-8")) for path in paths)
    Validator.check_schema(schema)
    for error in list(Validator(schema).iter_errors(document))[:5]:
        wrong = True
        print(paths[0], error.json_path, error.message[:200])
sys.exit(wrong)
"#;

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    tool::PYTHON.require(workspace)?;
    let count = match env::var("CLASSIFY_RANDOM") {
        Ok(count) => count
            .parse()
            .context("CLASSIFY_RANDOM is not a number of responses")?,
        Err(_) => MANY,
    };
    compare(workspace, count)
}

/// The part of `cargo xtask ci`: fewer responses, and nothing if python is missing.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    match tool::PYTHON.require(workspace) {
        Ok(()) => compare(workspace, FEW),
        Err(missing) => {
            println!("{missing}");
            Ok(())
        }
    }
}

fn compare(workspace: &Workspace, count: usize) -> Result<()> {
    validate(workspace)?;
    let vectors = "--check crates/intercom-errors/vectors/explain.json";
    workspace
        .program("python3", &format!("{CLASSIFIER} {vectors}"))
        .run()?;
    compare_random(workspace, count)
}

fn validate(workspace: &Workspace) -> Result<()> {
    let python = workspace.program("python3", "-c").arg(VALIDATE);
    let output = python.args(SCHEMAS).ignore_status().output()?;
    match output.status.code() {
        Some(0) => println!("the catalog and the vectors match their schemas"),
        Some(3) => println!("python's jsonschema is missing, so the schemas were not used"),
        _ => bail!(
            "the schemas found errors:\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
    }
    Ok(())
}

fn compare_random(workspace: &Workspace, count: usize) -> Result<()> {
    let rows: Vec<Value> = random::responses().take(count).collect();
    let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let python = workspace.program("python3", CLASSIFIER).stdin(lines);
    let found = python.read()?;
    let found: Vec<Value> = found
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    ensure!(found.len() == count, "{} of {count} lines", found.len());
    let expected = rows.iter().map(explained);
    let wrong: Vec<String> = rows
        .iter()
        .zip(expected)
        .zip(found)
        .filter(|((_, expected), found)| expected != found)
        .map(|((row, expected), found)| {
            format!("{row}\n  library      {expected}\n  {CLASSIFIER} {found}")
        })
        .collect();
    for difference in wrong.iter().take(SHOWN) {
        println!("{difference}");
    }
    println!("{count} random responses, {} differences", wrong.len());
    ensure!(wrong.is_empty(), "{CLASSIFIER} differs from the library");
    Ok(())
}

/// What the library makes of a row, with the members that the classifier prints.
fn explained(row: &Value) -> Value {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let status = row.get("status").and_then(Value::as_u64);
    let status = status.and_then(|status| u16::try_from(status).ok());
    let (raw, headers) = (row.get("raw").map(text), row.get("headers"));
    let headers: Vec<(String, String)> = headers
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .flat_map(|(name, values)| {
            let values = values.as_array().into_iter().flatten();
            values.map(|value| (name.clone(), text(value)))
        })
        .collect();
    let headers = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_bytes()));
    let (status, raw) = (status.unwrap_or_default(), raw.unwrap_or_default());
    let error = match (row.get("method").map(text), row.get("path").map(text)) {
        (Some(method), Some(path)) => {
            let request = RequestLine::new(&method, &path);
            ApiError::from_parts_to(&request, status, headers, raw.as_bytes())
        }
        _ => ApiError::from_parts(status, headers, raw.as_bytes()),
    };
    printed(&error)
}

fn printed(error: &ApiError) -> Value {
    let class = error.class();
    let contact = error.existing_contact();
    let mut printed = json!({
        "category": class.category().as_str(),
        "resend": class.resend().as_str(),
        "action": class.action().as_str(),
        "answered_by": error.answered_by().as_str(),
        "body": error.body().kind().as_str(),
        "code": error.code().map(|code| code.as_str()),
        "known_case": error.known_case().map(KnownCase::name),
        "message": error.message(),
        "request_id": error.request_id(),
        "existing_contact": contact.map(|contact| json!({"id": contact.id(), "archived": contact.is_archived()})),
    });
    if let Some(members) = printed.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    printed
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use intercom_errors::Action;

    use super::*;

    #[test]
    fn random_responses_reach_every_action_and_known_case() {
        let verdicts: Vec<Value> = random::responses()
            .take(MANY)
            .map(|row| explained(&row))
            .collect();
        let reached = |member: &str| -> BTreeSet<String> {
            let values = verdicts.iter().filter_map(|verdict| verdict.get(member));
            values
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        };
        let actions = Action::ALL.iter().map(|action| action.as_str());
        // Only an exchange without a response has this action.
        let actions = actions.filter(|action| *action != "ask_for_less");
        assert_eq!(reached("action"), actions.map(str::to_owned).collect());
        assert_eq!(reached("known_case").len(), 9);
        assert_eq!(reached("body").len(), 6);
    }
}
