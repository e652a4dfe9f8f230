//! A server's certificates, as the caller judges them: RFC 5280 is not this crate's business.
//!
//! ```text
//! Certificate ─► Event::CertificatePresented ─┬─► accept_certificate ─► the rest of the flight
//!     (what follows waits, within bounds)     └─► refuse_certificate ─► an alert, the end
//! ```

use sansio::Instant;

use crate::{Alert, CloseReason, Connection};

impl Connection {
    /// The server's certificate in DER, and behind it those that it says vouch for it, while they
    /// wait to be judged; at other times none. They come from the network, and nothing of them was
    /// checked.
    pub fn presented_certificates(&self) -> impl Iterator<Item = &[u8]> {
        self.context.presented.iter().flatten().map(AsRef::as_ref)
    }

    /// The presented certificates are the server's that was meant. The handshake goes on: whether
    /// the server has the key is checked as always. Without certificates nothing happens.
    pub fn accept_certificate(&mut self, now: Instant) {
        if self.context.presented.take().is_some() {
            self.advance(now);
        }
    }

    /// The presented certificates are not the server's that was meant: the connection ends, and the
    /// server is told why (RFC 8446 §6.2). It was sent no application data. Without certificates
    /// nothing happens.
    pub fn refuse_certificate(&mut self, alert: Alert) {
        if self.context.presented.is_some() {
            self.end(CloseReason::CertificateRefused(alert));
        }
    }
}
