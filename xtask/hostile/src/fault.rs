//! A fault: what a server does in the exchange that goes wrong, and what a client may make of it.

use std::time::Duration;

use intercom_wire::{Greeting, Script, Step};

/// The body of the response that a fault is about.
pub(crate) const OWN: &[u8] = br#"{"type":"contact","id":"own"}"#;

/// What a server does in the exchange that goes wrong.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) family: &'static str,
    pub(crate) name: String,
    pub(crate) act: Act,
    pub(crate) verdict: Verdict,
    /// Whether the server carries out the request that it has read. It does not if its response says so.
    pub(crate) applies: bool,
    /// The decoded body of the response.
    pub(crate) body: Vec<u8>,
    /// Whether a client has to wait for its time-out.
    pub(crate) hangs: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// These bytes, and how the connection goes on.
    Respond(Vec<u8>, End),
    /// Any steps, and whether they are about a connection that was used before.
    Steps(Vec<Step>, Use),
    /// The beginning of an encrypted connection.
    Greet(Greeting, Vec<Step>),
    /// Steps on an encrypted connection.
    Secure(Vec<Step>),
}

/// On which connections a fault makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    Any,
    Reused,
}

/// How the connection goes on after a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Break,
    Close,
    Keep,
    Reset,
    Stall,
}

/// What a client may make of the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The response is good, and the call returns it.
    Delivered,
    /// The response has this status, and the call fails with it or is retried.
    Failed(u16),
    /// There is no good response: the call fails or is retried.
    Refused,
    /// The libraries differ, and either is safe.
    Either,
}

/// When the server sends a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// After the request, on a new connection.
    Fresh,
    /// After the request, on a connection that has carried another exchange.
    Reused,
    /// Like `Fresh`, in the smallest packets.
    Split,
    /// Like `Fresh`, over TLS.
    Secure,
    /// After the head of the request, before its body is read.
    Early,
    /// On an idle connection, before any request.
    Unasked,
    /// In one packet with the response before it.
    Leftover,
    /// As the steps say.
    Own,
}

impl Phase {
    const OF_RESPONSES: [Self; 7] = [
        Self::Fresh,
        Self::Reused,
        Self::Split,
        Self::Secure,
        Self::Early,
        Self::Unasked,
        Self::Leftover,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Reused => "reused",
            Self::Split => "split",
            Self::Secure => "secure",
            Self::Early => "early",
            Self::Unasked => "unasked",
            Self::Leftover => "leftover",
            Self::Own => "own",
        }
    }

    /// Whether another exchange fills the pool first.
    pub(crate) const fn is_pooled(self) -> bool {
        matches!(self, Self::Reused | Self::Unasked)
    }
}

impl Fault {
    /// A response that is safe to accept or to refuse.
    pub(crate) fn response(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self::new(name, Act::Respond(bytes, End::Close))
    }

    /// Steps on an idle connection, while the client does nothing.
    pub(crate) fn idle(name: impl Into<String>, mut steps: Vec<Step>) -> Self {
        steps.insert(0, Step::Hold);
        Self::new(name, Act::Steps(steps, Use::Reused)).refused()
    }

    /// Steps on any connection, of which no good response comes.
    pub(crate) fn steps(name: impl Into<String>, steps: Vec<Step>) -> Self {
        Self::new(name, Act::Steps(steps, Use::Any)).refused()
    }

    pub(crate) fn new(name: impl Into<String>, act: Act) -> Self {
        Self {
            family: "",
            name: name.into(),
            act,
            verdict: Verdict::Either,
            applies: true,
            body: OWN.to_vec(),
            hangs: false,
        }
    }

    /// The connection goes on like this.
    pub(crate) fn then(mut self, end: End) -> Self {
        if let Act::Respond(bytes, _) = self.act {
            self.hangs |= end == End::Stall;
            self.act = Act::Respond(bytes, end);
        }
        self
    }

    pub(crate) fn delivered(self) -> Self {
        Self {
            verdict: Verdict::Delivered,
            ..self
        }
    }

    pub(crate) fn refused(self) -> Self {
        Self {
            verdict: Verdict::Refused,
            ..self
        }
    }

    pub(crate) fn either(self) -> Self {
        Self {
            verdict: Verdict::Either,
            ..self
        }
    }

    /// The response has this status, which is not a success.
    pub(crate) fn failed(self, status: u16) -> Self {
        Self {
            verdict: Verdict::Failed(status),
            ..self
        }
    }

    pub(crate) fn not_applied(self) -> Self {
        Self {
            applies: false,
            ..self
        }
    }

    pub(crate) fn body(self, body: &[u8]) -> Self {
        Self {
            body: body.to_vec(),
            ..self
        }
    }

    pub(crate) fn hangs(self) -> Self {
        Self {
            hangs: true,
            ..self
        }
    }

    /// The phases in which the fault makes sense.
    pub(crate) fn phases(&self) -> Vec<Phase> {
        match &self.act {
            Act::Respond(..) => Phase::OF_RESPONSES.to_vec(),
            Act::Steps(_, Use::Any) => vec![Phase::Fresh, Phase::Reused, Phase::Secure],
            Act::Steps(_, Use::Reused) => vec![Phase::Reused],
            Act::Greet(..) | Act::Secure(_) => vec![Phase::Own],
        }
    }

    /// Whether the server encrypts in this phase.
    pub(crate) const fn is_secure(&self, phase: Phase) -> bool {
        matches!(self.act, Act::Greet(..) | Act::Secure(_)) || matches!(phase, Phase::Secure)
    }

    /// What the server does. The request under test has this path and query.
    pub(crate) fn script(&self, phase: Phase, target: &str) -> Script {
        let script = match &self.act {
            Act::Respond(bytes, end) => Script::new(respond(bytes, *end, phase, target)),
            Act::Steps(steps, _) | Act::Secure(steps) => Script::new(steps.clone()),
            Act::Greet(greeting, steps) => Script::new(steps.clone()).greeting(*greeting),
        };
        script.after(usize::from(phase.is_pooled()))
    }

    /// What a client may make of it in this phase.
    pub(crate) fn verdict(&self, phase: Phase) -> Verdict {
        match (phase, self.verdict) {
            // The response before it is the one that was asked for.
            (Phase::Unasked | Phase::Leftover, _) => Verdict::Refused,
            // A client may notice the response while it sends, or not at all.
            (Phase::Early, Verdict::Delivered | Verdict::Failed(_)) => Verdict::Either,
            (_, verdict) => verdict,
        }
    }
}

fn respond(bytes: &[u8], end: End, phase: Phase, target: &str) -> Vec<Step> {
    let bytes = bytes.to_vec();
    let mut steps = match phase {
        Phase::Split => {
            let size = bytes.len() / 200 + 1;
            vec![Step::ReadRequest, Step::SendSplit(bytes, size)]
        }
        Phase::Early => vec![Step::ReadHead, Step::Send(bytes), Step::ReadRequest],
        Phase::Unasked => vec![Step::Hold, Step::Send(bytes)],
        Phase::Leftover => {
            let own = ok(&[], Script::echo(target).as_bytes());
            vec![Step::ReadRequest, Step::Send([own, bytes].concat())]
        }
        _ => vec![Step::ReadRequest, Step::Send(bytes)],
    };
    steps.extend(end.step());
    steps
}

impl End {
    pub(crate) fn step(self) -> Option<Step> {
        match self {
            Self::Break => Some(Step::Break),
            Self::Close => Some(Step::Close),
            Self::Keep => None,
            Self::Reset => Some(Step::Reset),
            Self::Stall => Some(Step::Stall),
        }
    }
}

/// A head: the status line, and these header lines.
pub(crate) fn head(line: &str, headers: &[&str]) -> Vec<u8> {
    let mut head = format!("{line}\r\n");
    for header in headers {
        head.extend([header, "\r\n"]);
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// A whole response of this status, with a length and these header lines.
pub(crate) fn status(line: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let length = format!("Content-Length: {}", body.len());
    let all = [&["Content-Type: application/json", &length], headers].concat();
    [head(&format!("HTTP/1.1 {line}"), &all), body.to_vec()].concat()
}

/// A whole response with the status 200.
pub(crate) fn ok(headers: &[&str], body: &[u8]) -> Vec<u8> {
    status("200 OK", headers, body)
}

pub(crate) const fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}
