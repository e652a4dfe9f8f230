//! A place in a simulated internet, and the wire that leads there.

use core::net::IpAddr;

use super::packet::Header;
use super::router::Router;
use super::stream::Streams;
use super::{Host, StunServer, TurnServer};
use crate::Link;

/// A place in an [`Internet`](super::Internet): a router or a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place(pub(super) usize);

impl Place {
    /// The middle, to which networks and public hosts are attached.
    pub const CORE: Self = Self(0);
}

/// A place, and the two directions of the wire that attaches it.
#[derive(Debug)]
pub(super) struct Node<H> {
    pub(super) parent: Place,
    pub(super) up: Link<Header>,
    pub(super) down: Link<Header>,
    pub(super) role: Role<H>,
}

#[derive(Debug)]
pub(super) enum Role<H> {
    Router(Router),
    Host(Station<H>),
    /// Another wire of a host.
    Interface(Interface),
}

#[derive(Debug)]
pub(super) struct Interface {
    pub(super) host: Place,
    pub(super) addresses: Vec<IpAddr>,
}

#[derive(Debug)]
pub(super) struct Station<H> {
    pub(super) addresses: Vec<IpAddr>,
    pub(super) resident: Resident<H>,
    pub(super) streams: Streams,
}

/// Who lives there.
#[derive(Debug)]
pub(super) enum Resident<H> {
    Guest(H),
    Stun(StunServer),
    Turn(Box<TurnServer>),
}

impl<H: Host> Resident<H> {
    pub(super) fn host(&mut self) -> &mut dyn Host {
        match self {
            Self::Guest(host) => host,
            Self::Stun(server) => server,
            Self::Turn(server) => &mut **server,
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<sansio::Instant> {
        match self {
            Self::Guest(host) => host.poll_timeout(),
            Self::Stun(server) => server.poll_timeout(),
            Self::Turn(server) => server.poll_timeout(),
        }
    }
}

/// One of the two directions of a wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// To the middle.
    Up,
    /// To the edge.
    Down,
}

impl<H> Node<H> {
    /// The addresses at this end of the wire, if it is a host's.
    pub(super) fn addresses(&self) -> &[IpAddr] {
        match &self.role {
            Role::Host(station) => &station.addresses,
            Role::Interface(interface) => &interface.addresses,
            Role::Router(_) => &[],
        }
    }

    pub(super) const fn link(&mut self, way: Way) -> &mut Link<Header> {
        match way {
            Way::Up => &mut self.up,
            Way::Down => &mut self.down,
        }
    }
}
