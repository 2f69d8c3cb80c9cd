//! The first stage, which does the I/O: the checks, side by side under one deadline, and the files.

mod failure;
mod files;
mod network;
mod requests;

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use intercom_blocking::Client;
use intercom_protocol::flows::{Diagnosis, TokenState};
use intercom_protocol::{AnsweredBy, Caller as _, Connection, Region};

use super::clock::{Deadline, wall};
use super::collected::{
    Collected, Host, Limits, Me, Network, Problem, Request, Service, Step, Token, Versions,
};
use super::{BundleOptions, Progress};
use crate::log;

/// What a check found.
enum Found {
    Me(Box<Diagnosis>, Request),
    Network(Part, Step),
    Request(Request),
    Service(Service),
}

/// A step on the way to the first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Dns,
    Tcp,
    Tls,
    FirstByte,
}

impl Part {
    const ALL: [Self; 4] = [Self::Dns, Self::Tcp, Self::Tls, Self::FirstByte];

    const fn name(self) -> &'static str {
        match self {
            Self::Dns => "DNS",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::FirstByte => "first byte",
        }
    }
}

/// Runs all checks, then reads the files.
pub(super) fn collect(client: &Client, mut options: BundleOptions) -> Collected {
    let deadline = Deadline::after(options.deadline);
    let seconds = options.deadline.as_secs_f32();
    let late = format!("no result within {seconds} s");
    let found = start(client, &options, deadline);
    let mut collected = empty(client, &late);
    let progress = &mut options.progress;
    let mut missing: Vec<&str> = requests::ROUTES.to_vec();
    missing.extend(["status page"]);
    missing.extend(Part::ALL.map(Part::name));
    while let Some(found) = next(&found, deadline) {
        let report = collected.take(found);
        missing.retain(|step| *step != report.step());
        for report in collected.token_report(&report).into_iter().chain([report]) {
            progress(&report);
        }
    }
    for step in missing {
        progress(&Progress::new(step, Err(late.clone())));
    }
    files::read(&mut collected, &mut options, &requests::secrets(client));
    collected.problems.splice(..0, problems(&collected));
    collected
}

/// Starts each check on its own thread. A thread that hangs beyond the deadline ends by itself later; a lookup of a host cannot be
/// interrupted.
fn start(client: &Client, options: &BundleOptions, deadline: Deadline) -> Receiver<Found> {
    let (sender, receiver) = mpsc::channel();
    let limit = options.deadline;
    spawn(client, &sender, move |client, sender| {
        let _ = sender.send(requests::me(client, limit));
    });
    for route in requests::OTHER_ROUTES {
        spawn(client, &sender, move |client, sender| {
            let _ = sender.send(Found::Request(requests::read(client, route, limit)));
        });
    }
    spawn(client, &sender, move |client, sender| {
        let _ = sender.send(Found::Service(requests::service(client, limit)));
    });
    let roots = options.roots_pem.clone();
    spawn(client, &sender, move |client, sender| {
        let url = client.base_url().to_owned();
        network::measure(&url, roots.as_deref(), deadline, |part, step| {
            let _ = sender.send(Found::Network(part, step));
        });
    });
    receiver
}

fn spawn(
    client: &Client,
    sender: &Sender<Found>,
    check: impl FnOnce(&Client, &Sender<Found>) + Send + 'static,
) {
    let (client, sender) = (client.clone(), sender.clone());
    // Without a thread, the check has no result, which is reported.
    let _ = thread::Builder::new().spawn(move || check(&client, &sender));
}

/// The next result; `None` when all have come or the time is over.
fn next(found: &Receiver<Found>, deadline: Deadline) -> Option<Found> {
    found.recv_timeout(deadline.left()?).ok()
}

/// The values before any check has a result.
fn empty(client: &Client, late: &str) -> Collected {
    let connection = client.connection();
    let step = Step {
        ms: None,
        error: Some(late.to_owned()),
    };
    Collected {
        collected_at: wall(),
        versions: Versions {
            intercom_debug: env!("CARGO_PKG_VERSION"),
            os: std::env::consts::OS,
            arch: std::env::consts::ARCH,
        },
        token: Token {
            is_set: connection.is_some_and(Connection::has_token),
            length: connection.and_then(|connection| connection.with_fixed_token(count)),
            state: TokenState::Unchecked.as_str(),
        },
        me: Me::default(),
        host: Host {
            url: log::redacted_url(client.base_url()),
            region: Region::of_url(client.base_url()).map(Region::as_str),
            fits_workspace: None,
        },
        rate_limit: None,
        clock_offset_ms: None,
        network: Network {
            dns: step.clone(),
            tcp: step.clone(),
            tls: step.clone(),
            first_byte: step,
        },
        requests: requests::ROUTES
            .iter()
            .map(|route| requests::late(route, late))
            .collect(),
        service: Service {
            error: Some(late.to_owned()),
            ..Service::default()
        },
        logs: Vec::new(),
        env_files: Vec::new(),
        recordings: Vec::new(),
        problems: Vec::new(),
        unread_files: 0,
    }
}

fn count(token: &str) -> usize {
    token.chars().count()
}

impl Collected {
    /// Stores what a check found, and returns how to show it.
    fn take(&mut self, found: Found) -> Progress {
        match found {
            Found::Me(diagnosis, request) => {
                self.diagnosed(&diagnosis);
                self.requested(request)
            }
            Found::Network(part, step) => {
                let report = Progress::new(part.name(), shown(&step));
                *self.network.part(part) = step;
                report
            }
            Found::Request(request) => self.requested(request),
            Found::Service(service) => {
                let result = match (&service.error, &service.indicator) {
                    (Some(error), _) => Err(error.clone()),
                    (None, indicator) => Ok(indicator.clone().unwrap_or_default()),
                };
                self.service = service;
                Progress::new("status page", result)
            }
        }
    }

    fn diagnosed(&mut self, diagnosis: &Diagnosis) {
        let auth = diagnosis.auth();
        self.token.state = auth.token().as_str();
        self.me = Me {
            status: auth.status().map(|status| status.as_u16()),
            region: diagnosis.region().map(Region::as_str),
            answered_by: diagnosis.answered_by().map(AnsweredBy::as_str),
        };
        self.host.fits_workspace = diagnosis.host_fits();
        self.clock_offset_ms = diagnosis.clock_offset_ms();
        self.rate_limit = diagnosis.rate_limit().map(|limit| Limits {
            limit: limit.limit(),
            remaining: limit.remaining(),
            reset_at: limit.reset().map(|reset| reset.as_secs()),
        });
    }

    fn requested(&mut self, request: Request) -> Progress {
        let result = match (&request.error, request.ms) {
            (Some(error), _) => Err(error.summary.clone()),
            (None, ms) => Ok(in_ms(ms)),
        };
        let report = Progress::new(request.route, result);
        if let Some(place) = self
            .requests
            .iter_mut()
            .find(|place| place.route == request.route)
        {
            *place = request;
        }
        report
    }

    /// The line about the token, when `/me` has a result.
    fn token_report(&self, report: &Progress) -> Option<Progress> {
        if report.step() != requests::ME {
            return None;
        }
        let state = self.token.state;
        let result = match state {
            "accepted" => Ok(state.to_owned()),
            "refused" => Err(
                "refused: copy it again from the Developer Hub, or check its permissions"
                    .to_owned(),
            ),
            _ => Err(state.to_owned()),
        };
        Some(Progress::new("token", result))
    }
}

impl Network {
    fn part(&mut self, part: Part) -> &mut Step {
        match part {
            Part::Dns => &mut self.dns,
            Part::Tcp => &mut self.tcp,
            Part::Tls => &mut self.tls,
            Part::FirstByte => &mut self.first_byte,
        }
    }
}

fn shown(step: &Step) -> Result<String, String> {
    match &step.error {
        Some(error) => Err(error.clone()),
        None => Ok(in_ms(step.ms)),
    }
}

fn in_ms(ms: Option<u64>) -> String {
    ms.map_or_else(|| "not used".to_owned(), |ms| format!("{ms} ms"))
}

/// The checks that failed, the token first. Steps with the same error are one problem.
fn problems(collected: &Collected) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    let mut add = |step: &str, error: Option<&str>| {
        let Some(error) = error.filter(|error| *error != network::NOT_REACHED) else {
            return;
        };
        match problems.iter_mut().find(|problem| problem.error == error) {
            Some(problem) => problem.step += &format!(", {step}"),
            None => problems.push(Problem {
                step: step.to_owned(),
                error: error.to_owned(),
            }),
        }
    };
    if collected.token.state == TokenState::Refused.as_str() {
        add("token", Some("the API refused the token"));
    }
    let network = &collected.network;
    let steps = [
        &network.dns,
        &network.tcp,
        &network.tls,
        &network.first_byte,
    ];
    for (part, step) in Part::ALL.iter().zip(steps) {
        add(part.name(), step.error.as_deref());
    }
    for request in &collected.requests {
        add(
            request.route,
            request.error.as_ref().map(|error| error.summary.as_str()),
        );
    }
    add("status page", collected.service.error.as_deref());
    problems
}
