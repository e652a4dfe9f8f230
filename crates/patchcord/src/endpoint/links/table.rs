//! All links, by their numbers and by their paths.

use core::net::{IpAddr, SocketAddr};
use core::task::Waker;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use foldhash::quality::FixedState;
use peer::SocketId;
use sansio::{Instant, Path, Transport};
use tokio::task::JoinHandle;

use super::accept::Listeners;
use super::bell::Bell;
use crate::config::EndpointConfig;
use crate::endpoint::Shared;
use crate::mux::Key;
use crate::net::{BindError, OwnId};
use crate::stream::{ConnectError, DatagramStream};

/// A link's number. Used again after it is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinkId(usize);

#[derive(Debug)]
pub(in crate::endpoint) struct Link {
    pub(super) owner: Owner,
    pub(super) medium: Medium,
    /// As its connection sees it.
    pub(super) path: Path,
    pub(super) bell: Arc<Bell>,
    pub(super) waker: Waker,
    /// Reads that failed in a row.
    pub(super) failures: usize,
}

/// Whose a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// It was accepted, and has not said yet whom it wants.
    Nobody,
    /// It was accepted.
    Callee(Key),
    /// The peer has asked for it by this name.
    Asked(Key, SocketId),
}

/// What carries its datagrams.
#[derive(Debug)]
pub(super) enum Medium {
    Udp(OwnId),
    Connecting(Attempt),
    Stream(DatagramStream),
}

/// A task that connects. Dropped, it ceases to.
#[derive(Debug)]
pub(super) struct Attempt(pub(super) JoinHandle<Result<DatagramStream, ConnectError>>);

impl Drop for Attempt {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Owner {
    pub(super) const fn key(self) -> Option<Key> {
        match self {
            Self::Nobody => None,
            Self::Callee(key) | Self::Asked(key, _) => Some(key),
        }
    }
}

/// How a connection's datagram finds its link. A server may send a UDP socket to another one
/// (RFC 8489 §10), so there the local address alone counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::endpoint) struct Route {
    key: Key,
    transport: Transport,
    local: SocketAddr,
    remote: Option<SocketAddr>,
}

impl Route {
    pub(in crate::endpoint) fn new(key: Key, path: Path) -> Self {
        let Path { local, remote, transport } = path;
        let remote = (transport != Transport::Udp).then_some(remote);
        Self { key, transport, local, remote }
    }
}

#[derive(Debug)]
pub(in crate::endpoint) struct Links {
    slots: Vec<Option<Link>>,
    free: Vec<LinkId>,
    routes: HashMap<Route, LinkId, FixedState>,
    /// Links of each peer, the oldest first.
    owned: HashMap<Key, Vec<LinkId>, FixedState>,
    /// Whose bell was heard.
    pub(in crate::endpoint) ready: VecDeque<LinkId>,
    /// Accepted ones that have not said whom they want, and until when they may take their time.
    pub(super) unnamed: VecDeque<(Instant, LinkId)>,
    /// Streams that were given something.
    pub(super) unflushed: Vec<LinkId>,
    /// UDP sockets to be closed once the outbox is empty.
    pub(super) leaving: Vec<OwnId>,
    /// Streams that say their last words.
    pub(super) farewells: Arc<AtomicUsize>,
    pub(in crate::endpoint) listeners: Listeners,
    /// Accepted streams that have not said whom they want.
    pub(super) max_unnamed: usize,
    /// Accepted streams of one peer.
    max_of_one: usize,
}

impl Links {
    pub(in crate::endpoint) fn new(seed: u64, config: &EndpointConfig) -> Result<Self, BindError> {
        let hasher = FixedState::with_seed(seed);
        Ok(Self {
            slots: Vec::new(),
            free: Vec::new(),
            routes: HashMap::with_hasher(hasher.clone()),
            owned: HashMap::with_hasher(hasher),
            ready: VecDeque::new(),
            unnamed: VecDeque::new(),
            unflushed: Vec::new(),
            leaving: Vec::new(),
            farewells: Arc::default(),
            listeners: Listeners::bind(config)?,
            max_unnamed: config.max_unidentified_streams,
            max_of_one: config.max_streams_per_peer,
        })
    }

    /// The link that a path of this peer leads through. `None`: a socket that all share.
    pub(in crate::endpoint) fn find(&self, key: Key, path: Path) -> Option<LinkId> {
        if self.routes.is_empty() {
            return None;
        }
        self.routes.get(&Route::new(key, path)).copied()
    }

    pub(in crate::endpoint) fn get_mut(&mut self, id: LinkId) -> Option<&mut Link> {
        self.slots.get_mut(id.0)?.as_mut()
    }

    /// The UDP socket of a link, if it has one.
    pub(in crate::endpoint) fn socket(&self, id: LinkId) -> Option<OwnId> {
        match self.slots.get(id.0)?.as_ref()?.medium {
            Medium::Udp(own) => Some(own),
            Medium::Connecting(_) | Medium::Stream(_) => None,
        }
    }

    /// Enters a link, which is served next.
    pub(super) fn insert(
        &mut self,
        shared: &Arc<Shared>,
        owner: Owner,
        medium: Medium,
        path: Path,
    ) -> LinkId {
        let id = self.free.pop().unwrap_or(LinkId(self.slots.len()));
        let bell = Bell::rung(shared, id);
        let waker = Waker::from(Arc::clone(&bell));
        let link = Link { owner, medium, path, bell, waker, failures: 0 };
        match self.slots.get_mut(id.0) {
            Some(place) => *place = Some(link),
            None => self.slots.push(Some(link)),
        }
        self.ready.push_back(id);
        if let Some(key) = owner.key() {
            self.owned.entry(key).or_default().push(id);
        }
        id
    }

    /// It carries datagrams of its peer from now on.
    pub(super) fn connect(&mut self, id: LinkId) {
        let Some(link) = self.slots.get(id.0).and_then(Option::as_ref) else { return };
        if let Some(key) = link.owner.key() {
            self.routes.insert(Route::new(key, link.path), id);
        }
    }

    /// A link that was accepted belongs to this peer.
    pub(super) fn adopt(&mut self, id: LinkId, key: Key) {
        let Some(link) = self.slots.get_mut(id.0).and_then(Option::as_mut) else { return };
        link.owner = Owner::Callee(key);
        self.unnamed.retain(|(_, unnamed)| *unnamed != id);
        self.owned.entry(key).or_default().push(id);
        self.connect(id);
    }

    /// Takes a link out.
    pub(super) fn remove(&mut self, id: LinkId) -> Option<Link> {
        let link = self.slots.get_mut(id.0)?.take()?;
        self.free.push(id);
        match link.owner.key() {
            None => self.unnamed.retain(|(_, unnamed)| *unnamed != id),
            Some(key) => {
                let route = Route::new(key, link.path);
                if self.routes.get(&route) == Some(&id) {
                    self.routes.remove(&route);
                }
                if let Some(owned) = self.owned.get_mut(&key) {
                    owned.retain(|owned| *owned != id);
                    if owned.is_empty() {
                        self.owned.remove(&key);
                    }
                }
            }
        }
        Some(link)
    }

    /// The links of a peer, the oldest first.
    pub(super) fn of(&self, key: Key) -> &[LinkId] {
        self.owned.get(&key).map(Vec::as_slice).unwrap_or_default()
    }

    /// Links that begin at one of these addresses.
    pub(in crate::endpoint) fn beginning_at(&self, addresses: &[IpAddr]) -> Vec<LinkId> {
        let places = self.slots.iter().enumerate();
        let links = places.filter_map(|(n, link)| Some((LinkId(n), link.as_ref()?)));
        let begins = |link: &Link| addresses.contains(&link.path.local.ip());
        links.filter(|(_, link)| begins(link)).map(|(id, _)| id).collect()
    }

    /// The link that a peer has asked for by this name.
    pub(super) fn asked(&self, key: Key, socket: SocketId) -> Option<LinkId> {
        self.of(key).iter().copied().find(|id| {
            let link = self.slots.get(id.0).and_then(Option::as_ref);
            link.is_some_and(|link| link.owner == Owner::Asked(key, socket))
        })
    }

    /// The oldest accepted stream of a peer that has as many as it may.
    pub(super) fn excess(&self, key: Key) -> Option<LinkId> {
        let accepted = |id: &LinkId| {
            let link = self.slots.get(id.0).and_then(Option::as_ref);
            link.is_some_and(|link| matches!(link.owner, Owner::Callee(_)))
        };
        let mut accepted = self.of(key).iter().filter(|id| accepted(id));
        let oldest = accepted.next()?;
        (1 + accepted.count() >= self.max_of_one).then_some(*oldest)
    }

    /// Gives a datagram to a stream. False: it was dropped.
    pub(in crate::endpoint) fn queue(&mut self, id: LinkId, datagram: &[u8]) -> bool {
        let Some(Link { medium: Medium::Stream(stream), .. }) = self.get_mut(id) else {
            return false;
        };
        let taken = stream.queue(datagram);
        if self.unflushed.last() != Some(&id) {
            self.unflushed.push(id);
        }
        taken
    }

    /// Whether all last words were said.
    pub(in crate::endpoint) fn are_closed(&self) -> bool {
        self.farewells.load(Ordering::Acquire) == 0
    }

    /// When an accepted stream has had its time to say whom it wants, or others are accepted again.
    pub(in crate::endpoint) fn poll_timeout(&self) -> Option<Instant> {
        let unnamed = self.unnamed.front().map(|(until, _)| *until);
        [unnamed, self.listeners.poll_timeout()].into_iter().flatten().min()
    }
}
