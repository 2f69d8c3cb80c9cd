//! `bundle`: its document, its file and its exit statuses.

use std::fs;
use std::path::PathBuf;

use intercom_mock::MockServer;
use serde_json::json;

use crate::run::{SECRET, against, command, run};

fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("intercom-bundle-{name}-{}", std::process::id()));
    fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn a_bundle_is_written_and_its_contents_are_printed() {
    let mock = MockServer::builder().token(SECRET).start().unwrap();
    let folder = folder("written");
    let (file, log) = (folder.join("b.tar.gz"), folder.join("a.log"));
    fs::write(
        &log,
        format!("ERROR intercom: 401 unauthorized for {SECRET}\n"),
    )
    .unwrap();
    let paths = [&file, &log].map(|path| path.to_str().unwrap());
    let mut asked = against(&mock, &["bundle", "--output", paths[0], "--log", paths[1]]);
    asked.env("INTERCOM_ACCESS_TOKEN", SECRET);
    let ran = run(asked);
    assert_eq!(ran.exit, 0, "{ran:?}");
    for part in [
        "set, 28 characters, accepted",
        "log-redacted.txt",
        "Before you send it, read the summary above, unpack the file",
    ] {
        assert!(ran.out.contains(part), "{ran:?}");
    }
    assert!(ran.err.contains("intercom: token: accepted\n"), "{ran:?}");
    assert!(!format!("{ran:?}").contains("dG9r"));
    assert!(fs::read(&file).unwrap().starts_with(&[0x1f, 0x8b]));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_bundle_is_written_although_nothing_responds() {
    let mock = MockServer::builder()
        .api_down(true)
        .status_page_down(true)
        .start()
        .unwrap();
    let folder = folder("down");
    let mut asked = against(&mock, &["bundle", "--json"]);
    asked.current_dir(&folder);
    let ran = run(asked);
    assert_eq!((ran.exit, &ran.json()["ok"]), (0, &json!(false)), "{ran:?}");
    let name = ran.json()["file"].as_str().unwrap().to_owned();
    assert!(
        name.starts_with("intercom-bundle-2") && name.ends_with(".tar.gz"),
        "{name}"
    );
    assert!(folder.join(name).exists());
    assert_eq!(ran.json()["files"][0], "summary.txt");
    assert_eq!(ran.json()["summary"]["requests"][0]["route"], "/me");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_missing_file_is_exit_1_and_the_bundle_is_written_without_it() {
    let mock = MockServer::start().unwrap();
    let folder = folder("missing");
    let mut asked = against(
        &mock,
        &[
            "bundle", "--json", "--output", "b.tar.gz", "--env", "none.env",
        ],
    );
    asked.current_dir(&folder);
    let ran = run(asked);
    assert_eq!(ran.exit, 1, "{ran:?}");
    assert!(
        ran.err
            .contains("env none.env: not used: No such file or directory"),
        "{ran:?}"
    );
    assert_eq!(ran.json()["problems"][0]["step"], "env 1");
    assert!(folder.join("b.tar.gz").exists());
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn wrong_arguments_are_found_before_anything_is_sent() {
    let mock = MockServer::start().unwrap();
    let record = run(against(&mock, &["bundle", "--record", "a.ndjson"]));
    assert_eq!(
        (record.exit, record.line().contains("--recording FILE")),
        (2, true),
        "{record:?}"
    );
    let folder = run(against(
        &mock,
        &["bundle", "--output", "no-such-folder/b.tar.gz"],
    ));
    assert_eq!(
        (folder.exit, folder.line().contains("no-such-folder")),
        (2, true),
        "{folder:?}"
    );
    assert_eq!(run(command(&["bundle", "--nonsense"])).exit, 2);
    assert_eq!(mock.request_count(), 0);
}
