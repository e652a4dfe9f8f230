//! Whom TLS trusts.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::sync::OnceCell;

/// TLS that trusts whom the system trusts. Reading the system's list takes a while, so that is done
/// once for the process, and not on a thread that drives connections.
pub(super) async fn of_the_system() -> Result<Arc<ClientConfig>, rustls::Error> {
    static SYSTEM: OnceCell<Arc<ClientConfig>> = OnceCell::const_new();
    let made = SYSTEM.get_or_try_init(|| async {
        let made = tokio::task::spawn_blocking(make).await;
        made.unwrap_or_else(|error| Err(rustls::Error::General(error.to_string())))
    });
    made.await.cloned()
}

fn make() -> Result<Arc<ClientConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    Ok(Arc::new(config))
}
