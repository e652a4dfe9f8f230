//! Relayed candidates: an allocation on a TURN server each, RFC 8445 §5.1.1.2 and RFC 8656.
//!
//! ```text
//! add_relay ─► SocketWanted ─► handle_opened ─► Allocate ─► a candidate, paired like others
//! ```
//!
//! To checks a relayed candidate is an address like others: their paths lead from it to the peer. What
//! its datagrams wear on the way to the server is the business of `relaying`.

use core::net::SocketAddr;

use sansio::{Instant, Machine, Path, Transmit, Transport};
use stun::attribute::Username;
use turn::AddressFamily;
use turn::client::{self, Client, CloseReason};

use crate::agent::gather::Local;
use crate::agent::machine::Agent;
use crate::candidate::{is_usable, relayed_preference};
use crate::{
    AddRelayError, CandidateKind, Destination, Event, Framing, GatheringState, RelayError, RelayId,
    RelayServer, SocketId, SocketRequest, State, priority,
};

/// A relay, wanted or in use.
#[derive(Debug)]
pub(crate) struct Relay {
    server: RelayServer,
    /// `None`: it is of no use any more.
    socket: Option<SocketId>,
    /// Which of its addresses is tried, or in use.
    nth: usize,
    /// The socket is open.
    is_open: bool,
    /// Its connection broke once already since the last restart.
    reconnected: bool,
    client: Option<Box<Client>>,
}

impl Relay {
    /// Whether it may still give a candidate.
    pub(super) fn is_pending(&self) -> bool {
        let allocated = |client: &Client| client.state() == client::State::Allocated;
        self.socket.is_some() && !self.client().is_some_and(allocated)
    }

    /// The client, while it can speak.
    pub(super) fn client(&self) -> Option<&Client> {
        self.client.as_deref().filter(|_| self.is_open)
    }

    pub(super) fn client_mut(&mut self) -> Option<&mut Client> {
        self.client.as_deref_mut().filter(|_| self.is_open)
    }

    pub(super) fn has(&self, relayed: SocketAddr) -> bool {
        let client = self.client.as_ref();
        client.and_then(|it| it.relayed(AddressFamily::of(relayed.ip()))) == Some(relayed)
    }
}

impl Agent {
    /// Takes a relay: asks for a socket ([`Event::SocketWanted`]) and then for an allocation, which
    /// becomes a candidate. Of each server's own candidates those over UDP are preferred, then TCP,
    /// then TLS, and of equal ones those first added.
    ///
    /// # Errors
    ///
    /// There are too many, the user name is too long, or over UDP there is no address.
    pub fn add_relay(&mut self, now: Instant, server: RelayServer) -> Result<(), AddRelayError> {
        check_username(&server.username)?;
        if server.transport == Transport::Udp && server.addresses.is_empty() {
            return Err(AddRelayError::NoAddress);
        }
        if self.relays.len() >= self.config.max_relays {
            return Err(AddRelayError::TooMany(self.relays.len()));
        }
        if self.state != State::Closed {
            self.relays.push(Relay {
                server,
                socket: None,
                nth: 0,
                is_open: false,
                reconnected: false,
                client: None,
            });
            self.open_relay(self.relays.len() - 1, None);
            self.settle(now);
        }
        Ok(())
    }

    /// Other credentials for the relays of this name, such as time-limited ones before they
    /// expire. The server is asked with them when it is next asked at all.
    ///
    /// # Errors
    ///
    /// The user name is too long.
    pub fn set_relay_credentials(
        &mut self,
        relay: RelayId,
        username: &str,
        password: &str,
    ) -> Result<(), AddRelayError> {
        check_username(username)?;
        for relay in self.relays.iter_mut().filter(|one| one.server.id == relay) {
            (relay.server.username, relay.server.password) = (username.into(), password.into());
            if let Some(client) = &mut relay.client {
                // Its length was checked.
                let _ = client.set_credentials(username, password);
            }
        }
        Ok(())
    }

    /// Asks for a socket to this relay; `to`: to another server than its own.
    fn open_relay(&mut self, index: usize, to: Option<(SocketAddr, Option<Box<str>>)>) {
        let id = self.next_socket_id();
        let Some(relay) = self.relays.get_mut(index) else { return };
        relay.is_open = false;
        let server = &relay.server;
        let told = server.addresses.get(relay.nth).copied();
        let (to, name) = to.map_or((told, None), |(to, name)| (Some(to), name));
        let request = SocketRequest {
            id,
            near: None,
            to: to.map_or(Destination::Relay(server.id), Destination::Address),
            transport: server.transport,
            framing: match server.transport {
                Transport::Udp => Framing::Datagrams,
                Transport::Tcp | Transport::Tls => Framing::Turn,
            },
            server_name: name.or_else(|| server.server_name.clone()),
        };
        if let Some(before) = relay.socket.replace(id) {
            self.events.push_back(Event::SocketReleased(before));
        }
        self.events.push_back(Event::SocketWanted(request));
        self.set_gathering(GatheringState::Gathering);
    }

    /// The shell has opened the socket of a relay.
    pub(super) fn relay_opened(&mut self, now: Instant, id: SocketId, path: Path) {
        let Some(index) = self.relay_on(id) else { return };
        let config = self.config.turn;
        let relay = &mut self.relays[index];
        relay.is_open = true;
        match &mut relay.client {
            Some(client) => client.reconnect(now, path),
            None => {
                let server = &relay.server;
                let config = client::Config { families: server.families, ..config };
                let user = (&*server.username, &*server.password);
                // The user name's length was checked.
                relay.client =
                    Client::new(now, path, config, user, self.rng.fork()).ok().map(Box::new);
            }
        }
    }

    /// The socket of a relay is gone, or could not be had.
    ///
    /// A connection that breaks takes the allocation with it, and is tried once more.
    pub(super) fn relay_closed(&mut self, id: SocketId) {
        let Some(index) = self.relay_on(id) else { return };
        self.forget_relayed(index);
        let relay = &mut self.relays[index];
        let again = relay.client.is_some() && !core::mem::replace(&mut relay.reconnected, true);
        relay.socket = None;
        if again {
            self.open_relay(index, None);
        } else {
            self.relay_failed(index, RelayError::Unreachable);
        }
    }

    /// The socket of a relay is gone, and no matter: the agent is closed.
    pub(super) fn relay_lost(&mut self, id: SocketId) {
        if let Some(index) = self.relay_on(id) {
            (self.relays[index].socket, self.relays[index].client) = (None, None);
        }
    }

    fn relay_on(&self, id: SocketId) -> Option<usize> {
        self.relays.iter().position(|relay| relay.socket == Some(id))
    }

    /// It is of no use at this address: perhaps at the next one, if here nobody has answered.
    fn relay_failed(&mut self, index: usize, error: RelayError) {
        let relay = &mut self.relays[index];
        relay.client = None;
        let silent = matches!(
            error,
            RelayError::Unreachable | RelayError::Allocation(CloseReason::TimedOut)
        );
        if silent && relay.nth + 1 < relay.server.addresses.len() {
            relay.nth += 1;
            relay.reconnected = false;
            return self.open_relay(index, None);
        }
        self.events.extend(relay.socket.take().map(Event::SocketReleased));
        self.events.push_back(Event::RelayFailed { relay: relay.server.id, error });
    }

    /// Tries those again that were of no use: a restart is a new beginning.
    pub(super) fn revive_relays(&mut self, now: Instant) {
        for index in 0..self.relays.len() {
            let relay = &mut self.relays[index];
            relay.reconnected = false;
            if relay.socket.is_none() {
                (relay.client, relay.nth) = (None, 0);
                self.open_relay(index, None);
            } else if let Some(client) = relay.client_mut() {
                // It may have forgotten us, and that may be why there is a restart.
                client.refresh(now);
            }
        }
    }

    /// Lets time pass for the clients, and takes what they have found.
    pub(super) fn settle_relays(&mut self, now: Instant) {
        for index in 0..self.relays.len() {
            if let Some(client) = &mut self.relays[index].client
                && client.poll_timeout().is_some_and(|at| at <= now)
            {
                client.handle_timeout(now);
            }
            while let Some(event) = self.relays[index].client.as_mut().and_then(|c| c.poll_event())
            {
                self.relay_said(index, event);
            }
        }
    }

    fn relay_said(&mut self, index: usize, event: client::Event) {
        match event {
            client::Event::Allocated => self.take_relayed(index),
            client::Event::PermissionRefused { ip, .. } => {
                let relay = &self.relays[index];
                let refused = |path: Path| relay.has(path.local) && path.remote.ip() == ip;
                let pairs = self.current.pairs.iter().filter(|pair| refused(pair.path));
                for pair in pairs.map(|pair| pair.id).collect::<Vec<_>>() {
                    self.current.fail_pair(pair);
                }
            }
            // Over UDP the client asks there already, from the socket that it has.
            client::Event::Redirected { server, domain } => {
                self.forget_relayed(index);
                if self.relays[index].server.transport != Transport::Udp {
                    self.open_relay(index, Some((server, domain)));
                }
            }
            client::Event::Closed(CloseReason::Closed) => self.forget_relayed(index),
            client::Event::Closed(reason) => {
                self.forget_relayed(index);
                let relay = &mut self.relays[index];
                // RFC 8656 §7.4: 437 is about the 5-tuple, and another socket has another.
                let again = reason == CloseReason::AllocationMismatch
                    && !core::mem::replace(&mut relay.reconnected, true);
                match again {
                    true => {
                        relay.client = None;
                        self.open_relay(index, None);
                    }
                    false => self.relay_failed(index, reason.into()),
                }
            }
            // Routes look for themselves whether there is a channel.
            client::Event::Permitted(_)
            | client::Event::ChannelBound(_)
            | client::Event::ChannelRefused { .. }
            | client::Event::CredentialsRejected(_)
            | client::Event::Moved
            | client::Event::Icmp { .. }
            // ICE relays datagrams.
            | client::Event::ConnectionWanted { .. }
            | client::Event::Connected { .. }
            | client::Event::ConnectionRefused { .. } => {}
        }
    }

    /// An allocation stands: its addresses are candidates.
    fn take_relayed(&mut self, index: usize) {
        let relay = &self.relays[index];
        let (Some(client), transport) = (&relay.client, relay.server.transport) else { return };
        let mapped = client.mapped();
        let families = [AddressFamily::Ipv6, AddressFamily::Ipv4];
        for relayed in families.map(|family| client.relayed(family)).into_iter().flatten() {
            if !is_usable(relayed) || self.check_room_for_local().is_err() {
                continue;
            }
            let id = self.next_candidate_id();
            let preference = relayed_preference(transport, relayed.ip(), index);
            let mut candidate = self.own_candidate(id.0, CandidateKind::Relayed, relayed);
            candidate.priority = priority(CandidateKind::Relayed, Transport::Udp, preference);
            candidate.related = mapped;
            self.announce(&candidate);
            self.locals.push(Local { id, candidate, base: relayed, foundation: id.0 });
            self.pair_local(id);
        }
    }

    /// There is no allocation any more, and so no candidate.
    fn forget_relayed(&mut self, index: usize) {
        let Self { relays, .. } = self;
        let Some(relay) = relays.get(index) else { return };
        let is_it = |local: &Local| relay.has(local.base);
        let gone: Vec<_> = self.locals.iter().filter(|l| is_it(l)).map(|l| l.id).collect();
        self.forget_locals(&gone);
    }

    /// Where the relay that has this address is spoken to, and how.
    pub(super) fn server_of(&self, local: SocketAddr) -> Option<(SocketAddr, Transport)> {
        let path = self.relays.get(self.relay_of(local)?)?.client()?.path();
        Some((path.remote, path.transport))
    }

    /// Asks the relay to let datagrams of this pair through.
    pub(super) fn permit(&mut self, path: Path) {
        let relay = self.relay_of(path.local).and_then(|index| self.relays.get_mut(index));
        if let Some(client) = relay.and_then(Relay::client_mut) {
            // Beyond the bound there are no permissions: the pair fails by itself.
            let _ = client.permit(path.remote.ip());
        }
    }

    /// Asks for a channel: the pair carries data.
    pub(super) fn bind(&mut self, path: Path) {
        let relay = self.relay_of(path.local).and_then(|index| self.relays.get_mut(index));
        if let Some(client) = relay.and_then(Relay::client_mut) {
            // Without a channel it goes in indications.
            let _ = client.bind(path.remote);
        }
    }

    /// What a client asks of its server.
    pub(super) fn transmit_to_servers(
        &mut self,
        now: Instant,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit<Path>> {
        let clients = self.relays.iter_mut().filter_map(Relay::client_mut);
        clients.into_iter().find_map(|client| client.poll_transmit(now, buf))
    }

    /// When a client wants time to pass.
    pub(super) fn relay_timeout(&self) -> Option<Instant> {
        let clients = self.relays.iter().filter_map(Relay::client);
        clients.filter_map(Machine::poll_timeout).min()
    }

    /// Gives all allocations back.
    pub(super) fn close_relays(&mut self, now: Instant) {
        for client in self.relays.iter_mut().filter_map(Relay::client_mut) {
            client.close(now);
        }
    }
}

fn check_username(username: &str) -> Result<(), AddRelayError> {
    let checked = Username::new(username).map(drop);
    checked.map_err(|_| AddRelayError::Username(username.len()))
}
