//! Protocol versions.

use core::fmt;

/// A version of DTLS that this crate speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProtocolVersion {
    /// RFC 6347, on the wire 0xFEFD.
    Dtls12,
    /// RFC 9147, on the wire 0xFEFC.
    Dtls13,
}

impl ProtocolVersion {
    /// The number on the wire: one's complement, so newer versions are smaller.
    pub const fn wire(self) -> u16 {
        match self {
            Self::Dtls12 => 0xFEFD,
            Self::Dtls13 => 0xFEFC,
        }
    }
}

impl fmt::Display for ProtocolVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dtls12 => "DTLS 1.2",
            Self::Dtls13 => "DTLS 1.3",
        })
    }
}
