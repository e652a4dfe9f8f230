//! Channels that open: ours when the association is up, theirs when their OPEN arrives
//! (RFC 8832 §6).

use bytes::Bytes;
use sansio::Instant;
use sctp::{Order, Ppid, SendOptions, StreamId};

use super::channel::{Channel, ChannelId, Phase, Priority};
use super::close::Initiator;
use super::dcep::{Dcep, Open};
use super::transport::DataTransport;
use crate::event::Event;

/// "WebRTC DCEP", RFC 8832 §8.1.
const PPID_DCEP: Ppid = Ppid(50);

impl DataTransport {
    /// The association is up.
    pub(super) fn open_all(&mut self, now: Instant) {
        self.connected = true;
        if let Some(association) = &self.association {
            let (ours, theirs) = association.streams();
            self.streams.set_end(ours.min(theirs));
        }
        let waiting: Vec<ChannelId> = self
            .channels
            .iter()
            .filter(|(_, channel)| channel.phase == Phase::Connecting)
            .map(|(id, _)| *id)
            .collect();
        for id in waiting {
            self.open(now, id);
        }
    }

    /// Opens one of our channels. It may send at once: what follows the OPEN arrives behind it.
    pub(super) fn open(&mut self, now: Instant, id: ChannelId) {
        if !self.give_stream(id) {
            // More channels than stream ids: W3C webrtc-pc §6.1.1.4 closes them.
            return self.finish(id);
        }
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let Some(stream) = channel.stream else { return };
        if channel.negotiated {
            channel.phase = Phase::Open;
        } else {
            channel.phase = Phase::Opening;
            let mut message = Vec::new();
            Dcep::Open(Open {
                ordered: channel.ordered,
                reliability: channel.reliability,
                priority: channel.priority.0,
                label: &channel.label,
                protocol: &channel.protocol,
            })
            .write(&mut message);
            if !self.send_dcep(now, id, stream, message) {
                return self.finish(id);
            }
        }
        self.set_up_stream(id);
        self.events.push_back(Event::ChannelOpen(id));
    }

    /// False: the id that the channel has, or needs, does not exist.
    fn give_stream(&mut self, id: ChannelId) -> bool {
        let Some(channel) = self.channels.get_mut(&id) else { return false };
        match channel.stream {
            Some(stream) => stream.0 < self.streams.end(),
            None => {
                channel.stream = self.streams.take_free();
                channel.stream.is_some_and(|stream| {
                    self.streams.take(stream, id);
                    true
                })
            }
        }
    }

    /// A stream's queue turned non-empty.
    pub(super) fn stream_readable(&mut self, now: Instant, stream: StreamId) {
        if self.streams.is_refused(stream) {
            return self.drop_unread(now, stream);
        }
        let Some(id) = self.streams.channel(stream) else {
            return self.keep_early(now, stream);
        };
        let Some(channel) = self.channels.get_mut(&id) else { return };
        match channel.phase {
            // RFC 8832 §6: any message on the channel proves that our OPEN arrived.
            Phase::Opening => channel.phase = Phase::Open,
            // `our_stream_was_reset` comes back to it.
            phase if phase.is_left_by_them() => return,
            Phase::Closing { by: Initiator::Us, .. } => return self.give_up_unread(now, id),
            _ => {}
        }
        self.take_dcep(now, stream);
        if self.has_unread(stream) {
            self.events.push_back(Event::ChannelReadable(id));
        }
    }

    /// Messages on a stream without a channel wait aside, so that an OPEN behind them is seen.
    fn keep_early(&mut self, now: Instant, stream: StreamId) {
        while let Some(association) = &mut self.association
            && let Some(message) = association.peek(stream)
        {
            if message.ppid == PPID_DCEP {
                self.take_dcep(now, stream);
                if let Some(id) = self.streams.channel(stream) {
                    if self.has_unread(stream) {
                        self.events.push_back(Event::ChannelReadable(id));
                    }
                    return;
                }
            } else if self.early.has_room(message)
                && let Some(message) = association.read(now, stream)
            {
                self.early.push(stream, message);
            } else {
                return;
            }
        }
    }

    /// Handles the DCEP messages at the head of a stream's queue; user messages stay.
    pub(super) fn take_dcep(&mut self, now: Instant, stream: StreamId) {
        while let Some(association) = &mut self.association
            && association.peek(stream).is_some_and(|message| message.ppid == PPID_DCEP)
            && let Some(message) = association.read(now, stream)
        {
            match Dcep::parse(&message.payload) {
                Ok(Dcep::Ack) => {}
                Ok(Dcep::Open(open)) => self.opened_by_them(now, stream, &open),
                Err(error) => {
                    tracing::debug!(%error, stream = stream.0, "a DCEP message was dropped");
                    self.counters.dcep_discarded += 1;
                    // Whoever sent it believes in a channel that does not exist here.
                    if !self.streams.is_taken(stream) {
                        self.refuse(now, stream);
                    }
                }
            }
        }
    }

    fn opened_by_them(&mut self, now: Instant, stream: StreamId, open: &Open<'_>) {
        // RFC 8832 §6: an OPEN for a stream that is in use, or of our parity, is answered by
        // closing that stream.
        if let Some(id) = self.streams.channel(stream) {
            self.counters.dcep_discarded += 1;
            return self.close(now, id, Initiator::Them);
        }
        let text = open.label.len() + open.protocol.len();
        if self.streams.is_ours(stream)
            || stream.0 >= self.streams.end()
            || self.channels.len() >= self.limits.channels
            || self.text.saturating_add(text) > self.limits.text
        {
            self.counters.dcep_discarded += 1;
            return self.refuse(now, stream);
        }
        self.text += text;
        let id = self.insert(Channel {
            label: open.label.into(),
            protocol: open.protocol.into(),
            ordered: open.ordered,
            reliability: open.reliability,
            priority: Priority(open.priority),
            negotiated: false,
            stream: Some(stream),
            phase: Phase::Open,
            preamble: 0,
            accepted: 0,
            wants_room: false,
            above_threshold: false,
            low_threshold: 0,
        });
        let mut ack = Vec::new();
        Dcep::Ack.write(&mut ack);
        self.events.push_back(Event::DataChannel(id));
        self.set_up_stream(id);
        if !self.send_dcep(now, id, stream, ack) {
            self.close(now, id, Initiator::Them);
        }
    }

    /// Says no to an OPEN. What was sent behind it is dropped, or it would close the window for
    /// all.
    fn refuse(&mut self, now: Instant, stream: StreamId) {
        self.streams.refuse(stream);
        self.reset(now, stream);
        self.drop_unread(now, stream);
    }

    /// DCEP messages are ordered and reliable, whatever the channel is (RFC 8832 §6).
    fn send_dcep(
        &mut self,
        now: Instant,
        id: ChannelId,
        stream: StreamId,
        message: Vec<u8>,
    ) -> bool {
        let Some(association) = &mut self.association else { return false };
        let len = message.len();
        let options =
            SendOptions { ppid: PPID_DCEP, order: Order::Ordered, ..SendOptions::default() };
        let sent = association.send(now, stream, Bytes::from(message), options).is_ok();
        if let Some(channel) = self.channels.get_mut(&id) {
            (channel.preamble, channel.accepted) = (len, len as u64);
        }
        sent
    }
}
