//! Relay sockets: which port, who opens it, when it goes, RFC 8656 §7.2.

use core::cmp::Reverse;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use sansio::{Instant, Transport};

use super::allocation::{Allocation, AllocationId, Stage};
use super::machine::Due;
use super::{Event, Relay, Server};
use crate::AddressFamily;
use crate::attribute::{EvenPort, ReservationToken};

/// How many ports are tried before the server says that it is full.
const MAX_ATTEMPTS: u8 = 8;

/// How long a port waits for the second half of its pair: at least 30 s, RFC 8656 §7.2.
const RESERVATION: Duration = Duration::from_secs(30);

/// A port that is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reservation {
    pub(super) local: SocketAddr,
    pub(super) expires: Instant,
}

impl Server {
    /// A relay socket is open.
    pub fn handle_opened(&mut self, now: Instant, relay: Relay) {
        let Some(id) = self.by_relay.get(&relay).copied() else {
            // Its allocation has gone meanwhile.
            self.events.push_back(Event::CloseRelay(relay));
            return;
        };
        let Some(allocation) = self.allocations.get_mut(&id) else { return };
        let Stage::Opening { missing, attempts } = allocation.stage else { return };
        if missing > 1 {
            allocation.stage = Stage::Opening { missing: missing - 1, attempts };
        } else {
            allocation.stage = Stage::Open;
            self.stats.allocated += 1;
            let client = allocation.client;
            self.events.push_back(Event::Allocated(client));
            self.answer_allocate(now, id);
        }
    }

    /// A relay socket could not be opened: another port is tried.
    pub fn handle_open_failed(&mut self, now: Instant, relay: Relay) {
        let Some(id) = self.by_relay.remove(&relay) else { return };
        let Some(allocation) = self.allocations.get_mut(&id) else { return };
        let Stage::Opening { missing, attempts } = allocation.stage else { return };
        let family = AddressFamily::of(relay.local.ip()) as usize;
        allocation.relays[family] = None;
        allocation.stage = Stage::Opening { missing, attempts: attempts + 1 };
        let even = allocation.even;
        // The port that was kept belongs to the one that could not be opened.
        if let Some(token) = allocation.reservation.take() {
            self.take_reservation(token);
        }
        let next = self.choose(relay.local.ip(), relay.transport, even);
        let Some(next) = next.filter(|_| attempts + 1 < MAX_ATTEMPTS) else {
            return self.refuse_allocate(id);
        };
        let reserves = even.is_some_and(|even| even.reserve_next);
        let token = if reserves { self.reserve(now, next) } else { None };
        if let Some(allocation) = self.allocations.get_mut(&id) {
            allocation.reservation = token;
        }
        self.open(id, next);
    }

    /// A free port at this address: even, if it has to be, and with a free one above it, if that is
    /// to be reserved. Random, so that strangers cannot guess it.
    pub(super) fn choose(
        &mut self,
        ip: IpAddr,
        transport: Transport,
        even: Option<EvenPort>,
    ) -> Option<Relay> {
        let (first, last) = (*self.config.ports.start(), *self.config.ports.end());
        let count = u32::from(last.checked_sub(first)?) + 1;
        let start = self.rng.next_u32() % count;
        // As many tries as find a free port in a range that is almost full.
        (0..count.min(4096)).find_map(|step| {
            let port = u16::try_from(u32::from(first) + (start + step) % count).ok()?;
            let relay = Relay { local: SocketAddr::new(ip, port), transport };
            let suits = match even {
                Some(_) if port % 2 != 0 => false,
                Some(EvenPort { reserve_next: true }) => {
                    let next = port.checked_add(1).filter(|next| *next <= last);
                    let next = next.map(|next| SocketAddr::new(ip, next));
                    next.is_some_and(|local| self.is_free(Relay { local, transport }))
                }
                _ => true,
            };
            (suits && self.is_free(relay)).then_some(relay)
        })
    }

    fn is_free(&self, relay: Relay) -> bool {
        !self.by_relay.contains_key(&relay) && !self.reserved.contains(&relay.local)
    }

    /// Asks the shell for this socket on behalf of an allocation.
    pub(super) fn open(&mut self, id: AllocationId, relay: Relay) {
        let Some(allocation) = self.allocations.get_mut(&id) else { return };
        allocation.relays[AddressFamily::of(relay.local.ip()) as usize] = Some(relay);
        self.by_relay.insert(relay, id);
        self.events.push_back(Event::OpenRelay(relay));
    }

    /// Keeps the port above this one for a while.
    pub(super) fn reserve(&mut self, now: Instant, relay: Relay) -> Option<ReservationToken> {
        let port = relay.local.port().checked_add(1)?;
        let token = ReservationToken(self.random());
        let local = SocketAddr::new(relay.local.ip(), port);
        let expires = now + RESERVATION;
        self.reservations.insert(token, Reservation { local, expires });
        self.reserved.insert(local);
        self.timers.push(Reverse((expires, Due::Reservation(token.0))));
        Some(token)
    }

    pub(super) fn take_reservation(&mut self, token: ReservationToken) -> Option<SocketAddr> {
        let reservation = self.reservations.remove(&token)?;
        self.reserved.remove(&reservation.local);
        Some(reservation.local)
    }

    pub(super) fn expire_reservation(&mut self, now: Instant, token: ReservationToken) {
        if self.reservations.get(&token).is_some_and(|reservation| reservation.expires <= now) {
            self.take_reservation(token);
        }
    }

    /// Ends an allocation: its sockets, connections and names.
    pub(super) fn release(&mut self, id: AllocationId) {
        let Some(allocation) = self.allocations.remove(&id) else { return };
        let Allocation { client, relays, identity, tickets, connections, .. } = &allocation;
        // Of one that is away, others may have the 5-tuple by now.
        if self.by_client.get(client) == Some(&id) {
            self.by_client.remove(client);
        }
        for relay in relays.iter().flatten() {
            self.by_relay.remove(relay);
            self.events.push_back(Event::CloseRelay(*relay));
        }
        for ticket in tickets.iter().flatten() {
            self.by_ticket.remove(ticket);
        }
        for connection in connections {
            self.connections.remove(connection);
            self.events.push_back(Event::Disconnect(*connection));
        }
        if let Some(count) = self.per_user.get_mut(identity) {
            *count -= 1;
            if *count == 0 {
                self.per_user.remove(identity);
            }
        }
        if matches!(allocation.stage, Stage::Open | Stage::Away) {
            self.events.push_back(Event::Released(*client));
        }
    }

    /// Sets the timer of an allocation, if none rings early enough already.
    pub(super) fn set_timer(&mut self, id: AllocationId) {
        let Some(allocation) = self.allocations.get_mut(&id) else { return };
        if allocation.expires < allocation.timer {
            allocation.timer = allocation.expires;
            self.timers.push(Reverse((allocation.timer, Due::Allocation(id))));
        }
    }

    pub(super) fn expire_allocation(&mut self, now: Instant, at: Instant, id: AllocationId) {
        let Some(allocation) = self.allocations.get_mut(&id) else { return };
        // Another entry has replaced this one.
        if allocation.timer != at {
            return;
        }
        if allocation.expires <= now {
            self.release(id);
        } else {
            allocation.timer = allocation.expires;
            self.timers.push(Reverse((allocation.timer, Due::Allocation(id))));
        }
    }
}
