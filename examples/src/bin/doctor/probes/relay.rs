//! A TURN server over one transport: connection, allocation, and what comes back through it.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use patchcord::{
    Transport,
    servers::{Host, Url},
    stream::{Carrier, ConnectError, Proxy, Target, Trust, connect},
};
use sansio::{Clock, Instant};
use tokio::sync::RwLock;

use super::echo::{Far, Loop};
use crate::{
    allocation::Allocation,
    approach::Approach,
    binding::Asker,
    report::{Failure, FailureKind, Relay, milliseconds},
    wire::Wire,
};

/// How long giving back what was allocated may take.
const GOODBYE: Duration = Duration::from_millis(500);

/// Whom to ask, and as whom.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) text: String,
    pub(crate) url: Url,
    /// Where it is, and the way there. `None`: the proxy knows.
    pub(crate) place: Option<(SocketAddr, Approach)>,
    pub(crate) username: String,
    pub(crate) password: String,
    /// What makes connections over TCP and TLS for us.
    pub(crate) proxy: Option<Arc<Proxy>>,
    /// Whom TLS and DTLS trust, if not whom the system trusts.
    pub(crate) trust: Option<Trust>,
    /// Whoever floods the network waits until nobody measures anything else.
    pub(crate) calm: Arc<RwLock<()>>,
}

/// Looks at one server over one transport for as long as that.
pub(crate) async fn look(question: Question, limit: Duration) -> Relay {
    let clock = Clock::start();
    let mut relay = Relay {
        address: question.place.map(|(address, _)| address),
        ..Relay::failed(&question.text, question.url.transport, None)
    };
    relay.error = question.measure(clock, clock.now() + limit, &mut relay).await.err();
    relay
}

impl Relay {
    /// One of which nothing else is known.
    pub(crate) fn failed(text: &str, transport: Transport, error: Option<Failure>) -> Self {
        Self {
            url: text.to_owned(),
            transport: match transport {
                Transport::Udp => "udp",
                Transport::Tcp => "tcp",
                Transport::Tls => "tls",
                Transport::Dtls => "dtls",
            },
            address: None,
            connect_ms: None,
            allocate_ms: None,
            relayed: None,
            way: None,
            round_trip_ms: None,
            throughput_mbps: None,
            lost: None,
            error,
        }
    }
}

impl Question {
    async fn measure(&self, clock: Clock, end: Instant, relay: &mut Relay) -> Result<(), Failure> {
        let begun = clock.now();
        let wire = self.connect(clock, end).await?;
        let connected = clock.now();
        if self.url.transport != Transport::Udp {
            relay.connect_ms = Some(milliseconds(connected - begun));
        }
        let mut near = self.allocation(clock, wire)?;
        relay.relayed = Some(near.allocated(end).await?);
        relay.allocate_ms = Some(milliseconds(clock.now() - connected));
        let Some(mut way) = self.open(clock, near, end).await? else {
            let words = "it does not relay to itself, and no other address of ours is known";
            return Err(FailureKind::NotRelayed.because(&words));
        };
        relay.way = Some(way.way());
        let outcome = self.talk(&mut way, end, relay).await;
        way.close(clock.now() + GOODBYE).await;
        match outcome {
            Ok(true) => Ok(()),
            Ok(false) => Err(FailureKind::NotRelayed.because(&"nothing comes back through it")),
            Err(error) => Err(FailureKind::Connect.because(&error)),
        }
    }

    /// Whether anything comes back.
    async fn talk(&self, way: &mut Loop, end: Instant, relay: &mut Relay) -> io::Result<bool> {
        let quiet = self.calm.read().await;
        let round_trip = way.ping(end).await?;
        drop(quiet);
        relay.round_trip_ms = round_trip.map(milliseconds);
        if round_trip.is_some() {
            let _alone = self.calm.write().await;
            let flood = way.flood(end).await?;
            relay.throughput_mbps = flood.rate.map(|bits| (bits / 1e4).round() / 100.0);
            relay.lost = Some(flood.lost);
        }
        Ok(round_trip.is_some())
    }

    /// A second allocation for the other end; where the server relays to itself for nobody, a plain
    /// socket.
    async fn open(
        &self,
        clock: Clock,
        mut near: Allocation,
        end: Instant,
    ) -> Result<Option<Loop>, Failure> {
        let goodbye = || clock.now() + GOODBYE;
        if let Ok(wire) = self.connect(clock, end).await {
            let mut second = self.allocation(clock, wire)?;
            // A quota of one allocation is no fault.
            if let Ok(address) = second.allocated(end).await {
                let far = Far::Allocation(Box::new(second), address);
                let mut way = Loop::new(clock, near, far);
                if way.open(end).await {
                    return Ok(Some(way));
                }
                near = way.into_near(goodbye()).await;
            }
        }
        let Some((asker, mapped)) = self.plain_socket().await else {
            near.close(goodbye()).await;
            return Ok(None);
        };
        let mut way = Loop::new(clock, near, Far::Socket(Box::new(asker), mapped));
        if way.open(end).await {
            return Ok(Some(way));
        }
        way.close(goodbye()).await;
        Ok(None)
    }

    /// One whose public address the server tells.
    async fn plain_socket(&self) -> Option<(Asker, SocketAddr)> {
        let (address, approach) = self.place?;
        let mut asker = Asker::bind(approach).await.ok()?;
        let mapped = asker.ask(address).await?.mapped?;
        Some((asker, mapped))
    }

    fn allocation(&self, clock: Clock, wire: Wire) -> Result<Allocation, Failure> {
        let credentials = (self.username.as_str(), self.password.as_str());
        let local = |error| FailureKind::Local.because(&error);
        let remote = match (self.place, &wire) {
            (Some((address, _)), _) => Ok(address),
            (None, Wire::Stream(stream)) => Ok(stream.remote_addr()),
            (None, Wire::Udp { .. }) => Err(io::ErrorKind::AddrNotAvailable.into()),
        };
        let server = (remote.map_err(local)?, self.url.transport);
        Allocation::new(clock, wire, server, credentials).map_err(local)
    }

    async fn connect(&self, clock: Clock, end: Instant) -> Result<Wire, Failure> {
        let name = || match &self.url.host {
            Host::Ip(ip) => ip.to_string().into_boxed_str(),
            Host::Name(name) => name.clone(),
        };
        let named = || Target::named(self.url.host.clone(), self.url.port);
        let there = self.place.map(|(address, approach)| approach.outward(address));
        let mut target = there.map_or_else(named, Target::new);
        target.carrier = match self.url.transport {
            Transport::Udp => {
                return self.udp().await.map_err(|it| FailureKind::Local.because(&it));
            }
            Transport::Tcp => Carrier::Tcp,
            Transport::Tls => Carrier::Tls(name()),
            Transport::Dtls => Carrier::Dtls(name()),
        };
        target.trust = self.trust.clone();
        target.proxy = self.proxy.clone();
        target.patience = end - clock.now();
        match connect(&target).await {
            Ok(stream) => Ok(Wire::Stream(Box::new(stream))),
            Err(error @ ConnectError::Certificate(_)) => {
                Err(FailureKind::Certificate.because(&error))
            }
            Err(error) => Err(FailureKind::Connect.because(&error)),
        }
    }

    async fn udp(&self) -> io::Result<Wire> {
        // Over UDP nobody goes by a proxy.
        let (_, approach) = self.place.ok_or(io::ErrorKind::AddrNotAvailable)?;
        Ok(Wire::udp(approach.bind().await?, approach))
    }
}
