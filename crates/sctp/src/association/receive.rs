//! DATA and I-DATA arrive and become messages for the application, RFC 9260 §6.2, §6.5,
//! §6.9, RFC 8260 §2.2.

use sansio::Instant;

use super::state::{Association, State};
use crate::cause::{Cause, NoUserData};
use crate::chunk::{Data, IData};
use crate::error::Violation;
use crate::event::Event;
use crate::ids::StreamId;
use crate::incoming::{Arrival, Unread};
use crate::message::Message;
use crate::outgoing::Kind;
use crate::serial::Tsn;

impl Association {
    /// The next message of a stream. Reading is what lets the other side send more.
    pub fn read(&mut self, now: Instant, stream: StreamId) -> Option<Message> {
        let before = self.delivery.held();
        let message = self.delivery.read(stream)?;
        self.message_read(now, before - self.delivery.held());
        Some(message)
    }

    /// The next message of a stream, which stays where it is.
    pub fn peek(&self, stream: StreamId) -> Option<&Message> {
        self.delivery.peek(stream)
    }

    /// Whether DATA counts in this state, RFC 9260 §6.
    pub(super) fn can_receive(&self) -> bool {
        matches!(self.state, State::Established | State::ShutdownPending | State::ShutdownSent)
    }

    /// DATA from the other side.
    #[inline]
    pub(super) fn handle_data(&mut self, data: &Data<'_>) -> bool {
        if !self.can_receive() {
            return false;
        }
        if data.payload.is_empty() {
            return self.refuse_empty(data.tsn);
        }
        if self.remote.kind != Kind::Data {
            self.violate(Violation::WrongChunkKind, &[]);
            return true;
        }
        let Self { reassembly, delivery, events, .. } = self;
        let streams = self.remote.inbound_streams;
        let mut refused = None;
        let unread = delivery.held();
        let arrival = reassembly.accept(data, unread, |(stream, ssn, message)| {
            if stream.0 >= streams {
                refused = Some(stream);
            } else if delivery.accept(stream, delivery.mid(stream, ssn), message) {
                events.push_back(Event::Readable(stream));
            }
        });
        self.note_arrival(arrival, data.tsn, data.immediate);
        self.refuse_stream(refused)
    }

    /// I-DATA from the other side.
    #[inline]
    pub(super) fn handle_i_data(&mut self, data: &IData<'_>) -> bool {
        if !self.can_receive() {
            return false;
        }
        if data.payload.is_empty() {
            return self.refuse_empty(data.tsn);
        }
        if self.remote.kind != Kind::IData {
            self.violate(Violation::WrongChunkKind, &[]);
            return true;
        }
        let Self { reassembly, delivery, events, .. } = self;
        let streams = self.remote.inbound_streams;
        let mut refused = None;
        let unread = Unread { held: delivery.held(), readable: delivery.readable().is_some() };
        let arrival = reassembly.accept_interleaved(data, unread, |(stream, mid, message)| {
            if stream.0 >= streams {
                refused = Some(stream);
            } else if delivery.accept(stream, mid, message) {
                events.push_back(Event::Readable(stream));
            }
        });
        self.note_arrival(arrival, data.tsn, data.immediate);
        self.refuse_stream(refused)
    }

    /// What a chunk that arrived means for the acknowledgement.
    #[inline]
    fn note_arrival(&mut self, arrival: Arrival, tsn: Tsn, immediate: bool) {
        match arrival {
            Arrival::InOrder => self.ack.data(immediate),
            Arrival::Gap => self.ack.data(true),
            Arrival::Duplicate => {
                self.ack.duplicate(tsn);
                self.counters.duplicates += 1;
            }
            Arrival::NoRoom => {
                self.ack.data(true);
                self.counters.chunks_refused += 1;
            }
            Arrival::TooLarge => self.violate(Violation::MessageTooLarge, &[]),
            Arrival::Stuck => self.violate(Violation::UnfinishedMessages, &[]),
        }
    }

    /// RFC 9260 §6.2: nothing can be delivered.
    fn refuse_empty(&mut self, tsn: Tsn) -> bool {
        self.violate(Violation::NoUserData, &[Cause::NoUserData(NoUserData { tsn })]);
        true
    }

    /// RFC 9260 §6.5: acknowledged, reported, dropped.
    #[inline]
    fn refuse_stream(&mut self, refused: Option<StreamId>) -> bool {
        if let Some(stream) = refused {
            self.report_stream(stream);
        }
        true
    }
}
