//! Two hosts, each in a network of a kind, and servers between them.
//!
//! ```text
//!   a ─ 5 ms ─ its NATs ─ 20 ms ─ core ─ 20 ms ─ its NATs ─ 5 ms ─ b
//!                                   │
//!                       STUN 192.0.2.1, TURN 192.0.2.3: 0 ms
//! ```
//!
//! One way is 50 ms, directly and by way of the relay.

use core::net::SocketAddr;
use core::time::Duration;

use patchcord_ice::{
    Address, Candidate, Config, GatheringState, RelayId, RelayServer, Role, State,
};
use sansio::Transport;
use stun::behavior::Dependence::{
    self, AddressAndPortDependent, AddressDependent, EndpointIndependent,
};
use testkit::internet::{Firewall, Internet, Nat, Place, StunServer, TurnServer};
use turn::client::Families;

use crate::host::Host;

pub(crate) const STUN: &str = "192.0.2.1:3478";
pub(crate) const RELAY: &str = "192.0.2.3";

/// What stands between a host and the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Open,
    /// Addresses stay, answers come in only.
    Firewall,
    /// Mapping and filtering.
    Nat(Dependence, Dependence),
    /// A home NAT behind that of a carrier.
    Double,
    /// IPv6 only, IPv4 by NAT64.
    Nat64,
    UdpBlocked,
    Tcp443Only,
}

impl Kind {
    /// Every kind.
    pub(crate) fn all() -> Vec<Self> {
        let dependences = [EndpointIndependent, AddressDependent, AddressAndPortDependent];
        let nats = dependences.map(|mapping| dependences.map(|filter| Self::Nat(mapping, filter)));
        let others = [Self::Double, Self::Nat64, Self::UdpBlocked, Self::Tcp443Only];
        let first = [Self::Open, Self::Firewall];
        first.into_iter().chain(nats.into_iter().flatten()).chain(others).collect()
    }

    pub(crate) fn name(self) -> String {
        let word = |dependence| match dependence {
            EndpointIndependent => "any",
            AddressDependent => "addr",
            AddressAndPortDependent => "port",
        };
        match self {
            Self::Open => "open".into(),
            Self::Firewall => "firewall".into(),
            Self::Nat(mapping, filtering) => format!("{}/{}", word(mapping), word(filtering)),
            Self::Double => "double".into(),
            Self::Nat64 => "nat64".into(),
            Self::UdpBlocked => "no udp".into(),
            Self::Tcp443Only => "tcp 443".into(),
        }
    }

    /// On what its mapping depends; `None`: addresses are not translated.
    pub(crate) const fn mapping(self) -> Option<Dependence> {
        match self {
            Self::Nat(mapping, _) => Some(mapping),
            Self::Double | Self::Nat64 => Some(EndpointIndependent),
            Self::Open | Self::Firewall | Self::UdpBlocked | Self::Tcp443Only => None,
        }
    }

    /// What it lets in.
    pub(crate) const fn filtering(self) -> Dependence {
        match self {
            Self::Open => EndpointIndependent,
            Self::Nat(_, filtering) => filtering,
            Self::Nat64 => AddressDependent,
            Self::Firewall | Self::Double | Self::UdpBlocked | Self::Tcp443Only => {
                AddressAndPortDependent
            }
        }
    }

    pub(crate) const fn has_udp(self) -> bool {
        !matches!(self, Self::UdpBlocked | Self::Tcp443Only)
    }

    /// The transport and port by which it reaches the relay.
    const fn relay(self) -> (Transport, u16) {
        match self {
            Self::UdpBlocked => (Transport::Tcp, 3478),
            Self::Tcp443Only => (Transport::Tls, 443),
            _ => (Transport::Udp, 3478),
        }
    }

    /// The host's address.
    fn address(self, side: usize) -> String {
        match self {
            Self::Open | Self::Firewall | Self::UdpBlocked | Self::Tcp443Only => {
                format!("198.51.100.{}", side + 1)
            }
            Self::Nat(..) | Self::Double => format!("10.0.{side}.2"),
            Self::Nat64 => format!("2001:db8:{side}::2"),
        }
    }

    /// The network, and what is between it and the core.
    pub(crate) fn network(self, net: &mut Internet<Host>, side: usize) -> Place {
        let outside = format!("203.0.113.{}", side + 1);
        let (core, far) = (Place::CORE, ms(20));
        match self {
            Self::Open => net.network(core, far),
            Self::Firewall => net.firewall(core, far, Firewall::stateful()),
            Self::Nat(mapping, filter) => net.nat(core, far, Nat::new(&outside, mapping, filter)),
            Self::Double => {
                let home = format!("100.64.{side}.2");
                let home = Nat::new(&home, EndpointIndependent, AddressAndPortDependent);
                let carrier = Nat::new(&outside, EndpointIndependent, AddressDependent);
                let carrier = net.nat(core, far, carrier);
                net.nat(carrier, ms(0), home)
            }
            Self::Nat64 => net.nat(core, far, Nat::nat64(&outside)),
            Self::UdpBlocked => net.firewall(core, far, Firewall::udp_blocked()),
            Self::Tcp443Only => net.firewall(core, far, Firewall::tcp_443_only()),
        }
    }
}

/// The scene, with everything gathered and nothing signalled.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) net: Internet<Host>,
    pub(crate) kinds: [Kind; 2],
    pub(crate) hosts: [Place; 2],
    /// What the hosts are attached to.
    pub(crate) networks: [Place; 2],
    pub(crate) relay: Place,
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

impl Scene {
    /// Two hosts in networks of their own; `a` is controlling.
    pub(crate) fn new(kinds: [Kind; 2], config: Config, seed: u64) -> Self {
        let network = |net: &mut Internet<Host>, side: usize| kinds[side].network(net, side);
        let addresses = [0, 1].map(|side| kinds[side].address(side));
        Self::with(kinds, network, addresses.each_ref().map(String::as_str), config, seed)
    }

    /// Two hosts at these addresses in the networks that are built for them. What they ask of
    /// servers follows from the kinds.
    pub(crate) fn with(
        kinds: [Kind; 2],
        mut network: impl FnMut(&mut Internet<Host>, usize) -> Place,
        addresses: [&str; 2],
        config: Config,
        seed: u64,
    ) -> Self {
        let mut net = Internet::new(seed);
        let stun = StunServer::new("192.0.2.1", "192.0.2.2");
        net.stun_server(Place::CORE, ms(0), stun);
        let relay = net.turn_server(Place::CORE, ms(0), TurnServer::new(&[RELAY], seed));
        let networks = [0, 1].map(|side| network(&mut net, side));
        let hosts = [0, 1].map(|side| {
            let address = addresses[side];
            let host = Host::new(config, 10 * seed + side as u64, &[address]);
            net.host(networks[side], ms(5), &[address], host)
        });
        Self { net, kinds, hosts, networks, relay }
    }

    /// Each side asks a STUN server and a relay.
    pub(crate) fn begin_gathering(&mut self) {
        for (side, role) in [Role::Controlling, Role::Controlled].into_iter().enumerate() {
            let (now, kind) = (self.net.now, self.kinds[side]);
            let host = &mut self.net[self.hosts[side]];
            host.agent.set_role(now, role);
            let stun = STUN.parse().unwrap();
            let (transport, port) = kind.relay();
            let relay = format!("{RELAY}:{port}").parse().unwrap();
            let [stun, relay] = [stun, relay].map(|address| match kind {
                Kind::Nat64 => Nat::synthesized(address),
                _ => address,
            });
            host.with(now, |agent| agent.add_relay(now, relay_at(relay, transport))).unwrap();
            host.gather(now, &[stun]);
        }
    }

    /// Each side has all the candidates that it can have.
    pub(crate) fn gather(&mut self) {
        self.begin_gathering();
        let is_gathered = |net: &mut Internet<Host>, place: Place| {
            net[place].agent.gathering_state() == GatheringState::Complete
        };
        let hosts = self.hosts;
        let all = |net: &mut Internet<Host>| hosts.into_iter().all(|host| is_gathered(net, host));
        assert!(self.net.run_until(all, ms(30_000)), "{:?}", self.kinds);
    }

    /// Both sides have both descriptions now.
    pub(crate) fn signal(&mut self) {
        let now = self.net.now;
        let told = self.hosts.map(|host| self.net[host].agent.signalled());
        for (side, (credentials, candidates)) in told.into_iter().enumerate() {
            let here = 1 - side;
            let candidates = match self.kinds[here] {
                Kind::Nat64 => with_synthesized(candidates),
                _ => candidates,
            };
            self.net[self.hosts[here]].describe(now, (credentials, candidates));
        }
    }
}

pub(crate) fn relay_at(address: SocketAddr, transport: Transport) -> RelayServer {
    RelayServer {
        id: RelayId(0),
        addresses: vec![address],
        transport,
        server_name: (transport == Transport::Tls).then(|| "turn.example.org".into()),
        username: "alice".into(),
        password: "wonderland".into(),
        families: Families::Ipv4,
    }
}

/// Behind NAT64 each IPv4 address has another name, which leads to the same place.
fn with_synthesized(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let both = candidates.into_iter().flat_map(|candidate| {
        let address = candidate.socket_addr().filter(SocketAddr::is_ipv4);
        let synthesized = address.map(|address| Candidate {
            address: Address::Ip(Nat::synthesized(address)),
            foundation: format!("6{}", candidate.foundation).into(),
            ..candidate.clone()
        });
        [Some(candidate), synthesized].into_iter().flatten()
    });
    both.collect()
}

/// Whether data goes by way of a relay: by addresses, since behind NAT64 a relay is seen as another
/// one, and becomes a peer-reflexive candidate.
pub(crate) fn is_relayed(net: &Internet<Host>, place: Place) -> Option<bool> {
    let path = net[place].agent.selected_pair()?.path;
    let relay = SocketAddr::new(RELAY.parse().unwrap(), 0);
    let relay = [relay, Nat::synthesized(relay)].map(|address| address.ip());
    Some(relay.contains(&path.local.ip()) || relay.contains(&path.remote.ip()))
}

/// When each side can send, from now on, and whether it then ends by a relay. Panics if they do not
/// connect within 10 s.
pub(crate) fn connect(scene: &mut Scene) -> ([Duration; 2], bool) {
    let (start, hosts) = (scene.net.now, scene.hosts);
    let mut connected = [None; 2];
    let done = scene.net.run_until(
        |net| {
            let now = net.now;
            for (time, host) in connected.iter_mut().zip(hosts) {
                if time.is_none() && net[host].agent.route().is_some() {
                    *time = Some(now - start);
                }
            }
            hosts.into_iter().all(|host| net[host].agent.state() == State::Completed)
        },
        ms(10_000),
    );
    assert!(done, "{:?}: {connected:?}", scene.kinds);
    let relayed = hosts.map(|host| is_relayed(&scene.net, host).unwrap());
    assert_eq!(relayed[0], relayed[1]);
    (connected.map(|time| time.unwrap()), relayed[0])
}

/// Data goes both ways.
#[track_caller]
pub(crate) fn converse(scene: &mut Scene) {
    for (from, to) in [(0, 1), (1, 0)] {
        let [from, to]: [Place; 2] = [scene.hosts[from], scene.hosts[to]];
        let now = scene.net.now;
        assert!(scene.net[from].say(now, b"hello"), "{:?}", scene.kinds);
        scene.net.run_for(ms(100));
        let heard = scene.net[to].heard.pop().map(|(_, data)| data);
        assert_eq!(heard.as_deref(), Some(&b"hello"[..]), "{:?}", scene.kinds);
    }
}
