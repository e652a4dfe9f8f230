//! Messages of channels, RFC 8831 §6.6: what they are is said by their payload protocol
//! identifier.

use core::time::Duration;

use bytes::Bytes;
use sansio::Instant;
use sctp::{Ppid, SendOptions, StreamId};
use thiserror::Error;

use super::channel::{Channel, ChannelId, DataChannelState, Message, MessageKind, Phase};
use super::dcep::Reliability;
use super::transport::DataTransport;
use crate::event::Event;

/// Payload protocol identifiers of RFC 8831 §8. SCTP cannot carry an empty message, so one byte
/// stands for it.
const PPID_STRING: Ppid = Ppid(51);
const PPID_BINARY: Ppid = Ppid(53);
const PPID_STRING_EMPTY: Ppid = Ppid(56);
const PPID_BINARY_EMPTY: Ppid = Ppid(57);

/// Why a message was not accepted. Nothing of it was kept.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SendError {
    /// No such channel, or it is closed.
    #[error("the channel is gone")]
    Gone,
    /// The channel is not open (W3C InvalidStateError).
    #[error("the channel is {0}")]
    NotOpen(DataChannelState),
    /// Larger than the other side accepts (W3C TypeError).
    #[error("a message of {len} bytes, the other side takes {max} at most")]
    TooLarge {
        /// Bytes of the message.
        len: usize,
        /// Bytes that the other side accepts.
        max: usize,
    },
    /// The send buffer is full (W3C OperationError). `ChannelWritable` will say when to try again.
    #[error("the send buffer is full")]
    BufferFull,
}

impl DataTransport {
    pub(crate) fn send(
        &mut self,
        now: Instant,
        id: ChannelId,
        message: Message,
    ) -> Result<(), SendError> {
        let max = self.max_message_size;
        let channel = self.channels.get_mut(&id).ok_or(SendError::Gone)?;
        let association = self.association.as_mut();
        let (Phase::Opening | Phase::Open, Some(stream), Some(association)) =
            (channel.phase, channel.stream, association)
        else {
            return Err(SendError::NotOpen(channel.ready_state()));
        };
        let len = message.data.len();
        if len > max {
            return Err(SendError::TooLarge { len, max });
        }
        let (ppid, payload) = match (message.kind, message.data) {
            (MessageKind::Text, data) if data.is_empty() => (PPID_STRING_EMPTY, EMPTY),
            (MessageKind::Binary, data) if data.is_empty() => (PPID_BINARY_EMPTY, EMPTY),
            (MessageKind::Text, data) => (PPID_STRING, data),
            (MessageKind::Binary, data) => (PPID_BINARY, data),
        };
        let size = payload.len();
        if !self.room.admits(association, stream, size) {
            if !core::mem::replace(&mut channel.wants_room, true) {
                self.room.refuse(association, id, stream);
            }
            return Err(SendError::BufferFull);
        }
        match association.send(now, stream, payload, channel.send_options(ppid)) {
            Ok(()) => {
                self.counters.messages_sent += 1;
                self.counters.bytes_sent += len as u64;
                channel.accepted += size as u64;
                let buffered = channel.own_part(association.buffered_amount(stream));
                channel.above_threshold |= buffered > channel.low_threshold;
                Ok(())
            }
            Err(sctp::SendError::TooLarge { size: len, max }) => {
                Err(SendError::TooLarge { len, max })
            }
            Err(_) => Err(SendError::Gone),
        }
    }

    pub(crate) fn read(&mut self, now: Instant, id: ChannelId) -> Option<Message> {
        let channel = self.channels.get(&id)?;
        let stream = channel.stream.filter(|_| !channel.phase.is_left_by_them())?;
        self.take_dcep(now, stream);
        let message = loop {
            let message = match self.early.pop(stream) {
                Some(message) => message,
                None => self.association.as_mut()?.read(now, stream)?,
            };
            self.take_dcep(now, stream);
            match typed(message.ppid, message.payload) {
                Some(message) => break message,
                // RFC 8831 §6.6: a message with another identifier is not the application's.
                None => self.counters.messages_discarded += 1,
            }
        };
        self.counters.messages_received += 1;
        self.counters.bytes_received += message.data.len() as u64;
        self.close_if_drained(now, id);
        Some(message)
    }

    pub(crate) fn buffered_amount(&self, id: ChannelId) -> usize {
        let (Some(channel), Some(association)) = (self.channels.get(&id), &self.association) else {
            return 0;
        };
        channel.stream.map_or(0, |stream| channel.own_part(association.buffered_amount(stream)))
    }

    pub(crate) fn set_buffered_amount_low_threshold(&mut self, id: ChannelId, bytes: usize) {
        if let Some(channel) = self.channels.get_mut(&id) {
            channel.low_threshold = bytes;
            self.set_up_stream(id);
        }
    }

    /// Tells the association what our stream of a channel is like: one that was reset is as if it
    /// were new.
    pub(super) fn set_up_stream(&mut self, id: ChannelId) {
        if let Some(channel) = self.channels.get(&id)
            && let Some(stream) = channel.stream
            && let Some(association) = &mut self.association
        {
            association.set_stream_priority(stream, channel.priority.0);
            association.set_buffered_amount_low_threshold(stream, channel.low_threshold);
        }
    }

    /// Something may have left the send buffer: those that were refused room are told.
    pub(super) fn offer_room(&mut self) {
        while let Some(association) = &self.association
            && let Some(id) = self.room.next_admitted(association)
        {
            if let Some(channel) = self.channels.get_mut(&id)
                && core::mem::take(&mut channel.wants_room)
                && matches!(channel.phase, Phase::Opening | Phase::Open)
            {
                self.events.push_back(Event::ChannelWritable(id));
            }
        }
    }

    /// What waits on a stream fell to its threshold. DCEP messages do not count: they are not the
    /// application's.
    pub(super) fn fell_low(&mut self, stream: StreamId) {
        if let Some(id) = self.streams.channel(stream)
            && let Some(channel) = self.channels.get_mut(&id)
            && core::mem::take(&mut channel.above_threshold)
        {
            self.events.push_back(Event::ChannelBufferedAmountLow(id));
        }
    }

    pub(super) fn has_unread(&self, stream: StreamId) -> bool {
        self.early.has(stream)
            || self.association.as_ref().is_some_and(|a| a.peek(stream).is_some())
    }
}

const EMPTY: Bytes = Bytes::from_static(&[0]);

impl Channel {
    fn send_options(&self, ppid: Ppid) -> SendOptions {
        // RFC 8832 §6: in order behind the OPEN until the other side has shown that it knows us.
        let order = if self.ordered || self.phase == Phase::Opening {
            sctp::Order::Ordered
        } else {
            sctp::Order::Unordered
        };
        let reliability = match self.reliability {
            Reliability::Reliable => sctp::Reliability::Reliable,
            Reliability::MaxRetransmits(n) => {
                // A fragment that is sent 65535 times is as good as reliable.
                sctp::Reliability::MaxRetransmits(u16::try_from(n).unwrap_or(u16::MAX))
            }
            Reliability::MaxLifetime(ms) => {
                sctp::Reliability::MaxLifetime(Duration::from_millis(ms.into()))
            }
        };
        SendOptions { ppid, order, reliability }
    }
}

fn typed(ppid: Ppid, data: Bytes) -> Option<Message> {
    let (kind, data) = match ppid {
        PPID_STRING => (MessageKind::Text, data),
        PPID_BINARY => (MessageKind::Binary, data),
        PPID_STRING_EMPTY => (MessageKind::Text, Bytes::new()),
        PPID_BINARY_EMPTY => (MessageKind::Binary, Bytes::new()),
        _ => return None,
    };
    Some(Message { kind, data })
}
