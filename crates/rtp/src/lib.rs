//! RTP and RTCP: packets, header extensions and feedback, read without copying and written at the
//! end of the caller's buffer; and what keeps the state of a stream: what was lost, what to ask for
//! again, what to report. No socket, no clock, no encryption.
//!
//! - [x] RFC 3550 RTP and RTCP, but for the timing of reports and A.1's probation (the streams of
//!   WebRTC are authenticated); RFC 5506 reduced-size RTCP
//! - [x] RFC 8285 header extensions: RFC 6464 and 6465 audio levels, RFC 5450 transmission times,
//!   RFC 8852 and RFC 9143 stream and media ids, 3GPP TS 26.114 video orientation
//! - [x] libwebrtc's header extensions: abs-send-time, abs-capture-time, transport-wide numbers (01
//!   and 02), playout-delay, video-content-type, video-timing, color-space,
//!   video-layers-allocation00, corruption-detection, video-frame-tracking-id,
//!   generic-frame-descriptor-00
//! - [x] AV1 RTP specification, appendix A: the dependency descriptor
//! - [x] RFC 4585 NACK and PLI; RFC 5104 §4.3.1 FIR; draft-alvestrand-rmcat-remb-03 REMB
//! - [x] draft-holmer-rmcat-transport-wide-cc-extensions-01 transport-wide feedback
//! - [x] RFC 3611 §4.4 and §4.5 the round trip of a receiver; other extended reports are kept
//! - [ ] RFC 5104 TMMBR; RFC 8888 feedback; RFC 6051 synchronization times
//! - [x] RFC 4588: what a sender keeps for its retransmissions; the streams are `patchcord-peer`'s
//! - [ ] RFC 2198 redundancy; RFC 5109 and RFC 8627 error correction: `repair`
//! - [ ] Payload formats: Opus (RFC 7587), G.711 (RFC 3551), telephone events (RFC 4733), comfort
//!   noise (RFC 3389), VP8 (RFC 7741), VP9 (RFC 9628), H.264 (RFC 6184), H.265 (RFC 7798), AV1
//! - [ ] A jitter buffer; RFC 8083 circuit breaker
//!
//! ```
//! use core::time::Duration;
//! use patchcord_rtp::repair::Missing;
//! use patchcord_rtp::rtcp::{self, List, Nack, NackEntry};
//! use patchcord_rtp::{Extender, Header, Packet, SequenceNumber, Ssrc};
//!
//! // A sender writes three packets, with a header extension of id 1; the second is lost.
//! let packets = [10, 11, 12].map(|number| {
//!     let (sequence_number, mut out) = (SequenceNumber(number), Vec::new());
//!     let header = Header { sequence_number, ssrc: Ssrc(7), ..Header::default() };
//!     header.write([(1, &[0x85][..])].into_iter(), &mut out);
//!     out.extend_from_slice(b"payload");
//!     out
//! });
//! let (mut extender, mut missing) = (Extender::default(), Missing::default());
//! let now = sansio::Instant::ZERO;
//! for packet in [&packets[0], &packets[2]] {
//!     let packet = Packet::parse(packet)?;
//!     missing.received(now, extender.extend(packet.sequence_number));
//! }
//!
//! // The receiver asks for it once it is no mere disorder.
//! let (mut lost, mut entries, mut out) = (Vec::new(), Vec::new(), Vec::new());
//! missing.poll(now + Duration::from_millis(5), &mut lost);
//! NackEntry::pack(lost.into_iter().map(SequenceNumber::from_extended), &mut entries);
//! let entries = List::new(&entries);
//! Nack { sender_ssrc: Ssrc(9), media_ssrc: Ssrc(7), entries }.write(&mut out);
//! let Some(Ok(rtcp::Packet::Nack(nack))) = rtcp::packets(&out).next() else { unreachable!() };
//! assert!(nack.lost().eq([SequenceNumber(11)]));
//! # Ok::<(), patchcord_rtp::ParseError>(())
//! ```
//!
//! | module | what |
//! |---|---|
//! | `packet`, `header`, `csrcs` | [`Packet`] as it lies, [`Header`] as it is written, [`header_len`] |
//! | `sequence_number` | [`SequenceNumber`], which wraps; [`Extender`], to 64 bits that do not |
//! | [`extension`] | the block of header extensions, and a file for each that has a name |
//! | [`rtcp`] | a file for each RTCP packet; [`rtcp::packets`] |
//! | [`ntp`] | wall time in RTCP |
//! | [`reception`] | loss and jitter of a stream, for its reports |
//! | [`repair`] | what a sender keeps, what a receiver asks for; RED and FEC to come |
//! | [`transport_wide`] | when all packets of a transport arrived, and the feedback about it |
//! | `payload`, `jitter` | the places of payload formats and of the jitter buffer; to come |
//!
//! Codecs borrow: `parse(&[u8])` refuses what the RFC refuses and keeps what it does not know;
//! `write(&self, &mut Vec<u8>)` appends and cannot fail. What keeps state is bounded, and takes the
//! time as an argument. Encryption is `patchcord-srtp`'s, sessions are `patchcord-peer`'s.

#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)
)]

mod csrcs;
pub mod extension;
mod header;
pub mod ntp;
mod packet;
mod payload_type;
pub mod reception;
pub mod repair;
pub mod rtcp;
mod sequence_number;
mod ssrc;
pub mod transport_wide;
mod wire;

pub use csrcs::Csrcs;
pub use header::{Header, header_len};
pub use packet::Packet;
pub use payload_type::PayloadType;
pub use sequence_number::{Extender, SequenceNumber};
pub use ssrc::Ssrc;
pub use wire::ParseError;
