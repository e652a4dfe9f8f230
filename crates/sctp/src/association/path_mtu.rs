//! How large packets may be: DPLPMTUD, RFC 8899. Packets begin at a size that any path carries; when
//! there is much to send, probes look for a larger one.
//!
//! ```text
//!   Idle ── a full packet left ──► Searching ── the largest passes, or the gap is small ──► Complete
//!    ▲                                │ ▲                                                    │
//!    │                                └─┘ the next probe: the largest first, then halves     │
//!    └──── another path, a black hole, or PMTU_RAISE_TIMER ──────────────────────────────────┘
//! ```
//!
//! DATA chunks stay so small that they fit the first size: a chunk that was sent cannot be cut any
//! more, and would be stuck in front of a black hole. Larger packets hold several.

use core::time::Duration;

use sansio::Instant;

use super::state::{Association, State};
use super::timers::Timer;
use crate::chunk::{Heartbeat, Pad};
use crate::config::Config;
use crate::packet::{HEADER_LEN, PacketBuilder};
use crate::parameter::HeartbeatInfo;

/// A size does not pass if so many probes in a row are not answered (MAX_PROBES, RFC 8899 §5.1.2).
const MAX_PROBES: u32 = 3;
/// The search is over when it could gain no more than this, bytes.
const MIN_GAIN: usize = 16;
/// With so many retransmissions behind it, a chunk goes out in a packet of the first size.
const MAX_RETRANSMISSIONS: u16 = 2;
/// PMTU_RAISE_TIMER, RFC 8899 §5.1.1: when to look whether the path carries more by now.
const RAISE: Duration = Duration::from_secs(600);
/// A packet with less room than this is full, bytes.
const FULL: usize = 256;
/// Bytes of a nonce.
const NONCE: usize = 8;
/// Bytes of a probe besides its padding: HEARTBEAT with its parameter and nonce, PAD's header.
const OVERHEAD: usize = HEADER_LEN + 4 + 4 + NONCE + 4;

/// What is known about the path, and the search.
#[derive(Debug)]
pub(super) struct PathMtu {
    /// BASE_PLPMTU: passes anyway.
    base: usize,
    /// MAX_PLPMTU.
    max: usize,
    /// PLPMTU: passes by all that is known.
    size: usize,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    /// Nothing was sent that would profit.
    Idle,
    Searching(Search),
    Complete,
}

#[derive(Debug)]
struct Search {
    /// Bytes of the probe.
    probing: usize,
    /// The smallest size that is known not to pass, if it is not above the largest.
    too_large: Option<usize>,
    /// Probes of this size that were not answered.
    lost: u32,
    /// A probe is to be sent.
    due: bool,
    nonce: [u8; NONCE],
}

impl PathMtu {
    pub(super) fn new(config: &Config) -> Self {
        let base = config.max_packet_size;
        // A probe is made of chunks.
        let max = config.max_plpmtu.map_or(base, |max| max & !3).max(base);
        Self { base, max, size: base, phase: Phase::Idle }
    }

    /// Bytes of the largest packet.
    #[inline]
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// The path is another, or carries less than was known.
    fn forget(&mut self) {
        (self.size, self.phase) = (self.base, Phase::Idle);
    }

    /// The next probe has so many bytes; or the search is over.
    fn next_probe(&mut self, too_large: Option<usize>) {
        let probing = match too_large {
            None => self.max,
            Some(limit) => (self.size + (limit - self.size) / 2) & !3,
        };
        let gap = too_large.unwrap_or(self.max) - self.size;
        let worth = probing > self.size && (too_large.is_none() || gap > MIN_GAIN);
        self.phase = if worth {
            Phase::Searching(Search { probing, too_large, lost: 0, due: true, nonce: [0; NONCE] })
        } else {
            Phase::Complete
        };
    }
}

impl Association {
    /// Bytes of the largest packet that is sent, by what is known of the path (PLPMTU, RFC 8899
    /// §5.1.3).
    pub fn packet_size(&self) -> usize {
        self.path_mtu.size()
    }

    /// Packets take another path from now on: its MTU is searched for anew.
    pub fn path_changed(&mut self, _now: Instant) {
        self.path_mtu.forget();
        self.timers.stop(Timer::PathMtu);
    }

    /// A packet with DATA left that has so much room: more of them would profit.
    #[inline]
    pub(super) fn search_path_mtu(&mut self, room: usize) {
        let larger = self.path_mtu.max > self.path_mtu.size;
        if larger && room < FULL && matches!(self.path_mtu.phase, Phase::Idle) {
            self.path_mtu.next_probe(None);
        }
    }

    /// Appends a probe, in a packet of its own.
    pub(super) fn transmit_path_probe(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<usize> {
        let open = matches!(
            self.state,
            State::Established | State::ShutdownPending | State::ShutdownReceived
        );
        let Phase::Searching(search) = &mut self.path_mtu.phase else { return None };
        if !open || !core::mem::take(&mut search.due) {
            return None;
        }
        self.rng.fill(&mut search.nonce);
        let (nonce, size) = (search.nonce, search.probing);
        let mut packet = PacketBuilder::new(buf, self.header(self.remote.tag), size);
        Heartbeat { info: HeartbeatInfo { info: &nonce } }.write(packet.out());
        Pad { len: size.saturating_sub(OVERHEAD) }.write(packet.out());
        self.timers.set(Timer::PathMtu, now + self.rto.current());
        self.counters.path_probes += 1;
        self.finish_packet(packet)
    }

    /// HEARTBEAT ACK from the other side. Returns whether it answers a probe: the size passes.
    pub(super) fn path_probe_answered(&mut self, now: Instant, info: &[u8]) -> bool {
        let Phase::Searching(search) = &self.path_mtu.phase else { return false };
        if search.due || info != search.nonce {
            return false;
        }
        let too_large = search.too_large;
        self.path_mtu.size = search.probing;
        self.timers.stop(Timer::PathMtu);
        self.next_path_probe(now, too_large.unwrap_or(self.path_mtu.max));
        true
    }

    /// A probe was not answered, or it is time to look again.
    pub(super) fn path_mtu_expired(&mut self, now: Instant) {
        match &mut self.path_mtu.phase {
            Phase::Idle => {}
            Phase::Searching(search) => {
                search.lost += 1;
                if search.lost < MAX_PROBES {
                    search.due = true;
                    return;
                }
                // RFC 8899 §3 (7): no sign of congestion.
                let too_large = search.probing;
                self.next_path_probe(now, too_large);
            }
            Phase::Complete => self.path_mtu.phase = Phase::Idle,
        }
    }

    fn next_path_probe(&mut self, now: Instant, too_large: usize) {
        self.path_mtu.next_probe(Some(too_large));
        let improvable = self.path_mtu.size < self.path_mtu.max;
        if improvable && matches!(self.path_mtu.phase, Phase::Complete) {
            self.timers.set(Timer::PathMtu, now + RAISE);
        }
    }

    /// What was sent again and again may be lost for its size.
    pub(super) fn check_black_hole(&mut self) {
        if self.path_mtu.size == self.path_mtu.base {
            return;
        }
        if let Some((_, sent)) = self.outstanding.next_lost()
            && sent.retransmissions() >= MAX_RETRANSMISSIONS
        {
            self.suspect_black_hole();
        }
    }

    /// Large packets may not pass any more (RFC 8899 §4.3). If it was something else, the next probe
    /// tells so after a round trip.
    pub(super) fn suspect_black_hole(&mut self) {
        if self.path_mtu.size > self.path_mtu.base {
            self.counters.path_fallbacks += 1;
            self.path_mtu.forget();
            self.timers.stop(Timer::PathMtu);
        }
    }
}
