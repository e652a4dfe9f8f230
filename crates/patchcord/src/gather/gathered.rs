//! What was learnt of our sockets, and the connections that wait for it.

use core::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use sansio::Instant;

use crate::connection::{Connection, IceCandidateError, State, Woken};

/// A socket's address here, and where a STUN server sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    pub(crate) base: SocketAddr,
    pub(crate) mapped: SocketAddr,
}

/// A server sees a socket elsewhere than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Remapped {
    mapping: Mapping,
    /// Where it was seen before, if it was.
    before: Option<SocketAddr>,
}

impl Remapped {
    /// A connection learns it.
    pub(crate) fn tell(&self, state: &mut State, now: Instant) {
        let Mapping { base, mapped } = self.mapping;
        if let Some(before) = self.before {
            state.peer.remove_server_reflexive_candidate(now, base, before);
        }
        state.peer.add_server_reflexive_candidate(now, base, mapped);
    }
}

/// What all connections of an endpoint share.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// What is announced as host candidates.
    hosts: Vec<SocketAddr>,
    /// Where peers connect to over TCP.
    listeners: Vec<SocketAddr>,
    mappings: Vec<Mapping>,
    /// A server was named whose answer, or silence, is not known yet.
    pending: bool,
    /// Servers that are asked, or will be.
    servers: Vec<Box<str>>,
    /// Those whose addresses are looked up.
    unresolved: usize,
    /// Connections that were made meanwhile.
    waiting: Vec<Weak<Connection>>,
}

impl Gathered {
    /// STUN servers of an endpoint and all its connections, for as long as it lives.
    const MAX_SERVERS: usize = 16;

    /// These addresses are announced from now on. What servers said of others is forgotten.
    pub(crate) fn move_to(&self, hosts: &[SocketAddr], listeners: &[SocketAddr]) {
        let mut inner = self.lock();
        (inner.hosts, inner.listeners) = (hosts.to_vec(), listeners.to_vec());
        inner.mappings.retain(|mapping| hosts.contains(&mapping.base));
    }

    /// A server is to be looked up, and then asked. False: it is already, or there are enough.
    pub(crate) fn enlist(&self, url: &str) -> bool {
        let mut inner = self.lock();
        let known = inner.servers.iter().any(|server| **server == *url);
        if known || inner.servers.len() >= Self::MAX_SERVERS {
            return false;
        }
        inner.servers.push(url.into());
        inner.pending = true;
        inner.unresolved += 1;
        true
    }

    /// It is being asked, or cannot be found.
    pub(crate) fn resolved(&self) {
        let mut inner = self.lock();
        inner.unresolved = inner.unresolved.saturating_sub(1);
    }

    /// A connection was made: it gets what is known, and later what is not known yet.
    pub(crate) fn enter(&self, connection: &Arc<Connection>) {
        let mut inner = self.lock();
        let (hosts, known) = (inner.hosts.clone(), inner.mappings.clone());
        let listeners = inner.listeners.clone();
        if inner.pending {
            if inner.waiting.len() == inner.waiting.capacity() {
                // Those that are gone leave room for others.
                inner.waiting.retain(|waiting| waiting.strong_count() > 0);
            }
            inner.waiting.push(Arc::downgrade(connection));
        }
        let end = !inner.pending;
        connection.change(|state, now| {
            for address in hosts {
                state.add_host(now, address);
            }
            for address in listeners {
                state.add_listener(now, address);
            }
            for Mapping { base, mapped } in known {
                state.peer.add_server_reflexive_candidate(now, base, mapped);
            }
            if end {
                state.gathered_one(now);
            }
        });
    }

    /// A server has answered: this takes the place of what was known of the same base. Those who wait
    /// are told at once. `None`: it is known; otherwise others want to know it too.
    pub(crate) fn found(&self, mapping: Mapping, woken: &mut Woken) -> Option<Remapped> {
        let mut inner = self.lock();
        if inner.mappings.contains(&mapping) || !inner.hosts.contains(&mapping.base) {
            return None;
        }
        let known = inner.mappings.extract_if(.., |known| known.base == mapping.base).last();
        let remapped = Remapped { mapping, before: known.map(|known| known.mapped) };
        inner.mappings.push(mapping);
        for connection in inner.waiting.iter().filter_map(Weak::upgrade) {
            connection.change_and(woken, |state, now| remapped.tell(state, now));
        }
        Some(remapped)
    }

    /// A server cannot be asked: those who wait are told.
    pub(crate) fn failed(&self, url: &str, text: &str, woken: &mut Woken) {
        let mut inner = self.lock();
        // Who names it again has it looked up again.
        inner.servers.retain(|server| **server != *url);
        for connection in inner.waiting.iter().filter_map(Weak::upgrade) {
            connection.fail(IceCandidateError::unreachable(url, text), woken);
        }
    }

    /// Those who are asked have answered, or have not in time: nobody waits any more, unless one is
    /// still looked up.
    pub(crate) fn settle(&self, woken: &mut Woken) {
        let mut inner = self.lock();
        if !inner.pending || inner.unresolved > 0 {
            return;
        }
        if inner.mappings.is_empty() {
            tracing::warn!("no STUN server answers");
        }
        inner.pending = false;
        for connection in inner.waiting.drain(..).filter_map(|waiting| waiting.upgrade()) {
            connection.change_and(woken, State::gathered_one);
        }
    }

    /// What is announced as host candidates.
    pub(crate) fn hosts(&self) -> Vec<SocketAddr> {
        self.lock().hosts.clone()
    }

    /// Where peers connect to over TCP.
    pub(crate) fn listeners(&self) -> Vec<SocketAddr> {
        self.lock().listeners.clone()
    }

    /// Where servers see us.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.lock().mappings.iter().map(|mapping| mapping.mapped).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
