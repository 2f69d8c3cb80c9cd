//! Any file can be read, replayed and traced.

use std::io::Read;

use intercom_debug::{Recording, Trace, replay, requests, script};
use intercom_protocol::{ApiRequest, Config, Fault, FaultKind};
use proptest::prelude::{ProptestConfig, Strategy, any, prop_assert, proptest};

use crate::client::{Gate, Script, TOKEN, memory, refusal, response, run};

/// Does everything that can be done with a recording.
fn use_all(recording: &Recording) {
    let replayed = replay(recording);
    let trace = Trace::of(recording);
    for text in [replayed.to_string(), trace.to_string()] {
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
            assert!(!line.contains(char::is_control), "{line:?}");
        }
    }
    serde_json::to_string(&replayed).unwrap();
    serde_json::to_string(&trace).unwrap();
    let _ = (script(recording), requests(recording, true));
    let lines: Vec<String> = recording.lines().collect();
    if !lines.is_empty() {
        let again = Recording::read(lines.join("\n").as_bytes()).unwrap();
        assert!(again.lines().eq(lines));
    }
}

/// A recording with every kind of line.
fn sample() -> String {
    let recorder = memory();
    let config = || Config::new(TOKEN).without_pacing();
    let failing = || {
        vec![refusal(
            409,
            "conflict",
            "A contact matching those details already exists with id=5f1",
        )]
    };
    let responses = vec![
        response(
            429,
            &[("retry-after", "3"), ("x-ratelimit-reset", "1711100004")],
            "",
        ),
        Err(Fault::not_sent(FaultKind::Dns)),
        response(200, &[], r#"{"type":"list","data":[{"id":"1"}]}"#),
    ];
    for (gate, exchanges) in [
        (vec![], failing()),
        (vec![Gate::Go, Gate::Spread], responses),
        (
            vec![Gate::Refuse(std::time::Duration::from_secs(1))],
            vec![],
        ),
    ] {
        let script = Script {
            gate,
            exchanges,
            tokens: vec![],
        };
        let _ = run(config(), &recorder, ApiRequest::get("/contacts/1"), script);
    }
    recorder.text()
}

#[test]
fn files_that_are_no_recordings_have_one_clear_line() {
    for (bytes, expected) in [
        (&b""[..], "is empty; nothing was recorded"),
        (b"\n \n", "is not a recording; write one with --record FILE"),
        (
            b"\xff\xfe\x00binary\n\x00",
            "is not a recording; write one with --record FILE",
        ),
        (
            b"{\"line\":\"other\"}",
            "is not a recording; write one with --record FILE",
        ),
        (
            b"{\"line\":\"head\",\"v\":2,\"tool\":\"x\",\"recorder\":\"9\",\"bodies\":false}",
            "has format 2; this program reads format 1, so use the program that recorded it",
        ),
    ] {
        let error = Recording::read(bytes).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn a_huge_line_is_skipped_in_little_memory() {
    let huge = std::io::repeat(b'x').take(64 << 20);
    let sample = sample();
    let source = huge.chain(&b"\n"[..]).chain(sample.as_bytes());
    let recording = Recording::read(std::io::BufReader::new(source)).unwrap();
    assert_eq!(recording.unreadable(), 1);
    use_all(&recording);
}

#[test]
fn an_endless_line_is_not_a_recording() {
    let endless = std::io::BufReader::new(std::io::repeat(0));
    let sample = sample();
    let error = Recording::read(sample.as_bytes().chain(endless)).unwrap_err();
    assert!(
        error.to_string().starts_with("is not a recording"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn a_device_is_not_opened() {
    for device in ["/dev/zero", "/dev/null", "/dev/full"] {
        let error = Recording::open(device).unwrap_err();
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(
            source.starts_with("not a regular file"),
            "{device}: {source}"
        );
    }
}

#[test]
fn a_head_of_another_version_is_refused_whatever_else_it_has() {
    for head in [
        r#"{"line":"head","v":2}"#,
        r#"{"line":"head","v":2,"by":["x"],"tool":7}"#,
        r#"{"v":2,"line":"head","bodies":"none"}"#,
    ] {
        let text = format!("{head}\n{}", sample());
        let error = Recording::read(text.as_bytes()).unwrap_err();
        assert!(error.to_string().starts_with("has format 2;"), "{error}");
    }
}

#[test]
fn no_line_of_a_script_has_a_status_that_cannot_be_sent() {
    for status in [0, 1, 99, 100, 199, 1000, 65_535] {
        let text = sample();
        let found = text.split("\"status\":").nth(1).unwrap();
        let found: String = found.chars().take_while(char::is_ascii_digit).collect();
        let changed = text.replace(
            &format!("\"status\":{found}"),
            &format!("\"status\":{status}"),
        );
        let (lines, missing) = script(&Recording::read(changed.as_bytes()).unwrap());
        let wrong = format!("\"status\":{status}");
        assert!(
            missing > 0 && !lines.concat().contains(&(wrong + "}")),
            "{lines:?}"
        );
        for line in lines {
            let line: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert_ne!(line["status"], status);
        }
    }
}

#[test]
fn numbers_that_could_be_telephone_numbers_are_hidden() {
    const NUMBER: &str = "4915123456789";
    let text = sample();
    let mut changed = String::new();
    for line in text.lines() {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        for (name, value) in [
            ("run", NUMBER),
            ("tool", "intercom 491.512.345"),
            ("recorder", "491.512.345"),
        ] {
            if line.get(name).is_some() {
                line[name] = value.into();
            }
        }
        if let Some(response) = line.get_mut("response") {
            let names = [
                "content-length",
                "retry-after",
                "x-ratelimit-reset",
                "x-runtime",
            ];
            let headers = names.map(|name| format!("{name}: {NUMBER}"));
            response["headers"] = headers.to_vec().into();
            response["body"]["shape"] = format!("{{id:str{NUMBER}}}").into();
        }
        changed += &format!("{line}\n");
    }
    let recording = Recording::read(changed.as_bytes()).unwrap();
    let lines: String = recording.lines().collect();
    assert!(
        !lines.contains(NUMBER) && !lines.contains("491.512"),
        "{lines}"
    );
    use_all(&recording);
}

#[test]
fn values_that_a_recorder_does_not_write_are_hidden() {
    let changed = sample()
        .replace("/contacts/{id}", "/contacts/zoltan@example.org")
        .replace("\"conflict\"", "\"Zoltan\"")
        .replace("retry-after: 3", "retry-after: Zoltan\"},\\u001b[31m")
        .replace("b2i3mhcboc6pcbe33q80", "zoltan@example.org")
        .replace("already exists with id=masked", "Zoltan");
    let text = changed.replace("\"},\\u001b", "");
    let recording = Recording::read(text.as_bytes()).unwrap();
    let lines: Vec<String> = recording.lines().collect();
    assert!(
        !lines.concat().to_lowercase().contains("zoltan"),
        "{lines:?}"
    );
    use_all(&recording);
}

/// A change of some bytes.
fn edits() -> impl Strategy<Value = Vec<(usize, Vec<u8>)>> {
    let bytes = proptest::collection::vec(any::<u8>(), 0..4);
    let word = proptest::sample::select(vec![
        "0",
        "18446744073709551615",
        "-1",
        "null",
        "\"\"",
        "{}",
        "[]",
        "1e400",
        "9",
        "\"Zoltan\"",
        "\\u0000",
    ]);
    let part = proptest::prop_oneof![bytes, word.prop_map(|word| word.as_bytes().to_vec())];
    proptest::collection::vec((0..4_000_usize, part), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_can_be_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(recording) = Recording::read(&*bytes) {
            use_all(&recording);
        }
    }

    #[test]
    fn a_changed_recording_can_be_used(edits in edits()) {
        let mut text = sample().into_bytes();
        for (at, part) in edits {
            let at = at % text.len();
            let end = (at + part.len().max(1)).min(text.len());
            text.splice(at..end, part);
        }
        if let Ok(recording) = Recording::read(&*text) {
            use_all(&recording);
        }
    }

    #[test]
    fn any_numbers_can_be_replayed(numbers in proptest::collection::vec(any::<u64>(), 8)) {
        let mut numbers = numbers.into_iter().cycle();
        let text: String = sample().split("_ns\":").enumerate().map(|(at, part)| {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            match at {
                0 => part.to_owned(),
                _ => format!("_ns\":{}{}", numbers.next().unwrap(), &part[digits..]),
            }
        }).collect();
        let recording = Recording::read(text.as_bytes()).unwrap();
        prop_assert!(recording.unreadable() == 0);
        use_all(&recording);
    }
}
