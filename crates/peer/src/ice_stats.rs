//! Statistics of ICE: what W3C webrtc-stats adds to what the agent counts.

use core::time::Duration;

use ice::{CandidateId, CandidatePair, CandidateStats, PairId, PairState, PairStats, Role};
use sansio::Instant;

use crate::connection::PeerConnection;

/// The transport, its pairs and its candidates, at one moment. Ids are equal for what is the same
/// in two of them.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct IceStats {
    /// The transport.
    pub transport: IceTransportStats,
    /// Its pairs of the present ICE generation.
    pub candidate_pairs: Vec<IceCandidatePairStats>,
    /// Our candidates, peer-reflexive ones too.
    pub local_candidates: Vec<CandidateStats>,
    /// Theirs, peer-reflexive ones too.
    pub remote_candidates: Vec<CandidateStats>,
    unix_at_zero: Duration,
}

/// What `RTCTransportStats` says of ICE (webrtc-stats §8.14).
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct IceTransportStats {
    /// Whether this side chooses the pair.
    pub ice_role: Option<Role>,
    /// The user name fragment of this side.
    pub ice_local_username_fragment: String,
    /// The [`id`](IceCandidatePairStats::id) of the pair that data goes along.
    pub selected_candidate_pair_id: Option<PairId>,
    /// How often that was another one, none included.
    pub selected_candidate_pair_changes: u64,
}

/// `RTCIceCandidatePairStats` (webrtc-stats §8.16).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IceCandidatePairStats {
    /// By which the transport names it.
    pub id: PairId,
    /// Its candidate of ours.
    pub local_candidate_id: CandidateId,
    /// Its candidate of theirs.
    pub remote_candidate_id: CandidateId,
    /// How its checks stand.
    pub state: PairState,
    /// Whether it was nominated.
    pub nominated: bool,
    /// What happened on it. [`IceStats::timestamp`] knows the time of day of its instants.
    pub counters: PairStats,
}

impl IceStats {
    /// When that was, since 1970, by [`Config::unix_at_zero`](crate::Config::unix_at_zero).
    pub fn timestamp(&self, at: Instant) -> Duration {
        self.unix_at_zero + at.saturating_since(Instant::ZERO)
    }
}

impl From<CandidatePair<'_>> for IceCandidatePairStats {
    fn from(pair: CandidatePair<'_>) -> Self {
        Self {
            id: pair.id,
            local_candidate_id: pair.local_id,
            remote_candidate_id: pair.remote_id,
            state: pair.state,
            nominated: pair.nominated,
            counters: pair.stats,
        }
    }
}

impl PeerConnection {
    /// What ICE knows and did so far. It is put together anew each time: not for every packet.
    pub fn ice_stats(&self) -> IceStats {
        let Some(ice) = self.transports.first().map(|transport| &transport.ice) else {
            return IceStats::default();
        };
        IceStats {
            transport: IceTransportStats {
                ice_role: Some(ice.role()),
                ice_local_username_fragment: ice.local_credentials().ufrag().to_owned(),
                selected_candidate_pair_id: ice.pair_in_use().map(|pair| pair.id),
                selected_candidate_pair_changes: ice.counters().route_changes,
            },
            candidate_pairs: ice.candidate_pairs().map(Into::into).collect(),
            local_candidates: ice.known_local_candidates().collect(),
            remote_candidates: ice.known_remote_candidates().collect(),
            unix_at_zero: self.config.unix_at_zero,
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
