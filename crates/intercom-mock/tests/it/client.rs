//! The smallest HTTP client that can tell what really came over the socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use intercom_mock::MockServer;
use serde_json::Value;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the body was as long as announced.
    pub(crate) complete: bool,
}

/// A request in the making.
pub(crate) struct Ask<'a> {
    server: &'a MockServer,
    line: String,
    headers: Vec<String>,
    body: Vec<u8>,
}

/// One connection, kept open.
pub(crate) struct Connection(BufReader<TcpStream>);

pub(crate) fn ask<'a>(server: &'a MockServer, method: &str, path: &str) -> Ask<'a> {
    let headers = vec![format!("authorization: Bearer {}", server.token())];
    Ask {
        server,
        line: format!("{method} {path} HTTP/1.1"),
        headers,
        body: Vec::new(),
    }
}

/// Asks and expects a complete answer.
pub(crate) fn get(server: &MockServer, path: &str) -> Answer {
    ask(server, "GET", path).answer()
}

/// Asks with a JSON body and expects a complete answer.
pub(crate) fn post(server: &MockServer, path: &str, body: &Value) -> Answer {
    ask(server, "POST", path).json(body).answer()
}

impl Ask<'_> {
    pub(crate) fn json(self, body: &Value) -> Self {
        self.body(body.to_string())
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .retain(|line| !line.starts_with(&format!("{name}:")));
        self.headers.push(format!("{name}: {value}"));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers
            .retain(|line| !line.starts_with(&format!("{name}:")));
        self
    }

    pub(crate) fn answer(self) -> Answer {
        let answer = self.try_answer().expect("an answer");
        assert!(answer.complete, "{answer:?}");
        answer
    }

    /// `None` where the connection was closed without an answer.
    pub(crate) fn try_answer(self) -> Option<Answer> {
        let mut connection = Connection::open(self.server);
        connection.write(&self.bytes());
        connection.read()
    }

    pub(crate) fn on(self, connection: &mut Connection) -> Answer {
        connection.write(&self.bytes());
        connection.read().expect("an answer")
    }

    fn bytes(&self) -> Vec<u8> {
        let mut lines = vec![
            self.line.clone(),
            "host: mock".to_owned(),
            format!("content-length: {}", self.body.len()),
        ];
        lines.extend(self.headers.iter().cloned());
        let mut bytes = (lines.join("\r\n") + "\r\n\r\n").into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

impl Connection {
    pub(crate) fn open(server: &MockServer) -> Self {
        Self(BufReader::new(
            TcpStream::connect(server.address()).unwrap(),
        ))
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        // The server may have answered and closed before everything was written.
        let _ = self.0.get_mut().write_all(bytes);
    }

    pub(crate) fn read(&mut self) -> Option<Answer> {
        let status = self.line()?.split(' ').nth(1)?.parse().unwrap();
        let mut headers = Vec::new();
        while let Some(line) = self.line().filter(|line| !line.is_empty()) {
            let (name, value) = line
                .split_once(": ")
                .unwrap_or((line.trim_end_matches(':'), ""));
            headers.push((name.to_owned(), value.to_owned()));
        }
        let mut answer = Answer {
            status,
            headers,
            body: Vec::new(),
            complete: true,
        };
        let length = answer
            .header("content-length")
            .map(|length| length.parse::<u64>().unwrap());
        match length {
            Some(length) => {
                (&mut self.0)
                    .take(length)
                    .read_to_end(&mut answer.body)
                    .ok();
                answer.complete = answer.body.len() as u64 == length;
            }
            None => answer.complete = self.chunks(&mut answer.body).is_some(),
        }
        Some(answer)
    }

    fn chunks(&mut self, body: &mut Vec<u8>) -> Option<()> {
        loop {
            let size = u64::from_str_radix(&self.line()?, 16).ok()?;
            (&mut self.0).take(size).read_to_end(body).ok()?;
            self.line()?;
            if size == 0 {
                return Some(());
            }
        }
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// A header that is a number.
    pub(crate) fn number(&self, name: &str) -> u64 {
        self.header(name)
            .unwrap_or_else(|| panic!("no {name}: {self:?}"))
            .parse()
            .unwrap()
    }

    /// `Date` in Unix seconds.
    pub(crate) fn date(&self) -> u64 {
        let date = httpdate::parse_http_date(self.header("date").unwrap()).unwrap();
        date.duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Status, code and message of an error list, in one line.
    pub(crate) fn error(&self) -> String {
        let json = self.json();
        assert_eq!(json["type"], "error.list", "{json}");
        let item = &json["errors"][0];
        format!(
            "{} {} {}",
            self.status,
            item["code"].as_str().unwrap(),
            item["message"].as_str().unwrap()
        )
    }

    pub(crate) fn id(&self) -> String {
        self.json()["id"]
            .as_str()
            .unwrap_or_else(|| panic!("no id: {self:?}"))
            .to_owned()
    }
}
