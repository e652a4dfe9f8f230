//! Making an allocation, RFC 8656 §7, and going to another server, RFC 8489 §10.

use core::net::SocketAddr;

use sansio::{Instant, Path, Transport};
use stun::attribute::{AlternateDomain, AlternateServer, XorMappedAddress};
use stun::{Attribute, AttributeType, Message};

use super::request::{Kind, complains_of};
use super::{Client, CloseReason, Discard, Event, State};
use crate::AddressFamily;
use crate::attribute::{AddressErrorCode, Lifetime, MobilityTicket, XorRelayedAddress};

impl Client {
    /// The connection to the server that [`Event::Redirected`] named, or another one when the one
    /// before has broken: everything begins anew, and what was permitted is permitted again. Where
    /// there is an allocation that can move, [`move_to`](Self::move_to) keeps it.
    pub fn reconnect(&mut self, now: Instant, path: Path) {
        if !matches!(self.state, State::Closing | State::Closed) {
            self.path = path;
            self.begin_anew(now);
        }
    }

    /// Asks for another allocation; what was permitted is to be permitted again.
    pub(super) fn begin_anew(&mut self, now: Instant) {
        // RFC 8489 §10: a circle is one within a single attempt. Who begins anew may be sent to the
        // same servers again.
        if self.state != State::Redirected {
            self.visited = vec![self.path.remote];
        }
        self.state = State::Allocating;
        self.requests.clear();
        self.refresh_at = None;
        (self.relayed, self.ticket, self.found_again) = ([None; 2], None, None);
        self.forget_permissions();
        self.forget_channels();
        self.forget_connections();
        self.ask(now, Kind::Allocate);
    }

    pub(super) fn allocated(
        &mut self,
        now: Instant,
        response: &Message<'_>,
    ) -> Result<(), Discard> {
        let lifetime = response.get::<Lifetime>()?.ok_or(Discard::Incomplete)?;
        let mapped = response.get::<XorMappedAddress>()?.map(|mapped| mapped.0);
        let error = response.get::<AddressErrorCode<'_>>().ok().flatten();
        let mut relayed = [None; 2];
        // With two families there are two of them (RFC 8656 §7.3).
        for attribute in response.attributes() {
            if attribute.kind == AttributeType::XOR_RELAYED_ADDRESS {
                let id = response.transaction_id();
                let XorRelayedAddress(address) = XorRelayedAddress::parse(attribute.value, &id)?;
                relayed[AddressFamily::of(address.ip()) as usize].get_or_insert(address);
            }
        }
        if relayed == [None; 2] {
            return Err(Discard::Incomplete);
        }
        self.relayed = relayed;
        self.refused_family = error.map(|one| (one.family, one.error.code()));
        self.mapped = mapped;
        self.take_ticket(response);
        self.state = State::Allocated;
        self.live_for(now, lifetime.duration());
        self.events.push_back(Event::Allocated);
        Ok(())
    }

    pub(super) fn take_ticket(&mut self, response: &Message<'_>) {
        if let Ok(Some(MobilityTicket(ticket))) = response.get() {
            self.ticket = (!ticket.is_empty()).then(|| ticket.into());
        }
    }

    pub(super) fn allocation_refused(&mut self, now: Instant, response: &Message<'_>, code: u16) {
        match code {
            300 => self.redirected(now, response),
            // RFC 8656 §14: a server that cannot set DF says so.
            420 if self.dont_fragment && complains_of(response, AttributeType::DONT_FRAGMENT) => {
                self.dont_fragment = false;
                self.ask(now, Kind::Allocate);
            }
            // RFC 8016 §4.2: allocations do not move here.
            405 if self.mobility => {
                self.mobility = false;
                self.ask(now, Kind::Allocate);
            }
            437 => self.end(CloseReason::AllocationMismatch),
            440 => self.end(CloseReason::AddressFamily),
            486 => self.end(CloseReason::QuotaReached),
            508 => self.end(CloseReason::InsufficientCapacity),
            _ => self.end(CloseReason::Refused(code)),
        }
    }

    fn redirected(&mut self, now: Instant, response: &Message<'_>) {
        let Ok(Some(AlternateServer(server))) = response.get() else {
            return self.end(CloseReason::Malformed);
        };
        let domain = response.get::<AlternateDomain<'_>>().ok().flatten();
        let domain = domain.map(|domain| domain.as_str().into());
        if !self.may_go_to(server) {
            return self.end(CloseReason::Redirected(self.visited.len()));
        }
        self.visited.push(server);
        self.events.push_back(Event::Redirected { server, domain });
        self.path.remote = server;
        if self.path.transport == Transport::Udp {
            self.ask(now, Kind::Allocate);
        } else {
            self.state = State::Redirected;
        }
    }

    /// RFC 8489 §10: never twice to the same one, and never to the other family.
    fn may_go_to(&self, server: SocketAddr) -> bool {
        self.visited.len() <= self.config.max_redirects
            && !self.visited.contains(&server)
            && server.is_ipv4() == self.path.remote.is_ipv4()
    }
}
