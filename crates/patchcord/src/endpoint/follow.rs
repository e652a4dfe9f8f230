//! Addresses of the host come and go: all connections that live learn it.
//!
//! ```text
//!   the list changed ─┬─► what is gone ceases to be a candidate, what is new becomes one
//!                     ├─► the STUN servers are asked anew ──► where they see us now
//!                     └─► sockets and streams of one connection's own that began at what is gone are
//!                         lost ──► it asks for others: relays are reached from another address
//! ```
//!
//! The sockets that all share stay, since they are bound to all addresses; other ones are announced and
//! sent from.

use core::net::SocketAddr;

use sansio::Instant;

use super::driver::Driver;
use crate::connection::State;
use crate::net::Addresses;

impl Driver {
    /// Looks for other addresses, if it is time to, and passes on what is new.
    pub(super) fn look_around(&mut self) {
        let now = self.shared.clock.now();
        if self.watch.as_mut().is_some_and(|watch| watch.look(now)) {
            self.move_house(now);
            self.leave_links();
        }
        for remapped in self.questions.take_news() {
            self.tell_followers(|state, now| remapped.tell(state, now));
        }
    }

    fn move_house(&mut self, now: Instant) {
        let Some(watch) = &self.watch else { return };
        let (udp, tcp) = (&mut self.addresses, &mut self.links.listeners.addresses);
        let all = |addresses: &Addresses| addresses.announced().collect::<Vec<SocketAddr>>();
        let (before, tcp_before) = (all(udp), all(tcp));
        udp.update(watch.known());
        tcp.update(watch.known());
        self.shared.move_to(udp, tcp, watch.known());
        let (after, tcp_after) = (all(udp), all(tcp));
        if (&before, &tcp_before) == (&after, &tcp_after) {
            return;
        }
        tracing::info!(?before, ?after, "other addresses");
        self.questions.ask_again(now);
        let missing = |from: &[SocketAddr], all: &[SocketAddr]| {
            all.iter().filter(|address| !from.contains(address)).copied().collect::<Vec<_>>()
        };
        let (new, listening) = (missing(&before, &after), missing(&tcp_before, &tcp_after));
        let gone = [missing(&after, &before), missing(&tcp_after, &tcp_before)].concat();
        self.tell_followers(|state, now| {
            // New ones first: data moves to them.
            for &address in &new {
                state.add_host(now, address);
            }
            for &address in &listening {
                state.add_listener(now, address);
            }
            for &address in &gone {
                state.peer.remove_local_candidate(now, address);
            }
        });
    }

    /// Links that begin where nothing can be sent from any more are lost: the system would notice that
    /// of streams after many minutes, and of sockets never.
    fn leave_links(&mut self) {
        let gone = self.watch.as_ref().map(|watch| watch.gone().to_vec());
        for link in self.links.beginning_at(&gone.unwrap_or_default()) {
            self.lose_link(link, "its address is gone");
        }
    }

    /// Changes all connections whose candidates follow the host's addresses. One that is made
    /// meanwhile is either in the mailbox already, or begins with what is known by now.
    fn tell_followers(&mut self, change: impl Fn(&mut State, Instant)) {
        self.collect();
        for connection in self.peers.iter() {
            if connection.choices.follows {
                connection.change_and(&mut self.woken, |state, now| {
                    change(state, now);
                    // Gathering was complete, and is so again.
                    if state.sources == 0 {
                        state.peer.end_of_local_candidates(now);
                    }
                });
            }
        }
        self.woken.wake();
    }
}

#[cfg(test)]
mod tests;
