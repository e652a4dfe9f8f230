//! What a connection tells of itself: its state, its events, why it ended.

use alloc::boxed::Box;
use core::fmt;
use core::time::Duration;

use crate::{Alert, CipherSuite, Fingerprint, NamedGroup, ProtocolVersion, SrtpProfile};

/// The states of W3C's `RTCDtlsTransportState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// No datagram has been sent or taken yet.
    New,
    /// The handshake is under way.
    Connecting,
    /// The other side is the one that was announced, and application data may flow.
    Connected,
    /// Ended by either side, in good order.
    Closed,
    /// Ended by an error.
    Failed,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::New => "new",
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Closed => "closed",
            Self::Failed => "failed",
        })
    }
}

/// A fact about a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The server has shown its certificates, and the handshake waits for a word about them:
    /// [`ServerAuthentication::Caller`](crate::ServerAuthentication::Caller). Whether it has the key
    /// is seen later.
    CertificatePresented,
    /// The handshake is complete, and the other side's certificate has an announced fingerprint, or
    /// was accepted.
    Connected {
        /// The version agreed on.
        version: ProtocolVersion,
        /// The cipher suite agreed on.
        cipher_suite: CipherSuite,
        /// The group of the key exchange.
        group: Option<NamedGroup>,
        /// The SRTP profile agreed on, if the other side does SRTP.
        srtp_profile: Option<SrtpProfile>,
    },
    /// The connection has ended. The last event.
    Closed(CloseReason),
}

/// Why a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// We closed it.
    Local,
    /// The other side closed it with `close_notify`.
    Remote,
    /// The other side ended it with a fatal alert.
    RemoteAlert(Alert),
    /// We ended it because of what the other side sent, or could not go on; the alert names the
    /// kind of fault (RFC 8446 §6.2).
    Fault(Alert),
    /// The other side's certificate is not the one that was announced (RFC 8827 §6.5). None of its
    /// application data was let through.
    FingerprintMismatch {
        /// What was announced.
        announced: Box<[Fingerprint]>,
        /// What the certificate has, by the strongest function among those announced.
        presented: Fingerprint,
    },
    /// The caller does not accept the server's certificate; the alert is what the server was told.
    CertificateRefused(Alert),
    /// The handshake did not complete in time.
    Timeout {
        /// How long it was given.
        after: Duration,
    },
}

impl CloseReason {
    /// [`State::Closed`] for an end in good order, [`State::Failed`] for the others.
    pub fn state(&self) -> State {
        match self {
            Self::Local | Self::Remote => State::Closed,
            _ => State::Failed,
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("closed here"),
            Self::Remote => f.write_str("closed by the other side"),
            Self::RemoteAlert(alert) => write!(f, "ended by the other side: {alert}"),
            Self::Fault(alert) => write!(f, "protocol error: {alert}"),
            Self::FingerprintMismatch { announced, presented } => {
                write!(f, "certificate mismatch: announced ")?;
                for (i, fingerprint) in announced.iter().enumerate() {
                    write!(f, "{}{fingerprint}", if i == 0 { "" } else { " or " })?;
                }
                write!(f, ", presented {presented}")
            }
            Self::CertificateRefused(alert) => write!(f, "certificate refused: {alert}"),
            Self::Timeout { after } => write!(f, "no handshake within {after:?}"),
        }
    }
}
