//! A transport on ureq.

mod broken;
mod fault;
mod settings;

use std::io::{self, Read};

use bytes::Bytes;
use http::{Request, Response};
use intercom_protocol::{Error, Fault, Reception};
use ureq::{Agent, Body, SendBody};

pub(crate) use self::settings::Limits;
pub use self::settings::TransportSettings;
use super::{MarkedBody, Outgoing, Transport};

/// How many bytes of a response are read at once.
const PIECE: usize = 16 * 1024;

/// How many bytes are read first when a response does not say how long it is. Most are short.
const FIRST_PIECE: usize = 2 * 1024;

/// A transport on ureq. It carries out one exchange, without retries, redirects or cookies.
///
/// It uses a proxy only if you set one.
///
/// If the exchange has a time limit, the host name is looked up on a separate thread. The system's lookup cannot be
/// cancelled, so one that takes too long is abandoned: it delays neither the exchange nor the exit of the program. The
/// connect time-out applies to the lookup, and then again to connecting. In a download, the time-out until the head of the
/// response begins when the connection is made.
///
/// A client uses it for its calls. Use it directly to get the phase of a fault without waits and retries.
///
/// ```no_run
/// use intercom_blocking::transport::{Outgoing, Transport as _, TransportSettings, UreqTransport};
/// use intercom_blocking::{bytes::Bytes, http};
///
/// let transport = UreqTransport::new(&TransportSettings::default())?;
/// let request = http::Request::get("https://api.intercom.io/me").body(Bytes::new())?;
/// match transport.send(Outgoing::new(request)) {
///     Ok(response) => println!("a response, of any status: {}", response.status()),
///     Err(fault) => println!("no complete response: {}", fault.phase().as_str()),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct UreqTransport {
    agent: Agent,
    usual: Limits,
}

impl UreqTransport {
    /// Makes a transport. Sends nothing.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `configuration` if the certificates or the URL of the proxy cannot be read.
    pub fn new(settings: &TransportSettings) -> Result<Self, Error> {
        let (agent, usual) = settings.agent()?;
        Ok(Self { agent, usual })
    }

    fn run(
        &self,
        request: Request<SendBody<'_>>,
        limits: Limits,
    ) -> Result<Response<Body>, ureq::Error> {
        // For limits that only one request has, ureq copies all settings, and sets up TLS again for a new connection.
        if limits == self.usual {
            return self.agent.run(request);
        }
        let request = self
            .agent
            .configure_request(request)
            .timeout_global(limits.whole)
            .timeout_resolve(limits.connect)
            .timeout_connect(limits.connect)
            .timeout_send_request(limits.head)
            .timeout_recv_response(limits.head)
            .timeout_per_read(limits.idle)
            .build();
        self.agent.run(request)
    }
}

impl Transport for UreqTransport {
    fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> {
        let limits = Limits::new(outgoing.timeout(), outgoing.connect_timeout())
            .of_download(outgoing.head_timeout(), outgoing.idle_timeout());
        let (request, reception) = outgoing.into_parts();
        let (head, bytes) = request.into_parts();
        let mut body = MarkedBody::new(bytes);
        let result = if body.is_empty() {
            self.run(Request::from_parts(head, SendBody::none()), limits)
        } else {
            let body = SendBody::from_reader(&mut body);
            self.run(Request::from_parts(head, body), limits)
        };
        match result {
            Ok(response) => read(&reception, response),
            Err(error) => Err(fault::without_response(error, &body)),
        }
    }
}

fn read(reception: &Reception, response: Response<Body>) -> Result<Response<Bytes>, Fault> {
    let (head, body) = response.into_parts();
    let mut incoming = reception.head(Response::from_parts(head, ()));
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
            Err(error) => return Err(fault::of_cut_response(error.into(), incoming)),
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
