//! What a server sends on an idle connection while the client's runtime stands still.

use std::time::Duration;

use intercom_async::http;
use intercom_async::protocol::{Outgoing, bytes::Bytes};
use intercom_wire::{Authority, Script, Step, WireServer};

use crate::transports::AnyTransport;

const UNASKED: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nunasked";

fn post(server: &WireServer, path: &str) -> Outgoing {
    let request = http::Request::post(format!("{}{path}", server.url()));
    Outgoing::new(request.body(Bytes::from_static(b"{}")).unwrap())
}

#[test]
fn what_arrives_while_no_task_runs_is_not_the_response_to_the_next_request() {
    let authority = Authority::new().unwrap();
    for authority_of_server in [None, Some(&authority)] {
        for transport in AnyTransport::trusting(&authority.pem()) {
            let steps = [Step::Hold, Step::Send(UNASKED.to_vec())];
            let script = Script::new(steps).after(1);
            let server = WireServer::play(script, authority_of_server).unwrap();
            for path in ["/first", "/second"] {
                let response = transport.send(post(&server, path)).unwrap();
                let body = Script::echo(path);
                assert_eq!(response.body(), body.as_bytes(), "{}", transport.name());
                // The server now sends the unasked response. No task runs before the next `block_on`.
                assert!(server.settle(Duration::from_secs(30)));
            }
            assert_eq!(server.requests(), 2, "{}", transport.name());
        }
    }
}
