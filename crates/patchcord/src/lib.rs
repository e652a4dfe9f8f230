//! WebRTC for applications on tokio. An [`Endpoint`] owns UDP sockets and serves any number of
//! connections on one port; a [`PeerConnection`], its [`DataChannel`]s and [`Transceiver`]s have
//! the names and the meaning of the browser's API, in Rust case. What the protocols are is in
//! `patchcord-peer`, which has no IO and can be used alone.
//!
//! - [x] W3C webrtc-pc §4.4, §6: `RTCPeerConnection`, `RTCDataChannel`
//! - [x] RFC 3168 ECN, GSO and GRO through `quinn-udp`
//! - [x] W3C webrtc-pc §5: `RTCRtpTransceiver`, `RTCRtpSender`, `RTCRtpReceiver`, as RTP packets
//! - [x] RFC 8445 §5.1.1.2 server-reflexive candidates, asked for once a socket
//! - [x] RFC 8445 §5.1.1.1 host candidates of all interfaces, filtered, and followed as they change
//! - [x] draft-ietf-mmusic-mdns-ice-candidates-03: names resolved, and on request offered
//! - [x] RFC 7064, RFC 7065 URIs of servers
//! - [x] RFC 8445 §5.1.1.2 relayed candidates, RFC 8656 over UDP, TCP, TLS and DTLS (RFC 7350)
//! - [x] RFC 6544 TCP candidates, active and passive
//! - [x] RFC 8305 §5 of several addresses of a server the first that answers
//! - [x] RFC 9110 §9.3.6 HTTP CONNECT, RFC 1928 SOCKS5 to relays
//!
//! Two connections of one program: one calls, the other returns what it hears.
//!
//! ```
//! use patchcord::{Config, DataChannelInit, Endpoint, EndpointConfig, Event, Message};
//! use patchcord::PeerConnection;
//!
//! async fn echo(connection: PeerConnection) {
//!     while let Some(event) = connection.next_event().await {
//!         if let Event::DataChannel(channel) = event {
//!             tokio::spawn(async move {
//!                 while let Some(message) = channel.recv().await {
//!                     let _ = channel.send(message).await; // fails when the channel is closed
//!                 }
//!             });
//!         }
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let config = EndpointConfig { udp: "127.0.0.1:0".parse()?, ..Default::default() };
//!     let endpoint = Endpoint::bind(config.clone()).await?;
//!     let callee = endpoint.peer_connection(Config::default())?;
//!     tokio::spawn(echo(callee.clone()));
//!
//!     let caller = Endpoint::bind(config).await?.peer_connection(Config::default())?;
//!     let channel = caller.create_data_channel("chat", DataChannelInit::default())?;
//!     caller.set_local_description(None).await?;
//!     caller.gathering_complete().await;
//!
//!     // Between two machines, descriptions travel by a signalling channel of yours.
//!     callee.set_remote_description(caller.local_description().ok_or("no offer")?).await?;
//!     callee.set_local_description(None).await?;
//!     caller.set_remote_description(callee.local_description().ok_or("no answer")?).await?;
//!
//!     channel.send(Message::text("hello")).await?;
//!     assert_eq!(channel.recv().await, Some(Message::text("hello")));
//!     endpoint.close().await;
//!     Ok(())
//! }
//! ```
//!
//! Media is packets: what a [`Receiver`] brings, a [`Sender`] of any connection sends.
//!
//! ```
//! # use patchcord::{Event, PeerConnection, TransceiverError};
//! /// Whatever camera and microphone the speaker adds, the listener gets.
//! async fn relay(speaker: PeerConnection, listener: PeerConnection) -> Result<(), TransceiverError> {
//!     while let Some(event) = speaker.next_event().await {
//!         if let Event::Track(transceiver) = event {
//!             let from = transceiver.receiver();
//!             // The listener's offer says so: it gets `Event::NegotiationNeeded`.
//!             let to = listener.add_track(from.kind(), &["speaker"])?;
//!             tokio::spawn(async move { from.forward(&to).await });
//!         }
//!     }
//!     Ok(())
//! }
//! ```
//!
//! | module | what |
//! |---|---|
//! | `endpoint` | [`Endpoint`], and the one task that drives all its connections |
//! | `connection` | [`PeerConnection`]: handles, events, who keeps whom alive |
//! | `channel` | [`DataChannel`]; [`DataStream`], a channel as `AsyncRead` and `AsyncWrite` |
//! | `gather` | where STUN servers see the sockets |
//! | `mdns` | names in place of addresses, ours and those of the other side |
//! | `media` | [`Transceiver`], [`Sender`], [`Receiver`]; where packets are forwarded to |
//! | `mux` | which peer a datagram belongs to |
//! | `net` | sockets, their addresses, datagrams grouped for the kernel |
//! | [`servers`] | [`IceServer`]s, their URIs and addresses |
//! | [`stream`] | datagrams over TCP, TLS and DTLS, through proxies |
//! | `timers` | when each peer wants to be called |
//! | `random` | the operating system's randomness |
//! | `config` | [`EndpointConfig`], [`Config`] |

mod channel;
mod config;
mod connection;
mod endpoint;
mod gather;
mod mdns;
mod media;
mod mux;
mod net;
mod random;
pub mod servers;
pub mod stream;
mod timers;

pub use bytes::Bytes;
pub use channel::{DataChannel, DataStream};
pub use config::{Config, EndpointConfig, Mdns};
pub use connection::{CloseReason, Event, IceCandidateError, PeerConnection};
pub use endpoint::{Endpoint, EndpointStats, PeerConnectionError};
pub use media::{Receiver, Sender, Transceiver};
pub use net::{AddressFilter, BindError, Prefix};
pub use peer::{
    AddRelayError, AssociationCounters, CandidatePolicy, Certificate, CertificateError,
    ChannelError, Codec, ConnectionState, DataChannelInit, DataChannelState, Direction, Feedback,
    IceCandidate, IceCandidatePairStats, IceConnectionState, IceGatheringState, IceRole, IceStats,
    IceTransportStats, InboundRtp, MediaCounters, MediaKind, Message, MessageKind, NamedGroup,
    NegotiationError, OfferOptions, OutboundRtp, Priority, RtpPacket, RtpSendError, SdpType,
    SendError, SessionDescription, SignalingState, Stats, TransceiverError, TransceiverId,
    TransceiverInit, dtls, ice, rtp,
};
pub use random::Random;
/// The version of `rustls` that [`stream::Trust`] speaks of.
pub use rustls;
pub use sansio::{Path, Transport};
pub use servers::{IceServer, IceServerError, Resolver, UrlError};
