//! Where a datagram ends on a stream.

use thiserror::Error;

/// How datagrams lie in a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// STUN messages and ChannelData say themselves how long they are (RFC 8656 §12.5). What is
    /// sent is padded already.
    #[default]
    Turn,
    /// Two bytes of length in front of each (RFC 4571), between ICE agents (RFC 6544).
    Rfc4571,
}

/// Why a stream cannot be read any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FramingError {
    /// It is not what a TURN server says.
    #[error(transparent)]
    Turn(#[from] stun::stream::StreamError),
    /// A datagram longer than is taken.
    #[error(transparent)]
    Rfc4571(#[from] ice::framing::TooLong),
}

/// The bytes of a stream that are no whole datagram yet.
#[derive(Debug)]
pub(super) enum Deframer {
    Turn(stun::stream::Deframer),
    Rfc4571(ice::framing::Deframer),
}

impl Framing {
    /// The longest datagram that is taken, bytes: a jumbo frame, and what a relay puts around it.
    /// Nobody sends larger ones over a network.
    pub(super) const LIMIT: usize = 9216;

    pub(super) fn deframer(self) -> Deframer {
        match self {
            Self::Turn => Deframer::Turn(stun::stream::Deframer::new(Self::LIMIT)),
            Self::Rfc4571 => Deframer::Rfc4571(ice::framing::Deframer::new(Self::LIMIT)),
        }
    }
}

impl Deframer {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        match self {
            Self::Turn(deframer) => deframer.push(bytes),
            Self::Rfc4571(deframer) => deframer.push(bytes),
        }
    }

    pub(super) fn next_frame(&mut self) -> Result<Option<&mut [u8]>, FramingError> {
        Ok(match self {
            Self::Turn(deframer) => deframer.next_frame()?,
            Self::Rfc4571(deframer) => deframer.next_frame()?,
        })
    }
}
