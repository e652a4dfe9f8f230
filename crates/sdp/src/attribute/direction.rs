//! `a=sendrecv` and its kind: which way media flows. RFC 8866 §6.7, RFC 3264 §5.1 and §6.1.

use core::fmt;

use crate::error::Reason;
use crate::own::owned;

/// Which way media flows, seen from who wrote the description.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Both ways; so it is when nothing is said.
    #[default]
    SendRecv,
    /// From the writer to the reader.
    SendOnly,
    /// From the reader to the writer.
    RecvOnly,
    /// Neither way.
    Inactive,
}

owned!(Direction);

impl Direction {
    /// The direction in which the two given ways are open.
    pub const fn new(send: bool, receive: bool) -> Self {
        match (send, receive) {
            (true, true) => Self::SendRecv,
            (true, false) => Self::SendOnly,
            (false, true) => Self::RecvOnly,
            (false, false) => Self::Inactive,
        }
    }

    /// Reads `sendrecv`.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let expected = "sendrecv, sendonly, recvonly or inactive";
        match text {
            "sendrecv" => Ok(Self::SendRecv),
            "sendonly" => Ok(Self::SendOnly),
            "recvonly" => Ok(Self::RecvOnly),
            "inactive" => Ok(Self::Inactive),
            _ => Err(Reason::Invalid { field: "direction", expected }),
        }
    }

    /// Its name, which is that of the attribute too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    /// Whether the writer sends.
    pub const fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    /// Whether the writer receives.
    pub const fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    /// The same, seen from the other side.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self::new(self.receives(), self.sends())
    }

    /// The ways that are open in both (RFC 3264 §6.1: an answer is within the reversed offer).
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self::new(self.sends() && other.sends(), self.receives() && other.receives())
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Direction::{Inactive, RecvOnly, SendOnly, SendRecv};

    /// RFC 3264 §6.1, what may answer an offer, if the answerer wants to do everything.
    #[test]
    fn an_answer_is_within_the_reversed_offer() {
        for (offer, answer) in
            [(SendRecv, SendRecv), (SendOnly, RecvOnly), (RecvOnly, SendOnly), (Inactive, Inactive)]
        {
            assert_eq!(offer.reversed().intersection(SendRecv), answer);
            assert_eq!(offer.reversed().intersection(Inactive), Inactive);
            assert_eq!(offer.reversed().reversed(), offer);
        }
    }
}
