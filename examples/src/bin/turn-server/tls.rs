//! The certificate.

use std::sync::Arc;

use anyhow::Context;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject},
};
use tokio_rustls::TlsAcceptor;

use crate::settings::Settings;

/// Takes handshakes with the certificate of the settings, or with one made now.
pub(crate) fn acceptor(settings: &Settings) -> anyhow::Result<TlsAcceptor> {
    let (chain, key) = match (&settings.cert, &settings.key) {
        (Some(cert), Some(key)) => {
            let chain = CertificateDer::pem_file_iter(cert)
                .and_then(Iterator::collect)
                .with_context(|| format!("reading {}", cert.display()))?;
            let key = PrivateKeyDer::from_pem_file(key)
                .with_context(|| format!("reading {}", key.display()))?;
            (chain, key)
        }
        _ => {
            let names = vec!["localhost".to_owned()];
            let made = rcgen::generate_simple_self_signed(names).context("making a certificate")?;
            let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
            (vec![made.cert.der().clone()], key.into())
        }
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("using the certificate for TLS")?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
