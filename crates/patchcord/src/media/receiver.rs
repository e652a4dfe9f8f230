//! What arrives for a transceiver.

use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use futures_core::Stream;
use peer::{Codec, InboundRtp, MediaKind, RtpPacket, TransceiverError};

use super::Sender;
use super::forward::Forwarding;
use super::held::Held;
use crate::connection::{State, Waiting};

/// The receiving half of a [`Transceiver`](super::Transceiver) (W3C webrtc-pc §5.3,
/// `RTCRtpReceiver`): RTP packets, in the order in which they became complete. A packet that was
/// lost and came again arrives late; its sequence number says where it belongs.
///
/// Clones are cheap and are the same receiver: each packet goes to one of them. It is a
/// [`Stream`] of packets, too. A receiver keeps its connection alive.
#[derive(Clone, Debug)]
pub struct Receiver {
    held: Arc<Held>,
    waiting: Waiting,
}

impl Receiver {
    pub(super) fn new(held: Arc<Held>) -> Self {
        Self { held, waiting: Waiting::default() }
    }

    /// The next packet. `None`: the transceiver was stopped or the connection is over, and all was
    /// read. While the other side sends nothing, this waits.
    ///
    /// The queue is bounded: of what nobody reads the oldest is dropped. Dropping the future loses
    /// nothing. While packets are [forwarded](Self::forward), they do not come here.
    pub async fn recv(&self) -> Option<RtpPacket> {
        loop {
            // Made before the question, so that no packet slips through in between.
            let readable = self.held.readable.notified();
            if let Some(next) = self.next() {
                return next;
            }
            readable.await;
        }
    }

    /// The next packet, if one has arrived.
    pub fn try_recv(&self) -> Option<RtpPacket> {
        self.held.connection().lock().peer.read_rtp(self.held.id)
    }

    /// Sends each packet that arrives here with `sender`, which may belong to another connection,
    /// until either of them is over or the future is dropped. Payloads are shared, not copied.
    ///
    /// Payload types are mapped codec by codec; packets that the sender's other side cannot decode
    /// are dropped, and so are those that its connection has no room for. When that side asks for a
    /// whole picture, the request is passed on to this receiver's other side; a forwarding of video
    /// begins with one. A receiver may be forwarded to any number of senders: each gets all packets.
    ///
    /// It begins when the future is first polled. No task handles the packets: they are passed on
    /// where they arrive, and the future only waits for the end.
    pub async fn forward(&self, sender: &Sender) {
        let _forwarding = Forwarding::start(&self.held, sender.held());
        tokio::select! {
            () = self.ended() => {}
            () = sender.ended() => {}
        }
    }

    /// Waits until the transceiver is stopped, by either side, or the connection is over.
    pub async fn ended(&self) {
        let held = &self.held;
        let over = |state: &mut State, _| held.is_over(state).then_some(());
        held.connection().until(&held.readable, over).await;
    }

    /// Asks the other side for a whole picture, for somebody who begins to watch or has lost too
    /// much (RFC 4585 §6.3.1, or RFC 5104 §4.3.1).
    ///
    /// # Errors
    ///
    /// The transceiver is gone.
    pub fn request_keyframe(&self) -> Result<(), TransceiverError> {
        self.held.connection().command(|peer, now| peer.request_keyframe(now, self.held.id))
    }

    /// Audio or video.
    pub fn kind(&self) -> MediaKind {
        self.held.kind
    }

    /// The codecs that the other side may send, preferred ones first; empty before they are agreed.
    pub fn codecs(&self) -> Arc<[Codec]> {
        self.held
            .connection()
            .look(|state| state.peer.transceiver(self.held.id).map(|it| Arc::clone(&it.codecs)))
            .unwrap_or_default()
    }

    /// The names of the streams that the other side put its track into (`a=msid`, RFC 8830).
    pub fn streams(&self) -> Vec<String> {
        self.held
            .connection()
            .look(|state| state.peer.transceiver(self.held.id).map(|it| it.remote_streams.clone()))
            .unwrap_or_default()
    }

    /// The name of the other side's track, where it gives one.
    pub fn track_id(&self) -> Option<String> {
        self.held
            .connection()
            .look(|state| state.peer.transceiver(self.held.id)?.remote_track.clone())
    }

    /// What was received so far. Zeros when the transceiver is gone.
    pub fn stats(&self) -> InboundRtp {
        self.held
            .connection()
            .look(|state| state.peer.inbound_rtp(self.held.id))
            .unwrap_or_default()
    }

    /// `Some(None)`: there will be no more. `None`: not now.
    fn next(&self) -> Option<Option<RtpPacket>> {
        let mut state = self.held.connection().lock();
        match state.peer.read_rtp(self.held.id) {
            Some(packet) => Some(Some(packet)),
            None => self.held.is_over(&state).then_some(None),
        }
    }
}

impl Stream for Receiver {
    type Item = RtpPacket;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<RtpPacket>> {
        let this = self.get_mut();
        let mut waiting = core::mem::take(&mut this.waiting);
        let next = waiting.poll(cx, &this.held.readable, || this.next());
        this.waiting = waiting;
        next
    }
}
