//! What is prepared once for a certificate.

use alloc::sync::Arc;
use core::time::Duration;
use std::sync::OnceLock;

use crate::ConfigError;

use super::pace::LIBRARY_RTO;

/// Flights are sent again until the handshake is given up, which is decided above the seam.
const RETRANSMISSIONS: usize = 1000;
const NO_TIMEOUT: Duration = Duration::from_secs(9 * 365 * 86_400);

/// A certificate and its key as the library takes them, and its configuration, which runs the
/// cryptography's self-tests when it is built and is therefore kept.
#[derive(Clone)]
pub(crate) struct Identity {
    certificate: dimpl::DtlsCertificate,
    /// For the first MTU that was asked for; another is rare.
    settings: OnceLock<Arc<dimpl::Config>>,
}

impl Identity {
    /// `None`: the library cannot sign with this key.
    pub(crate) fn new(der: &[u8], pkcs8: &[u8]) -> Option<Self> {
        let provider = dimpl::crypto::rust_crypto::default_provider();
        provider.key_provider.load_private_key(pkcs8).ok()?;
        let certificate =
            dimpl::DtlsCertificate { certificate: der.to_vec(), private_key: pkcs8.to_vec() };
        Some(Self { certificate, settings: OnceLock::new() })
    }

    pub(super) fn certificate(&self) -> dimpl::DtlsCertificate {
        self.certificate.clone()
    }

    pub(super) fn settings(&self, mtu: usize) -> Result<Arc<dimpl::Config>, ConfigError> {
        match self.settings.get() {
            Some(kept) if kept.mtu() == mtu => Ok(Arc::clone(kept)),
            _ => {
                let built = Arc::new(build(mtu)?);
                // Two connections may begin at once; either's will do.
                let _ = self.settings.set(Arc::clone(&built));
                Ok(built)
            }
        }
    }
}

fn build(mtu: usize) -> Result<dimpl::Config, ConfigError> {
    dimpl::Config::builder()
        .mtu(mtu)
        // ICE has authenticated the path before the first datagram comes (RFC 8827 §6.5).
        .use_server_cookie(false)
        .flight_start_rto(LIBRARY_RTO)
        .flight_retries(RETRANSMISSIONS)
        .handshake_timeout(NO_TIMEOUT)
        .build()
        .map_err(|_| ConfigError::Crypto)
}
