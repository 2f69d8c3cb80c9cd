//! The same values, made twice: equal values give equal bytes.

use intercom_protocol::UnixTime;

use super::Bundle;
use super::collected::{
    Collected, Component, EnvFile, Failure, Host, Incident, Limits, Log, Me, Network, Problem,
    Recording, Request, Service, Step, Token, Versions,
};
use crate::log::Variable;

fn took(ms: u64) -> Step {
    Step {
        ms: Some(ms),
        error: None,
    }
}

fn read(route: &'static str, ms: u64, error: Option<Failure>) -> Request {
    Request {
        route,
        ms: Some(ms),
        status: Some(if error.is_some() { 500 } else { 200 }),
        request_id: Some("0002mtll0fnt9s5aigpg".to_owned()),
        error,
    }
}

fn service() -> Service {
    Service {
        indicator: Some("minor".to_owned()),
        description: Some("Delayed responses".to_owned()),
        incidents: vec![Incident {
            name: "Delayed responses".to_owned(),
            status: "investigating".to_owned(),
            impact: "minor".to_owned(),
            components: vec!["REST API".to_owned()],
        }],
        components: vec![Component {
            name: "REST API".to_owned(),
            status: "degraded_performance".to_owned(),
        }],
        error: None,
    }
}

fn bundle() -> Bundle {
    let refused = Failure {
        summary: "500 server_error".to_owned(),
        code: Some("server_error".to_owned()),
        ..Failure::default()
    };
    let collected = Collected {
        collected_at: UnixTime::from_secs(1_793_611_800).unwrap(),
        versions: Versions {
            intercom_debug: "0.2.0",
            os: "linux",
            arch: "x86_64",
        },
        token: Token {
            is_set: true,
            length: Some(60),
            state: "accepted",
        },
        me: Me {
            status: Some(200),
            region: Some("us"),
            answered_by: Some("api"),
        },
        host: Host {
            url: "https://api.eu.intercom.io".to_owned(),
            region: Some("eu"),
            fits_workspace: Some(false),
        },
        rate_limit: Some(Limits {
            limit: Some(10_000),
            remaining: Some(9_871),
            reset_at: Some(1_793_611_810),
        }),
        clock_offset_ms: Some(-120),
        network: Network {
            dns: took(2),
            tcp: took(11),
            tls: took(24),
            first_byte: took(63),
        },
        requests: vec![read("/me", 97, None), read("/contacts", 88, Some(refused))],
        service: service(),
        logs: vec![Log {
            bytes: 9_000_000,
            bytes_read: 8_388_608,
            lines_read: 2,
            lines_kept: 1,
            lines: vec!["ERROR intercom: ...".to_owned()],
        }],
        env_files: vec![EnvFile {
            variables: vec![Variable {
                name: "INTERCOM_REGION".to_owned(),
                is_set: false,
            }],
            other_names: 4,
        }],
        recordings: vec![Recording {
            lines_kept: 1,
            lines_left_out: 0,
            lines: vec!["{}".to_owned()],
        }],
        problems: vec![Problem {
            step: "/contacts".to_owned(),
            error: "500 server_error".to_owned(),
        }],
        unread_files: 0,
    };
    Bundle {
        collected,
        inputs: Vec::new(),
    }
}

#[test]
fn equal_values_give_equal_bytes() {
    assert_eq!(bundle().to_bytes(), bundle().to_bytes());
    let mut later = bundle();
    later.collected.collected_at = UnixTime::from_secs(1_793_611_801).unwrap();
    assert_ne!(later.to_bytes(), bundle().to_bytes());
}

#[test]
fn the_name_has_the_time() {
    assert_eq!(
        bundle().file_name(),
        "intercom-bundle-20261102-093000.tar.gz"
    );
}

#[test]
fn a_summary_fits_into_80_columns() {
    let summary = bundle().summary();
    assert!(summary.lines().all(|line| line.chars().count() <= 80));
    insta::assert_snapshot!(summary, @r##"
    Intercom support bundle
      collected       2026-11-02T09:30:00Z
      version         intercom-debug 0.2.0
      system          linux x86_64

    Access
      token           set, 60 characters, accepted
      /me             200
      host            https://api.eu.intercom.io, region eu, NOT the region of the
                      workspace
      workspace       region us
      quota           9871 of 10000 requests left in this window
      clock           the server's clock is 120 ms behind this one, to about a
                      second

    Network
      DNS             2 ms
      TCP             11 ms
      TLS             24 ms
      first byte      63 ms

    Requests
      /me             200, 97 ms, request id 0002mtll0fnt9s5aigpg
      /contacts       500 server_error, 88 ms, request id 0002mtll0fnt9s5aigpg

    Status page
      state           minor (Delayed responses)
      incident        Delayed responses (minor, investigating); affects REST API
      component       REST API: degraded_performance

    Files
      log 1           1 of 2 lines at its end are about Intercom
      env 1           1 name; 4 left out
      recording 1     1 line; 0 left out

    Problems
      - /contacts: 500 server_error
    "##);
}

#[test]
fn logs_and_names_have_a_line_about_each_file() {
    let files = bundle().files();
    let text = |name: &str| &files.iter().find(|(file, _)| file == name).unwrap().1;
    insta::assert_snapshot!(text("log-redacted.txt"), @r##"
    == log 1: 8388608 of 9000000 bytes read, 1 of 2 lines are about Intercom ==
    ERROR intercom: ...
    "##);
    insta::assert_snapshot!(text("config-redacted.txt"), @r##"
    == env 1: names only; 4 other names are left out ==
    INTERCOM_REGION: empty
    "##);
}
