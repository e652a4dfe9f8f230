//! A host with an agent: the shell that opens sockets, asks a STUN server, and carries data.

use core::net::{IpAddr, SocketAddr};
use std::collections::VecDeque;

use patchcord_ice::{Agent, Candidate, CandidateKind, Config, Event, SocketId, SocketRequest};
use sansio::{Datagram, Instant, Machine, Path, Transmit, Transport};
use stun::attribute::XorMappedAddress;
use stun::{Message, MessageBuilder, Method, Schedule, Transaction, TransactionId, is_stun};
use testkit::SeededRng;
use testkit::internet::{self, StreamNews, StreamRequest};

/// The port of the socket that is not of the agent's own.
pub(crate) const PORT: u16 = 5000;

#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) agent: Agent,
    pub(crate) events: Vec<Event>,
    /// Data of the other side.
    pub(crate) heard: Vec<(Instant, Vec<u8>)>,
    /// What goes out by itself: data, wrapped already.
    outbox: VecDeque<(Path, Vec<u8>)>,
    /// Where it is.
    pub(crate) addresses: Vec<IpAddr>,
    /// Candidates to be signalled, and when they were found.
    pub(crate) candidates: Vec<(Instant, Candidate)>,
    /// The STUN servers.
    servers: Vec<SocketAddr>,
    /// Questions to them, one a socket.
    queries: Vec<(Path, Transaction)>,
    rng: SeededRng,
    /// Sockets of the agent's own.
    sockets: Vec<(SocketId, Path)>,
    streams: VecDeque<StreamRequest>,
    next_port: u16,
}

impl Host {
    pub(crate) fn new(config: Config, seed: u64, addresses: &[&str]) -> Self {
        Self {
            agent: Agent::new(config, SeededRng::boxed(seed)),
            events: Vec::new(),
            heard: Vec::new(),
            outbox: VecDeque::new(),
            addresses: addresses.iter().map(|text| text.parse().unwrap()).collect(),
            candidates: Vec::new(),
            servers: Vec::new(),
            queries: Vec::new(),
            rng: SeededRng::new(seed + 1000),
            sockets: Vec::new(),
            streams: VecDeque::new(),
            next_port: 40_000,
        }
    }

    /// Gathers host candidates, and reflexive ones from `servers`; the end is told when those have
    /// answered, or not.
    pub(crate) fn gather(&mut self, now: Instant, servers: &[SocketAddr]) {
        for ip in self.addresses.clone() {
            let local = SocketAddr::new(ip, PORT);
            self.agent.add_local_candidate(now, local).unwrap();
        }
        self.servers = servers.to_vec();
        self.ask(now);
        self.settle(now);
    }

    /// Asks the STUN servers where they see each socket, as the facade does.
    fn ask(&mut self, now: Instant) {
        for ip in self.addresses.clone() {
            let local = SocketAddr::new(ip, PORT);
            let servers = self.servers.iter().filter(|server| server.is_ipv4() == ip.is_ipv4());
            for server in servers {
                let id = TransactionId::random(&mut self.rng);
                // As the facade asks: RFC 8489 §6.2.1 would be too patient.
                let schedule = Schedule { requests: 3, patience: 4, ..Schedule::default() };
                let transaction = Transaction::new(now, id, schedule);
                self.queries.push((Path::udp(local, *server), transaction));
            }
        }
    }

    /// Takes the other side's description, with the end of its candidates.
    pub(crate) fn describe(
        &mut self,
        now: Instant,
        (credentials, candidates): (patchcord_ice::Credentials, Vec<Candidate>),
    ) {
        self.agent.set_remote_credentials(now, credentials);
        for candidate in candidates {
            self.agent.add_remote_candidate(now, candidate);
        }
        self.agent.end_of_remote_candidates(now);
        self.settle(now);
    }

    /// An address has appeared.
    pub(crate) fn gain(&mut self, now: Instant, address: &str) {
        let ip = address.parse().unwrap();
        self.addresses.push(ip);
        self.agent.add_local_candidate(now, SocketAddr::new(ip, PORT)).unwrap();
        self.settle(now);
    }

    /// An address is gone, and with it the sockets that it had.
    pub(crate) fn lose(&mut self, now: Instant, address: &str) {
        let ip: IpAddr = address.parse().unwrap();
        self.addresses.retain(|known| *known != ip);
        self.agent.remove_local_candidate(now, SocketAddr::new(ip, PORT));
        let gone = self.sockets.extract_if(.., |(_, path)| path.local.ip() == ip);
        for (id, _) in gone.collect::<Vec<_>>() {
            self.agent.handle_closed(now, id);
        }
        self.settle(now);
    }

    /// Sends data along the route. False: there is none.
    pub(crate) fn say(&mut self, now: Instant, data: &[u8]) -> bool {
        let Some(route) = self.agent.route() else { return false };
        let mut buf = vec![0xee; route.head];
        buf.extend_from_slice(data);
        match self.agent.wrap(now, route, &mut buf, 0) {
            Some(transmit) => {
                self.outbox.push_back((transmit.path, buf));
                true
            }
            None => false,
        }
    }

    /// Sends something that the agent knows nothing of.
    pub(crate) fn send(&mut self, path: Path, data: Vec<u8>) {
        self.outbox.push_back((path, data));
    }

    /// Lets the agent do something, and does what follows.
    pub(crate) fn with<T>(&mut self, now: Instant, act: impl FnOnce(&mut Agent) -> T) -> T {
        let result = act(&mut self.agent);
        self.settle(now);
        result
    }

    /// What a shell does with events.
    fn settle(&mut self, now: Instant) {
        while let Some(event) = self.agent.poll_event() {
            match &event {
                Event::SocketWanted(wanted) => self.open(now, wanted),
                Event::SocketReleased(id) => self.close(*id),
                Event::LocalCandidate(candidate) => self.candidates.push((now, candidate.clone())),
                Event::MappingDoubted => self.ask(now),
                _ => {}
            }
            self.events.push(event);
        }
    }

    fn open(&mut self, now: Instant, wanted: &SocketRequest) {
        let Some(to) = wanted.to.address() else { return self.agent.handle_closed(now, wanted.id) };
        let fits = |ip: &&IpAddr| ip.is_ipv4() == to.is_ipv4();
        let ip = wanted.near.map(|near| near.ip());
        let Some(ip) = ip.or(self.addresses.iter().find(fits).copied()) else {
            self.agent.handle_closed(now, wanted.id);
            return;
        };
        self.next_port += 1;
        let local = SocketAddr::new(ip, self.next_port);
        let path = Path { local, remote: to, transport: wanted.transport };
        self.sockets.push((wanted.id, path));
        match wanted.transport {
            // The handshake of DTLS is the shell's.
            Transport::Udp | Transport::Dtls => self.agent.handle_opened(now, wanted.id, path),
            Transport::Tcp | Transport::Tls => {
                self.streams.push_back(StreamRequest::Connect(path));
            }
        }
    }

    fn close(&mut self, id: SocketId) {
        let Some(index) = self.sockets.iter().position(|(socket, _)| *socket == id) else { return };
        let (_, path) = self.sockets.swap_remove(index);
        if path.transport.is_stream() {
            self.streams.push_back(StreamRequest::Close(path));
        }
    }

    /// The STUN server has answered one of our questions.
    fn answered(&mut self, now: Instant, input: &Datagram<'_, Path>) -> bool {
        let Ok(message) = Message::parse(input.data) else { return false };
        let id = message.transaction_id();
        let is_it = |query: &(Path, Transaction)| query.0 == input.path && query.1.id() == id;
        let Some(index) = self.queries.iter().position(is_it) else { return false };
        let (path, _) = self.queries.swap_remove(index);
        if let Ok(Some(XorMappedAddress(mapped))) = message.get() {
            let base = path.local;
            let is_former = |c: &&Candidate| {
                c.kind == CandidateKind::ServerReflexive
                    && c.related == Some(base)
                    && c.socket_addr() != Some(mapped)
            };
            let former = self.agent.local_candidates().find(is_former);
            if let Some(former) = former.and_then(Candidate::socket_addr) {
                self.agent.remove_server_reflexive_candidate(now, base, former);
            }
            let added = self.agent.add_server_reflexive_candidate(now, base, mapped);
            assert_eq!(added, Ok(()));
        }
        self.end_if_gathered(now);
        true
    }

    fn end_if_gathered(&mut self, now: Instant) {
        if self.queries.is_empty() {
            self.agent.end_of_local_candidates(now);
        }
    }
}

impl internet::Host for Host {
    fn handle_input(&mut self, now: Instant, input: Datagram<'_, Path>) {
        if self.answered(now, &input) {
            return self.settle(now);
        }
        // What is not used is counted.
        if let Ok(Some(inner)) = self.agent.unwrap(now, input) {
            if is_stun(inner.data) {
                let _ = self.agent.handle_input(now, inner);
            } else {
                self.heard.push((now, inner.data.to_vec()));
            }
        }
        self.settle(now);
    }

    fn handle_timeout(&mut self, now: Instant) {
        let before = self.queries.len();
        self.queries.retain(|(_, transaction)| !transaction.is_timed_out(now));
        if self.queries.len() < before {
            self.end_if_gathered(now);
        }
        self.agent.handle_timeout(now);
        self.settle(now);
    }

    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        for (path, transaction) in &mut self.queries {
            if transaction.poll_transmit(now) {
                MessageBuilder::request(buf, Method::BINDING, transaction.id()).fingerprint();
                return Some(Transmit::new(*path, buf.len()));
            }
        }
        if let Some((path, data)) = self.outbox.pop_front() {
            buf.extend_from_slice(&data);
            return Some(Transmit::new(path, data.len()));
        }
        let transmit = self.agent.poll_transmit(now, buf);
        self.settle(now);
        transmit
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let queries = self.queries.iter().map(|(_, transaction)| transaction.poll_timeout());
        queries.chain(self.agent.poll_timeout()).min()
    }

    fn poll_stream(&mut self) -> Option<StreamRequest> {
        self.streams.pop_front()
    }

    fn handle_stream(&mut self, now: Instant, path: Path, news: StreamNews) {
        let own = self.sockets.iter().find(|(_, socket)| *socket == path).map(|(id, _)| *id);
        match (news, own) {
            (StreamNews::Connected, Some(id)) => self.agent.handle_opened(now, id, path),
            (StreamNews::Closed, Some(id)) => {
                self.sockets.retain(|(socket, _)| *socket != id);
                self.agent.handle_closed(now, id);
            }
            (StreamNews::Closed, None) => self.agent.handle_stream_closed(now, path),
            (StreamNews::Connected | StreamNews::Accepted, _) => {}
        }
        self.settle(now);
    }

    fn listens(&self, local: SocketAddr, transport: Transport) -> bool {
        let is_it = |c: &Candidate| c.transport == Transport::Tcp && c.socket_addr() == Some(local);
        transport == Transport::Tcp && self.agent.local_candidates().any(is_it)
    }
}
