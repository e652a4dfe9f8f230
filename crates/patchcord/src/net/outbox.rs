//! Datagrams that were pulled and not sent yet, and how they are grouped for the kernel.

use core::net::{IpAddr, SocketAddr};
use core::task::{Context, Poll};

use sansio::Ecn;

use super::{Port, Sockets};

/// A datagram in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packet<P = Port> {
    pub(crate) head: Head<P>,
    /// Bytes.
    pub(crate) len: usize,
}

/// What datagrams of one system call have in common. Who has one socket alone needs no port (`()`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head<P = Port> {
    pub(crate) port: P,
    pub(crate) source: Option<IpAddr>,
    pub(crate) destination: SocketAddr,
    pub(crate) ecn: Ecn,
}

/// Neighbours that go out in one system call: `count` datagrams of `segment` bytes, the last of
/// which may be shorter, `len` in total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run<P = Port> {
    pub(crate) head: Head<P>,
    pub(crate) count: usize,
    pub(crate) segment: usize,
    pub(crate) len: usize,
}

/// One buffer for all datagrams of one round, back to back in the order in which they were pulled.
///
/// It is filled only when it is empty. When a socket takes no more, what is left waits here, and
/// peers are not pulled: their datagrams are built when they can be sent, so nothing goes stale and
/// nothing piles up.
#[derive(Debug)]
pub(crate) struct Outbox<P = Port> {
    pub(crate) bytes: Vec<u8>,
    packets: Vec<Packet<P>>,
    /// Of `bytes` and `packets`, those that are done.
    sent: (usize, usize),
}

impl<P> Default for Outbox<P> {
    fn default() -> Self {
        Self { bytes: Vec::new(), packets: Vec::new(), sent: (0, 0) }
    }
}

impl<P: Copy + PartialEq> Outbox<P> {
    /// A packet whose bytes were just appended.
    pub(crate) fn push(&mut self, packet: Packet<P>) {
        self.packets.push(packet);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.packets.len() == self.sent.1
    }

    /// The next run and its bytes, of at most `max_segments(head)` datagrams.
    pub(crate) fn next_run(
        &self,
        max_segments: impl FnOnce(&Head<P>) -> usize,
    ) -> Option<(Run<P>, &[u8])> {
        let packets = self.packets.get(self.sent.1..)?;
        let run = leading_run(packets, max_segments(&packets.first()?.head))?;
        Some((run, self.bytes.get(self.sent.0..self.sent.0 + run.len)?))
    }

    /// The run was sent, or was lost.
    pub(crate) fn advance(&mut self, run: &Run<P>) {
        self.sent.0 += run.len;
        self.sent.1 += run.count;
        if self.is_empty() {
            self.clear();
        }
    }

    /// Drops bytes that belong to no packet: who was appending them has panicked.
    pub(crate) fn forget_unfinished(&mut self) {
        let waiting = self.packets.get(self.sent.1..).unwrap_or_default();
        let len: usize = waiting.iter().map(|packet| packet.len).sum();
        self.bytes.truncate(self.sent.0 + len);
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.packets.clear();
        self.sent = (0, 0);
    }
}

impl Outbox {
    /// Ready when the socket that the next run waits for takes datagrams; pending when nothing
    /// waits.
    pub(crate) fn poll_ready(&self, cx: &mut Context<'_>, sockets: &Sockets) -> Poll<()> {
        match self.packets.get(self.sent.1) {
            Some(packet) => sockets.poll_send_ready(cx, &packet.head),
            None => Poll::Pending,
        }
    }
}

/// A segmented send is one UDP datagram for the kernel until it is cut:
/// 65535 - 40 (IPv6) - 8 (UDP) bytes.
const MAX_RUN: usize = 65_487;

/// The longest run that `packets` begin with.
fn leading_run<P: Copy + PartialEq>(packets: &[Packet<P>], max_segments: usize) -> Option<Run<P>> {
    let (first, rest) = packets.split_first()?;
    let mut run = Run { head: first.head, count: 1, segment: first.len, len: first.len };
    let mut last = first.len;
    for packet in rest {
        // Only the last one may be shorter.
        let fits = packet.head == run.head
            && last == run.segment
            && packet.len <= run.segment
            && packet.len > 0
            && run.count < max_segments
            && run.len + packet.len <= MAX_RUN;
        if !fits {
            break;
        }
        run.count += 1;
        run.len += packet.len;
        last = packet.len;
    }
    Some(run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mux::Lane;

    fn packet(port: u16, ecn: Ecn, len: usize) -> Packet {
        let destination = SocketAddr::from(([192, 0, 2, 1], port));
        Packet { head: Head { port: Port::Shared(Lane(0)), source: None, destination, ecn }, len }
    }

    /// Lengths and counts of all runs.
    fn runs(packets: &[Packet], max_segments: usize) -> Vec<(usize, usize)> {
        let mut outbox = Outbox::default();
        for packet in packets {
            outbox.bytes.resize(outbox.bytes.len() + packet.len, 0);
            outbox.push(*packet);
        }
        let mut found = Vec::new();
        while let Some((run, bytes)) = outbox.next_run(|_| max_segments) {
            assert_eq!(bytes.len(), run.len);
            assert!(run.segment >= run.len / run.count);
            found.push((run.count, run.len));
            outbox.advance(&run);
        }
        assert!(outbox.is_empty() && outbox.bytes.is_empty());
        found
    }

    #[test]
    fn equal_neighbours_are_one_run_and_a_shorter_one_ends_it() {
        let lens = [1000, 1000, 1000, 40, 1000, 1000].map(|len| packet(1, Ecn::NotEct, len));
        assert_eq!(runs(&lens, 64), [(4, 3040), (2, 2000)]);
    }

    #[test]
    fn bytes_without_a_packet_are_forgotten() {
        let mut outbox = Outbox::default();
        for (n, bytes) in ["one", "two", "half"].into_iter().enumerate() {
            outbox.bytes.extend_from_slice(bytes.as_bytes());
            if n < 2 {
                outbox.push(packet(n as u16, Ecn::NotEct, bytes.len()));
            }
        }
        let (first, _) = outbox.next_run(|_| 1).unwrap();
        outbox.advance(&first);
        outbox.forget_unfinished();
        assert_eq!(outbox.bytes, b"onetwo");
        let (second, bytes) = outbox.next_run(|_| 1).unwrap();
        assert_eq!(bytes, b"two");
        outbox.advance(&second);
        assert!(outbox.is_empty());
    }

    #[test]
    fn a_longer_one_begins_a_run() {
        let lens = [40, 1000, 1000].map(|len| packet(1, Ecn::NotEct, len));
        assert_eq!(runs(&lens, 64), [(1, 40), (2, 2000)]);
    }

    #[test]
    fn destination_and_ecn_separate_runs() {
        let mixed = [
            packet(1, Ecn::NotEct, 100),
            packet(2, Ecn::NotEct, 100),
            packet(2, Ecn::Ect0, 100),
            packet(2, Ecn::Ect0, 100),
            packet(1, Ecn::Ect0, 100),
        ];
        assert_eq!(runs(&mixed, 64), [(1, 100), (1, 100), (2, 200), (1, 100)]);
    }

    #[test]
    fn lane_and_source_separate_runs() {
        let mut other = [packet(1, Ecn::NotEct, 100); 3];
        other[1].head.port = Port::Shared(Lane(1));
        other[2].head.source = Some(IpAddr::from([10, 0, 0, 1]));
        assert_eq!(runs(&other, 64), [(1, 100), (1, 100), (1, 100)]);
    }

    #[test]
    fn the_system_limits_segments_and_bytes() {
        assert_eq!(runs(&[packet(1, Ecn::NotEct, 10); 5], 2), [(2, 20), (2, 20), (1, 10)]);
        assert_eq!(runs(&[packet(1, Ecn::NotEct, 10); 2], 1), [(1, 10), (1, 10)]);
        assert_eq!(runs(&[packet(1, Ecn::NotEct, 10); 2], 0), [(1, 10), (1, 10)]);
        assert_eq!(
            runs(&[packet(1, Ecn::NotEct, 1400); 64], 64),
            [(46, 46 * 1400), (18, 18 * 1400)]
        );
    }

    #[test]
    fn empty_datagrams_go_alone() {
        assert_eq!(runs(&[packet(1, Ecn::NotEct, 0); 2], 64), [(1, 0), (1, 0)]);
        assert_eq!(runs(&[], 64), []);
    }

    proptest::proptest! {
        /// Whatever is pulled: every byte leaves once and in order, and each run is one that the
        /// kernel cuts into the very datagrams that were pulled.
        #[test]
        fn runs_are_the_datagrams_in_order(
            packets in proptest::collection::vec((0..2u16, 0..4usize, 0..2u8), 0..40),
            max_segments in 1..6usize,
        ) {
            let packets: Vec<Packet> = packets
                .iter()
                .map(|&(port, len, ecn)| {
                    packet(port, if ecn == 0 { Ecn::NotEct } else { Ecn::Ect0 }, len)
                })
                .collect();
            let mut outbox = Outbox::default();
            for (n, packet) in packets.iter().enumerate() {
                outbox.bytes.resize(outbox.bytes.len() + packet.len, n as u8);
                outbox.push(*packet);
            }
            let all = outbox.bytes.clone();
            let (mut left, mut offset) = (&packets[..], 0);
            while let Some((run, bytes)) = outbox.next_run(|_| max_segments) {
                assert_eq!(bytes, &all[offset..offset + run.len]);
                let (these, rest) = left.split_at(run.count);
                let mut cut = bytes.chunks(run.segment.max(1));
                for packet in these {
                    assert_eq!(packet.head, run.head);
                    assert_eq!(cut.next().map_or(0, <[u8]>::len), packet.len);
                }
                assert!(run.count <= max_segments && cut.next().is_none());
                (left, offset) = (rest, offset + run.len);
                outbox.advance(&run);
            }
            assert!(left.is_empty() && outbox.is_empty());
        }
    }
}
