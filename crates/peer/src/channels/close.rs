//! The closing procedure, RFC 8831 §6.7: a channel closes by resetting its two streams, each side
//! its own, and what was sent before still arrives.
//!
//! ```text
//!   close() ──► flush, reset our stream ───────────────► their_stream_was_reset
//!                                                          │ the application reads what is left
//!   their_stream_was_reset ◄─────────── reset their stream ┘
//!   both done: the id is free
//! ```

use sansio::Instant;
use sctp::StreamId;

use super::channel::{ChannelId, Phase, Reset};
use super::transport::DataTransport;
use crate::event::Event;

/// Who wants a channel closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Initiator {
    /// Our application. It gives up what it has not read.
    Us,
    /// The other side. What it sent before waits for our application.
    Them,
}

/// What happens to messages that were not read yet when the association ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    Kept,
    Discarded,
}

impl DataTransport {
    /// Begins to close; what was accepted by `send` before arrives.
    pub(crate) fn close(&mut self, now: Instant, id: ChannelId, by: Initiator) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        match &mut channel.phase {
            Phase::Connecting => self.finish(id),
            Phase::Opening | Phase::Open => {
                channel.phase =
                    Phase::Closing { ours: Reset::Requested, theirs: Reset::Pending, by };
                if by == Initiator::Them {
                    self.events.push_back(Event::ChannelClosing(id));
                }
                if let Some(stream) = self.stream_of(id) {
                    self.reset(now, stream);
                }
            }
            Phase::Closing { by: initiator, .. } => {
                if by == Initiator::Us {
                    *initiator = Initiator::Us;
                }
                self.close_if_drained(now, id);
            }
        }
    }

    /// The other side's half is closed: so is ours, as soon as the application has read the rest.
    pub(super) fn their_stream_was_reset(&mut self, now: Instant, stream: StreamId) {
        let Some(&id) = self.by_stream.get(&stream) else { return };
        let Some(channel) = self.channels.get_mut(&id) else { return };
        match &mut channel.phase {
            Phase::Connecting => {}
            Phase::Opening | Phase::Open => {
                channel.phase = Phase::Closing {
                    ours: Reset::Pending,
                    theirs: Reset::Done,
                    by: Initiator::Them,
                };
                self.events.push_back(Event::ChannelClosing(id));
            }
            Phase::Closing { theirs, .. } => *theirs = Reset::Done,
        }
        self.close_if_drained(now, id);
    }

    pub(super) fn our_stream_was_reset(&mut self, now: Instant, stream: StreamId) {
        let Some(&id) = self.by_stream.get(&stream) else { return };
        if let Some(channel) = self.channels.get_mut(&id)
            && let Phase::Closing { ours, .. } = &mut channel.phase
        {
            *ours = Reset::Done;
        }
        self.close_if_drained(now, id);
    }

    /// The other side cannot reset streams: the channel ends without, and its id with it.
    pub(super) fn reset_failed(&mut self, now: Instant, stream: StreamId) {
        let Some(&id) = self.by_stream.get(&stream) else { return };
        if let Some(channel) = self.channels.get_mut(&id)
            && let Phase::Closing { ours, theirs, .. } = &mut channel.phase
        {
            (*ours, *theirs) = (Reset::Done, Reset::Done);
        }
        self.close_if_drained(now, id);
    }

    /// The other side takes fewer streams than the channel's id needs.
    pub(super) fn stream_refused(&mut self, stream: StreamId) {
        if let Some(&id) = self.by_stream.get(&stream) {
            self.finish(id);
        }
    }

    /// Takes the next step of closing, if nothing unread stands in the way.
    pub(super) fn close_if_drained(&mut self, now: Instant, id: ChannelId) {
        let Some(stream) = self.stream_of(id) else { return };
        let unread = self.has_unread(stream);
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let Phase::Closing { ours, theirs, by } = &mut channel.phase else { return };
        if unread && *by == Initiator::Them {
            return;
        }
        match (*ours, *theirs) {
            (Reset::Pending, _) => {
                *ours = Reset::Requested;
                self.reset(now, stream);
            }
            (Reset::Done, Reset::Done) => self.finish_drained(now, id, stream),
            _ => {}
        }
    }

    /// The association is gone, and with it every channel.
    pub(super) fn close_all(&mut self, unread: Unread) {
        self.connected = false;
        let ids: Vec<ChannelId> = self.channels.keys().copied().collect();
        for id in ids {
            let waits = self.stream_of(id).is_some_and(|stream| self.has_unread(stream));
            let Some(channel) = self.channels.get_mut(&id) else { continue };
            if unread == Unread::Discarded || !waits {
                self.finish(id);
                continue;
            }
            if !matches!(channel.phase, Phase::Closing { .. }) {
                self.events.push_back(Event::ChannelClosing(id));
            }
            channel.phase =
                Phase::Closing { ours: Reset::Done, theirs: Reset::Done, by: Initiator::Them };
        }
    }

    /// The channel is gone.
    pub(super) fn finish(&mut self, id: ChannelId) {
        let Some(channel) = self.channels.remove(&id) else { return };
        if let Some(stream) = channel.id {
            self.release_stream(stream);
        }
        self.counters.closed += 1;
        self.events.push_back(Event::ChannelClosed(id));
    }

    pub(super) fn reset(&mut self, now: Instant, stream: StreamId) {
        if let Some(association) = &mut self.association {
            association.reset_streams(now, &[stream]);
        }
    }

    /// Drops what our application gave up, so that the stream's next user does not find it.
    fn finish_drained(&mut self, now: Instant, id: ChannelId, stream: StreamId) {
        while let Some(association) = &mut self.association
            && association.read(now, stream).is_some()
        {}
        self.finish(id);
    }
}
