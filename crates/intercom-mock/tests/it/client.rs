//! A minimal HTTP client that shows exactly what arrives on the socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use intercom_mock::MockServer;
use serde_json::Value;

/// A response, as far as it arrived.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the whole body arrived.
    pub(crate) complete: bool,
}

/// A request that is being built.
pub(crate) struct Request<'a> {
    server: &'a MockServer,
    line: String,
    headers: Vec<String>,
    body: Vec<u8>,
}

/// A connection that stays open.
pub(crate) struct Connection(BufReader<TcpStream>);

pub(crate) fn request<'a>(server: &'a MockServer, method: &str, path: &str) -> Request<'a> {
    let headers = vec![format!("authorization: Bearer {}", server.token())];
    Request {
        server,
        line: format!("{method} {path} HTTP/1.1"),
        headers,
        body: Vec::new(),
    }
}

/// Sends a GET request and expects a complete response.
pub(crate) fn get(server: &MockServer, path: &str) -> Response {
    request(server, "GET", path).send()
}

/// Sends a POST request with a JSON body and expects a complete response.
pub(crate) fn post(server: &MockServer, path: &str, body: &Value) -> Response {
    request(server, "POST", path).json(body).send()
}

impl Request<'_> {
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

    pub(crate) fn send(self) -> Response {
        let response = self.try_send().expect("a response");
        assert!(response.complete, "{response:?}");
        response
    }

    /// Returns `None` if the server closes the connection without a response.
    pub(crate) fn try_send(self) -> Option<Response> {
        let mut connection = Connection::open(self.server);
        connection.write(&self.bytes());
        connection.read()
    }

    pub(crate) fn send_on(self, connection: &mut Connection) -> Response {
        connection.write(&self.bytes());
        connection.read().expect("a response")
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
        // The server may respond and close before the request is written.
        let _ = self.0.get_mut().write_all(bytes);
    }

    pub(crate) fn read(&mut self) -> Option<Response> {
        let status = self.line()?.split(' ').nth(1)?.parse().unwrap();
        let mut headers = Vec::new();
        while let Some(line) = self.line().filter(|line| !line.is_empty()) {
            let (name, value) = line
                .split_once(": ")
                .unwrap_or((line.trim_end_matches(':'), ""));
            headers.push((name.to_owned(), value.to_owned()));
        }
        let mut response = Response {
            status,
            headers,
            body: Vec::new(),
            complete: true,
        };
        let length = response
            .header("content-length")
            .map(|length| length.parse::<u64>().unwrap());
        match length {
            Some(length) => {
                (&mut self.0)
                    .take(length)
                    .read_to_end(&mut response.body)
                    .ok();
                response.complete = response.body.len() as u64 == length;
            }
            None => response.complete = self.chunks(&mut response.body).is_some(),
        }
        Some(response)
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

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns a header that is a number.
    pub(crate) fn number(&self, name: &str) -> u64 {
        self.header(name)
            .unwrap_or_else(|| panic!("no {name}: {self:?}"))
            .parse()
            .unwrap()
    }

    /// Returns `Date` as Unix time in seconds.
    pub(crate) fn date(&self) -> u64 {
        let date = httpdate::parse_http_date(self.header("date").unwrap()).unwrap();
        date.duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Returns the status, code and message of an error list in one line.
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
