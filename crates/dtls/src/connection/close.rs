//! Alerts, and the end of a connection, from either side.

use sansio::Instant;

use crate::record::Records;
use crate::wire::ContentType;
use crate::{Alert, CloseReason, Connection, Discard, Event, ProtocolVersion, Role, State};

use super::phase::Phase;

const WARNING: u8 = 1;
const USER_CANCELED: Alert = Alert(90);
/// Datagrams that are kept for a connection that has ended.
const MOST_PENDING: usize = 8;

impl Connection {
    /// Closes the connection: state and event change at once, `close_notify` waits to be pulled.
    /// It is sent once and not answered for (RFC 9147 §5.10). Closing again does nothing.
    pub fn close(&mut self, _now: Instant) {
        self.end(CloseReason::Local);
    }

    /// Ends the connection, tells the other side if that is possible, and forgets all keys.
    pub(super) fn end(&mut self, reason: CloseReason) {
        match &self.phase {
            Phase::Closed(_) => return,
            Phase::Connected(_) => {
                // What the other side needs to understand the goodbye.
                self.flush();
            }
            Phase::Handshake(_) => {}
        }
        // Who has never been heard of says no goodbye.
        let unheard = reason == CloseReason::Local && self.state() == State::New;
        if let Some(alert) = farewell(&reason).filter(|_| !unheard) {
            self.say_alert(alert);
        }
        self.phase = Phase::Closed(reason.clone());
        self.context.records = Records::default();
        self.context.outbox.clear();
        self.context.acks.clear();
        self.context.forget_transcript();
        self.context.presented = None;
        self.give_up = None;
        self.events.push_back(Event::Closed(reason));
    }

    /// Says an alert, protected as well as this side can say it and the other understand.
    pub(super) fn say_alert(&mut self, alert: Alert) {
        if self.pending.len() >= MOST_PENDING {
            return;
        }
        let records = &mut self.context.records;
        // RFC 5246 §7.1: a server of 1.2 has not changed to its new keys before its last flight.
        let twelve = self.context.version == Some(ProtocolVersion::Dtls12);
        let unchanged = twelve
            && self.context.role == Role::Server
            && matches!(self.phase, Phase::Handshake(_));
        let epoch = if unchanged { 0 } else { records.write_epoch() };
        let mut record = vec![0; records.framing(epoch).head];
        record.extend_from_slice(&alert.body());
        if records.seal(epoch, ContentType::Alert, &mut record, 0).is_ok() {
            self.pending.push_back(record);
        }
    }

    /// The other side says an alert.
    pub(super) fn alert(&mut self, content: &[u8]) -> Result<(), Discard> {
        let &[level, description] = content else { return Err(Discard::Unexpected) };
        let alert = Alert(description);
        let harmless = match self.context.version {
            // RFC 8446 §6: there the level means nothing.
            Some(ProtocolVersion::Dtls13) => alert == USER_CANCELED,
            _ => level == WARNING,
        };
        match alert {
            Alert::CLOSE_NOTIFY => self.end(CloseReason::Remote),
            _ if harmless => {}
            _ => self.end(CloseReason::RemoteAlert(alert)),
        }
        Ok(())
    }

    /// Makes the datagrams of a flight that nobody has pulled yet.
    fn flush(&mut self) {
        while self.context.outbox.is_sending() && self.pending.len() < MOST_PENDING {
            let mut datagram = Vec::new();
            if !self.context.poll_flight(Instant::ZERO, &mut datagram) {
                return;
            }
            self.pending.push_back(datagram);
        }
    }
}

/// What to tell the other side. Nothing to one that has ended it in anger, and nothing to one that
/// has not been heard for so long. RFC 9147 §5.10: who is told goodbye answers, and closes too.
fn farewell(reason: &CloseReason) -> Option<Alert> {
    match reason {
        CloseReason::Local | CloseReason::Remote => Some(Alert::CLOSE_NOTIFY),
        CloseReason::Fault(alert) | CloseReason::CertificateRefused(alert) => Some(*alert),
        CloseReason::FingerprintMismatch { .. } => Some(Alert::BAD_CERTIFICATE),
        CloseReason::RemoteAlert(_) | CloseReason::Timeout { .. } => None,
    }
}
