//! Keeping an allocation, RFC 8656 §8; moving it, RFC 8016 §3; giving it back.

use core::time::Duration;

use sansio::{Instant, Path, Transport};
use stun::{Message, Schedule};

use super::request::Kind;
use super::{Client, CloseReason, Discard, Event, State};
use crate::attribute::Lifetime;

/// How long before its end an allocation is refreshed: enough for the whole schedule of a request.
const MARGIN: Duration = Duration::from_secs(60);

/// How long a ticket may remain unanswered on a stream: not as long as RFC 8489 §6.2.2 has patience
/// with a server, since the peer hears nothing meanwhile, and there is another way.
const STREAM_PATIENCE: Duration = Duration::from_secs(5);

/// A server that forgets our 5-tuple more often than a NAT can change it has none.
const FORGETFUL: Duration = Duration::from_secs(5);

impl Client {
    /// Gives the allocation back, and ends. Until [`Event::Closed`] the client wants to be driven,
    /// for 3.5 s at most with the default schedule; nobody has to.
    pub fn close(&mut self, now: Instant) {
        match self.state {
            State::Closing | State::Closed => {}
            // An Allocate that is under way may have made one.
            State::Allocating | State::Allocated if self.credentials.is_challenged() => {
                self.state = State::Closing;
                self.requests.clear();
                self.connections.clear();
                self.refresh_at = None;
                self.ask(now, Kind::Release);
            }
            _ => self.end(CloseReason::Closed),
        }
    }

    /// Refreshes the allocation now, where it may be that the server has forgotten it: then it ends
    /// with [`CloseReason::AllocationMismatch`], and not only when its next refresh is due.
    pub fn refresh(&mut self, now: Instant) {
        if self.state == State::Allocated && self.refresh_at.take().is_some() {
            self.ask(now, Kind::Refresh);
        }
    }

    /// Takes the allocation along to another 5-tuple (RFC 8016): the host has changed its network,
    /// or the connection has broken. Peers notice nothing: [`Event::Moved`]. If the server does not
    /// let it move there is another allocation, [`Event::MoveRefused`]. False: it has given no
    /// ticket, and [`reconnect`](Self::reconnect) is what remains.
    pub fn move_to(&mut self, now: Instant, path: Path) -> bool {
        if self.state != State::Allocated || self.ticket.is_none() {
            return false;
        }
        self.path = path;
        // What was asked from the old address is asked again from the new one.
        for request in core::mem::take(&mut self.requests) {
            self.want_again(&request.kind);
        }
        self.refresh_at = None;
        self.ask(now, Kind::Move);
        true
    }

    /// Whether the server is still to answer that the allocation may move.
    pub fn is_moving(&self) -> bool {
        self.requests.iter().any(|request| request.kind == Kind::Move)
    }

    /// How a ticket is shown.
    pub(super) fn move_schedule(&self) -> Schedule {
        match self.path.transport {
            Transport::Udp => self.config.schedule,
            _ => Schedule { rto: STREAM_PATIENCE, ..Schedule::RELIABLE },
        }
    }

    fn want_again(&mut self, kind: &Kind) {
        match kind {
            Kind::Permit(ips) => self.want_permissions(ips),
            Kind::Bind(number) => self.want_channel(*number),
            _ => {}
        }
    }

    /// The server knows no allocation on the 5-tuple of this request (437). It may know it on
    /// another one, if a NAT between us has begun anew: its ticket says which it is.
    pub(super) fn mismatched(&mut self, now: Instant, index: usize) {
        if self.is_moving() {
            let request = self.requests.remove(index);
            return self.want_again(&request.kind);
        }
        let again = self.found_again.is_some_and(|before| now < before + FORGETFUL);
        self.found_again = Some(now);
        if again || !self.move_to(now, self.path) {
            self.end(CloseReason::AllocationMismatch);
        }
    }

    /// Whatever the reason, there is no way to that allocation any more.
    pub(super) fn move_refused(&mut self, now: Instant, code: u16) {
        self.events.push_back(Event::MoveRefused(code));
        self.begin_anew(now);
    }

    /// The allocation lives until its time is over: another try may come through. But not by a
    /// stream that has swallowed the ticket: nothing is lost there (coturn 4.6.1 answers a ticket on
    /// another 5-tuple with 24 bytes of nonsense, and takes it when it comes again).
    pub(super) fn refresh_unanswered(&mut self, now: Instant, kind: Kind) {
        if self.expires <= now {
            self.end(CloseReason::Expired);
        } else {
            if kind == Kind::Move && self.path.transport != Transport::Udp {
                self.ticket = None;
                self.ask(now, Kind::Refresh);
            } else {
                self.ask(now, kind);
            }
            if !self.events.contains(&Event::Unanswered) {
                self.events.push_back(Event::Unanswered);
            }
        }
    }

    pub(super) fn refreshed(
        &mut self,
        now: Instant,
        response: &Message<'_>,
    ) -> Result<(), Discard> {
        let lifetime = response.get::<Lifetime>()?.ok_or(Discard::Incomplete)?;
        self.take_ticket(response);
        self.live_for(now, lifetime.duration());
        Ok(())
    }

    pub(super) fn moved(&mut self, now: Instant, response: &Message<'_>) -> Result<(), Discard> {
        self.refreshed(now, response)?;
        self.events.push_back(Event::Moved);
        Ok(())
    }

    /// Sets the clocks of an allocation that lives for so long.
    pub(super) fn live_for(&mut self, now: Instant, lifetime: Duration) {
        self.expires = now + lifetime;
        self.refresh_at = Some(now + (lifetime - MARGIN.min(lifetime / 3)));
    }

    pub(super) fn refresh_if_due(&mut self, now: Instant) {
        if self.refresh_at.is_some_and(|at| at <= now) {
            self.refresh_at = None;
            self.ask(now, Kind::Refresh);
        }
    }

    pub(super) fn refresh_refused(&mut self, now: Instant, code: u16) {
        match code {
            // What a server cannot do now it may be able to do in a while.
            500 | 508 if self.expires > now => {
                self.refresh_at = Some(now + (self.expires - now) / 2);
            }
            _ => self.end(CloseReason::Refused(code)),
        }
    }
}
