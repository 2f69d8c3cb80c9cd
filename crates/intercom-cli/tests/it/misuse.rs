//! Invalid arguments and settings: exit status 2, the reason on stderr, nothing sent.

use std::ffi::OsString;
use std::io::Read as _;
use std::process::Stdio;

use intercom_mock::{Method, MockServer, Scripted};

use crate::batch::Folder;
use crate::run::{Ran, SECRET, against, command, run, run_with};

/// Invalid arguments and settings, and a part of the expected message.
const BAD: &[(&[&str], &str)] = &[
    (
        &["doctor", "--base-url", "http://api.intercom.io"],
        "use https",
    ),
    (
        &["doctor", "--base-url", "ftp://x"],
        "neither https nor http",
    ),
    (&["doctor", "--base-url", "nonsense"], "is missing https://"),
    (
        &["doctor", "--status-url", "http://status.example"],
        "use https",
    ),
    (&["doctor", "--max-attempts", "0"], "at least 1"),
    (&["doctor", "--api-version", "2.14\n"], "like 2.14"),
    (
        &["doctor", "--token-file", "/nowhere/token"],
        "cannot be read",
    ),
    (&["doctor", "--token-file", "/dev/null"], "is empty"),
    (&["api", "GET", "contacts"], "begin with a slash"),
    (&["api", "GET", "https://api.intercom.io/me"], "full URL"),
    (&["api", "GET", "/a/../b"], ".. segment"),
    (
        &["api", "POST", "/contacts", "--data", "{bad"],
        "--data is not JSON",
    ),
    (
        &["api", "POST", "/contacts", "--data", ""],
        "--data is empty; nothing was sent",
    ),
    (
        &["api", "POST", "/contacts", "--data", "@/dev/null"],
        "/dev/null is empty; nothing was sent",
    ),
    (
        &["api", "POST", "/contacts", "--data", "@/nowhere"],
        "/nowhere cannot be read",
    ),
    (
        &["api", "GET", "/me", "--header", "Authorization: x"],
        "the client sets the header authorization itself; remove it from the request; the token comes from INTERCOM_ACCESS_TOKEN or --token-file",
    ),
    (
        &["api", "GET", "/me", "--header", "Host: x"],
        "the client sets the header host itself; remove it from the request",
    ),
    (&["contact", "find", ""], "cannot be an id"),
    (
        &["contact", "find-or-create", "--email", "ada"],
        "name@host",
    ),
    (
        &["explain", "/nowhere/response.json"],
        "neither an existing file",
    ),
    (&["explain", "42"], "100 to 599"),
    (&["explain", "99999999999999999999"], "100 to 599"),
    (
        &["explain", "--lines", "/nowhere"],
        "/nowhere cannot be read",
    ),
    (&["explain"], "nothing to explain"),
];

/// Arguments that clap rejects.
const MISTYPED: &[(&[&str], &str)] = &[
    (&["contact"], "find, find-or-create"),
    (&["frobnicate"], "frobnicate"),
    (&["--token", "x", "doctor"], "--token-file"),
    (
        &["doctor", "--region", "mars"],
        "'--region <REGION>': unknown region; use one of au, eu, us",
    ),
    (
        &[
            "doctor",
            "--region",
            "eu",
            "--base-url",
            "https://x.example",
        ],
        "cannot be used with",
    ),
    (&["doctor", "--client", "quantum"], "blocking, async"),
    (&["doctor", "--max-attempts", "many"], "many"),
    (&["doctor", "--deadline", "0"], "more than 0"),
    (&["doctor", "--deadline", "-1"], "number of seconds"),
    (&["doctor", "--deadline", "NaN"], "number of seconds"),
    (&["doctor", "--max-wait", "0"], "more than 0"),
    (&["doctor", "--max-wait", "-1"], "number of seconds"),
    (&["api", "G T", "/me"], "use a method like GET"),
    (
        &["api", "GET", "/me", "--header", "nonsense"],
        "Name: value",
    ),
    (
        &[
            "contact",
            "find-or-create",
            "--email",
            "a@b",
            "--role",
            "admin",
        ],
        "unknown role; use one of lead, user",
    ),
    (&["explain", "not_found", "--status", "1000"], "1000"),
    (&["explain", "429", "--path", "/me"], "--method"),
    (
        &["explain", "--lines", "-", "--status", "404"],
        "cannot be used with",
    ),
    (&["mock", "--window", "0"], "more than 0"),
    (&["mock", "--port", "70000"], "70000"),
];

/// Runs the command with a token and a mock server, and checks that it uses neither.
#[track_caller]
fn refused(args: &[&str]) -> Ran {
    let mock = MockServer::start().unwrap();
    let mut asked = against(&mock, args);
    if args.contains(&"--region") {
        asked.env_remove("INTERCOM_BASE_URL");
    }
    if args.contains(&"--status-url") {
        asked = command(args);
    }
    asked.env("INTERCOM_ACCESS_TOKEN", SECRET);
    let ran = run(asked);
    assert_eq!((ran.exit, ran.out.as_str()), (2, ""), "{args:?}: {ran:?}");
    assert!(!ran.err.contains(SECRET), "{args:?}");
    assert_eq!(mock.request_count(), 0);
    ran
}

#[test]
fn invalid_settings_are_reported_in_one_line_without_the_token() {
    for (args, word) in BAD {
        let ran = refused(args);
        assert!(ran.line().contains(word), "{args:?}: {ran:?}");
    }
}

#[test]
fn mistyped_arguments_are_reported_by_clap() {
    for (args, word) in MISTYPED {
        let ran = refused(args);
        assert!(ran.usage().contains(word), "{args:?}: {ran:?}");
    }
}

#[test]
fn the_usage_error_of_a_misspelled_option_names_the_option_and_the_usage() {
    let ran = run(command(&["api", "GET", "/me", "--replayabel"]));
    insta::assert_snapshot!(ran.usage(), @r"
    error: unexpected argument '--replayabel' found

      tip: a similar argument exists: '--replayable'

    Usage: intercom api --replayable <METHOD> <PATH>
    ");
}

#[test]
fn a_mistyped_argument_is_escaped() {
    let ran = run(command(&["doctor\u{202e}\u{9b}"]));
    assert!(ran.usage().contains(r"'doctor\u{202e}\u{9b}'"), "{ran:?}");
}

#[test]
fn without_a_command_the_short_help_is_printed() {
    let ran = run(command(&[]));
    assert_eq!((ran.exit, ran.out.as_str()), (2, ""));
    assert_eq!(ran.err, run(command(&["-h"])).out);
}

#[test]
fn with_json_a_usage_error_is_a_document_too() {
    for args in [
        &["api", "GET", "/me", "--json"][..],
        &["--json", "frobnicate"],
        &["--json"],
        &["--json", "contact"],
        &["--json=true", "doctor"],
        &["doctor", "--json=yes"],
    ] {
        let ran = run(command(args));
        assert_eq!(
            (ran.exit, &ran.json()["error"]["kind"]),
            (2, &serde_json::json!("usage"))
        );
        let shown = ran.err.trim_end();
        let shown = shown.strip_prefix("intercom: ").unwrap_or(shown);
        assert_eq!(ran.json()["error"]["message"], shown);
    }
}

#[test]
fn a_missing_or_invalid_token_is_reported() {
    for args in [
        &["doctor"][..],
        &["api", "GET", "/me"],
        &["contact", "find", "1"],
    ] {
        if args != ["doctor"] {
            let ran = run(command(args));
            assert_eq!(ran.exit, 2);
            assert!(
                ran.line().contains("INTERCOM_ACCESS_TOKEN") && ran.line().contains("--token-file"),
                "{ran:?}"
            );
        }
        for broken in [
            "secret\ncanary",
            "secret canary",
            "secr\u{e9}t-canary",
            "secret-canary\n",
        ] {
            let mut asked = command(args);
            asked.env("INTERCOM_ACCESS_TOKEN", broken);
            let ran = run(asked);
            assert_eq!((ran.exit, ran.out.as_str()), (2, ""));
            assert!(ran.line().contains("as one line"), "{ran:?}");
            assert!(
                !ran.err.contains("canary") && !ran.err.contains("secr"),
                "{ran:?}"
            );
        }
    }
}

#[test]
fn an_empty_base_url_in_the_environment_is_an_error() {
    let folder = Folder::new("base-url", &[""]);
    let (file, out) = (folder.path("in"), folder.path("out"));
    let mut broken = vec![(
        OsString::new(),
        "is empty; set it to a URL like https://api.intercom.io, or unset it",
    )];
    #[cfg(unix)]
    broken.push((
        std::os::unix::ffi::OsStringExt::from_vec(b"https://x\xff.example".to_vec()),
        "is not UTF-8; set it to a URL like https://api.intercom.io, or unset it",
    ));
    for (url, why) in broken {
        for args in [
            &["doctor"][..],
            &["api", "GET", "/me"],
            &["batch", &file, "--out", &out],
        ] {
            let asked = |more: &[&str]| {
                let mut asked = command(&[args, more].concat());
                asked.env("INTERCOM_ACCESS_TOKEN", SECRET);
                asked.env("INTERCOM_BASE_URL", &url);
                run(asked)
            };
            // If the URL were used anyway, nothing would leave this machine.
            let ran = asked(&["--deadline", "0.000001"]);
            assert_eq!(
                (ran.exit, ran.line()),
                (2, &*format!("INTERCOM_BASE_URL {why}"))
            );
            let given = asked(&[
                "--base-url",
                "http://127.0.0.1:1",
                "--status-url",
                "http://127.0.0.1:1",
                "--max-attempts",
                "1",
            ]);
            assert_ne!(given.exit, 2, "arguments take precedence: {given:?}");
        }
    }
}

#[test]
fn a_token_file_may_only_end_with_one_line_break() {
    let mock = MockServer::builder()
        .token("token-of-a-file")
        .start()
        .unwrap();
    let file = std::env::temp_dir().join(format!("intercom-token-{}", std::process::id()));
    let ask = |content: &[u8]| {
        std::fs::write(&file, content).unwrap();
        let mut asked = against(
            &mock,
            &["api", "GET", "/me", "--token-file", file.to_str().unwrap()],
        );
        asked.env("INTERCOM_ACCESS_TOKEN", "another-token");
        run(asked).exit
    };
    for good in [
        "token-of-a-file",
        "token-of-a-file\n",
        "token-of-a-file\r\n",
    ] {
        assert_eq!(ask(good.as_bytes()), 0, "{good:?}");
    }
    let long = "x".repeat(100_000);
    for bad in [
        b"token-of\n-a-file".as_slice(),
        b"token\xff",
        b"\n",
        b" token-of-a-file",
        long.as_bytes(),
    ] {
        assert_eq!(ask(bad), 2);
    }
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn endless_output_ends_silently_when_its_reader_leaves() {
    let line = "{\"status\":404}\n".repeat(20_000);
    let mut child = command(&["explain", "--lines", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || std::io::Write::write_all(&mut stdin, line.as_bytes()));
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 100]).unwrap();
    drop(stdout);
    let ended = child.wait_with_output().unwrap();
    assert!(writer.join().unwrap().is_err(), "the rest was read");
    assert_eq!(
        (ended.status.code(), ended.stderr.as_slice()),
        (Some(0), b"".as_slice())
    );
}

#[cfg(unix)]
#[test]
fn a_failure_is_reported_even_if_stdout_is_closed() {
    let mock = MockServer::start().unwrap();
    mock.script_always(Method::GET, "*", Scripted::error(401, "unauthorized", "no"));
    let folder = Folder::new("unread", &[r#"{"method":"GET","path":"/me"}"#]);
    let (file, out) = (folder.path("in"), folder.path("out"));
    for args in [
        &["api", "GET", "/me"][..],
        &["contact", "find", "1"],
        &["doctor"],
        &["batch", &file, "--out", &out],
        &["explain", "not_a_known_code"],
    ] {
        for form in [&[][..], &["--json"]] {
            let asked = || against(&mock, &[args, form].concat());
            let (reader, writer) = std::os::unix::net::UnixStream::pair().unwrap();
            drop(reader);
            let mut unread = asked();
            unread.stdout(std::os::fd::OwnedFd::from(writer));
            let ran = Ran::of(&unread.output().unwrap());
            let exit = run(asked()).exit;
            assert_eq!((ran.exit, exit > 0), (exit, true), "{args:?}: {ran:?}");
            assert!(ran.err.starts_with("intercom: "), "{args:?}: {ran:?}");
        }
    }
}

#[test]
fn a_full_disk_is_reported() {
    let Ok(full) = std::fs::File::create("/dev/full") else {
        return;
    };
    let output = command(&["explain", "404"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .starts_with("intercom: the output cannot be written")
    );
}

#[test]
fn html_on_stdin_needs_a_status() {
    let ran = run_with(command(&["explain", "-"]), b"<html>");
    assert_eq!(
        (ran.exit, ran.line()),
        (
            2,
            "this is a page of HTML or XML without a status; add --status N"
        )
    );
}
