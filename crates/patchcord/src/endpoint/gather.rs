//! Questions to STUN servers go out on the announced sockets, and their answers come in there.

use core::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use sansio::{Ecn, Instant};

use super::shared::Shared;
use crate::connection::Woken;
use crate::gather::{FamilyQueries, Mapping, Remapped};
use crate::mux::Lane;
use crate::net::{Addresses, Arrival, Family, Head, Outbox, Packet, Port};
use crate::random::Random;
use crate::servers::{STAGGER, Server, by_family};

/// A STUN server whose name was looked up.
#[derive(Debug)]
pub(super) struct Found {
    port: u16,
    /// Empty, if there are none.
    addresses: Vec<IpAddr>,
}

/// Looks up a STUN server, which [`Questions`] then ask, unless it is asked already.
pub(super) fn find(shared: &Arc<Shared>, server: &Server) {
    if !shared.gathered.enlist(&server.text) {
        return;
    }
    let (shared, server) = (Arc::clone(shared), server.clone());
    shared.runtime.clone().spawn(async move {
        let addresses = match shared.resolver.resolve(&server.url.host).await {
            Ok(addresses) => addresses,
            Err(error) => {
                let mut woken = Woken::default();
                tracing::warn!(server = &*server.text, %error, "no address of the STUN server");
                shared.gathered.failed(&server.text, &error.to_string(), &mut woken);
                woken.wake();
                Vec::new()
            }
        };
        shared.mailbox().found.push(Found { port: server.url.port, addresses });
        shared.wake.notify_one();
    });
}

/// The driver's part of gathering.
pub(super) struct Questions {
    /// One for each announced socket.
    families: Vec<FamilyQueries>,
    /// What connections do not know yet.
    news: Vec<Remapped>,
    rng: Random,
}

impl Questions {
    /// Nobody is asked yet. `families`: of the announced sockets.
    pub(super) fn new(families: impl Iterator<Item = Family>, rng: Random) -> Self {
        Self { families: families.map(FamilyQueries::new).collect(), news: Vec::new(), rng }
    }

    /// The host has other addresses: what servers said is true no more.
    pub(super) fn ask_again(&mut self, now: Instant) {
        self.families.iter_mut().for_each(|family| family.ask_again(now));
    }

    /// A connection suspects that servers see us elsewhere by now.
    pub(super) fn doubt(&mut self, now: Instant) {
        self.families.iter_mut().for_each(|family| family.doubt(now));
    }

    /// Where servers see us now, and did not before.
    pub(super) fn take_news(&mut self) -> Vec<Remapped> {
        core::mem::take(&mut self.news)
    }

    /// Begins to ask a server.
    pub(super) fn add(&mut self, found: &Found, shared: &Shared, woken: &mut Woken) {
        let now = shared.clock.now();
        for addresses in by_family(&found.addresses) {
            // Whoever has answered by then is asked alone.
            let mut begin = now;
            for ip in addresses {
                for family in &mut self.families {
                    family.add(begin, SocketAddr::new(ip, found.port));
                }
                begin += STAGGER;
            }
        }
        shared.gathered.resolved();
        self.conclude(shared, woken);
    }

    /// Puts what is due into the outbox, which is empty.
    pub(super) fn ask(&mut self, shared: &Shared, outbox: &mut Outbox, woken: &mut Woken) {
        if self.families.iter().all(FamilyQueries::is_empty) {
            return;
        }
        let (now, settled) = (shared.clock.now(), self.are_settled());
        for family in &mut self.families {
            loop {
                let start = outbox.bytes.len();
                let Some(destination) = family.poll_transmit(now, &mut self.rng, &mut outbox.bytes)
                else {
                    break;
                };
                // The system knows from which of the host's addresses this server is reached.
                let head = Head {
                    port: Port::Shared(Lane(0)),
                    source: None,
                    destination,
                    ecn: Ecn::NotEct,
                };
                outbox.push(Packet { head, len: outbox.bytes.len() - start });
            }
        }
        if !settled {
            self.conclude(shared, woken);
        }
    }

    /// Takes a datagram, which is no peer's, if it is an answer.
    pub(super) fn take(
        &mut self,
        family: Family,
        arrival: &Arrival<'_>,
        addresses: &Addresses,
        shared: &Shared,
        woken: &mut Woken,
    ) -> bool {
        let Arrival { remote, destination, ref data, .. } = *arrival;
        let (now, settled) = (shared.clock.now(), self.are_settled());
        let mut families = self.families.iter_mut();
        let Some(answer) = families.find_map(|family| family.handle_input(now, remote, data))
        else {
            return false;
        };
        let base = addresses.seen(family, destination);
        if let (Some(base), Some(mapped)) = (base, answer) {
            let mapping = Mapping { base, mapped };
            self.news.extend(shared.gathered.found(mapping, woken));
        }
        if !settled {
            self.conclude(shared, woken);
        }
        woken.wake();
        true
    }

    /// When there is something to do.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.families.iter().filter_map(FamilyQueries::poll_timeout).min()
    }

    /// Tells those who wait, once the last question has settled.
    fn conclude(&self, shared: &Shared, woken: &mut Woken) {
        if self.are_settled() {
            shared.gathered.settle(woken);
        }
        woken.wake();
    }

    fn are_settled(&self) -> bool {
        self.families.iter().all(FamilyQueries::is_settled)
    }
}
