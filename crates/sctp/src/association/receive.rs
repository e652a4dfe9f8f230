//! DATA arrives and becomes messages for the application, RFC 9260 §6.2, §6.5, §6.9.

use sansio::Instant;

use super::state::{Association, State};
use crate::cause::{Cause, NoUserData};
use crate::chunk::Data;
use crate::error::Violation;
use crate::event::Event;
use crate::ids::StreamId;
use crate::incoming::Arrival;
use crate::message::Message;

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
            // §6.2: nothing can be delivered.
            let cause = Cause::NoUserData(NoUserData { tsn: data.tsn });
            self.violate(Violation::NoUserData, &[cause]);
            return true;
        }
        let Self { reassembly, delivery, events, ack, .. } = self;
        let streams = self.remote.inbound_streams;
        let mut refused = None;
        let unread = delivery.held();
        let arrival = reassembly.accept(data, unread, |(stream, ssn, message)| {
            if stream.0 >= streams {
                refused = Some(stream);
            } else if delivery.accept(stream, ssn, message) {
                events.push_back(Event::Readable(stream));
            }
        });
        match arrival {
            Arrival::InOrder => ack.data(data.immediate),
            Arrival::Gap => ack.data(true),
            Arrival::Duplicate => {
                ack.duplicate(data.tsn);
                self.counters.duplicates += 1;
            }
            Arrival::NoRoom => {
                ack.data(true);
                self.counters.chunks_refused += 1;
            }
            Arrival::TooLarge => self.violate(Violation::MessageTooLarge, &[]),
        }
        if let Some(stream) = refused {
            // §6.5: acknowledged, reported, dropped.
            self.report_stream(stream);
        }
        true
    }
}
