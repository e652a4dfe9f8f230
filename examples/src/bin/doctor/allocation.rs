//! One allocation on a TURN server, driven.

use std::{io, net::SocketAddr};

use patchcord::Random;
use sansio::{Clock, Datagram, Instant, Machine, Path, Transport};
use turn::client::{Client, CloseReason, Config, Event};

use crate::{
    report::{Failure, FailureKind},
    wire::Wire,
};

/// The allocation, or what is to become one.
pub(crate) struct Allocation {
    client: Client,
    wire: Wire,
    clock: Clock,
}

/// What has come of a while of driving.
#[derive(Debug)]
pub(crate) enum Step {
    /// A peer has sent this.
    Heard(Vec<u8>),
    /// Something has happened.
    Event(Event),
    /// The time is up.
    Late,
}

impl Allocation {
    /// Asks for one.
    pub(crate) fn new(
        clock: Clock,
        wire: Wire,
        (server, transport): (SocketAddr, Transport),
        credentials: (&str, &str),
    ) -> io::Result<Self> {
        let path = Path { local: wire.local()?, remote: server, transport };
        let rng = Random::from_system().map_err(io::Error::other)?;
        let families = if server.is_ipv4() { Config::default().families } else { IPV6 };
        let config = Config { families, ..Config::default() };
        let client = Client::new(clock.now(), path, config, credentials, Box::new(rng));
        Ok(Self { client: client.map_err(io::Error::other)?, wire, clock })
    }

    /// Waits until there is one.
    pub(crate) async fn allocated(&mut self, until: Instant) -> Result<SocketAddr, Failure> {
        loop {
            match self.step(until).await {
                Ok(Step::Event(Event::Allocated)) => break,
                Ok(Step::Event(Event::Closed(reason))) => return Err(because(&reason)),
                Ok(Step::Event(Event::Redirected { server, .. }))
                    if self.client.path().transport != Transport::Udp =>
                {
                    let words = format_args!("it sends us to {server}: name that one");
                    return Err(FailureKind::Refused.because(&words));
                }
                Ok(Step::Late) => return Err(because(&CloseReason::TimedOut)),
                Ok(_) => {}
                Err(error) => return Err(FailureKind::Connect.because(&error)),
            }
        }
        let relayed = self.relayed();
        relayed.ok_or_else(|| FailureKind::Refused.because(&"an allocation without an address"))
    }

    pub(crate) fn relayed(&self) -> Option<SocketAddr> {
        let families = [turn::AddressFamily::Ipv4, turn::AddressFamily::Ipv6];
        families.into_iter().find_map(|family| self.client.relayed(family))
    }

    /// Wants a channel to this peer.
    pub(crate) fn bind(&mut self, peer: SocketAddr) {
        // Of 64 that it may have this is the first.
        let _ = self.client.bind(peer);
    }

    pub(crate) fn is_bound(&self, peer: SocketAddr) -> bool {
        self.client.is_bound(peer)
    }

    /// Sends to a peer; nothing if there is no way to it.
    pub(crate) async fn send(&mut self, peer: SocketAddr, data: &[u8]) -> io::Result<()> {
        let Some(way) = self.client.way(peer) else { return Ok(()) };
        let mut buf = vec![0; way.head()];
        buf.extend_from_slice(data);
        let transmit = self.client.wrap(way, &mut buf, 0).map_err(io::Error::other)?;
        self.wire.send(transmit.path.remote, &buf).await
    }

    /// Drives it until something has come of that. If it is cancelled, nothing that came is lost.
    pub(crate) async fn step(&mut self, until: Instant) -> io::Result<Step> {
        let mut out = Vec::new();
        loop {
            let now = self.clock.now();
            self.client.handle_timeout(now);
            while let Some(transmit) = self.client.poll_transmit(now, &mut out) {
                self.wire.send(transmit.path.remote, &out).await?;
                out.clear();
            }
            if let Some(event) = self.client.poll_event() {
                return Ok(Step::Event(event));
            }
            if now >= until {
                return Ok(Step::Late);
            }
            let due = self.client.poll_timeout().map_or(until, |due| due.min(until));
            let path = self.client.path();
            let received = self.wire.receive(path.remote);
            let received = tokio::time::timeout_at(self.clock.std(due).into(), received).await;
            let Ok(received) = received else { continue };
            let (source, mut bytes) = match received {
                // Over UDP ICMP may say that nobody listens: the client's patience counts.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => continue,
                received => received?,
            };
            let (now, path) = (self.clock.now(), Path { remote: source, ..path });
            if let Ok(Some(said)) = self.client.unwrap(now, Datagram::new(path, now, &mut bytes)) {
                return Ok(Step::Heard(said.data.to_vec()));
            }
        }
    }

    /// Gives it back; whoever waits for the answer waits until then at most.
    pub(crate) async fn close(mut self, until: Instant) {
        self.client.close(self.clock.now());
        while !matches!(
            self.step(until).await,
            Ok(Step::Event(Event::Closed(_)) | Step::Late) | Err(_)
        ) {}
    }
}

const IPV6: turn::client::Families = turn::client::Families::Ipv6;

/// Why there is none.
fn because(reason: &CloseReason) -> Failure {
    let kind = match reason {
        CloseReason::TimedOut => FailureKind::Silent,
        CloseReason::Credentials(_) => FailureKind::Credentials,
        _ => FailureKind::Refused,
    };
    kind.because(&reason)
}
