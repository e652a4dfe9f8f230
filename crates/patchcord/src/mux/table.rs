//! Names, paths and lanes of all peers.
//!
//! ```text
//!   a STUN response ── transaction id ──┐
//!   a STUN request ─── USERNAME ────────┼──► peer
//!   anything ───────── 5-tuple ─────────┘
//! ```
//!
//! A name counts more than a 5-tuple: two endpoints that share several connections send the checks
//! of all of them from one port at first, and a NAT may give one peer's mapping to another. What is
//! not STUN has its 5-tuple only, so no two peers may share one. A *lane* is a socket (one a
//! family); the peer that finds `(lane, remote)` taken uses the next lane for that remote, and
//! looks to the other side like a host behind a NAT, which ICE copes with.
//!
//! A stranger changes nothing here: only a peer's own datagrams and those whose integrity a peer
//! has verified do.

use core::net::SocketAddr;
use std::collections::{HashMap, VecDeque};

use foldhash::quality::FixedState;
use sansio::Instant;
use stun::attribute::Username;
use stun::{Class, Message};

use super::transactions::Transactions;

/// A peer of this endpoint. Used again after the peer is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key(u32);

/// A socket of this endpoint, or rather one for each family. 0 is the one that is announced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Lane(pub(crate) u16);

#[derive(Debug)]
pub(crate) struct Mux {
    names: HashMap<Box<str>, Key, FixedState>,
    paths: HashMap<(Lane, SocketAddr), Owner, FixedState>,
    transactions: Transactions,
    peers: Vec<Peer>,
    max_lanes: u16,
}

#[derive(Clone, Copy, Debug)]
struct Owner {
    key: Key,
    /// The remote has proven, by a check's integrity, that it is there. Until then the entry is a
    /// reservation that a proof of another peer overrides, or else a description that lists
    /// somebody's address would lock that somebody out.
    verified: bool,
}

/// What a peer has in the tables.
#[derive(Debug, Default)]
struct Peer {
    names: Vec<Box<str>>,
    /// The most recently verified last. The other side may send from one address to several lanes.
    paths: VecDeque<(SocketAddr, Lane)>,
}

impl Peer {
    fn lane(&self, remote: SocketAddr) -> Option<Lane> {
        self.paths.iter().rev().find(|(r, _)| *r == remote).map(|(_, lane)| *lane)
    }

    fn forget(&mut self, remote: SocketAddr, lane: Lane) {
        self.paths.retain(|path| *path != (remote, lane));
    }
}

impl Mux {
    /// Remote addresses of one peer; more than a check list has pairs (RFC 8445 §6.1.2.5).
    const MAX_PATHS: usize = 128;
    /// Username fragments of one peer, present and past.
    const MAX_NAMES: usize = 4;

    pub(crate) fn new(seed: u64, max_lanes: u16) -> Self {
        let hasher = FixedState::with_seed(seed);
        Self {
            names: HashMap::with_hasher(hasher.clone()),
            paths: HashMap::with_hasher(hasher.clone()),
            transactions: Transactions::new(&hasher),
            peers: Vec::new(),
            max_lanes,
        }
    }

    /// The peer answers to `names`, its ICE username fragments. Those of before stay known for
    /// checks that are on their way while ICE restarts.
    pub(crate) fn add_names<'a>(&mut self, key: Key, names: impl Iterator<Item = &'a str>) {
        if self.peers.len() <= key.index() {
            self.peers.resize_with(key.index() + 1, Peer::default);
        }
        let Some(peer) = self.peers.get_mut(key.index()) else { return };
        for name in names {
            if peer.names.iter().any(|known| **known == *name) {
                continue;
            }
            if peer.names.len() >= Self::MAX_NAMES {
                self.names.remove(&peer.names.remove(0));
            }
            peer.names.push(name.into());
            self.names.insert(name.into(), key);
        }
    }

    /// Forgets a peer.
    pub(crate) fn remove(&mut self, key: Key) {
        let Some(peer) = self.peers.get_mut(key.index()).map(core::mem::take) else { return };
        for name in peer.names {
            self.names.remove(&name);
        }
        for (remote, lane) in peer.paths {
            self.paths.remove(&(lane, remote));
        }
    }

    /// To whom a STUN request is addressed, wherever it comes from.
    pub(crate) fn addressee(&self, datagram: &[u8]) -> Option<Key> {
        let message = Message::parse(datagram).ok()?;
        if message.class() == Class::Request { self.named_by(&message) } else { None }
    }

    /// The peer that a request names.
    fn named_by(&self, message: &Message<'_>) -> Option<Key> {
        let name = message.get::<Username>().ok()??;
        // The sender puts our fragment first (RFC 8445 §7.2.2).
        let (ours, _) = name.as_str().split_once(':')?;
        self.names.get(ours).copied()
    }

    /// Whose datagram this is. `None`: a stranger's.
    pub(crate) fn find(&self, lane: Lane, remote: SocketAddr, datagram: &[u8]) -> Option<Key> {
        let named = stun::is_stun(datagram).then(|| self.named(lane, remote, datagram)).flatten();
        named.or_else(|| self.paths.get(&(lane, remote)).map(|owner| owner.key))
    }

    /// The peer has verified a datagram that came this way, and it was STUN with integrity.
    pub(crate) fn verified(&mut self, key: Key, lane: Lane, remote: SocketAddr) {
        let owner = Owner { key, verified: true };
        if self.peers.get(key.index()).is_none() {
            return;
        }
        if let Some(before) = self.paths.get_mut(&(lane, remote))
            && before.key != key
        {
            if before.verified {
                return;
            }
            let robbed = core::mem::replace(before, owner).key;
            if let Some(peer) = self.peers.get_mut(robbed.index()) {
                peer.forget(remote, lane);
            }
        }
        self.own(owner, lane, remote);
    }

    /// From which lane the peer reaches `remote`: where it was last heard from, or else the first
    /// that is free. `None`: all are taken.
    pub(crate) fn lane(&mut self, key: Key, remote: SocketAddr) -> Option<Lane> {
        if let Some(lane) = self.peers.get(key.index())?.lane(remote) {
            return Some(lane);
        }
        let lane = (0..self.max_lanes)
            .map(Lane)
            .find(|&lane| self.paths.get(&(lane, remote)).is_none_or(|owner| owner.key == key))?;
        self.own(Owner { key, verified: false }, lane, remote);
        Some(lane)
    }

    /// The peer sends this datagram: if it is a request, the answer will be for the peer.
    pub(crate) fn sent(&mut self, now: Instant, key: Key, datagram: &[u8]) {
        if stun::is_stun(datagram)
            && let Ok(message) = Message::parse(datagram)
            && message.class() == Class::Request
        {
            self.transactions.insert(now, message.transaction_id(), key);
        }
    }

    /// Whether a peer that accepts this datagram has verified its integrity: it is a check or the
    /// answer to one.
    pub(crate) fn is_proof(datagram: &[u8]) -> bool {
        stun::is_stun(datagram)
            && Message::parse(datagram).is_ok_and(|message| message.class() != Class::Indication)
    }

    fn named(&self, lane: Lane, remote: SocketAddr, datagram: &[u8]) -> Option<Key> {
        let message = Message::parse(datagram).ok()?;
        match message.class() {
            Class::Request => self.named_by(&message),
            Class::SuccessResponse | Class::ErrorResponse => {
                let key = self.transactions.find(message.transaction_id())?;
                // Who has lost this 5-tuple to another since must not build on it.
                (self.paths.get(&(lane, remote))?.key == key).then_some(key)
            }
            Class::Indication => None,
        }
    }

    /// Enters a path as the peer's most recent one, and forgets the stalest of too many.
    fn own(&mut self, owner: Owner, lane: Lane, remote: SocketAddr) {
        let Some(peer) = self.peers.get_mut(owner.key.index()) else { return };
        peer.forget(remote, lane);
        peer.paths.push_back((remote, lane));
        if peer.paths.len() > Self::MAX_PATHS
            && let Some((stale, lane)) = peer.paths.pop_front()
        {
            self.paths.remove(&(lane, stale));
        }
        self.paths.insert((lane, remote), owner);
    }
}

impl Key {
    pub(crate) const fn new(index: u32) -> Self {
        Self(index)
    }

    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
