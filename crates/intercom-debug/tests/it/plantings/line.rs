//! Lines of logs with secrets, and with fields that are safe and have to be kept.

use super::random::Random;
use super::secret::Secret;

/// `{s}` stands for a secret. The other names stand for safe fields. Each line names Intercom first, because a secret can break it.
const LINES: &[&str] = &[
    "{time} {level} intercom.client: {method} https://api.intercom.io{path} failed with status {status}: {code} (request id {id}) for {s}",
    "{time} {level} intercom: user {s} got {exc}, status: {status}, request_id={id}, retry in {ms}ms",
    "{level}, [{time} #4711] {level} -- : Intercom::{exc} ({code}) request_id: {id} {s}",
    "Intercom {exc}: {s} at {time} {level} x-request-id: {id} status {status}",
    "[{time}] production.{level}: intercom `{method} https://api.eu.intercom.io{path}` {s} resulted with status {status} request_id={id}",
    "{\"time\":\"{time}\",\"level\":\"{level}\",\"message\":\"Intercom request failed\",\"email\":\"{s}\",\"status\":{status},\"request_id\":\"{id}\",\"code\":\"{code}\"}",
    "{\"intercom\":{\"url\":\"https://api.intercom.io{path}\",\"method\":\"{method}\",\"status\":{status},\"requestId\":\"{id}\",\"body\":\"{s}\"}}",
    "{time} {level} intercom.core.api_error.ApiError: headers: {'x-request-id': '{id}', 'x-customer': '{s}'}, status_code: {status}, body: {'code': '{code}', 'message': '{s}'}",
    "IntercomError: {exc} { statusCode: {status}, body: { request_id: '{id}', code: '{code}', message: '{s}' } }",
    "time=\"{time}\" level={level} msg=\"intercom: {s}\" request_id={id} status={status} code={code} attempt=2 limit=166",
    "{time} intercom > {method} {path}?email={s} HTTP/1.1 status={status} request_id={id}",
    "{time} intercom > Authorization: Bearer {s} {method} {path} request_id={id} code={code}",
    "{time} intercom < HTTP/1.1 {status} X-Request-Id: {id} X-Customer: {s} set-cookie: session={s}",
    "10.0.0.7 - intercom [02/Nov/2026:09:30:00 +0000] \"{method} {path} HTTP/1.1\" {status} 512 \"{s}\" request_id={id}",
    "{time} [{level}] intercom upstream timed out while reading /contacts/{s} request_id={id}, code {code}",
    "{time} {level} intercom job for /contacts/{s}/tags and /conversations/{s}?x={s} request_id={id} status {status}",
    "{time} intercom https://{s}@api.intercom.io/contacts and https://{s}.example.org/ request_id={id} {code}",
    "{time} intercom request_id={id} code={code} status: {s} limit: {s} attempt {s}",
    "{time} intercom request_id={id} code={code} retry after {s} seconds, took {s} ms, version: {s}",
    "{time} intercom request_id={id} {level} {s}: {s} said \"{s}\"",
    "{time} intercom request_id={id} {exc} HTTP/{s} in file /home/{s}/app.rb line {s}",
    "{time} intercom request_id={id} error {s} of contact_id={s} name={s} phone={s}",
    "{time} intercom request_id={id} x-ratelimit-reset={s} x-ratelimit-remaining: {s} {code}",
    "{time} intercom request_id={id} {s}",
];

const TIMES: &[&str] = &[
    "2026-11-02T09:30:00.123Z",
    "2026-11-02 09:30:00,123",
    "2026/11/02 09:30:00",
    "2026-11-02T09:30:00+01:00",
];
const LEVELS: &[&str] = &[
    "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "error", "warn", "FATAL",
];
const METHODS: &[&str] = &["GET", "POST", "PUT", "DELETE", "PATCH"];
const STATUSES: &[&str] = &[
    "200", "400", "401", "403", "404", "409", "422", "429", "500", "502", "503", "504",
];
const CODES: &[&str] = &[
    "rate_limit_exceeded",
    "unauthorized",
    "token_unauthorized",
    "not_found",
    "conflict",
    "parameter_invalid",
    "server_error",
    "service_unavailable",
    "action_forbidden",
    "intercom_version_invalid",
];
const EXCEPTIONS: &[&str] = &[
    "ResourceNotFound",
    "RateLimitExceeded",
    "BadRequestError",
    "TooManyRequestsError",
    "UnauthorizedError",
    "ServerError",
    "ServiceUnavailableError",
    "MultipleMatchingUsersError",
    "ConflictError",
];
const PATHS: &[(&str, &str)] = &[
    ("/contacts/5f1a6d08c9a4c54a8a000001", "/contacts/{id}"),
    ("/contacts/search", "/contacts/search"),
    ("/me", "/me"),
    ("/conversations/215468/reply", "/conversations/{id}/reply"),
    ("/companies/scroll?scroll_param=abc", "/companies/scroll"),
    ("/download/content/data/q5n2", "/download/content/data/{id}"),
];

pub(super) struct Line {
    pub(super) text: String,
    pub(super) secrets: Vec<Secret>,
    pub(super) safe: Vec<String>,
    /// The request id, which no other line has.
    pub(super) id: String,
}

impl Line {
    pub(super) fn random(random: &mut Random) -> Self {
        let id = format!(
            "0{}",
            random.text("ghijklmnopqrstuv", 18) + &random.text("0123456789", 1)
        );
        let mut line = Self {
            text: String::new(),
            secrets: Vec::new(),
            safe: vec![id.clone()],
            id,
        };
        let mut rest = random.of(LINES);
        // The brace of a name is followed by a letter and closed at once; any other one is text.
        while let Some((before, name, after)) = next_name(rest) {
            line.text += before;
            line.fill(name, random);
            rest = after;
        }
        line.text += rest;
        line
    }

    fn fill(&mut self, name: &str, random: &mut Random) {
        let (text, safe) = match name {
            "s" if self.secrets.is_empty() || random.below(3) == 0 => {
                let secret = Secret::random(random);
                self.text += &secret.encoded;
                self.secrets.push(secret);
                return;
            }
            "s" => ("-", None),
            "id" => {
                self.text += &self.id;
                return;
            }
            "path" => {
                let (path, route) = random.of(PATHS);
                (path, Some(route))
            }
            "ms" => ("812", Some("812ms")),
            "time" => with_itself(random.of(TIMES)),
            "level" => with_itself(random.of(LEVELS)),
            "method" => with_itself(random.of(METHODS)),
            "status" => with_itself(random.of(STATUSES)),
            "code" => with_itself(random.of(CODES)),
            "exc" => with_itself(random.of(EXCEPTIONS)),
            other => panic!("{other}"),
        };
        self.text += text;
        self.safe.extend(safe.map(str::to_owned));
    }

    /// The safe fields that are not beside the request id in the text, each with what is there.
    pub(super) fn missing_in(&self, text: &str) -> Vec<String> {
        let lines: Vec<_> = text.lines().collect();
        let at = lines.iter().position(|line| line.contains(&self.id));
        // A secret can break the line in two, and in three.
        let near = at.map(|at| lines[at.saturating_sub(4)..(at + 5).min(lines.len())].join("\n"));
        let near = near.unwrap_or_default();
        let missing = self
            .safe
            .iter()
            .filter(|field| !near.contains(field.as_str()));
        missing
            .map(|field| format!("{field} of {} in {:?}", self.text, at.map(|at| lines[at])))
            .collect()
    }
}

const fn with_itself(text: &str) -> (&str, Option<&str>) {
    (text, Some(text))
}

/// The text before the next name, the name, and the rest.
fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    const NAMES: &[&str] = &[
        "s", "id", "path", "ms", "time", "level", "method", "status", "code", "exc",
    ];
    let starts = text.match_indices('{').map(|(at, _)| at);
    starts.into_iter().find_map(|at| {
        let (name, after) = text[at + 1..].split_once('}')?;
        NAMES.contains(&name).then_some((&text[..at], name, after))
    })
}
