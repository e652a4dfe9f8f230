//! Payload types, RFC 3550 §5.1.

use core::fmt;

/// What a packet's payload is: seven bits, whose meaning a session description gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PayloadType(u8);

impl PayloadType {
    /// Payload types there are.
    pub const COUNT: usize = 128;

    /// `None`: above 127.
    pub const fn new(number: u8) -> Option<Self> {
        if number < 128 { Some(Self(number)) } else { None }
    }

    /// The seven low bits of a byte, as in the second byte of a header.
    pub const fn from_low_bits(byte: u8) -> Self {
        Self(byte & 0x7f)
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The number, to index a table of [`COUNT`](Self::COUNT).
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl fmt::Display for PayloadType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
