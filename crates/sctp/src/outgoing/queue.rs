//! Messages that wait to be sent, stream by stream, and their fragmentation.

use std::collections::VecDeque;

use bytes::Bytes;
use sansio::Instant;

use super::round_robin::{More, RoundRobin};
use crate::ids::{Ppid, StreamId};
use crate::message::{Order, Reliability, SendOptions};
use crate::serial::{Ssn, Tsn};
use crate::stream_table::StreamTable;

/// When to give a message up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Never.
    None,
    /// When a fragment would be sent again more often than this.
    Retransmissions(u16),
    /// After this point in time.
    Until(Instant),
}

impl Limit {
    fn new(reliability: Reliability, now: Instant) -> Self {
        match reliability {
            Reliability::Reliable => Self::None,
            Reliability::MaxRetransmits(n) => Self::Retransmissions(n),
            Reliability::MaxLifetime(lifetime) => Self::Until(now + lifetime),
        }
    }

    /// Whether to give up instead of sending for the `retransmissions`th time again.
    pub(crate) fn is_reached(self, now: Instant, retransmissions: u16) -> bool {
        match self {
            Self::None => false,
            Self::Retransmissions(max) => retransmissions > max,
            Self::Until(end) => now > end,
        }
    }
}

/// What goes into one DATA chunk.
#[derive(Debug)]
pub(crate) struct Fragment {
    pub(crate) stream: StreamId,
    pub(crate) ssn: Ssn,
    pub(crate) ppid: Ppid,
    pub(crate) order: Order,
    pub(crate) begin: bool,
    pub(crate) end: bool,
    pub(crate) limit: Limit,
    pub(crate) payload: Bytes,
}

/// The queues of all outgoing streams.
#[derive(Debug, Default)]
pub(crate) struct SendQueue {
    streams: StreamTable<Outgoing>,
    turns: RoundRobin,
    buffered: usize,
    /// Streams whose buffered amount fell to its threshold, to be reported.
    low: VecDeque<StreamId>,
}

#[derive(Debug, Default)]
struct Outgoing {
    queue: VecDeque<Waiting>,
    buffered: usize,
    low_threshold: usize,
    next: Ssn,
    /// The last chunk sent on it since its reset.
    last_tsn: Option<Tsn>,
    resetting: bool,
}

#[derive(Debug)]
struct Waiting {
    /// What is left of it.
    payload: Bytes,
    begun: bool,
    ppid: Ppid,
    order: Order,
    limit: Limit,
}

impl SendQueue {
    /// Takes a message.
    pub(crate) fn push(
        &mut self,
        now: Instant,
        id: StreamId,
        payload: Bytes,
        options: SendOptions,
    ) {
        let stream = self.streams.entry(id);
        if stream.queue.is_empty() {
            self.turns.add(id);
        }
        self.buffered += payload.len();
        stream.buffered += payload.len();
        let SendOptions { ppid, order, reliability } = options;
        let limit = Limit::new(reliability, now);
        stream.queue.push_back(Waiting { payload, begun: false, ppid, order, limit });
    }

    /// Bytes left of the message whose turn it is, after giving up those whose time is over and of
    /// which nothing was sent.
    #[inline]
    pub(crate) fn next_len(&mut self, now: Instant) -> Option<usize> {
        loop {
            let id = self.turns.current()?;
            let first = self.streams.get(id)?.queue.front()?;
            if first.begun || !first.limit.is_reached(now, 0) {
                return Some(first.payload.len());
            }
            self.drop_current();
        }
    }

    /// The next fragment, of at most `max` bytes, to be sent as `tsn`.
    #[inline]
    pub(crate) fn next_fragment(&mut self, max: usize, tsn: Tsn) -> Option<Fragment> {
        let id = self.turns.current()?;
        let stream = self.streams.get_mut(id)?;
        let ssn = stream.next;
        let (begin, payload) = {
            let waiting = stream.queue.front_mut()?;
            let len = waiting.payload.len().min(max);
            let begin = !core::mem::replace(&mut waiting.begun, true);
            (begin, waiting.payload.split_to(len))
        };
        let waiting = stream.queue.front()?;
        let (ppid, order, limit) = (waiting.ppid, waiting.order, waiting.limit);
        let end = waiting.payload.is_empty();
        stream.last_tsn = Some(tsn);
        if end {
            self.finish_current();
        }
        self.sent(id, payload.len());
        Some(Fragment { stream: id, ssn, ppid, order, begin, end, limit, payload })
    }

    /// Gives up the rest of the message that was begun; a fragment without payload stands for it.
    pub(crate) fn abandon_rest(&mut self, tsn: Tsn) -> Option<Fragment> {
        let id = self.turns.current()?;
        let stream = self.streams.get_mut(id)?;
        let Waiting { begun: true, ppid, order, limit, .. } = *stream.queue.front()? else {
            return None;
        };
        let ssn = stream.next;
        stream.last_tsn = Some(tsn);
        self.drop_current();
        let (begin, end, payload) = (false, true, Bytes::new());
        Some(Fragment { stream: id, ssn, ppid, order, begin, end, limit, payload })
    }

    /// Whether the time of the message that was begun is over.
    pub(crate) fn rest_is_late(&self, now: Instant) -> bool {
        let first = self.turns.current().and_then(|id| self.streams.get(id)?.queue.front());
        first.is_some_and(|m| m.begun && m.limit.is_reached(now, 0))
    }

    /// Drops all that waits on streams from `limit` on, which the other side does not take; these
    /// streams.
    pub(crate) fn refuse_from(&mut self, limit: u16) -> Vec<StreamId> {
        let mut refused = Vec::new();
        for (id, stream) in self.streams.iter_mut() {
            if id.0 >= limit && !stream.queue.is_empty() {
                self.buffered -= stream.buffered;
                *stream = Outgoing::default();
                refused.push(id);
            }
        }
        self.turns.remove(|id| id.0 >= limit);
        refused
    }

    /// Starts all streams anew after the other side's restart. A message that was begun is lost.
    pub(crate) fn restart(&mut self) {
        self.abandon_rest(Tsn(0));
        for (_, stream) in self.streams.iter_mut() {
            stream.next = Ssn(0);
            stream.last_tsn = None;
            stream.resetting = false;
        }
    }

    /// Streams on which something was sent or waits.
    pub(crate) fn used(&mut self) -> Vec<StreamId> {
        let used = |s: &Outgoing| s.last_tsn.is_some() || !s.queue.is_empty();
        self.streams.iter_mut().filter(|(_, s)| used(s)).map(|(id, _)| id).collect()
    }

    /// No message is taken for the stream until [`finish_reset`](Self::finish_reset).
    pub(crate) fn begin_reset(&mut self, id: StreamId) {
        self.streams.entry(id).resetting = true;
    }

    /// Whether all that was taken for a stream has been acknowledged.
    pub(crate) fn is_flushed(&self, id: StreamId, cumulative_ack: Tsn) -> bool {
        self.streams.get(id).is_none_or(|s| {
            s.queue.is_empty() && s.last_tsn.is_none_or(|last| !last.is_after(cumulative_ack))
        })
    }

    /// The stream may be used again: anew, or as if nothing had happened.
    pub(crate) fn finish_reset(&mut self, id: StreamId, numbers: Numbers) {
        if let Some(stream) = self.streams.get_mut(id) {
            stream.resetting = false;
            if numbers == Numbers::FromZero {
                stream.next = Ssn(0);
                stream.last_tsn = None;
            }
        }
    }

    /// Whether a stream is being reset.
    pub(crate) fn is_resetting(&self, id: StreamId) -> bool {
        self.streams.get(id).is_some_and(|s| s.resetting)
    }

    pub(crate) fn set_low_threshold(&mut self, id: StreamId, threshold: usize) {
        self.streams.entry(id).low_threshold = threshold;
    }

    /// A stream whose buffered amount fell to its threshold.
    pub(crate) fn poll_low(&mut self) -> Option<StreamId> {
        self.low.pop_front()
    }

    /// Bytes of a stream that wait.
    pub(crate) fn buffered_on(&self, id: StreamId) -> usize {
        self.streams.get(id).map_or(0, |s| s.buffered)
    }

    /// Bytes that wait.
    pub(crate) fn buffered(&self) -> usize {
        self.buffered
    }

    /// Bytes of a stream have left the queue.
    #[inline]
    fn sent(&mut self, id: StreamId, len: usize) {
        self.buffered -= len;
        if let Some(stream) = self.streams.get_mut(id) {
            let before = stream.buffered;
            stream.buffered -= len;
            if before > stream.low_threshold && stream.buffered <= stream.low_threshold {
                self.low.push_back(id);
            }
        }
    }

    /// The current message went out whole.
    fn finish_current(&mut self) {
        let stream = self.turns.current().and_then(|id| self.streams.get_mut(id));
        let Some(stream) = stream else { return };
        if stream.queue.pop_front().is_some_and(|m| m.order == Order::Ordered) {
            stream.next = stream.next.next();
        }
        let more = if stream.queue.is_empty() { More::None } else { More::Waits };
        self.turns.advance(more);
    }

    /// The current message is given up. Its number is used up only if part of it was sent.
    fn drop_current(&mut self) {
        let Some(id) = self.turns.current() else { return };
        let Some(stream) = self.streams.get_mut(id) else { return };
        let Some(message) = stream.queue.pop_front() else { return };
        if message.begun && message.order == Order::Ordered {
            stream.next = stream.next.next();
        }
        let more = if stream.queue.is_empty() { More::None } else { More::Waits };
        self.turns.advance(more);
        self.sent(id, message.payload.len());
    }
}

/// What a finished reset means for the numbers of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// They start from zero.
    FromZero,
    /// They go on.
    GoOn,
}
