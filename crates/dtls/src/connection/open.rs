//! Records that arrive.

use sansio::Instant;

use crate::backend::{Failure, MAX_HANDSHAKE_RECORD, Output};
use crate::wire::{Epoch, Kind, RecordHeader};
use crate::{Alert, CloseReason, Connection, Discard, ProtocolVersion, Role};

use super::phase::{Connected, Handshake, Phase};

const CLIENT_HELLO: u8 = 1;

impl Connection {
    /// Takes the next record off `rest`, a datagram that arrived, and gives its application data,
    /// decrypted in place. `None`: the record was a matter of the handshake, an alert, or the like.
    /// To be called until `rest` is empty, after errors too.
    ///
    /// # Errors
    ///
    /// The record was not used, and no state but counters changed. What follows it in the datagram
    /// may be good; where the record's end cannot be known, `rest` is empty afterwards.
    pub fn open<'d>(
        &mut self,
        now: Instant,
        rest: &mut &'d mut [u8],
    ) -> Result<Option<&'d mut [u8]>, Discard> {
        let datagram = core::mem::take(rest);
        let header =
            RecordHeader::parse(datagram).map_err(|discard| self.counters.count(discard))?;
        let (record, after) = datagram.split_at_mut(header.len);
        *rest = after;
        let opened = match &mut self.phase {
            Phase::Handshake(_) => self.shake(now, header, record).map(|()| None),
            Phase::Connected(_) => self.open_connected(now, header, record),
            Phase::Closed(_) => Err(Discard::Closed),
        };
        opened.map_err(|discard| self.counters.count(discard))
    }

    fn shake(&mut self, now: Instant, header: RecordHeader, record: &[u8]) -> Result<(), Discard> {
        let role = self.role;
        let Phase::Handshake(handshake) = &mut self.phase else { return Err(Discard::Closed) };
        handshake.admit(role, header, record)?;
        handshake.give_up.get_or_insert(now + self.handshake_timeout);
        if let Some(reason) = handshake.ended_by_alert(role, header, record) {
            self.end(reason);
            return Ok(());
        }
        if role == Role::Client {
            handshake.suite.look(header, record);
        }
        let fed = handshake.engine.tick(now).and_then(|()| handshake.engine.feed(record));
        if let Err(failure) = fed
            && !self.fail(failure)
        {
            return Err(match failure {
                Failure::Forged => Discard::Rejected,
                _ => Discard::Unexpected,
            });
        }
        self.settle();
        Ok(())
    }

    fn open_connected<'d>(
        &mut self,
        now: Instant,
        header: RecordHeader,
        record: &'d mut [u8],
    ) -> Result<Option<&'d mut [u8]>, Discard> {
        let Phase::Connected(connected) = &mut self.phase else { return Err(Discard::Closed) };
        connected.admit(header)?;
        let engine = &mut connected.engine;
        let deadline = engine.deadline();
        let fed = engine.tick(now).and_then(|()| engine.feed(record));
        if let Err(failure) = fed {
            return if self.fail(failure) { Ok(None) } else { Err(Discard::Rejected) };
        }
        let mut effect = false;
        loop {
            match engine.poll(record) {
                Output::Application(len) => {
                    // Lets the engine put its queue in order.
                    engine.poll(&mut []);
                    self.counters.opened = self.counters.opened.saturating_add(1);
                    return Ok(record.get_mut(..len));
                }
                Output::Datagram(len) => {
                    effect = true;
                    self.pending.extend(record.get(..len).map(<[u8]>::to_vec));
                }
                Output::CloseNotify => {
                    self.end(CloseReason::Remote);
                    return Ok(None);
                }
                Output::NeedsRoom(_) => return Ok(None),
                Output::Idle if effect || engine.deadline() != deadline => return Ok(None),
                Output::Idle => return Err(Discard::Rejected),
                Output::Certificate(_) | Output::Connected | Output::Keys(_) => effect = true,
            }
        }
    }
}

impl Handshake {
    /// Keeps out what a handshake has no use for, before it can fill the engine's queues.
    fn admit(&self, role: Role, header: RecordHeader, record: &[u8]) -> Result<(), Discard> {
        // RFC 9147 §6.1: epoch 3 is the first of application data.
        if header.kind == Kind::ApplicationData || header.epoch == Epoch::Low(3) {
            return Err(Discard::Early);
        }
        if record.len() > MAX_HANDSHAKE_RECORD {
            return Err(Discard::Oversized { len: record.len(), max: MAX_HANDSHAKE_RECORD });
        }
        let message = record.get(header.header).copied();
        let hello = header.kind == Kind::Handshake && message == Some(CLIENT_HELLO);
        if role == Role::Server && !self.sent.any && !hello {
            return Err(Discard::Unexpected);
        }
        if header.kind == Kind::Hidden && self.engine.version() == Some(ProtocolVersion::Dtls12) {
            return Err(Discard::Unexpected);
        }
        Ok(())
    }

    /// A server that refuses the very first message says so without protection, and before its
    /// version is known.
    fn ended_by_alert(
        &self,
        role: Role,
        header: RecordHeader,
        record: &[u8],
    ) -> Option<CloseReason> {
        let undecided = role == Role::Client && self.engine.version().is_none();
        if !undecided || header.kind != Kind::Alert || !header.epoch.is_plain() {
            return None;
        }
        match *record.get(header.header..)? {
            [2, description] => Some(CloseReason::RemoteAlert(Alert(description))),
            [_, 0] => Some(CloseReason::Remote),
            _ => None,
        }
    }
}

impl Connected {
    /// Keeps out what carries no protection and so proves nothing, but for the other side's last
    /// flight: it may come again when our answer to it was lost.
    fn admit(&self, header: RecordHeader) -> Result<(), Discard> {
        if header.epoch.is_plain() && header.kind != Kind::Handshake {
            return Err(Discard::Unprotected);
        }
        let of_12 = self.version == ProtocolVersion::Dtls12;
        if !header.epoch.is_plain() && of_12 == (header.kind == Kind::Hidden) {
            return Err(Discard::Unexpected);
        }
        Ok(())
    }
}
