//! An agent under a program of any bytes: commands, time, checks and answers good and bad. What
//! must hold for every program is asserted after every step.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use ice::{
    Address, Agent, Candidate, CandidateKind, Checksum, Config, Credentials, Discard, Embedding,
    Event, Implementation, Role, State, TcpType,
};
use sansio::{Datagram, Instant, Machine, Path, Transport};
use stun::attribute::{
    Attribute, DtlsInStunAck, DtlsInStunData, ErrorCode, IceControlled, IceControlling, Nomination,
    Priority, UseCandidate, Username, XorMappedAddress,
};
use stun::{Class, IntegrityKey, Message, MessageBuilder, Method, TransactionId};
use testkit::SeededRng;

/// Tight, so that the bounds are met.
fn config() -> Config {
    Config {
        pace: Duration::from_millis(50),
        rto: Duration::from_millis(500),
        nomination_patience: Duration::from_millis(100),
        patience: Duration::from_millis(39_500),
        consent_interval: Duration::from_secs(5),
        consent_expiry: Duration::from_secs(30),
        disconnected_after: Duration::from_secs(7),
        max_local_candidates: 4,
        max_remote_candidates: 6,
        max_peer_reflexive: 3,
        max_pairs: 8,
        max_early_checks: 2,
        max_responses: 4,
        max_embedded_unheard: 3,
        max_embedded_bytes: 20,
        ..Config::default()
    }
}

/// Runs the program in `bytes`; panics if the agent breaks a promise.
pub(crate) fn exercise(bytes: &[u8]) {
    let mut config = config();
    if bytes.last().is_some_and(|last| last % 8 == 7) {
        config.implementation = Implementation::Lite;
    }
    let mut run = Run {
        agent: Agent::new(config, Box::new(SeededRng::new(7))),
        is_lite: config.implementation == Implementation::Lite,
        remote_is_lite: false,
        now: Instant::ZERO,
        program: bytes,
        asked: Vec::new(),
        passwords: Vec::new(),
    };
    while !run.program.is_empty() {
        run.step();
        run.check();
    }
}

struct Run<'p> {
    agent: Agent,
    is_lite: bool,
    remote_is_lite: bool,
    now: Instant,
    program: &'p [u8],
    /// The last requests that the agent has sent.
    asked: Vec<(Path, Vec<u8>)>,
    /// Passwords of its generations, with their user name fragments.
    passwords: Vec<Credentials>,
}

impl Run<'_> {
    /// The next byte of the program, less than `limit`.
    fn next(&mut self, limit: u8) -> u8 {
        let Some((first, rest)) = self.program.split_first() else { return 0 };
        self.program = rest;
        first % limit
    }

    fn step(&mut self) {
        let now = self.now;
        // The highest bytes came later: programs that were found before mean what they meant.
        let word = match self.next(255) {
            high @ 225.. => 25 + high % 5,
            low => low % 25,
        };
        match word {
            0 => {
                let n = self.next(12);
                let address = local(n % 6);
                _ = match n {
                    0..6 => self.agent.add_local_candidate(now, address),
                    _ => self.agent.add_hidden_candidate(now, address, "ours.local"),
                };
            }
            1 => self.agent.end_of_local_candidates(now),
            2 => {
                let credentials = theirs(self.next(2));
                self.agent.set_remote_credentials(now, credentials);
            }
            3 | 4 => {
                let candidate = self.candidate();
                self.agent.add_remote_candidate(now, candidate);
            }
            5 => self.agent.end_of_remote_candidates(now),
            6 => {
                let addresses: [IpAddr; 2] = [remote(self.next(9)).ip(), remote(self.next(9)).ip()];
                let count = usize::from(self.next(3));
                self.agent.resolve_name(now, "name.local", &addresses[..count]);
            }
            7 => {
                let role = [Role::Controlling, Role::Controlled][usize::from(self.next(2))];
                self.agent.set_role(now, role);
            }
            8 => {
                let lite = self.next(8) == 0;
                let kind = if lite { Implementation::Lite } else { Implementation::Full };
                self.agent.set_remote_implementation(now, kind);
                self.remote_is_lite = lite;
            }
            9 => self.begin_or_remove(),
            10 if self.next(32) == 0 => self.agent.close(now),
            11 => self.data(),
            12..=15 => self.request(),
            16..=19 => self.response(),
            20 => self.now = now + Duration::from_millis(self.next(255).into()),
            21 => self.now = now + Duration::from_millis(100 * u64::from(self.next(255))),
            22 => self.garbage(),
            23 => self.agent.handle_timeout(now),
            24 => {
                let (base, mapped) = (local(self.next(6)), remote(self.next(9)));
                if self.next(4) == 0 {
                    self.agent.remove_server_reflexive_candidate(now, base, mapped);
                } else {
                    _ = self.agent.add_server_reflexive_candidate(now, base, mapped);
                }
            }
            25.. => self.carry(word),
            _ => {}
        }
    }

    /// Another generation, or fewer candidates.
    fn begin_or_remove(&mut self) {
        match self.next(4) {
            0 => self.agent.restart(self.now),
            1 => {
                let base = local(self.next(6));
                self.agent.remove_local_candidate(self.now, base);
                let closed = self.agent.state() == State::Closed;
                let is_clean = self.agent.candidate_pairs().all(|pair| pair.path.local != base);
                assert!(is_clean || closed);
            }
            2 => {
                let candidate = self.candidate();
                self.agent.remove_remote_candidate(self.now, &candidate);
            }
            3 if self.next(2) == 0 => self.agent.handle_unsent(7),
            3 => self.agent.set_remote_renomination(self.now, true),
            _ => {}
        }
    }

    /// What concerns the slot.
    fn carry(&mut self, word: u8) {
        match word {
            25 => self.embedding(),
            26 | 27 => {
                if self.next(4) == 0 {
                    self.agent.begin_flight();
                }
                let datagram = [20 + self.next(40); 40];
                let length = 1 + usize::from(self.next(40));
                let sent = (self.next(4) == 0).then_some(self.now);
                self.agent.embed(&datagram[..length], sent);
            }
            28 => {
                while let Some(datagram) = self.agent.poll_embedded() {
                    assert!(datagram.len() <= config().max_embedded_bytes, "too long");
                    if self.next(4) != 0 {
                        self.agent.acknowledge(Checksum::of(&datagram));
                    }
                }
            }
            29 => self.agent.acknowledge(Checksum::of(b"beside the checks")),
            _ => {}
        }
    }

    /// Changes what rides in checks; what is over stays over.
    fn embedding(&mut self) {
        let before = self.agent.embedding();
        let wanted = [Embedding::Listening, Embedding::On, Embedding::Off, Embedding::Complete];
        let wanted = wanted[usize::from(self.next(4))];
        self.agent.set_embedding(wanted);
        if before == Embedding::Complete {
            assert_eq!(self.agent.embedding(), before);
        }
        assert!(self.agent.embedding() == Embedding::On || !self.agent.is_embedding());
    }

    /// Something for the slot, more or less: acknowledgements of any number, of what was sent too.
    fn ride<'o>(&mut self, message: MessageBuilder<'o>) -> MessageBuilder<'o> {
        if self.agent.embedding() == Embedding::Off {
            return message;
        }
        let kind = self.next(8);
        let (byte, length) = (20 + self.next(40), 1 + usize::from(self.next(40)));
        let datagram = [byte; 40];
        let count = usize::from(self.next(12));
        let checksums = [crc32fast::hash(&datagram[..length]).to_be_bytes(); 12];
        let ack = DtlsInStunAck::new(&checksums[..count]);
        match kind {
            0 => message.attribute(&ack),
            1 => message.attribute(&DtlsInStunData(&datagram[..length])),
            2 => message.attribute(&ack).attribute(&DtlsInStunData(&datagram[..length])),
            3 => message.raw(DtlsInStunAck::TYPE, &datagram[..length]),
            4 => message.attribute(&DtlsInStunData(&[])),
            _ => message,
        }
    }

    fn candidate(&mut self) -> Candidate {
        let address = remote(self.next(9));
        let foundation = self.next(3).to_string().into();
        let odd = self.next(16);
        let name = Address::Name { name: "name.local".into(), port: address.port() };
        Candidate {
            foundation,
            component: if odd == 0 { 2 } else { 1 },
            transport: if matches!(odd, 1 | 4) { Transport::Tcp } else { Transport::Udp },
            tcp_type: (odd == 4).then_some(TcpType::Passive),
            priority: u32::from_be_bytes([self.next(127), self.next(255), 255, 255]),
            address: if odd == 2 { name } else { Address::Ip(address) },
            kind: [CandidateKind::Host, CandidateKind::Relayed][usize::from(self.next(2))],
            related: None,
            ufrag: (odd == 3).then(|| "1111".into()),
        }
    }

    fn path(&mut self) -> Path {
        Path::udp(local(self.next(6)), remote(self.next(9)))
    }

    /// Hands over application data.
    fn data(&mut self) {
        let mut data = [self.next(255), 0];
        let path = self.path();
        let is_stun = data[0] < 4;
        let taken = self.agent.unwrap(self.now, Datagram::new(path, self.now, &mut data)).is_ok();
        let proved = self.agent.candidate_pairs().any(|pair| {
            pair.path == path && pair.stats.requests_received + pair.stats.responses_received > 0
        });
        let closed = self.agent.state() == State::Closed;
        if self.agent.ufrags().count() == 1 {
            assert_eq!(taken, is_stun || proved && !closed);
        }
    }

    /// Hands over a check with the right password, more or less.
    fn request(&mut self) {
        let (id, generation, odd) = (self.next(255), self.next(2), self.next(16));
        let newest = self.passwords.len().saturating_sub(1 + usize::from(generation));
        let Some(ours) = self.passwords.get(newest).cloned() else { return };
        let username = format!("{}:1111", ours.ufrag());
        let mut out = Vec::new();
        let id = TransactionId::from([id; 12]);
        let mut message = MessageBuilder::request(&mut out, Method::BINDING, id);
        if let (Ok(username), false) = (Username::new(&username), odd == 0) {
            message = message.attribute(&username);
        }
        if odd != 1 {
            message = message.attribute(&Priority(u32::from(self.next(255)) << 22));
        }
        let tie_breaker = u64::from(self.next(3)) << 62;
        message = match self.next(3) {
            0 => message.attribute(&IceControlling(tie_breaker)),
            1 => message.attribute(&IceControlled(tie_breaker)),
            _ => message,
        };
        if self.next(2) == 0 {
            message = message.attribute(&UseCandidate);
        } else if odd == 3 {
            message = message.attribute(&Nomination(self.next(4).into()));
        }
        message = self.ride(message);
        let pwd = if odd == 2 { theirs(0) } else { ours };
        message.integrity(&IntegrityKey::short_term(pwd.pwd())).fingerprint();
        let path = self.path();
        self.hand(path, &mut out);
    }

    /// Answers one of the agent's requests, more or less.
    fn response(&mut self) {
        if self.asked.is_empty() {
            return;
        }
        let index = usize::from(self.next(255)) % self.asked.len();
        let (mut path, request) = self.asked[index].clone();
        let Ok(request) = Message::parse(&request) else { unreachable!("the agent's own") };
        let mut out = Vec::new();
        let message = match self.next(8) {
            0 => MessageBuilder::error(&mut out, &request, ErrorCode::ROLE_CONFLICT),
            1 => MessageBuilder::error(&mut out, &request, ErrorCode::BAD_REQUEST),
            2 => match ErrorCode::new(403, "Forbidden") {
                Ok(forbidden) => MessageBuilder::error(&mut out, &request, forbidden),
                Err(_) => return,
            },
            3 => MessageBuilder::success(&mut out, &request)
                .attribute(&XorMappedAddress(remote(self.next(9)))),
            _ => {
                MessageBuilder::success(&mut out, &request).attribute(&XorMappedAddress(path.local))
            }
        };
        let message = self.ride(message);
        let pwd = theirs(self.next(16) % 2);
        message.integrity(&IntegrityKey::short_term(pwd.pwd())).fingerprint();
        if self.next(16) == 0 {
            path = self.path();
        }
        self.hand(path, &mut out);
    }

    /// Hands over the next bytes of the program as they are.
    fn garbage(&mut self) {
        let length = usize::from(self.next(64)).min(self.program.len());
        let (bytes, rest) = self.program.split_at(length);
        self.program = rest;
        let path = self.path();
        self.hand(path, &mut bytes.to_vec());
    }

    fn hand(&mut self, path: Path, bytes: &mut [u8]) {
        let result = self.agent.handle_input(self.now, Datagram::new(path, self.now, bytes));
        if self.agent.state() == State::Closed {
            assert_eq!(result, Err(Discard::Closed));
        }
    }

    /// Drains the agent, and asserts its promises.
    fn check(&mut self) {
        let now = self.now;
        let ours = self.agent.local_credentials();
        if self.passwords.last() != Some(ours) {
            self.passwords.push(ours.clone());
        }
        if self.agent.poll_timeout().is_some_and(|timeout| timeout <= now) {
            self.agent.handle_timeout(now);
        }
        let (mut buf, mut count) = (Vec::new(), 0);
        while let Some(transmit) = self.agent.poll_transmit(now, &mut buf) {
            assert_eq!(transmit.len, buf.len());
            let Ok(message) = Message::parse(&buf) else { unreachable!("sent {buf:?}") };
            assert!(message.check_fingerprint().is_ok());
            let local = transmit.path.local;
            let here = |c: &Candidate| c.socket_addr().is_none_or(|address| address == local);
            let host = |c: &Candidate| c.kind == CandidateKind::Host && here(c);
            assert!(self.agent.local_candidates().any(host));
            if message.class() == Class::Request {
                assert!(
                    !self.is_lite || self.remote_is_lite,
                    "a lite agent asks a full one nothing"
                );
                assert!(self.agent.awaits(message.transaction_id()));
                self.asked.push((transmit.path, core::mem::take(&mut buf)));
            }
            buf.clear();
            count += 1;
            let extra = config().max_embedded_unheard as usize;
            assert!(count <= 2 * config().max_pairs + config().max_responses + extra, "a flood");
        }
        self.asked.drain(..self.asked.len().saturating_sub(16));
        while let Some(event) = self.agent.poll_event() {
            assert_ne!(event, Event::StateChanged(State::New), "back to the beginning");
        }
        assert!(
            self.agent.poll_timeout().is_none_or(|timeout| timeout > now),
            "a shell would spin"
        );
        self.check_bounds();
    }

    fn check_bounds(&self) {
        let agent = &self.agent;
        assert!(agent.candidate_pairs().count() <= config().max_pairs);
        let most = config().max_remote_candidates + config().max_peer_reflexive;
        // A name can have two addresses.
        assert!(agent.remote_candidates().count() <= 2 * most);
        assert!(agent.local_candidates().count() <= config().max_local_candidates);
        assert!(agent.ufrags().count() <= 2);
        let flows =
            matches!(agent.state(), State::Connected | State::Completed | State::Disconnected);
        // After a restart there is a route still, and without candidates there is none any more.
        let between = matches!(agent.state(), State::Checking | State::Disconnected);
        assert!(flows == agent.route().is_some() || between, "{:?}", agent.state());
        if let (Some(pair), Some(route)) = (agent.selected_pair(), agent.route()) {
            assert!(pair.nominated);
            assert_eq!(pair.path, route.path);
        }
        if agent.state() == State::Closed {
            assert_eq!((agent.poll_timeout(), agent.route()), (None, None));
        }
    }
}

/// A few local addresses, one of them impossible.
fn local(n: u8) -> SocketAddr {
    let port = 5000 + u16::from(n % 2);
    match n {
        0..=2 => SocketAddr::from(([192, 0, 2, n / 2], port)),
        3 => SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], port)),
        4 => SocketAddr::from(([0xfe80, 0, 0, 0, 0, 0, 0, 1], port)),
        _ => SocketAddr::from(([0, 0, 0, 0], port)),
    }
}

/// A few remote addresses, one of them impossible.
fn remote(n: u8) -> SocketAddr {
    match n {
        0..=4 => SocketAddr::from(([198, 51, 100, n], 6000)),
        5 | 6 => SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, n.into()], 6000)),
        7 => SocketAddr::from(([0xfe80, 0, 0, 0, 0, 0, 0, 2], 6000)),
        _ => SocketAddr::from(([224, 0, 0, 1], 6000)),
    }
}

/// The other side's credentials, of two generations.
fn theirs(n: u8) -> Credentials {
    let ufrag = if n == 0 { "1111" } else { "2222" };
    Credentials::new(ufrag, "their/password/of/22/bytes")
        .unwrap_or_else(|error| unreachable!("{error}"))
}
