//! RTP that arrived.

use bytes::{BufMut, Bytes, BytesMut};
use rtp::extension::{Extensions, Kind};
use rtp::reception::Reception;
use rtp::repair::{Arrival, Missing};
use rtp::{Packet, SequenceNumber};
use sansio::Instant;

use super::discard::MediaDiscard;
use super::media::Media;
use super::payload_types::Meaning;
use super::section::Section;
use super::stream::Stream;
use crate::media::packet::{Element, Elements};
use crate::media::{RtpPacket, TransceiverId};

/// Memory for payloads is taken in blocks of this many bytes: one allocation for a hundred packets.
const BLOCK: usize = 128 * 1024;

/// What an original is about, whether it came by itself or in a retransmission.
#[derive(Clone, Copy, Debug)]
struct Original<'p> {
    stream: usize,
    codec: u8,
    sequence_number: SequenceNumber,
    payload: &'p [u8],
    is_repair: bool,
}

impl Media {
    /// Takes a packet that was decrypted and authenticated. `Some`: the receiver of that
    /// transceiver has something to read now.
    pub(crate) fn handle_rtp(
        &mut self,
        now: Instant,
        received: Instant,
        bytes: &[u8],
    ) -> Result<Option<TransceiverId>, MediaDiscard> {
        let packet = Packet::parse(bytes)?;
        let index = self.stream_of(now, &packet)?;
        let Self { streams, sections, arrivals, .. } = self;
        let unknown = MediaDiscard::UnknownSource(packet.ssrc);
        let stream = streams.get_mut(index).ok_or(unknown)?;
        let section = sections.get(stream.section).ok_or(unknown)?;
        let meaning = section
            .meaning(packet.payload_type)
            .ok_or(MediaDiscard::PayloadType(packet.payload_type))?;
        // The transport carried it, whatever it is good for.
        if let Some(id) = section.extensions.id(Kind::TransportSequenceNumber)
            && let Some(number) = packet.extensions.get(id).and_then(|v| v.first_chunk::<2>())
        {
            arrivals.received(received, SequenceNumber(u16::from_be_bytes(*number)));
            self.reports.feedback_wanted(now, packet.ssrc);
        }
        if !section.receiver.active {
            return Err(MediaDiscard::Direction);
        }
        stream.last_received = now;
        let original = match meaning {
            Meaning::Codec(codec) => Original {
                stream: index,
                codec,
                sequence_number: packet.sequence_number,
                payload: packet.payload,
                is_repair: false,
            },
            Meaning::Repair(codec) => match self.original(now, index, codec, &packet)? {
                Some(original) => original,
                None => return Ok(None),
            },
        };
        self.deliver(now, received, &packet, original)
    }

    /// What a retransmission brings back (RFC 4588 §4). `None`: padding, to probe the path.
    fn original<'p>(
        &mut self,
        now: Instant,
        index: usize,
        codec: u8,
        packet: &Packet<'p>,
    ) -> Result<Option<Original<'p>>, MediaDiscard> {
        let stream = self.streams.get_mut(index).ok_or(MediaDiscard::Repair)?;
        let extended = stream.extender.extend(packet.sequence_number);
        let reception = stream.reception.get_or_insert_with(|| Reception::new(90_000));
        reception.received(now, extended, packet.timestamp);
        stream.counters.packets_received += 1;
        if packet.payload.is_empty() {
            return Ok(None);
        }
        let (number, payload) =
            packet.payload.split_first_chunk::<2>().ok_or(MediaDiscard::Repair)?;
        let repair = self.streams.get(index).ok_or(MediaDiscard::Repair)?;
        let of = self.repaired(repair).ok_or(MediaDiscard::Repair)?;
        let sequence_number = SequenceNumber(u16::from_be_bytes(*number));
        Ok(Some(Original { stream: of, codec, sequence_number, payload, is_repair: true }))
    }

    fn deliver(
        &mut self,
        now: Instant,
        received: Instant,
        packet: &Packet<'_>,
        original: Original<'_>,
    ) -> Result<Option<TransceiverId>, MediaDiscard> {
        let Self { streams, sections, block, reports, round_trip_time, .. } = self;
        let stream = streams.get_mut(original.stream).ok_or(MediaDiscard::Repair)?;
        let section = sections.get_mut(stream.section).ok_or(MediaDiscard::Repair)?;
        let codec = section.codec(original.codec).ok_or(MediaDiscard::Repair)?;
        let payload_type = codec.payload_type;
        let extended = if original.is_repair {
            stream.extender.peek(original.sequence_number)
        } else {
            stream.extender.extend(original.sequence_number)
        };
        if codec.feedback.nack && stream.missing.is_none() {
            let mut missing = Missing::default();
            missing.set_round_trip_time(*round_trip_time);
            stream.missing = Some(missing);
        }
        let arrival = stream.missing.as_mut().map(|missing| missing.received(now, extended));
        match arrival {
            Some(Arrival::Duplicate) => {
                return Err(count_discarded(stream, MediaDiscard::Duplicate));
            }
            Some(Arrival::TooOld) => return Err(count_discarded(stream, MediaDiscard::TooOld)),
            _ => {}
        }
        if let Some(at) = stream.missing.as_ref().and_then(Missing::poll_timeout) {
            reports.request_at(at);
        }
        let clock_rate = codec.clock_rate;
        if !original.is_repair {
            // The loss was real: reports are about what the path did (RFC 4588 §5).
            let reception = stream.reception.get_or_insert_with(|| Reception::new(clock_rate));
            reception.received(received, extended, packet.timestamp);
        }
        reports.start(now);
        stream.counters.packets_received += 1;
        stream.counters.bytes_received += original.payload.len() as u64;
        if original.is_repair {
            stream.counters.retransmitted_packets_received += 1;
        }
        // Padding alone is delivered too: kept back, its number would be a gap to whoever the stream
        // is forwarded to, and asked for again and again.
        let (elements, bytes, payload_at) =
            keep(section, &packet.extensions, original.payload, block);
        let kept = RtpPacket {
            payload_type,
            marker: packet.marker,
            sequence_number: extended,
            timestamp: packet.timestamp,
            ssrc: stream.ssrc,
            received,
            elements,
            bytes,
            payload_at,
        };
        let was_empty = section.receiver.push(kept, self.limits.unread);
        Ok(was_empty.then_some(section.id))
    }
}

fn count_discarded(stream: &mut Stream, why: MediaDiscard) -> MediaDiscard {
    stream.counters.packets_duplicated += 1;
    why
}

/// The one copy: values of the extensions that travel on, and the payload.
fn keep(
    section: &Section,
    extensions: &Extensions<'_>,
    payload: &[u8],
    block: &mut BytesMut,
) -> (Elements, Bytes, u16) {
    let mut elements = Elements::default();
    let values: usize = extensions.iter().map(|(_, value)| value.len()).sum();
    let needed = values + payload.len();
    if block.capacity() - block.len() < needed {
        // What is left of the old block is its readers' to free.
        *block = BytesMut::with_capacity(BLOCK.max(needed));
    }
    let mut at = 0_usize;
    for (id, value) in extensions.iter() {
        let kind = section.extensions.kind(id).filter(|kind| !is_of_the_hop(*kind));
        if let (Some(kind), Ok(start), Ok(len)) =
            (kind, u8::try_from(at), u8::try_from(value.len()))
            && start.checked_add(len).is_some()
            && elements.push(Element { kind, at: start, len })
        {
            block.put_slice(value);
            at += value.len();
        }
    }
    block.put_slice(payload);
    (elements, block.split().freeze(), u16::try_from(at).unwrap_or_default())
}

/// Whether an extension says something about the hop that it came over.
const fn is_of_the_hop(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Mid
            | Kind::RtpStreamId
            | Kind::RepairedRtpStreamId
            | Kind::TransportSequenceNumber
            | Kind::TransportSequenceNumber2
            | Kind::AbsoluteSendTime
            | Kind::TransmissionOffset
    )
}
