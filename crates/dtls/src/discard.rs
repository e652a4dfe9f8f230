//! What is not used of what arrives, and what cannot be sent.

use thiserror::Error;

use crate::State;

/// Why a record was not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Discard {
    /// The datagram ends inside a record.
    #[error("a record of {needed} bytes in {had}")]
    Truncated {
        /// Bytes the record has by its header, or the header itself.
        needed: usize,
        /// Bytes there are.
        had: usize,
    },
    /// The first byte belongs to no record of DTLS 1.2 or 1.3.
    #[error("no record begins with {first}")]
    NotDtls {
        /// That byte.
        first: u8,
    },
    /// The header names a version that does not exist.
    #[error("no version is {version:#06x}")]
    Version {
        /// What it names.
        version: u16,
    },
    /// A record, or its plaintext, larger than there may be (RFC 8446 §5.1, §5.2).
    #[error("a record of {len} bytes, at most {max}")]
    Oversized {
        /// Its length.
        len: usize,
        /// The bound.
        max: usize,
    },
    /// Application data before the handshake is complete, more than is kept for later.
    #[error("application data before the handshake is complete")]
    Early,
    /// A record without protection where only protected ones count.
    #[error("a record without protection")]
    Unprotected,
    /// A protected record that is forged, damaged, seen before, too old, or without any effect.
    #[error("not authentic, or seen before")]
    Rejected,
    /// A message that makes no sense now, or for which there is no room.
    #[error("not expected now")]
    Unexpected,
    /// The connection has ended before.
    #[error("the connection has ended")]
    Closed,
}

/// How many records went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Application records opened.
    pub opened: u64,
    /// Application records sealed.
    pub sealed: u64,
    /// Datagrams of handshake and alerts handed out.
    pub handshake_sent: u64,
    /// [`Discard::Truncated`], [`Discard::NotDtls`], [`Discard::Version`], [`Discard::Oversized`].
    pub malformed: u64,
    /// [`Discard::Early`].
    pub early: u64,
    /// [`Discard::Unprotected`].
    pub unprotected: u64,
    /// [`Discard::Rejected`].
    pub rejected: u64,
    /// [`Discard::Unexpected`].
    pub unexpected: u64,
    /// [`Discard::Closed`].
    pub after_close: u64,
}

impl Counters {
    /// Counts a record that was not used, and hands its reason on.
    pub(crate) fn count(&mut self, discard: Discard) -> Discard {
        let counter = match discard {
            Discard::Truncated { .. }
            | Discard::NotDtls { .. }
            | Discard::Version { .. }
            | Discard::Oversized { .. } => &mut self.malformed,
            Discard::Early => &mut self.early,
            Discard::Unprotected => &mut self.unprotected,
            Discard::Rejected => &mut self.rejected,
            Discard::Unexpected => &mut self.unexpected,
            Discard::Closed => &mut self.after_close,
        };
        *counter = counter.saturating_add(1);
        discard
    }
}

/// Why application data cannot be sealed. The buffer is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealError {
    /// The connection is not, or no more, connected.
    #[error("the connection is {0}")]
    NotConnected(State),
    /// More than a record holds (RFC 8446 §5.1), or than the other side takes (RFC 8449).
    #[error("{len} bytes, a record holds {max}")]
    TooLong {
        /// Bytes of plaintext.
        len: usize,
        /// What a record holds.
        max: usize,
    },
    /// The buffer has no room for the record's head.
    #[error("{had} bytes from the given position, the head alone takes {needed}")]
    NoHeadRoom {
        /// Bytes of the head.
        needed: usize,
        /// Bytes behind the given position.
        had: usize,
    },
    /// The keys have protected as much as they may.
    #[error("the keys are used up")]
    Exhausted,
}

/// Why no keys can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ExportError {
    /// The connection is not, or no more, connected.
    #[error("the connection is {0}")]
    NotConnected(State),
    /// More than HKDF gives (RFC 5869 §2.3), or a context that is too long (RFC 5705 §4).
    #[error("{len} bytes, at most {max}")]
    TooLong {
        /// Bytes asked for.
        len: usize,
        /// What there can be.
        max: usize,
    },
}
