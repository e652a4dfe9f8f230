//! Checks of the channel that an application asks for, and its stream id (W3C webrtc-pc §6.1.1).

use sansio::Instant;
use sctp::StreamId;
use thiserror::Error;

use super::channel::{Channel, ChannelId, DataChannelInit, Phase};
use super::dcep::Reliability;
use super::transport::DataTransport;
use crate::event::Event;

const MAX_TEXT: usize = 65_535;

/// Why a channel was not created.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChannelError {
    /// The connection was closed (W3C InvalidStateError).
    #[error("the connection is closed")]
    Closed,
    /// A label or protocol does not fit its 16-bit length (W3C TypeError).
    #[error("a text of {len} bytes, {MAX_TEXT} at most")]
    TextTooLong {
        /// Bytes of the text.
        len: usize,
    },
    /// Both limits of reliability were given (W3C TypeError).
    #[error("max_packet_life_time and max_retransmits exclude each other")]
    TwoLimits,
    /// A negotiated channel without an id (W3C TypeError).
    #[error("a negotiated channel needs an id")]
    IdMissing,
    /// 65535 is reserved (W3C TypeError).
    #[error("stream id {0} is reserved")]
    IdReserved(u16),
    /// Another channel has this id (W3C OperationError).
    #[error("stream id {0} is in use")]
    IdInUse(u16),
    /// Both sides have agreed on fewer streams (W3C OperationError).
    #[error("stream id {id} of {streams}")]
    IdTooHigh {
        /// The id asked for.
        id: u16,
        /// How many there are.
        streams: u16,
    },
    /// As many channels as the configuration allows, or no stream id is free (W3C OperationError).
    #[error("{0} channels exist already")]
    TooMany(usize),
}

impl DataTransport {
    pub(crate) fn create(
        &mut self,
        now: Instant,
        label: &str,
        init: &DataChannelInit,
    ) -> Result<ChannelId, ChannelError> {
        let mut channel = self.checked(label, init)?;
        if self.connected && !channel.negotiated {
            channel.stream = self.streams.take_free();
            if channel.stream.is_none() {
                return Err(ChannelError::TooMany(self.channels.len()));
            }
        }
        let stream = channel.stream;
        let id = self.insert(channel);
        if self.connected {
            self.open(now, id);
        }
        // A negotiated channel's messages may have come before it was created here.
        if let Some(stream) = stream
            && self.has_unread(stream)
        {
            self.events.push_back(Event::ChannelReadable(id));
        }
        Ok(id)
    }

    pub(super) fn insert(&mut self, channel: Channel) -> ChannelId {
        let id = ChannelId(self.serial);
        self.serial = self.serial.wrapping_add(1);
        if let Some(stream) = channel.stream {
            self.streams.take(stream, id);
        }
        self.counters.opened += 1;
        self.channels.insert(id, Box::new(channel));
        id
    }

    fn checked(&self, label: &str, init: &DataChannelInit) -> Result<Channel, ChannelError> {
        if let Some(len) = [label, &init.protocol].map(str::len).into_iter().find(|&n| n > MAX_TEXT)
        {
            return Err(ChannelError::TextTooLong { len });
        }
        let reliability = match (init.max_retransmits, init.max_packet_life_time) {
            (None, None) => Reliability::Reliable,
            (Some(n), None) => Reliability::MaxRetransmits(n.into()),
            (None, Some(ms)) => Reliability::MaxLifetime(ms.into()),
            (Some(_), Some(_)) => return Err(ChannelError::TwoLimits),
        };
        let stream = match (init.negotiated, init.id) {
            (false, _) => None,
            (true, None) => return Err(ChannelError::IdMissing),
            (true, Some(u16::MAX)) => return Err(ChannelError::IdReserved(u16::MAX)),
            (true, Some(id)) if id >= self.streams.end() => {
                return Err(ChannelError::IdTooHigh { id, streams: self.streams.end() });
            }
            (true, Some(id)) if self.streams.is_taken(StreamId(id)) => {
                return Err(ChannelError::IdInUse(id));
            }
            (true, id) => id.map(StreamId),
        };
        if self.channels.len() >= self.limits.channels {
            return Err(ChannelError::TooMany(self.channels.len()));
        }
        Ok(Channel {
            label: label.into(),
            protocol: init.protocol.as_str().into(),
            ordered: init.ordered,
            reliability,
            priority: init.priority,
            negotiated: init.negotiated,
            stream,
            phase: Phase::Connecting,
            preamble: 0,
            accepted: 0,
            wants_room: false,
            above_threshold: false,
            low_threshold: 0,
        })
    }
}
