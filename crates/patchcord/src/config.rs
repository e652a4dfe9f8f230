//! What can be chosen about an endpoint and its connections.

use core::net::{IpAddr, Ipv6Addr, SocketAddr};
use core::ops::RangeInclusive;
use core::time::Duration;
use std::sync::Arc;

use peer::{CandidatePolicy, Certificate, Codec, NamedGroup, dtls};

use crate::net::AddressFilter;
use crate::servers::{IceServer, Resolver};
use crate::stream::{Proxy, Trust};

/// Choices for an [`Endpoint`](crate::Endpoint).
#[derive(Clone, Debug)]
pub struct EndpointConfig {
    /// Where to bind. `[::]` means IPv6 and IPv4 on the same port, as far as the host has them;
    /// `0.0.0.0` means all of IPv4, anything else that one address. Default: `[::]:0`.
    pub udp: SocketAddr,
    /// The ports of sockets that are bound where no port is asked for: all but one that
    /// [`udp`](Self::udp) names. Each is tried, in an order that begins anywhere, until one is free.
    /// Default: what the system chooses.
    pub ports: Option<RangeInclusive<u16>>,
    /// Addresses of a 1:1 NAT (a cloud's public address) that are announced in place of the host's
    /// own ones of the same family. The n-th stands for the n-th host address, the last one for
    /// all that remain. Default: none.
    pub public_ips: Vec<IpAddr>,
    /// Which of the host's addresses are announced when bound to all of them.
    pub addresses: AddressFilter,
    /// STUN and TURN servers, for connections through NATs, of all connections of the endpoint.
    ///
    /// STUN servers are asked how the sockets look from outside, once for each socket; the one that
    /// is the first to answer is asked again every 20 s. Until one has answered, or 3.5 s have
    /// passed, gathering is not complete.
    ///
    /// TURN servers relay, for those that nothing else connects: each connection asks for an address
    /// of its own on each of them, of a name's addresses on the first IPv6 and the first IPv4 one.
    /// One that is of no use is told by [`Event::IceCandidateError`](crate::Event::IceCandidateError).
    ///
    /// Default: none.
    pub ice_servers: Vec<IceServer>,
    /// What finds the addresses of servers. Of each family four are tried, one after the other.
    /// Default: the system's resolver.
    pub resolver: Resolver,
    /// Whom TLS and DTLS to TURN servers trust. Default: whom the system trusts, by its own rules
    /// (`rustls-platform-verifier`), which are read when they are first needed.
    pub trust: Option<Trust>,
    /// A proxy for TURN over TCP and TLS. It looks up the servers' names, not we. Default: none.
    pub proxy: Option<Proxy>,
    /// Where peers can connect to over TCP (RFC 6544), all of them on one port; `[::]` as in
    /// [`udp`](Self::udp). For peers whose network lets no UDP out, without a relay. Default: none.
    pub tcp: Option<SocketAddr>,
    /// Streams that may be accepted there and not yet have said, by a check that their peer has
    /// verified, whom they want. They have 5 s; of more, the oldest is closed. Default: 256.
    pub max_unidentified_streams: usize,
    /// Streams that may be accepted for one connection; of more, the oldest is closed. Default: 16.
    pub max_streams_per_peer: usize,
    /// The certificate of connections that bring none. Default: one is made for the endpoint.
    pub certificate: Option<Arc<Certificate>>,
    /// Connections that may exist at a time. Default: 65536.
    pub max_peers: usize,
    /// Sockets a family that may be bound. One is enough unless several connections lead to the
    /// same remote address and port, as between two endpoints of this kind: then each of them needs
    /// a socket of its own. Default: 256.
    pub max_sockets: u16,
}

impl Default for EndpointConfig {
    fn default() -> Self {
        Self {
            udp: SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), 0),
            ports: None,
            public_ips: Vec::new(),
            addresses: AddressFilter::default(),
            ice_servers: Vec::new(),
            resolver: Resolver::default(),
            trust: None,
            proxy: None,
            tcp: None,
            max_unidentified_streams: 256,
            max_streams_per_peer: 16,
            certificate: None,
            max_peers: 65_536,
            max_sockets: 256,
        }
    }
}

/// Choices for one connection (W3C webrtc-pc §4.2.1, `RTCConfiguration`). `None` leaves the choice
/// to `patchcord-peer`, whose own `Config` says why it is what it is.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Config {
    /// Whether addresses of this host that come later become candidates, and those that are gone
    /// cease to be, for as long as the connection lives: who leaves the house goes on by the mobile
    /// network, and needs no restart. Gathering, which was complete, then begins and ends once more:
    /// [`Event::IceCandidate`](crate::Event::IceCandidate) tells of what is new. (RFC 8838 §13 has no
    /// candidates after the last one. All that we know take them.) Default: true.
    pub continual_gathering: Option<bool>,
    /// What is done about names of multicast DNS, with which browsers hide their addresses. Default:
    /// those of the other side are resolved.
    pub mdns: Mdns,
    /// STUN and TURN servers besides those of the endpoint (W3C `iceServers`). A STUN server tells
    /// where the endpoint's sockets are seen, so what it says serves all connections. Default: none.
    pub ice_servers: Vec<IceServer>,
    /// Which candidates are used (W3C `iceTransportPolicy`): all; all but the addresses of this
    /// host; relays only. Default: all.
    pub ice_transport_policy: CandidatePolicy,
    /// Whether this side is an ICE lite agent (RFC 8445 §2.5): for servers that everybody can reach.
    /// It sends no checks, and answers those of the other side, unless that is lite too. Default: no.
    pub ice_lite: bool,
    /// Whether TCP connections to the peer are tried, where it listens (RFC 6544). It costs a
    /// connection for each pair of addresses. Where addresses are hidden ([`Mdns::Offer`]) there are
    /// no TCP candidates. Default: no.
    ///
    /// Simultaneous open, RFC 6544's third way, is not offered: Chromium and libnice make active and
    /// passive candidates at most, so that there is nobody to meet. (The agent of `ice` has it.)
    pub tcp_active: bool,
    /// Our identity in DTLS. Default: the endpoint's.
    pub certificate: Option<Arc<Certificate>>,
    /// Versions of DTLS that are offered and accepted. Default: 1.2 and 1.3.
    pub dtls_versions: Option<dtls::Versions>,
    /// Groups of its key exchange, in order of preference. Default: X25519MLKEM768, X25519, P-256,
    /// P-384.
    pub dtls_groups: Option<Arc<[NamedGroup]>>,
    /// Where the cryptography of DTLS comes from, such as a module with a certificate of its own.
    /// Default: [`dtls::Ring`].
    pub dtls_crypto: Option<Arc<dyn dtls::Crypto>>,
    /// Where the secrets of DTLS are told, in the format of `SSLKEYLOGFILE`, so that Wireshark can read
    /// a capture. Whoever has them can read the connection: for debugging alone. Default: nowhere.
    pub key_log: Option<Arc<dyn dtls::KeyLog>>,
    /// Whether the handshake of DTLS may ride in connectivity checks, which saves a round trip with
    /// who knows it, and costs nothing with others (draft-hancke-webrtc-sped). Default: true.
    pub sped: Option<bool>,
    /// Whether descriptions carry what sets the association below data channels up, which saves
    /// another one (draft-hancke-tsvwg-snap). Default: true.
    pub snap: Option<bool>,
    /// The largest message that we accept, bytes, and so what the other side may make us hold.
    /// Default: 262144, as browsers.
    pub max_message_size: Option<usize>,
    /// Data channels that may exist at a time, ours and theirs. Default: 65535.
    pub max_channels: Option<usize>,
    /// Bytes of messages that were accepted by `send` and have not left yet, all channels together. A
    /// channel may hold as much as it leaves free for others, half of it when it is alone; beyond,
    /// its `send` waits. Default: 1 MiB.
    pub send_buffer: Option<usize>,
    /// Bytes that arrived and were not read yet, all channels together. Beyond, the other side
    /// waits.
    pub receive_window: Option<usize>,
    /// The codecs that are offered, in this order, and accepted. Default: what browsers have.
    pub codecs: Option<Arc<[Codec]>>,
    /// Packets that a receiver keeps for the application; of more, the oldest are dropped.
    /// Default: 512.
    pub max_unread_packets: Option<usize>,
    /// Packets that may wait for the network; more are refused. Default: 2048.
    pub max_unsent_packets: Option<usize>,
}

/// Names in place of addresses (draft-ietf-mmusic-mdns-ice-candidates).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mdns {
    /// Those of the other side are not resolved: its checks tell where it is, unless both are
    /// hidden. For servers whose peers are elsewhere, which need not ask their own network.
    Off,
    /// Those of the other side are resolved.
    #[default]
    Resolve,
    /// And our host candidates are told by names, which are the same for all connections of an
    /// endpoint. Who is not on our links reaches us by what STUN and TURN servers told.
    Offer,
}

/// What the facade itself does for a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choices {
    /// Its candidates follow the addresses of the host.
    pub(crate) follows: bool,
    pub(crate) mdns: Mdns,
    /// It connects to its peer over TCP.
    pub(crate) tcp_active: bool,
}

impl Choices {
    /// Whether the other side may know our addresses. Names stand for those of UDP only.
    pub(crate) fn tells_addresses(&self) -> bool {
        self.mdns != Mdns::Offer
    }
}

impl Config {
    pub(crate) fn choices(&self) -> Choices {
        Choices {
            follows: self.continual_gathering.unwrap_or(true),
            mdns: self.mdns,
            tcp_active: self.tcp_active,
        }
    }

    /// What the connection below the facade is told.
    pub(crate) fn for_peer(
        self,
        certificate: &Arc<Certificate>,
        unix_at_zero: Duration,
    ) -> peer::Config {
        let certificate = self.certificate.unwrap_or_else(|| Arc::clone(certificate));
        let mut config = peer::Config::new(certificate);
        config.unix_at_zero = unix_at_zero;
        config.ice.policy = self.ice_transport_policy;
        if self.ice_lite {
            config.ice.implementation = peer::IceImplementation::Lite;
        }
        let choices = [
            (self.max_message_size, &mut config.max_message_size),
            (self.max_channels, &mut config.max_channels),
            (self.send_buffer, &mut config.sctp.send_buffer),
            (self.receive_window, &mut config.sctp.receive_window),
            (self.max_unread_packets, &mut config.max_unread_packets),
            (self.max_unsent_packets, &mut config.max_unsent_packets),
        ];
        for (choice, place) in choices {
            if let Some(value) = choice {
                *place = value;
            }
        }
        let dtls = &mut config.dtls;
        dtls.versions = self.dtls_versions.unwrap_or(dtls.versions);
        if let Some(groups) = self.dtls_groups {
            dtls.groups = groups;
        }
        if let Some(crypto) = self.dtls_crypto {
            dtls.crypto = crypto;
        }
        dtls.key_log = self.key_log;
        config.sped = self.sped.unwrap_or(config.sped);
        config.snap = self.snap.unwrap_or(config.snap);
        if let Some(codecs) = self.codecs {
            config.codecs = codecs;
        }
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_is_told_and_the_rest_is_left_to_peer() {
        let certificate = Arc::new(Certificate::generate().unwrap());
        let told = |config: Config| {
            let config = config.for_peer(&certificate, Duration::ZERO);
            (config.sped, config.snap, config.max_channels)
        };
        assert_eq!(told(Config::default()), (true, true, 65_535));
        let off = Config { sped: Some(false), max_channels: Some(7), ..Config::default() };
        assert_eq!(told(off), (false, true, 7));
        let off = Config { snap: Some(false), ..Config::default() };
        assert_eq!(told(off), (true, false, 65_535));
    }
}
