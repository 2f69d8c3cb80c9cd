//! What a client stands on: a transport that carries out one exchange over ureq, and a clock.

mod broken;
mod fault;
mod marked_body;
mod settings;

use std::io::{self, Read};

use bytes::Bytes;
use http::{Method, Request, Response};
use intercom_protocol::{Error, Fault, Incoming};
use ureq::{Agent, Body, SendBody};

pub(crate) use self::settings::Limits;
pub use self::settings::TransportSettings;
pub use crate::clock::{Clock, SystemClock};
pub use intercom_protocol::{Moment, Outgoing, Tick};

use self::marked_body::MarkedBody;

/// How much of an answer is read at once.
const PIECE: usize = 16 * 1024;

/// How much is read at first of an answer that does not say how long it is; most are short.
const FIRST_PIECE: usize = 2 * 1024;

/// Carries out one exchange with ureq: no retry, no redirect, no cookie, no proxy that was not asked for.
///
/// An exchange with a time limit resolves the host name on a thread of its own. The system's lookup cannot be cancelled,
/// but neither the exchange nor the end of the program waits for one that takes too long. The connect time-out limits the
/// lookup, and then connecting once more.
///
/// The client drives it. Use it alone when you want the phase of a fault without the waiting and retrying.
///
/// ```no_run
/// use intercom_blocking::transport::{Outgoing, TransportSettings, UreqTransport};
/// use intercom_blocking::{bytes::Bytes, http};
///
/// let transport = UreqTransport::new(&TransportSettings::default())?;
/// let request = http::Request::get("https://api.intercom.io/me").body(Bytes::new())?;
/// match transport.send(Outgoing::new(request)) {
///     Ok(response) => println!("any status is an answer: {}", response.status()),
///     Err(fault) => println!("no complete answer: {}", fault.phase().as_str()),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct UreqTransport {
    agent: Agent,
    usual: Limits,
}

impl UreqTransport {
    /// Makes a transport; nothing is sent.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `invalid` when the certificates or the proxy given cannot be read.
    pub fn new(settings: &TransportSettings) -> Result<Self, Error> {
        let (agent, usual) = settings.agent()?;
        Ok(Self { agent, usual })
    }

    /// Sends a request and reads its answer, whatever its status, within the limits it carries.
    ///
    /// # Errors
    ///
    /// A [`Fault`] when no complete answer came back; its phase says whether the request may have been acted on.
    pub fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> {
        let body_limit = outgoing.body_limit();
        let limits = Limits::new(outgoing.timeout(), outgoing.connect_timeout());
        let (head, bytes) = outgoing.into_request().into_parts();
        let method = head.method.clone();
        let mut body = MarkedBody::new(bytes);
        let answered = if body.is_empty() {
            self.run(Request::from_parts(head, SendBody::none()), limits)
        } else {
            let body = SendBody::from_reader(&mut body);
            self.run(Request::from_parts(head, body), limits)
        };
        match answered {
            Ok(response) => read(&method, response, body_limit),
            Err(error) => Err(fault::without_answer(error, &body)),
        }
    }

    fn run(
        &self,
        request: Request<SendBody<'_>>,
        limits: Limits,
    ) -> Result<Response<Body>, ureq::Error> {
        // What is set for one request alone costs ureq a copy of all settings, and of TLS for a new connection.
        if limits == self.usual {
            return self.agent.run(request);
        }
        let request = self
            .agent
            .configure_request(request)
            .timeout_global(limits.whole)
            .timeout_resolve(limits.connect)
            .timeout_connect(limits.connect)
            .build();
        self.agent.run(request)
    }
}

fn read(
    method: &Method,
    response: Response<Body>,
    body_limit: usize,
) -> Result<Response<Bytes>, Fault> {
    let (head, body) = response.into_parts();
    let mut incoming = Incoming::new(method, Response::from_parts(head, ()), body_limit);
    let announced = body.content_length();
    if let Some(length) = announced {
        incoming = incoming.expecting(length);
    }
    let announced = announced.and_then(|length| usize::try_from(length).ok());
    let mut buffer = vec![0; announced.unwrap_or(FIRST_PIECE).clamp(1, PIECE)];
    let mut reader = body.into_reader();
    loop {
        let length = match reader.read(&mut buffer) {
            Ok(0) => return incoming.finish(),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(fault::of_cut_answer(error.into(), incoming)),
        };
        if incoming
            .push(buffer.get(..length).unwrap_or_default())
            .is_break()
        {
            return incoming.finish();
        }
        if length == buffer.len() && announced.is_none() {
            buffer.resize(PIECE, 0);
        }
    }
}
