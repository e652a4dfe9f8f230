//! The retransmissions of a client transaction, RFC 8489 §6.2.

use core::time::Duration;

use sansio::Instant;

use crate::TransactionId;

/// When a request is sent again, and when it is given up.
///
/// With the defaults, in milliseconds:
///
/// ```text
/// 0   500   1500   3500   7500   15500   31500           39500
/// |----|------|------|------|-------|-------|---------------|
/// 1    2      3      4      5       6       7           timed out
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Between the first two requests; each interval after it is twice as long. Default 500 ms,
    /// the least that RFC 8489 §6.2.1 allows where nothing is known of the path. ICE computes its
    /// own (RFC 8445 §14.3).
    pub rto: Duration,
    /// How many times the request is sent, Rc. Default 7, RFC 8489 §6.2.1.
    pub requests: u32,
    /// How many times `rto` to wait after the last one, Rm. Default 16, RFC 8489 §6.2.1.
    pub patience: u32,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { rto: Duration::from_millis(500), requests: 7, patience: 16 }
    }
}

impl Schedule {
    /// Over TCP and TLS: one request, and 39.5 s to answer it (Ti, RFC 8489 §6.2.2).
    pub const RELIABLE: Self =
        Self { rto: Duration::from_millis(39_500), requests: 1, patience: 1 };

    /// From request number `sent` (the first is 1) to the next, or to giving up.
    fn interval(&self, sent: u32) -> Duration {
        if sent >= self.requests {
            self.rto.saturating_mul(self.patience)
        } else {
            let doublings = sent.saturating_sub(1);
            self.rto.saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX))
        }
    }
}

/// A request that waits for its response. It keeps the time and the id; the caller keeps the
/// bytes, or builds equal ones each time, and matches responses by the id.
///
/// ```
/// # use core::time::Duration;
/// # use patchcord_stun::*;
/// # let (id, start) = (TransactionId::from([7; 12]), sansio::Instant::ZERO);
/// let mut transaction = Transaction::new(start, id, Schedule::default());
/// assert!(transaction.poll_transmit(start), "the first request goes at once");
/// assert!(!transaction.poll_transmit(start), "the second one half a second later");
/// assert_eq!(transaction.poll_timeout(), start + Duration::from_millis(500));
/// ```
#[derive(Clone, Debug)]
pub struct Transaction {
    id: TransactionId,
    schedule: Schedule,
    sent: u32,
    first_sent: Instant,
    /// When the next request is due, or, after the last one, when patience ends.
    due: Instant,
}

impl Transaction {
    /// A transaction whose first request is due now.
    pub fn new(now: Instant, id: TransactionId, schedule: Schedule) -> Self {
        Self { id, schedule, sent: 0, first_sent: now, due: now }
    }

    /// Sends no more requests, but still takes a response until the time is up in which one could
    /// come: what RFC 8445 §7.3.1.4 calls cancelling. A transaction that has not sent anything
    /// has nothing to wait for.
    pub fn cancel(&mut self, now: Instant) {
        let end = self.end();
        self.schedule.requests = self.sent;
        self.due = if self.sent == 0 { now } else { end };
    }

    /// Whether to send the request now. A `true` counts as sent.
    pub fn poll_transmit(&mut self, now: Instant) -> bool {
        let due = self.sent < self.schedule.requests && now >= self.due;
        if due {
            if self.sent == 0 {
                self.first_sent = now;
            }
            self.sent += 1;
            // From now, not from when it was due: a late request gets its full time.
            self.due = now + self.schedule.interval(self.sent);
        }
        due
    }

    /// When to ask again whether to send, or whether the time is out. A transaction that is timed
    /// out has nothing to wait for any more: its owner drops it.
    pub const fn poll_timeout(&self) -> Instant {
        self.due
    }

    /// Whether the last request has waited in vain.
    pub fn is_timed_out(&self, now: Instant) -> bool {
        self.sent >= self.schedule.requests && now >= self.due
    }

    /// The id of its messages.
    pub const fn id(&self) -> TransactionId {
        self.id
    }

    /// How many times the request was sent.
    pub const fn requests_sent(&self) -> u32 {
        self.sent
    }

    /// The round-trip time, when a response came at `received` to a request that was sent once.
    /// Of several it is not known which one was answered (Karn's algorithm, RFC 8489 §6.2.1).
    pub fn round_trip(&self, received: Instant) -> Option<Duration> {
        (self.sent == 1).then(|| received.saturating_since(self.first_sent))
    }

    /// How long the answer took, counted from the first request: no less than the round trip, also
    /// when the request was repeated.
    pub const fn elapsed(&self, received: Instant) -> Duration {
        received.saturating_since(self.first_sent)
    }

    /// When patience would end if everything that remains were sent on time.
    fn end(&self) -> Instant {
        (self.sent + 1..=self.schedule.requests)
            .fold(self.due, |due, number| due + self.schedule.interval(number))
    }
}

#[cfg(test)]
mod tests;
