//! Relays that cannot be reached as they were: our network is another one, a connection has broken,
//! the server has begun anew.
//!
//! ```text
//! our address goes, a stream breaks ─► another socket ─┬─ the allocation can move (RFC 8016): it
//! a refresh is not answered                           │  comes along, its candidate stays
//!                                                     └─ else another one: another candidate
//! no socket, no allocation ─► told; tried again after 1 s, 2 s, … 60 s, at once where there is a new
//!                             address, or a restart
//! a restart, or silence    ─► the server is asked whether it knows us, and the system by which
//!                             address it would be reached now
//! ```
//!
//! What has never been of use is not tried again by itself.

use core::net::IpAddr;
use core::time::Duration;

use sansio::{Instant, Path, Rng, Transport};
use turn::client::CloseReason;

use crate::agent::gather::Local;
use crate::agent::machine::Agent;
use crate::agent::relays::Relay;
use crate::{CandidateKind, Event, RelayError, SocketId};

/// An allocation that has lived for so long was no failure.
const LIVED: Duration = Duration::from_secs(60);

/// The longest time between two tries, and the shortest after 486 and 508 (RFC 8656 §7.4).
const MINUTE: Duration = Duration::from_secs(60);

/// How a relay fares.
#[derive(Debug, Default)]
pub(crate) struct Health {
    /// There was an allocation once.
    has_served: bool,
    /// A socket of it was open.
    pub(super) was_open: bool,
    /// Since when there is one that can be reached.
    well_since: Option<Instant>,
    /// Failures in a row.
    failures: u32,
    /// When it is tried again.
    pub(super) again: Option<Instant>,
    /// Why it is of no use at the moment, which was told; nobody waits for it.
    pub(super) failed: Option<RelayError>,
    /// A socket that shows from which address the system would speak to the server now.
    probe: Option<SocketId>,
}

impl Health {
    /// There is an allocation that can be reached.
    pub(super) fn recovered(&mut self, now: Instant) {
        (self.has_served, self.well_since, self.failed) = (true, Some(now), None);
    }

    /// A new beginning.
    fn hope(&mut self) {
        (self.failures, self.was_open, self.again, self.failed) = (0, false, None, None);
    }

    /// After how long it is tried again; `None`: not by itself.
    fn patience(
        &mut self,
        now: Instant,
        error: &RelayError,
        rng: &mut dyn Rng,
    ) -> Option<Duration> {
        if self.well_since.take().is_some_and(|since| now >= since + LIVED) {
            self.failures = 0;
        }
        let is_first = self.failures == 0;
        self.failures = self.failures.saturating_add(1);
        let (may_pass, least) = match error {
            RelayError::Unreachable => {
                (self.has_served || is_first && self.was_open, Duration::ZERO)
            }
            RelayError::Allocation(reason) => match reason {
                // RFC 8656 §7.4: 437 is about the 5-tuple, and another socket has another.
                CloseReason::AllocationMismatch => (self.has_served || is_first, Duration::ZERO),
                CloseReason::TimedOut | CloseReason::Expired => (self.has_served, Duration::ZERO),
                CloseReason::QuotaReached | CloseReason::InsufficientCapacity => {
                    (self.has_served, MINUTE)
                }
                _ => (false, Duration::ZERO),
            },
        };
        let doubled = match self.failures.checked_sub(2) {
            None => Duration::ZERO,
            Some(n) => Duration::from_secs(1 << n.min(6)).min(MINUTE),
        };
        // Many clients lose their server at the same time: up to a quarter later.
        let spread = doubled / 4 * (rng.next_u32() >> 24) / 256;
        may_pass.then_some((doubled + spread).max(least))
    }
}

impl Relay {
    /// Goes on to the next of its addresses, if at this one nobody has answered. Else it is tried
    /// from the first one on, if it is tried again.
    fn goes_on(&mut self, error: &RelayError) -> bool {
        let silent = matches!(
            error,
            RelayError::Unreachable | RelayError::Allocation(CloseReason::TimedOut)
        );
        if self.is_mobile() {
            return false;
        }
        let next = self.nth + 1;
        let goes_on = silent && next < self.server.addresses.len();
        self.nth = if goes_on { next } else { 0 };
        if goes_on {
            // That was no failure of the server.
            self.health.failures = self.health.failures.saturating_sub(1);
        }
        goes_on
    }
}

impl Agent {
    /// The socket of a relay is gone, or could not be had.
    pub(super) fn relay_closed(&mut self, now: Instant, id: SocketId) {
        if let Some(index) = self.relay_on(id) {
            self.relays[index].socket = None;
            self.relay_down(now, index, RelayError::Unreachable);
        } else if let Some(index) = self.relay_probed_by(id) {
            self.relays[index].health.probe = None;
        }
    }

    /// A relay cannot be reached, or has no allocation. One that can move may still be there.
    pub(super) fn relay_down(&mut self, now: Instant, index: usize, error: RelayError) {
        let relay = &mut self.relays[index];
        (relay.is_open, relay.until) = (false, None);
        self.events.extend(relay.socket.take().map(Event::SocketReleased));
        if !relay.is_mobile() {
            (relay.client, relay.elsewhere) = (None, None);
            self.forget_relayed(index);
        }
        let relay = &mut self.relays[index];
        let patience = relay.health.patience(now, &error, &mut *self.rng);
        if patience == Some(Duration::ZERO) || relay.goes_on(&error) {
            return self.open_relay(index);
        }
        relay.health.again = patience.map(|patience| now + patience);
        if relay.health.failed.replace(error.clone()).is_none() {
            self.events.push_back(Event::RelayFailed { relay: relay.server.id, error });
        }
    }

    /// The allocation has come along. If it carries the data, the other side is asked at once: what
    /// was asked meanwhile is lost.
    pub(super) fn relay_moved(&mut self, now: Instant, index: usize) {
        let relay = &mut self.relays[index];
        relay.health.recovered(now);
        let route = self.current.route.and_then(|route| self.current.pair_mut(route));
        if let Some(pair) = route.filter(|pair| relay.has(pair.path.local)) {
            if let Some(check) = &mut pair.check {
                check.transaction.cancel(now);
            }
            pair.cancelled = pair.check.take().or(pair.cancelled.take());
            self.current.consent.doubt = Some(now);
        }
    }

    /// A refresh was not answered. Another socket may reach the server; without a ticket it could
    /// not bring the allocation along, which is lost only with a stream.
    pub(super) fn relay_unanswered(&mut self, index: usize) {
        let relay = &self.relays[index];
        if relay.is_mobile() || relay.server.transport != Transport::Udp {
            self.reopen_relay(index);
        }
    }

    /// Nothing can be sent from this address any more: relays that were reached from there are
    /// reached from another one.
    pub(super) fn address_gone(&mut self, ip: IpAddr) {
        let is_left =
            |local: &Local| local.candidate.kind == CandidateKind::Host && local.base.ip() == ip;
        if self.locals.iter().any(is_left) {
            return;
        }
        for index in 0..self.relays.len() {
            if self.relays[index].client().is_some_and(|client| client.path().local.ip() == ip) {
                self.reopen_relay(index);
            }
        }
    }

    /// There is a new address, from which relays may be reached that could not be.
    pub(super) fn address_found(&mut self) {
        for index in 0..self.relays.len() {
            let relay = &mut self.relays[index];
            let was_out_of_reach = matches!(
                relay.health.failed,
                Some(
                    RelayError::Unreachable
                        | RelayError::Allocation(CloseReason::TimedOut | CloseReason::Expired)
                )
            );
            if relay.socket.is_none() && was_out_of_reach {
                relay.health.hope();
                self.open_relay(index);
            }
        }
    }

    /// Tries those again that are of no use, and looks after the others: a restart is a new
    /// beginning.
    pub(super) fn revive_relays(&mut self, now: Instant) {
        for index in 0..self.relays.len() {
            self.relays[index].health.hope();
            if self.relays[index].socket.is_none() {
                self.open_relay(index);
            }
        }
        self.doubt_relays(now);
    }

    /// Relays may be the reason why nothing is heard. The server may have forgotten us; or it is to
    /// be reached from another address than before, though that one is still there.
    pub(super) fn doubt_relays(&mut self, now: Instant) {
        for index in 0..self.relays.len() {
            let relay = &mut self.relays[index];
            let is_udp = relay.server.transport == Transport::Udp;
            let Some(client) = relay.client_mut() else { continue };
            client.refresh(now);
            if is_udp
                && relay.health.probe.is_none()
                && let Some(request) = self.want_socket(index)
            {
                self.relays[index].health.probe = Some(request.id);
                self.events.push_back(Event::SocketWanted(request));
            }
        }
    }

    /// A probe is open: if the system speaks to the server from another address now, so do we.
    pub(super) fn compare_routes(&mut self, now: Instant, id: SocketId, path: Path) {
        let Some(index) = self.relay_probed_by(id) else { return };
        let carries = self.route.is_some_and(|route| self.relays[index].has(route.between.local));
        let is_heard = now < self.last_heard + self.config.disconnected_after;
        let relay = &mut self.relays[index];
        relay.health.probe = None;
        let before = relay.client().map(|client| client.path().local.ip());
        // Without a ticket the route would be lost, and it seems to work.
        let is_needed = carries && is_heard && !relay.is_mobile();
        if before.is_none_or(|before| before == path.local.ip()) || is_needed {
            self.events.push_back(Event::SocketReleased(id));
            return;
        }
        self.events.extend(relay.socket.replace(id).map(Event::SocketReleased));
        self.use_socket(now, index, path);
    }

    /// Asks for another socket, to which the allocation comes along if it can.
    fn reopen_relay(&mut self, index: usize) {
        if !self.relays[index].is_mobile() {
            self.forget_relayed(index);
        }
        self.open_relay(index);
    }

    fn relay_probed_by(&self, id: SocketId) -> Option<usize> {
        self.relays.iter().position(|relay| relay.health.probe == Some(id))
    }
}
