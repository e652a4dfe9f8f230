//! The graceful end, RFC 9260 §9.2.
//!
//! ```text
//!   ShutdownPending   all is acknowledged
//!   ShutdownSent      SHUTDOWN ------->     ShutdownReceived: all is acknowledged here too
//!                    <------- SHUTDOWN ACK  ShutdownAckSent
//!   Ended             SHUTDOWN COMPLETE ->  Ended
//! ```

use sansio::Instant;

use super::state::{Association, State};
use super::timers::Timer;
use crate::chunk::{Sack, Shutdown, ShutdownComplete};
use crate::error::CloseReason;

/// T5 lasts so many times the largest RTO.
const GUARD: u32 = 5;

impl Association {
    /// Ends the association when all that was sent is acknowledged, and all that the other side
    /// sent has arrived. An association that does not stand yet ends at once.
    pub fn shutdown(&mut self, now: Instant) {
        match self.state {
            State::Closed | State::CookieWait { .. } | State::CookieEchoed { .. } => {
                self.abort(now, &[]);
            }
            State::Established => {
                self.state = State::ShutdownPending;
                self.timers.set(Timer::ShutdownGuard, now + self.rto.max() * GUARD);
                self.settle(now);
                self.schedule_probe(now);
            }
            _ => {}
        }
    }

    /// Does what waited for an acknowledgement, or for a chunk.
    pub(super) fn settle(&mut self, now: Instant) {
        self.perform_deferred_reset();
        self.request_re_config(now);
        if !self.outstanding.is_empty() || self.queue.buffered() > 0 {
            return;
        }
        match self.state {
            State::ShutdownPending => {
                self.state = State::ShutdownSent;
                self.pending.shutdown = true;
            }
            State::ShutdownReceived => {
                self.state = State::ShutdownAckSent;
                self.pending.shutdown_ack = true;
            }
            _ => return,
        }
        self.timers.set(Timer::Shutdown, now + self.rto.current());
    }

    /// SHUTDOWN from the other side.
    pub(super) fn handle_shutdown(&mut self, now: Instant, shutdown: &Shutdown) -> bool {
        match self.state {
            State::Established | State::ShutdownPending | State::ShutdownReceived => {
                let room = self.remote.window + self.outstanding.unacked();
                let window = u32::try_from(room).unwrap_or(u32::MAX);
                self.handle_sack(now, &Sack::new(shutdown.cumulative_tsn, window, &[], &[]));
                if matches!(self.state, State::Ended) {
                    return true;
                }
                self.state = State::ShutdownReceived;
                if !self.timers.is_running(Timer::ShutdownGuard) {
                    self.timers.set(Timer::ShutdownGuard, now + self.rto.max() * GUARD);
                }
            }
            // Both began at once.
            State::ShutdownSent => {
                self.state = State::ShutdownAckSent;
                self.pending.shutdown = false;
                self.pending.shutdown_ack = true;
                self.timers.set(Timer::Shutdown, now + self.rto.current());
            }
            // Our answer was lost.
            State::ShutdownAckSent => self.pending.shutdown_ack = true,
            _ => return false,
        }
        true
    }

    /// SHUTDOWN ACK from the other side.
    pub(super) fn handle_shutdown_ack(&mut self) -> bool {
        let expected = matches!(self.state, State::ShutdownSent | State::ShutdownAckSent);
        if expected {
            let mut chunk = Vec::new();
            ShutdownComplete { reflected: false }.write(&mut chunk);
            self.end(CloseReason::Shutdown);
            self.reply(self.remote.tag, chunk);
        }
        expected
    }

    /// SHUTDOWN COMPLETE from the other side.
    pub(super) fn handle_shutdown_complete(&mut self) -> bool {
        let expected = matches!(self.state, State::ShutdownAckSent);
        if expected {
            self.end(CloseReason::Shutdown);
        }
        expected
    }

    /// T2 expired.
    pub(super) fn retransmit_shutdown(&mut self, now: Instant) {
        match self.state {
            State::ShutdownSent => self.pending.shutdown = true,
            State::ShutdownAckSent => self.pending.shutdown_ack = true,
            _ => return,
        }
        if self.count_error() {
            self.rto.back_off();
            self.timers.set(Timer::Shutdown, now + self.rto.current());
        }
    }

    /// T5 expired.
    pub(super) fn shutdown_took_too_long(&mut self) {
        self.end(CloseReason::ShutdownTimeout);
        self.reply_abort(self.remote.tag, false, &[]);
    }
}
