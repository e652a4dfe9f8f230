//! The association with its channels (W3C webrtc-pc §6.1, `RTCSctpTransport`).

use std::collections::{BTreeMap, VecDeque};

use sansio::{Datagram, Instant, Machine, Rng, Transmit};
use sctp::{Association, InitTokens, StreamId};

use super::channel::{Channel, ChannelId};
use super::early::Early;
use super::early_packets::EarlyPackets;
use super::room::Room;
use super::streams::{Parity, Streams};
use crate::event::Event;
use crate::stats::ChannelCounters;

/// What the other side may make us keep.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Channels, ours and theirs.
    pub(crate) channels: usize,
    /// Bytes of labels and protocols of theirs.
    pub(crate) text: usize,
    /// Bytes of messages without a channel.
    pub(crate) early: usize,
}

#[derive(Debug)]
pub(crate) struct DataTransport {
    pub(super) association: Option<Association>,
    early_packets: EarlyPackets,
    /// By creation. In boxes: a node of the tree has room for eleven.
    pub(super) channels: BTreeMap<ChannelId, Box<Channel>>,
    pub(super) streams: Streams,
    pub(super) early: Early,
    pub(super) room: Room,
    pub(super) serial: u32,
    pub(super) connected: bool,
    pub(super) limits: Limits,
    /// Bytes of labels and protocols of channels that the other side opened.
    pub(super) text: usize,
    /// What the other side accepts, bytes.
    pub(super) max_message_size: usize,
    pub(super) counters: ChannelCounters,
    pub(super) events: VecDeque<Event>,
}

impl DataTransport {
    pub(crate) fn new(limits: Limits, rng: &mut dyn Rng) -> Self {
        Self {
            association: None,
            early_packets: EarlyPackets::default(),
            channels: BTreeMap::new(),
            streams: Streams::new(rng.next_u64()),
            early: Early::new(limits.early, rng.next_u64()),
            room: Room::new(0),
            serial: 0,
            connected: false,
            limits,
            text: 0,
            max_message_size: 0,
            counters: ChannelCounters::default(),
            events: VecDeque::new(),
        }
    }

    /// The transport below is up: sets the association up, once. With the INITs of both sides it
    /// stands at once.
    pub(crate) fn start(
        &mut self,
        now: Instant,
        mut config: sctp::Config,
        tokens: Option<InitTokens<'_>>,
        parity: Parity,
        rng: Box<dyn Rng>,
    ) {
        if self.association.is_some() {
            return;
        }
        self.streams.set_parity(parity);
        // Its buffer is shared out here, channel by channel, and what the other side takes may
        // change with its description.
        self.room = Room::new(core::mem::replace(&mut config.send_buffer, usize::MAX));
        config.max_message_size = usize::MAX;
        let mut association = match tokens {
            Some(tokens) => Association::with_tokens(now, config, tokens, rng),
            None => {
                let mut association = Association::new(config, rng);
                association.connect(now);
                association
            }
        };
        for mut packet in self.early_packets.take() {
            // What is damaged or late is the other side's loss.
            let _ = association.handle_input(now, Datagram::new((), now, &mut packet));
        }
        self.association = Some(association);
    }

    pub(crate) fn set_max_message_size(&mut self, bytes: usize) {
        self.max_message_size = bytes;
    }

    /// Our side ends: the other side is told, channels close at once.
    pub(crate) fn abort(&mut self, now: Instant) {
        if let Some(association) = &mut self.association {
            association.abort(now, &[]);
        }
        self.close_all(super::close::Unread::Discarded);
    }

    pub(crate) fn handle_input(
        &mut self,
        now: Instant,
        input: Datagram<'_, ()>,
    ) -> Result<(), sctp::Discard> {
        match &mut self.association {
            Some(association) => association.handle_input(now, input),
            None => {
                self.early_packets.keep(input.data);
                Ok(())
            }
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if let Some(association) = &mut self.association {
            association.handle_timeout(now);
        }
    }

    pub(crate) fn poll_transmit(
        &mut self,
        now: Instant,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit<()>> {
        let transmit = self.association.as_mut()?.poll_transmit(now, buf);
        // What left may have made room.
        self.settle(now);
        self.offer_room();
        transmit
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.association.as_ref()?.poll_timeout()
    }

    pub(crate) fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Gives back what facts that have been told took.
    pub(crate) fn give_back(&mut self) {
        if self.events.is_empty() {
            self.events.shrink_to_fit();
        }
    }

    /// Turns the association's facts into those of channels.
    pub(crate) fn settle(&mut self, now: Instant) {
        while let Some(event) = self.association.as_mut().and_then(Machine::poll_event) {
            match event {
                sctp::Event::Connected => self.open_all(now),
                sctp::Event::Readable(stream) => self.stream_readable(now, stream),
                sctp::Event::BufferedAmountLow(stream) => self.fell_low(stream),
                sctp::Event::IncomingStreamReset(stream) => {
                    self.their_stream_was_reset(now, stream);
                }
                sctp::Event::OutgoingStreamReset(stream) => self.our_stream_was_reset(now, stream),
                sctp::Event::OutgoingStreamResetFailed(stream) => self.reset_failed(now, stream),
                sctp::Event::StreamRefused(stream) => self.stream_refused(stream),
                // The other side forgot its channels: ours that belong to them are over.
                sctp::Event::Restarted => {
                    self.close_all(super::close::Unread::Kept);
                    self.streams.restart();
                    self.open_all(now);
                }
                // Its own bound is out of reach: `room` holds senders back.
                sctp::Event::Writable
                // All ids that channels can have are there from the beginning.
                | sctp::Event::StreamsAdded { .. }
                | sctp::Event::StreamsNotAdded => {}
                sctp::Event::Closed(reason) => {
                    tracing::debug!(?reason, "the association is over");
                    self.close_all(super::close::Unread::Kept);
                }
            }
        }
    }

    pub(crate) fn max_channels(&self) -> Option<u16> {
        self.connected.then(|| self.streams.end())
    }

    pub(crate) fn is_interleaving(&self) -> bool {
        self.association.as_ref().is_some_and(Association::is_interleaving)
    }

    pub(crate) fn max_message_size(&self) -> usize {
        self.max_message_size
    }

    pub(crate) fn channel(&self, id: ChannelId) -> Option<&Channel> {
        self.channels.get(&id).map(Box::as_ref)
    }

    pub(crate) fn channel_count(&self) -> usize {
        self.channels.len()
    }

    pub(crate) fn counters(&self) -> ChannelCounters {
        self.counters
    }

    /// Packets take another path.
    pub(crate) fn path_changed(&mut self, now: Instant) {
        if let Some(association) = &mut self.association {
            association.path_changed(now);
        }
    }

    /// Bytes of the largest SCTP packet.
    pub(crate) fn packet_size(&self) -> Option<usize> {
        self.association.as_ref().map(Association::packet_size)
    }

    pub(crate) fn association_counters(&self) -> Option<sctp::Counters> {
        self.association.as_ref().map(Association::counters)
    }

    /// The channel's stream, once it has one.
    pub(super) fn stream_of(&self, id: ChannelId) -> Option<StreamId> {
        self.channels.get(&id)?.stream
    }
}
