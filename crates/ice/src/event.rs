//! What an agent reports, and the states it names.

use sansio::Path;

use crate::agent::Via;
use crate::{Candidate, RelayError, RelayId, SocketId, SocketRequest};

/// A fact for whoever drives the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The agent is in another state.
    StateChanged(State),
    /// Gathering is in another state.
    GatheringStateChanged(GatheringState),
    /// A local candidate to be signalled.
    LocalCandidate(Candidate),
    /// A local candidate that was signalled is no more. The other side can do without knowing.
    LocalCandidateRemoved(Candidate),
    /// A remote candidate has a name in place of an address. Whoever can resolve it answers with
    /// [`Agent::resolve_name`](crate::Agent::resolve_name); nobody has to.
    NameToResolve(Box<str>),
    /// Application data goes another way from now on. When it can go nowhere any more, the state
    /// says so instead.
    RouteChanged(Route),
    /// A socket of the agent's own is wanted, for a relay or a TCP candidate. The shell answers with
    /// [`Agent::handle_opened`](crate::Agent::handle_opened) or
    /// [`Agent::handle_closed`](crate::Agent::handle_closed).
    SocketWanted(SocketRequest),
    /// A socket is not needed any more: to be closed when what was pulled has been written.
    SocketReleased(SocketId),
    /// A relay is of no use, or not any more (W3C `icecandidateerror`). A restart tries it again, and
    /// if it could not be reached, a new address. One that was of use before is tried again by
    /// itself, ever more seldom; this is told once.
    RelayFailed {
        /// What the shell calls it.
        relay: RelayId,
        /// Why, at the last of its addresses.
        error: RelayError,
    },
    /// The other side has fallen silent: perhaps a NAT on our side has begun anew, and servers see us
    /// elsewhere now. Who has asked STUN servers asks them again; what they say is told by
    /// [`Agent::add_server_reflexive_candidate`](crate::Agent::add_server_reflexive_candidate).
    MappingDoubted,
    /// A role conflict was settled against us, RFC 8445 §7.3.1.1.
    RoleChanged(Role),
}

/// Where application data goes now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The 5-tuple on the wire: it leads to the other side, or to a relay.
    pub path: Path,
    /// Bytes to leave free in front of each datagram for [`Agent::wrap`](crate::Agent::wrap).
    pub head: usize,
    /// From our candidate's base, which is the relayed address if there is a relay, to theirs.
    pub(crate) between: Path,
    pub(crate) via: Option<Via>,
}

/// Which side chooses the pair, RFC 8445 §6.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// This side nominates.
    Controlling,
    /// The other side nominates.
    Controlled,
}

impl Role {
    /// The role of the other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Controlling => Self::Controlled,
            Self::Controlled => Self::Controlling,
        }
    }
}

/// What a side implements, RFC 8445 §2.5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Implementation {
    /// It sends checks of its own.
    #[default]
    Full,
    /// It only answers those of the other side, and is always controlled, unless that is lite too.
    Lite,
}

/// Whether datagrams of others ride in checks and responses, draft-hancke-webrtc-sped.
///
/// ```text
/// Off ─► Listening ─► On ─► Complete
///  ▲         │         │
///  └─────────┴─────────┘ the other side does not take part
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Embedding {
    /// They do not, and those that come are not looked at.
    #[default]
    Off,
    /// Those that come are taken: signalling has not yet said whether the other side takes part.
    Listening,
    /// They do: signalling has said so. The first authentic message of the other side tells
    /// whether it is true; if not, this turns [`Off`](Self::Off).
    On,
    /// All have arrived, at least at the other side. What still comes is acknowledged.
    Complete,
}

/// The state of an agent, named as `RTCIceTransportState` of W3C webrtc.
///
/// ```text
/// New          ─► Checking      there is a pair
/// Checking     ─► Connected     a pair is valid
/// Connected    ─► Completed     a pair is nominated, and neither side has more candidates
/// these two    ─► Disconnected  silence
/// Disconnected ─► these two     a sign of life
/// these two    ─► Checking      all valid pairs went with their candidates
/// Checking     ─► Disconnected  and no other works; Failed when patience is over
/// Disconnected ─► Failed        consent expired
/// Checking     ─► Failed        no pair works, and patience is over
/// Failed       ─► Checking      a restart; a late candidate, if it was not consent that expired
/// Completed    ─► Connected     a restart; Disconnected ─► Checking likewise
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum State {
    /// Gathering, or waiting for credentials and candidates of the other side.
    #[default]
    New,
    /// Looking for a pair that works.
    Checking,
    /// Data can flow.
    Connected,
    /// Data can flow, one pair is nominated, and there will be no more candidates.
    Completed,
    /// Data could flow, but the other side has fallen silent, or there is no pair left. This may
    /// pass.
    Disconnected,
    /// No pair works, or the other side has not renewed its consent in time. A restart helps, and
    /// if no pair has worked yet, a further candidate.
    Failed,
    /// Closed by this side.
    Closed,
}

/// The state of gathering, named as `RTCIceGathererState` of W3C webrtc.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum GatheringState {
    /// No local candidate yet.
    #[default]
    New,
    /// Some, and more to come.
    Gathering,
    /// No more to come.
    Complete,
}
