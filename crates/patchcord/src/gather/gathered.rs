//! What was learnt of our sockets, and the connections that wait for it.

use core::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::connection::{Connection, Woken};

/// A socket's address here, and where a STUN server sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    pub(crate) base: SocketAddr,
    pub(crate) mapped: SocketAddr,
}

/// What all connections of an endpoint share.
#[derive(Debug)]
pub(crate) struct Gathered {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    mappings: Vec<Mapping>,
    /// A query has not settled yet.
    pending: bool,
    /// Connections that were made meanwhile.
    waiting: Vec<Weak<Connection>>,
}

impl Gathered {
    /// `pending`: queries have begun.
    pub(crate) fn new(pending: bool) -> Self {
        let (mappings, waiting) = (Vec::new(), Vec::new());
        Self { inner: Mutex::new(Inner { mappings, pending, waiting }) }
    }

    /// A connection was made: it gets what is known, and later what is not known yet.
    pub(crate) fn enter(&self, connection: &Arc<Connection>) {
        let mut inner = self.lock();
        let known = inner.mappings.clone();
        if inner.pending {
            if inner.waiting.len() == inner.waiting.capacity() {
                // Those that are gone leave room for others.
                inner.waiting.retain(|waiting| waiting.strong_count() > 0);
            }
            inner.waiting.push(Arc::downgrade(connection));
        }
        let end = !inner.pending;
        connection.command(|peer, now| {
            for Mapping { base, mapped } in known {
                peer.add_server_reflexive_candidate(now, base, mapped);
            }
            if end {
                peer.end_of_local_candidates(now);
            }
        });
    }

    /// A server has answered: this takes the place of what was known of the same base.
    pub(crate) fn found(&self, mapping: Mapping, woken: &mut Woken) {
        let mut inner = self.lock();
        if inner.mappings.contains(&mapping) {
            return;
        }
        inner.mappings.retain(|known| known.base != mapping.base);
        inner.mappings.push(mapping);
        for connection in inner.waiting.iter().filter_map(Weak::upgrade) {
            connection.change_and(woken, |state, now| {
                let Mapping { base, mapped } = mapping;
                state.peer.add_server_reflexive_candidate(now, base, mapped);
            });
        }
    }

    /// All queries have settled: nobody waits any more.
    pub(crate) fn complete(&self, woken: &mut Woken) {
        let mut inner = self.lock();
        inner.pending = false;
        for connection in inner.waiting.drain(..).filter_map(|waiting| waiting.upgrade()) {
            connection.change_and(woken, |state, now| state.peer.end_of_local_candidates(now));
        }
    }

    /// Where servers see us.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.lock().mappings.iter().map(|mapping| mapping.mapped).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
