//! Events that wait for the application: none is lost, and their memory has a bound.

use core::mem::discriminant;
use std::collections::{BTreeSet, VecDeque};

use peer::{ChannelId, Event};

/// The events of one connection, oldest first.
///
/// An application may take its time, and the other side must not be able to make it pay for that:
/// beyond [`LIMIT`](Self::LIMIT) a change of state replaces the older one of its kind, and a
/// channel that was closed before anybody asked for it is as if it had never been.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// Changes of state, candidates, and at most one `DataChannel`: "there are incoming ones".
    events: VecDeque<Event>,
    /// Channels that nobody has asked for yet. Their ids grow, so this is their order too.
    incoming: BTreeSet<ChannelId>,
    announced: bool,
}

impl Queue {
    const LIMIT: usize = 64;

    pub(super) fn push(&mut self, event: Event) {
        match event {
            Event::DataChannel(id) => {
                self.incoming.insert(id);
                if !core::mem::replace(&mut self.announced, true) {
                    self.events.push_back(event);
                }
            }
            // At most one of each for a transceiver: the latest says what is.
            Event::Track(_) | Event::TrackEnded(_) => {
                self.events.retain(|e| *e != event);
                self.events.push_back(event);
            }
            // Their number is that of our own addresses: nothing for others to inflate.
            Event::IceCandidate(_) => self.events.push_back(event),
            _ => {
                if self.events.len() >= Self::LIMIT
                    && let Some(older) =
                        self.events.iter().position(|e| discriminant(e) == discriminant(&event))
                {
                    self.events.remove(older);
                }
                self.events.push_back(event);
            }
        }
    }

    /// The channel is gone.
    pub(super) fn forget(&mut self, id: ChannelId) {
        self.incoming.remove(&id);
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        loop {
            let event = self.events.pop_front()?;
            if !matches!(event, Event::DataChannel(_)) {
                return Some(event);
            }
            let first = self.incoming.pop_first();
            self.announced = !self.incoming.is_empty();
            if let Some(next) = self.incoming.first() {
                self.events.push_front(Event::DataChannel(*next));
            }
            if let Some(id) = first {
                return Some(Event::DataChannel(id));
            }
        }
    }
}

#[cfg(test)]
mod tests;
