//! What one socket asks its STUN server, and when.

use core::net::SocketAddr;
use core::time::Duration;

use sansio::{Instant, Rng};
use stun::attribute::{AlternateServer, ErrorCode, MappedAddress, XorMappedAddress};
use stun::{Class, Message, MessageBuilder, Method, Schedule, Transaction};

/// Asks where the server sees us, and again from time to time: that keeps the mapping of a NAT
/// alive for connections to come, and notices when it changes.
#[derive(Debug)]
pub(crate) struct Query {
    server: SocketAddr,
    /// Who is asked: the server, or the one that it has named in its place.
    asked: SocketAddr,
    /// The question that waits for its answer.
    transaction: Option<Transaction>,
    /// When to ask next.
    next: Instant,
    /// It is known what there is to know: the first question had its answer, or had none in time.
    settled: bool,
    /// The question before this one had an answer.
    answered: bool,
}

impl Query {
    /// Requests at 0, 500 and 1500 ms, given up at 3500 ms: RFC 8489 §6.2.1 has seven of them and
    /// 39.5 s, for which no call waits.
    const SCHEDULE: Schedule =
        Schedule { rto: Duration::from_millis(500), requests: 3, patience: 4 };
    /// Between an end and the next question. NATs forget after 30 s at the earliest that are still
    /// met, though RFC 4787 §4.3 asks for two minutes.
    const PAUSE: Duration = Duration::from_secs(20);
    /// What is not asked again: calls doubt after 2 s of silence, so it was said after theirs began.
    const BREATH: Duration = Duration::from_secs(2);

    /// A query whose first question is due now.
    pub(crate) fn new(now: Instant, server: SocketAddr) -> Self {
        let asked = server;
        Self { server, asked, transaction: None, next: now, settled: false, answered: false }
    }

    /// Appends a request, if one is due.
    pub(crate) fn poll_transmit(
        &mut self,
        now: Instant,
        rng: &mut dyn Rng,
        out: &mut Vec<u8>,
    ) -> bool {
        if self.transaction.is_none() && now >= self.next {
            let mut id = [0; 12];
            rng.fill(&mut id);
            self.transaction = Some(Transaction::new(now, id.into(), Self::SCHEDULE));
        }
        let Some(transaction) = &mut self.transaction else { return false };
        if transaction.is_timed_out(now) {
            self.end(now, false);
            return false;
        }
        let due = transaction.poll_transmit(now);
        if due {
            MessageBuilder::request(out, Method::BINDING, transaction.id()).fingerprint();
        }
        due
    }

    /// Takes a datagram if it is the server's answer. `Some(None)`: it is, and brings no address. If it
    /// names another server, that is asked (RFC 8489 §10), but where that one points to nobody goes.
    pub(crate) fn handle_input(
        &mut self,
        now: Instant,
        remote: SocketAddr,
        datagram: &[u8],
    ) -> Option<Option<SocketAddr>> {
        let transaction = self.transaction.as_ref().filter(|_| remote == self.asked)?;
        let message = Message::parse(datagram).ok()?;
        if message.transaction_id() != transaction.id() || message.method() != Method::BINDING {
            return None;
        }
        let mapped = match message.class() {
            Class::SuccessResponse => {
                let mapped = message.get().ok().flatten().map(|XorMappedAddress(mapped)| mapped);
                // RFC 8489 §11: all that servers of RFC 3489 know.
                mapped.or_else(|| message.get().ok().flatten().map(|MappedAddress(m)| m))
            }
            Class::ErrorResponse => {
                if let Some(other) = self.alternate(&message) {
                    self.asked = other;
                    self.restart(now);
                    return Some(None);
                }
                None
            }
            Class::Request | Class::Indication => return None,
        };
        self.end(now, true);
        Some(mapped)
    }

    /// The next question is due now, whatever became of the last one.
    pub(crate) fn restart(&mut self, now: Instant) {
        (self.transaction, self.next) = (None, now);
    }

    /// What the server said may not be true any more: the next question is due now. But many doubt
    /// at a time, and what was said a moment ago is believed.
    pub(crate) fn doubt(&mut self, now: Instant) {
        if self.settled && self.next + Self::BREATH <= now + Self::PAUSE {
            self.next = self.next.min(now);
        }
    }

    /// When there is something to do.
    pub(crate) fn poll_timeout(&self) -> Instant {
        self.transaction.as_ref().map_or(self.next, Transaction::poll_timeout)
    }

    pub(crate) fn server(&self) -> SocketAddr {
        self.server
    }

    /// Where the next request goes.
    pub(crate) fn asked(&self) -> SocketAddr {
        self.asked
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.settled
    }

    /// Whether the server has answered the question before this one.
    pub(crate) fn is_answered(&self) -> bool {
        self.answered
    }

    /// The server that is to be asked in place of this one.
    fn alternate(&self, refusal: &Message<'_>) -> Option<SocketAddr> {
        let code = refusal.get::<ErrorCode<'_>>().ok().flatten()?.code();
        let AlternateServer(other) = refusal.get().ok().flatten()?;
        let is_host = other.port() != 0 && !other.ip().is_unspecified();
        let is_host = is_host && !other.ip().is_multicast();
        let is_first = self.asked == self.server && other != self.server;
        let is_like_it = other.is_ipv4() == self.server.is_ipv4();
        (code == 300 && is_first && is_host && is_like_it).then_some(other)
    }

    fn end(&mut self, now: Instant, answered: bool) {
        if !answered {
            self.asked = self.server;
        }
        (self.transaction, self.settled, self.answered) = (None, true, answered);
        self.next = now + Self::PAUSE;
    }
}

#[cfg(test)]
mod tests;
