//! RTP that leaves, in the order in which the application sent it; repairs first.

use core::time::Duration;
use std::collections::VecDeque;

use sansio::Instant;

use super::media::Media;
use super::sender::Hop;
use crate::media::{Codec, RtpPacket};

#[derive(Debug)]
pub(super) struct Outgoing {
    queue: VecDeque<Queued>,
    /// Packets that the other side asked for again, by section and number.
    repairs: VecDeque<(usize, u64)>,
    /// The last number of the transport (transport-wide congestion control).
    transport_sequence: u16,
}

/// A packet that waits for the network.
#[derive(Debug)]
pub(super) struct Queued {
    pub(super) section: usize,
    pub(super) codec: u8,
    pub(super) packet: RtpPacket,
    /// Since when.
    pub(super) at: Instant,
}

impl Outgoing {
    /// What may be asked for again at a time.
    const MAX_REPAIRS: usize = 1024;

    pub(super) fn new(random: u32) -> Self {
        Self { queue: VecDeque::new(), repairs: VecDeque::new(), transport_sequence: random as u16 }
    }

    /// `false`: the queue is full.
    pub(super) fn push(&mut self, queued: Queued, bound: usize) -> bool {
        let room = self.queue.len() < bound;
        if room {
            self.queue.push_back(queued);
        }
        room
    }

    pub(super) fn push_repair(&mut self, section: usize, sequence: u64) {
        if self.repairs.len() < Self::MAX_REPAIRS {
            self.repairs.push_back((section, sequence));
        }
    }
}

impl Media {
    /// Appends the next RTP packet.
    pub(crate) fn poll_rtp(&mut self, now: Instant, buf: &mut Vec<u8>) -> bool {
        let start = buf.len();
        let written = self.write_next(now, buf);
        debug_assert!(written || buf.len() == start, "what was not written left nothing");
        if written {
            self.outgoing.transport_sequence = self.outgoing.transport_sequence.wrapping_add(1);
            self.reports.start(now);
        }
        written
    }

    fn write_next(&mut self, now: Instant, buf: &mut Vec<u8>) -> bool {
        let Self { outgoing, sections, round_trip_time, .. } = self;
        let transport_sequence = outgoing.transport_sequence;
        while let Some((index, sequence)) = outgoing.repairs.pop_front() {
            let Some(section) = sections.get_mut(index).filter(|s| s.sender.active) else {
                continue;
            };
            let extensions = &section.extensions;
            let hop = Hop { now, mid: &section.mid, extensions, transport_sequence };
            // Twice within a round trip is once too often.
            let pace = (*round_trip_time).min(Duration::from_millis(500));
            if section.sender.write_repair(sequence, &section.codecs, &hop, pace, buf) {
                return true;
            }
        }
        while let Some(Queued { section, codec, packet, at }) = outgoing.queue.pop_front() {
            let Some(section) = sections.get_mut(section).filter(|s| s.sender.active) else {
                continue;
            };
            // Another negotiation may have come between.
            let codec = section.codecs.get(usize::from(codec));
            let same = |c: &&Codec| c.payload_type == packet.payload_type;
            let Some(codec) = codec.filter(same) else { continue };
            let extensions = &section.extensions;
            let hop = Hop { now, mid: &section.mid, extensions, transport_sequence };
            if section.sender.write(packet, codec, &hop, buf) {
                section.sender.counters.total_packet_send_delay += now.saturating_since(at);
                return true;
            }
        }
        false
    }
}
