//! Statistics of ICE: the dictionaries of W3C webrtc-stats, member for member, in Rust case.

use core::net::SocketAddr;
use core::time::Duration;

use ice::Role as IceRole;
use sansio::{Instant, Transport};

use crate::connection::PeerConnection;

/// The transport, its pairs and its candidates, at one moment.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct IceStats {
    /// The transport.
    pub transport: IceTransportStats,
    /// Its pairs of the present ICE generation.
    pub candidate_pairs: Vec<IceCandidatePairStats>,
    /// Our candidates, peer-reflexive ones too.
    pub local_candidates: Vec<IceCandidateStats>,
    /// Theirs, peer-reflexive ones too.
    pub remote_candidates: Vec<IceCandidateStats>,
}

/// What `RTCTransportStats` says of ICE (webrtc-stats §8.14).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct IceTransportStats {
    /// Whether this side chooses the pair.
    pub ice_role: Option<IceRole>,
    /// The user name fragment of this side.
    pub ice_local_username_fragment: String,
    /// The [`id`](IceCandidatePairStats::id) of the pair that data goes along.
    pub selected_candidate_pair_id: Option<String>,
    /// How often that was another one, none included.
    pub selected_candidate_pair_changes: u64,
}

/// `RTCIceCandidateStats` (webrtc-stats §8.15).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IceCandidateStats {
    /// By which pairs name it.
    pub id: String,
    /// Its IP address, or the name that stands for it.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// `udp` or `tcp`.
    pub protocol: &'static str,
    /// `host`, `srflx`, `prflx` or `relay`.
    pub candidate_type: &'static str,
    /// RFC 8445 §5.1.2.
    pub priority: u32,
    /// RFC 8445 §5.1.1.3.
    pub foundation: String,
    /// The base of a reflexive candidate, the mapped address of a relayed one.
    pub related: Option<SocketAddr>,
    /// The user name fragment of its side.
    pub username_fragment: Option<String>,
    /// `active`, `passive` or `so`, if it is over TCP.
    pub tcp_type: Option<&'static str>,
    /// How the relay of a candidate of ours is spoken to: `udp`, `tcp` or `tls`.
    pub relay_protocol: Option<&'static str>,
    /// Where that relay is spoken to; a proxy on the way to it stands for it.
    pub relay: Option<SocketAddr>,
}

/// `RTCIceCandidatePairStats` (webrtc-stats §8.16). Times are since 1970, by
/// [`Config::unix_at_zero`](crate::Config::unix_at_zero).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IceCandidatePairStats {
    /// By which the transport names it.
    pub id: String,
    /// Its candidate of ours.
    pub local_candidate_id: String,
    /// Its candidate of theirs.
    pub remote_candidate_id: String,
    /// `frozen`, `waiting`, `in-progress`, `failed` or `succeeded`.
    pub state: &'static str,
    /// Whether it was nominated.
    pub nominated: bool,
    /// Datagrams of data sent.
    pub packets_sent: u64,
    /// Datagrams of data that came.
    pub packets_received: u64,
    /// Their bytes, without headers.
    pub bytes_sent: u64,
    /// Their bytes, without headers.
    pub bytes_received: u64,
    /// When the last one was sent.
    pub last_packet_sent_timestamp: Option<Duration>,
    /// When the last one came.
    pub last_packet_received_timestamp: Option<Duration>,
    /// All measured round-trip times together.
    pub total_round_trip_time: Duration,
    /// The latest one.
    pub current_round_trip_time: Option<Duration>,
    /// Checks that came.
    pub requests_received: u64,
    /// Checks sent, without retransmissions.
    pub requests_sent: u64,
    /// Answers that came, to consent checks too.
    pub responses_received: u64,
    /// Answers sent.
    pub responses_sent: u64,
    /// Consent checks sent.
    pub consent_requests_sent: u64,
    /// Datagrams that could not be handed to the network.
    pub packets_discarded_on_send: u64,
    /// Their bytes.
    pub bytes_discarded_on_send: u64,
}

impl PeerConnection {
    /// What ICE knows and did so far. It is put together anew each time: not for every packet.
    pub fn ice_stats(&self) -> IceStats {
        let Some(ice) = self.transports.first().map(|transport| &transport.ice) else {
            return IceStats::default();
        };
        let zero = self.config.unix_at_zero;
        let in_use = ice.pair_in_use().map(|pair| pair.id.to_string());
        IceStats {
            transport: IceTransportStats {
                ice_role: Some(ice.role()),
                ice_local_username_fragment: ice.local_credentials().ufrag().to_owned(),
                selected_candidate_pair_id: in_use,
                selected_candidate_pair_changes: ice.counters().route_changes,
            },
            candidate_pairs: ice.candidate_pairs().map(|it| describe_pair(&it, zero)).collect(),
            local_candidates: ice.known_local_candidates().map(|it| describe(&it)).collect(),
            remote_candidates: ice.known_remote_candidates().map(|it| describe(&it)).collect(),
        }
    }

    /// The shell could not send a datagram of so many bytes: its socket has failed. It is counted
    /// in [`ice_stats`](Self::ice_stats).
    pub fn handle_unsent(&mut self, bytes: usize) {
        if let Some(transport) = self.transports.first_mut() {
            transport.ice.handle_unsent(bytes);
        }
    }
}

const fn protocol(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
        Transport::Tls => "tls",
    }
}

fn describe(known: &ice::KnownCandidate<'_>) -> IceCandidateStats {
    let candidate = known.candidate;
    let (address, port) = match &candidate.address {
        ice::Address::Ip(address) => (address.ip().to_string(), address.port()),
        ice::Address::Name { name, port } => (name.to_string(), *port),
    };
    IceCandidateStats {
        id: known.id.to_string(),
        address,
        port,
        protocol: protocol(candidate.transport),
        candidate_type: candidate.kind.name(),
        priority: candidate.priority,
        foundation: candidate.foundation.to_string(),
        related: candidate.related,
        username_fragment: known.ufrag.map(str::to_owned),
        tcp_type: candidate.tcp_type.map(|tcp_type| match tcp_type {
            ice::TcpType::Active => "active",
            ice::TcpType::Passive => "passive",
            ice::TcpType::SimultaneousOpen => "so",
        }),
        relay_protocol: known.relay.map(|(_, transport)| protocol(transport)),
        relay: known.relay.map(|(server, _)| server),
    }
}

fn describe_pair(pair: &ice::CandidatePair<'_>, zero: Duration) -> IceCandidatePairStats {
    let ice::PairStats { traffic, .. } = pair.stats;
    let wall = |at: Instant| zero + at.saturating_since(Instant::ZERO);
    IceCandidatePairStats {
        id: pair.id.to_string(),
        local_candidate_id: pair.local_id.to_string(),
        remote_candidate_id: pair.remote_id.to_string(),
        state: match pair.state {
            ice::PairState::Frozen => "frozen",
            ice::PairState::Waiting => "waiting",
            ice::PairState::InProgress => "in-progress",
            ice::PairState::Succeeded => "succeeded",
            ice::PairState::Failed => "failed",
        },
        nominated: pair.nominated,
        packets_sent: traffic.packets_sent,
        packets_received: traffic.packets_received,
        bytes_sent: traffic.bytes_sent,
        bytes_received: traffic.bytes_received,
        last_packet_sent_timestamp: traffic.last_packet_sent.map(wall),
        last_packet_received_timestamp: traffic.last_packet_received.map(wall),
        total_round_trip_time: pair.stats.total_round_trip_time,
        current_round_trip_time: pair.stats.current_round_trip_time,
        requests_received: pair.stats.requests_received,
        requests_sent: pair.stats.requests_sent,
        responses_received: pair.stats.responses_received,
        responses_sent: pair.stats.responses_sent,
        consent_requests_sent: pair.stats.consent_requests_sent,
        packets_discarded_on_send: traffic.packets_discarded_on_send,
        bytes_discarded_on_send: traffic.bytes_discarded_on_send,
    }
}
