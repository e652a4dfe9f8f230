//! An agent with relays and TCP candidates under a program of any bytes: sockets that open, fail and
//! break, a real TURN server whose answers arrive, are lost, repeated or damaged, peers that say
//! anything. What must hold for every program is asserted after every step.

use core::net::SocketAddr;
use core::time::Duration;
use std::collections::VecDeque;

use ice::{
    Address, Agent, Candidate, CandidateKind, CandidatePolicy, Config, Credentials, Event, RelayId,
    RelayServer, Role, SocketId, SocketRequest, State, TcpType,
};
use sansio::{Datagram, Instant, Machine, Path, Transport};
use stun::attribute::XorMappedAddress;
use stun::{Class, IntegrityKey, Message, MessageBuilder, Method, TransactionId};
use testkit::SeededRng;
use turn::attribute::{Data, XorPeerAddress};
use turn::client::Families;
use turn::server::{self, RelayAddress, Server, StaticUsers};

const MAX_RELAYS: usize = 2;
const MAX_PAIRS: usize = 8;

/// Runs the program in `bytes`; panics if the agent breaks a promise.
pub(crate) fn exercise(bytes: &[u8]) {
    let Some((first, program)) = bytes.split_first() else { return };
    let policies = [CandidatePolicy::All, CandidatePolicy::NoHost, CandidatePolicy::Relay];
    let config = Config {
        policy: policies[usize::from(first % 3)],
        max_relays: MAX_RELAYS,
        max_pairs: MAX_PAIRS,
        max_local_candidates: 6,
        max_remote_candidates: 6,
        max_peer_reflexive: 3,
        ..Config::default()
    };
    let mut run = Run {
        agent: Agent::new(config, SeededRng::boxed(7)),
        server: relay(),
        now: Instant::ZERO,
        program,
        wanted: Vec::new(),
        open: Vec::new(),
        asked: Vec::new(),
        to_server: VecDeque::new(),
        to_agent: VecDeque::new(),
        last_socket: None,
    };
    while !run.program.is_empty() {
        run.step();
        run.check();
    }
}

struct Run<'p> {
    agent: Agent,
    server: Server,
    now: Instant,
    program: &'p [u8],
    /// What the agent waits for.
    wanted: Vec<SocketRequest>,
    open: Vec<(SocketId, Path)>,
    /// Checks that it has sent directly.
    asked: Vec<(Path, Vec<u8>)>,
    /// Between it and the server, seen from where it arrives.
    to_server: VecDeque<(Path, Vec<u8>)>,
    to_agent: VecDeque<(Path, Vec<u8>)>,
    last_socket: Option<SocketId>,
}

impl Run<'_> {
    /// The next byte of the program, less than `limit`.
    fn next(&mut self, limit: u8) -> u8 {
        let Some((first, rest)) = self.program.split_first() else { return 0 };
        self.program = rest;
        first % limit
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        let n = usize::from(self.next(255));
        (!of.is_empty()).then(|| of[n % of.len()].clone())
    }

    fn step(&mut self) {
        let now = self.now;
        match self.next(24) {
            0 => _ = self.agent.add_local_candidate(now, local(0)),
            1 => {
                let (address, tcp_type) = (local(self.next(2)), tcp_type(self.next(3)));
                _ = self.agent.add_tcp_candidate(now, tcp_type, address);
            }
            2 => {
                let relay = self.relay();
                _ = self.agent.add_relay(now, relay);
            }
            3 | 4 => {
                let candidate = self.candidate();
                self.agent.add_remote_candidate(now, candidate);
            }
            5 => self.agent.set_remote_credentials(now, theirs()),
            6..=8 => self.open(),
            9 => self.break_socket(),
            10 => {
                let path = Path {
                    local: local(self.next(2)),
                    remote: remote(self.next(4)),
                    transport: Transport::Tcp,
                };
                self.agent.handle_stream_closed(now, path);
            }
            11..=14 => self.carry(),
            15 => self.peer_speaks(),
            16 => self.forge(),
            17 | 18 => self.answer(),
            19 => {
                let step = [1, 50, 1000, 60_000][usize::from(self.next(4))];
                self.now = now + Duration::from_millis(step * u64::from(self.next(20)));
            }
            20 => self.speak(),
            21 => match self.next(8) {
                0 => self.agent.restart(now),
                1 => self.agent.close(now),
                2 => self.agent.end_of_local_candidates(now),
                3 => self.agent.set_role(now, Role::Controlling),
                _ => _ = self.agent.set_relay_credentials(RelayId(1), "alice", "secret"),
            },
            22 => self.check_by_peer(),
            _ => self.agent.handle_timeout(now),
        }
    }

    fn relay(&mut self) -> RelayServer {
        let transports = [Transport::Udp, Transport::Tcp, Transport::Tls];
        let addresses = [vec![server_address()], vec![], vec![remote(0), server_address()]];
        RelayServer {
            id: RelayId(self.next(2).into()),
            addresses: addresses[usize::from(self.next(3))].clone(),
            transport: transports[usize::from(self.next(3))],
            server_name: None,
            username: "alice".into(),
            password: if self.next(8) == 0 { "wrong" } else { "secret" }.into(),
            families: if self.next(2) == 0 { Families::Ipv4 } else { Families::Both },
        }
    }

    fn candidate(&mut self) -> Candidate {
        let is_tcp = self.next(3) == 0;
        Candidate {
            foundation: self.next(3).to_string().into(),
            component: 1,
            transport: if is_tcp { Transport::Tcp } else { Transport::Udp },
            tcp_type: is_tcp.then(|| tcp_type(self.next(3))),
            priority: u32::from_be_bytes([self.next(127), self.next(255), 255, 255]),
            address: Address::Ip(remote(self.next(4))),
            kind: CandidateKind::Host,
            related: None,
            ufrag: None,
        }
    }

    /// A wanted socket opens, or does not.
    fn open(&mut self) {
        let Some(wanted) = self.pick(&self.wanted.clone()) else { return };
        self.wanted.retain(|other| other.id != wanted.id);
        if self.next(6) == 0 {
            return self.agent.handle_closed(self.now, wanted.id);
        }
        let near = wanted.near.unwrap_or(local(0));
        // A port of its own, so that its 5-tuple is.
        let port = if near.port() == 0 || wanted.near.is_none() {
            let count = u16::try_from(self.open.len()).unwrap_or(0);
            30_000 + 100 * count + u16::from(self.next(100))
        } else {
            near.port()
        };
        let at = SocketAddr::new(near.ip(), port);
        // A relay without an address is where the server is.
        let to = wanted.to.address().unwrap_or(server_address());
        let path = Path { local: at, remote: to, transport: wanted.transport };
        if self.open.iter().any(|(_, other)| *other == path) {
            return self.agent.handle_closed(self.now, wanted.id);
        }
        self.open.push((wanted.id, path));
        self.agent.handle_opened(self.now, wanted.id, path);
    }

    fn break_socket(&mut self) {
        let Some((id, _)) = self.pick(&self.open.clone()) else { return };
        self.open.retain(|(other, _)| *other != id);
        self.agent.handle_closed(self.now, id);
    }

    /// Brings datagrams to the server and back, more or less.
    fn carry(&mut self) {
        let how = self.next(16);
        while let Some((path, mut data)) = self.to_server.pop_front() {
            let mut out = Vec::new();
            let input = Datagram::new(path, self.now, &mut data);
            if let Ok(Some(transmit)) = self.server.forward(self.now, input, &mut out) {
                self.to_agent.push_back((transmit.path.reversed(), out));
            }
        }
        self.serve();
        while let Some((path, mut data)) = self.to_agent.pop_front() {
            if !self.open.iter().any(|(_, open)| *open == path) {
                continue;
            }
            match how {
                0 => continue,
                1 => {
                    let at = usize::from(self.next(255)) % data.len();
                    data[at] ^= 1 << self.next(8);
                }
                2 => self.hand(path, &mut data.clone()),
                _ => {}
            }
            self.hand(path, &mut data);
        }
    }

    /// What the server's shell does.
    fn serve(&mut self) {
        self.server.handle_timeout(self.now);
        while let Some(event) = self.server.poll_event() {
            if let server::Event::OpenRelay(relay) = event {
                self.server.handle_opened(self.now, relay);
            }
        }
        let mut out = Vec::new();
        while let Some(transmit) = self.server.poll_transmit(self.now, &mut out) {
            self.to_agent.push_back((transmit.path.reversed(), core::mem::take(&mut out)));
        }
    }

    /// A peer sends something to a relayed address, and the relay whatever it thinks of it.
    fn peer_speaks(&mut self) {
        let Some(relayed) = self.relayed() else { return };
        let path = Path::udp(relayed, remote(self.next(4)));
        let mut data = vec![self.next(255); 1 + usize::from(self.next(40))];
        let mut out = Vec::new();
        let input = Datagram::new(path, self.now, &mut data);
        if let Ok(Some(transmit)) = self.server.forward(self.now, input, &mut out) {
            self.to_agent.push_back((transmit.path.reversed(), out));
        }
    }

    fn relayed(&mut self) -> Option<SocketAddr> {
        let kind = CandidateKind::Relayed;
        let relayed = self.agent.local_candidates().filter(|it| it.kind == kind);
        let relayed: Vec<_> = relayed.filter_map(Candidate::socket_addr).collect();
        self.pick(&relayed)
    }

    /// A Data indication that no permission covers, or any bytes, as if from the server.
    fn forge(&mut self) {
        let Some((_, path)) = self.pick(&self.open.clone()) else { return };
        let mut out = Vec::new();
        if self.next(2) == 0 {
            let id = TransactionId::from([self.next(255); 12]);
            MessageBuilder::indication(&mut out, Method::DATA, id)
                .attribute(&XorPeerAddress(remote(self.next(4))))
                .attribute(&Data(&[self.next(255); 8]));
        } else {
            let length = usize::from(self.next(64)).min(self.program.len());
            let (bytes, rest) = self.program.split_at(length);
            (self.program, out) = (rest, bytes.to_vec());
        }
        self.hand(path, &mut out);
    }

    /// Answers a check that went directly.
    fn answer(&mut self) {
        let Some((path, request)) = self.pick(&self.asked.clone()) else { return };
        let Ok(request) = Message::parse(&request) else { unreachable!("the agent's own") };
        let mut out = Vec::new();
        MessageBuilder::success(&mut out, &request)
            .attribute(&XorMappedAddress(path.local))
            .integrity(&IntegrityKey::short_term(theirs().pwd()))
            .fingerprint();
        self.hand(path, &mut out);
    }

    /// The other side checks, directly or through the relay, where it may.
    fn check_by_peer(&mut self) {
        let ours = self.agent.local_credentials().clone();
        let mut out = Vec::new();
        let id = TransactionId::from([self.next(255); 12]);
        let username = format!("{}:1111", ours.ufrag());
        let Ok(username) = stun::attribute::Username::new(&username) else { return };
        MessageBuilder::request(&mut out, Method::BINDING, id)
            .attribute(&username)
            .attribute(&stun::attribute::Priority(1 << 24))
            .attribute(&stun::attribute::IceControlling(1))
            .integrity(&IntegrityKey::short_term(ours.pwd()))
            .fingerprint();
        let remote = remote(self.next(4));
        if let (Some(relayed), 0) = (self.relayed(), self.next(2)) {
            let mut wrapped = Vec::new();
            let input = Datagram::new(Path::udp(relayed, remote), self.now, &mut out);
            if let Ok(Some(transmit)) = self.server.forward(self.now, input, &mut wrapped) {
                self.to_agent.push_back((transmit.path.reversed(), wrapped));
            }
            return;
        }
        let transport = if self.next(2) == 0 { Transport::Udp } else { Transport::Tcp };
        let path = Path { local: local(self.next(2)), remote, transport };
        self.hand(path, &mut out);
    }

    /// Sends data along the route.
    fn speak(&mut self) {
        let Some(route) = self.agent.route() else { return };
        let mut buf = vec![9; 5 + route.head + usize::from(self.next(40))];
        let had = buf.len();
        match self.agent.wrap(self.now, route, &mut buf, 5) {
            Some(transmit) => {
                assert_eq!((transmit.path, transmit.len), (route.path, buf.len() - 5));
                assert!(buf.len() - had < 4, "padded at most");
                self.sent(transmit.path, buf.split_off(5));
            }
            None => assert_eq!(buf.len(), 5),
        }
    }

    fn hand(&mut self, path: Path, bytes: &mut [u8]) {
        let input = Datagram::new(path, self.now, bytes);
        if let Ok(Some(inner)) = self.agent.unwrap(self.now, input) {
            assert!(inner.path == path || inner.path.transport == Transport::Udp);
            if matches!(inner.data.first(), Some(0..=3)) {
                _ = self.agent.handle_input(self.now, inner);
            }
        }
    }

    /// Where the agent may send: from its host candidates, and along sockets that are open.
    fn sent(&mut self, path: Path, data: Vec<u8>) {
        let is_own = self.open.iter().any(|(_, open)| *open == path);
        let mut bases = self.agent.local_candidates().filter(|it| it.kind == CandidateKind::Host);
        let from_host = bases.any(|it| it.socket_addr() == Some(path.local));
        assert!(is_own || from_host, "{path} {:?}", self.open);
        if path.remote == server_address() {
            self.to_server.push_back((path.reversed(), data));
        } else if Message::parse(&data).is_ok_and(|it| it.class() == Class::Request) {
            self.asked.push((path, data));
        }
    }

    /// Drains the agent, and asserts its promises.
    fn check(&mut self) {
        let now = self.now;
        if self.agent.poll_timeout().is_some_and(|timeout| timeout <= now) {
            self.agent.handle_timeout(now);
        }
        self.events();
        let (mut buf, mut count) = (Vec::new(), 0);
        while let Some(transmit) = self.agent.poll_transmit(now, &mut buf) {
            assert_eq!(transmit.len, buf.len());
            self.sent(transmit.path, core::mem::take(&mut buf));
            self.events();
            count += 1;
            assert!(count < 200, "a flood");
        }
        self.events();
        let asked = self.asked.len().saturating_sub(16);
        self.asked.drain(..asked);
        let timeout = self.agent.poll_timeout();
        assert!(timeout.is_none_or(|timeout| timeout > now), "a shell would spin");
        let sockets = self.open.len() + self.wanted.len();
        assert!(sockets <= MAX_RELAYS + 2 * MAX_PAIRS, "{sockets} sockets");
        assert!(self.agent.candidate_pairs().count() <= MAX_PAIRS);
        if let Some(route) = self.agent.route() {
            assert!(self.agent.state() != State::Closed && self.agent.state() != State::Failed);
            assert_eq!(route.head > 0, route.path.remote == server_address());
        }
    }

    fn events(&mut self) {
        while let Some(event) = self.agent.poll_event() {
            match event {
                Event::SocketWanted(wanted) => {
                    assert!(self.last_socket < Some(wanted.id), "an id is never used twice");
                    self.last_socket = Some(wanted.id);
                    self.wanted.push(wanted);
                }
                Event::SocketReleased(id) => {
                    let before = self.open.len() + self.wanted.len();
                    self.open.retain(|(open, _)| *open != id);
                    self.wanted.retain(|wanted| wanted.id != id);
                    assert_eq!(self.open.len() + self.wanted.len(), before - 1, "{id} is not open");
                }
                _ => {}
            }
        }
    }
}

fn relay() -> Server {
    let mut users = StaticUsers::new("example.org");
    users.add("alice", "secret");
    let config = server::Config {
        realm: "example.org".into(),
        relays: vec![RelayAddress::new(server_address().ip())],
        ..server::Config::default()
    };
    let Ok(server) = Server::new(config, Box::new(users), SeededRng::boxed(8)) else {
        unreachable!("a short realm")
    };
    server
}

fn server_address() -> SocketAddr {
    SocketAddr::from(([203, 0, 113, 1], 3478))
}

fn local(n: u8) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1 + n], 5000))
}

fn remote(n: u8) -> SocketAddr {
    SocketAddr::from(([198, 51, 100, n], 6000))
}

fn tcp_type(n: u8) -> TcpType {
    [TcpType::Active, TcpType::Passive, TcpType::SimultaneousOpen][usize::from(n)]
}

fn theirs() -> Credentials {
    let Ok(credentials) = Credentials::new("1111", "2222222222222222222222") else {
        unreachable!("long enough")
    };
    credentials
}
