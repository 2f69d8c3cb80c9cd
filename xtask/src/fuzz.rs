//! `cargo xtask fuzz`: runs each fuzz target for `FUZZ_SECONDS` (60 by default). Those of intercom-errors and the command's
//! reader of notations are in one folder.
//!
//! The corpus is in the target folder. It starts with the vectors, and keeps the inputs that libFuzzer finds between runs.

use anyhow::{Context, Result};
use serde_json::Value;
use xtask::Workspace;

use crate::{tool, work};

const FOLDER: &str = "crates/intercom-errors/fuzz";
const VECTORS: &str = "crates/intercom-errors/vectors/explain.json";

/// A fuzz target, and the inputs that it makes of a row of the vectors.
struct Target {
    name: &'static str,
    seeds: fn(&Value) -> Vec<Vec<u8>>,
}

const TARGETS: &[Target] = &[
    Target {
        name: "body",
        seeds: |row| vec![[status(row), body(row)].concat()],
    },
    Target {
        name: "headers",
        seeds: |row| {
            let lines = headers(row).map(|(name, value)| format!("{name}:{value}\n").into_bytes());
            vec![[status(row), lines.collect::<Vec<_>>().concat()].concat()]
        },
    },
    Target {
        name: "dates",
        seeds: |row| headers(row).map(|(_, value)| value.into()).collect(),
    },
    Target {
        name: "notation",
        seeds: |row| vec![body(row)],
    },
];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    tool::NIGHTLY.require(workspace)?;
    tool::FUZZ.require(workspace)?;
    let seconds = work::seconds("FUZZ_SECONDS", 60)?;
    let shell = workspace.shell();
    let rows: Vec<Value> = serde_json::from_str(&shell.read_file(VECTORS)?).context(VECTORS)?;
    let folder = workspace.target().join("fuzz");
    for target in TARGETS {
        let corpus = folder.join("corpus").join(target.name);
        let seeds: Vec<_> = rows.iter().flat_map(target.seeds).collect();
        // Overwrites the seeds of earlier runs and keeps the inputs that were found.
        for (number, seed) in seeds.iter().enumerate() {
            shell.write_file(corpus.join(format!("vector-{number}")), seed)?;
        }
        println!("fuzz {}: {} seeds, {seconds} s", target.name, seeds.len());
        // The cargo that runs this program would use its own compiler.
        let run = workspace.program("rustup", "run nightly cargo fuzz run --fuzz-dir");
        run.args([FOLDER, "--target-dir"])
            .arg(&folder)
            .arg(target.name)
            .arg(&corpus)
            .args(["--", "-print_final_stats=1", "-timeout=10"])
            .arg(format!("-max_total_time={seconds}"))
            .run()?;
    }
    Ok(())
}

/// The status as the targets read it: two bytes, little-endian.
fn status(row: &Value) -> Vec<u8> {
    let status = row["status"]
        .as_u64()
        .and_then(|status| status.try_into().ok());
    u16::to_le_bytes(status.unwrap_or_default()).to_vec()
}

fn body(row: &Value) -> Vec<u8> {
    match (row.get("body"), row["raw"].as_str(), row["hex"].as_str()) {
        (Some(body), ..) => body.to_string().into_bytes(),
        (_, Some(raw), _) => raw.as_bytes().to_vec(),
        (.., Some(hex)) => bytes(hex),
        _ => Vec::new(),
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = (0..hex.len()).step_by(2);
    let pairs = pairs.filter_map(|start| hex.get(start..start + 2));
    pairs
        .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect()
}

/// Names and values. A list of values is a repeated header.
fn headers(row: &Value) -> impl Iterator<Item = (&str, &str)> {
    let headers = row["headers"].as_object().into_iter().flatten();
    headers.flat_map(|(name, value)| {
        let values = match value {
            Value::Array(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        values
            .iter()
            .filter_map(move |value| Some((name.as_str(), value.as_str()?)))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seeds(name: &str, row: &Value) -> Vec<Vec<u8>> {
        let target = TARGETS.iter().find(|target| target.name == name);
        target.map(|target| (target.seeds)(row)).unwrap_or_default()
    }

    #[test]
    fn a_row_becomes_the_inputs_of_each_target() {
        let row = json!({"status": 404, "headers": {"Date": ["x", "y"]}, "hex": "7bff"});
        assert_eq!(seeds("body", &row), [b"\x94\x01{\xff"]);
        assert_eq!(seeds("headers", &row), [b"\x94\x01Date:x\nDate:y\n"]);
        assert_eq!(seeds("dates", &row), [b"x", b"y"]);
        assert_eq!(seeds("notation", &row), [b"{\xff"]);
    }
}
