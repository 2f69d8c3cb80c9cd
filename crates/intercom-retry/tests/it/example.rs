//! The example, run as a program against a server of two responses.

use std::env::{self, consts::EXE_SUFFIX};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

#[test]
fn own_loop_waits_and_sends_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = thread::spawn(move || {
        let responses = [
            "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n{\"type\":\"admin\"}",
        ];
        for response in responses {
            let (mut stream, _) = listener.accept().unwrap();
            let request = BufReader::new(stream.try_clone().unwrap());
            let lines = request.lines().map_while(Result::ok);
            assert!(lines.take_while(|line| !line.is_empty()).count() >= 3);
            stream.write_all(response.as_bytes()).unwrap();
        }
    });
    let tests = env::current_exe().unwrap();
    let folder = tests.ancestors().nth(2).unwrap().join("examples");
    let output = Command::new(folder.join(format!("own_loop{EXE_SUFFIX}")))
        .arg(address)
        .output()
        .unwrap();
    server.join().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = printed.lines().collect();
    assert!(output.status.success());
    assert!(lines[0].starts_with("429: "), "{printed}");
    assert_eq!(lines[1], r#"{"type":"admin"}"#);
}
