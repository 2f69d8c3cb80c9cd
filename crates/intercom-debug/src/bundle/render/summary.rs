//! `summary.txt`: what was found, for people.

use std::fmt::Write as _;

use crate::text::count;

use super::super::collected::{Collected, Host, Limits, Network, Request, Service, Step, Token};

/// How wide the text is, if its words allow it.
const WIDTH: usize = 80;

/// The text. The token comes first, because nothing works without it.
pub(in super::super) fn summary(collected: &Collected) -> String {
    let mut page = Page(String::new());
    page.heading("Intercom support bundle");
    page.row("collected", &collected.collected_at.to_string());
    let versions = &collected.versions;
    page.row(
        "version",
        &format!("intercom-debug {}", versions.intercom_debug),
    );
    page.row("system", &format!("{} {}", versions.os, versions.arch));

    page.heading("Access");
    page.row("token", &token(&collected.token));
    let status = collected
        .me
        .status
        .map_or_else(|| "no response".to_owned(), |status| status.to_string());
    page.row("/me", &status);
    page.row("host", &host(&collected.host));
    page.row(
        "workspace",
        &format!("region {}", collected.me.region.unwrap_or("unknown")),
    );
    page.row("quota", &quota(collected.rate_limit.as_ref()));
    page.row("clock", &clock(collected.clock_offset_ms));

    page.heading("Network");
    network(&mut page, &collected.network);
    page.heading("Requests");
    for request in &collected.requests {
        page.row(request.route, &self::request(request));
    }
    page.heading("Status page");
    service(&mut page, &collected.service);
    files(&mut page, collected);
    if !collected.problems.is_empty() {
        page.heading("Problems");
        for problem in &collected.problems {
            page.item(&format!("{}: {}", problem.step, problem.error));
        }
    }
    page.0
}

struct Page(String);

impl Page {
    fn heading(&mut self, text: &str) {
        let gap = if self.0.is_empty() { "" } else { "\n" };
        let _ = writeln!(self.0, "{gap}{text}");
    }

    fn row(&mut self, name: &str, value: &str) {
        let first = format!("  {name:<15} ");
        self.wrapped(&first, value, &" ".repeat(first.len()));
    }

    fn item(&mut self, text: &str) {
        self.wrapped("  - ", text, "    ");
    }

    /// Breaks the text between words, so that it fits into the width where it can.
    fn wrapped(&mut self, first: &str, text: &str, next: &str) {
        let mut line = first.to_owned();
        let mut is_start = true;
        for word in text.split(' ') {
            if !is_start && line.chars().count() + word.chars().count() >= WIDTH {
                let _ = writeln!(self.0, "{}", line.trim_end());
                next.clone_into(&mut line);
            }
            line += word;
            line.push(' ');
            is_start = false;
        }
        let _ = writeln!(self.0, "{}", line.trim_end());
    }
}

fn token(token: &Token) -> String {
    let length = token
        .length
        .map(|length| format!(", {length} characters"))
        .unwrap_or_default();
    match token.is_set {
        true => format!("set{length}, {}", token.state),
        false => "not set".to_owned(),
    }
}

fn host(host: &Host) -> String {
    let region = host
        .region
        .map(|region| format!(", region {region}"))
        .unwrap_or_default();
    let fits = match host.fits_workspace {
        Some(false) => ", NOT the region of the workspace",
        _ => "",
    };
    format!("{}{region}{fits}", host.url)
}

fn quota(limits: Option<&Limits>) -> String {
    let Some(limits) = limits else {
        return "unknown".to_owned();
    };
    let number =
        |number: Option<u32>| number.map_or_else(|| "?".to_owned(), |number| number.to_string());
    format!(
        "{} of {} requests left in this window",
        number(limits.remaining),
        number(limits.limit)
    )
}

fn clock(offset: Option<i64>) -> String {
    match offset {
        Some(offset) => {
            let (by, side) = (
                offset.unsigned_abs(),
                if offset < 0 { "behind" } else { "ahead of" },
            );
            format!("the server's clock is {by} ms {side} this one, to about a second")
        }
        None => "unknown".to_owned(),
    }
}

fn network(page: &mut Page, network: &Network) {
    let steps = [
        ("DNS", &network.dns),
        ("TCP", &network.tcp),
        ("TLS", &network.tls),
        ("first byte", &network.first_byte),
    ];
    for (name, step) in steps {
        page.row(name, &self::step(step));
    }
}

fn step(step: &Step) -> String {
    match (&step.error, step.ms) {
        (Some(error), _) => error.clone(),
        (None, Some(ms)) => format!("{ms} ms"),
        (None, None) => "not used".to_owned(),
    }
}

fn request(request: &Request) -> String {
    let mut text = match (&request.error, request.status) {
        (Some(error), _) => error.summary.clone(),
        (None, status) => status.unwrap_or_default().to_string(),
    };
    if let Some(ms) = request.ms {
        let _ = write!(text, ", {ms} ms");
    }
    if let Some(id) = &request.request_id {
        let _ = write!(text, ", request id {id}");
    }
    text
}

fn service(page: &mut Page, service: &Service) {
    if let Some(error) = &service.error {
        return page.row("state", &format!("could not be read: {error}"));
    }
    let indicator = service.indicator.as_deref().unwrap_or("unknown");
    let description = service
        .description
        .as_deref()
        .map(|text| format!(" ({text})"))
        .unwrap_or_default();
    page.row("state", &format!("{indicator}{description}"));
    for incident in &service.incidents {
        let components = incident.components.join(", ");
        let affects = if components.is_empty() {
            String::new()
        } else {
            format!("; affects {components}")
        };
        page.row(
            "incident",
            &format!(
                "{} ({}, {}){affects}",
                incident.name, incident.impact, incident.status
            ),
        );
    }
    for component in &service.components {
        page.row(
            "component",
            &format!("{}: {}", component.name, component.status),
        );
    }
}

fn files(page: &mut Page, collected: &Collected) {
    if collected.logs.is_empty()
        && collected.env_files.is_empty()
        && collected.recordings.is_empty()
    {
        return;
    }
    page.heading("Files");
    for (at, log) in collected.logs.iter().enumerate() {
        let read = if log.bytes_read < log.bytes {
            " at its end"
        } else {
            ""
        };
        let lines = format!(
            "{} of {} lines{read} are about Intercom",
            log.lines_kept, log.lines_read
        );
        page.row(&format!("log {}", at + 1), &lines);
    }
    for (at, env) in collected.env_files.iter().enumerate() {
        let names = format!(
            "{}; {} left out",
            count(env.variables.len(), "name"),
            env.other_names
        );
        page.row(&format!("env {}", at + 1), &names);
    }
    for (at, recording) in collected.recordings.iter().enumerate() {
        let lines = format!(
            "{}; {} left out",
            count(recording.lines_kept, "line"),
            recording.lines_left_out
        );
        page.row(&format!("recording {}", at + 1), &lines);
    }
}
