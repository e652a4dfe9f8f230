//! A WebRTC peer connection without IO: offer and answer, ICE, DTLS, media, data channels, in the
//! W3C's words. The caller owns the sockets and the clock; [`PeerConnection`] says what to send,
//! and when to wake it up.
//!
//! - [x] RFC 9429 JSEP: offer, answer, rollback, trickled candidates, ICE restart; media sections of
//!   all directions, stopped and used again
//! - [ ] RFC 9429: provisional answers, several transports, lip-sync groups, sending simulcast
//! - [x] RFC 9143 BUNDLE with one transport; what is outside of it is rejected
//! - [x] RFC 3264 codecs, numbers and directions; RFC 6184 §8.2.2 for H.264; RFC 4588 RTX
//! - [x] RFC 8830 `msid`, RFC 5576 `ssrc` and `ssrc-group`; RFC 8285 ids of header extensions
//! - [x] RFC 8851 and RFC 8853 simulcast that the other side sends
//! - [x] RFC 7983 demultiplexing
//! - [x] RFC 8831 data channels
//! - [x] RFC 8832 the Data Channel Establishment Protocol
//! - [x] RFC 8841 SCTP in SDP, RFC 8842 DTLS in SDP, RFC 8839 ICE in SDP
//! - [x] RFC 8834 media as RTP: RFC 3711 by keys of RFC 5764; RFC 3550 reports, RFC 5506, RFC 5761,
//!   RFC 4585 NACK and PLI, RFC 5104 FIR, transport-wide feedback
//! - [ ] RFC 8834: congestion control of what is sent, RFC 3611 reports, error correction
//! - [x] draft-hancke-tsvwg-snap: an association without round trips
//! - [x] draft-hancke-webrtc-sped: a handshake of DTLS that rides in connectivity checks
//!
//! Two connections in one process, and a wire that takes no time:
//!
//! ```
//! use std::{net::SocketAddr, sync::Arc};
//! use patchcord_peer::{Certificate, Config, DataChannelInit, Event, Message, PeerConnection};
//! use sansio::{Datagram, Instant, Machine};
//!
//! let config = Config::new(Arc::new(Certificate::generate()?));
//! let mut now = Instant::ZERO;
//! let mut peers = [1, 2].map(|n| {
//!     let mut peer = PeerConnection::new(config.clone(), Box::new(testkit::SeededRng::new(n)));
//!     peer.add_local_candidate(now, SocketAddr::from(([10, 0, 0, n as u8], 5000)));
//!     peer.end_of_local_candidates(now);
//!     peer
//! });
//!
//! // Signalling: an offer goes one way, an answer the other.
//! let [a, b] = &mut peers;
//! let channel = a.create_data_channel(now, "chat", &DataChannelInit::default())?;
//! a.set_local_description(now, None)?;
//! b.set_remote_description(now, a.local_description().ok_or("no offer")?)?;
//! b.set_local_description(now, None)?;
//! a.set_remote_description(now, b.local_description().ok_or("no answer")?)?;
//!
//! // The loop of every shell: events, datagrams, time.
//! let greeting = 'received: loop {
//!     for i in [0, 1] {
//!         while let Some(event) = peers[i].poll_event() {
//!             match event {
//!                 Event::ChannelOpen(id) => peers[i].channel_send(now, id, Message::text("hi"))?,
//!                 Event::ChannelReadable(id) => break 'received peers[i].channel_read(now, id),
//!                 _ => {}
//!             }
//!         }
//!         let mut buf = Vec::new();
//!         while let Some(transmit) = peers[i].poll_transmit(now, &mut buf) {
//!             let wire = Datagram::new(transmit.path.reversed(), now, &mut buf);
//!             let _ = peers[1 - i].handle_input(now, wire); // an Err is a datagram not used
//!             buf.clear();
//!         }
//!     }
//!     now += core::time::Duration::from_millis(1);
//!     peers.iter_mut().for_each(|peer| peer.handle_timeout(now));
//! };
//! assert_eq!(greeting, Some(Message::text("hi")));
//! # let _ = channel;
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! | module | what |
//! |---|---|
//! | `connection` | [`PeerConnection`]: input, output, the ascent of facts |
//! | `negotiation` | offers and answers |
//! | `media` | transceivers, and the engine of their RTP and RTCP |
//! | `channels` | data channels over SCTP |
//! | `transport` | ICE, DTLS over its path, SRTP with its keys |
//! | `config`, `description`, `event`, `state`, `stats`, `ice_stats` | the types of the interface |

mod channels;
mod config;
mod connection;
mod description;
mod event;
mod ice_stats;
mod media;
mod negotiation;
mod state;
mod stats;
mod transport;

#[cfg(fuzzing)]
#[doc(hidden)]
pub use channels::ChannelMachine;
pub use channels::{
    Channel, ChannelError, ChannelId, DataChannelInit, DataChannelState, Message, MessageKind,
    Priority, SendError, dcep,
};
pub use config::Config;
pub use connection::{CloseReason, Discard, PeerConnection};
pub use description::{IceCandidate, OfferOptions, SdpType, SessionDescription};
pub use dtls;
pub use dtls::{Certificate, CertificateError, CipherSuite, NamedGroup, ProtocolVersion};
pub use event::Event;
/// The crate of ICE: statistics are made of its types.
pub use ice;
pub use ice::{
    AddRelayError, CandidatePolicy, Destination, Families, Framing, RelayError, RelayId,
    RelayServer, SocketId, SocketRequest, TcpType,
};
pub use ice::{Implementation as IceImplementation, Role as IceRole};
pub use ice_stats::{IceCandidatePairStats, IceStats, IceTransportStats};
#[cfg(fuzzing)]
#[doc(hidden)]
pub use media::MediaMachine;
pub use media::{
    Codec, Feedback, HeaderExtensions, MediaDiscard, MediaKind, RtpPacket, RtpSendError,
    Transceiver, TransceiverError, TransceiverId, TransceiverInit,
};
pub use negotiation::NegotiationError;
pub use rtp;
pub use sctp::Counters as AssociationCounters;
pub use sdp::attribute::Direction;
pub use state::{ConnectionState, IceConnectionState, IceGatheringState, SignalingState};
pub use stats::{ChannelCounters, DatagramCounters, InboundRtp, MediaCounters, OutboundRtp, Stats};
