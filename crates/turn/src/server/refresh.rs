//! Keeping an allocation and giving it back, RFC 8656 §8; taking it elsewhere, RFC 8016 §3.

use sansio::Instant;
use stun::{ErrorCode, MessageBuilder};

use super::Server;
use super::allocation::{Allocation, AllocationId, Stage, Ticket};
use super::request::{Asked, Outcome};
use crate::AddressFamily;
use crate::attribute::{Lifetime, MobilityTicket, RequestedAddressFamily};

impl Server {
    pub(super) fn refresh<'o>(
        &mut self,
        now: Instant,
        asked: &Asked<'_>,
        response: MessageBuilder<'o>,
    ) -> Outcome<'o> {
        let message = &asked.message;
        let (Ok(lifetime), Ok(ticket), Ok(family)) = (
            message.get::<Lifetime>(),
            message.get::<MobilityTicket<'_>>(),
            message.get::<RequestedAddressFamily>(),
        ) else {
            return Outcome::Refused(ErrorCode::BAD_REQUEST);
        };
        let found = match ticket {
            Some(MobilityTicket(ticket)) => self.arrive(asked, ticket),
            None => self.by_client.get(&asked.path).copied().ok_or(ErrorCode::ALLOCATION_MISMATCH),
        };
        let id = match found {
            Ok(id) => id,
            Err(code) => return Outcome::Refused(code),
        };
        // Half of what is not there yet cannot be given back, and nobody has been told of it.
        if family.is_some() && !self.allocations.get(&id).is_some_and(Allocation::is_open) {
            return Outcome::Refused(ErrorCode::ALLOCATION_MISMATCH);
        }
        if let Some(RequestedAddressFamily(family)) = family
            && !self.has_family(id, family)
        {
            return Outcome::Refused(ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH);
        }
        if lifetime == Some(Lifetime::ZERO) {
            self.give_back(id, family.map(|one| one.0));
            return Outcome::Granted(response.attribute(&Lifetime::ZERO));
        }
        let lifetime = self.lifetime(lifetime);
        let Some(allocation) = self.allocations.get_mut(&id) else {
            return Outcome::Refused(ErrorCode::ALLOCATION_MISMATCH);
        };
        allocation.expires = now + lifetime.duration();
        // The credentials may have been renewed: from now on these are the allocation's.
        allocation.username.clone_from(&asked.user.username);
        allocation.key = asked.user.key.clone();
        allocation.sha256 = asked.user.sha256;
        let ticket = allocation.tickets[0].filter(|_| ticket.is_some());
        self.set_timer(id);
        let response = response.attribute(&lifetime);
        Outcome::Granted(match &ticket {
            Some(ticket) => response.attribute(&MobilityTicket(ticket)),
            None => response,
        })
    }

    fn has_family(&self, id: AllocationId, family: AddressFamily) -> bool {
        let relays = self.allocations.get(&id).map(|allocation| allocation.relays);
        relays.is_some_and(|relays| relays[family as usize].is_some())
    }

    /// All of it, or one of its two addresses (RFC 8656 §8.2).
    fn give_back(&mut self, id: AllocationId, family: Option<AddressFamily>) {
        let Some(allocation) = self.allocations.get_mut(&id) else { return };
        let whole = allocation.relays.iter().flatten().count() < 2;
        let Some(family) = family.filter(|_| !whole) else { return self.release(id) };
        if let Some(relay) = allocation.relays[family as usize].take() {
            self.by_relay.remove(&relay);
            self.events.push_back(super::Event::CloseRelay(relay));
        }
    }

    /// The allocation of a ticket, brought to the 5-tuple of its user, with a fresh ticket.
    fn arrive(
        &mut self,
        asked: &Asked<'_>,
        ticket: &[u8],
    ) -> Result<AllocationId, ErrorCode<'static>> {
        if !self.config.mobility {
            return Err(ErrorCode::MOBILITY_FORBIDDEN);
        }
        let ticket = Ticket::try_from(ticket).map_err(|_| ErrorCode::BAD_REQUEST)?;
        let id = self.by_ticket.get(&ticket).copied().ok_or(ErrorCode::ALLOCATION_MISMATCH)?;
        let fresh: Ticket = self.random();
        let identity = self.accounts.identity(&asked.user.username);
        let Some(allocation) = self.allocations.get_mut(&id) else {
            return Err(ErrorCode::ALLOCATION_MISMATCH);
        };
        if *allocation.identity != *identity {
            return Err(ErrorCode::WRONG_CREDENTIALS);
        }
        match self.by_client.get(&asked.path) {
            Some(other) if *other == id => {}
            Some(_) => return Err(ErrorCode::ALLOCATION_MISMATCH),
            None => {
                if self.by_client.get(&allocation.client) == Some(&id) {
                    self.by_client.remove(&allocation.client);
                }
                self.by_client.insert(asked.path, id);
                allocation.client = asked.path;
            }
        }
        if allocation.stage == Stage::Away {
            allocation.stage = Stage::Open;
        }
        // The one before stays good: whoever uses it has not got our answer. It gets the same.
        if allocation.tickets[0] == Some(ticket) {
            let [now, before] = &mut allocation.tickets;
            if let Some(oldest) = before.take() {
                self.by_ticket.remove(&oldest);
            }
            *before = now.replace(fresh);
            self.by_ticket.insert(fresh, id);
        }
        Ok(id)
    }
}
