//! What a transceiver sends.

use std::sync::Arc;

use peer::{
    Codec, MediaKind, OutboundRtp, RtpPacket, RtpSendError, TransceiverError, TransceiverId,
};

use super::held::Held;
use crate::connection::{Connection, State};

/// The sending half of a [`Transceiver`](super::Transceiver) (W3C webrtc-pc §5.2,
/// `RTCRtpSender`).
///
/// Clones are cheap and are the same sender. A sender keeps its connection alive.
#[derive(Clone, Debug)]
pub struct Sender {
    held: Arc<Held>,
}

impl Sender {
    pub(super) fn new(held: Arc<Held>) -> Self {
        Self { held }
    }

    /// Sends a packet now or not at all: media does not wait. The payload is shared, not copied.
    /// SSRC and what else belongs to the hop are this connection's own; sequence numbers and
    /// timestamps keep their steps.
    ///
    /// # Errors
    ///
    /// The packet was dropped; the error says why. For
    /// [`QueueFull`](RtpSendError::QueueFull), later ones may fit again.
    pub fn send(&self, packet: RtpPacket) -> Result<(), RtpSendError> {
        self.held.connection().command(|peer, now| peer.send_rtp(now, self.held.id, packet))
    }

    /// Waits until the other side asks for a whole picture. True: it did, since the last call.
    /// False: the transceiver was stopped, or the connection is over.
    ///
    /// ```no_run
    /// # async fn encode(sender: patchcord::Sender) {
    /// while sender.keyframe_requested().await {
    ///     // Tell the encoder.
    /// }
    /// # }
    /// ```
    pub async fn keyframe_requested(&self) -> bool {
        let held = &self.held;
        let asked = |state: &mut State, _| {
            let line = state.lines.get_mut(held.id);
            if line.is_some_and(|line| core::mem::take(&mut line.keyframe_wanted)) {
                return Some(true);
            }
            held.is_over(state).then_some(false)
        };
        held.connection().until(&held.asked, asked).await
    }

    /// Waits until the transceiver is stopped, by either side, or the connection is over.
    pub async fn ended(&self) {
        let held = &self.held;
        let over = |state: &mut State, _| held.is_over(state).then_some(());
        held.connection().until(&held.asked, over).await;
    }

    /// What is sent from now on is another track (W3C `replaceTrack`): its packets continue the
    /// sequence and the clock of those before, whatever their own numbers are.
    ///
    /// # Errors
    ///
    /// The transceiver is gone.
    pub fn replace_track(&self) -> Result<(), TransceiverError> {
        self.held.connection().command(|peer, _| peer.replace_track(self.held.id))
    }

    /// Audio or video.
    pub fn kind(&self) -> MediaKind {
        self.held.kind
    }

    /// The codecs that the other side takes, those it prefers first; empty before they are agreed.
    /// Their payload types are what [`RtpPacket::payload_type`] may be.
    pub fn codecs(&self) -> Arc<[Codec]> {
        self.held
            .connection()
            .look(|state| state.peer.transceiver(self.held.id).map(|it| Arc::clone(&it.codecs)))
            .unwrap_or_default()
    }

    /// What was sent so far, and what the other side says about it. Zeros when the transceiver is
    /// gone.
    pub fn stats(&self) -> OutboundRtp {
        self.held
            .connection()
            .look(|state| state.peer.outbound_rtp(self.held.id))
            .unwrap_or_default()
    }

    /// The transceiver's id, if it is one of this connection.
    pub(crate) fn id_within(&self, connection: &Arc<Connection>) -> Option<TransceiverId> {
        Arc::ptr_eq(self.held.connection(), connection).then_some(self.held.id)
    }

    pub(super) fn held(&self) -> &Held {
        &self.held
    }
}
