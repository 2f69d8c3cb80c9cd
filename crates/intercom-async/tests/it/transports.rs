//! One interface for all transports.

use std::sync::{Arc, LazyLock};

use intercom_async::http;
use intercom_async::protocol::{Fault, Outgoing, bytes::Bytes};
use intercom_async::transport::{HyperTransport, Reqwest012Transport, ReqwestTransport, Transport};
use intercom_blocking::transport::{Transport as _, TransportSettings, UreqTransport};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use tokio::runtime::{Builder, Runtime};

pub(crate) type Outcome = Result<http::Response<Bytes>, Fault>;

/// One of the transports, with its own pool.
pub(crate) enum AnyTransport {
    Ureq(UreqTransport),
    Async(&'static str, Box<dyn Transport>, Runtime),
}

impl AnyTransport {
    /// Makes all of them, which trust no certificate of a test.
    pub(crate) fn all() -> [Self; 4] {
        [
            Self::Ureq(UreqTransport::new(&TransportSettings::default()).unwrap()),
            Self::on_runtime("hyper", Box::new(HyperTransport::new())),
            Self::on_runtime(
                "reqwest",
                Box::new(ReqwestTransport::build(reqwest_builder(None)).unwrap()),
            ),
            Self::on_runtime(
                "reqwest 0.12",
                Box::new(Reqwest012Transport::build(reqwest_0_12_builder(None)).unwrap()),
            ),
        ]
    }

    /// Makes all of them, which trust only this authority.
    pub(crate) fn trusting(root_pem: &str) -> [Self; 4] {
        let settings = TransportSettings::default().root_certificates_pem(root_pem);
        let hyper = HyperTransport::with_root_certificates(root_pem.as_bytes()).unwrap();
        let reqwest = ReqwestTransport::build(reqwest_builder(Some(root_pem))).unwrap();
        let older = Reqwest012Transport::build(reqwest_0_12_builder(Some(root_pem))).unwrap();
        [
            Self::Ureq(UreqTransport::new(&settings).unwrap()),
            Self::on_runtime("hyper", Box::new(hyper)),
            Self::on_runtime("reqwest", Box::new(reqwest)),
            Self::on_runtime("reqwest 0.12", Box::new(older)),
        ]
    }

    /// Makes a transport on hyper or reqwest.
    pub(crate) fn on_runtime(name: &'static str, transport: Box<dyn Transport>) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Self::Async(name, transport, runtime)
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Ureq(_) => "ureq",
            Self::Async(name, ..) => name,
        }
    }

    pub(crate) fn send(&self, outgoing: Outgoing) -> Outcome {
        match self {
            Self::Ureq(transport) => transport.send(outgoing),
            Self::Async(_, transport, runtime) => runtime.block_on(transport.send(outgoing)),
        }
    }

    /// Sends the second request when the connection of the first is back in the pool.
    pub(crate) fn send_twice(&self, first: Outgoing, second: Outgoing) -> (Outcome, Outcome) {
        let first = self.send(first);
        if let Self::Async(_, _, runtime) = self {
            runtime.block_on(async {
                // Tasks that are already ready return the connection; none of them waits for the network.
                for _ in 0..100 {
                    tokio::task::yield_now().await;
                }
            });
        }
        (first, self.send(second))
    }
}

/// Makes a reqwest client on rustls with ring, so that all tests use one TLS library.
pub(crate) fn reqwest_builder(root_pem: Option<&str>) -> reqwest::ClientBuilder {
    reqwest::Client::builder().tls_backend_preconfigured(on_ring(root_pem))
}

/// Makes a client of reqwest 0.12 in the same way.
pub(crate) fn reqwest_0_12_builder(root_pem: Option<&str>) -> reqwest_0_12::ClientBuilder {
    reqwest_0_12::Client::builder().use_preconfigured_tls(on_ring(root_pem))
}

pub(crate) fn on_ring(root_pem: Option<&str>) -> rustls::ClientConfig {
    static RING: LazyLock<Arc<CryptoProvider>> =
        LazyLock::new(|| Arc::new(rustls::crypto::ring::default_provider()));

    let mut roots = rustls::RootCertStore::empty();
    if let Some(pem) = root_pem {
        roots
            .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
            .unwrap();
    }
    rustls::ClientConfig::builder_with_provider(RING.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}
