//! The end of a connection, from either side.

use sansio::Instant;

use crate::backend::{Engine, Output};
use crate::wire::plaintext_alert;
use crate::{Alert, CloseReason, Connection, Event};

use super::phase::Phase;

impl Connection {
    /// Closes the connection: state and event change at once, `close_notify` waits to be pulled.
    /// It is sent once and not answered for (RFC 9147 §5.10). Closing again does nothing.
    pub fn close(&mut self, _now: Instant) {
        self.end(CloseReason::Local);
    }

    /// Ends the connection, tells the other side if that is possible, and forgets all keys.
    pub(super) fn end(&mut self, reason: CloseReason) {
        let closed = Phase::Closed(reason.clone());
        match core::mem::replace(&mut self.phase, closed) {
            Phase::Closed(first) => {
                self.phase = Phase::Closed(first);
                return;
            }
            Phase::Connected(mut connected) => {
                // RFC 9147 §5.10: who is told goodbye answers, and closes too.
                if matches!(reason, CloseReason::Local | CloseReason::Remote) {
                    connected.engine.close();
                    self.stash(&mut connected.engine);
                }
            }
            Phase::Handshake(mut handshake) => {
                self.pending.clear();
                let alert = farewell(&reason);
                if alert == Some(Alert::CERTIFICATE_REQUIRED) {
                    // The engine has said it, protected where it can be.
                    self.stash(&mut handshake.engine);
                } else if let Some(alert) = alert.filter(|_| !handshake.sent.protected) {
                    let record = plaintext_alert(alert, handshake.sent.next_plain);
                    self.pending.push_back(record.to_vec());
                }
            }
        }
        self.events.push_back(Event::Closed(reason));
    }

    fn stash(&mut self, engine: &mut Engine) {
        while let Output::NeedsRoom(len) = engine.poll(&mut []) {
            let mut datagram = vec![0; len];
            engine.poll(&mut datagram);
            self.pending.push_back(datagram);
        }
    }
}

/// What to tell the other side during the handshake. Nothing to one that has ended it, and nothing
/// to one that has not been heard for so long.
fn farewell(reason: &CloseReason) -> Option<Alert> {
    match reason {
        CloseReason::Local => Some(Alert::CLOSE_NOTIFY),
        CloseReason::Fault(alert) => Some(*alert),
        CloseReason::FingerprintMismatch { .. } => Some(Alert::BAD_CERTIFICATE),
        CloseReason::Remote | CloseReason::RemoteAlert(_) | CloseReason::Timeout { .. } => None,
    }
}
