//! Bundles: what is in them when something is wrong, and how they are written.

use std::cell::RefCell;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use intercom_blocking::{Client, ClientBuilder};
use intercom_debug::bundle::{Bundle, BundleOptions};
use intercom_mock::{Method, MockServer, Scripted};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::unpacked::unpacked;

/// A token of which nothing may be in a bundle.
const TOKEN: &str = "dG9rOnNlY3JldC1jYW5hcnk/Pw==";

/// Long enough for any machine, when all responses come.
const ENOUGH: Duration = Duration::from_secs(600);

/// Soon over, when no response comes.
const SOON: Duration = Duration::from_millis(300);

fn client(mock: &MockServer) -> Client {
    build(
        Client::builder(TOKEN)
            .base_url(mock.base_url())
            .status_url(mock.status_url()),
    )
}

fn build(builder: ClientBuilder) -> Client {
    builder.build().unwrap()
}

fn collect(client: &Client) -> Bundle {
    let bundle = Bundle::collect(client, BundleOptions::new().deadline(ENOUGH));
    let text: String = bundle.files().into_iter().map(|(_, text)| text).collect();
    assert!(!text.contains("dG9r") && !text.contains("example.com"));
    bundle
}

/// The summary from this heading on, with `N` for every number.
fn part(bundle: &Bundle, heading: &str) -> String {
    let summary = bundle.summary();
    let start = summary.find(&format!("{heading}\n")).unwrap();
    let is_id = |word: &str| word.len() == 36 && word.matches('-').count() == 4;
    let words = summary[start..].split_inclusive([' ', '\n']);
    let text: String = words
        .map(|word| if is_id(word.trim_end()) { "ID\n" } else { word })
        .collect();
    let mut masked = String::new();
    for char in text.chars() {
        match char {
            '0'..='9' if masked.ends_with('N') => {}
            '0'..='9' => masked.push('N'),
            _ => masked.push(char),
        }
    }
    masked
}

fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("bundle-{name}-{}", std::process::id()));
    fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn a_healthy_workspace_has_no_problems() {
    let mock = MockServer::builder().token(TOKEN).start().unwrap();
    let bundle = collect(&client(&mock));
    assert_eq!(bundle.problems(), []);
    let summary = bundle.summary();
    for line in [
        "set, 28 characters, accepted",
        "region us",
        "requests left in this window",
        "none (All Systems Operational)",
    ] {
        assert!(summary.contains(line), "{summary}");
    }
    let files: Vec<_> = unpacked(&bundle.to_bytes())
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        files,
        ["summary.txt", "summary.json", "errors.json", "MANIFEST"]
    );
}

#[test]
fn a_refused_token_is_the_first_problem() {
    let mock = MockServer::builder()
        .token("another-token")
        .start()
        .unwrap();
    let bundle = collect(&client(&mock));
    insta::assert_snapshot!(part(&bundle, "Problems"), @r##"
    Problems
      - token: the API refused the token
      - /me, /contacts, /conversations, /admins: N unauthorized
    "##);
    let errors = unpacked(&bundle.to_bytes())
        .into_iter()
        .find(|(name, _)| name == "errors.json")
        .unwrap()
        .1;
    assert!(errors.contains("\"code\": \"unauthorized\"") && errors.contains("\"fixes\": ["));
    assert!(!errors.contains("Access Token Invalid"));
}

#[test]
fn a_missing_token_is_reported() {
    let mock = MockServer::start().unwrap();
    let config = intercom_blocking::protocol::Config::anonymous();
    let client = ClientBuilder::from(config)
        .base_url(mock.base_url())
        .status_url(mock.status_url());
    let summary = collect(&build(client)).summary();
    assert!(summary.contains("not set"), "{summary}");
}

#[test]
fn an_incident_is_shown_with_its_components() {
    let mock = MockServer::builder()
        .token(TOKEN)
        .service_status("major", "Delayed responses for Mark in the REST API")
        .start()
        .unwrap();
    insta::assert_snapshot!(part(&collect(&client(&mock)), "Status page"), @r##"
    Status page
      state           major (Delayed responses ... in the REST API)
      incident        Delayed responses ... in the REST API (major, investigating);
                      affects REST API
      component       REST API: partial_outage
    "##);
}

#[test]
fn a_status_page_that_is_down_is_one_problem() {
    let mock = MockServer::builder()
        .token(TOKEN)
        .status_page_down(true)
        .start()
        .unwrap();
    insta::assert_snapshot!(part(&collect(&client(&mock)), "Status page"), @r##"
    Status page
      state           could not be read: N Service Unavailable

    Problems
      - status page: N Service Unavailable
    "##);
}

#[test]
fn an_api_that_is_down_leaves_the_rest() {
    let mock = MockServer::builder()
        .token(TOKEN)
        .api_down(true)
        .start()
        .unwrap();
    insta::assert_snapshot!(part(&collect(&client(&mock)), "Requests"), @r##"
    Requests
      /me             N Service Unavailable, N ms, request id
                      ID
      /contacts       N Service Unavailable, N ms, request id
                      ID
      /conversations  N Service Unavailable, N ms, request id
                      ID
      /admins         N Service Unavailable, N ms, request id
                      ID

    Status page
      state           none (All Systems Operational)

    Problems
      - /me, /contacts, /conversations, /admins: N Service Unavailable
    "##);
}

#[test]
fn a_server_that_is_gone_is_reported_at_each_step() {
    let mock = MockServer::start().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = build(
        Client::builder(TOKEN)
            .base_url(gone)
            .status_url(mock.status_url()),
    );
    insta::assert_snapshot!(part(&collect(&client), "Network"), @r##"
    Network
      DNS             N ms
      TCP             Connection refused (os error N)
      TLS             not reached
      first byte      not reached

    Requests
      /me             no connection could be made; nothing was sent (Connection
                      refused (os error N)), N ms
      /contacts       no connection could be made; nothing was sent (Connection
                      refused (os error N)), N ms
      /conversations  no connection could be made; nothing was sent (Connection
                      refused (os error N)), N ms
      /admins         no connection could be made; nothing was sent (Connection
                      refused (os error N)), N ms

    Status page
      state           none (All Systems Operational)

    Problems
      - TCP: Connection refused (os error N)
      - /me, /contacts, /conversations, /admins: no connection could be made;
        nothing was sent (Connection refused (os error N))
    "##);
}

#[test]
fn a_host_without_an_address_is_reported_at_each_step() {
    let mock = MockServer::start().unwrap();
    let client = build(
        Client::builder(TOKEN)
            .base_url("https://mark-grant.invalid")
            .status_url(mock.status_url()),
    );
    let bundle = collect(&client);
    let summary = bundle.summary();
    assert!(!summary.to_lowercase().contains("grant"), "{summary}");
    assert!(
        summary.contains("the host name could not be resolved"),
        "{summary}"
    );
    assert!(summary.contains("TCP             not reached"), "{summary}");
}

#[test]
fn a_server_that_never_responds_does_not_hold_up_the_bundle() {
    // Connections are accepted by the system, and nothing reads them.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let client = build(Client::builder(TOKEN).base_url(&url).status_url(&url));
    let bundle = Bundle::collect(&client, BundleOptions::new().deadline(SOON));
    let problems = bundle.problems();
    for step in [
        "first byte",
        "/me",
        "/contacts",
        "/conversations",
        "/admins",
        "status page",
    ] {
        assert!(
            problems.iter().any(|(steps, _)| steps.contains(step)),
            "{step}: {problems:?}"
        );
    }
    assert!(bundle.summary().contains("TCP             "));
    drop(silent);
}

#[test]
fn each_step_is_reported_and_the_token_before_its_request() {
    let mock = MockServer::builder()
        .token("another-token")
        .start()
        .unwrap();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let steps = Rc::clone(&seen);
    let options = BundleOptions::new()
        .deadline(ENOUGH)
        .on_progress(move |step| {
            steps
                .borrow_mut()
                .push((step.step().to_owned(), step.is_ok()))
        });
    let _ = Bundle::collect(&client(&mock), options);
    let seen = seen.borrow();
    let at = |name: &str| seen.iter().position(|(step, _)| step == name).unwrap();
    assert_eq!(at("token") + 1, at("/me"));
    assert!(!seen[at("token")].1);
    assert_eq!(seen.len(), 10, "{seen:?}");
}

#[test]
fn tls_is_measured_with_the_authorities_of_the_options() {
    let mock = MockServer::start().unwrap();
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![key.cert.der().clone()],
            PrivateKeyDer::Pkcs8(key.signing_key.serialize_der().into()),
        )
        .unwrap();
    let config = Arc::new(config);
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let session = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(session, socket.unwrap());
            // The client's own requests do not trust the certificate and end here.
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        }
    });
    let client = build(
        Client::builder(TOKEN)
            .base_url(url)
            .status_url(mock.status_url()),
    );
    let options = || BundleOptions::new().deadline(ENOUGH);
    let trusting = Bundle::collect(&client, options().root_certificates_pem(key.cert.pem()));
    let steps = |bundle: &Bundle| {
        bundle
            .problems()
            .iter()
            .flat_map(|(steps, _)| steps.split(", ").map(str::to_owned).collect::<Vec<_>>())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        steps(&trusting),
        ["/me", "/contacts", "/conversations", "/admins"]
    );
    let strict = Bundle::collect(&client, options());
    assert_eq!(steps(&strict)[0], "TLS");
}

#[test]
fn a_file_that_cannot_be_read_is_listed_and_the_rest_is_kept() {
    let mock = MockServer::builder().token(TOKEN).start().unwrap();
    let folder = folder("files");
    let log = folder.join("a.log");
    fs::write(&log, "ERROR intercom: 401 unauthorized\n").unwrap();
    let empty = folder.join("empty.ndjson");
    fs::write(&empty, "").unwrap();
    let options = BundleOptions::new()
        .deadline(ENOUGH)
        .log(folder.join("Mark Grant.log"))
        .log(&log)
        .env_file(&folder)
        .recording(&empty)
        .recording(&log);
    let bundle = Bundle::collect(&client(&mock), options);
    assert_eq!(bundle.unread_files(), 4);
    insta::assert_debug_snapshot!(bundle.problems(), @r##"
    [
        (
            "log 1",
            "not used: No such file or directory (os error 2)",
        ),
        (
            "env 1",
            "not used: is a directory",
        ),
        (
            "recording 1",
            "not used: it is empty; nothing was recorded",
        ),
        (
            "recording 2",
            "not used: it is not a recording; write one with --record FILE",
        ),
    ]
    "##);
    let files = unpacked(&bundle.to_bytes());
    let log = files
        .iter()
        .find(|(name, _)| name == "log-redacted.txt")
        .unwrap();
    assert!(
        log.1.ends_with("ERROR intercom: 401 unauthorized\n"),
        "{}",
        log.1
    );
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn only_the_owner_may_read_the_file_and_an_old_one_is_replaced() {
    let mock = MockServer::builder().token(TOKEN).start().unwrap();
    let bundle = collect(&client(&mock));
    let folder = folder("write");
    let path = folder.join(bundle.file_name());
    fs::write(&path, "old").unwrap();
    bundle.write(&path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), bundle.to_bytes());
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions())
            & 0o777,
        0o600
    );
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn nothing_is_left_behind_if_the_bundle_cannot_be_written() {
    let mock = MockServer::builder().token(TOKEN).start().unwrap();
    let bundle = collect(&client(&mock));
    let folder = folder("unwritable");
    let missing = folder.join("missing").join("bundle.tar.gz");
    assert!(
        bundle
            .write(&missing)
            .unwrap_err()
            .to_string()
            .contains("use a folder")
    );
    bundle.write(&folder).unwrap_err();
    bundle.write(folder.join("..")).unwrap_err();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_manifest_lists_the_hash_of_each_file() {
    use sha2::Digest as _;

    let mock = MockServer::builder().token(TOKEN).start().unwrap();
    let files = unpacked(&collect(&client(&mock)).to_bytes());
    let (manifest, others) = files.split_last().unwrap();
    assert_eq!(manifest.0, "MANIFEST");
    let line = |(name, text): &(String, String)| {
        let sum: String = sha2::Sha256::digest(text)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{sum}  {name}\n")
    };
    assert_eq!(manifest.1, others.iter().map(line).collect::<String>());
}

#[test]
fn a_request_id_with_a_part_of_the_token_is_hidden() {
    let token = "dG9rOjAwNHFrYWdrb3E1a2t0ZWE1aGRn-qkagkoq5-b2i3mhcb";
    let mock = MockServer::builder().token(token).start().unwrap();
    let id = |id: &str| {
        Scripted::status(200)
            .json(serde_json::json!({}))
            .header("x-request-id", id)
    };
    for (route, shared) in [
        ("/me", "004qkagkoq5kktea5hdg"),
        ("/contacts", "b2i3mhcboc6pcbe33q80"),
        ("/admins", "002je5a3asm5btar2flg"),
    ] {
        mock.script(Method::GET, route, [id(shared)]);
    }
    let folder = folder("shared");
    let recording = folder.join("r.ndjson");
    let line = r#"{"line":"exchange","run":"5f1a09c2","call":1,"method":"GET","route":"/me","n":1,"terms":{"replay":"read"},"began_ns":0,"sent_ns":0,"received_ns":80,"response":{"status":500,"request_id":"ID","body":{"kind":"empty","len":0}},"outcome":{"class":{"category":"server","resend":"if_replayable","action":"retry_and_check_status"},"then":"stop","reason":"not_retryable"}}"#;
    let ids = ["b2i3mhcboc6pcbe33q80", "002je5a3asm5btar2flg"];
    fs::write(&recording, ids.map(|id| line.replace("ID", id)).join("\n")).unwrap();
    let client = build(
        Client::builder(token)
            .base_url(mock.base_url())
            .status_url(mock.status_url()),
    );
    let options = BundleOptions::new().deadline(ENOUGH).recording(&recording);
    let bundle = Bundle::collect(&client, options);
    let text: String = bundle.files().into_iter().map(|(_, text)| text).collect();
    assert!(
        !text.contains("qkagkoq5") && !text.contains("b2i3mhcb"),
        "{text}"
    );
    // That of `/admins`, and that of the recording.
    assert!(text.matches("002je5a3asm5btar2flg").count() >= 2, "{text}");
    fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn inputs_and_devices_are_not_replaced() {
    let mock = MockServer::builder().token(TOKEN).start().unwrap();
    let folder = folder("target");
    let log = folder.join("a.log");
    fs::write(&log, "ERROR intercom: 401 unauthorized\n").unwrap();
    let link = folder.join("link.tar.gz");
    std::os::unix::fs::symlink(&log, &link).unwrap();
    let device = folder.join("null.tar.gz");
    std::os::unix::fs::symlink("/dev/null", &device).unwrap();
    let socket = folder.join("socket.tar.gz");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let inputs = [
        BundleOptions::new().log(&log),
        BundleOptions::new().env_file(&log),
        BundleOptions::new().recording(&log),
    ];
    for options in inputs {
        let bundle = Bundle::collect(&client(&mock), options.deadline(SOON));
        let around = folder
            .join("..")
            .join(folder.file_name().unwrap())
            .join("a.log");
        for target in [&log, &link, &around, &device, &socket] {
            let error = bundle.write(target).unwrap_err();
            assert!(error.to_string().ends_with("use another name"), "{error}");
        }
    }
    assert_eq!(
        fs::read(&log).unwrap(),
        b"ERROR intercom: 401 unauthorized\n"
    );
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 4);
    fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_not_read() {
    let mock = MockServer::builder().token(TOKEN).start().unwrap();
    let options = BundleOptions::new()
        .deadline(ENOUGH)
        .log("/dev/zero")
        .env_file("/dev/zero")
        .recording("/dev/zero");
    let bundle = Bundle::collect(&client(&mock), options);
    assert_eq!(bundle.unread_files(), 3);
    for (step, error) in bundle.problems() {
        assert_eq!(
            error, "not used: not a regular file; save its content to a file first",
            "{step}"
        );
    }
}
