//! Questions to a STUN server go out on the announced sockets, and its answers come in there.

use core::net::SocketAddr;

use sansio::{Ecn, Instant};

use super::shared::Shared;
use crate::connection::Woken;
use crate::gather::{Mapping, Query};
use crate::mux::Lane;
use crate::net::{Arrival, Family, Head, Outbox, Packet};
use crate::random::Random;

/// The driver's part of gathering.
pub(super) struct Questions {
    /// One for each socket that has a server.
    queries: Vec<Query>,
    rng: Random,
}

impl Questions {
    /// Begins to ask these servers, one a family.
    pub(super) fn new(now: Instant, servers: &[SocketAddr], rng: Random) -> Self {
        Self { queries: servers.iter().map(|&server| Query::new(now, server)).collect(), rng }
    }

    /// Puts what is due into the outbox, which is empty.
    pub(super) fn ask(&mut self, shared: &Shared, outbox: &mut Outbox, woken: &mut Woken) {
        if self.queries.is_empty() {
            return;
        }
        let (now, settled) = (shared.clock.now(), self.are_settled());
        for query in &mut self.queries {
            let start = outbox.bytes.len();
            if query.poll_transmit(now, &mut self.rng, &mut outbox.bytes) {
                let destination = query.server();
                // The system knows from which of the host's addresses this server is reached.
                let head = Head { lane: Lane(0), source: None, destination, ecn: Ecn::NotEct };
                outbox.push(Packet { head, len: outbox.bytes.len() - start });
            }
        }
        self.conclude(settled, shared, woken);
    }

    /// Takes a datagram, which is no peer's, if it is an answer.
    pub(super) fn take(
        &mut self,
        family: Family,
        arrival: &Arrival<'_>,
        shared: &Shared,
        woken: &mut Woken,
    ) -> bool {
        let Arrival { remote, destination, ref data, .. } = *arrival;
        let (now, settled) = (shared.clock.now(), self.are_settled());
        let mut queries = self.queries.iter_mut();
        let Some(answer) = queries.find_map(|query| query.handle_input(now, remote, data)) else {
            return false;
        };
        let base = shared.addresses.seen(family, destination);
        if let (Some(base), Some(mapped)) = (base, answer) {
            shared.gathered.found(Mapping { base, mapped }, woken);
        }
        self.conclude(settled, shared, woken);
        true
    }

    /// When there is something to do.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.queries.iter().map(Query::poll_timeout).min()
    }

    /// Tells those who wait, once the last question has settled.
    fn conclude(&self, settled_before: bool, shared: &Shared, woken: &mut Woken) {
        if !settled_before && self.are_settled() {
            if shared.gathered.addresses().is_empty() {
                tracing::warn!("the STUN server does not answer");
            }
            shared.gathered.complete(woken);
        }
        woken.wake();
    }

    fn are_settled(&self) -> bool {
        self.queries.iter().all(Query::is_settled)
    }
}
