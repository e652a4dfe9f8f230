//! Making an allocation, RFC 8656 §7.2.

use core::net::{IpAddr, SocketAddr};

use sansio::{Instant, Transport};
use stun::attribute::XorMappedAddress;
use stun::long_term::Authenticated;
use stun::{AttributeError, Class, ErrorCode, MessageBuilder, Method};

use super::allocation::{Allocation, AllocationId, Stage};
use super::limit::Bucket;
use super::machine::map;
use super::request::{Asked, Outcome};
use super::{Relay, RelayAddress, Server};
use crate::AddressFamily;
use crate::attribute::{
    AdditionalAddressFamily, AddressErrorCode, DontFragment, EvenPort, Lifetime, MobilityTicket,
    RequestedAddressFamily, RequestedTransport, ReservationToken, XorRelayedAddress,
};

/// How long the shell has to open the sockets.
const OPENING: core::time::Duration = core::time::Duration::from_secs(10);

/// What an Allocate asks for.
struct Wanted {
    transport: Transport,
    even: Option<EvenPort>,
    token: Option<ReservationToken>,
    family: Option<AddressFamily>,
    additional: Option<AddressFamily>,
    lifetime: Lifetime,
    ticket: bool,
}

/// The sockets it gets, and the family it does not get.
#[derive(Clone, Copy)]
struct Chosen {
    relays: [Option<Relay>; 2],
    refused: Option<AddressFamily>,
}

impl Server {
    pub(super) fn allocate<'o>(
        &mut self,
        now: Instant,
        asked: &Asked<'_>,
        response: MessageBuilder<'o>,
    ) -> Outcome<'o> {
        if let Some(id) = self.by_client.get(&asked.path).copied() {
            return self.allocated_before(now, asked, id, response);
        }
        let wanted = match self.wanted(asked) {
            Ok(wanted) => wanted,
            Err(code) => return Outcome::Refused(code),
        };
        let identity: Box<str> = self.accounts.identity(&asked.user.username).into();
        if self.allocations_of(&identity) >= self.config.max_allocations_per_user {
            return Outcome::Refused(ErrorCode::ALLOCATION_QUOTA_REACHED);
        }
        if self.allocations.len() >= self.config.max_allocations {
            return Outcome::Refused(ErrorCode::INSUFFICIENT_CAPACITY);
        }
        match self.chosen(&wanted) {
            Ok(chosen) => self.make(now, asked, &wanted, chosen, identity),
            Err(code) => return Outcome::Refused(code),
        }
        Outcome::Later
    }

    /// A retransmission gets the same answer; anybody else has come to the wrong place (RFC 8656
    /// §7.2).
    fn allocated_before<'o>(
        &self,
        now: Instant,
        asked: &Asked<'_>,
        id: AllocationId,
        response: MessageBuilder<'o>,
    ) -> Outcome<'o> {
        let identity = self.accounts.identity(&asked.user.username);
        let request = asked.message.transaction_id();
        match self.allocations.get(&id) {
            Some(old) if old.request == request && *old.identity == *identity => {
                if old.is_open() {
                    Outcome::Granted(self.describe(now, old, response))
                } else {
                    Outcome::Later
                }
            }
            _ => Outcome::Refused(ErrorCode::ALLOCATION_MISMATCH),
        }
    }

    /// What is asked for, if it makes sense.
    fn wanted(&self, asked: &Asked<'_>) -> Result<Wanted, ErrorCode<'static>> {
        let bad = ErrorCode::BAD_REQUEST;
        let malformed = |_: AttributeError| bad;
        let message = &asked.message;
        let RequestedTransport(protocol) = message.get().map_err(malformed)?.ok_or(bad)?;
        let even: Option<EvenPort> = message.get().map_err(malformed)?;
        let token: Option<ReservationToken> = message.get().map_err(malformed)?;
        let family: Option<RequestedAddressFamily> = message.get().map_err(malformed)?;
        let additional: Option<AdditionalAddressFamily> = message.get().map_err(malformed)?;
        let whole: Option<DontFragment> = message.get().map_err(malformed)?;
        let lifetime: Option<Lifetime> = message.get().map_err(malformed)?;
        let ticket: Option<MobilityTicket<'_>> = message.get().map_err(malformed)?;
        let transport = match RequestedTransport(protocol) {
            RequestedTransport::UDP => Transport::Udp,
            // RFC 6062 §5.1: over TCP only, and only what TCP has.
            RequestedTransport::TCP if self.config.tcp => {
                if !asked.path.transport.is_stream()
                    || even.is_some()
                    || token.is_some()
                    || whole.is_some()
                {
                    return Err(bad);
                }
                Transport::Tcp
            }
            _ => return Err(ErrorCode::UNSUPPORTED_TRANSPORT_PROTOCOL),
        };
        let contradicts = token.is_some() && (even.is_some() || family.is_some())
            // RFC 8656 §7.2: the second family is IPv6, and both are asked for in this way only.
            || additional.is_some_and(|one| one.0 != AddressFamily::Ipv6)
            || additional.is_some()
                && (family.is_some() || token.is_some() || even.is_some_and(|e| e.reserve_next));
        if contradicts {
            return Err(bad);
        }
        if ticket.is_some() && !self.config.mobility {
            return Err(ErrorCode::MOBILITY_FORBIDDEN);
        }
        Ok(Wanted {
            transport,
            even,
            token,
            family: family.map(|one| one.0),
            additional: additional.map(|one| one.0),
            lifetime: self.lifetime(lifetime),
            ticket: ticket.is_some(),
        })
    }

    /// Between the default and the longest (RFC 8656 §7.2).
    pub(super) fn lifetime(&self, asked: Option<Lifetime>) -> Lifetime {
        let (least, most) = (self.config.lifetime, self.config.max_lifetime);
        asked.map_or(least, Lifetime::duration).clamp(least, most.max(least)).into()
    }

    /// Addresses and ports for it.
    fn chosen(&mut self, wanted: &Wanted) -> Result<Chosen, ErrorCode<'static>> {
        let full = ErrorCode::INSUFFICIENT_CAPACITY;
        let transport = wanted.transport;
        let reserves = wanted.even.is_some_and(|even| even.reserve_next);
        if reserves && self.reservations.len() >= self.config.max_reservations {
            return Err(full);
        }
        let mut chosen = Chosen { relays: [None; 2], refused: None };
        if let Some(token) = wanted.token {
            // RFC 8656 §7.2: a token that is not, or no longer, good.
            let local = self.take_reservation(token).ok_or(full)?;
            let family = AddressFamily::of(local.ip());
            chosen.relays[family as usize] = Some(Relay { local, transport });
            return Ok(chosen);
        }
        let first = wanted.family.unwrap_or(AddressFamily::Ipv4);
        if let Some(ip) = self.relay_address(first) {
            chosen.relays[first as usize] =
                Some(self.choose(ip, transport, wanted.even).ok_or(full)?);
        } else if wanted.additional.is_some() {
            chosen.refused = Some(first);
        }
        if let Some(second) = wanted.additional {
            match self.relay_address(second).and_then(|ip| self.choose(ip, transport, None)) {
                Some(relay) => chosen.relays[second as usize] = Some(relay),
                None => chosen.refused = Some(second),
            }
        }
        let none = chosen.relays == [None; 2];
        if none { Err(ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED) } else { Ok(chosen) }
    }

    fn relay_address(&self, family: AddressFamily) -> Option<IpAddr> {
        let mut locals = self.config.relays.iter().map(|relay: &RelayAddress| relay.local);
        locals.find(|local| AddressFamily::of(*local) == family)
    }

    fn make(
        &mut self,
        now: Instant,
        asked: &Asked<'_>,
        wanted: &Wanted,
        chosen: Chosen,
        identity: Box<str>,
    ) {
        let id = AllocationId(self.next_id);
        self.next_id += 1;
        let relays: Vec<Relay> = chosen.relays.into_iter().flatten().collect();
        let missing = if relays.len() > 1 { 2 } else { 1 };
        let reserves = wanted.even.is_some_and(|even| even.reserve_next);
        let reservation =
            relays.first().filter(|_| reserves).and_then(|relay| self.reserve(now, *relay));
        let ticket = wanted.ticket.then(|| self.random());
        let Authenticated { username, key, sha256 } = asked.user.clone();
        *self.per_user.entry(identity.clone()).or_default() += 1;
        let expires = now + wanted.lifetime.duration().max(OPENING);
        let allocation = Allocation {
            client: asked.path,
            stage: Stage::Opening { missing, attempts: 0 },
            relays: [None; 2],
            username,
            identity,
            key,
            sha256,
            request: asked.message.transaction_id(),
            even: wanted.even,
            reservation,
            refused_family: chosen.refused,
            expires,
            timer: Instant::from_nanos(u64::MAX),
            permissions: map(self.seed),
            channels: map(self.seed),
            channel_of: map(self.seed),
            tickets: [ticket, None],
            connections: Vec::new(),
            bandwidth: Bucket::default(),
        };
        self.by_client.insert(asked.path, id);
        if let Some(ticket) = ticket {
            self.by_ticket.insert(ticket, id);
        }
        self.allocations.insert(id, allocation);
        self.set_timer(id);
        for relay in relays {
            self.open(id, relay);
        }
    }

    /// Answers an Allocate whose sockets are open.
    pub(super) fn answer_allocate(&mut self, now: Instant, id: AllocationId) {
        let Some(allocation) = self.allocations.get(&id) else { return };
        let mut out = Vec::new();
        let response = MessageBuilder::new(
            &mut out,
            Class::SuccessResponse,
            Method::ALLOCATE,
            allocation.request,
        );
        seal(allocation, self.describe(now, allocation, response));
        self.stats.granted += 1;
        let client = allocation.client;
        self.responses.push_back((client, out));
    }

    /// Answers an Allocate for which there is no port.
    pub(super) fn refuse_allocate(&mut self, id: AllocationId) {
        if let Some(allocation) = self.allocations.get(&id) {
            let mut out = Vec::new();
            let (class, request) = (Class::ErrorResponse, allocation.request);
            let response = MessageBuilder::new(&mut out, class, Method::ALLOCATE, request);
            seal(allocation, response.attribute(&ErrorCode::INSUFFICIENT_CAPACITY));
            self.stats.refused += 1;
            let client = allocation.client;
            self.responses.push_back((client, out));
        }
        self.release(id);
    }

    /// What a client is told of its allocation.
    fn describe<'o>(
        &self,
        now: Instant,
        allocation: &Allocation,
        response: MessageBuilder<'o>,
    ) -> MessageBuilder<'o> {
        let relayed = |relay: &Relay| XorRelayedAddress(self.announced(relay.local));
        let response = allocation
            .relays
            .iter()
            .flatten()
            .fold(response, |response, relay| response.attribute(&relayed(relay)));
        let mut response = response
            .attribute(&Lifetime::from(allocation.expires - now))
            .attribute(&XorMappedAddress(canonical(allocation.client.remote)));
        if let Some(token) = &allocation.reservation {
            response = response.attribute(token);
        }
        if let Some(family) = allocation.refused_family {
            let error = ErrorCode::ADDRESS_FAMILY_NOT_SUPPORTED;
            response = response.attribute(&AddressErrorCode { family, error });
        }
        if let Some(ticket) = &allocation.tickets[0] {
            response = response.attribute(&MobilityTicket(ticket));
        }
        response
    }
}

fn seal(allocation: &Allocation, response: MessageBuilder<'_>) {
    if allocation.sha256 {
        response.integrity_sha256(&allocation.key);
    } else {
        response.integrity(&allocation.key);
    }
}

/// A socket for both families shows IPv4 addresses mapped.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
