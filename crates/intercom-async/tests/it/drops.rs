//! A call that is dropped gives back what it holds, wherever it was.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use intercom_async::gate::Gate;
use intercom_async::protocol::gate::{Admission, Ask, Permit, Seen, Settle};
use intercom_async::protocol::{Fault, FaultKind, Moment, Outgoing, bytes::Bytes, http};
use intercom_async::transport::{TokioTimer, Transport, transport_fn};
use intercom_async::{Client, async_trait};
use tokio::time::{sleep, timeout};

/// Longer than anything here lasts, but for what lasts for ever.
const LATER: Duration = Duration::from_secs(1);

/// What a gate says, ask by ask; then it says nothing any more.
#[derive(Clone, Copy, Debug)]
enum Word {
    /// Go, after having waited so long.
    Go(Duration),
    Silence,
}

/// Go at once.
const NOW: Word = Word::Go(Duration::ZERO);

/// A gate that follows a script and keeps what became of its places.
#[derive(Debug)]
struct ScriptedGate {
    words: Mutex<Vec<Word>>,
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

    fn place(self: &Arc<Self>) -> Permit {
        let mut handed_out = self.handed_out.lock().unwrap();
        *handed_out += 1;
        Permit::new(self.clone(), *handed_out)
    }
}

#[async_trait]
impl Gate for ScriptedGate {
    async fn admit(&self, _: Ask) -> Admission {
        let word = self.words.lock().unwrap().pop().unwrap_or(Word::Silence);
        match word {
            Word::Go(after) => {
                let permit = self.ledger.place();
                sleep(after).await;
                Admission::Go(permit)
            }
            Word::Silence => pending().await,
        }
    }
}

/// A call that was dropped while it waited for something: what became of its places.
async fn dropped(words: &[Word], transport: impl Transport + 'static) -> Vec<String> {
    let ledger = Arc::new(Ledger::default());
    let gate = ScriptedGate {
        words: Mutex::new(words.iter().rev().copied().collect()),
        ledger: ledger.clone(),
    };
    let client = Client::builder("token")
        .gate(gate)
        .build_with(transport, TokioTimer::default())
        .unwrap();
    let call = client.me();
    assert!(
        timeout(LATER, call).await.is_err(),
        "the call was to be dropped on its way"
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
async fn asking_the_gate_it_holds_nothing_yet() {
    assert!(dropped(&[], transport_fn(silent)).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn waiting_at_the_gate_it_gives_its_place_back() {
    let words = [Word::Go(LATER * 60)];
    assert_eq!(
        dropped(&words, transport_fn(silent)).await,
        ["1 never_sent"]
    );
}

#[tokio::test(start_paused = true)]
async fn in_flight_nobody_knows() {
    let words = [Word::Go(LATER / 2)];
    assert_eq!(dropped(&words, transport_fn(silent)).await, ["1 unknown"]);
    assert_eq!(dropped(&[NOW], transport_fn(silent)).await, ["1 unknown"]);
}

#[tokio::test(start_paused = true)]
async fn during_back_off_it_was_answered_and_holds_nothing_more() {
    assert_eq!(dropped(&[NOW], transport_fn(failing)).await, ["1 answered"]);
}

#[tokio::test(start_paused = true)]
async fn asking_for_a_retry_it_holds_nothing_more() {
    let words = [NOW, Word::Silence];
    assert_eq!(
        dropped(&words, transport_fn(refusing)).await,
        ["1 never_sent"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_is_dropped_before_it_was_polled_has_sent_nothing_and_the_place_is_free() {
    let ledger = Arc::new(Ledger::default());
    let gate = ScriptedGate {
        words: Mutex::new(vec![NOW]),
        ledger: ledger.clone(),
    };
    let client = Client::builder("token")
        .gate(gate)
        .build_with(transport_fn(silent), TokioTimer::default())
        .unwrap();
    drop(client.me());
    assert!(
        ledger.lines().is_empty(),
        "a call begins when it is awaited"
    );
}
