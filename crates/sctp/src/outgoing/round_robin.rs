//! Which stream sends next: round robin by message, RFC 8260 §3.2.

use std::collections::VecDeque;

use crate::ids::StreamId;

/// Streams with messages waiting. The first one sends; with DATA chunks it goes on until its
/// message is through, because fragments have consecutive TSNs (RFC 9260 §6.9).
#[derive(Debug, Default)]
pub(super) struct RoundRobin {
    waiting: VecDeque<StreamId>,
}

impl RoundRobin {
    /// A stream that had no message has one.
    pub(super) fn add(&mut self, stream: StreamId) {
        self.waiting.push_back(stream);
    }

    /// Whose turn it is.
    pub(super) fn current(&self) -> Option<StreamId> {
        self.waiting.front().copied()
    }

    /// The current stream's message is through.
    pub(super) fn advance(&mut self, more: More) {
        if let Some(stream) = self.waiting.pop_front()
            && more == More::Waits
        {
            self.waiting.push_back(stream);
        }
    }

    /// Streams that are no more.
    pub(super) fn remove(&mut self, gone: impl Fn(StreamId) -> bool) {
        self.waiting.retain(|id| !gone(*id));
    }
}

/// Whether a stream has another message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum More {
    /// It has.
    Waits,
    /// It has not.
    None,
}
