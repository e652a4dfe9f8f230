//! New keys for an old connection, RFC 8446 §4.6.3 and RFC 9147 §8.
//!
//! ```text
//!   A                                  B
//!   ├─ KeyUpdate ────────────────────► │   epoch n; B reads n + 1 from now on, and n for a while
//!   │ ◄──────────────────────────  ACK ┤
//!   ├─ application data ─────────────► │   epoch n + 1: not before the acknowledgement
//! ```

use sansio::Instant;

use crate::flight::Repeats;
use crate::schedule::thirteen;
use crate::wire::MessageKind;
use crate::wire::message::KeyUpdate;
use crate::{Connection, ProtocolVersion};

use super::phase::Phase;

impl Connection {
    /// Asks for new keys in both directions. Nothing happens in DTLS 1.2, which has no such thing,
    /// before the handshake is complete, or while an update is under way. It waits until the other
    /// side has acknowledged the handshake's last flight.
    ///
    /// A connection does this by itself long before its keys are used up.
    pub fn update_keys(&mut self, _now: Instant) {
        self.begin_update(KeyUpdate::Requested);
    }

    /// Says that keys change, as soon as nothing else of ours waits for an acknowledgement.
    pub(super) fn begin_update(&mut self, update: KeyUpdate) {
        let Phase::Connected(connected) = &mut self.phase else { return };
        let Some(current) = &mut connected.traffic else { return };
        if current.updating {
            return;
        }
        if !self.context.outbox.is_empty() {
            if current.wanted != Some(KeyUpdate::Requested) {
                current.wanted = Some(update);
            }
            return;
        }
        current.updating = true;
        let mut body = Vec::new();
        update.write(&mut body);
        self.context.outbox.begin(Repeats::ByTimer);
        let epoch = self.context.records.write_epoch();
        self.context.outbox.push(MessageKind::KEY_UPDATE, epoch, body);
    }

    /// The other side's keys change.
    pub(super) fn updated(&mut self, now: Instant, update: KeyUpdate) {
        let Phase::Connected(connected) = &mut self.phase else { return };
        let Some(current) = &mut connected.traffic else { return };
        // That does not answer our last flight: a server may change keys before it has heard it
        // (RFC 8446 §4.6.3).
        let crypto = self.context.crypto();
        let suite = connected.cipher_suite;
        let epoch = self.context.records.read_epoch().saturating_add(1);
        current.read = thirteen::next(&*crypto, suite, &current.read);
        if let Err(reason) = self.context.read_with(epoch, suite, &current.read) {
            return self.end(reason);
        }
        self.context.inbox.expect_epoch(epoch);
        self.context.acks.hurry(now);
        if update == KeyUpdate::Requested {
            self.begin_update(KeyUpdate::NotRequested);
        }
    }

    /// Our flight has arrived, all of it.
    pub(super) fn flight_arrived(&mut self) {
        let Phase::Connected(connected) = &mut self.phase else { return };
        if connected.version == ProtocolVersion::Dtls12 {
            return;
        }
        let Some(current) = &mut connected.traffic else { return };
        if !core::mem::take(&mut current.updating) {
            // The handshake's keys have done their work.
            let wanted = current.wanted.take();
            self.context.records.forget_write(self.context.records.write_epoch());
            self.context.records.forget_read(self.context.records.read_epoch());
            if let Some(update) = wanted {
                self.begin_update(update);
            }
            return;
        }
        let crypto = self.context.crypto();
        let suite = connected.cipher_suite;
        let epoch = self.context.records.write_epoch().saturating_add(1);
        current.write = thirteen::next(&*crypto, suite, &current.write);
        if let Err(reason) = self.context.write_with(epoch, suite, &current.write) {
            return self.end(reason);
        }
        self.context.records.forget_write(epoch);
    }
}
