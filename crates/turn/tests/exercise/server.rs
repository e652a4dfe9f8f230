//! A server whose clients, peers and shell do anything.

use core::net::SocketAddr;
use core::time::Duration;

use sansio::{Datagram, Instant, Machine, Path, Transport};
use stun::{AttributeType, Message, MessageBuilder, Method, TransactionId, long_term};
use testkit::SeededRng;
use turn::attribute::{ConnectionId, DontFragment, Icmp};
use turn::server::{Config, Event, Relay, RelayAddress, Server, StaticUsers, Toward};

use super::Program;

/// Tight, so that the bounds are met.
fn config(dont_fragment: bool) -> Config {
    Config {
        realm: "r".into(),
        relays: vec![
            RelayAddress::new([192, 0, 2, 1].into()),
            RelayAddress::new([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into()),
        ],
        ports: 50_000..=50_007,
        max_allocations: 5,
        max_allocations_per_user: 3,
        max_permissions: 4,
        max_channels: 3,
        max_reservations: 2,
        max_connections: 2,
        max_queued: 8,
        dont_fragment,
        ..Config::default()
    }
}

/// Attributes that mean something, with a value that suits.
const ATTRIBUTES: [(AttributeType, &[u8]); 22] = [
    (AttributeType::REQUESTED_TRANSPORT, &[17, 0, 0, 0]),
    (AttributeType::REQUESTED_TRANSPORT, &[6, 0, 0, 0]),
    (AttributeType::LIFETIME, &[0, 0, 0, 0]),
    (AttributeType::LIFETIME, &[0, 0, 9, 9]),
    (AttributeType::EVEN_PORT, &[0x80]),
    (AttributeType::EVEN_PORT, &[0]),
    (AttributeType::REQUESTED_ADDRESS_FAMILY, &[1, 0, 0, 0]),
    (AttributeType::REQUESTED_ADDRESS_FAMILY, &[2, 0, 0, 0]),
    (AttributeType::ADDITIONAL_ADDRESS_FAMILY, &[2, 0, 0, 0]),
    (AttributeType::MOBILITY_TICKET, &[]),
    // 198.51.100.2:7000, 198.51.100.3:7000 and 127.0.0.1:7000, masked.
    (AttributeType::XOR_PEER_ADDRESS, &[0, 1, 0x3a, 0x4a, 0xe7, 0x21, 0xc0, 0x40]),
    (AttributeType::XOR_PEER_ADDRESS, &[0, 1, 0x3a, 0x4a, 0xe7, 0x21, 0xc0, 0x41]),
    (AttributeType::XOR_PEER_ADDRESS, &[0, 1, 0x3a, 0x4a, 0x5e, 0x12, 0xa4, 0x43]),
    // Of the server itself: 192.0.2.1:22 and, a relay's perhaps, 192.0.2.1:50000.
    (AttributeType::XOR_PEER_ADDRESS, &[0, 1, 0x21, 0x04, 0xe1, 0x12, 0xa6, 0x43]),
    (AttributeType::XOR_PEER_ADDRESS, &[0, 1, 0xe2, 0x42, 0xe1, 0x12, 0xa6, 0x43]),
    (AttributeType::CHANNEL_NUMBER, &[0x40, 0, 0, 0]),
    (AttributeType::CHANNEL_NUMBER, &[0x40, 1, 0, 0]),
    (AttributeType::CHANNEL_NUMBER, &[0x4f, 0xff, 0, 0]),
    (AttributeType::DATA, b"data"),
    (AttributeType::DONT_FRAGMENT, &[]),
    (AttributeType(0x7fff), &[]),
    (AttributeType::SOFTWARE, b"?"),
];

const METHODS: [Method; 8] = [
    Method::ALLOCATE,
    Method::REFRESH,
    Method::CREATE_PERMISSION,
    Method::CHANNEL_BIND,
    Method::CONNECT,
    Method::CONNECTION_BIND,
    Method::SEND,
    Method::BINDING,
];

struct Run<'p> {
    server: Server,
    /// Whether the shell can set DF.
    dont_fragment: bool,
    now: Instant,
    program: Program<'p>,
    clients: Vec<(Path, long_term::Client)>,
    wanted: Vec<Relay>,
    open: Vec<Relay>,
    connections: Vec<ConnectionId>,
    joined: Option<ConnectionId>,
    tokens: Vec<(AttributeType, Vec<u8>)>,
    count: u8,
}

/// Runs the program in `bytes`; panics if the server breaks a promise.
pub(crate) fn exercise(bytes: &[u8]) {
    let mut users = StaticUsers::new("r");
    users.add("a", "a");
    users.add("b", "b");
    let rng = Box::new(SeededRng::new(7));
    let dont_fragment = bytes.len().is_multiple_of(2);
    let Ok(server) = Server::new(config(dont_fragment), Box::new(users), rng) else { return };
    let local: SocketAddr = ([192, 0, 2, 1], 3478).into();
    let transports = [Transport::Udp, Transport::Udp, Transport::Udp, Transport::Tcp];
    let clients = (0..8_u16).filter_map(|n| {
        let remote = ([203, 0, 113, 7], 5000 + n).into();
        let transport = transports[usize::from(n % 4)];
        let name = if n % 3 == 0 { "b" } else { "a" };
        let client = long_term::Client::new(name, name).ok()?;
        Some((Path { local, remote, transport }, client))
    });
    let mut run = Run {
        server,
        dont_fragment,
        now: Instant::ZERO,
        program: Program(bytes),
        clients: clients.collect(),
        wanted: Vec::new(),
        open: Vec::new(),
        connections: Vec::new(),
        joined: None,
        tokens: Vec::new(),
        count: 0,
    };
    while !run.program.is_over() {
        run.step();
        run.drain();
        run.check();
    }
}

impl Run<'_> {
    fn step(&mut self) {
        match self.program.next(13) {
            0..=4 => self.request(),
            5 => self.datagram_of_client(),
            6 => self.datagram_of_peer(),
            7 => self.pass_time(),
            8 => {
                if let Some(relay) = self.wanted.pop() {
                    self.open.push(relay);
                    self.server.handle_opened(self.now, relay);
                }
            }
            9 => {
                if let Some(relay) = self.wanted.pop() {
                    self.server.handle_open_failed(self.now, relay);
                }
            }
            10 => self.connection(),
            11 => self.icmp(),
            _ => {
                let client = usize::from(self.program.next(8));
                self.server.handle_closed(self.clients[client].0);
            }
        }
    }

    /// A request with credentials, or without, of any attributes.
    fn request(&mut self) {
        let client = usize::from(self.program.next(8));
        let method = METHODS[usize::from(self.program.next(8))];
        self.count = self.count.wrapping_add(self.program.next(2));
        let id = TransactionId::from([self.count; 12]);
        let mut bytes = Vec::new();
        let mut request = if method == Method::SEND {
            MessageBuilder::indication(&mut bytes, method, id)
        } else {
            MessageBuilder::request(&mut bytes, method, id)
        };
        for _ in 0..self.program.next(5) {
            let which = usize::from(self.program.next(26));
            request = match ATTRIBUTES.get(which) {
                Some((kind, value)) => request.raw(*kind, value),
                None => match self.tokens.get(self.tokens.len().wrapping_sub(which - 21)) {
                    Some((kind, value)) => request.raw(*kind, value),
                    None => request,
                },
            };
        }
        if method != Method::SEND && method != Method::BINDING {
            self.clients[client].1.seal(request);
        }
        self.send(client, &mut bytes);
    }

    fn send(&mut self, client: usize, bytes: &mut [u8]) {
        let (path, mut out) = (self.clients[client].0, Vec::new());
        let flag = Message::parse(bytes)
            .is_ok_and(|message| message.get::<DontFragment>().is_ok_and(|flag| flag.is_some()));
        let outcome = self.server.forward(self.now, Datagram::new(path, self.now, bytes), &mut out);
        let Ok(Some(transmit)) = outcome else { return assert!(out.is_empty()) };
        assert_eq!(transmit.len, out.len());
        let to_peer = transmit.path != path;
        assert_eq!(transmit.dont_fragment, flag && to_peer);
        assert!(self.dont_fragment || !transmit.dont_fragment);
        assert!(self.is_no_door(transmit.path.remote, Transport::Udp), "{transmit:?}");
        let (path, credentials) = &mut self.clients[client];
        if transmit.path == *path
            && let Ok(message) = Message::parse(&out)
        {
            let code = message.get::<stun::ErrorCode<'_>>().ok().flatten().map(|code| code.code());
            if matches!(code, Some(401 | 438)) {
                assert!(out.len() <= 84 + 8, "{} bytes for a stranger", out.len());
                let _ = credentials.challenge(&message);
            }
            self.learn(&out);
        }
    }

    /// To the server itself nothing goes, but to relays that are open.
    fn is_no_door(&self, peer: SocketAddr, transport: Transport) -> bool {
        let own = config(self.dont_fragment).relays.iter().any(|relay| relay.local == peer.ip());
        !own || self.open.contains(&Relay { local: peer, transport })
    }

    /// Keeps what can be said again later.
    fn learn(&mut self, bytes: &[u8]) {
        let Ok(message) = Message::parse(bytes) else { return };
        for one in message.attributes() {
            let kinds = [
                AttributeType::RESERVATION_TOKEN,
                AttributeType::MOBILITY_TICKET,
                AttributeType::CONNECTION_ID,
            ];
            if kinds.contains(&one.kind) {
                self.tokens.push((one.kind, one.value.to_vec()));
            }
        }
    }

    fn datagram_of_client(&mut self) {
        let client = usize::from(self.program.next(8));
        let length = self.program.next(60);
        let mut bytes = self.program.take(length).to_vec();
        if self.program.next(2) == 0 && bytes.len() >= 4 {
            bytes[..4].copy_from_slice(&[0x40, 0, 0, (length / 8).min(4)]);
        }
        self.send(client, &mut bytes);
    }

    fn icmp(&mut self) {
        let Some(relay) = self.open.get(usize::from(self.program.next(8))).copied() else { return };
        let peer = ([198, 51, 100, 2 + self.program.next(4)], 7000).into();
        let (kind, code) = (self.program.next(128), self.program.next(255).into());
        let (mut out, error) = (Vec::new(), Icmp { kind, code, data: 1280 });
        let told = self.server.handle_icmp(self.now, (relay.local, peer), error, &mut out);
        assert_eq!(told.map_or(0, |transmit| transmit.len), out.len());
        if let Some(transmit) = told {
            assert!(self.clients.iter().any(|(path, _)| *path == transmit.path));
        }
    }

    fn datagram_of_peer(&mut self) {
        let Some(relay) = self.open.get(usize::from(self.program.next(8))) else { return };
        let peer = ([198, 51, 100, 2 + self.program.next(3)], 7000).into();
        let path = Path { local: relay.local, remote: peer, transport: relay.transport };
        let mut bytes = vec![7; usize::from(self.program.next(20))];
        let input = Datagram::new(path, self.now, &mut bytes);
        let _ = self.server.handle_input(self.now, input);
    }

    fn pass_time(&mut self) {
        let steps = [1, 20, 29, 31, 250, 299, 599, 3601];
        self.now += Duration::from_secs(steps[usize::from(self.program.next(8))]);
        self.server.handle_timeout(self.now);
        assert!(self.server.poll_timeout().is_none_or(|next| next > self.now));
    }

    fn connection(&mut self) {
        match self.program.next(4) {
            0 => {
                if let Some(id) = self.connections.pop() {
                    self.server.handle_connected(self.now, id);
                }
            }
            1 => {
                if let Some(id) = self.connections.pop() {
                    self.server.handle_disconnected(id);
                }
            }
            2 => {
                let Some(id) = self.joined else { return };
                let toward = [Toward::Peer, Toward::Client][usize::from(self.program.next(2))];
                let count = usize::from(self.program.next(200));
                self.server.handle_bytes(self.now, id, toward, count);
            }
            _ => {
                let Some(relay) = self.open.get(usize::from(self.program.next(8))).copied() else {
                    return;
                };
                let peer = ([198, 51, 100, 2 + self.program.next(3)], 7000).into();
                self.server.handle_accepted(self.now, relay, peer);
            }
        }
    }

    fn drain(&mut self) {
        let mut buf = Vec::new();
        loop {
            buf.clear();
            let Some(transmit) = self.server.poll_transmit(self.now, &mut buf) else { break };
            assert_eq!(transmit.len, buf.len());
            self.learn(&buf);
        }
        while let Some(event) = self.server.poll_event() {
            match event {
                Event::OpenRelay(relay) => self.wanted.push(relay),
                Event::CloseRelay(relay) => {
                    self.open.retain(|open| *open != relay);
                    self.wanted.retain(|wanted| *wanted != relay);
                }
                Event::Connect { id, peer, .. } => {
                    assert!(self.is_no_door(peer, Transport::Tcp), "{peer}");
                    self.connections.push(id);
                }
                Event::Joined { id, .. } => self.joined = Some(id),
                _ => {}
            }
        }
    }

    fn check(&self) {
        let stats = self.server.stats();
        assert!(stats.allocations <= 5);
        let (a, b) = (self.server.allocations_of("a"), self.server.allocations_of("b"));
        assert!(a <= 3 && b <= 3);
        assert_eq!((a + b) as u64, stats.allocations);
        // Two sockets an allocation at most, and none twice.
        let mut sockets: Vec<_> = self.open.iter().chain(&self.wanted).collect();
        let count = sockets.len();
        assert!(count as u64 <= 2 * stats.allocations);
        sockets.sort_by_key(|relay| (relay.local, relay.transport));
        sockets.dedup();
        assert_eq!(sockets.len(), count);
    }
}
