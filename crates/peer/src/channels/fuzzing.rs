//! Channels by themselves, without what stands below: for fuzz targets, and for tests in which the
//! other side says what no peer of ours would.

#![allow(
    missing_docs,
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    reason = "not an interface; tests and fuzz targets use a part each"
)]

use sansio::{Datagram, Instant, Machine, Rng, Transmit};

use super::channel::{ChannelId, DataChannelInit, Message};
use super::close::Initiator;
use super::create::ChannelError;
use super::messages::SendError;
use super::streams::Parity;
use super::transport::{DataTransport, Limits};
use crate::event::Event;

/// Channels as a machine of their own, on an association that begins at once.
#[derive(Debug)]
pub struct ChannelMachine(pub(super) DataTransport);

impl ChannelMachine {
    /// With stream ids of the side that is DTLS server: odd ones.
    pub fn new(channels: usize, text: usize, early: usize, rng: Box<dyn Rng>) -> Self {
        Self::start(Limits { channels, text, early }, Parity::Odd, rng)
    }

    pub(super) fn start(limits: Limits, parity: Parity, mut rng: Box<dyn Rng>) -> Self {
        let mut data = DataTransport::new(limits, &mut *rng);
        data.start(Instant::ZERO, sctp::Config::default(), None, parity, rng);
        data.set_max_message_size(256 << 10);
        Self(data)
    }

    pub fn create(
        &mut self,
        now: Instant,
        label: &str,
        init: &DataChannelInit,
    ) -> Result<ChannelId, ChannelError> {
        self.0.create(now, label, init)
    }

    pub fn send(&mut self, now: Instant, id: ChannelId, message: Message) -> Result<(), SendError> {
        self.0.send(now, id, message)
    }

    pub fn read(&mut self, now: Instant, id: ChannelId) -> Option<Message> {
        self.0.read(now, id)
    }

    pub fn close(&mut self, now: Instant, id: ChannelId) {
        self.0.close(now, id, Initiator::Us);
    }

    pub fn set_threshold(&mut self, id: ChannelId, bytes: usize) {
        self.0.set_buffered_amount_low_threshold(id, bytes);
    }

    pub fn buffered_amount(&self, id: ChannelId) -> usize {
        self.0.buffered_amount(id)
    }

    pub fn channel_count(&self) -> usize {
        self.0.channel_count()
    }

    /// Bytes of names of the other side, and of messages without a channel.
    pub fn held(&self) -> (usize, usize) {
        (self.0.text, self.0.early.held())
    }
}

impl Machine for ChannelMachine {
    type Path = ();
    type Event = Event;
    type Discard = sctp::Discard;

    fn handle_input(&mut self, now: Instant, input: Datagram<'_, ()>) -> Result<(), sctp::Discard> {
        let used = self.0.handle_input(now, input);
        self.0.settle(now);
        used
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.0.handle_timeout(now);
        self.0.settle(now);
    }

    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<()>> {
        self.0.poll_transmit(now, buf)
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.0.poll_event()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.0.poll_timeout()
    }
}
