//! Datagrams in: each finds its peer.

use std::io;
use std::sync::Arc;

use sansio::{Datagram, Path};

use super::driver::Driver;
use crate::mux::{Lane, Mux};
use crate::net::{Arrival, Family, Port};

/// Reads that fail in a row before the socket counts as dead. A single failure may tell of a
/// datagram that was sent (an ICMP error), and is nobody's end.
const MAX_FAILURES: usize = 64;

impl Driver {
    /// Reads one batch and feeds it to whoever is there by now.
    ///
    /// # Errors
    ///
    /// The socket is dead.
    pub(super) fn read(&mut self, lane: Lane, family: Family) -> io::Result<()> {
        let count = match self.sockets.recv(Port::Shared(lane), family, &mut self.inbox) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.failures = 0;
                return Ok(());
            }
            Err(error) if self.failures >= MAX_FAILURES => return Err(error),
            Err(error) => {
                tracing::debug!(%error, "a read failed");
                self.failures += 1;
                return Ok(());
            }
        };
        self.failures = 0;
        self.collect();
        let Self { inbox, mux, peers, shared, addresses, dirty, questions, woken, block, .. } =
            self;
        for arrival in inbox.arrivals(count, shared.clock.now()) {
            shared.counters.received.add(1);
            shared.counters.bytes_received.add(arrival.data.len());
            let owner = mux.find(lane, arrival.remote, arrival.data);
            let owner = owner.and_then(|key| Some((key, peers.get(key)?)));
            let local = addresses.seen(family, arrival.destination);
            let (Some((key, connection)), Some(local)) = (owner, local) else {
                if !(lane == Lane(0) && questions.take(family, &arrival, addresses, shared, woken))
                {
                    shared.counters.strangers.add(1);
                }
                continue;
            };
            let Arrival { remote, ecn, received, data, .. } = arrival;
            let proof = Mux::is_proof(data);
            let datagram = Datagram { path: Path::udp(local, remote), ecn, received, data };
            match connection.feed(block, datagram) {
                Ok(()) if proof => mux.verified(key, lane, remote),
                Ok(()) => {}
                Err(discard) => tracing::trace!(%remote, %discard, "a datagram was not used"),
            }
            if connection.set_dirty() {
                dirty.push_back(Arc::clone(connection));
            }
        }
        Ok(())
    }
}
