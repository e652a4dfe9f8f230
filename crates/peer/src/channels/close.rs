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
            Phase::Connecting => return self.finish(id),
            Phase::Opening | Phase::Open => {
                channel.phase = Phase::Closing { ours: Reset::Pending, theirs: Reset::Pending, by };
                if by == Initiator::Them {
                    self.events.push_back(Event::ChannelClosing(id));
                }
            }
            Phase::Closing { by: initiator, .. } if by == Initiator::Us => *initiator = by,
            Phase::Closing { .. } => {}
        }
        self.give_up_unread(now, id);
        self.close_if_drained(now, id);
    }

    /// The other side's half is closed: so is ours, as soon as the application has read the rest.
    pub(super) fn their_stream_was_reset(&mut self, now: Instant, stream: StreamId) {
        let Some(id) = self.streams.channel(stream) else {
            // What came before was for a channel that is closed by now, or never was.
            self.streams.forgive(stream);
            return self.drop_unread(now, stream);
        };
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
            phase if phase.is_left_by_them() => {
                if let Phase::Closing { theirs, .. } = phase {
                    *theirs = Reset::Again;
                }
            }
            Phase::Closing { theirs, .. } => *theirs = Reset::Done,
        }
        self.close_if_drained(now, id);
    }

    pub(super) fn our_stream_was_reset(&mut self, now: Instant, stream: StreamId) {
        let Some(id) = self.streams.channel(stream) else { return };
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let Phase::Closing { ours, theirs, .. } = &mut channel.phase else { return };
        *ours = Reset::Done;
        let theirs = *theirs;
        if theirs == Reset::Pending {
            return;
        }
        self.finish(id);
        // The other side knew this before us, and may use the stream again already.
        if self.has_unread(stream) {
            self.stream_readable(now, stream);
        }
        if theirs == Reset::Again {
            self.their_stream_was_reset(now, stream);
        }
    }

    /// The other side cannot reset streams: the channel ends without, and its id with it.
    pub(super) fn reset_failed(&mut self, now: Instant, stream: StreamId) {
        let Some(id) = self.streams.channel(stream) else { return };
        if let Some(channel) = self.channels.get_mut(&id)
            && let Phase::Closing { ours, theirs, .. } = &mut channel.phase
        {
            (*ours, *theirs) = (Reset::Done, Reset::Done);
        }
        self.close_if_drained(now, id);
    }

    /// The other side takes fewer streams than the channel's id needs.
    pub(super) fn stream_refused(&mut self, stream: StreamId) {
        if let Some(id) = self.streams.channel(stream) {
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
            (Reset::Done, Reset::Done) => {
                // The stream's next user must not find it.
                self.drop_unread(now, stream);
                self.finish(id);
            }
            _ => {}
        }
    }

    /// W3C webrtc-pc §6.2: what comes after our `close` is dropped. Unread, it would close the
    /// window for all channels, and so for what the other side must send before it can close.
    pub(super) fn give_up_unread(&mut self, now: Instant, id: ChannelId) {
        if let Some(channel) = self.channels.get(&id)
            && let Some(stream) = channel.stream
            && matches!(channel.phase, Phase::Closing { by: Initiator::Us, .. })
            && !channel.phase.is_left_by_them()
        {
            self.drop_unread(now, stream);
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
        if let Some(stream) = channel.stream {
            if !channel.negotiated && !self.streams.is_ours(stream) {
                self.text -= channel.label.len() + channel.protocol.len();
            }
            self.streams.release(stream);
        }
        self.counters.closed += 1;
        self.events.push_back(Event::ChannelClosed(id));
    }

    pub(super) fn reset(&mut self, now: Instant, stream: StreamId) {
        if let Some(association) = &mut self.association {
            association.reset_streams(now, &[stream]);
        }
    }

    /// Drops what nobody will read.
    pub(super) fn drop_unread(&mut self, now: Instant, stream: StreamId) {
        self.early.drop_all(stream);
        while let Some(association) = &mut self.association
            && association.read(now, stream).is_some()
        {}
    }
}
