//! Commands and getters of data channels (W3C webrtc-pc §6).

use sansio::Instant;

use super::machine::PeerConnection;
use crate::channels::{
    Channel, ChannelError, ChannelId, DataChannelInit, Initiator, Message, SendError,
};

impl PeerConnection {
    /// Creates a channel (W3C `createDataChannel`). It opens when the connection is up; the first
    /// one of a connection needs an offer, and `NegotiationNeeded` says so.
    ///
    /// # Errors
    ///
    /// What the W3C says; nothing was created.
    pub fn create_data_channel(
        &mut self,
        now: Instant,
        label: &str,
        init: &DataChannelInit,
    ) -> Result<ChannelId, ChannelError> {
        if self.end.is_some() {
            return Err(ChannelError::Closed);
        }
        let id = self.data.create(now, label, init)?;
        self.negotiation.want_data(&mut self.events);
        self.settle(now);
        Ok(id)
    }

    /// Queues a message (W3C `send`). The payload is kept, not copied, until it was acknowledged.
    ///
    /// # Errors
    ///
    /// Nothing of the message was kept. After `BufferFull`, `ChannelWritable` follows.
    pub fn channel_send(
        &mut self,
        now: Instant,
        id: ChannelId,
        message: Message,
    ) -> Result<(), SendError> {
        self.wake();
        self.data.send(now, id, message)
    }

    /// The channel's oldest unread message. Not reading closes the other side's window.
    pub fn channel_read(&mut self, now: Instant, id: ChannelId) -> Option<Message> {
        let message = self.data.read(now, id);
        self.settle(now);
        message
    }

    /// Begins to close a channel (W3C `close`): what was accepted by
    /// [`channel_send`](Self::channel_send) before still arrives, then `ChannelClosed` follows.
    /// Messages that were not read by then are dropped.
    pub fn channel_close(&mut self, now: Instant, id: ChannelId) {
        self.data.close(now, id, Initiator::Us);
        self.settle(now);
    }

    /// Sets the threshold of `ChannelBufferedAmountLow`, bytes. Default: 0.
    pub fn set_buffered_amount_low_threshold(&mut self, id: ChannelId, bytes: usize) {
        self.data.set_buffered_amount_low_threshold(id, bytes);
    }

    /// A channel's facts; `None` once it was closed.
    pub fn channel(&self, id: ChannelId) -> Option<&Channel> {
        self.data.channel(id)
    }

    /// How many channels exist.
    pub fn channel_count(&self) -> usize {
        self.data.channel_count()
    }

    /// Bytes that were accepted by [`channel_send`](Self::channel_send) and not sent yet
    /// (W3C `bufferedAmount`).
    pub fn buffered_amount(&self, id: ChannelId) -> usize {
        self.data.buffered_amount(id)
    }

    /// Channels that can exist at a time: the stream ids that both sides have agreed on (W3C
    /// `maxChannels`). `None` before the association stands.
    pub fn max_channels(&self) -> Option<u16> {
        self.data.max_channels()
    }

    /// The largest message that the other side accepts, bytes; 0 before its description is known.
    pub fn max_message_size(&self) -> usize {
        self.data.max_message_size()
    }
}
