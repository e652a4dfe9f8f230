//! Messages that wait to be sent, stream by stream.

use std::collections::VecDeque;

use bytes::Bytes;
use sansio::Instant;

use super::admission::Admission;
use super::expendable::Expendable;
use super::sent::Kind;
use super::stream::Outgoing;
use super::turns::{DEFAULT_PRIORITY, Turns};
use super::waiting::{Fragment, Waiting, Whose};
use crate::config::Scheduler;
use crate::ids::StreamId;
use crate::message::SendOptions;
use crate::serial::Tsn;
use crate::stream_table::StreamTable;

/// The queues of all outgoing streams.
#[derive(Debug)]
pub(crate) struct SendQueue {
    pub(super) streams: StreamTable<Outgoing>,
    pub(super) turns: Turns,
    /// The stream that goes on, whoever is first in line: until its message is through, since the
    /// fragments of a message have consecutive TSNs (RFC 9260 §6.9) unless they are interleaved, or
    /// the packet is full.
    pub(super) holder: Option<StreamId>,
    /// The stream that was found first in line, as long as the line is the same.
    pub(super) first: Option<StreamId>,
    kind: Kind,
    /// What is sent of a message before another stream has its turn, at most.
    pub(super) chunk: usize,
    pub(super) admission: Admission,
    pub(super) expendable: Expendable,
    pub(super) buffered: usize,
    /// Messages taken so far.
    taken: u64,
    /// Messages given up of which nothing was sent.
    pub(super) dropped: u64,
    /// Streams whose buffered amount fell to its threshold, to be reported.
    low: VecDeque<StreamId>,
}

impl SendQueue {
    pub(crate) fn new(scheduler: Scheduler) -> Self {
        Self {
            streams: StreamTable::default(),
            turns: Turns::new(scheduler),
            holder: None,
            first: None,
            kind: Kind::Data,
            chunk: usize::MAX,
            admission: Admission::default(),
            expendable: Expendable::default(),
            buffered: 0,
            taken: 0,
            dropped: 0,
            low: VecDeque::new(),
        }
    }

    /// Which chunk carries messages from now on, and how much payload fits one at most.
    pub(crate) fn agree(&mut self, kind: Kind, chunk: usize) {
        (self.kind, self.first) = (kind, None);
        self.chunk = if kind == Kind::IData { chunk } else { usize::MAX };
    }

    /// Takes a message.
    pub(crate) fn push(
        &mut self,
        now: Instant,
        id: StreamId,
        payload: Bytes,
        options: SendOptions,
    ) {
        let stream = self.streams.entry(id);
        self.buffered += payload.len();
        stream.buffered += payload.len();
        let (was_empty, len) = (stream.queue.is_empty(), payload.len());
        let message = Waiting::new(now, self.taken, payload, options);
        if let Some(worth) = message.worth() {
            self.expendable.add(worth, id, len);
        }
        stream.queue.push_back(message);
        self.taken += 1;
        if was_empty && self.holder != Some(id) && !stream.parked {
            self.join(id);
        }
    }

    /// What a stream is worth to the scheduler, from its next piece on.
    pub(crate) fn set_priority(&mut self, id: StreamId, priority: u16) {
        let share = &mut self.streams.entry(id).share;
        if share.priority() != priority {
            share.set_priority(priority);
            self.line_up_again(id);
        }
    }

    pub(crate) fn priority(&self, id: StreamId) -> u16 {
        self.streams.get(id).map_or(DEFAULT_PRIORITY, |s| s.share.priority())
    }

    /// A packet is begun.
    pub(crate) fn begin_packet(&mut self) {
        if let Some(id) = self.holder
            && let Some(stream) = self.streams.get_mut(id)
            && (self.kind == Kind::IData || !stream.is_begun())
        {
            self.holder = None;
            self.join(id);
        }
    }

    /// Bytes left of the message whose turn it is, after giving up those whose time is over and of
    /// which nothing was sent.
    #[inline]
    pub(crate) fn next_len(&mut self, now: Instant) -> Option<usize> {
        loop {
            let id = self.current()?;
            let first = self.streams.get(id)?.queue.front()?;
            if first.last().is_some() || !first.is_late(now) {
                return Some(first.payload.len());
            }
            self.drop_first(id);
            self.dropped += 1;
        }
    }

    /// The next fragment, of at most `max` bytes, to be sent as `tsn`.
    #[inline]
    pub(crate) fn next_fragment(&mut self, max: usize, tsn: Tsn) -> Option<Fragment> {
        let id = self.current()?;
        let stream = self.streams.get_mut(id)?;
        let first = stream.queue.front_mut()?;
        let size = first.payload.len();
        if let Some(worth) = first.worth() {
            self.expendable.remove(worth);
        }
        let mid = stream.next[first.order as usize];
        let fragment = first.cut(Whose { stream: id, mid, kind: self.kind }, max, tsn);
        stream.last_tsn = Some(tsn);
        self.turns.charge(&mut stream.share, fragment.payload.len());
        if fragment.end {
            let admitted = stream.pop().map_or(0, |message| message.admitted);
            self.pass_on(id, true);
            self.release(admitted);
        } else {
            if fragment.previous.is_none() && self.kind == Kind::IData && first.admitted == 0 {
                first.admitted = size;
                self.admission.admit(size);
            }
            self.pass_on(id, false);
        }
        self.left(id, fragment.payload.len());
        Some(fragment)
    }

    /// Gives up the rest of the message that a stream has begun; a fragment without payload stands
    /// for it.
    pub(crate) fn abandon_rest(&mut self, id: StreamId, tsn: Tsn) -> Option<Fragment> {
        let stream = self.streams.get_mut(id)?;
        if !stream.is_begun() {
            return None;
        }
        let first = stream.queue.front_mut()?;
        let mid = stream.next[first.order as usize];
        let mut rest = first.cut(Whose { stream: id, mid, kind: self.kind }, 0, tsn);
        (rest.end, stream.last_tsn) = (true, Some(tsn));
        self.drop_first(id);
        Some(rest)
    }

    /// The stream whose turn it is, if it has begun a message whose time is over, and the last
    /// fragment of that.
    pub(crate) fn late_rest(&mut self, now: Instant) -> Option<(StreamId, Tsn)> {
        let id = self.current()?;
        let first = self.streams.get(id)?.queue.front().filter(|m| m.is_late(now))?;
        Some((id, first.last()?))
    }

    /// Drops all, for good.
    pub(crate) fn end(&mut self) {
        *self = Self { dropped: self.dropped, ..Self::new(self.turns.scheduler()) };
    }

    /// Gives memory back that only a busy association needs.
    pub(crate) fn shrink(&mut self) {
        self.streams.iter_mut().for_each(|(_, stream)| stream.queue.shrink_to_fit());
        self.turns.release();
        self.low.shrink_to_fit();
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

    /// Messages given up of which nothing was sent.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Whose turn it is.
    #[inline]
    fn current(&mut self) -> Option<StreamId> {
        let known = self.holder.or(self.first);
        if known.is_some() {
            return known;
        }
        loop {
            let first = self.turns.first()?;
            let stream = self.streams.get_mut(first.stream);
            let Some(stream) = stream.filter(|stream| stream.share.has(first)) else {
                self.turns.drop_first();
                continue;
            };
            let message = stream.queue.front()?;
            if self.kind == Kind::Data
                || message.payload.len() <= self.chunk
                || message.admitted > 0
                || !self.admission.is_crowded() && self.admission.admits(message.payload.len())
            {
                self.first = Some(first.stream);
                return self.first;
            }
            self.turns.leave_first(&mut stream.share);
            stream.parked = true;
            self.admission.park(first.stream);
        }
    }

    /// The stream whose turn it is sent a fragment: who is next?
    #[inline]
    fn pass_on(&mut self, id: StreamId, end: bool) {
        let Some(stream) = self.streams.get_mut(id) else { return };
        self.first = None;
        let held = self.holder.is_some();
        let holds = !end && self.kind == Kind::Data
            || self.turns.scheduler() == Scheduler::RoundRobinPerPacket;
        match (held, holds, stream.piece(self.chunk)) {
            (true, true, _) => {}
            (true, false, _) => {
                self.holder = None;
                self.join(id);
            }
            (false, true, _) => {
                self.turns.leave_first(&mut stream.share);
                self.holder = Some(id);
            }
            (false, false, Some(piece)) => self.turns.again(&mut stream.share, piece),
            (false, false, None) => self.turns.leave_first(&mut stream.share),
        }
    }

    /// A stream that is not in line gets in line, if it has something to send.
    pub(super) fn join(&mut self, id: StreamId) {
        let Some(stream) = self.streams.get_mut(id) else { return };
        if let Some(piece) = stream.piece(self.chunk) {
            self.first = None;
            self.turns.join(id, &mut stream.share, piece);
        }
    }

    /// The first message of a stream is given up.
    pub(super) fn drop_first(&mut self, id: StreamId) {
        let Some(stream) = self.streams.get_mut(id) else { return };
        let Some(message) = stream.pop() else { return };
        self.holder = self.holder.filter(|holder| *holder != id);
        self.line_up_again(id);
        self.release(message.admitted);
        self.left(id, message.payload.len());
    }

    /// What a stream would send next, or its priority, is another.
    fn line_up_again(&mut self, id: StreamId) {
        let Some(stream) = self.streams.get_mut(id) else { return };
        if self.holder == Some(id) || stream.parked {
            return;
        }
        self.first = None;
        self.turns.leave(&mut stream.share);
        self.join(id);
        let streams = &self.streams;
        self.turns.sweep(|turn| streams.get(turn.stream).is_some_and(|s| s.share.has(turn)));
    }

    /// Bytes of a stream have left the queue.
    #[inline]
    pub(super) fn left(&mut self, id: StreamId, len: usize) {
        self.buffered -= len;
        if let Some(stream) = self.streams.get_mut(id) {
            let before = stream.buffered;
            stream.buffered -= len;
            if before > stream.low_threshold && stream.buffered <= stream.low_threshold {
                self.low.push_back(id);
            }
        }
    }
}
