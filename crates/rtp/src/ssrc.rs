//! Synchronization sources, RFC 3550 §3.

use core::fmt;

/// A synchronization source: whose stream a packet belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ssrc(pub u32);

impl From<[u8; 4]> for Ssrc {
    /// As it stands in a packet.
    fn from(bytes: [u8; 4]) -> Self {
        Self(u32::from_be_bytes(bytes))
    }
}

impl From<Ssrc> for [u8; 4] {
    fn from(ssrc: Ssrc) -> Self {
        ssrc.0.to_be_bytes()
    }
}

impl fmt::Display for Ssrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
