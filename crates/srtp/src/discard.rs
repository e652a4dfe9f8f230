//! What is not used of what arrives.

use rtp::{ParseError, Ssrc};
use thiserror::Error;

/// Why a packet was not used. Nothing but a counter has changed; the bytes of the buffer are
/// unspecified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Discard {
    /// It has no header, or is shorter than its header and what protection adds.
    #[error("no packet: {0}")]
    Malformed(#[from] ParseError),
    /// No datagram carries so many bytes.
    #[error("{len} bytes, a datagram holds {max}")]
    TooLong {
        /// Its bytes.
        len: usize,
        /// What a datagram holds.
        max: usize,
    },
    /// A packet with this index has been taken before.
    #[error("packet {index} of {ssrc} again")]
    Replayed {
        /// Whose stream.
        ssrc: Ssrc,
        /// RTP: rollover counter and sequence number. RTCP: the index.
        index: u64,
    },
    /// It is further behind than [`replay_window`](crate::Config::replay_window): perhaps it has
    /// been taken before.
    #[error("packet {index} of {ssrc} is too old")]
    TooOld {
        /// Whose stream.
        ssrc: Ssrc,
        /// RTP: rollover counter and sequence number. RTCP: the index.
        index: u64,
    },
    /// Its tag is wrong: forged, damaged, of another key, or so many packets are missing that its
    /// rollover counter was not guessed.
    #[error("a packet of {ssrc} is not authentic")]
    Forged {
        /// Whose packet it claims to be.
        ssrc: Ssrc,
    },
    /// A stream more than [`max_streams`](crate::Config::max_streams).
    #[error("{ssrc} is one stream too many")]
    TooManyStreams {
        /// Whose stream.
        ssrc: Ssrc,
    },
}

/// How many packets were taken, and how many were not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// RTP packets taken.
    pub rtp: u64,
    /// RTCP packets, compound or not, taken.
    pub rtcp: u64,
    /// [`Discard::Malformed`], [`Discard::TooLong`].
    pub malformed: u64,
    /// [`Discard::Replayed`].
    pub replayed: u64,
    /// [`Discard::TooOld`].
    pub too_old: u64,
    /// [`Discard::Forged`].
    pub forged: u64,
    /// [`Discard::TooManyStreams`].
    pub too_many_streams: u64,
}

impl Counters {
    /// Counts a packet that was not used, and hands its reason on.
    #[cold]
    pub(crate) fn count(&mut self, discard: Discard) -> Discard {
        let counter = match discard {
            Discard::Malformed(_) | Discard::TooLong { .. } => &mut self.malformed,
            Discard::Replayed { .. } => &mut self.replayed,
            Discard::TooOld { .. } => &mut self.too_old,
            Discard::Forged { .. } => &mut self.forged,
            Discard::TooManyStreams { .. } => &mut self.too_many_streams,
        };
        *counter = counter.saturating_add(1);
        discard
    }
}
