//! A client whose server and whose application do anything.

use core::net::SocketAddr;
use core::time::Duration;

use sansio::{Datagram, Instant, Machine, Path, Transport};
use stun::long_term::{Features, Server};
use stun::{AttributeType, Class, ErrorCode, IntegrityKey, Message, MessageBuilder, Method};
use testkit::SeededRng;
use turn::attribute::{ConnectionId, DontFragment};
use turn::client::{Client, Config, Families, Relaying, State};

use super::Program;

const CODES: [u16; 18] =
    [300, 400, 401, 403, 405, 420, 437, 438, 440, 441, 442, 443, 446, 447, 486, 500, 508, 699];

const ATTRIBUTES: [(AttributeType, &[u8]); 15] = [
    (AttributeType::LIFETIME, &[0, 0, 2, 88]),
    (AttributeType::LIFETIME, &[0, 0, 0, 0]),
    (AttributeType::LIFETIME, &[0xff, 0xff, 0xff, 0xff]),
    (AttributeType::XOR_RELAYED_ADDRESS, &[0, 1, 0x3a, 0x4a, 0xe7, 0x21, 0xc0, 0x40]),
    (AttributeType::XOR_MAPPED_ADDRESS, &[0, 1, 0x3a, 0x4a, 0xe7, 0x21, 0xc0, 0x41]),
    (AttributeType::MOBILITY_TICKET, b"ticket"),
    (AttributeType::ALTERNATE_SERVER, &[0, 1, 0x0d, 0x96, 192, 0, 2, 2]),
    (AttributeType::UNKNOWN_ATTRIBUTES, &[0, 0x1a]),
    (AttributeType::XOR_PEER_ADDRESS, &[0, 1, 0x3a, 0x4a, 0xe7, 0x21, 0xc0, 0x40]),
    (AttributeType::DATA, b"data"),
    (AttributeType::ICMP, &[0, 0, 6, 4, 0, 0, 5, 0]),
    (AttributeType::CONNECTION_ID, &[0, 0, 0, 1]),
    (AttributeType::CONNECTION_ID, &[0, 0, 0, 2]),
    (AttributeType::REALM, b"other"),
    (AttributeType::NONCE, b"nonce"),
];

struct Run<'p> {
    client: Client,
    server: Option<Server>,
    key: IntegrityKey,
    now: Instant,
    program: Program<'p>,
    asked: Vec<Vec<u8>>,
}

/// Runs the program in `bytes`; panics if the client breaks a promise.
pub(crate) fn exercise(bytes: &[u8]) {
    let mut program = Program(bytes);
    let families = [Families::Ipv4, Families::Ipv6, Families::Both];
    let config = Config {
        relaying: if program.next(3) == 0 { Relaying::Connections } else { Relaying::Datagrams },
        families: families[usize::from(program.next(3))],
        dont_fragment: program.next(2) == 1,
        max_permissions: 3,
        max_channels: 2,
        max_connections: 3,
        max_events: 8,
        ..Config::default()
    };
    let transport = if program.next(2) == 1 { Transport::Tcp } else { Transport::Udp };
    let local = ([203, 0, 113, 7], 5000).into();
    let path = Path { local, remote: ([192, 0, 2, 1], 3478).into(), transport };
    let (now, mut rng) = (Instant::ZERO, SeededRng::new(8));
    let made = Client::new(now, path, config, ("a", "a"), Box::new(SeededRng::new(7)));
    let Ok(client) = made else { return };
    let server = Server::new("r", Features::default(), Duration::from_secs(600), &mut rng).ok();
    let key = IntegrityKey::long_term("a", "r", "a");
    let mut run = Run { client, server, key, now, program, asked: Vec::new() };
    while !run.program.is_over() {
        run.step();
        run.drain();
    }
}

impl Run<'_> {
    fn peer(&mut self) -> SocketAddr {
        ([198, 51, 100, 2 + self.program.next(4)], 7000).into()
    }

    fn step(&mut self) {
        match self.program.next(18) {
            0..=4 => self.respond(),
            5 => {
                let peer = self.peer();
                let _ = self.client.bind(peer);
            }
            6 => {
                let peer = self.peer();
                let _ = self.client.permit(peer.ip());
            }
            7 => self.say(),
            8 => self.pass_time(),
            9 => {
                let length = self.program.next(60);
                let bytes = self.program.take(length).to_vec();
                self.receive(bytes);
            }
            10 => self.indication(),
            11 => {
                let path = Path { local: ([203, 0, 113, 8], 5000).into(), ..self.client.path() };
                self.client.move_to(self.now, path);
            }
            12 => _ = self.client.set_credentials("b", "b"),
            13 => {
                let peer = self.peer();
                let _ = self.client.connect(peer);
            }
            14 => self.serve_a_connection(),
            15 => {
                let peer = self.peer();
                self.client.forget(peer.ip());
                assert!(self.client.permitted().all(|ip| ip != peer.ip()));
                assert!(self.client.channel_peers().all(|it| it.ip() != peer.ip()));
            }
            16 => {
                let peer = self.peer();
                self.client.unbind(peer);
                assert!(!self.client.is_bound(peer));
            }
            _ if self.program.next(4) == 0 => self.client.close(self.now),
            _ => self.client.reconnect(self.now, self.client.path()),
        }
    }

    /// An answer to one of the client's requests: any code, any attributes, sealed or not.
    fn respond(&mut self) {
        let index = usize::from(self.program.next(4));
        let Some(bytes) = self.asked.iter().rev().nth(index).cloned() else { return };
        let Ok(request) = Message::parse(&bytes) else { return };
        let mut out = Vec::new();
        let choice = self.program.next(32);
        if choice == 31
            && let Some(server) = &self.server
        {
            let refusal = stun::long_term::Refusal::Unauthenticated;
            let source = self.client.path().local;
            server.refuse(self.now, source, &request, refusal, &mut out);
            return self.receive(out);
        }
        let code = CODES.get(usize::from(choice)).and_then(|code| ErrorCode::new(*code, "").ok());
        let mut response = match code {
            Some(code) => MessageBuilder::error(&mut out, &request, code),
            None => MessageBuilder::success(&mut out, &request),
        };
        for _ in 0..self.program.next(5) {
            let (kind, value) = ATTRIBUTES[usize::from(self.program.next(15))];
            response = response.raw(kind, value);
        }
        if self.program.next(4) > 0 {
            response.integrity(&self.key);
        }
        self.receive(out);
    }

    fn indication(&mut self) {
        let mut out = Vec::new();
        let id = [1; 12].into();
        let methods = [Method::DATA, Method::CONNECTION_ATTEMPT];
        let method = methods[usize::from(self.program.next(2))];
        let mut indication = MessageBuilder::new(&mut out, Class::Indication, method, id);
        for _ in 0..self.program.next(4) {
            let (kind, value) = ATTRIBUTES[usize::from(8 + self.program.next(5))];
            indication = indication.raw(kind, value);
        }
        self.receive(out);
    }

    /// What a shell does with a connection of its own to the server.
    fn serve_a_connection(&mut self) {
        let id = ConnectionId(self.program.next(4).into());
        match self.program.next(3) {
            0 => self.client.handle_closed(id),
            _ => _ = self.client.handle_opened(self.now, id, self.data_path(id)),
        }
    }

    fn data_path(&self, id: ConnectionId) -> Path {
        let port = if id.0.is_multiple_of(2) { 5001 } else { 5002 };
        Path { local: ([203, 0, 113, 7], port).into(), ..self.client.path() }
    }

    fn receive(&mut self, mut bytes: Vec<u8>) {
        let id = ConnectionId(self.program.next(2).into());
        let control = self.program.next(4) > 0;
        let path = if control { self.client.path() } else { self.data_path(id) };
        let input = Datagram::new(path, self.now, &mut bytes);
        if let Ok(Some(data)) = self.client.unwrap(self.now, input) {
            assert!(data.data.len() < 64);
        }
    }

    fn say(&mut self) {
        let peer = self.peer();
        let whole = self.program.next(3) == 0;
        let way = if whole { self.client.whole_way(peer) } else { self.client.way(peer) };
        let Some(way) = way else { return };
        assert_eq!(self.client.state(), State::Allocated);
        let at = usize::from(self.program.next(4));
        let length = usize::from(self.program.next(20));
        let mut buf = vec![0xee; at + way.head() + length];
        let Ok(transmit) = self.client.wrap(way, &mut buf, at) else { return };
        assert_eq!((transmit.len, transmit.path), (buf.len() - at, self.client.path()));
        assert!(buf[..at].iter().all(|byte| *byte == 0xee));
        let message = Message::parse(&buf[at..]);
        assert_eq!(message.is_ok(), !way.is_channel());
        let flag = message.is_ok_and(|it| it.get::<DontFragment>().is_ok_and(|it| it.is_some()));
        assert_eq!(flag, whole);
    }

    fn pass_time(&mut self) {
        let steps = [0, 1, 30, 60, 239, 241, 901, 3601];
        self.now += Duration::from_secs(steps[usize::from(self.program.next(8))]);
        self.client.handle_timeout(self.now);
    }

    fn drain(&mut self) {
        let mut buf = Vec::new();
        let mut count = 0;
        while let Some(transmit) = self.client.poll_transmit(self.now, &mut buf) {
            assert_eq!(transmit.len, buf.len());
            assert!(Message::parse(&buf).is_ok());
            self.asked.push(core::mem::take(&mut buf));
            count += 1;
            // One for itself, one each for permissions and channels.
            assert!(count <= 16, "{count} at once");
        }
        self.client.handle_timeout(self.now);
        while self.client.poll_transmit(self.now, &mut buf).is_some() {
            self.asked.push(core::mem::take(&mut buf));
        }
        let next = self.client.poll_timeout();
        assert!(next.is_none_or(|next| next > self.now), "{next:?} at {}", self.now);
        assert!(self.client.permitted().count() <= 3);
        assert!(self.client.channel_peers().count() <= 2);
        let mut events = 0;
        while self.client.poll_event().is_some() {
            events += 1;
        }
        assert!(events <= 16, "{events} at once");
        if self.client.state() == State::Closed {
            assert_eq!(next, None);
        }
    }
}
