//! The ICE agent: finds a path between two hosts, and keeps it. It gathers candidates, checks their
//! pairs, chooses one together with the other side, and makes sure that the other side still wants
//! to be sent to. One agent is one data stream with one component, which is all that WebRTC needs.
//!
//! - [x] RFC 8445 ICE: full and lite agents, host, reflexive and relayed candidates, regular nomination,
//!   role conflicts, remote agents that are lite or nominate aggressively (RFC 5245)
//! - [x] RFC 8838 Trickle ICE
//! - [x] draft-thatcher-ice-renomination-01: another pair may be nominated later
//! - [x] RFC 7675 consent freshness
//! - [x] RFC 8863 patience before failure
//! - [x] RFC 8421 §4 preferences of dual-stack hosts
//! - [x] RFC 8445 §9 restart
//! - [x] RFC 8445 §5.1.1.2 server-reflexive candidates; who owns the sockets asks the server
//! - [x] draft-hancke-webrtc-sped-00: datagrams of another protocol ride in checks and responses
//! - [x] draft-ietf-mmusic-mdns-ice-candidates-03: names of both sides; who has mDNS resolves them
//! - [x] RFC 8445 §5.1.1.2 relayed candidates: the agent is the client of its relays (RFC 8656),
//!   over UDP, TCP and TLS; allocations are taken along to another network (RFC 8016)
//! - [x] RFC 6544 TCP candidates: active, passive, simultaneous open; RFC 4571 framing
//!
//! ```
//! use patchcord_ice::{Agent, Config, Role, State};
//! use sansio::{Datagram, Instant, Machine};
//! # use testkit::SeededRng;
//!
//! let now = Instant::ZERO;
//! let mut a = Agent::new(Config::default(), Box::new(SeededRng::new(1)));
//! let mut b = Agent::new(Config::default(), Box::new(SeededRng::new(2)));
//!
//! // Each learns its own addresses, and by signalling what the other has.
//! a.set_role(now, Role::Controlling);
//! a.add_local_candidate(now, "192.0.2.1:5000".parse()?)?;
//! b.add_local_candidate(now, "198.51.100.1:6000".parse()?)?;
//! let (of_a, of_b) = (a.signalled(), b.signalled());
//! for (agent, (credentials, candidates)) in [(&mut a, of_b), (&mut b, of_a)] {
//!     agent.end_of_local_candidates(now);
//!     agent.set_remote_credentials(now, credentials);
//!     candidates.into_iter().for_each(|candidate| agent.add_remote_candidate(now, candidate));
//!     agent.end_of_remote_candidates(now);
//! }
//!
//! // Then datagrams go back and forth until there is nothing left to say.
//! let mut buf = Vec::new();
//! loop {
//!     buf.clear();
//!     let (transmit, to) = if let Some(transmit) = a.poll_transmit(now, &mut buf) {
//!         (transmit, &mut b)
//!     } else if let Some(transmit) = b.poll_transmit(now, &mut buf) {
//!         (transmit, &mut a)
//!     } else {
//!         break;
//!     };
//!     to.handle_input(now, Datagram::new(transmit.path.reversed(), now, &mut buf))?;
//! }
//! assert_eq!((a.state(), b.state()), (State::Completed, State::Completed));
//! assert_eq!(a.route().map(|route| route.path), b.route().map(|route| route.path.reversed()));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! | module | what |
//! |---|---|
//! | `agent` | [`Agent`], and its procedures one file each; [`Checksum`] |
//! | `candidate` | [`Candidate`], [`priority`], [`TcpType`] |
//! | `config` | [`Config`]: timings and bounds; [`CandidatePolicy`] |
//! | `credentials` | [`Credentials`] |
//! | `discard` | [`Discard`]: why a datagram was not used |
//! | `event` | [`Event`], [`State`], [`Role`], [`Route`], [`Embedding`] |
//! | [`framing`] | [`framing::Deframer`]: datagrams on TCP |
//! | `relay` | [`RelayServer`], [`RelayError`] |
//! | `socket` | [`SocketRequest`], [`SocketId`], [`Framing`]: sockets of the agent's own |
//! | `stats` | [`CandidatePair`], [`CandidateStats`], [`Counters`] |

mod agent;
mod candidate;
mod config;
mod credentials;
mod discard;
mod event;
pub mod framing;
mod relay;
mod socket;
mod stats;

pub use agent::{Agent, Checksum, LocalCandidateError};
pub use candidate::{Address, COMPONENT, Candidate, CandidateKind, TcpType, priority};
pub use config::{CandidatePolicy, Config};
pub use credentials::{Credentials, CredentialsError};
pub use discard::Discard;
pub use event::{Embedding, Event, GatheringState, Implementation, Role, Route, State};
pub use relay::{AddRelayError, RelayError, RelayId, RelayServer};
pub use socket::{Destination, Framing, SocketId, SocketRequest};
pub use stats::{
    CandidateId, CandidatePair, CandidateStats, Counters, Discarded, Ignored, PairId, PairState,
    PairStats, Traffic,
};
pub use turn::client::Families;
