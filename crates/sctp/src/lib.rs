//! The SCTP association of WebRTC data channels (RFC 8261): messages in many streams, ordered or
//! not, reliable or not, over packets that may be lost, repeated and reordered. A sans-IO machine:
//! no socket, no clock, no thread.
//!
//! - [x] RFC 9260: set-up, simultaneous set-up and restart, transfer, acknowledgement, NewReno,
//!   heartbeats, shutdown, abort, packets out of the blue; one path
//! - [x] RFC 7053 I-bit, understood and sent
//! - [x] RFC 3758 partial reliability, RFC 7496 its policies (retransmissions, time, priority) and
//!   counters
//! - [x] RFC 6525 resetting and adding streams, ours and theirs; a reset of the whole association,
//!   for which data channels have no use, is refused
//! - [x] RFC 8985 RACK-TLP, adapted to TSNs; RFC 6937 proportional rate reduction
//! - [x] draft-ietf-ccwg-bbr (BBR version 3, the default), RFC 9438 CUBIC with RFC 9406 HyStart++
//! - [x] RFC 8899 the path's MTU, searched for where there is much to send; RFC 4820 PAD
//! - [x] RFC 9653 zero checksum, where DTLS carries the packets
//! - [x] draft-hancke-tsvwg-snap: signalling carries the INITs, and the association stands at once
//! - [x] RFC 8831 §6, RFC 8261: what data channels ask of SCTP
//! - [x] RFC 8260 interleaving of messages (I-DATA), and its six schedulers
//!
//! What the other side can make an association hold is bounded: twice
//! [`Config::receive_window`], 64 bytes for each of [`Config::max_tsn_span`] chunks, and about 100
//! bytes for each stream that is used. Messages are cut from blocks of 128 KiB: one that nobody reads
//! keeps its block, one that waits for another does so only from 16 KiB up. An association that has
//! been idle for half a minute takes some 4 KiB.
//!
//! Two associations, and a wire that takes no time:
//!
//! ```
//! use bytes::Bytes;
//! use patchcord_sctp::{Association, Config, Event, Ppid, SendOptions, StreamId};
//! use sansio::{Datagram, Instant, Machine};
//!
//! let now = Instant::ZERO;
//! let mut ends = [1, 2].map(|seed| {
//!     Association::new(Config::default(), Box::new(testkit::SeededRng::new(seed)))
//! });
//! ends[0].connect(now);
//! // What is sent before the association stands travels as soon as it can.
//! let (stream, options) = (StreamId(7), SendOptions { ppid: Ppid(51), ..Default::default() });
//! ends[0].send(now, stream, Bytes::from_static(b"hello"), options)?;
//!
//! // The loop of every shell: datagrams and events (and, on a real wire, time).
//! let message = 'read: loop {
//!     for from in [0, 1] {
//!         let mut packet = Vec::new();
//!         while ends[from].poll_transmit(now, &mut packet).is_some() {
//!             ends[1 - from].handle_input(now, Datagram::new((), now, &mut packet))?;
//!             packet.clear();
//!         }
//!         while let Some(event) = ends[from].poll_event() {
//!             if event == Event::Readable(stream) {
//!                 break 'read ends[from].read(now, stream);
//!             }
//!         }
//!     }
//! };
//! assert_eq!(message.map(|m| m.payload), Some(Bytes::from_static(b"hello")));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`association`] | [`Association`]: a small struct, and its procedures one file each |
//! | [`packet`], [`chunk`], [`parameter`], [`cause`] | the wire, one file for each kind |
//! | `incoming`, `outgoing` | reassembly and delivery; queues and what is outstanding |
//! | `recovery` | what is lost, told by time |
//! | `congestion` | the controllers, behind a trait |
//! | `config`, `error`, `event`, `ids`, `message`, `serial` | the types of the interface |

pub mod association;
pub mod cause;
pub mod chunk;
mod config;
mod congestion;
mod error;
mod event;
mod ids;
mod incoming;
mod message;
mod outgoing;
pub mod packet;
pub mod parameter;
mod recovery;
mod serial;
mod stream_table;
mod wire;

pub use association::{Association, Counters, InitToken, InitTokens, Status};
pub use config::{Config, CongestionControl, Scheduler};
pub use error::{AddStreamsError, CloseReason, Discard, SendError, TokenError, Violation};
pub use event::Event;
pub use ids::{Ppid, StreamId, Tag};
pub use message::{Message, Order, Reliability, SendOptions};
pub use serial::{Mid, RequestNumber, Ssn, Tsn};
pub use wire::ParseError;
