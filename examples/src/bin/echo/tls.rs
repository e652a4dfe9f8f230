//! HTTPS with a certificate that is made at start and belongs to nobody.

use std::net::IpAddr;

use anyhow::{Context, anyhow};
use axum_server::tls_rustls::RustlsConfig;

/// A certificate for this machine under all `addresses`, and `localhost`.
pub(crate) async fn self_signed(addresses: &[IpAddr]) -> anyhow::Result<RustlsConfig> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow!("another TLS library was set up before"))?;
    let made =
        rcgen::generate_simple_self_signed(names(addresses)).context("making a certificate")?;
    let key = made.signing_key.serialize_der();
    RustlsConfig::from_der(vec![made.cert.der().to_vec()], key)
        .await
        .context("using the certificate for TLS")
}

fn names(addresses: &[IpAddr]) -> Vec<String> {
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(String::from).into();
    let given = addresses.iter().filter(|ip| !ip.is_unspecified() && !ip.is_loopback());
    names.extend(given.map(IpAddr::to_string));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_certificate_names_public_addresses_and_no_wildcard() {
        let given = ["0.0.0.0", "192.0.2.7", "127.0.0.1"].map(|ip| ip.parse().unwrap());
        assert_eq!(names(&given), ["localhost", "127.0.0.1", "::1", "192.0.2.7"]);
    }
}
