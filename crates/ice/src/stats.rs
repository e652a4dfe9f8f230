//! Statistics: numbers that only grow; pairs and candidates as W3C webrtc-stats names them.

use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;

use sansio::{Instant, Path, Transport};

use crate::{Candidate, Discard};

/// A pair, for as long as it exists. Never used twice in an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PairId(pub(crate) u32);

impl fmt::Display for PairId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A candidate, for as long as it is known. Never used twice in an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CandidateId(pub(crate) u32);

impl fmt::Display for CandidateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What an agent has counted since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Authentic requests.
    pub requests_received: u64,
    /// Responses to requests, errors included.
    pub responses_sent: u64,
    /// Checks, retransmissions and consent checks included.
    pub requests_sent: u64,
    /// Authentic responses to checks.
    pub responses_received: u64,
    /// How often data began to go another way, or ceased to go any
    /// (`RTCTransportStats.selectedCandidatePairChanges`).
    pub route_changes: u64,
    /// Datagrams of others that our checks and responses carried, repetitions included.
    pub embedded_sent: u64,
    /// Datagrams of others that came inside of messages, repetitions included.
    pub embedded_received: u64,
    /// Those that were too long, or for which there was no room.
    pub embedded_ignored: u64,
    /// Remote candidates that were not taken, and why.
    pub ignored: Ignored,
    /// Datagrams that were not used, and why.
    pub discarded: Discarded,
}

/// Remote candidates that were not taken, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ignored {
    /// Of another component than 1.
    pub component: u64,
    /// Of another transport than UDP.
    pub transport: u64,
    /// With an address that no datagram can be sent to.
    pub address: u64,
    /// Of another generation, by their user name fragment.
    pub generation: u64,
    /// With a name that nobody could resolve.
    pub unresolved: u64,
    /// Known already.
    pub redundant: u64,
    /// Beyond a bound of the configuration; peer-reflexive ones included.
    pub excess: u64,
}

/// Datagrams that were not used, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Discarded {
    /// After closing.
    pub closed: u64,
    /// No STUN message, another method, wrong or missing attributes.
    pub malformed: u64,
    /// For an address that is no candidate.
    pub unknown_local_address: u64,
    /// For another user.
    pub unknown_user: u64,
    /// Made with another password, or changed on the way.
    pub integrity: u64,
    /// Responses that nobody waits for.
    pub unknown_transaction: u64,
    /// Responses that came another way than their requests went.
    pub asymmetric_response: u64,
    /// Application data from strangers.
    pub unknown_path: u64,
    /// Of a relay: not for us, or what no relay would send.
    pub relay: u64,
    /// While too many responses waited.
    pub busy: u64,
}

impl Discarded {
    pub(crate) fn count(&mut self, reason: &Discard) {
        let counter = match reason {
            Discard::Closed => &mut self.closed,
            Discard::Parse(_)
            | Discard::Method(_)
            | Discard::Attribute(_)
            | Discard::Incomplete => &mut self.malformed,
            Discard::UnknownLocalAddress(_) => &mut self.unknown_local_address,
            Discard::UnknownUser => &mut self.unknown_user,
            Discard::Integrity(_) => &mut self.integrity,
            Discard::UnknownTransaction(_) => &mut self.unknown_transaction,
            Discard::AsymmetricResponse(_) => &mut self.asymmetric_response,
            Discard::UnknownPath(_) => &mut self.unknown_path,
            Discard::Relay(_) => &mut self.relay,
            Discard::Busy(_) => &mut self.busy,
        };
        *counter += 1;
    }
}

/// A candidate of either side, `RTCIceCandidateStats` (webrtc-stats §8.15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateStats {
    /// Its id, that of [`CandidatePair::local_id`] or [`CandidatePair::remote_id`].
    pub id: CandidateId,
    /// What it is. Peer-reflexive ones are among them.
    pub candidate: Candidate,
    /// The user name fragment of its side.
    pub ufrag: Option<Box<str>>,
    /// Of a relayed candidate of ours: the server, or the proxy on the way to it, and how it is
    /// spoken to.
    pub relay: Option<(SocketAddr, Transport)>,
}

/// A candidate pair and what has happened on it.
#[derive(Clone, Copy, Debug)]
pub struct CandidatePair<'a> {
    /// Its id.
    pub id: PairId,
    /// The id of our candidate.
    pub local_id: CandidateId,
    /// The id of theirs.
    pub remote_id: CandidateId,
    /// Our candidate.
    pub local: &'a Candidate,
    /// Theirs.
    pub remote: &'a Candidate,
    /// The 5-tuple on the wire.
    pub path: Path,
    /// The pair's priority, RFC 8445 §6.1.2.3.
    pub priority: u64,
    /// How its checks stand.
    pub state: PairState,
    /// Whether it was nominated.
    pub nominated: bool,
    /// Its counters.
    pub stats: PairStats,
}

/// How the checks of a pair stand, RFC 8445 §6.1.2.6; `RTCStatsIceCandidatePairState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PairState {
    /// Waits for a pair of equal foundation; or there is no need to check it any more.
    Frozen,
    /// To be checked.
    Waiting,
    /// A check is under way.
    InProgress,
    /// A check was answered.
    Succeeded,
    /// No check was answered.
    Failed,
}

impl PairState {
    /// The W3C's word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Frozen => "frozen",
            Self::Waiting => "waiting",
            Self::InProgress => "in-progress",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// Counters of a pair, members of `RTCIceCandidatePairStats`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairStats {
    /// Checks sent, without retransmissions and consent checks.
    pub requests_sent: u64,
    /// Requests received.
    pub requests_received: u64,
    /// Responses sent.
    pub responses_sent: u64,
    /// Responses received, to consent checks too.
    pub responses_received: u64,
    /// Consent checks sent.
    pub consent_requests_sent: u64,
    /// The latest round-trip time.
    pub current_round_trip_time: Option<Duration>,
    /// The sum of all measured round-trip times.
    pub total_round_trip_time: Duration,
    /// Application data.
    pub traffic: Traffic,
}

/// Application data on a pair, members of `RTCIceCandidatePairStats`: without checks and their
/// answers. Bytes are those of the datagrams' payloads, without what relays put around them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Datagrams sent.
    pub packets_sent: u64,
    /// Their bytes.
    pub bytes_sent: u64,
    /// Datagrams that came.
    pub packets_received: u64,
    /// Their bytes.
    pub bytes_received: u64,
    /// When the last one was sent.
    pub last_packet_sent: Option<Instant>,
    /// When the last one came.
    pub last_packet_received: Option<Instant>,
    /// Datagrams that the shell could not send, see
    /// [`Agent::handle_unsent`](crate::Agent::handle_unsent).
    pub packets_discarded_on_send: u64,
    /// Their bytes.
    pub bytes_discarded_on_send: u64,
}

impl Traffic {
    pub(crate) const fn sent(&mut self, now: Instant, bytes: usize) {
        self.packets_sent += 1;
        self.bytes_sent += bytes as u64;
        self.last_packet_sent = Some(now);
    }

    pub(crate) const fn received(&mut self, now: Instant, bytes: usize) {
        self.packets_received += 1;
        self.bytes_received += bytes as u64;
        self.last_packet_received = Some(now);
    }

    pub(crate) const fn unsent(&mut self, bytes: usize) {
        self.packets_discarded_on_send += 1;
        self.bytes_discarded_on_send += bytes as u64;
    }

    pub(crate) fn add(&mut self, more: &Self) {
        self.packets_sent += more.packets_sent;
        self.bytes_sent += more.bytes_sent;
        self.packets_received += more.packets_received;
        self.bytes_received += more.bytes_received;
        self.last_packet_sent = self.last_packet_sent.max(more.last_packet_sent);
        self.last_packet_received = self.last_packet_received.max(more.last_packet_received);
        self.packets_discarded_on_send += more.packets_discarded_on_send;
        self.bytes_discarded_on_send += more.bytes_discarded_on_send;
    }
}
