//! An outgoing stream: its queue, its numbers, and what it has to do with the scheduler.

use std::collections::VecDeque;

use super::turns::{Piece, Share};
use super::waiting::Waiting;
use crate::serial::{Mid, Tsn};

/// State of a stream.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    pub(super) queue: VecDeque<Waiting>,
    pub(super) buffered: usize,
    pub(super) low_threshold: usize,
    pub(super) share: Share,
    /// Numbers of the next ordered and the next unordered message.
    pub(super) next: [Mid; 2],
    /// The last chunk sent on it since its reset.
    pub(super) last_tsn: Option<Tsn>,
    pub(super) resetting: bool,
    /// Its next message waits to be admitted.
    pub(super) parked: bool,
}

impl Outgoing {
    /// What it would send next, at most `max` bytes at a time.
    #[inline]
    pub(super) fn piece(&self, max: usize) -> Option<Piece> {
        let first = self.queue.front()?;
        Some(Piece { arrival: first.arrival, len: first.payload.len().min(max) })
    }

    /// The first message is begun, and not through.
    pub(super) fn is_begun(&self) -> bool {
        self.queue.front().is_some_and(|m| m.last().is_some())
    }

    /// Starts anew, but keeps what waits whole.
    pub(super) fn restart(&mut self) {
        (self.next, self.last_tsn, self.resetting) = ([Mid(0); 2], None, false);
    }

    /// Takes the first message off. Its number is used up if a part of it was sent.
    pub(super) fn pop(&mut self) -> Option<Waiting> {
        let message = self.queue.pop_front()?;
        if message.last().is_some() {
            let next = &mut self.next[message.order as usize];
            *next = next.next();
        }
        Some(message)
    }
}
