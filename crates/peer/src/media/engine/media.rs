//! The engine's struct, and what negotiation tells it.

use core::time::Duration;

use bytes::BytesMut;
use rtp::Ssrc;
use rtp::transport_wide::Arrivals;
use sansio::{Instant, Rng};

use super::outgoing::{Outgoing, Queued};
use super::reports::Reports;
use super::section::Section;
use super::streams::Streams;
use crate::media::{LocalSource, Parameters, RtpPacket, RtpSendError, TransceiverId};

/// All RTP and RTCP of one transport.
#[derive(Debug)]
pub(crate) struct Media {
    pub(super) cname: String,
    /// Never shorter: an index stays what it is.
    pub(super) sections: Vec<Section>,
    pub(super) streams: Streams,
    pub(super) outgoing: Outgoing,
    pub(super) arrivals: Arrivals,
    pub(super) reports: Reports,
    /// Payloads are copied into this, and shared from there.
    pub(super) block: BytesMut,
    pub(super) limits: Limits,
    /// Of the path, for the pace of repairs.
    pub(super) round_trip_time: Duration,
}

/// What bounds the memory that the other side can fill.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Packets that a receiver keeps for the application.
    pub(crate) unread: usize,
    /// Packets that wait for the network.
    pub(crate) unsent: usize,
    /// Streams of the other side.
    pub(crate) streams: usize,
    /// Bytes of payload of a packet.
    pub(crate) payload: usize,
    /// Wall time at the zero of the caller's clock.
    pub(crate) unix_at_zero: Duration,
}

impl Media {
    /// Before the path's round trip is known.
    const ROUND_TRIP_TIME: Duration = Duration::from_millis(100);

    pub(crate) fn new(limits: Limits, rng: &mut dyn Rng) -> Self {
        Self {
            // RFC 7022 §4.2: 96 random bits.
            cname: format!("{:016x}{:08x}", rng.next_u64(), rng.next_u32()),
            sections: Vec::new(),
            streams: Streams::new(rng),
            outgoing: Outgoing::new(rng.next_u32()),
            arrivals: Arrivals::default(),
            reports: Reports::default(),
            block: BytesMut::new(),
            limits,
            round_trip_time: Self::ROUND_TRIP_TIME,
        }
    }

    /// A transceiver was made: its stream gets its numbers, which `a=ssrc` announces.
    pub(crate) fn add(&mut self, id: TransceiverId, rng: &mut dyn Rng) {
        let source = LocalSource { ssrc: self.free_ssrc(rng), rtx: self.free_ssrc(rng) };
        self.sections.push(Section::new(id, source, rng.next_u64()));
    }

    /// What was agreed about a transceiver's section, in this negotiation or a later one.
    pub(crate) fn configure(&mut self, id: TransceiverId, agreed: Parameters) {
        let Some(index) = self.index(id) else { return };
        self.streams.announce(index, &agreed.remote_sources);
        if let Some(section) = self.sections.get_mut(index) {
            section.configure(agreed);
        }
    }

    /// The transceiver was stopped, or its section was rejected: no more packets either way.
    pub(crate) fn stop(&mut self, id: TransceiverId) {
        let Some(index) = self.index(id) else { return };
        self.streams.forget(index);
        if let Some(section) = self.sections.get_mut(index) {
            section.stop();
            self.reports.say_goodbye(section);
        }
    }

    /// The round-trip time of the path.
    pub(crate) fn set_round_trip_time(&mut self, time: Duration) {
        if self.round_trip_time != time {
            self.round_trip_time = time;
            for missing in self.streams.iter_mut().filter_map(|stream| stream.missing.as_mut()) {
                missing.set_round_trip_time(time);
            }
        }
    }

    /// Queues a packet; it is numbered when it leaves.
    pub(crate) fn send(
        &mut self,
        now: Instant,
        id: TransceiverId,
        packet: RtpPacket,
    ) -> Result<(), RtpSendError> {
        let index = self.index(id).ok_or(RtpSendError::Unknown)?;
        let section = self.sections.get_mut(index).ok_or(RtpSendError::Unknown)?;
        if !section.sender.active {
            return Err(RtpSendError::Direction);
        }
        let (len, max) = (packet.payload().len(), self.limits.payload);
        if len > max {
            return Err(RtpSendError::TooLarge { len, max });
        }
        let Some(super::payload_types::Meaning::Codec(codec)) =
            section.meaning(packet.payload_type)
        else {
            return Err(RtpSendError::PayloadType(packet.payload_type));
        };
        let queued = Queued { section: index, codec, packet, at: now };
        if self.outgoing.push(queued, self.limits.unsent) {
            Ok(())
        } else {
            section.sender.counters.packets_discarded += 1;
            Err(RtpSendError::QueueFull)
        }
    }

    /// The oldest unread packet of a receiver.
    pub(crate) fn read(&mut self, id: TransceiverId) -> Option<RtpPacket> {
        let index = self.index(id)?;
        self.sections.get_mut(index)?.receiver.pop()
    }

    /// What is sent from now on is another track. `false`: no such transceiver.
    pub(crate) fn replace_track(&mut self, id: TransceiverId) -> bool {
        let section = self.index(id).and_then(|index| self.sections.get_mut(index));
        section.map(|section| section.sender.continuity.replace_track()).is_some()
    }

    /// Where payloads are copied to.
    pub(crate) fn block_mut(&mut self) -> &mut BytesMut {
        &mut self.block
    }

    /// The numbers of a transceiver's stream.
    pub(crate) fn local_source(&self, id: TransceiverId) -> Option<LocalSource> {
        Some(self.sections.get(self.index(id)?)?.sender.source)
    }

    /// Our canonical name, the same for all our streams (RFC 3550 §6.5.1, RFC 7022).
    pub(crate) fn cname(&self) -> &str {
        &self.cname
    }

    /// Ids grow in the order of the sections.
    pub(super) fn index(&self, id: TransceiverId) -> Option<usize> {
        self.sections.binary_search_by_key(&id, |section| section.id).ok()
    }

    fn free_ssrc(&self, rng: &mut dyn Rng) -> Ssrc {
        loop {
            let ssrc = Ssrc(rng.next_u32());
            let ours = |s: &Section| s.sender.source.ssrc == ssrc || s.sender.source.rtx == ssrc;
            if ssrc.0 != 0 && !self.sections.iter().any(ours) {
                return ssrc;
            }
        }
    }
}
