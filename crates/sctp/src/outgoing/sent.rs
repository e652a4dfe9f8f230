//! A DATA chunk that was sent, and what became of it.

use bytes::Bytes;

use super::packets::PacketNumber;
use super::queue::{Fragment, Limit};
use crate::chunk::Data;
use crate::ids::{Ppid, StreamId};
use crate::message::Order;
use crate::serial::{Ssn, Tsn};
use crate::wire::padding;

/// A chunk that was sent.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) payload: Bytes,
    pub(crate) limit: Limit,
    pub(crate) ppid: Ppid,
    pub(crate) stream: StreamId,
    pub(crate) ssn: Ssn,
    pub(crate) order: Order,
    pub(crate) begin: bool,
    pub(crate) end: bool,
    pub(super) state: State,
    /// It was the first of its packet that a gap block reported.
    pub(super) leads: bool,
    pub(super) retransmissions: u16,
    /// The packet it went out in last.
    pub(super) packet: PacketNumber,
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
    pub(super) fn new(fragment: Fragment, packet: PacketNumber) -> Self {
        let Fragment { stream, ssn, ppid, order, begin, end, limit, payload } = fragment;
        Self {
            payload,
            limit,
            ppid,
            stream,
            ssn,
            order,
            begin,
            end,
            state: State::InFlight,
            leads: false,
            retransmissions: 0,
            packet,
        }
    }

    /// Bytes on the wire.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        let len = Data::OVERHEAD + self.payload.len();
        len + padding(len)
    }

    /// How often it was sent again.
    pub(crate) fn retransmissions(&self) -> u16 {
        self.retransmissions
    }

    /// The chunk.
    #[inline]
    pub(crate) fn chunk(&self, tsn: Tsn, immediate: bool) -> Data<'_> {
        Data {
            tsn,
            stream: self.stream,
            ssn: self.ssn,
            ppid: self.ppid,
            begin: self.begin,
            end: self.end,
            unordered: self.order == Order::Unordered,
            immediate,
            payload: &self.payload,
        }
    }
}
