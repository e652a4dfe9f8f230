//! A message that waits to be sent, and the fragments it becomes.

use bytes::Bytes;
use sansio::Instant;

use super::expendable::Worth;
use super::sent::Kind;
use crate::ids::{Ppid, StreamId};
use crate::message::{Order, Reliability, SendOptions};
use crate::serial::{Mid, Tsn};

/// When to give a message up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Never.
    None,
    /// When a fragment would be sent again more often than this.
    Retransmissions(u16),
    /// After this point in time.
    Until(Instant),
    /// When there is no room for what is worth more, as long as nothing was sent.
    Priority(u32),
}

impl Limit {
    fn new(reliability: Reliability, now: Instant) -> Self {
        match reliability {
            Reliability::Reliable => Self::None,
            Reliability::MaxRetransmits(n) => Self::Retransmissions(n),
            Reliability::MaxLifetime(lifetime) => Self::Until(now + lifetime),
            Reliability::Priority(n) => Self::Priority(n),
        }
    }

    /// Whether to give up instead of sending for the `retransmissions`th time again.
    pub(crate) fn is_reached(self, now: Instant, retransmissions: u16) -> bool {
        match self {
            Self::None | Self::Priority(_) => false,
            Self::Retransmissions(max) => retransmissions > max,
            Self::Until(end) => now > end,
        }
    }
}

/// A message, or what is left of it.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) payload: Bytes,
    /// How many messages were taken before it, over all streams.
    pub(super) arrival: u64,
    /// Its last fragment that was sent.
    last: Option<Tsn>,
    /// Number of the next fragment.
    fsn: u32,
    /// What it counts in [`Admission`](super::admission::Admission).
    pub(super) admitted: usize,
    ppid: Ppid,
    pub(super) order: Order,
    limit: Limit,
}

/// What goes into one chunk.
#[derive(Debug)]
pub(crate) struct Fragment {
    pub(crate) stream: StreamId,
    pub(crate) mid: Mid,
    /// Its place in the message, RFC 8260 §2.1.
    pub(crate) fsn: u32,
    pub(crate) kind: Kind,
    /// The fragment before it.
    pub(crate) previous: Option<Tsn>,
    pub(crate) ppid: Ppid,
    pub(crate) order: Order,
    pub(crate) end: bool,
    pub(crate) limit: Limit,
    pub(crate) payload: Bytes,
}

/// What a message does not know of itself until it is sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whose {
    pub(super) stream: StreamId,
    pub(super) mid: Mid,
    pub(super) kind: Kind,
}

impl Waiting {
    pub(super) fn new(now: Instant, arrival: u64, payload: Bytes, options: SendOptions) -> Self {
        let SendOptions { ppid, order, reliability } = options;
        let limit = Limit::new(reliability, now);
        Self { payload, arrival, last: None, fsn: 0, admitted: 0, ppid, order, limit }
    }

    /// Cuts off at most `max` bytes.
    #[inline]
    pub(super) fn cut(&mut self, whose: Whose, max: usize, tsn: Tsn) -> Fragment {
        let payload = self.payload.split_to(self.payload.len().min(max));
        let fsn = self.fsn;
        self.fsn = fsn.wrapping_add(1);
        let Whose { stream, mid, kind } = whose;
        Fragment {
            stream,
            mid,
            fsn,
            kind,
            previous: self.last.replace(tsn),
            ppid: self.ppid,
            order: self.order,
            end: self.payload.is_empty(),
            limit: self.limit,
            payload,
        }
    }

    /// Its last fragment that was sent; `None` if none was.
    pub(super) fn last(&self) -> Option<Tsn> {
        self.last
    }

    /// What it is worth if it may be given up for others.
    #[inline]
    pub(super) fn worth(&self) -> Option<Worth> {
        match self.limit {
            Limit::Priority(n) if self.last.is_none() => Some((n, self.arrival)),
            _ => None,
        }
    }

    /// Whether its time is over.
    pub(super) fn is_late(&self, now: Instant) -> bool {
        self.limit.is_reached(now, 0)
    }
}
