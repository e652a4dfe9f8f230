//! The sending half of a media section: one stream, and the history that repairs it.

use core::time::Duration;

use rtp::extension::{AbsoluteSendTime, Kind};
use rtp::ntp::NtpTime;
use rtp::repair::History;
use rtp::rtcp::{List, SenderReport};
use rtp::{Header, SequenceNumber};
use sansio::Instant;

use super::continuity::{Continuity, Place};
use super::elements::Elements;
use super::extension_ids::ExtensionIds;
use crate::media::{Codec, LocalSource, RtpPacket};
use crate::stats::OutboundRtp;

#[derive(Debug)]
pub(super) struct Sender {
    pub(super) source: LocalSource,
    /// The agreed direction lets us send.
    pub(super) active: bool,
    pub(super) continuity: Continuity,
    /// The other side has heard of our stream, so it knows which section it belongs to.
    pub(super) known: bool,
    pub(super) clock_rate: u32,
    history: Option<History<Sent>>,
    rtx_sequence: SequenceNumber,
    /// The `FIR` that was acted on last (RFC 5104 §4.3.1.2).
    pub(super) fir: Option<u8>,
    pub(super) counters: OutboundRtp,
}

/// A packet that may be asked for again.
#[derive(Debug)]
struct Sent {
    packet: RtpPacket,
    timestamp: u32,
    /// When it last left.
    at: Instant,
}

/// What the hop adds to a packet.
#[derive(Debug)]
pub(super) struct Hop<'h> {
    pub(super) now: Instant,
    pub(super) mid: &'h str,
    pub(super) extensions: &'h ExtensionIds,
    /// The number among all packets of the transport.
    pub(super) transport_sequence: u16,
}

impl Sender {
    /// Packets kept for repair: a second at 8 Mbit/s. They share their payloads with whoever else
    /// the packets went to.
    const HISTORY: usize = 1024;

    /// A stream that was silent for longer has nothing to report.
    const RECENT: Duration = Duration::from_secs(5);

    pub(super) fn new(source: LocalSource, random: u64) -> Self {
        Self {
            source,
            active: false,
            continuity: Continuity::new(random),
            known: false,
            clock_rate: 90_000,
            history: None,
            rtx_sequence: SequenceNumber((random >> 16) as u16 & 0x7fff),
            fir: None,
            counters: OutboundRtp::default(),
        }
    }

    /// Appends a packet; `false`: it was too late for its track.
    pub(super) fn write(
        &mut self,
        packet: RtpPacket,
        codec: &Codec,
        hop: &Hop<'_>,
        buf: &mut Vec<u8>,
    ) -> bool {
        let Some(place) = self.continuity.place(hop.now, &packet, codec.clock_rate) else {
            self.counters.packets_discarded += 1;
            return false;
        };
        self.clock_rate = codec.clock_rate;
        let header = Header {
            marker: packet.marker,
            payload_type: packet.payload_type,
            sequence_number: SequenceNumber(place.sequence as u16),
            timestamp: place.timestamp,
            ssrc: self.source.ssrc,
        };
        self.write_header(header, &packet, hop, buf);
        buf.extend_from_slice(packet.payload());
        self.counters.packets_sent += 1;
        self.counters.bytes_sent += packet.payload().len() as u64;
        self.remember(packet, place, codec, hop.now);
        true
    }

    /// Appends a retransmission of a packet of ours, RFC 4588 §4: its number, then its payload.
    /// `false`: it is forgotten, or it left less than a round trip ago.
    pub(super) fn write_repair(
        &mut self,
        sequence: u64,
        codecs: &[Codec],
        hop: &Hop<'_>,
        round_trip_time: Duration,
        buf: &mut Vec<u8>,
    ) -> bool {
        let Some(sent) = self.history.as_mut().and_then(|history| history.get_mut(sequence)) else {
            return false;
        };
        let payload_type = sent.packet.payload_type;
        let codec = codecs.iter().find(|codec| codec.payload_type == payload_type);
        let Some(rtx) = codec.and_then(|codec| codec.rtx) else { return false };
        if hop.now.saturating_since(sent.at) < round_trip_time {
            return false;
        }
        sent.at = hop.now;
        let (packet, timestamp) = (sent.packet.clone(), sent.timestamp);
        let header = Header {
            marker: packet.marker,
            payload_type: rtx,
            sequence_number: self.rtx_sequence,
            timestamp,
            ssrc: self.source.rtx,
        };
        self.rtx_sequence = self.rtx_sequence.next();
        self.write_header(header, &packet, hop, buf);
        buf.extend_from_slice(&(sequence as u16).to_be_bytes());
        buf.extend_from_slice(packet.payload());
        self.counters.retransmitted_packets_sent += 1;
        self.counters.retransmitted_bytes_sent += packet.payload().len() as u64;
        true
    }

    /// The facts of a sender report (RFC 3550 §6.4.1); `None`: nothing was sent, or
    /// nothing lately.
    pub(super) fn report(&self, now: Instant, ntp: NtpTime) -> Option<SenderReport<'static>> {
        let recent = self.continuity.is_recent(now, Self::RECENT);
        (self.active && recent).then_some(())?;
        Some(SenderReport {
            ssrc: self.source.ssrc,
            ntp,
            rtp_timestamp: self.continuity.timestamp(now, self.clock_rate)?,
            // Modulo 2^32.
            packet_count: self.counters.packets_sent as u32,
            octet_count: self.counters.bytes_sent as u32,
            blocks: List::EMPTY,
            extension: &[],
        })
    }

    fn write_header(&self, header: Header, packet: &RtpPacket, hop: &Hop<'_>, buf: &mut Vec<u8>) {
        let ids = hop.extensions;
        let number = hop.transport_sequence.to_be_bytes();
        let mut elements = Elements::new();
        // Nobody reports on what repairs, so it never becomes known.
        if !self.known || header.ssrc == self.source.rtx {
            elements.push(ids.id(Kind::Mid), hop.mid.as_bytes());
        }
        elements.push(ids.id(Kind::TransportSequenceNumber), &number);
        let uptime = hop.now.saturating_since(Instant::ZERO);
        let send_time = ids
            .id(Kind::AbsoluteSendTime)
            .map(|id| (id, AbsoluteSendTime::from_duration(uptime).to_bytes()));
        if let Some((id, value)) = &send_time {
            elements.push(Some(*id), value);
        }
        for (kind, value) in packet.extensions() {
            elements.push(ids.id(kind), value);
        }
        header.write(elements.iter(), buf);
    }

    fn remember(&mut self, packet: RtpPacket, place: Place, codec: &Codec, now: Instant) {
        if codec.rtx.is_some() && codec.feedback.nack {
            let history = self.history.get_or_insert_with(|| History::new(Self::HISTORY));
            let sent = Sent { packet, timestamp: place.timestamp, at: now };
            history.insert(place.sequence, sent);
        }
    }
}
