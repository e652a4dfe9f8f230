//! A simulated network in virtual time: two machines, the links between them, and all chance from
//! one seed. A minute of protocol takes milliseconds, and a failing run can be run again.
//!
//! ```
//! use core::time::Duration;
//! use patchcord_testkit::{Link, LinkConfig};
//! use sansio::{Datagram, Instant, Machine};
//!
//! // 10 Mbit/s and 50 ms: 1250 bytes take 1 ms to send and 50 ms to travel.
//! let config = LinkConfig {
//!     rate: Some(10_000_000),
//!     ..LinkConfig::delayed(Duration::from_millis(50))
//! };
//! let mut link = Link::new(config, 1);
//! let now = Instant::ZERO;
//! link.handle_input(now, Datagram::new((), now, &mut [7; 1250]))?;
//!
//! let arrival = link.poll_timeout().expect("it is on its way");
//! assert_eq!(arrival, Instant::from_millis(51));
//! let mut buf = Vec::new();
//! let transmit = link.poll_transmit(arrival, &mut buf).expect("it has arrived");
//! assert_eq!((transmit.len, &buf[..]), (1250, &[7; 1250][..]));
//! # Ok::<(), patchcord_testkit::Dropped>(())
//! ```
//!
//! Most tests join two machines in a [`Pair`] and tell a story; properties that every machine must
//! have are in [`contract`].
//!
//! | type | what |
//! |---|---|
//! | [`Pair`] | two machines and two links, driven from event to event |
//! | [`Link`], [`LinkConfig`], [`LinkCounters`] | one direction of a path: delay, jitter, loss, reordering, duplication, corruption, rate, queue, MTU |
//! | [`Losses`] | losses alone or in bursts |
//! | [`Schedule`] | a shell that is late, batches, and calls for no reason |
//! | [`Trace`] | the datagrams of a run: ladders, and a capture when a test panics |
//! | [`contract`] | properties of all machines |
//! | [`SeededRng`] | randomness that repeats itself |
//! | `internet` (feature `internet`) | hosts behind NATs and firewalls, with servers of STUN and TURN |
//! | `Altered`, `seeded_certificate`, `seeded_config` (feature `dtls`) | cryptography that does, or that knows no fingerprints |

mod config;
pub mod contract;
#[cfg(feature = "dtls")]
mod crypto;
mod ends;
#[cfg(feature = "internet")]
pub mod internet;
mod link;
mod loss;
mod pair;
mod pcap;
mod rng;
mod schedule;
mod side;
mod simulation;
mod trace;

pub use config::{Dropped, LinkConfig, LinkCounters};
#[cfg(feature = "dtls")]
pub use crypto::{Altered, seeded_certificate, seeded_config};
pub use ends::{Direction, Ends};
pub use link::Link;
pub use loss::Losses;
pub use pair::Pair;
pub use rng::SeededRng;
pub use schedule::Schedule;
pub use trace::{Entry, Trace};
