//! One stream for the other side, whatever its sources: sequence numbers and timestamps continue
//! when one track takes the place of another (W3C `replaceTrack`).

use core::time::Duration;

use rtp::Ssrc;
use sansio::Instant;

use crate::media::RtpPacket;

#[derive(Clone, Copy, Debug)]
pub(super) struct Continuity {
    /// What the next track begins with, or one past the highest number so far.
    next: u64,
    /// The timestamp of the packet with the highest number, and when it was sent.
    last: Option<(u32, Instant)>,
    first_timestamp: u32,
    track: Option<Track>,
}

#[derive(Clone, Copy, Debug)]
struct Track {
    source: Ssrc,
    /// Packets before this one belong to nobody: another track has their numbers.
    first: u64,
    /// What is added, modulo 2^64.
    sequence: u64,
    /// What is added, modulo 2^32.
    timestamp: u32,
}

/// Where a packet stands in our stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) sequence: u64,
    pub(super) timestamp: u32,
}

impl Continuity {
    /// Room for packets that come in disorder before the first.
    const BELOW: u64 = 1 << 16;

    /// Starts at random numbers (RFC 3550 §5.1). A first sequence number in the lower half keeps
    /// old receivers from a rollover before they have seen enough.
    pub(super) fn new(random: u64) -> Self {
        Self {
            next: Self::BELOW + (random & 0x7fff),
            last: None,
            first_timestamp: (random >> 32) as u32,
            track: None,
        }
    }

    /// What comes from now on is another track.
    pub(super) fn replace_track(&mut self) {
        self.track = None;
    }

    /// `None`: it is older than its track.
    pub(super) fn place(
        &mut self,
        now: Instant,
        packet: &RtpPacket,
        clock_rate: u32,
    ) -> Option<Place> {
        let track = match self.track {
            Some(track) if track.source == packet.ssrc => track,
            _ => self.begin(now, packet, clock_rate),
        };
        let sequence = packet.sequence_number.wrapping_add(track.sequence);
        if sequence < track.first {
            return None;
        }
        let timestamp = packet.timestamp.wrapping_add(track.timestamp);
        if sequence >= self.next {
            self.next = sequence.saturating_add(1);
            self.last = Some((timestamp, now));
        }
        Some(Place { sequence, timestamp })
    }

    /// The number of a packet of ours from its low half: the one that is next to what was sent.
    pub(super) fn recall(&self, low: u16) -> u64 {
        let highest = self.next.saturating_sub(1);
        let behind = (highest as u16).wrapping_sub(low);
        highest.saturating_sub(u64::from(behind))
    }

    /// Something was sent within this time.
    pub(super) fn is_recent(&self, now: Instant, within: Duration) -> bool {
        self.last.is_some_and(|(_, at)| now.saturating_since(at) < within)
    }

    /// The timestamp of `now`, in the stream's clock (RFC 3550 §6.4.1).
    pub(super) fn timestamp(&self, now: Instant, clock_rate: u32) -> Option<u32> {
        let (timestamp, at) = self.last?;
        Some(timestamp.wrapping_add(ticks(now.saturating_since(at), clock_rate)))
    }

    fn begin(&mut self, now: Instant, packet: &RtpPacket, clock_rate: u32) -> Track {
        let is_first = self.last.is_none();
        // The next frame of another track comes at least a tick later.
        let start = self.timestamp(now, clock_rate).map_or(self.first_timestamp, |t| {
            let step = u32::from(self.last.is_some_and(|(_, at)| at == now));
            t.wrapping_add(step)
        });
        let track = Track {
            source: packet.ssrc,
            first: if is_first { self.next - Self::BELOW } else { self.next },
            sequence: self.next.wrapping_sub(packet.sequence_number),
            timestamp: start.wrapping_sub(packet.timestamp),
        };
        *self.track.insert(track)
    }
}

/// A duration in units of a clock, modulo 2^32.
pub(super) fn ticks(duration: Duration, clock_rate: u32) -> u32 {
    let ticks = duration.as_nanos() * u128::from(clock_rate) / 1_000_000_000;
    ticks as u32
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use rtp::PayloadType;

    use super::*;

    fn packet(ssrc: u32, sequence: u64, timestamp: u32) -> RtpPacket {
        let payload_type = PayloadType::from_low_bits(96);
        let mut packet = RtpPacket::new(payload_type, sequence, timestamp, Bytes::new());
        packet.ssrc = Ssrc(ssrc);
        packet
    }

    #[test]
    fn keeps_the_steps_of_a_track() {
        let mut continuity = Continuity::new(0);
        let now = Instant::ZERO;
        let mut place = |n, t| continuity.place(now, &packet(1, n, t), 90_000).expect("a place");
        let first = place(500, 9000);
        let second = place(503, 12_000);
        assert_eq!(second.sequence - first.sequence, 3);
        assert_eq!(second.timestamp - first.timestamp, 3000);
        assert_eq!(place(499, 9000).sequence, first.sequence - 1, "in disorder before the first");
    }

    #[test]
    fn continues_with_another_track() {
        let mut continuity = Continuity::new(7);
        let second = Instant::from_millis(1000);
        let a = continuity.place(Instant::ZERO, &packet(1, 500, 9000), 90_000).expect("a place");
        let b = continuity.place(second, &packet(2, 7, 1), 90_000).expect("a place");
        assert_eq!(b.sequence, a.sequence + 1);
        assert_eq!(b.timestamp, a.timestamp.wrapping_add(90_000));
        assert_eq!(continuity.place(second, &packet(2, 6, 1), 90_000), None, "a's number");
    }

    #[test]
    fn recalls_a_number_from_its_low_half() {
        let mut continuity = Continuity::new(0);
        for n in [0, 70_000] {
            continuity.place(Instant::ZERO, &packet(1, n, 0), 90_000).expect("a place");
        }
        let highest = Continuity::BELOW + 70_000;
        for behind in [0, 1, 5000] {
            assert_eq!(continuity.recall((highest - behind) as u16), highest - behind);
        }
    }
}
