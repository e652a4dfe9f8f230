//! Channels that open: ours when the association is up, theirs when their OPEN arrives
//! (RFC 8832 §6).

use bytes::Bytes;
use sansio::Instant;
use sctp::{Order, Ppid, SendOptions, StreamId};

use super::channel::{Channel, ChannelId, Phase};
use super::close::Initiator;
use super::dcep::{Dcep, Open};
use super::transport::{DataTransport, Parity};
use crate::event::Event;

/// "WebRTC DCEP", RFC 8832 §8.1.
pub(super) const PPID_DCEP: Ppid = Ppid(50);

impl DataTransport {
    /// The association is up.
    pub(super) fn open_all(&mut self, now: Instant) {
        self.connected = true;
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
        let free = self.free_stream();
        let Some(channel) = self.channels.get_mut(&id) else { return };
        if channel.negotiated {
            channel.phase = Phase::Open;
        } else {
            let Some(stream) = free else {
                // More channels than stream ids: W3C webrtc-pc §6.1.1.4 closes them.
                self.finish(id);
                return;
            };
            channel.id = Some(stream);
            channel.phase = Phase::Opening;
            let mut message = Vec::new();
            Dcep::Open(Open {
                ordered: channel.ordered,
                reliability: channel.reliability,
                priority: channel.priority,
                label: &channel.label,
                protocol: &channel.protocol,
            })
            .write(&mut message);
            self.by_stream.insert(StreamId(stream), id);
            if !self.send_dcep(now, StreamId(stream), message) {
                self.finish(id);
                return;
            }
        }
        self.apply_low_threshold(id);
        self.events.push_back(Event::ChannelOpen(id));
    }

    /// A stream's queue turned non-empty.
    pub(super) fn stream_readable(&mut self, now: Instant, stream: StreamId) {
        if let Some(&id) = self.by_stream.get(&stream)
            && let Some(channel) = self.channels.get_mut(&id)
            && channel.phase == Phase::Opening
        {
            // RFC 8832 §6: any message on the channel proves that our OPEN arrived.
            channel.phase = Phase::Open;
        }
        self.take_dcep(now, stream);
        if let Some(&id) = self.by_stream.get(&stream)
            && self.has_unread(stream)
        {
            self.events.push_back(Event::ChannelReadable(id));
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
                }
            }
        }
    }

    fn opened_by_them(&mut self, now: Instant, stream: StreamId, open: &Open<'_>) {
        // RFC 8832 §6: an OPEN for a stream that is in use, or of our parity, is answered by
        // closing that stream.
        if let Some(&id) = self.by_stream.get(&stream) {
            self.counters.dcep_discarded += 1;
            self.close(now, id, Initiator::Them);
            return;
        }
        if self.parity == Some(Parity::of(stream.0)) || self.channels.len() >= self.max_channels {
            self.counters.dcep_discarded += 1;
            self.reset(now, stream);
            return;
        }
        let id = self.insert(Channel {
            label: open.label.to_owned(),
            protocol: open.protocol.to_owned(),
            ordered: open.ordered,
            reliability: open.reliability,
            priority: open.priority,
            negotiated: false,
            id: Some(stream.0),
            phase: Phase::Open,
            wants_room: false,
            above_threshold: false,
            low_threshold: 0,
        });
        let mut ack = Vec::new();
        Dcep::Ack.write(&mut ack);
        self.events.push_back(Event::DataChannel(id));
        if !self.send_dcep(now, stream, ack) {
            self.close(now, id, Initiator::Them);
        }
    }

    /// DCEP messages are ordered and reliable, whatever the channel is (RFC 8832 §6).
    fn send_dcep(&mut self, now: Instant, stream: StreamId, message: Vec<u8>) -> bool {
        let options =
            SendOptions { ppid: PPID_DCEP, order: Order::Ordered, ..SendOptions::default() };
        let Some(association) = &mut self.association else { return false };
        association.send(now, stream, Bytes::from(message), options).is_ok()
    }
}
