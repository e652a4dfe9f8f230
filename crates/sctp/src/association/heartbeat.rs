//! HEARTBEAT: is the path alive, and how long is it? RFC 9260 §8.3.

use std::collections::VecDeque;

use sansio::Instant;

use super::state::{Association, State};
use super::timers::Timer;
use crate::chunk;
use crate::packet::PacketBuilder;
use crate::parameter::HeartbeatInfo;

/// Answers that wait at most. More are dropped: the other side sends another.
const MAX_ANSWERS: usize = 4;
/// Bytes of a nonce.
const NONCE: usize = 8;
/// Bytes of our HEARTBEAT chunk: its header, the parameter's, the nonce.
const CHUNK: usize = 4 + 4 + NONCE;

/// Probes, both ways.
#[derive(Debug, Default)]
pub(super) struct Heartbeat {
    /// One is to be sent.
    due: bool,
    /// One is under way: its nonce, and when it was sent.
    awaited: Option<([u8; NONCE], Instant)>,
    /// What came from the other side and goes back.
    pub(super) answers: VecDeque<Vec<u8>>,
}

impl Association {
    /// The next probe, counted from the last sign of use: the interval, and an RTO with a jitter
    /// of half of it.
    pub(super) fn schedule_heartbeat(&mut self, from: Instant) {
        if let Some(interval) = self.config.heartbeat_interval {
            let jitter = f64::from(self.rng.next_u32()) / f64::from(u32::MAX) + 0.5;
            let rto = self.rto.current().mul_f64(jitter);
            self.timers.set(Timer::Heartbeat, from + interval + rto);
        }
    }

    /// It is time for a probe, if the path is idle.
    pub(super) fn heartbeat_expired(&mut self, now: Instant) {
        if self.heartbeat.awaited.take().is_some() {
            // §8.3: not answered.
            self.rto.back_off();
            if !self.count_error() {
                return;
            }
        }
        let idle_since = self.sending.last.unwrap_or(Instant::ZERO);
        let interval = self.config.heartbeat_interval.unwrap_or_default();
        if now - idle_since < interval {
            return self.schedule_heartbeat(idle_since);
        }
        self.heartbeat.due = matches!(
            self.state,
            State::Established | State::ShutdownPending | State::ShutdownReceived
        );
        self.release_memory();
        self.schedule_heartbeat(now);
    }

    /// The round trip is to be known. RFC 9260 §8.3 has HEARTBEAT for paths on which nothing was sent
    /// that would tell; who only receives is on such a path.
    pub(super) fn probe_round_trip(&mut self, now: Instant) {
        let patience = self.rto.current();
        let silent = self.heartbeat.awaited.is_none_or(|(_, sent)| now - sent > patience);
        self.heartbeat.due |= silent && self.can_receive();
    }

    /// Appends HEARTBEAT.
    pub(super) fn write_heartbeat(&mut self, now: Instant, packet: &mut PacketBuilder<'_>) {
        if packet.room() < CHUNK || !core::mem::take(&mut self.heartbeat.due) {
            return;
        }
        let mut nonce = [0; NONCE];
        self.rng.fill(&mut nonce);
        self.heartbeat.awaited = Some((nonce, now));
        chunk::Heartbeat { info: HeartbeatInfo { info: &nonce } }.write(packet.out());
    }

    /// HEARTBEAT from the other side.
    pub(super) fn handle_heartbeat(&mut self, heartbeat: &chunk::Heartbeat<'_>) -> bool {
        let answers = &mut self.heartbeat.answers;
        let fits = heartbeat.info.info.len() + 64 <= self.config.max_packet_size;
        if fits && answers.len() < MAX_ANSWERS {
            answers.push_back(heartbeat.info.info.to_vec());
        }
        fits
    }

    /// HEARTBEAT ACK from the other side.
    pub(super) fn handle_heartbeat_ack(
        &mut self,
        now: Instant,
        ack: &chunk::HeartbeatAck<'_>,
    ) -> bool {
        let answers = |(nonce, _): &([u8; NONCE], Instant)| ack.info.info == nonce;
        let Some((_, sent)) = self.heartbeat.awaited.take_if(|awaited| answers(awaited)) else {
            return self.path_probe_answered(now, ack.info.info);
        };
        self.rto.measured(now - sent);
        self.receive_window.measured(now - sent);
        self.sending.errors = 0;
        true
    }

    /// Gives memory back that only a busy association needs.
    fn release_memory(&mut self) {
        self.outstanding.release();
        self.reassembly.release();
        self.queue.shrink();
        self.delivery.release();
        self.events.shrink_to_fit();
    }
}
