//! The handle of a data channel, with the W3C's names.

use core::fmt;
use std::sync::Arc;

use peer::{ChannelId, DataChannelState, Message, Priority, SendError};
use tokio::sync::Notify;

use super::DataStream;
use crate::connection::{Alive, Connection, State};

/// A data channel (W3C webrtc-pc §6.2, `RTCDataChannel`), made by
/// [`PeerConnection::create_data_channel`](crate::PeerConnection::create_data_channel), or by the
/// other side and delivered as [`Event::DataChannel`](crate::Event::DataChannel).
///
/// Clones are cheap and are the same channel. Dropping the last one closes it. A channel keeps its
/// connection alive.
#[derive(Clone)]
pub struct DataChannel {
    inner: Arc<Inner>,
}

struct Inner {
    alive: Arc<Alive>,
    id: ChannelId,
    changed: Arc<Notify>,
    /// What never changes, so that it can be asked for after the channel is gone.
    facts: peer::Channel,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.alive.connection.command(|peer, now| peer.channel_close(now, self.id));
    }
}

impl DataChannel {
    /// A handle of a channel that has none; `None` when the channel is gone.
    pub(crate) fn new(alive: &Arc<Alive>, state: &mut State, id: ChannelId) -> Option<Self> {
        let facts = state.peer.channel(id)?.clone();
        let changed = state.wait_for(id);
        Some(Self { inner: Arc::new(Inner { alive: Arc::clone(alive), id, changed, facts }) })
    }

    /// Sends a message (W3C `send`). The payload is kept, not copied, until it was acknowledged.
    ///
    /// Waits while the channel is connecting and while the send buffer is full: this is the
    /// back-pressure. Dropping the future sends nothing.
    ///
    /// # Errors
    ///
    /// The channel is closing or closed, or the message is too large for the other side.
    pub async fn send(&self, message: Message) -> Result<(), SendError> {
        self.connection()
            .until(&self.inner.changed, |state, now| {
                match state.peer.channel_send(now, self.inner.id, message.clone()) {
                    Err(
                        SendError::BufferFull | SendError::NotOpen(DataChannelState::Connecting),
                    ) => None,
                    done => Some(done),
                }
            })
            .await
    }

    /// Sends a message now or not at all.
    ///
    /// # Errors
    ///
    /// What [`send`](Self::send) would wait for, too.
    pub fn try_send(&self, message: Message) -> Result<(), SendError> {
        self.connection().command(|peer, now| peer.channel_send(now, self.inner.id, message))
    }

    /// The next message. `None`: the channel is closed, and all was read.
    ///
    /// Messages that nobody reads close the other side's window. Dropping the future loses nothing.
    pub async fn recv(&self) -> Option<Message> {
        self.connection()
            .until(&self.inner.changed, |state, now| {
                match state.peer.channel_read(now, self.inner.id) {
                    Some(message) => Some(Some(message)),
                    None => state.peer.channel(self.inner.id).is_none().then_some(None),
                }
            })
            .await
    }

    /// The next message, if one has arrived.
    pub fn try_recv(&self) -> Option<Message> {
        self.connection().attempt(|state, now| state.peer.channel_read(now, self.inner.id))
    }

    /// Waits until messages can be sent. False: the channel was closed before it opened.
    pub async fn opened(&self) -> bool {
        self.connection()
            .until(&self.inner.changed, |state, _| match self.state_in(state) {
                DataChannelState::Connecting => None,
                state => Some(state == DataChannelState::Open),
            })
            .await
    }

    /// Waits until the channel is gone, by whomever. What was sent on it has arrived then, unless
    /// the connection ended before.
    pub async fn closed(&self) {
        self.connection()
            .until(&self.inner.changed, |state, _| {
                (self.state_in(state) == DataChannelState::Closed).then_some(())
            })
            .await;
    }

    /// Waits until no more than [the threshold](Self::set_buffered_amount_low_threshold) is
    /// buffered (W3C `bufferedamountlow`), or the channel is gone.
    pub async fn buffered_amount_low(&self) {
        self.connection()
            .until(&self.inner.changed, |state, _| {
                let low = state.peer.channel(self.inner.id).is_none_or(|channel| {
                    state.peer.buffered_amount(self.inner.id)
                        <= channel.buffered_amount_low_threshold()
                });
                low.then_some(())
            })
            .await;
    }

    /// Begins to close the channel (W3C `close`). What was sent before still arrives; what was not
    /// read is dropped. [`closed`](Self::closed) waits for the end.
    pub fn close(&self) {
        self.connection().command(|peer, now| peer.channel_close(now, self.inner.id));
    }

    /// The channel as a stream of bytes.
    pub fn into_stream(self) -> DataStream {
        DataStream::new(self)
    }

    /// Names the channel; need not be unique.
    pub fn label(&self) -> &str {
        self.inner.facts.label()
    }

    /// The subprotocol's name, or empty.
    pub fn protocol(&self) -> &str {
        self.inner.facts.protocol()
    }

    /// Whether messages arrive in order.
    pub fn ordered(&self) -> bool {
        self.inner.facts.ordered()
    }

    /// How often a message is retransmitted at most, if that is bounded.
    pub fn max_retransmits(&self) -> Option<u32> {
        self.inner.facts.max_retransmits()
    }

    /// Milliseconds after which a message is given up, if that is bounded.
    pub fn max_packet_life_time(&self) -> Option<u32> {
        self.inner.facts.max_packet_life_time()
    }

    /// Its weight among the channels of its connection.
    pub fn priority(&self) -> Priority {
        self.inner.facts.priority()
    }

    /// Whether both sides made it, instead of one telling the other in-band.
    pub fn negotiated(&self) -> bool {
        self.inner.facts.negotiated()
    }

    /// The SCTP stream id. `None` before it is known, and after the channel is gone.
    pub fn id(&self) -> Option<u16> {
        self.connection().look(|state| state.peer.channel(self.inner.id)?.id())
    }

    /// Where it stands (W3C `readyState`).
    pub fn ready_state(&self) -> DataChannelState {
        self.connection().look(|state| self.state_in(state))
    }

    /// Bytes that were accepted by [`send`](Self::send) and not handed to the network yet.
    pub fn buffered_amount(&self) -> usize {
        self.connection().look(|state| state.peer.buffered_amount(self.inner.id))
    }

    /// Sets the threshold of [`buffered_amount_low`](Self::buffered_amount_low), bytes. Default: 0.
    pub fn set_buffered_amount_low_threshold(&self, bytes: usize) {
        let id = self.inner.id;
        self.connection().command(|peer, _| peer.set_buffered_amount_low_threshold(id, bytes));
    }

    /// Bytes of the largest message that the other side accepts; 0 before its description is known.
    pub fn max_message_size(&self) -> usize {
        self.connection().look(|state| state.peer.max_message_size())
    }

    pub(super) fn changed(&self) -> &Arc<Notify> {
        &self.inner.changed
    }

    fn connection(&self) -> &Arc<Connection> {
        &self.inner.alive.connection
    }

    fn state_in(&self, state: &State) -> DataChannelState {
        let channel = state.peer.channel(self.inner.id);
        channel.map_or(DataChannelState::Closed, peer::Channel::ready_state)
    }
}

impl fmt::Debug for DataChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataChannel")
            .field("label", &self.label())
            .field("id", &self.inner.id)
            .finish_non_exhaustive()
    }
}
