//! What an allocation consists of.

use core::net::{IpAddr, SocketAddr};
use std::collections::HashMap;

use foldhash::fast::FixedState;
use sansio::{Instant, Path};
use stun::{IntegrityKey, TransactionId};

use super::Relay;
use super::limit::Bucket;
use crate::AddressFamily;
use crate::attribute::{ChannelNumber, ConnectionId, EvenPort, ReservationToken};

/// Names an allocation; the number is never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct AllocationId(pub(super) u64);

/// A ticket of RFC 8016.
pub(super) type Ticket = [u8; 16];

/// What is to be said when the relay sockets are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// So many sockets are still to be opened; so many ports were tried.
    Opening {
        missing: u8,
        attempts: u8,
    },
    Open,
    /// The client's connection is gone. Its user may come for it with the ticket (RFC 8016); until
    /// then nothing is relayed, and its 5-tuple is free for others.
    Away,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Channel {
    pub(super) peer: SocketAddr,
    pub(super) expires: Instant,
}

#[derive(Debug)]
pub(super) struct Allocation {
    pub(super) client: Path,
    pub(super) stage: Stage,
    /// The relay sockets, IPv4 and IPv6.
    pub(super) relays: [Option<Relay>; 2],
    /// The user who made it, by name, by identity, and by key.
    pub(super) username: Box<str>,
    pub(super) identity: Box<str>,
    pub(super) key: IntegrityKey,
    pub(super) sha256: bool,
    /// The request that made it, so that its retransmission gets the same answer.
    pub(super) request: TransactionId,
    pub(super) even: Option<EvenPort>,
    pub(super) reservation: Option<ReservationToken>,
    pub(super) refused_family: Option<AddressFamily>,
    pub(super) expires: Instant,
    /// The time of its entry among the timers.
    pub(super) timer: Instant,
    pub(super) permissions: HashMap<IpAddr, Instant, FixedState>,
    pub(super) channels: HashMap<ChannelNumber, Channel, FixedState>,
    pub(super) channel_of: HashMap<SocketAddr, ChannelNumber, FixedState>,
    /// The ticket that is good now, and the one before: its answer may have been lost.
    pub(super) tickets: [Option<Ticket>; 2],
    pub(super) connections: Vec<ConnectionId>,
    pub(super) bandwidth: Bucket,
}

impl Allocation {
    pub(super) fn is_open(&self) -> bool {
        self.stage == Stage::Open
    }

    /// The relay socket of the family of this address.
    pub(super) fn relay_for(&self, ip: IpAddr) -> Option<Relay> {
        self.relays[AddressFamily::of(ip) as usize]
    }

    pub(super) fn is_permitted(&self, now: Instant, ip: IpAddr) -> bool {
        self.permissions.get(&ip).is_some_and(|expires| *expires > now)
    }

    /// The peer of a channel that is bound.
    pub(super) fn peer_of(&self, now: Instant, number: ChannelNumber) -> Option<SocketAddr> {
        let channel = self.channels.get(&number)?;
        (channel.expires > now).then_some(channel.peer)
    }

    /// The channel that is bound to a peer.
    pub(super) fn channel_to(&self, now: Instant, peer: SocketAddr) -> Option<ChannelNumber> {
        let number = *self.channel_of.get(&peer)?;
        self.channels.get(&number).filter(|channel| channel.expires > now).map(|_| number)
    }
}
