//! More than two: agents, a relay, and streams between them, 20 ms from each other.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use patchcord_ice::{
    Agent, Config, Event, Framing, RelayId, RelayServer, Role, Route, SocketId, SocketRequest,
};
use sansio::{Datagram, Instant, Machine, Path, Transport};
use testkit::SeededRng;
use turn::client::Families;
use turn::server::{self, RelayAddress, Server, StaticUsers};

use crate::scene::address;

pub(crate) const DELAY: Duration = Duration::from_millis(20);
pub(crate) const SERVER: &str = "203.0.113.1:3478";
/// Where the server is reached through a proxy, which knows it by its name.
pub(crate) const PROXY: &str = "203.0.113.1:8080";
/// Nobody answers there, and no connection is accepted.
pub(crate) const NOBODY: &str = "203.0.113.99:3478";

/// An agent and its shell.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) agent: Agent,
    pub(crate) events: Vec<Event>,
    /// Data that came out of the agent.
    pub(crate) heard: Vec<Vec<u8>>,
    /// Sockets of its own, with their paths.
    pub(crate) sockets: Vec<(SocketId, Path)>,
    /// What its sockets were asked for and did not get.
    pub(crate) refused: Vec<SocketRequest>,
    next_port: u16,
}

/// What is under way.
#[derive(Debug)]
enum Flying {
    /// A datagram, seen from where it arrives.
    Datagram(Path, Vec<u8>),
    /// A socket is open.
    Opened(usize, SocketId, Path),
    /// The accepting end of this stream is gone.
    Gone(Path),
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) hosts: Vec<Host>,
    pub(crate) server: Server,
    flying: BTreeMap<(Instant, u64), Flying>,
    count: u64,
    /// Nothing travels directly between hosts over UDP.
    pub(crate) udp_is_blocked: bool,
    /// Nobody can open streams.
    pub(crate) tcp_is_blocked: bool,
    /// How many datagrams have gone from the relay to clients, of them in channels.
    pub(crate) relayed: (usize, usize),
    /// Where relayed addresses have sent something.
    pub(crate) reached: BTreeSet<IpAddr>,
    /// Paths over DTLS whose keys the server has forgotten.
    keyless: Vec<Path>,
}

impl Host {
    pub(crate) fn new(config: Config, seed: u64, role: Role) -> Self {
        let mut agent = Agent::new(config, SeededRng::boxed(seed));
        agent.set_role(Instant::ZERO, role);
        let (events, heard) = (Vec::new(), Vec::new());
        let (sockets, refused) = (Vec::new(), Vec::new());
        Self { agent, events, heard, sockets, refused, next_port: 40_000 }
    }

    /// The other side's description as it is now, whole or not.
    pub(crate) fn describe(&mut self, now: Instant, of: &Self) {
        let (credentials, candidates) = of.agent.signalled();
        self.agent.set_remote_credentials(now, credentials);
        for candidate in candidates {
            self.agent.add_remote_candidate(now, candidate);
        }
    }
}

/// What hosts call their relays.
pub(crate) const RELAY: RelayId = RelayId(7);

pub(crate) fn relay_at(transport: Transport, user: &str) -> RelayServer {
    RelayServer {
        id: RELAY,
        addresses: vec![address(SERVER)],
        transport,
        server_name: matches!(transport, Transport::Tls | Transport::Dtls)
            .then(|| "turn.example.org".into()),
        username: user.into(),
        password: "secret".into(),
        families: Families::Ipv4,
    }
}

impl World {
    pub(crate) fn new(hosts: Vec<Host>) -> Self {
        Self::with(hosts, server::Config::default())
    }

    pub(crate) fn with(hosts: Vec<Host>, config: server::Config) -> Self {
        let mut users = StaticUsers::new("example.org");
        users.add("alice", "secret");
        users.add("bob", "secret");
        let config = server::Config {
            realm: "example.org".into(),
            relays: vec![RelayAddress::new(address(SERVER).ip())],
            ..config
        };
        let server = Server::new(config, Box::new(users), SeededRng::boxed(99)).unwrap();
        let (flying, count) = (BTreeMap::new(), 0);
        let (udp_is_blocked, tcp_is_blocked, relayed) = (false, false, (0, 0));
        let now = Instant::ZERO;
        let (reached, keyless) = (BTreeSet::new(), Vec::new());
        Self {
            now,
            hosts,
            server,
            flying,
            count,
            udp_is_blocked,
            tcp_is_blocked,
            relayed,
            reached,
            keyless,
        }
    }

    /// Signals everything that is known to the other of two, with the end of candidates.
    pub(crate) fn signal(&mut self) {
        let now = self.now;
        let [a, b] = &mut self.hosts[..] else { panic!("two hosts") };
        a.describe(now, b);
        b.describe(now, a);
        a.agent.end_of_remote_candidates(now);
        b.agent.end_of_remote_candidates(now);
    }

    /// Sends data along a host's route. False: it has none.
    pub(crate) fn say(&mut self, host: usize, data: &[u8]) -> bool {
        let Some(route) = self.hosts[host].agent.route() else { return false };
        self.say_along(host, route, data)
    }

    pub(crate) fn say_along(&mut self, host: usize, route: Route, data: &[u8]) -> bool {
        let mut buf = vec![0xee; 3 + route.head];
        buf.extend_from_slice(data);
        let Some(transmit) = self.hosts[host].agent.wrap(self.now, route, &mut buf, 3) else {
            return false;
        };
        assert_eq!(transmit.len, buf.len() - 3);
        self.fly(transmit.path, buf.split_off(3));
        true
    }

    /// Breaks the streams of a host's own; it learns at once, the other end later.
    pub(crate) fn break_streams(&mut self, host: usize) {
        let sockets = core::mem::take(&mut self.hosts[host].sockets);
        for (id, path) in sockets {
            self.server.handle_closed(path.reversed());
            self.launch(Flying::Gone(path.reversed()));
            self.hosts[host].agent.handle_closed(self.now, id);
        }
        self.pull();
    }

    pub(crate) fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        self.run_until(|_| false, end);
    }

    /// Runs until it holds, or until `end`.
    pub(crate) fn run_until(&mut self, mut holds: impl FnMut(&Self) -> bool, end: Instant) -> bool {
        self.pull();
        while !holds(self) {
            let timers = self.hosts.iter().filter_map(|host| host.agent.poll_timeout());
            let timers = timers.chain(self.server.poll_timeout());
            let next = timers.chain(self.flying.keys().next().map(|(at, _)| *at)).min();
            let Some(next) = next.filter(|next| *next <= end) else {
                self.now = end;
                return false;
            };
            self.now = self.now.max(next);
            while let Some(entry) = self.flying.first_entry().filter(|e| e.key().0 <= self.now) {
                let flying = entry.remove();
                self.arrive(flying);
            }
            for host in &mut self.hosts {
                host.agent.handle_timeout(self.now);
            }
            self.server.handle_timeout(self.now);
            self.pull();
        }
        true
    }

    fn arrive(&mut self, flying: Flying) {
        let now = self.now;
        match flying {
            Flying::Opened(host, id, path) => {
                self.hosts[host].agent.handle_opened(now, id, path);
            }
            Flying::Gone(path) => {
                for host in &mut self.hosts {
                    host.agent.handle_stream_closed(now, path);
                }
            }
            Flying::Datagram(path, mut data) if path.local.ip() == address(SERVER).ip() => {
                let mut out = Vec::new();
                let input = Datagram::new(path, now, &mut data);
                if let Ok(Some(transmit)) = self.server.forward(now, input, &mut out) {
                    self.fly(transmit.path, out);
                }
            }
            Flying::Datagram(path, mut data) => {
                let is_it = |host: &Host| {
                    let own = host.sockets.iter().any(|(_, socket)| *socket == path);
                    let mut bases = host
                        .agent
                        .local_candidates()
                        .filter_map(patchcord_ice::Candidate::socket_addr);
                    own || bases.any(|base| base == path.local)
                };
                let host = self.hosts.iter_mut().find(|host| is_it(host));
                let Some(host) = host else { return };
                let input = Datagram::new(path, now, &mut data);
                match host.agent.unwrap(now, input) {
                    Ok(Some(inner)) if matches!(inner.data.first(), Some(0..=3)) => {
                        let _ = host.agent.handle_input(now, inner);
                    }
                    Ok(Some(inner)) => host.heard.push(inner.data.to_vec()),
                    Ok(None) | Err(_) => {}
                }
            }
        }
    }

    fn pull(&mut self) {
        for index in 0..self.hosts.len() {
            let mut buf = Vec::new();
            while let Some(transmit) = self.hosts[index].agent.poll_transmit(self.now, &mut buf) {
                assert_eq!(transmit.len, buf.len());
                self.fly(transmit.path, core::mem::take(&mut buf));
            }
            while let Some(event) = self.hosts[index].agent.poll_event() {
                if let Event::SocketWanted(wanted) = &event {
                    self.open(index, wanted);
                }
                if let Event::SocketReleased(id) = &event {
                    self.release(index, *id);
                }
                self.hosts[index].events.push(event);
            }
        }
        while let Some(event) = self.server.poll_event() {
            if let server::Event::OpenRelay(relay) = event {
                self.server.handle_opened(self.now, relay);
            }
        }
        let mut buf = Vec::new();
        while let Some(transmit) = self.server.poll_transmit(self.now, &mut buf) {
            self.fly(transmit.path, core::mem::take(&mut buf));
        }
    }

    fn open(&mut self, index: usize, wanted: &SocketRequest) {
        let host = &mut self.hosts[index];
        let to = wanted.to.address().unwrap_or(address(PROXY));
        let to_relay = [SERVER, NOBODY].iter().any(|relay| to.ip() == address(relay).ip());
        assert_eq!(
            wanted.framing,
            match (wanted.transport, to_relay) {
                (Transport::Udp | Transport::Dtls, _) => Framing::Datagrams,
                (_, true) => Framing::Turn,
                (_, false) => Framing::Rfc4571,
            }
        );
        let is_blocked = wanted.transport.is_stream() && self.tcp_is_blocked;
        // Nobody shakes hands there, and the shell gives up.
        let is_nobody = wanted.transport != Transport::Udp && to == address(NOBODY);
        if is_blocked || is_nobody {
            host.refused.push(wanted.clone());
            host.agent.handle_closed(self.now, wanted.id);
            return;
        }
        host.next_port += 1;
        let near = wanted.near.unwrap_or(address(&format!("192.0.2.{}:0", index + 1)));
        let port = if near.port() == 0 { host.next_port } else { near.port() };
        let local = SocketAddr::new(near.ip(), port);
        let path = Path { local, remote: to, transport: wanted.transport };
        host.sockets.push((wanted.id, path));
        let at = match wanted.transport {
            Transport::Udp => self.now,
            Transport::Tcp | Transport::Tls | Transport::Dtls => self.now + 2 * DELAY,
        };
        self.count += 1;
        self.flying.insert((at, self.count), Flying::Opened(index, wanted.id, path));
    }

    /// The server has no keys any more for the sockets that this host has now.
    pub(crate) fn forget_keys(&mut self, index: usize) {
        let sockets = self.hosts.get(index).map(|host| &host.sockets[..]).unwrap_or_default();
        self.keyless.extend(sockets.iter().map(|(_, path)| *path));
    }

    fn release(&mut self, index: usize, id: SocketId) {
        let sockets = &mut self.hosts[index].sockets;
        let gone: Vec<_> = sockets.extract_if(.., |(socket, _)| *socket == id).collect();
        for (_, path) in gone {
            self.launch(Flying::Gone(path.reversed()));
        }
    }

    pub(crate) fn fly(&mut self, path: Path, data: Vec<u8>) {
        let server = address(SERVER).ip();
        let is_direct = path.local.ip() != server && path.remote.ip() != server;
        if is_direct && path.transport == Transport::Udp && self.udp_is_blocked {
            return;
        }
        if self.keyless.contains(&path) {
            return;
        }
        if path.local == address(SERVER) {
            self.relayed.0 += 1;
            self.relayed.1 += usize::from(matches!(data.first(), Some(0x40..=0x4f)));
        } else if path.local.ip() == server {
            self.reached.insert(path.remote.ip());
        }
        self.launch(Flying::Datagram(path.reversed(), data));
    }

    fn launch(&mut self, flying: Flying) {
        self.count += 1;
        self.flying.insert((self.now + DELAY, self.count), flying);
    }
}
