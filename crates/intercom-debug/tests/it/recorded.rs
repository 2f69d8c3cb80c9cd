//! What a recording contains, and what it does not.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use intercom_debug::{Recorder, Recording, Trace};
use intercom_protocol::{ApiRequest, Config};
use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

use crate::client::{Script, TOKEN, memory, recording, refusal, response, run};

fn config() -> Config {
    Config::new(TOKEN).without_pacing()
}

/// A folder of a test, which is deleted at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("intercom-debug-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("r.ndjson")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Makes calls that mention a person.
fn personal(recorder: &Recorder) {
    mention(recorder, "zoltan@example.org");
}

/// Makes calls that have a text wherever a request or a response can have any.
fn mention(recorder: &Recorder, text: &str) {
    let link = format!("</contacts/{text}>; rel=\"canonical\"");
    let (url, kind) = (format!("https://x.example/{text}"), format!("text/{text}"));
    let headers = [
        ("x-request-id", text),
        ("date", text),
        ("retry-after", text),
        ("location", &url),
        ("link", &link),
        ("server", text),
        ("content-type", &kind),
        ("set-cookie", text),
        ("x-ratelimit-limit", "4915123456789"),
        ("x-amzn-waf-action-of", text),
    ];
    let failure = serde_json::json!({
        "type": "error.list", "request_id": text, text: 1,
        "errors": [
            { "code": text, "message": text, "field": text, "data": { text: text } },
            {
                "code": "parameter_invalid",
                "message": format!("Custom attribute '{text}' does not exist"),
                "field": format!("custom_attributes.{text}"),
            },
            text,
        ],
    });
    let success = serde_json::json!({ "type": text, "name": text, text: { text: [text] } });
    let by_field = serde_json::json!({ "errors": { "base": text, text: { "email": text } } });
    let page = format!("<html>{text}</html>");
    let request = || {
        ApiRequest::get("/contacts")
            .segment(text)
            .segment("tags")
            .query(text, text)
            .query("email", text)
    };
    for (status, body) in [
        (200, success.to_string()),
        (200, page.clone()),
        (400, failure.to_string()),
        (403, page),
        (404, failure.to_string()),
        (410, failure.to_string()),
        (422, by_field.to_string()),
        (429, failure.to_string()),
        (500, text.to_owned()),
    ] {
        let script = Script {
            exchanges: (0..4).map(|_| response(status, &headers, &body)).collect(),
            ..Script::default()
        };
        let _ = run(config(), recorder, request(), script);
    }
}

#[test]
fn a_recording_has_no_personal_data() {
    let recorder = memory();
    personal(&recorder);
    let text = recorder.text().to_lowercase();
    for secret in [
        "zoltan",
        "example",
        "49151234",
        "zoltan1815",
        &TOKEN.to_lowercase(),
    ] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let recording = recording(&recorder);
    assert_eq!(recording.unreadable(), 0);
    assert_eq!(intercom_debug::replay(&recording).differences(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_text_of_others_is_recorded(word in "[a-z0-9]{0,6}zq[A-Za-z0-9 @.,'+()/_-]{0,20}") {
        let recorder = memory();
        mention(&recorder, &word);
        prop_assert!(!recorder.text().to_lowercase().contains("zq"), "{}", recorder.text());
        let recording = recording(&recorder);
        prop_assert_eq!(intercom_debug::replay(&recording).differences(), 0);
        // Reading the recording changes nothing, because nothing in it has to be hidden.
        let text = recorder.text();
        prop_assert!(recording.lines().skip(1).eq(text.lines().skip(1).map(str::to_owned)));
    }
}

#[test]
fn a_line_has_all_that_the_decision_used() {
    let recorder = memory();
    let script = Script {
        exchanges: vec![refusal(
            409,
            "conflict",
            "A contact matching those details already exists with id=5f1",
        )],
        ..Script::default()
    };
    let _ = run(
        config(),
        &recorder,
        ApiRequest::post("/contacts").query("email", 1),
        script,
    );
    let text = recorder.text();
    let line = text.lines().nth(1).unwrap();
    let (before, after) = line.split_once("\"run\":\"").unwrap();
    let (_, after) = after.split_once(",\"method\"").unwrap();
    insta::assert_snapshot!(format!("{before}\"method\"{after}").replace(",\"", ",\n\""), @r#"
    {"line":"exchange",
    "method":"POST",
    "route":"/contacts",
    "query":["email"],
    "server":"us",
    "n":1,
    "terms":{"replay":"no"},
    "began_ns":5000000000,
    "sent_ns":5003000000,
    "received_ns":5083000000,
    "time":"2024-03-22T09:33:25.083Z",
    "roll":"d0d2bb5bde8debc0",
    "response":{"status":409,
    "request_id":"b2i3mhcboc6pcbe33q80",
    "errors":[{"code":"conflict",
    "message":"A contact matching those details already exists with id=masked"}],
    "error_list":true,
    "body":{"kind":"error_list",
    "len":160}},
    "outcome":{"class":{"category":"conflict",
    "resend":"never",
    "action":"use_existing"},
    "then":"stop",
    "reason":"not_retryable"}}
    "#);
}

#[test]
fn bodies_are_kept_only_on_request_and_without_addresses_and_the_token() {
    let body = format!(
        r#"{{"type":"contact","email":"zoltan@example.org","note":"{}"}}"#,
        "Grace"
    );
    let with_token = format!(r#"{{"type":"contact","token":"{TOKEN}"}}"#);
    let recorder = Recorder::builder().hide(TOKEN).bodies(true).in_memory(10);
    for body in [body, with_token] {
        let script = Script {
            exchanges: vec![response(200, &[], &body)],
            ..Script::default()
        };
        run(config(), &recorder, ApiRequest::get("/me"), script).unwrap();
    }
    let text = recorder.text();
    assert!(
        text.contains("Grace") && text.contains("\"bodies\":true"),
        "{text}"
    );
    assert!(!text.contains("zoltan@") && !text.contains(TOKEN), "{text}");
    assert!(recording(&recorder).has_bodies());
}

#[test]
fn the_memory_keeps_the_last_lines() {
    let recorder = Recorder::builder().in_memory(2);
    personal(&recorder);
    assert_eq!(recorder.text().lines().count(), 3);
    assert!(recorder.text().starts_with("{\"line\":\"head\",\"v\":1,"));
}

#[test]
fn a_file_is_bounded_and_only_for_its_owner() {
    let folder = Folder::new("bounded");
    let path = folder.file();
    let recorder = Recorder::builder().limit(20_000).to_file(&path).unwrap();
    for _ in 0..10 {
        personal(&recorder);
    }
    assert!(recorder.failure().is_none());
    let earlier = folder.0.join("r.ndjson.1");
    for file in [&path, &earlier] {
        let metadata = fs::metadata(file).unwrap();
        assert!(metadata.len() <= 10_000, "{}", metadata.len());
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777,
            0o600
        );
        let recording = Recording::open(file).unwrap();
        assert_eq!(recording.unreadable(), 0);
    }
}

#[test]
fn recorders_of_one_file_begin_one_new_file() {
    let folder = Folder::new("shared");
    let path = folder.file();
    let recorder = || Recorder::builder().limit(20_000).to_file(&path).unwrap();
    let recorders = [recorder(), recorder(), recorder()];
    for round in 1..=20 {
        for recorder in &recorders {
            let before = [&path, &folder.0.join("r.ndjson.1")].map(|file| lines_of(file));
            personal(recorder);
            let after = [&path, &folder.0.join("r.ndjson.1")].map(|file| lines_of(file));
            // What was the newest file is still there, as one of both.
            let is_kept = after.iter().any(|lines| lines.starts_with(&before[0]));
            assert!(is_kept, "round {round}");
        }
    }
    for recorder in &recorders {
        assert!(recorder.failure().is_none());
    }
    // The earlier file was full.
    assert!(fs::metadata(folder.0.join("r.ndjson.1")).unwrap().len() > 8_000);
}

fn lines_of(path: &std::path::Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_recording_that_was_deleted_or_moved_begins_again() {
    let folder = Folder::new("moved");
    let path = folder.file();
    let recorder = Recorder::builder().to_file(&path).unwrap();
    personal(&recorder);
    let all = lines_of(&path);
    fs::rename(&path, folder.0.join("elsewhere")).unwrap();
    personal(&recorder);
    assert!(recorder.failure().is_none());
    assert_eq!(lines_of(&path).len(), all.len());
    assert_eq!(lines_of(&path)[0], all[0]);
    assert_eq!(lines_of(&folder.0.join("elsewhere")), all);
}

#[test]
fn an_existing_file_is_continued_and_a_torn_line_is_counted() {
    let folder = Folder::new("continued");
    let path = folder.file();
    for _ in 0..2 {
        personal(&Recorder::builder().to_file(&path).unwrap());
    }
    let whole = Recording::open(&path).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..text.len() - 20]).unwrap();
    let torn = Recording::open(&path).unwrap();
    assert_eq!((whole.unreadable(), torn.unreadable()), (0, 1));
    // A run after the torn line is complete.
    personal(&Recorder::builder().to_file(&path).unwrap());
    let more = Recording::open(&path).unwrap();
    assert_eq!(more.unreadable(), 1);
    assert_eq!(
        more.lines().count(),
        torn.lines().count() + whole.lines().count() / 2
    );
    // The runs have different names, so their calls do not mix.
    assert_eq!(Trace::of(&whole).calls().len(), 18);
}

#[test]
fn a_full_disk_does_not_disturb_calls() {
    let full = PathBuf::from("/dev/full");
    if !full.exists() {
        return;
    }
    assert!(Recorder::builder().to_file(&full).is_err());
    let folder = Folder::new("full");
    let recorder = Recorder::builder()
        .limit(2_000)
        .to_file(folder.file())
        .unwrap();
    // The earlier file cannot be replaced.
    fs::create_dir_all(folder.0.join("r.ndjson.1").join("x")).unwrap();
    personal(&recorder);
    assert!(recorder.failure().is_some());
    assert!(recorder.failure().is_none());
}

/// Gives every call the number 1.
fn numbered_1(text: &str) -> String {
    let mut parts = text.split("\"call\":");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |all, part| {
        all + "\"call\":1" + part.trim_start_matches(|digit: char| digit.is_ascii_digit())
    })
}

#[test]
fn a_trace_adds_up_the_waits_and_names_the_request_ids() {
    let recorder = memory();
    let limited = [
        ("retry-after", "3"),
        ("x-request-id", "004qkagkoq5kktea5hdg"),
    ];
    let body = r#"{"type":"error.list","errors":[{"code":"rate_limit_exceeded"}]}"#;
    let script = Script {
        gate: vec![crate::client::Gate::Spread],
        exchanges: vec![response(429, &limited, body), response(200, &[], "{}")],
        ..Script::default()
    };
    run(config(), &recorder, ApiRequest::get("/me"), script).unwrap();
    // Calls are numbered in the whole process.
    let text = numbered_1(&recorder.text());
    let recording = Recording::read(text.as_bytes()).unwrap();
    let trace = Trace::of(&recording).with_request_id("004qkagkoq5kktea5hdg");
    let [call] = trace.calls() else {
        panic!("one call")
    };
    assert_eq!(
        call.elapsed(),
        Duration::from_millis(3 + 80 + 3_000 + 3 + 80)
    );
    let text = trace.to_string();
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    insta::assert_snapshot!(text, @r"
    1 call in 3.16s: 1 done, 0 failed
    2 attempts, 1 of them 429
    1 wait between attempts: 3s, longest 3s
      caused by retry_after 1
    6ms at the gate, added up over all calls

    call #1 GET /me
          +3ms 429 rate_limit_exceeded    80ms 004qkagkoq5kktea5hdg
               waits 3s: retry_after
        +3.08s 200                        80ms -
        +3.16s done

    Errors                    tries calls failed latest request id
      429 rate_limit_exceeded     1     1     0 004qkagkoq5kktea5hdg

    Slowest calls                    took  tries   waits  at gate ended
      #1 GET /me                    3.16s      2      3s      6ms done

    Routes                          calls attempts failed   429  median slowest
      GET /me                           1        2      0     1    80ms    80ms

    Timeline, in windows of 10 s (UTC)
      window     sent    ok  fail   429  left      = ok  ! failed  x 429
      09:33:20      2     1     0     1     -  ================xxxxxxxxxxxxxxxx

    Longest calls (~ at the gate, = sent, . waiting, x 429, ! failed, o done)
                               09:33:25                              +3.16s
      #1 GET /me               =x.......................................==o 3.16s
    ");
    assert!(
        Trace::of(&recording)
            .with_route("/contacts")
            .calls()
            .is_empty()
    );
}
