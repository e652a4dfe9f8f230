//! Whom an allocation hears, RFC 8656 §9 and §10.2.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use sansio::{Instant, Transport};
use stun::{Attribute, AttributeType, ErrorCode, MessageBuilder};

use super::allocation::{Allocation, AllocationId};
use super::request::{Asked, Outcome};
use super::{Relay, Server};
use crate::attribute::XorPeerAddress;

/// RFC 8656 §9.
pub(super) const LIFETIME: Duration = Duration::from_secs(300);

impl Server {
    pub(super) fn create_permission<'o>(
        &mut self,
        now: Instant,
        asked: &Asked<'_>,
        response: MessageBuilder<'o>,
    ) -> Outcome<'o> {
        let Some(id) = self.open_allocation(asked) else {
            return Outcome::Refused(ErrorCode::ALLOCATION_MISMATCH);
        };
        let (id_of_message, mut count) = (asked.message.transaction_id(), 0);
        let peers = || {
            let attributes = asked.message.attributes();
            attributes
                .filter(|attribute| attribute.kind == AttributeType::XOR_PEER_ADDRESS)
                .map(|attribute| XorPeerAddress::parse(attribute.value, &id_of_message))
        };
        // All of them or none (RFC 8656 §10.2).
        for peer in peers() {
            let Ok(XorPeerAddress(peer)) = peer else {
                return Outcome::Refused(ErrorCode::BAD_REQUEST);
            };
            count += 1;
            if let Err(code) = self.may_reach(id, peer.ip()) {
                return Outcome::Refused(code);
            }
        }
        if count == 0 {
            return Outcome::Refused(ErrorCode::BAD_REQUEST);
        }
        for XorPeerAddress(peer) in peers().flatten() {
            if !self.permit(now, id, peer.ip()) {
                return Outcome::Refused(ErrorCode::INSUFFICIENT_CAPACITY);
            }
        }
        Outcome::Granted(response)
    }

    /// The allocation at the 5-tuple of a request, if it is made.
    pub(super) fn open_allocation(&self, asked: &Asked<'_>) -> Option<AllocationId> {
        let id = *self.by_client.get(&asked.path)?;
        self.allocations.get(&id).filter(|allocation| allocation.is_open()).map(|_| id)
    }

    /// Whether the allocation may have a peer at this address.
    pub(super) fn may_reach(&self, id: AllocationId, ip: IpAddr) -> Result<(), ErrorCode<'static>> {
        let allocation = self.allocations.get(&id).ok_or(ErrorCode::ALLOCATION_MISMATCH)?;
        if allocation.relay_for(ip).is_none() {
            return Err(ErrorCode::PEER_ADDRESS_FAMILY_MISMATCH);
        }
        let is_relay = self.config.relays.iter().any(|relay| relay.announced == ip);
        let policy = &self.config.peers;
        let reached = if policy.is_allowed(ip) {
            true
        } else if self.is_own(ip) {
            // Another client of this server; which port, `reach` looks at.
            is_relay
        } else {
            policy.allows(ip)
        };
        if reached { Ok(()) } else { Err(ErrorCode::FORBIDDEN) }
    }

    /// Installs or refreshes a permission; false if there is no room for another one.
    pub(super) fn permit(&mut self, now: Instant, id: AllocationId, ip: IpAddr) -> bool {
        let Some(allocation) = self.allocations.get_mut(&id) else { return false };
        let permissions = &mut allocation.permissions;
        if permissions.len() >= self.config.max_permissions && !permissions.contains_key(&ip) {
            permissions.retain(|_, expires| *expires > now);
            if permissions.len() >= self.config.max_permissions {
                return false;
            }
        }
        permissions.insert(ip, now + LIFETIME);
        true
    }

    /// Where data for this peer goes: to one of our own addresses only where that is a relay socket
    /// that is open for this transport, under the address at which it is bound. Whoever lets data
    /// out asks this, for every peer address: what comes from the server itself passes its firewall.
    pub(super) fn reach(&self, peer: SocketAddr, transport: Transport) -> Option<SocketAddr> {
        if !self.is_own(peer.ip()) || self.config.peers.is_allowed(peer.ip()) {
            return Some(peer);
        }
        let is_open = |local: &SocketAddr| {
            let id = self.by_relay.get(&Relay { local: *local, transport });
            id.and_then(|id| self.allocations.get(id)).is_some_and(Allocation::is_open)
        };
        let relays = self.config.relays.iter().filter(|relay| relay.announced == peer.ip());
        relays.map(|relay| SocketAddr::new(relay.local, peer.port())).find(is_open)
    }
}
