//! A DATA or I-DATA chunk that was sent, and what became of it.

use bytes::Bytes;

use super::packets::PacketNumber;
use super::waiting::{Fragment, Limit};
use crate::chunk::{Data, IData, Part};
use crate::ids::{Ppid, StreamId};
use crate::message::Order;
use crate::serial::{Mid, Ssn, Tsn};
use crate::wire::padding;

/// A chunk that was sent.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) payload: Bytes,
    pub(crate) limit: Limit,
    pub(crate) ppid: Ppid,
    pub(crate) stream: StreamId,
    pub(crate) mid: Mid,
    fsn: u32,
    kind: Kind,
    /// How many chunks before it the previous fragment of its message was sent; 0: it is the first.
    pub(super) to_previous: u32,
    /// How many chunks after it the next fragment was sent; 0: none was.
    pub(super) to_next: u32,
    pub(crate) order: Order,
    pub(crate) end: bool,
    pub(super) state: State,
    /// It was the first of its packet that a gap block reported.
    pub(super) leads: bool,
    pub(super) retransmissions: u16,
    /// The packet it went out in last.
    pub(super) packet: PacketNumber,
}

/// Which chunk carries messages, by agreement (RFC 8260 §2.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Fragments of a message follow each other.
    #[default]
    Data,
    /// Fragments of several messages may alternate.
    IData,
}

impl Kind {
    /// Bytes in front of the payload.
    #[inline]
    pub(crate) fn overhead(self) -> usize {
        match self {
            Self::Data => Data::OVERHEAD,
            Self::IData => IData::OVERHEAD,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    InFlight,
    /// Acknowledged by a gap block.
    Acked,
    /// To be sent again.
    Lost,
    /// Given up (RFC 3758 §3.5).
    Abandoned,
}

impl Sent {
    #[inline]
    pub(super) fn new(fragment: Fragment, tsn: Tsn) -> Self {
        let Fragment { stream, mid, fsn, kind, previous, ppid, order, end, limit, payload } =
            fragment;
        Self {
            payload,
            limit,
            ppid,
            stream,
            mid,
            fsn,
            kind,
            to_previous: previous.map_or(0, |previous| tsn.since(previous)),
            to_next: 0,
            order,
            end,
            state: State::InFlight,
            leads: false,
            retransmissions: 0,
            packet: 0,
        }
    }

    /// Index of the previous fragment of its message, if there is one and the ring still has it.
    #[inline]
    pub(super) fn previous(&self, index: usize) -> Option<usize> {
        let distance = Some(self.to_previous as usize).filter(|n| *n > 0)?;
        index.checked_sub(distance)
    }

    /// Index of the next fragment of its message, if one was sent.
    pub(super) fn next(&self, index: usize) -> Option<usize> {
        Some(self.to_next as usize).filter(|n| *n > 0).map(|distance| index + distance)
    }

    /// Bytes on the wire.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        let len = self.kind.overhead() + self.payload.len();
        len + padding(len)
    }

    /// How often it was sent again.
    pub(crate) fn retransmissions(&self) -> u16 {
        self.retransmissions
    }

    /// Appends the chunk.
    #[inline]
    pub(crate) fn write(&self, tsn: Tsn, immediate: bool, out: &mut Vec<u8>) {
        let (stream, begin, end) = (self.stream, self.to_previous == 0, self.end);
        let (unordered, payload) = (self.order == Order::Unordered, &self.payload[..]);
        match self.kind {
            Kind::Data => {
                let (ssn, ppid) = (Ssn::from(self.mid), self.ppid);
                Data { tsn, stream, ssn, ppid, begin, end, unordered, immediate, payload }
                    .write(out);
            }
            Kind::IData => {
                let part = if begin { Part::First(self.ppid) } else { Part::Later(self.fsn) };
                let mid = self.mid;
                IData { tsn, stream, mid, part, end, unordered, immediate, payload }.write(out);
            }
        }
    }
}
