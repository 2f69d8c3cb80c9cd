//! The transports of both clients.

mod on_tower;

use std::sync::{Arc, LazyLock};

use intercom_async::transport::{
    HyperTransport, Reqwest012Transport, ReqwestTransport, TokioTimer, Transport as AsyncTransport,
};
use intercom_blocking::transport::TransportSettings;
use intercom_protocol::{ApiRequest, Config, Error, Reply};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime;

/// Makes a call with a client.
pub type Call = Box<dyn Fn(ApiRequest) -> Result<Reply, Error>>;

/// A client on one of the transports.
#[derive(Clone, Copy, Debug)]
pub struct Transport {
    /// The name in reports.
    pub(crate) name: &'static str,
    /// Makes a client with these settings, which trusts this authority (PEM).
    pub(crate) connect: fn(Config, &str) -> Result<Call, Failed>,
}

/// Why no client could be made.
pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

/// All transports of the workspace.
pub const TRANSPORTS: [Transport; 5] = [
    Transport {
        name: "ureq",
        connect: on_ureq,
    },
    Transport {
        name: "hyper",
        connect: |config, root| {
            let transport = HyperTransport::with_root_certificates(root.as_bytes())?;
            on_tokio(config, transport)
        },
    },
    Transport {
        name: "reqwest",
        connect: |config, root| {
            let client = reqwest::Client::builder().tls_backend_preconfigured(trusting(root)?);
            on_tokio(config, ReqwestTransport::build(client)?)
        },
    },
    Transport {
        name: "reqwest 0.12",
        connect: |config, root| {
            let client = reqwest_0_12::Client::builder().use_preconfigured_tls(trusting(root)?);
            on_tokio(config, Reqwest012Transport::build(client)?)
        },
    },
    Transport {
        name: "tower",
        connect: on_tower::connect,
    },
];

impl Transport {
    /// Returns the name in reports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

fn on_ureq(config: Config, root: &str) -> Result<Call, Failed> {
    let settings = TransportSettings::default().root_certificates_pem(root);
    let builder = intercom_blocking::ClientBuilder::from(config).transport(settings);
    let client = builder.build()?;
    Ok(Box::new(move |request| client.execute(request)))
}

fn on_tokio(config: Config, transport: impl AsyncTransport + 'static) -> Result<Call, Failed> {
    let builder = intercom_async::ClientBuilder::from(config);
    let client = builder.build_with(transport, TokioTimer::default())?;
    let client = Arc::new(client);
    driven(move |request| {
        let client = Arc::clone(&client);
        async move { client.execute(request).await }
    })
}

/// Makes calls on a runtime of their own.
fn driven<F>(call: impl Fn(ApiRequest) -> F + 'static) -> Result<Call, Failed>
where
    F: Future<Output = Result<Reply, Error>>,
{
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(Box::new(move |request| runtime.block_on(call(request))))
}

/// The TLS settings of the transports that have none of their own.
fn trusting(root: &str) -> Result<ClientConfig, Failed> {
    static RING: LazyLock<Arc<CryptoProvider>> =
        LazyLock::new(|| Arc::new(ring::default_provider()));

    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(root.as_bytes())?)?;
    let builder = ClientConfig::builder_with_provider(Arc::clone(&RING));
    Ok(builder
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
