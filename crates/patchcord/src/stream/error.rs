//! Why there is no connection.

use core::time::Duration;
use std::io;

pub use dtls::CloseReason as DtlsCloseReason;
use thiserror::Error;

/// Why there is no connection to a server.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The server's name has no address.
    #[error("cannot find the server: {0}")]
    ServerAddress(io::Error),
    /// The system cannot connect: what the last address that was tried has said.
    #[error("cannot connect: {0}")]
    Connect(io::Error),
    /// It has taken too long, TLS or DTLS included.
    #[error("no connection within {0:?}")]
    TimedOut(Duration),
    /// The proxy's name has no address.
    #[error("cannot find the proxy: {0}")]
    ProxyAddress(io::Error),
    /// The proxy does not let us through.
    #[error("the proxy: {0}")]
    Proxy(#[from] ProxyError),
    /// TLS and DTLS need a host name or an address, and this is neither.
    #[error("{0:?} is no name that a certificate can have")]
    ServerName(Box<str>),
    /// The server has no certificate that we trust for its name.
    #[error("the server's certificate: {0}")]
    Certificate(rustls::CertificateError),
    /// TLS failed for another reason.
    #[error("TLS: {0}")]
    Tls(io::Error),
    /// So did DTLS.
    #[error("DTLS: {0}")]
    Dtls(DtlsCloseReason),
    /// The system does not say whom to trust.
    #[error("TLS: {0}")]
    Trust(rustls::Error),
}

/// Why a proxy does not let us through.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProxyError {
    /// The connection to it is broken.
    #[error("{0}")]
    Io(io::Error),
    /// HTTP CONNECT: it refuses, with this status (407: it wants other credentials).
    #[error("refused with status {0}")]
    Status(u16),
    /// SOCKS5: it refuses, with this code (RFC 1928 §6; 2: not allowed by its rules).
    #[error("refused with code {0}")]
    Code(u8),
    /// SOCKS5: a server's name of so many bytes, more than 255.
    #[error("a name of {0} bytes")]
    Name(usize),
    /// SOCKS5: it wants to be convinced in a way that we have not (RFC 1928 §3).
    #[error("none of our ways to log in is accepted")]
    Method,
    /// SOCKS5: it does not know the name or the password (RFC 1929).
    #[error("wrong credentials")]
    Credentials,
    /// It has not answered as a proxy of this protocol does.
    #[error("an answer that is not understood")]
    Protocol,
}

impl From<io::Error> for ProxyError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// What went wrong in a handshake.
pub(super) fn of_tls(error: io::Error) -> ConnectError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(certificate)) => {
            ConnectError::Certificate(certificate.clone())
        }
        _ => ConnectError::Tls(error),
    }
}

/// Why a certificate is not accepted.
pub(super) fn of_verification(error: rustls::Error) -> ConnectError {
    match error {
        rustls::Error::InvalidCertificate(certificate) => ConnectError::Certificate(certificate),
        other => ConnectError::Tls(io::Error::other(other)),
    }
}
