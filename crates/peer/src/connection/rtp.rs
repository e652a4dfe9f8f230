//! RTP of transceivers: packets out and in, and what is asked about them (W3C webrtc-pc §5.2, §5.3).

use bytes::BytesMut;
use sansio::Instant;

use super::machine::PeerConnection;
use crate::media::{RtpPacket, RtpSendError, TransceiverError, TransceiverId};
use crate::stats::{InboundRtp, MediaCounters, OutboundRtp};

impl PeerConnection {
    /// What is sent from now on is another track (W3C `replaceTrack`): its packets continue the
    /// sequence and the clock of those before. Packets with another SSRC are another track, too.
    ///
    /// # Errors
    ///
    /// No transceiver has this id.
    pub fn replace_track(&mut self, id: TransceiverId) -> Result<(), TransceiverError> {
        if self.media.replace_track(id) { Ok(()) } else { Err(TransceiverError::Unknown) }
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
        let keys = self.transports.first().is_some_and(|transport| transport.srtp.is_some());
        if !keys || self.end.is_some() {
            return Err(RtpSendError::NotConnected);
        }
        self.media.send(now, id, packet)
    }

    /// The oldest unread packet. The queue is bounded and drops the oldest.
    pub fn read_rtp(&mut self, id: TransceiverId) -> Option<RtpPacket> {
        self.media.read(id)
    }

    /// Asks the other side for a whole picture (RFC 4585 §6.3.1, or RFC 5104 §4.3.1). Before its
    /// first packet there is nobody to ask, and a stream begins with one.
    ///
    /// # Errors
    ///
    /// No transceiver has this id.
    pub fn request_keyframe(
        &mut self,
        now: Instant,
        id: TransceiverId,
    ) -> Result<(), TransceiverError> {
        let known = self.media.request_keyframe(id);
        self.settle(now);
        if known { Ok(()) } else { Err(TransceiverError::Unknown) }
    }

    /// The memory that payloads are copied into and shared from, at least 128 KiB at a time. A
    /// shell with many connections swaps its own in around [`handle_input`], so that a connection
    /// with little traffic holds no block for itself.
    ///
    /// [`handle_input`]: sansio::Machine::handle_input
    pub fn payload_block_mut(&mut self) -> &mut BytesMut {
        self.media.block_mut()
    }

    /// What a transceiver sent so far (W3C webrtc-stats, `RTCOutboundRtpStreamStats`).
    pub fn outbound_rtp(&self, id: TransceiverId) -> Option<OutboundRtp> {
        self.media.outbound(id)
    }

    /// What a transceiver received so far, all its streams together (W3C webrtc-stats,
    /// `RTCInboundRtpStreamStats`).
    pub fn inbound_rtp(&self, id: TransceiverId) -> Option<InboundRtp> {
        self.media.inbound(id)
    }

    pub(super) fn media_counters(&self) -> MediaCounters {
        self.media.counters()
    }
}
