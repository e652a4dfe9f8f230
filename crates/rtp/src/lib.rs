//! RTP and RTCP: packets, header extensions and feedback to types and back, payload formats, and
//! repair of what was lost. **Nothing of it is written yet:** this page says what will stand here.
//!
//! - [ ] RFC 3550, 3551 RTP and RTCP; RFC 5761 both on one port; RFC 5506 reduced-size RTCP
//! - [ ] RFC 8285 header extensions: RFC 6464 and 6465 audio levels, RFC 5450 and RFC 6051 times,
//!   RFC 8852 and RFC 9143 stream and media ids, abs-send-time, transport-wide sequence numbers,
//!   video orientation, playout delay, the AV1 dependency descriptor
//! - [ ] RFC 4585, 5104 feedback: NACK, PLI, FIR; RFC 3611 extended reports; REMB
//! - [ ] RFC 8888 and transport-wide congestion control feedback
//! - [ ] RFC 4588 retransmission, RFC 2198 redundancy, RFC 5109 and RFC 8627 error correction
//! - [ ] Payload formats: Opus (RFC 7587), G.711 (RFC 3551), telephone events (RFC 4733), comfort
//!   noise (RFC 3389), VP8 (RFC 7741), VP9 (RFC 9628), H.264 (RFC 6184), H.265 (RFC 7798), AV1
//! - [ ] RFC 8108, 8860, 8861 several streams in one session; RFC 8083 circuit breaker
//!
//! # Its shape
//!
//! * Codecs: `parse(&[u8])` borrows, `write(&self, &mut Vec<u8>)` appends and cannot fail; each
//!   RTCP packet, header extension and payload format is a file of its own. An unknown one passes
//!   through as bytes.
//! * Repair and the jitter buffer: machines in virtual time whose queues are bounded and drop the
//!   oldest packet, counted. Sequence numbers index rings.
//!
//! It knows nothing of encryption, which is `patchcord-srtp`'s, nor of sockets and sessions, which
//! are `patchcord-peer`'s.

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
