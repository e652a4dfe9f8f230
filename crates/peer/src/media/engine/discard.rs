//! Why a packet of the other side was not used.

use rtp::{ParseError, PayloadType, Ssrc};
use thiserror::Error;

/// Why RTP or RTCP was not used, though it was authentic. Nothing changed but counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MediaDiscard {
    /// Not RTP, or not RTCP.
    #[error("malformed: {0}")]
    Malformed(#[from] ParseError),
    /// No media section claims this stream (RFC 9143 §9.2).
    #[error("no media section claims SSRC {0}")]
    UnknownSource(Ssrc),
    /// The payload type was not negotiated for its section.
    #[error("payload type {0} was not negotiated")]
    PayloadType(PayloadType),
    /// The agreed direction does not let the other side send.
    #[error("the agreed direction does not let the other side send")]
    Direction,
    /// The packet came before.
    #[error("the packet came before")]
    Duplicate,
    /// The packet is too old to be told from a duplicate.
    #[error("the packet is too old")]
    TooOld,
    /// A retransmission of a stream that is not there, or too short to say of what.
    #[error("a retransmission of nothing")]
    Repair,
    /// There are as many streams as `Config` allows.
    #[error("too many streams")]
    TooManyStreams,
}
