//! Relayed candidates: an allocation on a TURN server each, RFC 8445 §5.1.1.2 and RFC 8656.
//!
//! ```text
//! add_relay ─► SocketWanted ─► handle_opened ─► Allocate ─► a candidate, paired like others
//! ```
//!
//! To checks a relayed candidate is an address like others: their paths lead from it to the peer. What
//! its datagrams wear on the way to the server is the business of `relaying`, whom the server lets in
//! that of `permissions`, and what is done when it cannot be reached that of `recovery`.

use core::net::SocketAddr;
use core::time::Duration;

use sansio::{Instant, Machine, Path, Transmit, Transport};
use stun::attribute::Username;
use turn::AddressFamily;
use turn::client::{self, Client, CloseReason};

use crate::agent::gather::Local;
use crate::agent::machine::Agent;
use crate::agent::recovery::Health;
use crate::candidate::{is_usable, relayed_preference};
use crate::{
    AddRelayError, CandidateKind, Destination, Event, Framing, GatheringState, RelayError, RelayId,
    RelayServer, SocketId, SocketRequest, State, priority,
};

/// How long an address has for an allocation where there is another one to be tried. Requests go out
/// at 0, 0.5 and 1.5 s; the last address has the client's own patience.
const PATIENCE: Duration = Duration::from_millis(3500);

/// A relay, wanted or in use.
#[derive(Debug)]
pub(crate) struct Relay {
    pub(super) server: RelayServer,
    /// `None`: it is of no use at the moment.
    pub(super) socket: Option<SocketId>,
    /// Which of its addresses is tried, or in use.
    pub(super) nth: usize,
    /// Until when that one has for an allocation.
    pub(super) until: Option<Instant>,
    /// The server that it has named in its place, and the name of that one.
    pub(super) elsewhere: Option<(SocketAddr, Option<Box<str>>)>,
    /// The socket is open.
    pub(super) is_open: bool,
    /// The addresses that are candidates.
    relayed: [Option<SocketAddr>; 2],
    pub(super) health: Health,
    pub(super) client: Option<Box<Client>>,
}

impl Relay {
    fn new(server: RelayServer) -> Self {
        Self {
            server,
            socket: None,
            nth: 0,
            until: None,
            elsewhere: None,
            is_open: false,
            relayed: [None; 2],
            health: Health::default(),
            client: None,
        }
    }

    /// Whether it may still give a candidate, and somebody waits for that.
    pub(super) fn is_pending(&self) -> bool {
        self.socket.is_some() && !self.is_allocated() && self.health.failed.is_none()
    }

    fn is_allocated(&self) -> bool {
        self.client.as_ref().is_some_and(|client| client.state() == client::State::Allocated)
    }

    /// Whether its allocation can be taken along to another socket.
    pub(super) fn is_mobile(&self) -> bool {
        self.is_allocated() && self.client.as_ref().is_some_and(|client| client.is_mobile())
    }

    /// The client, while it can speak.
    pub(super) fn client(&self) -> Option<&Client> {
        self.client.as_deref().filter(|_| self.is_open)
    }

    pub(super) fn client_mut(&mut self) -> Option<&mut Client> {
        self.client.as_deref_mut().filter(|_| self.is_open)
    }

    /// When its client wants time to pass. One that cannot speak waits for a socket, or its end.
    fn timeout(&self) -> Option<Instant> {
        let client = self.client.as_ref()?;
        let client = if self.is_open { client.poll_timeout() } else { client.expires() };
        client.into_iter().chain(self.until).min()
    }

    pub(super) fn has(&self, relayed: SocketAddr) -> bool {
        self.relayed.contains(&Some(relayed))
    }
}

impl Agent {
    /// Takes a relay: asks for a socket ([`Event::SocketWanted`]) and then for an allocation, which
    /// becomes a candidate. Of each server's own candidates those over UDP are preferred, then
    /// DTLS, TCP and TLS, and of equal ones those first added.
    ///
    /// # Errors
    ///
    /// There are too many, the user name is too long, or over UDP there is no address.
    pub fn add_relay(&mut self, now: Instant, server: RelayServer) -> Result<(), AddRelayError> {
        check_username(&server.username)?;
        if !server.transport.is_stream() && server.addresses.is_empty() {
            return Err(AddRelayError::NoAddress);
        }
        if self.relays.len() >= self.config.max_relays {
            return Err(AddRelayError::TooMany(self.relays.len()));
        }
        if self.state != State::Closed {
            self.relays.push(Relay::new(server));
            self.open_relay(self.relays.len() - 1);
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

    /// Asks for a socket to this relay, in place of the one that it has.
    pub(super) fn open_relay(&mut self, index: usize) {
        let Some(request) = self.want_socket(index) else { return };
        let relay = &mut self.relays[index];
        relay.is_open = false;
        relay.health.again = None;
        if let Some(before) = relay.socket.replace(request.id) {
            self.events.push_back(Event::SocketReleased(before));
        }
        let is_pending = relay.is_pending();
        self.events.push_back(Event::SocketWanted(request));
        if is_pending {
            self.set_gathering(GatheringState::Gathering);
        }
    }

    /// What is asked for to reach this relay.
    pub(super) fn want_socket(&mut self, index: usize) -> Option<SocketRequest> {
        let id = self.next_socket_id();
        let relay = self.relays.get(index)?;
        let transport = relay.server.transport;
        let framing = match transport {
            Transport::Udp | Transport::Dtls => Framing::Datagrams,
            Transport::Tcp | Transport::Tls => Framing::Turn,
        };
        let server = &relay.server;
        let (to, name) = match &relay.elsewhere {
            Some((address, name)) => (Some(*address), name.clone()),
            None => (server.addresses.get(relay.nth).copied(), None),
        };
        let to = to.map_or(Destination::Relay(server.id), Destination::Address);
        let server_name = name.or_else(|| server.server_name.clone());
        Some(SocketRequest { id, near: None, to, transport, framing, server_name })
    }

    /// The shell has opened the socket of a relay.
    pub(super) fn relay_opened(&mut self, now: Instant, id: SocketId, path: Path) {
        if let Some(index) = self.relay_on(id) {
            self.use_socket(now, index, path);
        } else {
            self.compare_routes(now, id, path);
        }
    }

    /// The socket of a relay is open: an allocation is asked for, or the one that there is comes
    /// along.
    pub(super) fn use_socket(&mut self, now: Instant, index: usize, path: Path) {
        let config = self.config.turn;
        let relay = &mut self.relays[index];
        (relay.is_open, relay.health.was_open) = (true, true);
        let Some(client) = &mut relay.client else {
            let server = &relay.server;
            let config = client::Config { families: server.families, ..config };
            let user = (&*server.username, &*server.password);
            // The user name's length was checked.
            relay.client = Client::new(now, path, config, user, self.rng.fork()).ok().map(Box::new);
            let has_next = relay.nth + 1 < server.addresses.len();
            relay.until = has_next.then_some(now + PATIENCE);
            return;
        };
        if !client.move_to(now, path) {
            client.reconnect(now, path);
            self.forget_relayed(index);
        }
    }

    /// The socket of a relay is gone, and no matter: the agent is closed.
    pub(super) fn relay_lost(&mut self, id: SocketId) {
        if let Some(index) = self.relay_on(id) {
            (self.relays[index].socket, self.relays[index].client) = (None, None);
        }
    }

    pub(super) fn relay_on(&self, id: SocketId) -> Option<usize> {
        self.relays.iter().position(|relay| relay.socket == Some(id))
    }

    /// Lets time pass for the clients, and takes what they have found.
    pub(super) fn settle_relays(&mut self, now: Instant) {
        for index in 0..self.relays.len() {
            let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
            if is_due(self.relays[index].timeout()) {
                self.forget_strangers(index);
                if let Some(client) = &mut self.relays[index].client {
                    client.handle_timeout(now);
                }
            }
            while let Some(event) = self.relays[index].client.as_mut().and_then(|c| c.poll_event())
            {
                self.relay_said(now, index, event);
            }
            if is_due(self.relays[index].until) {
                self.relay_down(now, index, RelayError::Allocation(CloseReason::TimedOut));
            }
            if is_due(self.relays[index].health.again) {
                self.open_relay(index);
            }
        }
    }

    fn relay_said(&mut self, now: Instant, index: usize, event: client::Event) {
        match event {
            client::Event::Allocated => {
                self.relays[index].until = None;
                self.relays[index].health.recovered(now);
                self.take_relayed(index);
            }
            client::Event::Moved => self.relay_moved(now, index),
            client::Event::Unanswered => self.relay_unanswered(index),
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
                let relay = &mut self.relays[index];
                relay.elsewhere = Some((server, domain));
                if relay.server.transport != Transport::Udp {
                    self.open_relay(index);
                }
            }
            client::Event::MoveRefused(_) | client::Event::Closed(CloseReason::Closed) => {
                self.forget_relayed(index);
            }
            client::Event::Closed(reason) => self.relay_down(now, index, reason.into()),
            // Routes look for themselves whether there is a channel.
            client::Event::Permitted(_)
            | client::Event::ChannelBound(_)
            | client::Event::ChannelRefused { .. }
            | client::Event::CredentialsRejected(_)
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
        let all = families.map(|family| client.relayed(family));
        self.relays[index].relayed = all;
        for relayed in all.into_iter().flatten() {
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
    pub(super) fn forget_relayed(&mut self, index: usize) {
        let Some(relay) = self.relays.get_mut(index) else { return };
        let lost = core::mem::take(&mut relay.relayed);
        let is_it = |local: &Local| lost.contains(&Some(local.base));
        let gone: Vec<_> = self.locals.iter().filter(|l| is_it(l)).map(|l| l.id).collect();
        if !gone.is_empty() {
            self.forget_locals(&gone);
        }
    }

    /// Where the relay that has this address is spoken to, and how.
    pub(super) fn server_of(&self, local: SocketAddr) -> Option<(SocketAddr, Transport)> {
        let path = self.relays.get(self.relay_of(local)?)?.client.as_ref()?.path();
        Some((path.remote, path.transport))
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
        let relays = self.relays.iter();
        relays.flat_map(|relay| [relay.timeout(), relay.health.again]).flatten().min()
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
