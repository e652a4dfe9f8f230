//! Timings and bounds of an agent.

use core::time::Duration;

use stun::Schedule;

use crate::{CandidateKind, Implementation};

/// Which candidates the other side may know and use (W3C `iceTransportPolicy`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CandidatePolicy {
    /// All.
    #[default]
    All,
    /// Host candidates are not signalled: checks leave from them, but the other side learns
    /// reflexive and relayed addresses only.
    NoHost,
    /// Relayed ones only: nothing goes to the other side but by way of a relay, and nothing that
    /// comes another way is answered.
    Relay,
}

impl CandidatePolicy {
    /// Whether a candidate of this kind may be signalled.
    pub(crate) const fn signals(self, kind: CandidateKind) -> bool {
        match self {
            Self::All => true,
            Self::NoHost => !matches!(kind, CandidateKind::Host),
            Self::Relay => matches!(kind, CandidateKind::Relayed),
        }
    }

    /// Whether pairs may use a local candidate of this kind.
    pub(crate) const fn pairs(self, kind: CandidateKind) -> bool {
        !matches!(self, Self::Relay) || matches!(kind, CandidateKind::Relayed)
    }
}

/// How long an agent waits for what, and how much the other side can make it remember.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Whether this side is lite: for servers that everybody can reach. It sends no checks, answers
    /// those of the other side, and uses the pair that is nominated (RFC 8445 §2.5). Where the other
    /// side is lite too it checks nevertheless: somebody has to ask. Default: full.
    pub implementation: Implementation,
    /// Which candidates are signalled and used. Default: all.
    pub policy: CandidatePolicy,
    /// Ta: between two ordinary checks. The first one goes at once, and triggered checks,
    /// retransmissions and responses do not wait for it. Default 50 ms, RFC 8445 §14.2.
    pub pace: Duration,
    /// The least time after which an unanswered check is sent again; it grows with the number of
    /// pairs and with the round-trip time. Default 500 ms: RFC 8445 §14.3 forbids less. (Browsers
    /// dare 250 ms.)
    pub rto: Duration,
    /// How long a controlling agent that has a valid pair waits for a better one before it
    /// nominates, at least; twice the round-trip time when that is more. It does not wait when
    /// nothing better can come. Default 100 ms: two checks of Ta. Data flows meanwhile.
    pub nomination_patience: Duration,
    /// Whether this side, when it is controlling and the other side can follow
    /// ([`Agent::set_remote_renomination`](crate::Agent::set_remote_renomination)), turns to a
    /// better pair that comes up after the nomination (draft-thatcher-ice-renomination), and follows
    /// when it is controlled; pairs that are better than the nominated one are checked to the end. A
    /// pair that was taken in need gives way to a better one in any case. Default: true.
    pub renomination: bool,
    /// How often a valid pair that is not in use is checked, so that it can take over: the best one
    /// of each local address. A pair that was better than the one in use until it was given up is
    /// asked once each time, so that it can come back. `None`: never. Default 25 s, as libwebrtc: an
    /// unanswered check is repeated three times before consent would expire after 30 s, and mappings
    /// and filters of NATs, which live 30 s and longer, stay.
    pub backup_interval: Option<Duration>,
    /// How long to wait for checks of the other side before giving up, even if all of ours failed:
    /// the PAC timer of RFC 8863 §4. Default 39.5 s, the life of a check with an RTO of 500 ms.
    /// Twice as long while either side may still come up with candidates.
    pub patience: Duration,
    /// Between two consent checks, each time varied by ±20 %. Default 5 s, RFC 7675 §5.1, which
    /// allows no less than 4 s after the variation.
    pub consent_interval: Duration,
    /// How long consent lasts after the last response. Default 30 s, RFC 7675 §5.1.
    pub consent_expiry: Duration,
    /// How long after the last of application data that came and came the other side is asked
    /// whether it is still there, without waiting for the next consent check. Default 2 s: reports
    /// of media come more often (RFC 3550 §6.2), and a NAT that has forgotten us costs no more
    /// than this and two round trips. Three questions that nobody answers (1.5 s with an RTO of
    /// 500 ms) are reason enough to look for another way, though not for another state.
    pub doubt_after: Duration,
    /// After how much silence the state is `Disconnected`. Default 7 s: the longest interval of
    /// consent checks, and 1 s for the answer. Any sign of life counts here (data, requests,
    /// responses), so that one lost response does not alarm anyone; but from half of
    /// [`consent_expiry`](Self::consent_expiry) without a response on nothing else helps.
    pub disconnected_after: Duration,
    /// Local candidates. Default 64.
    pub max_local_candidates: usize,
    /// Relays. Default 8.
    pub max_relays: usize,
    /// How their clients behave; the families are those of each
    /// [`RelayServer`](crate::RelayServer). Default: as `turn` has it, but a request over UDP is given
    /// up after 9.5 s, as in browsers: gathering is not complete before.
    pub turn: turn::client::Config,
    /// Candidates that the other side signals, unresolved names included. Beyond that the oldest is
    /// forgotten whose pairs have all failed; if there is none the new one is not taken. Default
    /// 100.
    pub max_remote_candidates: usize,
    /// Remote candidates learnt from checks, and local ones learnt from responses. Beyond that the
    /// oldest that is of no use yet is forgotten. Default 32.
    pub max_peer_reflexive: usize,
    /// Pairs. Beyond that the oldest that has failed is dropped, or the lowest that was not checked
    /// yet; as many wait to be let in when one has failed. An eighth of the places is for pairs with a
    /// relay. Default 100, RFC 8445 §6.1.2.5.
    pub max_pairs: usize,
    /// Checks that came before the credentials of the other side, one a path. Beyond that the
    /// oldest is forgotten (it has been answered). Default 16.
    pub max_early_checks: usize,
    /// Responses waiting to be pulled. Further requests are discarded. Default 64.
    pub max_responses: usize,
    /// Checks that may carry a datagram of [`Agent::embed`](crate::Agent::embed) while nothing
    /// authentic comes back; later ones go without. Default 12: of 1220 bytes each they make the
    /// 14.6 kB that RFC 8445 appendix B.1 lets loose on a path of which nothing is known.
    pub max_embedded_unheard: u32,
    /// The largest datagram that is taken out of a message, bytes. Default 1500: what Ethernet
    /// could carry by itself.
    pub max_embedded_bytes: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            implementation: Implementation::Full,
            policy: CandidatePolicy::All,
            pace: Duration::from_millis(50),
            rto: Duration::from_millis(500),
            nomination_patience: Duration::from_millis(100),
            renomination: true,
            backup_interval: Some(Duration::from_secs(25)),
            patience: Duration::from_millis(39_500),
            consent_interval: Duration::from_secs(5),
            consent_expiry: Duration::from_secs(30),
            doubt_after: Duration::from_secs(2),
            disconnected_after: Duration::from_secs(7),
            max_local_candidates: 64,
            max_relays: 8,
            turn: turn::client::Config {
                schedule: Schedule { rto: Duration::from_millis(500), requests: 5, patience: 4 },
                ..turn::client::Config::default()
            },
            max_remote_candidates: 100,
            max_peer_reflexive: 32,
            max_pairs: 100,
            max_early_checks: 16,
            max_responses: 64,
            max_embedded_unheard: 12,
            max_embedded_bytes: 1500,
        }
    }
}
