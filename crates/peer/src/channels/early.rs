//! Messages on streams that no channel has yet: a negotiated one that our application is about to
//! create, or one whose OPEN comes late. RFC 8832 §6 lets nothing overtake an OPEN, but not every
//! stack sees to that.

use std::collections::{HashMap, VecDeque};

use foldhash::quality::FixedState;
use sctp::{Message, StreamId};

/// What a message costs besides its payload.
const OVERHEAD: usize = 64;

/// Messages that wait for a channel.
#[derive(Debug)]
pub(super) struct Early {
    streams: HashMap<StreamId, VecDeque<Message>, FixedState>,
    /// What all of them cost.
    held: usize,
    max: usize,
}

impl Early {
    pub(super) fn new(max: usize, seed: u64) -> Self {
        Self { streams: HashMap::with_hasher(FixedState::with_seed(seed)), held: 0, max }
    }

    /// Whether there is room for another message; if not, it stays in the association, and its
    /// window closes.
    pub(super) fn has_room(&self, message: &Message) -> bool {
        self.held + cost(message) <= self.max
    }

    pub(super) fn push(&mut self, stream: StreamId, message: Message) {
        self.held += cost(&message);
        self.streams.entry(stream).or_default().push_back(message);
    }

    pub(super) fn pop(&mut self, stream: StreamId) -> Option<Message> {
        if self.held == 0 {
            return None;
        }
        let queue = self.streams.get_mut(&stream)?;
        let message = queue.pop_front();
        if queue.is_empty() {
            self.streams.remove(&stream);
        }
        self.held -= message.as_ref().map_or(0, cost);
        message
    }

    pub(super) fn has(&self, stream: StreamId) -> bool {
        self.held > 0 && self.streams.contains_key(&stream)
    }

    /// What they cost together.
    #[cfg(any(test, fuzzing))]
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Nobody will ask for them.
    pub(super) fn drop_all(&mut self, stream: StreamId) {
        let queue = self.streams.remove(&stream).unwrap_or_default();
        self.held -= queue.iter().map(cost).sum::<usize>();
    }
}

fn cost(message: &Message) -> usize {
    message.payload.len() + OVERHEAD
}
