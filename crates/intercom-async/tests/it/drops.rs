//! A dropped call gives back what it holds, at every step.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use intercom_async::gate::Gate;
use intercom_async::protocol::gate::{Admission, Ask, Permit, Seen, Settle};
use intercom_async::protocol::{Fault, FaultKind, Moment, Outgoing, bytes::Bytes, http};
use intercom_async::transport::{TokioTimer, Transport, transport_fn};
use intercom_async::{Client, async_trait};
use tokio::time::{sleep, timeout};

/// Longer than anything here takes that ends at all.
const LATER: Duration = Duration::from_secs(1);

/// What a gate does with one ask. After its script, it never returns.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Lets the call go after this wait.
    Go(Duration),
    /// Never returns.
    Hang,
}

/// Lets the call go at once.
const NOW: Act = Act::Go(Duration::ZERO);

/// A gate that follows a script and records how its permits are settled.
#[derive(Debug)]
struct ScriptedGate {
    script: Mutex<Vec<Act>>,
    ledger: Arc<Ledger>,
}

#[derive(Debug, Default)]
struct Ledger {
    handed_out: Mutex<u64>,
    settled: Mutex<Vec<String>>,
}

impl Settle for Ledger {
    fn settle(&self, place: u64, seen: Seen<'_>, _: Option<Moment>) {
        self.settled
            .lock()
            .unwrap()
            .push(format!("{place} {}", seen.as_str()));
    }
}

impl Ledger {
    fn lines(&self) -> Vec<String> {
        self.settled.lock().unwrap().clone()
    }

    fn permit(self: &Arc<Self>) -> Permit {
        let mut handed_out = self.handed_out.lock().unwrap();
        *handed_out += 1;
        Permit::new(self.clone(), *handed_out)
    }
}

#[async_trait]
impl Gate for ScriptedGate {
    async fn admit(&self, _: Ask) -> Admission {
        let act = self.script.lock().unwrap().pop().unwrap_or(Act::Hang);
        match act {
            Act::Go(after) => {
                let permit = self.ledger.permit();
                sleep(after).await;
                Admission::Go(permit)
            }
            Act::Hang => pending().await,
        }
    }
}

/// Drops a call while it waits for something, and returns how its permits were settled.
async fn dropped(script: &[Act], transport: impl Transport + 'static) -> Vec<String> {
    let ledger = Arc::new(Ledger::default());
    let gate = ScriptedGate {
        script: Mutex::new(script.iter().rev().copied().collect()),
        ledger: ledger.clone(),
    };
    let client = Client::builder("token")
        .gate(gate)
        .build_with(transport, TokioTimer::default())
        .unwrap();
    let call = client.me();
    assert!(
        timeout(LATER, call).await.is_err(),
        "the call ended before it was dropped"
    );
    ledger.lines()
}

async fn silent(_: Outgoing) -> Result<http::Response<Bytes>, Fault> {
    pending().await
}

async fn failing(_: Outgoing) -> Result<http::Response<Bytes>, Fault> {
    let mut response = http::Response::new(Bytes::new());
    *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
    response
        .headers_mut()
        .insert("retry-after", http::HeaderValue::from_static("30"));
    Ok(response)
}

async fn refusing(_: Outgoing) -> Result<http::Response<Bytes>, Fault> {
    Err(Fault::not_sent(FaultKind::Connect))
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_before_the_gate_admits_it_holds_no_permit() {
    assert!(dropped(&[], transport_fn(silent)).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_while_it_waits_at_the_gate_gives_its_permit_back() {
    let script = [Act::Go(LATER * 60)];
    assert_eq!(
        dropped(&script, transport_fn(silent)).await,
        ["1 never_sent"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_in_flight_is_settled_as_unknown() {
    let script = [Act::Go(LATER / 2)];
    assert_eq!(dropped(&script, transport_fn(silent)).await, ["1 unknown"]);
    assert_eq!(dropped(&[NOW], transport_fn(silent)).await, ["1 unknown"]);
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_during_back_off_has_already_settled_its_permit() {
    assert_eq!(
        dropped(&[NOW], transport_fn(failing)).await,
        ["1 responded"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_before_its_retry_is_admitted_holds_no_permit() {
    let script = [NOW, Act::Hang];
    assert_eq!(
        dropped(&script, transport_fn(refusing)).await,
        ["1 never_sent"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_never_polled_does_not_ask_the_gate() {
    let ledger = Arc::new(Ledger::default());
    let gate = ScriptedGate {
        script: Mutex::new(vec![NOW]),
        ledger: ledger.clone(),
    };
    let client = Client::builder("token")
        .gate(gate)
        .build_with(transport_fn(silent), TokioTimer::default())
        .unwrap();
    drop(client.me());
    assert!(
        ledger.lines().is_empty(),
        "a call starts when it is first polled"
    );
}
