//! What the stories have in common: a client that says things to a peer, and a server whose shell
//! opens sockets at once and behind which peers return what they hear.

use core::net::SocketAddr;
use core::time::Duration;
use std::collections::VecDeque;

use patchcord_turn::client::{self, Client};
use patchcord_turn::server::{self, PeerPolicy, RelayAddress, Server, StaticUsers};
use sansio::{Datagram, Ecn, Instant, Machine, Path, Transmit, Transport};
use testkit::{LinkConfig, Pair, SeededRng};

pub(crate) const CLIENT: &str = "203.0.113.7:5000";
pub(crate) const SERVER: &str = "192.0.2.1:3478";
pub(crate) const PEER: &str = "198.51.100.2:7000";

pub(crate) type Scene = Pair<Caller, Host>;

#[track_caller]
pub(crate) fn at(text: &str) -> SocketAddr {
    text.parse().unwrap_or_else(|_| unreachable!("an address: {text}"))
}

/// An application over a client.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) client: Client,
    pub(crate) to_say: VecDeque<(SocketAddr, Vec<u8>)>,
    pub(crate) heard: Vec<(SocketAddr, Vec<u8>)>,
    /// How what was said has gone: in a channel or not.
    pub(crate) in_channel: Vec<bool>,
}

impl Machine for Caller {
    type Path = Path;
    type Event = client::Event;
    type Discard = client::Discard;

    fn handle_input(
        &mut self,
        now: Instant,
        input: Datagram<'_, Path>,
    ) -> Result<(), client::Discard> {
        if let Some(said) = self.client.unwrap(now, input)? {
            self.heard.push((said.peer, said.data.to_vec()));
        }
        Ok(())
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.client.handle_timeout(now);
    }

    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        if let Some(transmit) = self.client.poll_transmit(now, buf) {
            return Some(transmit);
        }
        let way = self.client.way(self.to_say.front()?.0)?;
        let (_, data) = self.to_say.pop_front()?;
        let at = buf.len();
        buf.resize(at + way.head(), 0xee);
        buf.extend_from_slice(&data);
        self.in_channel.push(way.is_channel());
        self.client.wrap(way, buf, at).ok()
    }

    fn poll_event(&mut self) -> Option<client::Event> {
        self.client.poll_event()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.client.poll_timeout()
    }
}

/// A server, its shell, and peers that return what they hear.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) server: Server,
    pub(crate) events: Vec<server::Event>,
    /// The sockets of relays that are open.
    pub(crate) open: Vec<server::Relay>,
    /// Sockets are opened later, by [`open_all`](Self::open_all).
    pub(crate) slow: bool,
    /// Those that it has been asked for and has not opened yet.
    pub(crate) wanted: Vec<server::Relay>,
    /// How many sockets cannot be opened.
    pub(crate) broken: usize,
    /// What peers have heard.
    pub(crate) peers_heard: Vec<(Path, Vec<u8>)>,
    pub(crate) silent_peers: bool,
}

impl Host {
    /// Opens what was asked for.
    pub(crate) fn open_all(&mut self, now: Instant) {
        for relay in core::mem::take(&mut self.wanted) {
            self.open.push(relay);
            self.server.handle_opened(now, relay);
        }
        self.serve(now);
    }

    /// What a shell does.
    fn serve(&mut self, now: Instant) {
        while let Some(event) = self.server.poll_event() {
            self.events.push(event);
            match event {
                server::Event::OpenRelay(relay) if self.broken > 0 => {
                    self.broken -= 1;
                    self.server.handle_open_failed(now, relay);
                }
                server::Event::OpenRelay(relay) if self.slow => self.wanted.push(relay),
                server::Event::OpenRelay(relay) => {
                    self.open.push(relay);
                    self.server.handle_opened(now, relay);
                }
                server::Event::CloseRelay(relay) => self.open.retain(|open| *open != relay),
                _ => {}
            }
        }
    }
}

impl Machine for Host {
    type Path = Path;
    type Event = ();
    type Discard = server::Discard;

    fn handle_input(
        &mut self,
        now: Instant,
        input: Datagram<'_, Path>,
    ) -> Result<(), server::Discard> {
        let outcome = self.server.handle_input(now, input);
        self.serve(now);
        outcome
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.server.handle_timeout(now);
        self.serve(now);
    }

    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        loop {
            let start = buf.len();
            let transmit = self.server.poll_transmit(now, buf)?;
            let is_relay = |relay: &server::Relay| relay.local == transmit.path.local;
            if !self.open.iter().any(is_relay) {
                return Some(transmit);
            }
            // To a peer, and back from it.
            let mut data = buf.split_off(start);
            self.peers_heard.push((transmit.path, data.clone()));
            if !self.silent_peers {
                let path = transmit.path;
                let _ = self.server.handle_input(now, Datagram::new(path, now, &mut data));
            }
        }
    }

    fn poll_event(&mut self) -> Option<()> {
        None
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.server.poll_timeout()
    }
}

pub(crate) fn server_config() -> server::Config {
    server::Config {
        realm: "example.org".into(),
        relays: vec![
            RelayAddress::new(at(SERVER).ip()),
            RelayAddress::new(at("[2001:db8:1::1]:0").ip()),
        ],
        own: vec![at(SERVER).ip()],
        peers: PeerPolicy::default(),
        ..server::Config::default()
    }
}

pub(crate) fn users() -> Box<StaticUsers> {
    let mut users = StaticUsers::new("example.org");
    users.add("alice", "wonderland");
    users.add("bob", "builder");
    Box::new(users)
}

#[track_caller]
pub(crate) fn host(config: server::Config, seed: u64) -> Host {
    let Ok(server) = Server::new(config, users(), SeededRng::boxed(seed)) else {
        unreachable!("a short realm")
    };
    let (events, open, peers_heard) = (Vec::new(), Vec::new(), Vec::new());
    let (slow, wanted, broken, silent_peers) = (false, Vec::new(), 0, false);
    Host { server, events, open, slow, wanted, broken, peers_heard, silent_peers }
}

#[track_caller]
pub(crate) fn caller(config: client::Config, transport: Transport, seed: u64) -> Caller {
    let path = Path { local: at(CLIENT), remote: at(SERVER), transport };
    let user = ("alice", "wonderland");
    let rng = SeededRng::boxed(seed ^ 0xca11);
    let Ok(client) = Client::new(Instant::ZERO, path, config, user, rng) else {
        unreachable!("a short name")
    };
    let (to_say, heard, in_channel) = (VecDeque::new(), Vec::new(), Vec::new());
    Caller { client, to_say, heard, in_channel }
}

/// 20 ms one way, nothing lost, UDP.
pub(crate) fn scene() -> Scene {
    with(client::Config::default(), server_config())
}

pub(crate) fn with(client: client::Config, server: server::Config) -> Scene {
    let link = LinkConfig::delayed(Duration::from_millis(20));
    Pair::new(caller(client, Transport::Udp, 1), host(server, 1), link, 1)
}

impl Caller {
    pub(crate) fn say(&mut self, peer: &str, data: &[u8]) {
        self.to_say.push_back((at(peer), data.to_vec()));
    }
}

/// A UDP datagram that somebody sends to the server by itself, and the answer.
pub(crate) fn ask(host: &mut Host, now: Instant, from: &str, bytes: &[u8]) -> Vec<Vec<u8>> {
    let (path, mut bytes) = (Path::udp(at(SERVER), at(from)), bytes.to_vec());
    let input = Datagram { path, ecn: Ecn::NotEct, received: now, data: &mut bytes };
    let _ = host.handle_input(now, input);
    let mut answers = Vec::new();
    let mut buf = Vec::new();
    while host.poll_transmit(now, &mut buf).is_some() {
        answers.push(core::mem::take(&mut buf));
    }
    answers
}
