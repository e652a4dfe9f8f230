//! A TURN server with its shell.

use core::fmt;
use core::net::{IpAddr, SocketAddr};

use sansio::{Datagram, Instant, Machine, Path, Transmit, Transport};
use turn::Server;
use turn::server::{Config, Event, Relay, RelayAddress, StaticUsers};

use super::address::ip;
use super::{Host, StreamNews};
use crate::SeededRng;

/// What is done to datagrams that a server sends.
type Tamper = Box<dyn FnMut(&mut Vec<u8>) + Send>;

/// A TURN server on UDP and TCP port 3478, and for TLS on 5349 and 443. Its user is `alice` with
/// the password `wonderland`.
pub struct TurnServer {
    /// The machine.
    pub server: Server,
    /// Whether it answers at all. Default: yes.
    pub silent: bool,
    addresses: Vec<IpAddr>,
    relays: Vec<Relay>,
    tamper: Option<Tamper>,
}

impl TurnServer {
    /// The realm of its user.
    pub const REALM: &str = "example.org";

    /// A server that relays from these addresses.
    #[track_caller]
    pub fn new(addresses: &[&str], seed: u64) -> Self {
        let addresses: Vec<_> = addresses.iter().map(|text| ip(text)).collect();
        let config = Config {
            realm: Self::REALM.into(),
            relays: addresses.iter().copied().map(RelayAddress::new).collect(),
            own: addresses.clone(),
            ..Config::default()
        };
        Self::with_config(config, seed)
    }

    /// A server that is told otherwise; it is where it relays.
    #[track_caller]
    pub fn with_config(config: Config, seed: u64) -> Self {
        let addresses = config.relays.iter().map(|relay| relay.local).collect();
        let mut users = StaticUsers::new(&config.realm);
        users.add("alice", "wonderland");
        let Ok(server) = Server::new(config, Box::new(users), SeededRng::boxed(seed)) else {
            unreachable!("a realm of more than 763 bytes")
        };
        Self { server, silent: false, addresses, relays: Vec::new(), tamper: None }
    }

    /// Does something to every datagram that it sends.
    pub fn tamper(&mut self, tamper: impl FnMut(&mut Vec<u8>) + Send + 'static) {
        self.tamper = Some(Box::new(tamper));
    }

    pub(super) fn addresses(&self) -> Vec<IpAddr> {
        self.addresses.clone()
    }

    fn is_open(&self, local: SocketAddr) -> bool {
        let is_it = |relay: &Relay| relay.local == local && relay.transport == Transport::Udp;
        self.relays.iter().any(is_it)
    }

    fn serve(&mut self, now: Instant) {
        while let Some(event) = self.server.poll_event() {
            match event {
                Event::OpenRelay(relay) => {
                    self.relays.push(relay);
                    self.server.handle_opened(now, relay);
                }
                Event::CloseRelay(relay) => self.relays.retain(|open| *open != relay),
                // RFC 6062 is not part of this simulation.
                Event::Connect { id, .. } => self.server.handle_disconnected(id),
                Event::Joined { .. }
                | Event::Disconnect(_)
                | Event::Allocated(_)
                | Event::Released(_) => {}
            }
        }
    }
}

impl Host for TurnServer {
    fn handle_input(&mut self, now: Instant, input: Datagram<'_, Path>) {
        let Path { local, transport, .. } = input.path;
        if self.listens(local, transport) || self.is_open(local) {
            // Its counters tell what it did not use.
            let _ = self.server.handle_input(now, input);
            self.serve(now);
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.server.handle_timeout(now);
        self.serve(now);
    }

    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        let start = buf.len();
        loop {
            let mut transmit = self.server.poll_transmit(now, buf)?;
            if let Some(tamper) = &mut self.tamper {
                let mut datagram = buf.split_off(start);
                tamper(&mut datagram);
                buf.extend_from_slice(&datagram);
                transmit.len = datagram.len();
            }
            if !self.silent {
                return Some(transmit);
            }
            buf.truncate(start);
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.server.poll_timeout()
    }

    fn handle_stream(&mut self, now: Instant, path: Path, news: StreamNews) {
        if news == StreamNews::Closed {
            self.server.handle_closed(path);
            self.serve(now);
        }
    }

    fn listens(&self, local: SocketAddr, transport: Transport) -> bool {
        match transport {
            Transport::Udp | Transport::Tcp => local.port() == 3478,
            Transport::Tls | Transport::Dtls => matches!(local.port(), 5349 | 443),
        }
    }
}

impl fmt::Debug for TurnServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TurnServer").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}
