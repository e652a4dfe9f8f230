//! Handshake messages, put together and acted on.

use core::time::Duration;

use sansio::Instant;

use crate::flight::{Message, Verdict};
use crate::handshake::Step;
use crate::wire::message::{KeyUpdate, RecordNumber};
use crate::wire::{Fragment, MessageKind, ParseError, Reader, RecordHeader};
use crate::{Alert, CloseReason, Connection, Discard, Event, ProtocolVersion, Role};

use super::phase::Phase;

impl Connection {
    /// Takes the fragments in a record: all of them, or none if one cannot be read.
    pub(super) fn fragments(
        &mut self,
        now: Instant,
        number: RecordNumber,
        content: &[u8],
    ) -> Result<(), Discard> {
        if let Err(error) = each_fragment(content, |_| {}) {
            // A forger can do that too, as long as nothing is protected.
            if number.epoch == 0 {
                return Err(Discard::Unexpected);
            }
            self.end(CloseReason::Fault(error.alert()));
            return Ok(());
        }
        let (mut kept, mut old, mut refused, mut misplaced) = (false, None, false, false);
        let inbox = &mut self.context.inbox;
        let taken =
            each_fragment(content, |fragment| match inbox.insert(number.epoch, &fragment) {
                Verdict::Kept => kept = true,
                Verdict::Old => old = Some(old.unwrap_or(false) || inbox.is_last(&fragment)),
                Verdict::Refused => refused = true,
                Verdict::Misplaced => misplaced = true,
            });
        debug_assert!(taken.is_ok());
        if misplaced {
            // RFC 8446 §5.1: nothing follows a change of keys with the old ones.
            self.end(CloseReason::Fault(Alert::UNEXPECTED_MESSAGE));
            return Ok(());
        }
        if kept {
            // RFC 9147 §7: who has not used all of a record does not acknowledge it.
            if !refused {
                self.context.acks.note(number);
            }
            self.advance(now);
            if self.context.inbox.has_excess() {
                self.end(CloseReason::Fault(Alert::UNEXPECTED_MESSAGE));
            }
        } else if let Some(last) = old {
            self.said_before(now, number, last);
        } else {
            return Err(Discard::Unexpected);
        }
        self.wait_for_rest(now);
        Ok(())
    }

    /// Acts on all messages that are whole, as far as a certificate that waits to be judged.
    pub(super) fn advance(&mut self, now: Instant) {
        let before = self.context.records.read_epoch();
        let mut overtook = Vec::new();
        while let Some(message) = self.next_message() {
            match &mut self.phase {
                Phase::Handshake(handshake) => {
                    let Some(stage) = handshake.stage.take() else { return };
                    match stage.handle(&mut self.context, &message) {
                        Ok(Step::Next(next)) => {
                            handshake.stage = Some(next);
                            if self.context.presented.is_some() {
                                self.events.push_back(Event::CertificatePresented);
                            }
                        }
                        Ok(Step::Done(agreed)) => {
                            overtook = handshake.overtook.take();
                            self.establish(now, *agreed);
                        }
                        Err(reason) => self.end(reason),
                    }
                }
                Phase::Connected(_) => self.afterwards(now, &message),
                Phase::Closed(_) => return,
            }
        }
        if self.context.records.read_epoch() != before {
            self.replay(now);
        }
        for mut record in overtook {
            // What is of no use is counted.
            if let Ok(Some(data)) = self.open(now, &mut record.as_mut_slice()) {
                let data = data.to_vec();
                self.overtook.push_back(data);
            }
        }
    }

    fn next_message(&mut self) -> Option<Message> {
        match self.phase {
            Phase::Closed(_) => None,
            _ if self.context.presented.is_some() => None,
            _ => self.context.inbox.pop(),
        }
    }

    /// Takes the records that came before their keys.
    fn replay(&mut self, now: Instant) {
        let Phase::Handshake(handshake) = &mut self.phase else { return };
        for mut record in handshake.early.take() {
            let opened = RecordHeader::parse(&record)
                .and_then(|header| self.receive(now, header, &mut record));
            if let Err(discard) = opened {
                self.counters.count(discard);
            }
        }
    }

    /// The other side repeats itself: it may not have heard our answer. `last`: the end of what we
    /// have answered.
    fn said_before(&mut self, now: Instant, number: RecordNumber, last: bool) {
        // A flight of ours that answers it says so by itself.
        let silent = self.context.outbox.is_empty() || self.is_updating();
        if silent && self.context.version == Some(ProtocolVersion::Dtls13) {
            self.context.acks.note(number);
            if matches!(self.phase, Phase::Connected(_)) {
                self.context.acks.hurry(now);
            }
        }
        self.context.outbox.nudge(now, last);
    }

    /// RFC 9147 §7.1: a quarter of the timer, for the rest of a flight to come.
    fn wait_for_rest(&mut self, now: Instant) {
        let soon: Duration = self.context.config.retransmit_initial / 4;
        // Before that there are no keys to say it with.
        if self.context.records.write_epoch() >= 2 {
            self.context.acks.wait(now, soon);
        }
    }

    /// A message after the handshake.
    fn afterwards(&mut self, now: Instant, message: &Message) {
        let version = self.context.version;
        match (version, message.kind) {
            (Some(ProtocolVersion::Dtls13), MessageKind::KEY_UPDATE) => {
                match KeyUpdate::parse(&message.body) {
                    Ok(update) => self.updated(now, update),
                    Err(error) => self.end(CloseReason::Fault(error.alert())),
                }
            }
            // RFC 8446 §4.6.1: we resume nothing, but have heard it.
            (Some(ProtocolVersion::Dtls13), MessageKind::NEW_SESSION_TICKET)
                if self.context.role == Role::Client =>
            {
                self.context.acks.hurry(now);
            }
            // No renegotiation: who asks for it goes without an answer (RFC 5246 §7.4.1.1).
            (Some(ProtocolVersion::Dtls12), MessageKind::HELLO_REQUEST)
                if self.context.role == Role::Client => {}
            (Some(ProtocolVersion::Dtls12), MessageKind::CLIENT_HELLO)
                if self.context.role == Role::Server =>
            {
                self.say_alert(Alert::NO_RENEGOTIATION);
            }
            _ => self.end(CloseReason::Fault(Alert::UNEXPECTED_MESSAGE)),
        }
    }
}

/// Reads all fragments in a record; there is at least one.
fn each_fragment(content: &[u8], mut act: impl FnMut(Fragment<'_>)) -> Result<(), ParseError> {
    Reader::all(content, |reader| {
        act(Fragment::parse(reader)?);
        while !reader.is_empty() {
            act(Fragment::parse(reader)?);
        }
        Ok(())
    })
}
