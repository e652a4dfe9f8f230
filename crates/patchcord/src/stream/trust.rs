//! Whom TLS and DTLS trust.

use core::fmt;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, Error, OtherError, RootCertStore};
use rustls_platform_verifier::Verifier;
use tokio::sync::OnceCell;

/// Whom TLS and DTLS trust: what judges the certificates of servers.
#[derive(Clone)]
pub struct Trust {
    verifier: Arc<dyn ServerCertVerifier>,
    tls: Arc<ClientConfig>,
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.verifier.fmt(f)
    }
}

impl Trust {
    /// Trusts whoever has a certificate that one of these has signed, or one of these.
    ///
    /// # Errors
    ///
    /// There are none.
    pub fn in_roots(roots: RootCertStore) -> Result<Self, Error> {
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider());
        let verifier =
            verifier.build().map_err(|error| Error::Other(OtherError(Arc::new(error))))?;
        Self::by(verifier)
    }

    /// Trusts whom this one trusts.
    ///
    /// # Errors
    ///
    /// TLS cannot be had.
    pub fn by(verifier: Arc<dyn ServerCertVerifier>) -> Result<Self, Error> {
        let tls = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&verifier))
            .with_no_client_auth();
        Ok(Self { verifier, tls: Arc::new(tls) })
    }

    /// Trusts whom the system trusts. Reading the system's list takes a while, so that is done once
    /// for the process, and not on a thread that drives connections.
    pub(super) async fn of_the_system() -> Result<Self, Error> {
        static SYSTEM: OnceCell<Trust> = OnceCell::const_new();
        let made = SYSTEM.get_or_try_init(|| async {
            let make = || Self::by(Arc::new(Verifier::new(provider())?));
            let made = tokio::task::spawn_blocking(make).await;
            made.unwrap_or_else(|error| Err(Error::General(error.to_string())))
        });
        made.await.cloned()
    }

    /// How TLS is spoken.
    pub(super) fn tls(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.tls)
    }

    /// Whether this chain, its own certificate first, is that of a server of this name.
    pub(super) fn judge(
        &self,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
    ) -> Result<(), Error> {
        let (own, issuers) = chain.split_first().ok_or(Error::NoCertificatesPresented)?;
        self.verifier.verify_server_cert(own, issuers, name, &[], UnixTime::now()).map(|_| ())
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
