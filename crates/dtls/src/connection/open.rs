//! Records that arrive.

use core::ops::Range;

use sansio::Instant;

use crate::handshake::Stage;
use crate::record::Opened;
use crate::wire::message::Ack;
use crate::wire::{ContentType, Epoch, MessageKind, RecordHeader};
use crate::{Connection, Discard, ProtocolVersion, Role};

use super::phase::Phase;

/// Largest record: 2^14 bytes of plaintext, and 256 of protection (RFC 8446 §5.2), and its header.
const MAX_RECORD: usize = (1 << 14) + 256 + 13;
/// The epoch of DTLS 1.3 in which application data begins (RFC 9147 §6.1).
const APPLICATION: u64 = 3;

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
        match self.receive(now, header, record) {
            Ok(Some(data)) => {
                self.counters.opened = self.counters.opened.saturating_add(1);
                Ok(record.get_mut(data))
            }
            Ok(None) => Ok(None),
            Err(discard) => Err(self.counters.count(discard)),
        }
    }

    /// The next record of application data that had overtaken the end of the handshake, in plain:
    /// there is something only right after [`Event::Connected`](crate::Event::Connected), and
    /// hardly ever.
    ///
    /// The other side may send as soon as it has said its Finished. What arrives before that is
    /// kept, within [`Config::max_handshake_bytes`](crate::Config::max_handshake_bytes), and not
    /// opened before the other side is known.
    pub fn poll_data(&mut self) -> Option<Vec<u8>> {
        let data = self.overtook.pop_front();
        if data.is_none() {
            self.overtook.shrink_to_fit();
        }
        data
    }

    /// Acts on a record. Gives where its application data lies, if that is what it has.
    #[inline(always)]
    pub(super) fn receive(
        &mut self,
        now: Instant,
        header: RecordHeader,
        record: &mut [u8],
    ) -> Result<Option<Range<usize>>, Discard> {
        match &self.phase {
            Phase::Connected(_) => self.receive_connected(now, header, record),
            Phase::Handshake(_) => self.receive_early(now, header, record).map(|()| None),
            Phase::Closed(_) => Err(Discard::Closed),
        }
    }

    #[inline(always)]
    fn receive_connected(
        &mut self,
        now: Instant,
        header: RecordHeader,
        record: &mut [u8],
    ) -> Result<Option<Range<usize>>, Discard> {
        let Phase::Connected(connected) = &self.phase else { return Err(Discard::Closed) };
        // What carries no protection proves nothing any more.
        if header.epoch.is_plain() {
            return Err(Discard::Unprotected);
        }
        let of_12 = connected.version == ProtocolVersion::Dtls12;
        if record.len() > MAX_RECORD {
            return Err(Discard::Oversized { len: record.len(), max: MAX_RECORD });
        }
        if of_12 == (header.kind == ContentType::Hidden) {
            return Err(Discard::Unexpected);
        }
        let opened = self.context.records.open(header, record)?;
        let content = opened.start..opened.start.saturating_add(opened.len);
        if opened.kind == ContentType::ApplicationData {
            let early = !of_12 && opened.number.epoch < APPLICATION;
            if opened.len > Self::MAX_PLAINTEXT {
                return Err(Discard::Oversized { len: opened.len, max: Self::MAX_PLAINTEXT });
            }
            return if early { Err(Discard::Unexpected) } else { Ok(Some(content)) };
        }
        let content = record.get(content).unwrap_or_default();
        self.control(now, opened, content).map(|()| None)
    }

    /// Before the handshake is complete.
    fn receive_early(
        &mut self,
        now: Instant,
        header: RecordHeader,
        record: &mut [u8],
    ) -> Result<(), Discard> {
        self.admit(header, record)?;
        let room = self.context.config.max_handshake_bytes;
        let Phase::Handshake(handshake) = &mut self.phase else { return Err(Discard::Closed) };
        if follows_handshake(header) {
            let kept = handshake.overtook.keep(record, room);
            return if kept { Ok(()) } else { Err(Discard::Early) };
        }
        if !self.context.records.can_open(header.epoch) {
            // Its keys follow from what is still on its way (RFC 9147 §4.5.2).
            let kept = handshake.early.keep(record, room);
            return if kept { Ok(()) } else { Err(Discard::Unexpected) };
        }
        let opened = self.context.records.open(header, record)?;
        let plain = header.epoch.is_plain();
        if plain && handshake.proven && opened.kind == ContentType::Alert {
            return Err(Discard::Unprotected);
        }
        handshake.proven |= !plain;
        let content = opened.start..opened.start.saturating_add(opened.len);
        let content = record.get(content).unwrap_or_default();
        self.control(now, opened, content)?;
        if let Phase::Handshake(handshake) = &mut self.phase {
            handshake.begun = true;
        }
        self.start_patience(now);
        Ok(())
    }

    /// Keeps out what a handshake has no use for.
    fn admit(&self, header: RecordHeader, record: &[u8]) -> Result<(), Discard> {
        let Phase::Handshake(handshake) = &self.phase else { return Err(Discard::Closed) };
        if header.kind == ContentType::ApplicationData && header.epoch.is_plain() {
            return Err(Discard::Unprotected);
        }
        if record.len() > MAX_RECORD {
            return Err(Discard::Oversized { len: record.len(), max: MAX_RECORD });
        }
        // A server listens to nothing before a ClientHello.
        let message = record.get(header.header).copied().map(MessageKind);
        let hello =
            header.kind == ContentType::Handshake && message == Some(MessageKind::CLIENT_HELLO);
        let listening = handshake.stage.as_ref().is_some_and(Stage::is_listening);
        if self.context.role == Role::Server && listening && !(hello && header.epoch.is_plain()) {
            return Err(Discard::Unexpected);
        }
        let hidden = header.kind == ContentType::Hidden;
        let fits = match self.context.version {
            None => true,
            Some(ProtocolVersion::Dtls12) => !hidden,
            Some(ProtocolVersion::Dtls13) => hidden || header.epoch.is_plain(),
        };
        if fits { Ok(()) } else { Err(Discard::Unexpected) }
    }

    /// Acts on anything but application data.
    fn control(&mut self, now: Instant, opened: Opened, content: &[u8]) -> Result<(), Discard> {
        let plain = opened.number.epoch == 0;
        match opened.kind {
            ContentType::Handshake => self.fragments(now, opened.number, content),
            ContentType::Alert => self.alert(content),
            // RFC 6347 §4.1: the epoch says it; RFC 9147 §5: means nothing there.
            ContentType::ChangeCipherSpec if plain && content == [1] => Ok(()),
            ContentType::Ack if !plain => self.acknowledged(content),
            ContentType::ApplicationData => Err(Discard::Early),
            _ => Err(Discard::Unexpected),
        }
    }

    fn acknowledged(&mut self, content: &[u8]) -> Result<(), Discard> {
        let ack = Ack::parse(content).map_err(|_| Discard::Unexpected)?;
        // One that comes late, for a flight that was answered since, says nothing new.
        if !self.context.outbox.is_empty() {
            self.context.outbox.acknowledge(ack.iter());
            if self.context.outbox.is_empty() {
                self.flight_arrived();
            }
        }
        Ok(())
    }
}

/// Whether a record belongs behind the handshake: application data, and in DTLS 1.3 all of epoch 3.
fn follows_handshake(header: RecordHeader) -> bool {
    match header.epoch {
        Epoch::Full { .. } => header.kind == ContentType::ApplicationData,
        Epoch::Low(low) => low == 3,
    }
}
