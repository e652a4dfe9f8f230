//! Requests, their retransmission, and what answers them, RFC 8489 §6 and RFC 8656 §5.

use core::net::{IpAddr, SocketAddr};

use sansio::{Instant, Path};
use stun::TransactionId;
use stun::{
    AttributeType, Class, ErrorCode, Message, MessageBuilder, Method, Schedule, Transaction,
};

use super::{Client, CloseReason, Discard, Relaying, State};
use crate::AddressFamily;
use crate::attribute::{
    AdditionalAddressFamily, ChannelNumber, ConnectionId, DontFragment, Lifetime, MobilityTicket,
    RequestedAddressFamily, XorPeerAddress,
};
use crate::client::Families;

/// How many times one request may be challenged: a nonce may expire under way, not for ever.
const MAX_CHALLENGES: u8 = 3;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Allocate,
    Refresh,
    /// With the ticket, from another 5-tuple.
    Move,
    /// A refresh with lifetime 0.
    Release,
    Permit(Vec<IpAddr>),
    Bind(ChannelNumber),
    /// To a peer.
    Connect(SocketAddr),
    /// This connection with the one that it is asked on.
    Join(ConnectionId),
}

impl Kind {
    const fn method(&self) -> Method {
        match self {
            Self::Allocate => Method::ALLOCATE,
            Self::Refresh | Self::Move | Self::Release => Method::REFRESH,
            Self::Permit(_) => Method::CREATE_PERMISSION,
            Self::Bind(_) => Method::CHANNEL_BIND,
            Self::Connect(_) => Method::CONNECT,
            Self::Join(_) => Method::CONNECTION_BIND,
        }
    }

    /// Whether it asks for this address, among others.
    pub(super) fn permits(&self, ip: IpAddr) -> bool {
        matches!(self, Self::Permit(ips) if ips.contains(&ip))
    }

    /// Whether it can be granted only on the 5-tuple of an allocation.
    const fn supposes_allocation(&self) -> bool {
        matches!(self, Self::Refresh | Self::Permit(_) | Self::Bind(_) | Self::Connect(_))
    }
}

/// A request that waits for its response.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) transaction: Transaction,
    pub(super) kind: Kind,
    /// As it was sent, for retransmissions.
    pub(super) bytes: Vec<u8>,
    pub(super) challenges: u8,
    /// Whether it carried credentials.
    pub(super) sealed: bool,
}

impl Client {
    /// Asks.
    pub(super) fn ask(&mut self, now: Instant, kind: Kind) {
        self.ask_again(now, kind, 0);
    }

    /// Asks once more what has been challenged before.
    pub(super) fn ask_again(&mut self, now: Instant, kind: Kind, challenges: u8) {
        let id = TransactionId::random(&mut *self.rng);
        let mut bytes = Vec::new();
        self.build(&kind, id, &mut bytes);
        let schedule = match kind {
            // Whoever leaves does not wait for long: the server forgets by itself.
            Kind::Release => Schedule { requests: 3, patience: 2, ..self.schedule() },
            Kind::Move => self.move_schedule(),
            _ => self.schedule(),
        };
        let transaction = Transaction::new(now, id, schedule);
        let sealed = self.credentials.is_challenged();
        self.requests.push(Request { transaction, kind, bytes, challenges, sealed });
    }

    fn build(&self, kind: &Kind, id: TransactionId, out: &mut Vec<u8>) {
        let request = MessageBuilder::request(out, kind.method(), id);
        let lifetime = self.config.lifetime.map(Lifetime::from);
        let request = match kind {
            Kind::Allocate => self.build_allocate(request),
            Kind::Refresh => add(request, lifetime.as_ref()),
            Kind::Move => add(request, lifetime.as_ref())
                .attribute(&MobilityTicket(self.ticket.as_deref().unwrap_or_default())),
            Kind::Release => request.attribute(&Lifetime::ZERO),
            Kind::Permit(ips) => ips.iter().fold(request, |request, ip| {
                // RFC 8656 §10.1: the port does not matter.
                request.attribute(&XorPeerAddress((*ip, 0).into()))
            }),
            Kind::Bind(number) => {
                let peer = self.channel(*number).map(|channel| XorPeerAddress(channel.peer));
                add(request.attribute(number), peer.as_ref())
            }
            Kind::Connect(peer) => request.attribute(&XorPeerAddress(*peer)),
            Kind::Join(id) => request.attribute(id),
        };
        self.credentials.seal(request);
    }

    fn build_allocate<'o>(&self, request: MessageBuilder<'o>) -> MessageBuilder<'o> {
        let config = &self.config;
        let family = config.families.requested().map(RequestedAddressFamily);
        let both = config.families == Families::Both;
        let second = both.then_some(AdditionalAddressFamily(AddressFamily::Ipv6));
        let datagrams = config.relaying == Relaying::Datagrams;
        let request = request.attribute(&config.relaying.requested());
        let request = add(request, config.lifetime.map(Lifetime::from).as_ref());
        let request = add(add(request, family.as_ref()), second.as_ref());
        // RFC 6062 §4.2: connections know nothing of it.
        let whole = self.dont_fragment && datagrams;
        let request = add(request, whole.then_some(&DontFragment));
        // Connections to the server do not move, and those with peers are such.
        let mobile = self.mobility && datagrams;
        add(request, mobile.then_some(&MobilityTicket(&[])))
    }

    /// Takes a response.
    pub(super) fn answered(
        &mut self,
        now: Instant,
        path: Path,
        response: &Message<'_>,
    ) -> Result<(), Discard> {
        let id = response.transaction_id();
        let unknown = Discard::Transaction(id);
        let index = self.requests.iter().position(|request| request.transaction.id() == id);
        let index = index.ok_or(unknown)?;
        if self.path_of(&self.requests[index].kind) != path {
            return Err(Discard::Path(path));
        }
        let error = match response.class() {
            Class::ErrorResponse => {
                Some(response.get::<ErrorCode<'_>>()?.ok_or(Discard::Incomplete)?.code())
            }
            _ => None,
        };
        if response.method() != self.requests[index].kind.method() {
            return Err(unknown);
        }
        if self.requests[index].sealed && !error.is_some_and(is_said_by_anybody) {
            self.credentials.check(response).or_else(|error| match &self.previous {
                Some(previous) => previous.check(response),
                None => Err(error),
            })?;
        }
        match error {
            None => self.succeeded(now, index, response),
            Some(code @ (401 | 438 | 441)) => self.challenged(now, index, response, code),
            Some(code) => self.refused(now, index, response, code),
        }
    }

    fn succeeded(
        &mut self,
        now: Instant,
        index: usize,
        response: &Message<'_>,
    ) -> Result<(), Discard> {
        match self.requests[index].kind {
            Kind::Allocate => self.allocated(now, response)?,
            Kind::Refresh => self.refreshed(now, response)?,
            Kind::Move => self.moved(now, response)?,
            Kind::Connect(peer) => self.connected(now, peer, response)?,
            _ => {}
        }
        let request = self.requests.remove(index);
        if request.sealed {
            self.previous = None;
        }
        match request.kind {
            Kind::Release => self.end(CloseReason::Closed),
            Kind::Permit(ips) => self.permissions_granted(now, &ips),
            Kind::Bind(number) => self.channel_bound(now, number),
            Kind::Join(id) => self.joined(id),
            Kind::Connect(_) | Kind::Allocate | Kind::Refresh | Kind::Move => {}
        }
        Ok(())
    }

    /// An error that is no matter of credentials.
    fn refused(
        &mut self,
        now: Instant,
        index: usize,
        response: &Message<'_>,
        code: u16,
    ) -> Result<(), Discard> {
        // RFC 8656 §5: 437 says that there is no allocation at all.
        if code == 437 && self.requests[index].kind.supposes_allocation() {
            self.mismatched(now, index);
            return Ok(());
        }
        let request = self.requests.remove(index);
        match request.kind {
            Kind::Allocate => self.allocation_refused(now, response, code),
            Kind::Refresh => self.refresh_refused(now, code),
            Kind::Move => self.move_refused(now, code),
            Kind::Release => self.end(CloseReason::Closed),
            Kind::Permit(ips) => self.permissions_refused(now, &ips, Some(code)),
            Kind::Bind(number) => self.channel_refused(number, Some(code)),
            Kind::Connect(peer) => self.connection_refused(peer, Some(code)),
            Kind::Join(id) => self.not_joined(id, Some(code)),
        }
        Ok(())
    }

    /// Gives up what has not been answered.
    pub(super) fn expire_requests(&mut self, now: Instant) {
        while let Some(index) =
            self.requests.iter().position(|request| request.transaction.is_timed_out(now))
        {
            match self.requests.remove(index).kind {
                Kind::Allocate => self.end(CloseReason::TimedOut),
                kind @ (Kind::Refresh | Kind::Move) => self.refresh_unanswered(now, kind),
                Kind::Release => self.end(CloseReason::Closed),
                Kind::Permit(ips) => self.permissions_unanswered(now, &ips),
                Kind::Bind(number) => self.channel_unanswered(now, number),
                Kind::Connect(peer) => self.connection_refused(peer, None),
                Kind::Join(id) => self.not_joined(id, None),
            }
        }
    }

    /// Turns intentions into requests: several permissions become one. None overtakes a move.
    pub(super) fn compose(&mut self, now: Instant) {
        if self.state == State::Allocated && !self.is_moving() {
            self.ask_for_permissions(now);
            self.ask_for_channels(now);
            self.ask_for_connections(now);
        }
    }

    pub(super) fn may_be_challenged_again(request: &Request) -> bool {
        request.challenges < MAX_CHALLENGES
    }
}

/// Adds an attribute if there is one.
fn add<'o, 'a, A: stun::Attribute<'a>>(
    request: MessageBuilder<'o>,
    attribute: Option<&A>,
) -> MessageBuilder<'o> {
    match attribute {
        Some(attribute) => request.attribute(attribute),
        None => request,
    }
}

/// Errors that a server sends before it knows whom to sign them for (RFC 8489 §9.2.4). Whoever
/// could forge them has seen our request and could have dropped it.
const fn is_said_by_anybody(code: u16) -> bool {
    matches!(code, 300 | 400 | 401 | 420 | 438 | 441 | 500)
}

/// Whether the attribute is among those that a 420 complains of.
pub(super) fn complains_of(response: &Message<'_>, kind: AttributeType) -> bool {
    let unknown = response.get::<stun::attribute::UnknownAttributes<'_>>().ok().flatten();
    unknown.is_some_and(|unknown| unknown.types().any(|one| one == kind))
}
