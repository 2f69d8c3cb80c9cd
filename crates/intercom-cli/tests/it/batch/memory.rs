//! Memory does not grow with the input.

#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::process::Stdio;

use intercom_mock::MockServer;

use super::{Folder, until};
use crate::run::{Running, against};

#[test]
fn sixty_megabytes_of_input_need_less_than_thirty_of_memory() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("memory", &[""]);
    let out = folder.path("out");
    let mut child = against(&mock, &["batch", "-", "--out", &out])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let child = Running(child);
    // The lines are not valid requests, which is faster. They use the same code.
    let line = format!("{{\"id\":\"{}\"}}\n", "x".repeat(30_000));
    for _ in 0..2_000 {
        stdin.write_all(line.as_bytes()).unwrap();
    }
    until(|| folder.read("out.journal").lines().count() == 2_001);
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.0.id())).unwrap();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let most: u64 = most
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    assert!(most < 30_000, "{most} kB");
}
