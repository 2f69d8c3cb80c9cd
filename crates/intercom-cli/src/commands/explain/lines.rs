//! `intercom explain --lines`: reads a response per line, prints an explanation per line.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::time::Duration;

use intercom_protocol::UnixTime;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::subject;
use crate::clean;
use crate::clock;
use crate::error::{Exit, Failure};
use crate::explanation::{Case, Explanation, Request};
use crate::json;
use crate::output::Output;
use crate::render::{PLAIN, Page};
use crate::words::{count, quoted};

/// One line of the input. Only the status is required. Other members are ignored.
#[derive(Deserialize)]
struct Line<'l> {
    status: Option<u16>,
    headers: Option<Map<String, Value>>,
    #[serde(borrow, default, deserialize_with = "present")]
    body: Option<&'l RawValue>,
    raw: Option<String>,
    method: Option<String>,
    path: Option<String>,
    now: Option<f64>,
}

/// A member that is present, even if it is `null`, because `null` is a body.
fn present<'l, D: Deserializer<'l>>(member: D) -> Result<Option<&'l RawValue>, D::Error> {
    <&RawValue>::deserialize(member).map(Some)
}

#[derive(Serialize)]
struct Explained<'e> {
    line: u64,
    #[serde(flatten)]
    explanation: &'e Explanation,
}

#[derive(Serialize)]
struct Invalid<'w> {
    line: u64,
    invalid: &'w str,
}

/// Streams the lines. Holds one line of the input at a time.
pub(crate) fn run(file: &str, output: &mut Output) -> Result<Exit, Failure> {
    let mut input = BufReader::new(subject::open(file)?);
    let mut counts = Counts::default();
    let mut bytes = Vec::new();
    let mut number = 0;
    loop {
        bytes.clear();
        let read = input
            .read_until(b'\n', &mut bytes)
            .map_err(|error| subject::unreadable(file, &error))?;
        if read == 0 {
            break;
        }
        number += 1;
        let explained = explain(&bytes, number == 1);
        if output.is_json() {
            print(number, &explained, output)?;
            // A process that writes one line and waits for its explanation must receive it.
            if input.buffer().is_empty() {
                output.flush()?;
            }
        }
        if let Err(why) = &explained {
            output.note(&format!("line {number}: {why}"));
        }
        counts.add(explained);
    }
    if !output.is_json() {
        output.page(&counts.table())?;
    }
    if counts.invalid > 0 {
        output.note(&format!(
            "{} of {} could not be explained",
            counts.invalid,
            count(number, "line")
        ));
        return Ok(Exit::Refused);
    }
    Ok(Exit::Done)
}

fn print(
    number: u64,
    explained: &Result<Explanation, String>,
    output: &mut Output,
) -> Result<(), Failure> {
    match explained {
        Ok(explanation) => output.document(&Explained {
            line: number,
            explanation,
        }),
        Err(why) => output.document(&Invalid {
            line: number,
            invalid: why,
        }),
    }
}

fn explain(bytes: &[u8], first: bool) -> Result<Explanation, String> {
    let bytes = if first {
        bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
    } else {
        bytes
    };
    let text = std::str::from_utf8(bytes)
        .map_err(|_| "not UTF-8".to_owned())?
        .trim();
    if text.is_empty() {
        return Err("empty".to_owned());
    }
    if !text.starts_with('{') {
        return Err("not a JSON object".to_owned());
    }
    let line: Line<'_> = serde_json::from_str(text).map_err(|error| json::broken(&error))?;
    line.case().map(|case| Explanation::short(&case))
}

impl Line<'_> {
    fn case(&self) -> Result<Case, String> {
        let status = self.status()?;
        let headers = self.headers()?;
        let headers = headers
            .iter()
            .map(|(name, value)| (*name, value.as_bytes()));
        let request = self.request()?;
        Ok(Case {
            error: Request::error(request.as_ref(), status, headers, self.bytes()?),
            headless: self.headers.is_none(),
            fault: None,
            status: Some(status),
            wall: self.wall()?,
            request,
            maybe_applied: false,
        })
    }

    fn status(&self) -> Result<u16, String> {
        match self.status {
            None => Err("\"status\" is missing, but required".to_owned()),
            Some(status @ 100..=599) => Ok(status),
            Some(status) => Err(format!("the status {status} is not between 100 and 599")),
        }
    }

    fn bytes(&self) -> Result<&[u8], String> {
        match (self.body, &self.raw) {
            // With a raw body, `null` means that there is no JSON body.
            (Some(body), Some(raw)) if body.get() == "null" => Ok(raw.as_bytes()),
            (Some(_), Some(_)) => Err("body and raw are both present; use only one".to_owned()),
            (Some(body), None) => Ok(body.get().as_bytes()),
            (None, Some(raw)) => Ok(raw.as_bytes()),
            (None, None) => Ok(&[]),
        }
    }

    /// The headers. The value of a repeated header is a list. Numbers and booleans may be unquoted.
    fn headers(&self) -> Result<Vec<(&str, String)>, String> {
        let mut headers = Vec::new();
        for (name, value) in self.headers.iter().flatten() {
            match value {
                Value::Array(values) => {
                    for value in values {
                        headers.push((name.as_str(), text(name, value)?));
                    }
                }
                Value::Null => {}
                value => headers.push((name.as_str(), text(name, value)?)),
            }
        }
        Ok(headers)
    }

    fn wall(&self) -> Result<Option<UnixTime>, String> {
        match self.now {
            Some(now) => Duration::try_from_secs_f64(now)
                .ok()
                .and_then(UnixTime::from_duration)
                .map(Some)
                .ok_or_else(|| format!("now is {now}, which is not a Unix time")),
            None => Ok(clock::wall()),
        }
    }

    fn request(&self) -> Result<Option<Request>, String> {
        let method = self.method()?;
        Ok(method.map(|method| Request::new(&method, self.path.as_deref())))
    }

    fn method(&self) -> Result<Option<http::Method>, String> {
        let method = self.method.as_ref().map(|method| {
            http::Method::from_bytes(method.to_ascii_uppercase().as_bytes())
                .map_err(|_| format!("{} is not a method", quoted(method)))
        });
        method.transpose()
    }
}

fn text(name: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(value) => Ok(value.to_string()),
        _ => Err(format!("the header {name:?} is not a string")),
    }
}

/// How often each kind of response occurred.
#[derive(Default)]
struct Counts {
    responses: BTreeMap<[String; 4], u64>,
    invalid: u64,
}

impl Counts {
    fn add(&mut self, explained: Result<Explanation, String>) {
        match explained {
            Ok(explanation) => *self.responses.entry(explanation.key()).or_default() += 1,
            Err(_) => self.invalid += 1,
        }
    }

    /// The counts as a table, the most frequent first.
    fn table(&self) -> Page {
        let mut rows: Vec<(&[String; 4], u64)> = self
            .responses
            .iter()
            .map(|(key, &count)| (key, count))
            .collect();
        rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        let head = ["category", "code", "resend", "action"].map(str::to_owned);
        let width = |column: usize| {
            let cells = rows.iter().map(|(key, _)| *key).chain([&head]);
            let lengths = cells
                .filter_map(|key| key.get(column))
                .map(|cell| cell.chars().count());
            lengths.max().unwrap_or_default().min(40)
        };
        let (category, code, resend) = (width(0), width(1), width(2));
        let mut page = Page::new();
        let mut row = |count: &str, [a, b, c, d]: &[String; 4]| {
            let b: String = clean::line(b).chars().take(40).collect();
            let line = format!("{count:>7}  {a:<category$}  {b:<code$}  {c:<resend$}  {d}");
            page.line(&[(PLAIN, &line)]);
        };
        row("count", &head);
        for (key, count) in &rows {
            row(&count.to_string(), key);
        }
        page
    }
}
