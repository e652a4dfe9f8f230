//! The end of an association: ABORT (RFC 9260 §9.1), and what is left behind.

use sansio::Instant;

use super::state::{Association, State};
use crate::cause::{Cause, ProtocolViolation, UserAbort};
use crate::error::{CloseReason, Violation};
use crate::event::Event;

/// Bytes of the application's reason that fit any packet.
const MAX_REASON: usize = 1024;

impl Association {
    /// Ends the association at once. What is not acknowledged may be lost. `reason` goes to the
    /// other side, cut to 1024 bytes and to a packet.
    pub fn abort(&mut self, _now: Instant, reason: &[u8]) {
        let room = self.config.max_packet_size.saturating_sub(32).min(MAX_REASON);
        let reason = reason.get(..room).unwrap_or(reason);
        match self.state {
            State::Ended => {}
            State::Closed | State::CookieWait { .. } => self.end(CloseReason::LocalAbort),
            _ => {
                self.end(CloseReason::LocalAbort);
                self.reply_abort(self.remote.tag, false, &[Cause::UserAbort(UserAbort { reason })]);
            }
        }
    }

    /// Ends the association because the other side broke a rule.
    pub(super) fn violate(&mut self, violation: Violation, causes: &[Cause<'_>]) {
        self.end(CloseReason::Violation(violation));
        let details = violation.to_string();
        let default = [Cause::ProtocolViolation(ProtocolViolation { details: details.as_bytes() })];
        let causes = if causes.is_empty() { &default } else { causes };
        self.reply_abort(self.remote.tag, false, causes);
    }

    /// The end. Messages that arrived stay readable; what was to be sent is dropped.
    pub(super) fn end(&mut self, reason: CloseReason) {
        if matches!(self.state, State::Ended) {
            return;
        }
        self.state = State::Ended;
        self.timers.stop_all();
        self.replies.clear();
        self.pending = Default::default();
        self.ack = Default::default();
        self.queue.end();
        self.outstanding = crate::outgoing::Outstanding::new(self.outstanding.next_tsn());
        self.resets.end();
        self.heartbeat = Default::default();
        self.reassembly.release();
        self.events.push_back(Event::Closed(reason));
    }
}
