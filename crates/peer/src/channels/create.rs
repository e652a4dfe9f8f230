//! Checks of the channel that an application asks for, and its stream id (W3C webrtc-pc §6.1.1).

use sansio::Instant;
use sctp::StreamId;
use thiserror::Error;

use super::channel::{Channel, ChannelId, DataChannelInit, Phase};
use super::dcep::Reliability;
use super::transport::{DataTransport, Parity};
use crate::event::Event;

/// The highest stream id; 65535 is reserved (RFC 8832 §8.1).
const MAX_STREAM: u16 = 65_534;
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
        let channel = self.checked(label, init)?;
        let stream = channel.id.map(StreamId);
        let id = self.insert(channel);
        if self.connected {
            self.open(now, id);
        }
        // A negotiated channel's messages may have come before it was created here.
        if let Some(stream) = stream
            && self.association.as_ref().is_some_and(|a| a.peek(stream).is_some())
        {
            self.events.push_back(Event::ChannelReadable(id));
        }
        Ok(id)
    }

    pub(super) fn insert(&mut self, channel: Channel) -> ChannelId {
        let id = ChannelId(self.serial);
        self.serial = self.serial.wrapping_add(1);
        if let Some(stream) = channel.id {
            self.by_stream.insert(StreamId(stream), id);
        }
        self.counters.opened += 1;
        self.channels.insert(id, channel);
        id
    }

    /// The lowest free stream id of our parity; `None` when all are taken or it is not known yet.
    pub(super) fn free_stream(&mut self) -> Option<u16> {
        let first = match self.parity? {
            Parity::Even => 0,
            Parity::Odd => 1,
        };
        let stream = (self.lowest_free.max(first)..=MAX_STREAM)
            .step_by(2)
            .find(|&id| !self.by_stream.contains_key(&StreamId(id)))?;
        self.lowest_free = stream;
        Some(stream)
    }

    /// A stream id came free: ours are reused, lowest first.
    pub(super) fn release_stream(&mut self, stream: u16) {
        self.by_stream.remove(&StreamId(stream));
        if self.parity == Some(Parity::of(stream)) {
            self.lowest_free = self.lowest_free.min(stream);
        }
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
        let id = match (init.negotiated, init.id) {
            (false, _) => None,
            (true, None) => return Err(ChannelError::IdMissing),
            (true, Some(id)) if id > MAX_STREAM => return Err(ChannelError::IdReserved(id)),
            (true, Some(id)) if self.by_stream.contains_key(&StreamId(id)) => {
                return Err(ChannelError::IdInUse(id));
            }
            (true, id) => id,
        };
        if self.channels.len() >= self.max_channels {
            return Err(ChannelError::TooMany(self.channels.len()));
        }
        Ok(Channel {
            label: label.to_owned(),
            protocol: init.protocol.clone(),
            ordered: init.ordered,
            reliability,
            priority: init.priority,
            negotiated: init.negotiated,
            id,
            phase: Phase::Connecting,
            wants_room: false,
            above_threshold: false,
            low_threshold: 0,
        })
    }
}
