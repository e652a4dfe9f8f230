//! RTP of transceivers: packets out and in, and what is asked about them (W3C webrtc-pc §5.2, §5.3).

use sansio::Instant;

use super::machine::PeerConnection;
use crate::media::{RtpPacket, RtpSendError, TransceiverError, TransceiverId};

impl PeerConnection {
    /// What is sent from now on is another track (W3C `replaceTrack`): its packets continue the
    /// sequence and the clock of those before.
    ///
    /// # Errors
    ///
    /// No transceiver has this id.
    pub fn replace_track(
        &mut self,
        now: Instant,
        id: TransceiverId,
    ) -> Result<(), TransceiverError> {
        let _ = (now, id);
        Err(TransceiverError::Unknown)
    }

    /// Queues a packet. SSRC, `mid` and what else belongs to the hop are this side's; sequence
    /// numbers and timestamps keep their steps.
    ///
    /// # Errors
    ///
    /// The packet was dropped.
    pub fn send_rtp(
        &mut self,
        now: Instant,
        id: TransceiverId,
        packet: RtpPacket,
    ) -> Result<(), RtpSendError> {
        let _ = (now, id, packet);
        Err(RtpSendError::Unknown)
    }

    /// The oldest unread packet. The queue is bounded and drops the oldest.
    pub fn read_rtp(&mut self, id: TransceiverId) -> Option<RtpPacket> {
        let _ = id;
        None
    }

    /// Asks the other side for a whole picture (RFC 4585 §6.3.1, or RFC 5104 §4.3.1).
    ///
    /// # Errors
    ///
    /// No transceiver has this id.
    pub fn request_keyframe(
        &mut self,
        now: Instant,
        id: TransceiverId,
    ) -> Result<(), TransceiverError> {
        let _ = (now, id);
        Err(TransceiverError::Unknown)
    }
}
