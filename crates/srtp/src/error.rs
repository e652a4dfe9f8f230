//! What the caller can do wrong.

use thiserror::Error;

use rtp::{ParseError, SequenceNumber, Ssrc};

/// Why keys are of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The master key is of another length than the profile's.
    #[error("a master key of {had} bytes, the profile wants {needed}")]
    Key {
        /// Bytes of the profile's keys.
        needed: usize,
        /// Bytes of this one.
        had: usize,
    },
    /// The master salt is of another length than the profile's.
    #[error("a master salt of {had} bytes, the profile wants {needed}")]
    Salt {
        /// Bytes of the profile's salts.
        needed: usize,
        /// Bytes of this one.
        had: usize,
    },
}

/// Why a packet cannot be protected. The buffer is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProtectError {
    /// It is no packet.
    #[error("no packet: {0}")]
    Malformed(#[from] ParseError),
    /// No datagram carries so many bytes.
    #[error("{len} bytes, a datagram holds {max}")]
    TooLong {
        /// Bytes of the packet, protected.
        len: usize,
        /// What a datagram holds.
        max: usize,
    },
    /// Another packet had this number. Two packets under one number would give away what the
    /// keystream hides (RFC 3711 §9.1), and with GCM the key of the authentication (RFC 7714 §9).
    /// The very same packet may be protected again: it becomes the very same bytes.
    #[error("another packet of {ssrc} had the number {}", sequence_number.0)]
    Reused {
        /// Whose stream.
        ssrc: Ssrc,
        /// The number.
        sequence_number: SequenceNumber,
    },
    /// So far behind the stream's newest packet, or before its first, that it is not known what
    /// this number was used for.
    #[error("the number {} of {ssrc} is too old", sequence_number.0)]
    TooOld {
        /// Whose stream.
        ssrc: Ssrc,
        /// The number.
        sequence_number: SequenceNumber,
    },
    /// The key has protected as many packets as it may, RFC 3711 §9.2.
    #[error("the key is used up")]
    Exhausted,
}
