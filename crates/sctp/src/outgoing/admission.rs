//! How many messages may be under way at a time, when they are interleaved.
//!
//! What is begun and not through lies in the other side's buffer, and its application cannot take
//! it away. If all that is begun were more than the buffer holds, none of it could be finished. So
//! a message of several chunks begins only if it fits in there with the others, and those that wait
//! for that begin in their order.

use std::collections::VecDeque;

use crate::ids::StreamId;

/// What is begun, and who waits to begin.
#[derive(Debug, Default)]
pub(super) struct Admission {
    /// The most room that the other side has had.
    capacity: usize,
    /// Bytes of the messages that are admitted and not through.
    unfinished: usize,
    /// Streams whose next message waits.
    parked: VecDeque<StreamId>,
}

impl Admission {
    /// The other side has room for so much. Returns whether it never had more.
    #[inline]
    pub(super) fn note_room(&mut self, bytes: usize) -> bool {
        let more = bytes > self.capacity;
        self.capacity = self.capacity.max(bytes);
        more
    }

    /// Whether a message may begin now. One may always.
    #[inline]
    pub(super) fn admits(&self, bytes: usize) -> bool {
        self.unfinished == 0 || self.unfinished + bytes <= self.capacity
    }

    /// Whether somebody waits, and must not be overtaken.
    #[inline]
    pub(super) fn is_crowded(&self) -> bool {
        !self.parked.is_empty()
    }

    pub(super) fn admit(&mut self, bytes: usize) {
        self.unfinished += bytes;
    }

    /// A message that was admitted is through, or given up.
    pub(super) fn release(&mut self, bytes: usize) {
        self.unfinished -= bytes;
    }

    pub(super) fn park(&mut self, stream: StreamId) {
        self.parked.push_back(stream);
    }

    /// The stream that has waited for longest.
    pub(super) fn first(&self) -> Option<StreamId> {
        self.parked.front().copied()
    }

    pub(super) fn unpark_first(&mut self) {
        self.parked.pop_front();
    }

    /// Streams that are no more.
    pub(super) fn remove(&mut self, gone: impl Fn(StreamId) -> bool) {
        self.parked.retain(|id| !gone(*id));
    }
}
