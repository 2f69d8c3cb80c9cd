//! The recording of each scenario leads the present code to the same decisions.

use intercom_debug::{Recording, replay};
use serde_json::Value;

use super::trace::Trace;

/// Returns what is wrong with the replay of the trace's recording.
pub(super) fn complaints(trace: &Trace) -> Vec<String> {
    let recording = Recording::read(trace.recording.as_bytes()).unwrap();
    let replayed = replay(&recording);
    let mut wrong = Vec::new();
    if replayed.differences() != 0 || replayed.calls().len() != 1 {
        wrong.push(format!(
            "the replay differs\n{replayed}\n{}",
            trace.recording
        ));
    }
    for call in replayed.calls() {
        // Each attempt of the trace is replayed. An invalid request has no decision.
        let is_invalid = trace.line == " => invalid";
        if call.reason().is_some() != is_invalid {
            wrong.push(format!("not replayed: {:?}", call.reason()));
        }
        let attempts = trace.events.iter().filter(|event| event.ends_with(" sent"));
        if call.attempts().len() != attempts.count() {
            wrong.push(format!("not all attempts are replayed\n{call}"));
        }
    }
    let document = serde_json::to_value(&replayed).unwrap();
    for call in list(&document, "calls") {
        for attempt in list(call, "attempts") {
            // Class, wait, cause and reason, as the recording has them, byte for byte.
            let [then, now] = ["then", "now"].map(|name| attempt.get(name).unwrap().to_string());
            if then != now {
                wrong.push(format!("{then} is now {now}"));
            }
        }
    }
    wrong
}

fn list<'v>(value: &'v Value, name: &str) -> &'v Vec<Value> {
    value.get(name).and_then(Value::as_array).unwrap()
}
